"""The graph in words: what stands in a box, on a line, and beside the graph of a chosen step. Pure.

Invariant: what the engine does not tell is left out; a line says first what was lost on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.domain.ages import clock, long_span
from console.domain.display import one_line
from console.domain.language import counted, tr
from console.domain.run import Access, HandOff, Step, StepStatus, TrailEntry, TrailKind
from console.domain.stillness import ordinal
from console.qtkit.words import Span
from console.screens.run.cards import size
from console.screens.run.filters import touches
from console.screens.run.hand_off_card import lost
from console.screens.run.header import SURE_ENOUGH, percent, weakest
from console.screens.run.layers import Layers, downstream
from console.screens.run.state import STEP_LOOKS
from console.screens.run.values import brief

NAME, WORDS = 60, 400
MOST_NAMED, MOST_ATTEMPTS = 12, 20


@dataclass(frozen=True, slots=True)
class LineWords:
    """What moved over an edge: its size, and below it what was lost or carried. ``is_losing`` where it was lost."""

    size: str = ""
    note: str = ""
    is_losing: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a step that ended: its number, when, and how."""

    number: int
    ended: str
    outcome: str
    is_failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """A step in full. ``facts`` are labels with words; ``later`` says what is built on it, ``harm`` what that did."""

    step: Step
    place: str
    facts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    is_weakest: bool = False
    attempts: tuple[Attempt, ...] = ()
    remarks: tuple[tuple[str, bool], ...] = ()
    later: str = ""
    harm: str = ""
    entries: int = 0


def title(step: Step, limit: int = NAME) -> str:
    """What a step is called."""
    return brief(step.title or step.step_id, limit)


def second_line(step: Step, now: datetime, since: datetime | None = None) -> str:
    """What stands under the name: who, how sure, which attempt; of a gate since when people are waited for."""
    if step.status is StepStatus.NOT_TAKEN:
        return tr("not taken")
    if step.status is StepStatus.GATE:
        return tr("waits {now}", now=long_span(now - since)) if since is not None else tr("waits for a person")
    told = [brief(step.agent, NAME)] if step.agent else []
    told += [percent(step.confidence)] if step.confidence is not None else []
    told += [tr("attempt {attempts}", attempts=step.attempts)] if step.attempts > 1 else []
    return ", ".join(told) or tr(step.status)


def said(step: Step, count: int, second: str) -> str:
    """All of a box, for a screen reader and its tip."""
    told = [title(step, WORDS), tr(step.status), second]
    told += [tr("a person decides here")] if step.has_gate else []
    told += [brief(tr(step.message), WORDS)] if step.message else []
    told += [tr("{counted} after it", counted=counted(count, "step"))]
    return ", ".join(dict.fromkeys(told))


def after_words(plan: Layers, position: int) -> str:
    """How many steps come after one: ``6 steps after match-open-items``."""
    count = len(downstream(plan, position))
    return tr("{counted} after {steps}", counted=counted(count, "step"), steps=title(plan.steps[position]))


def line_words(hand_offs: Iterable[HandOff]) -> dict[tuple[str, str], LineWords]:
    """What moved last over each edge, by the ids of its steps."""
    return {(one.from_step, one.to_step): _line(one) for one in hand_offs}


def is_exception(plan: Layers, start: int, end: int) -> bool:
    """Whether an edge leads onto or off a path that is there for when something goes wrong, and was not taken."""
    return StepStatus.NOT_TAKEN in {plan.steps[start].status, plan.steps[end].status}


def step_facts(
    plan: Layers,
    position: int,
    *,
    trail: Sequence[TrailEntry],
    hand_offs: Sequence[HandOff],
    access: Sequence[Access],
) -> StepFacts:
    """Everything known of a step. ``trail`` is what was read of it."""
    step = plan.steps[position]
    mine = [one for one in access if one.step_id == step.step_id and one.is_now]
    least = weakest(plan.steps)
    later = downstream(plan, position)
    return StepFacts(
        step=step,
        place=tr("step {position} of {count}", position=position + 1, count=len(plan.steps)),
        facts=tuple(_facts(step, mine[0] if mine else None)),
        is_weakest=least is step and step.confidence is not None and step.confidence < SURE_ENOUGH,
        attempts=_attempts(step, trail),
        remarks=_remarks(step, hand_offs),
        later=_built_on(later),
        harm=_harm(plan, later, access),
        entries=sum(touches(entry, step.step_id) for entry in trail),
    )


def confidence_words(step: Step) -> Span | None:
    """How sure the step was of itself."""
    return Span(percent(step.confidence), is_strong=True) if step.confidence is not None else None


