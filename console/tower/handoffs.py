"""What moved from one step to the next, computed: what was handed over, what the next step used, what was dropped.

Invariant: what was handed over is noted when it is; used means read by the agent's code, as the desk recorded it, not
what an agent says of itself. Every caveat and question that a step was handed stands on one of its edges, read or
dropped.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.domain.canonical import canonical
from console.domain.run import HandOff
from console.tower.book import Book
from console.tower.messages import Outcome
from console.tower.plan import Plan

MAX_HAND_OFFS = 200
MAX_TEXT = 100_000


def offer(plan: Plan, book: Book, step_id: str) -> None:
    """Note what each earlier step hands to this one, whose agent is set to work now."""
    before = plan.before(step_id)
    state = book.steps[step_id]
    sources = [one for one in plan.order() if one in before]
    state.offered = tuple(_offered(book, one, step_id) for one in sources)
    agent = plan.agent(state.agent)
    state.offered = tuple(
        replace(edge, agent=agent.name, owner=agent.owner, turn=state.occurrence) for edge in state.offered
    )


def take_up(plan: Plan, book: Book, step_id: str, outcome: Outcome, at: datetime) -> None:
    """Keep the edges into a step: from each step right before it, and from any earlier one whose facts it used."""
    state, direct = book.steps[step_id], plan.step(step_id).after
    relied_on = set(outcome.relied_on)
    kept = [edge for edge in state.offered if edge.from_step in direct or relied_on.intersection(edge.keys)]
    named = {edge.from_step for edge in kept}
    for edge in state.offered:
        if edge.from_step not in named:
            # What an earlier step warned of came by way of the steps between.
            place = next(at for at, one in enumerate(kept) if edge.from_step in plan.before(one.from_step))
            kept[place] = _passing_on(kept[place], edge)
    for edge in kept:
        _keep(book, _taken_up(edge, outcome, at))
    state.offered = ()


def _offered(book: Book, source: str, step_id: str) -> HandOff:
    facts, state = book.record.facts, book.steps[source]
    made = [key for key, fact in facts.items() if fact.by_step == source]
    keys = tuple(key for key in made if key in book.steps[step_id].handed)
    parts = {key: facts[key].value for key in keys}
    return HandOff(
        from_step=source,
        to_step=step_id,
        size=len(canonical([parts, state.caveats, state.open_questions])),
        keys=keys,
        sizes=tuple(len(canonical(value)) for value in parts.values()),
        dropped=tuple(key for key in made if key not in keys),
        caveats=state.caveats,
        open_questions=state.open_questions,
    )


def _passing_on(edge: HandOff, earlier: HandOff) -> HandOff:
    caveats = tuple(dict.fromkeys((*earlier.caveats, *edge.caveats)))
    questions = tuple(dict.fromkeys((*earlier.open_questions, *edge.open_questions)))
    more = len(canonical([caveats, questions])) - len(canonical([edge.caveats, edge.open_questions]))
    return replace(edge, caveats=caveats, open_questions=questions, size=edge.size + more)


def _taken_up(edge: HandOff, outcome: Outcome, at: datetime) -> HandOff:
    used = tuple(key for key in edge.keys if key in outcome.relied_on)
    return replace(
        edge,
        used=used,
        dropped=(*(key for key in edge.keys if key not in used), *edge.dropped),
        dropped_caveats=tuple(text for text in edge.caveats if text not in outcome.heard_caveats),
        dropped_questions=tuple(text for text in edge.open_questions if text not in outcome.heard_questions),
        at=at,
    )


def _keep(book: Book, hand_off: HandOff) -> None:
    """Keep a hand-off; where there are too many, earlier ones over an edge give way to the latest, and are counted."""
    kept = book.hand_offs
    kept.append(hand_off)
    while len(kept) > MAX_HAND_OFFS or sum(map(_text, kept)) > MAX_TEXT:
        latest = {(one.from_step, one.to_step): place for place, one in enumerate(kept)}
        place = next((at for at, one in enumerate(kept) if latest[one.from_step, one.to_step] != at), None)
        if place is None:
            break
        gone = kept.pop(place)
        ends = (gone.from_step, gone.to_step)
        after = next(at for at, one in enumerate(kept) if (one.from_step, one.to_step) == ends)
        kept[after] = replace(kept[after], earlier=kept[after].earlier + gone.earlier + 1)


def _text(hand_off: HandOff) -> int:
    """The characters of what a hand-off names."""
    named = (hand_off.keys, hand_off.used, hand_off.dropped, hand_off.caveats, hand_off.open_questions)
    lost = (hand_off.dropped_caveats, hand_off.dropped_questions)
    return sum(len(text) for texts in (*named, *lost) for text in texts)
