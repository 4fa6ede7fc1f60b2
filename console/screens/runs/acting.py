"""Acts on many runs: reads what each waits for, then makes a decision for each, and keeps its receipt in sight.

Invariant: nothing is decided before a person has seen how many there are and what they weigh together; each run has its
own decision, on the very item that was read, and its own receipt; what is critical is left to be opened. Stopping makes
no further decision, and takes none back. ``tell`` is told every change, in the window's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from console.domain.canonical import Json
from console.domain.decision import FINAL_STATES, DecisionState
from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.escalation import Escalation, Target, Verdict
from console.domain.identity import Person
from console.domain.language import tr
from console.domain.listing import RunRow
from console.domain.pauses import Scope
from console.domain.risk import Risk
from console.domain.rules import permission
from console.screens.runs.act_state import WENT_WELL, ActState, Entry, Stage, counted
from console.services.views import DecisionView

if TYPE_CHECKING:
    from console.services.desk import Desk

AT_ONCE = 4
SETTLED_WITHIN = 30.0
MOST = 200
CRITICAL = tr("Critical: it is never decided together with others. Open it.")
SEVERAL = tr("It needs more than one person, each for themselves. Open it.")
GONE = tr("It does not wait for anybody any more.")
NOT_READ = tr("It was not read in full.")


class Acting:
    """One verdict on many runs, from reading them to the last receipt."""

    def __init__(
        self,
        desk: Desk,
        runs: Sequence[RunRow],
        verdict: Verdict,
        tell: Callable[[], None],
        *,
        fingerprint: str = "",
    ) -> None:
        self._desk = desk
        self._runs = runs[:MOST]
        self._tell = tell
        self._has_note_counted = False
        entries = tuple(Entry(ref=run.ref, label=run.business_key or run.title) for run in self._runs)
        self.state = ActState(verdict=verdict, entries=entries, fingerprint=fingerprint)

    async def prepare(self, person: Person) -> None:
        """Read what each run waits for, and who of them it can be said to."""
        await self._each(range(len(self._runs)), lambda place: self._read(place, person))
        self._put(stage=Stage.OVER if self.state.was_stopped else Stage.ASKING)

    def on_reason(self, reason: str) -> None:
        """Take the reason over."""
        self._put(reason=reason)

    def on_target(self, target: Target) -> None:
        """Take over where they go."""
        self._put(target=target)

    def on_trouble(self, is_only: bool) -> None:  # noqa: FBT001 - on or off, plainly
        """Show only what is trouble, or all."""
        self._put(only_trouble=is_only)

    async def send(self) -> None:
        """Make a decision for each that can be decided, a few at a time."""
        if self.state.lacks:
            return
        self._put(stage=Stage.SENDING)
        places = [place for place, entry in enumerate(self.state.entries) if entry.can_be_sent]
        await self._each(places, self._decide)
        self._put(stage=Stage.OVER)
        await self._count_note()

    def stop(self) -> None:
        """Read and decide no further; what was decided goes its way."""
        self._put(was_stopped=True)

    async def refresh(self, decision_ids: frozenset[str]) -> None:
        """Show what became of these decisions, as far as they are of this."""
        for place, entry in enumerate(self.state.entries):
            if entry.decision_id in decision_ids and entry.state not in FINAL_STATES:
                view = await self._desk.decision(entry.decision_id)
                if view is not None:
                    self._take(place, view)
        await self._count_note()

    async def _each(self, places: Sequence[int], work: Callable[[int], Awaitable[None]]) -> None:
        left = list(reversed(places))

        async def worker() -> None:
            while left and not self.state.was_stopped:
                await work(left.pop())

        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(left))):
                group.create_task(worker(), name="act on a run")

    async def _read(self, place: int, person: Person) -> None:
        run, verdict = self._runs[place], self.state.verdict
        try:
            found = await self._item(run, verdict)
        except (Unreachable, Uncertain, Denied, Refused) as error:
            self._change(place, is_read=True, problem=error.message)
            return
        if isinstance(found, str):
            self._change(place, is_read=True, problem=found)
            return
        allowed = permission(found, verdict, person)
        problem = "" if allowed.is_allowed else allowed.reason
        if not problem:
            problem = CRITICAL if found.row.risk is Risk.CRITICAL else ""
            problem = SEVERAL if found.row.required_approvals > 1 else problem
        self._change(
            place,
            is_read=True,
            item_id=found.key.item_id,
            digest=found.row.digest,
            risk=found.row.risk,
            targets=found.targets,
            problem=problem,
        )

    async def _item(self, run: RunRow, verdict: Verdict) -> Escalation | str:
        """What the verdict would be said to, or why to nothing."""
        waits = run.failing or next(iter(run.waiting), None)
        why = GONE
        if waits is not None and verdict not in {Verdict.PAUSE, Verdict.RESUME}:
            view = await self._desk.refresh(waits.key.item_id)
            if view is not None and view.escalation is not None and view.is_open:
                if verdict in view.escalation.verdicts:
                    return view.escalation
                why = tr("What it waits for cannot be settled by “{verdict}”.", verdict=verdict)
            elif view is not None and view.is_open:
                why = view.error or NOT_READ
        for command in await self._desk.commands(run.ref):
            if verdict in command.verdicts and _is_of(command, run, verdict):
                return command
        return why

    async def _decide(self, place: int) -> None:
        entry, state = self.state.entries[place], self.state
        try:
            view = await self._desk.decide(entry.item_id, state.verdict, entry.digest, _payload(state), is_hold=False)
            self._take(place, view)
            self._take(place, await self._desk.settled(view.decision.decision_id, SETTLED_WITHIN, until_confirmed=True))
        except (Unreachable, Uncertain, Denied, Refused) as error:
            # Refused here, before anything was made of it; a decision that was made is told of by its own state.
            made = self.state.entries[place].state
            self._change(
                place, state=made or DecisionState.REFUSED, message=error.message, next_action=error.next_action
            )

    async def _count_note(self) -> None:
        """Count the use of the group's note once, when it is known whether it helped."""
        state = self.state
        is_over = state.stage is Stage.OVER and state.is_settled and state.sent > 0
        if state.fingerprint and is_over and not self._has_note_counted:
            self._has_note_counted = True
            worked = all(entry.state in WENT_WELL for entry in state.entries if entry.state is not None)
            await self._desk.note_used(state.fingerprint, worked=worked)

    def _take(self, place: int, view: DecisionView) -> None:
        receipt = view.receipt
        self._change(
            place,
            decision_id=view.decision.decision_id,
            state=view.state,
            at=view.changed_at,
            effect=receipt.effect.effect_id if receipt is not None and receipt.effect is not None else "",
            message=view.message,
            next_action=view.next_action,
        )

    def _change(self, place: int, **changed: object) -> None:
        entries = list(self.state.entries)
        entries[place] = replace(entries[place], **changed)  # type: ignore[arg-type]  # names of its fields
        self._put(entries=tuple(entries), by_state=counted(entries))

    def _put(self, **changed: object) -> None:
        self.state = replace(self.state, **changed)  # type: ignore[arg-type]  # names of its fields
        self._tell()


def _payload(state: ActState) -> Mapping[str, Json]:
    together = state.to_send + state.sent
    said: dict[str, Json] = {"together": str(together)} if together > 1 else {}
    if state.reason.strip():
        said["reason"] = state.reason.strip()
    if state.verdict is Verdict.REROUTE and state.target is not None:
        said["to"] = {"kind": str(state.target.kind), "id": state.target.target_id}
    return said


def _is_of(command: Escalation, run: RunRow, verdict: Verdict) -> bool:
    """Whether a command is about this run as a whole, not about its plan or its agents."""
    native_id = command.key.native_id
    if verdict in {Verdict.PAUSE, Verdict.RESUME}:
        return native_id == Scope.RUN.native_id(run.ref.run_id)
    return command.key.run == run.ref