def _line(one: HandOff) -> LineWords:
    gone = sum(len(texts) for texts in lost(one))
    if gone:
        return LineWords(size(one.size), tr("{gone} dropped", gone=gone), is_losing=True)
    told = [
        *([counted(len(one.caveats), "caveat")] if one.caveats else ()),
        *([counted(len(one.open_questions), "question")] if one.open_questions else ()),
    ]
    return LineWords(size(one.size), ", ".join(told))


def _facts(step: Step, access: Access | None) -> Iterable[tuple[str, tuple[str, ...]]]:
    if step.agent:
        yield tr("Agent"), (brief(step.agent, NAME),)
    if step.owner:
        yield tr("Owner"), (brief(step.owner, NAME),)
    if step.started_at is not None:
        ended = tr(" to {ended_at}", ended_at=clock(step.ended_at)) if step.ended_at is not None else ""
        took = f", {long_span(step.ended_at - step.started_at)}" if step.ended_at is not None else ""
        yield tr("When"), (f"{clock(step.started_at)}{ended}{took}",)
    if access is not None:
        for label, names in ((tr("Reads"), access.reads), (tr("Writes"), access.writes), (tr("Tools"), access.tools)):
            yield label, _named(names)


def _named(names: Sequence[str]) -> tuple[str, ...]:
    shown = tuple(brief(name, NAME) for name in names[:MOST_NAMED])
    more = (tr("and {more} more", more=len(names) - MOST_NAMED),) if len(names) > MOST_NAMED else ()
    return (*shown, *more) or (tr("nothing"),)


def _attempts(step: Step, trail: Sequence[TrailEntry]) -> tuple[Attempt, ...]:
    failed = [entry for entry in trail if entry.step == step.step_id and entry.kind is TrailKind.FAILED_ATTEMPT]
    told = [
        Attempt(
            entry.attempt, clock(entry.at) if entry.at else "", brief(entry.text or entry.title, NAME), is_failed=True
        )
        for entry in failed[-MOST_ATTEMPTS:]
    ]
    if told and step.status is StepStatus.DONE:
        told.append(
            Attempt(told[-1].number + 1, clock(step.ended_at) if step.ended_at else "", tr("done"), is_failed=False)
        )
    return tuple(told)


def _remarks(step: Step, hand_offs: Sequence[HandOff]) -> tuple[tuple[str, bool], ...]:
    """Caveats and questions that left the step, each once, with whether any step after it never read it."""
    told: dict[str, bool] = {}
    for one in hand_offs:
        if one.from_step == step.step_id:
            gone = {text for texts in lost(one) for text in texts}
            for text in (*one.caveats, *one.open_questions):
                told[text] = told.get(text, False) or text in gone
    return tuple((one_line(text[:WORDS]), is_lost) for text, is_lost in list(told.items())[:MOST_NAMED])


def _built_on(later: frozenset[int]) -> str:
    if not later:
        return tr("No step comes after it.")
    return counted(len(later), "later step is built on it.", "later steps are built on it.")


def _harm(plan: Layers, later: frozenset[int], access: Sequence[Access]) -> str:
    """What of the steps after has acted on something already, as far as the engine tells."""
    if not later or not access:
        return ""
    names = {plan.steps[position].step_id: title(plan.steps[position]) for position in later}
    acted = [one for one in access if one.step_id in names and one.written]
    if acted:
        first = acted[0].written[0].resource
        more = tr(" and {more} more", more=len(acted) - 1) if len(acted) > 1 else ""
        return tr(
            "{names}{more} has written already: {first}.",
            names=names[acted[0].step_id],
            more=more,
            first=brief(first, NAME),
        )
    may = [one.step_id for one in access if one.step_id in names and one.writes]
    return tr("None has written anything yet; the first that may is {names}.", names=names[may[0]]) if may else ""


def attempt_word(attempt: Attempt) -> str:
    """An attempt in words."""
    return tr(
        "{number} attempt, {ended}: {outcome}",
        number=ordinal(attempt.number),
        ended=attempt.ended,
        outcome=attempt.outcome,
    )


def legend() -> tuple[tuple[str, StepStatus], ...]:
    """The states of a step with their words, in the order in which a step comes through them."""
    words = {
        StepStatus.DONE: tr("done"),
        StepStatus.RUNNING: tr("running"),
        StepStatus.GATE: tr("waits for a person"),
        StepStatus.FAILED: tr("failed"),
        StepStatus.TO_DO: tr("to do"),
        StepStatus.NOT_TAKEN: tr("not taken"),
    }
    return tuple((word, status) for status, word in words.items() if status in STEP_LOOKS)
