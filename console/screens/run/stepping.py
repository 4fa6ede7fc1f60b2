"""What a person may do to the run that is shown, in the order in which a menu offers it.

Pure. Each leads to the item under which it is decided, where it says what it does and what it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.domain.display import one_line
from console.domain.escalation import Escalation, Verdict
from console.domain.language import tr
from console.domain.run import RunRef

TITLE_SHOWN = 80
RUN, STEPS, BEYOND, END = tr("This run"), tr("Its steps"), tr("Beyond this run"), tr("For good")
ICONS = {
    Verdict.PAUSE: "circle-pause",
    Verdict.RESUME: "circle-play",
    Verdict.CANCEL: "ban",
    Verdict.RETRY: "rotate-ccw",
    Verdict.RESET: "history",
    Verdict.COMPLETE: "square-check",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the menu."""

    item_id: str
    text: str
    icon: str
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together, under a heading."""

    heading: str
    offers: tuple[Offer, ...]


def groups(commands: Sequence[Escalation], ref: RunRef) -> tuple[Group, ...]:
    """What can be done now: to the run, to its steps, to what it is part of; what cannot be taken back comes last."""
    by_heading: dict[str, list[Offer]] = {RUN: [], STEPS: [], BEYOND: [], END: []}
    for command in commands:
        by_heading[_heading(command, ref)].append(_offer(command, ref))
    return tuple(Group(heading, tuple(offers)) for heading, offers in by_heading.items() if offers)


def _heading(command: Escalation, ref: RunRef) -> str:
    if Verdict.CANCEL in command.verdicts:
        return END
    if command.step:
        return STEPS
    is_own = command.key.run == ref or command.key.native_id.endswith(f"/{ref.run_id}")
    return RUN if is_own else BEYOND


def _offer(command: Escalation, ref: RunRef) -> Offer:
    verdict = command.verdicts[0] if command.verdicts else Verdict.CANCEL
    # On the page of the run it need not be named with every step.
    title = (
        command.row.title.replace(tr(" of run {run_id}", run_id=ref.run_id), "") if command.step else command.row.title
    )
    if verdict is Verdict.RESUME:
        title = tr("Resume {title}", title=title.removeprefix("Paused: "))
    return Offer(
        command.key.item_id, one_line(title[:TITLE_SHOWN]), ICONS.get(verdict, "user-check"), verdict is Verdict.CANCEL
    )
