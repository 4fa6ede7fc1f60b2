"""What moved from one step to the next, computed: what was handed over, what the next step used, what was dropped.

Invariant: used means read by the agent's code, as the desk recorded it, not what an agent says of itself.
"""

from __future__ import annotations

from datetime import datetime

from console.domain.canonical import canonical
from console.domain.run import HandOff
from console.tower.book import Book
from console.tower.messages import Outcome
from console.tower.plan import Plan

CAVEATS = "caveats"
OPEN_QUESTIONS = "open questions"


def hand_over(plan: Plan, book: Book, step_id: str, outcome: Outcome, at: datetime) -> None:
    """Record the edges into a step: from each step right before it, and from any earlier one whose facts it used."""
    facts, used = book.record.facts, set(outcome.relied_on)
    direct, before = plan.step(step_id).after, plan.before(step_id)
    handed = book.steps[step_id].handed
    for one in plan.order():
        made = [key for key, fact in facts.items() if fact.by_step == one]
        if one in direct or (one in before and used & set(made)):
            book.add_hand_off(_edge(book, (one, step_id), made, [key for key in made if key in handed], outcome, at))


def _edge(
    book: Book, ends: tuple[str, str], made: list[str], keys: list[str], outcome: Outcome, at: datetime
) -> HandOff:
    source, used = book.steps[ends[0]], set(outcome.relied_on)
    told = [CAVEATS] * bool(source.caveats) + [OPEN_QUESTIONS] * bool(source.open_questions)
    heard = told if outcome.used_caveats else []
    parts = {key: book.record.facts[key].value for key in keys}
    return HandOff(
        from_step=ends[0],
        to_step=ends[1],
        size=len(canonical({**parts, CAVEATS: source.caveats, OPEN_QUESTIONS: source.open_questions})),
        keys=(*keys, *told),
        used=(*(key for key in keys if key in used), *heard),
        dropped=(*(key for key in made if key not in used), *(name for name in told if name not in heard)),
        caveats=source.caveats,
        open_questions=source.open_questions,
        at=at,
    )
