"""Why a run does not move, in one line: pure over what was read of it, the less was read the less is told.

Invariant: of several causes the one that a person can do the most about is told: a pause before what waits behind it,
a wait for people before another run, that before a retry. What an engine wrote is made visible and cut; a run that is
over, or of which nothing tells that it stands still, has no line.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.ages import long_span
from console.domain.display import one_line
from console.domain.escalation import Escalation, Kind, Waiting
from console.domain.identity import Role
from console.domain.language import tr
from console.domain.pauses import TOLD, Pause
from console.domain.run import Run, RunStatus, Step, StepStatus, TrailEntry, TrailKind

SHORT, LONG, MATCHED = 80, 300, 2_000
SILENT_AFTER = timedelta(minutes=10)
ENDED = frozenset({RunStatus.COMPLETED, RunStatus.CANCELLED})
OVERTAKEN = ("The state changed under it", "What this relied on has changed")

_NO_WORKER = re.compile(
    r"No worker (?:answers|polls) (?:on|at) (?:task )?queue [“\"]?(?P<queue>[^”\"]{1,200})[”\"]?\.?"
)
_HELD = re.compile(r"(?:Waits its turn: )?(?P<run>.{1,200}?) has (?P<resource>.{1,200}?) first\.?")
_WANTED = re.compile(r"(?P<run>.{1,200}?) wants (?P<resource>.{1,200}?) as well; neither acts .{1,200}")
_BACK_AND_FORTH = re.compile(r"between (?P<edge>.{1,200}?) it went back and forth (?P<count>\d{1,9}) times")
_ERROR = re.compile(r"(?P<name>[A-Za-z_][\w.]{0,80})(?:: .*)?", re.DOTALL)


class Cause(enum.StrEnum):
    """What holds a run up."""

    PAUSED = "paused"
    NO_WORKER = "no worker"
    PERSON = "person"
    STUCK = "stuck"
    RIVAL = "another run"
    OVERTAKEN = "state changed"
    RETRYING = "retrying"
    FAILED = "failed"
    TOLD = "told by the engine"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Stillness:
    """Why a run stands still. ``headline`` goes on after "Not moving:", ``detail`` are further sentences or nothing.

    ``item_id`` is the escalation behind it, where there is one.
    """

    cause: Cause
    headline: str
    detail: str = ""
    item_id: str = ""

    @property
    def text(self) -> str:
        """All of it, for a list or for copying."""
        return f"{self.headline}. {self.detail}".strip() if self.detail else self.headline


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was read of a run. ``recent`` is the end of its trail, oldest first; ``items`` are of those ``waiting``.

    ``pause`` is what holds it up, as the desk knows it from what waits to be resumed.
    """

    run: Run
    steps: tuple[Step, ...] = ()
    recent: tuple[TrailEntry, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    items: tuple[Escalation, ...] = ()
    pause: Pause | None = None


def stillness(seen: Seen, now: datetime) -> Stillness | None:
    """The line, or nothing where the run moves or is over."""
    if seen.run.status in ENDED:
        return None
    return next((found for rule in _RULES if (found := rule(seen, now)) is not None), None)


def ordinal(number: int) -> str:
    """A number in its order: ``1st``, ``12th``, ``23rd``."""
    teens = range(11, 14)
    ending = "th" if number % 100 in teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def _failed(seen: Seen, _now: datetime) -> Stillness | None:
    if seen.run.status is not RunStatus.FAILED:
        return None
    why = _cut(seen.run.why_not_moving) or next(
        (_cut(step.message) for step in seen.steps if step.status is StepStatus.FAILED and step.message), ""
    )
    return Stillness(Cause.FAILED, tr("it failed: {why}", why=why) if why else tr("it failed"))


def _held(seen: Seen, now: datetime) -> Stillness | None:
    """What the desk knows to be paused; a run tells of it only once it was stopped by it."""
    pause = seen.pause
    if pause is None:
        return None
    if not pause.is_wide:
        return Stillness(Cause.PAUSED, pause.briefly(now).replace(tr("Paused"), "paused", 1), "", pause.item_id)
    goes_on = tr("It goes on when that is resumed; people may decide meanwhile.")
    return Stillness(Cause.PAUSED, pause.told(now), goes_on, pause.item_id)


def _paused(seen: Seen, now: datetime) -> Stillness | None:
    told = TOLD.fullmatch(_head(seen.run.why_not_moving))
    if told is None:
        is_paused = seen.run.status is RunStatus.PAUSED
        why = _cut(seen.run.why_not_moving)
        return Stillness(Cause.PAUSED, tr("it is paused"), why) if is_paused else None
    length = _since(told["at"], now)
    ago = tr("{length} ago", length=long_span(length)) if length else tr("just now")
    why = f": {_cut(told['why'])}" if told["why"] else ""
    what = _cut(told["what"], SHORT)
    is_own = what.casefold() == f"run {seen.run.ref.run_id}".casefold()
    return Stillness(
        Cause.PAUSED,
        tr("paused by {by} {ago}{why}", by=_cut(told["by"], SHORT), ago=ago, why=why),
        "" if is_own else tr("Paused is: {what}.", what=what),
    )


def _no_worker(seen: Seen, _now: datetime) -> Stillness | None:
    told = _NO_WORKER.search(_head(seen.run.why_not_moving))
    if told is None:
        return None
    queue = _cut(told["queue"], SHORT)
    return Stillness(
        Cause.NO_WORKER, tr("no worker polls queue {queue}", queue=queue), tr("It goes on by itself once one does.")
    )


def _person(seen: Seen, now: datetime) -> Stillness | None:
    if not seen.waiting or seen.run.status is RunStatus.RUNNING:
        return None
    row = seen.waiting[0]
    item = next((one for one in seen.items if one.key == row.key), None)
    length = long_span(now - row.opened_at)
    more = [tr("{more} more wait in this run.", more=len(seen.waiting) - 1)] if len(seen.waiting) > 1 else []
    cause, headline = _waits(row, item, length)
    detail = " ".join([*_standing(row, item, now), *more])
    return Stillness(cause, headline, detail, row.key.item_id)


def _waits(row: Waiting, item: Escalation | None, length: str) -> tuple[Cause, str]:
    title = _cut(row.title, SHORT)
    if row.kind is Kind.STUCK:
        rule = item.rule.text if item is not None and item.rule is not None else row.title
        sent = _BACK_AND_FORTH.search(_head(rule))
        if sent is not None:
            return Cause.STUCK, tr(
                "{edge} sent it back and forth {count} times", edge=_cut(sent["edge"], SHORT), count=sent["count"]
            )
        return Cause.STUCK, tr("stuck for {length}: {rule}", length=length, rule=_cut(rule))
    if row.kind is Kind.CONFLICT:
        others = item.sides if item is not None else ()
        named = tr(" and ").join(_cut(side.run.run_id, SHORT) for side in others[:3])
        what = _cut(row.resource, SHORT) or tr("the same resource")
        return Cause.PERSON, tr(
            "waits {length} for a person: {named} want {what} at a time",
            length=length,
            named=named or tr("another run"),
            what=what,
        )
    if row.kind is Kind.FAILURE:
        why = _error(item.failure) if item is not None and item.failure else ""
        return Cause.PERSON, tr(
            "waits {length} for {row}: {title}{said}",
            length=length,
            row=_whom(row, item),
            title=title,
            said=f" ({why})" if why else "",
        )
    return Cause.PERSON, tr("waits {length} for {row}: {title}", length=length, row=_whom(row, item), title=title)


def _whom(row: Waiting, item: Escalation | None) -> str:
    if item is not None and item.handed_to is not None:
        return _cut(item.handed_to.label, SHORT)
    if row.approvals:
        return tr("a second person") if row.required_approvals - row.approvals == 1 else tr("more persons")
    if item is not None and item.roles == (Role.SUPERVISOR,):
        return tr("a supervisor")
    return tr("a person")


def _standing(row: Waiting, item: Escalation | None, now: datetime) -> list[str]:
    told = []
    if row.required_approvals > 1:
        signed = ", ".join(_cut(one.by.name, SHORT) for one in item.approvals) if item is not None else ""
        by = f" ({signed})" if signed else ""
        told.append(
            tr(
                "It needs {required_approvals} signatures and has {approvals}{by}.",
                required_approvals=row.required_approvals,
                approvals=row.approvals,
                by=by,
            )
        )
    if row.claim is not None and row.claim.until > now:
        told.append(tr("{name} is on it.", name=_cut(row.claim.by.name, SHORT)))
    if row.due_at is not None and row.due_at < now:
        told.append(tr("It was due {now} ago.", now=long_span(now - row.due_at)))
    return told


def _rival(seen: Seen, _now: datetime) -> Stillness | None:
    for text in (seen.run.why_not_moving, *(step.message for step in seen.steps if step.status in _ACTIVE)):
        if told := _HELD.fullmatch(_head(text)):
            headline = tr(
                "waits for {told} that holds {resource}", told=_run(told), resource=_cut(told["resource"], SHORT)
            )
            return Stillness(Cause.RIVAL, headline, tr("It goes on when that one has let go of it."))
        if told := _WANTED.fullmatch(_head(text)):
            headline = tr("{told} wants {resource} as well", told=_run(told), resource=_cut(told["resource"], SHORT))
            return Stillness(Cause.RIVAL, headline, tr("Neither acts until a person decides."))
    return None


def _run(told: re.Match[str]) -> str:
    return f"run {_cut(told['run'].removeprefix('run '), SHORT)}"


def _overtaken(seen: Seen, _now: datetime) -> Stillness | None:
    for step in seen.steps:
        if step.status in _ACTIVE and step.message.startswith(OVERTAKEN):
            names = _cut(step.message.partition(": ")[2])
            what = f": {names}" if names else ""
            return Stillness(
                Cause.OVERTAKEN,
                tr("state changed under {step}{what}", step=_name(step), what=what),
                tr("The step runs again."),
            )
    return None


def _retrying(seen: Seen, now: datetime) -> Stillness | None:
    running = {step.step_id: step for step in seen.steps if step.status is StepStatus.RUNNING}
    for entry in reversed(seen.recent):
        if entry.kind is not TrailKind.FAILED_ATTEMPT or entry.step not in running:
            continue
        step = running[entry.step]
        if _went_on(seen.recent, entry):
            continue
        times = max(entry.attempt, step.attempts - 1, 1)
        why = _error(entry.text or step.message)
        ago = tr("The last attempt failed {now} ago.", now=long_span(now - entry.at)) if entry.at is not None else ""
        return Stillness(Cause.RETRYING, _retry(_tool(seen.recent, entry) or _name(step), times, why), ago)
    for step in running.values():
        if step.attempts > 1 and step.message:
            return Stillness(Cause.RETRYING, _retry(_name(step), step.attempts - 1, _error(step.message)))
    return None


def _retry(what: str, times: int, why: str) -> str:
    return tr(
        "retrying {what} for the {times} time{said}", what=what, times=ordinal(times), said=f": {why}" if why else ""
    )


def _went_on(recent: tuple[TrailEntry, ...], failed: TrailEntry) -> bool:
    """Whether the step has done anything since that attempt failed."""
    after = recent[recent.index(failed) + 1 :]
    quiet = {TrailKind.FAILED_ATTEMPT, TrailKind.RETRY, TrailKind.NOTE}
    return any(entry.step == failed.step and entry.kind not in quiet and not entry.is_failed for entry in after)


def _tool(recent: tuple[TrailEntry, ...], failed: TrailEntry) -> str:
    """The tool whose call failed in that attempt, if the trail names it right before."""
    before = recent[: recent.index(failed)]
    last = next((entry for entry in reversed(before) if entry.step == failed.step), None)
    is_call = last is not None and last.kind in {TrailKind.TOOL_CALL, TrailKind.EFFECT} and last.is_failed
    return f"`{_cut(last.title, SHORT)}`" if last is not None and is_call else ""


def _told(seen: Seen, _now: datetime) -> Stillness | None:
    is_elsewhere_at_work = seen.run.status is RunStatus.RUNNING and bool(seen.waiting or seen.run.waiting)
    words = "" if is_elsewhere_at_work else _cut(seen.run.why_not_moving)
    return Stillness(Cause.TOLD, words[0].lower() + words[1:] if words[1:2].islower() else words) if words else None


def _silent(seen: Seen, now: datetime) -> Stillness | None:
    moved = seen.run.moved_at
    if seen.run.status is not RunStatus.RUNNING or moved is None or now - moved < SILENT_AFTER:
        return None
    at_work = [_name(step) for step in seen.steps if step.status is StepStatus.RUNNING]
    who = (
        tr("{at_work} is at work and has told nothing since.", at_work=at_work[0])
        if at_work
        else tr("No step is at work.")
    )
    return Stillness(Cause.SILENT, tr("nothing moved for {now}", now=long_span(now - moved)), who if seen.steps else "")


def _since(at: str, now: datetime) -> timedelta:
    """How long ago it was last that time of the day, UTC."""
    hour, minute = (int(part) for part in at.split(":"))
    ago = (now.hour * 60 + now.minute) - (hour % 24 * 60 + minute % 60)
    return timedelta(minutes=ago % (24 * 60))


def _name(step: Step) -> str:
    return _cut(step.title or step.step_id, SHORT)


def _error(text: str) -> str:
    """The name of an error where it begins with one, else its first words."""
    told = _ERROR.fullmatch(_head(text))
    return _cut(told["name"] if told is not None else text, SHORT)


def _head(text: str) -> str:
    """As much of a text as is looked into."""
    return text[:MATCHED].strip()


def _cut(text: str, limit: int = LONG) -> str:
    shown = one_line(text[: limit + 1].strip()).rstrip(".")
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


_ACTIVE = frozenset({StepStatus.RUNNING, StepStatus.GATE})
_RULES: tuple[Callable[[Seen, datetime], Stillness | None], ...] = (
    _failed,
    _held,
    _paused,
    _no_worker,
    _person,
    _rival,
    _overtaken,
    _retrying,
    _told,
    _silent,
)
