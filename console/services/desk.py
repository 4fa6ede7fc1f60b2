"""The door: what screens and the command line ask for, from any event loop.

Each method runs its work on the background loop and returns frozen data; the four errors come through as they are.
Events are told on the background thread. Invariant: nothing is decided here; the verbs are in their own modules.
Before :meth:`Desk.start` and after :meth:`Desk.stop` every method raises :class:`Unreachable`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from console.domain.canonical import Json
from console.domain.decided import DecidedQuery
from console.domain.decision import DecisionState
from console.domain.errors import RefusalCode, Refused, Unreachable
from console.domain.escalation import Escalation, Verdict
from console.domain.identity import Identity, Person
from console.domain.listing import Completion, RunQuery
from console.domain.registry import RegistryEntry
from console.domain.run import Access, HandOff, Run, RunRef, Snapshot, Step, TrailEntry, TrailPage
from console.domain.search import Field
from console.infra.background import Background
from console.infra.settings import Settings
from console.services.events import Events, Listener
from console.services.export import Exported, Tell, Write
from console.services.registrar import KeyLog, MakeEntry
from console.services.staff import Parts, Staff
from console.services.views import (
    Check,
    ConnectionConfig,
    ConnectionView,
    DecidedPage,
    DecisionView,
    HandOver,
    InboxPage,
    InboxQuery,
    ItemView,
    KeyStanding,
    PauseView,
    RunbookNote,
    RunsView,
    Since,
)
from console.store.records import AuditCheck

T = TypeVar("T")


class Desk:
    """One person's desk over one store. ``background`` has to be started."""

    def __init__(self, parts: Parts, background: Background, settings: Settings) -> None:
        self._parts = parts
        self._background = background
        self._settings = settings
        self._events = Events()
        self._staff: Staff | None = None

    async def start(self) -> None:
        """Open the store and begin to watch, reconcile and deliver. Raises ``Refused`` if the store cannot be used."""

        async def work() -> None:
            if self._staff is None:
                self._staff = await Staff.open(self._parts, self._events)

        await self._background.run(work())

    async def stop(self) -> None:
        """Withdraw what is held, and stop. What is queued is sent at the next start."""

        async def work() -> None:
            staff, self._staff = self._staff, None
            if staff is not None:
                await staff.stop()

        await self._background.run(work())

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` of every event, on the background thread, until what is returned is called."""
        return self._events.subscribe(listener)

    async def identity(self) -> Identity:
        """Who works here, with which key, and whether that is kept."""
        return await self._on(lambda staff: staff.own_key.identity())

    async def public_key(self) -> bytes:
        """The raw public half of the key that this desk signs with, 32 bytes."""
        return (await self._on(lambda staff: staff.own_key.key())).public

    async def registry(self, connection_id: str) -> KeyLog:
        """The key registry of a connection, checked. Raises the four errors."""
        return await self._on(lambda staff: staff.registrar.read(connection_id))

    async def extend_registry(self, connection_id: str, make: MakeEntry) -> RegistryEntry:
        """Add the entry that ``make`` makes, with this desk's key, on top of the registry. Raises the four errors."""
        return await self._on(lambda staff: staff.registrar.extend(connection_id, make))

    async def rotate_key(self, connection_id: str, reason: str) -> Identity:
        """Put a new key in the place of this desk's, at a connection and here. Raises the four errors."""

        async def work(staff: Staff) -> Identity:
            await staff.own_key.take(staff.registrar.rotate(connection_id, reason))
            return await staff.own_key.identity()

        return await self._on(work)

    async def unlock_key(self, passphrase: str) -> None:
        """Open the key file for this session. Raises ``Refused`` for another passphrase."""
        await self._on(lambda staff: staff.own_key.unlock(passphrase))

    async def keep_key(self, passphrase: str) -> None:
        """Keep the key of this session in a file under a passphrase. Raises ``Refused`` where there is one."""
        await self._on(lambda staff: staff.own_key.keep_in_file(passphrase))

    async def renew_key(self, passphrase: str) -> None:
        """Sign with a new key; one in a file is put under the passphrase. Raises ``Refused``."""
        await self._on(lambda staff: staff.own_key.renew(passphrase))

    async def ask_keyring(self) -> None:
        """Ask a keyring that failed once more for the key. Raises ``Refused`` where it still does."""
        await self._on(lambda staff: staff.own_key.ask_keyring())

    async def key_standings(self) -> tuple[KeyStanding, ...]:
        """Whether this desk's key counts, for each connection that checks keys and answers now."""
        return await self._on(lambda staff: staff.standings.read())

    async def inbox(self, query: InboxQuery) -> InboxPage:
        """The first items that match, with counts; what this desk has decided is left out."""
        return await self._now(lambda staff: staff.show.inbox(query))

    async def count(self, queries: Sequence[InboxQuery]) -> tuple[int, ...]:
        """How many items match each of these."""
        return await self._now(lambda staff: tuple(staff.show.count(query) for query in queries))

    async def known_values(self) -> Mapping[Field, Sequence[str]]:
        """What waiting items have as agent, workflow and business key, the most frequent first; for completion."""
        return await self._now(lambda staff: staff.show.known_values())

    async def snooze(self, item_ids: Sequence[str], until: datetime | None) -> None:
        """Leave items out of the inbox until then, or until they change; ``None`` has them back."""
        await self._now(lambda staff: staff.show.snooze(item_ids, until))

    async def since(self, left_at: datetime) -> Since:
        """What happened since a person left the desk."""
        return await self._now(lambda staff: staff.shift.since(left_at))

    async def hand_over(self) -> HandOver:
        """What the next person at the desk should know."""
        return await self._now(lambda staff: staff.shift.hand_over())

    async def waiting(self) -> int:
        """How many items wait, on all connections; what this desk has decided is left out."""
        return await self._now(lambda staff: staff.show.waiting())

    async def item(self, item_id: str) -> ItemView | None:
        """An item from the store, at once; where that is old, a fresh read begins and ``ItemChanged`` follows."""
        return await self._now(lambda staff: staff.show.item(item_id))

    async def refresh(self, item_id: str) -> ItemView | None:
        """An item after a fresh read; where that failed, as the store has it, with ``error``."""
        return await self._on(lambda staff: staff.show.refresh(item_id))

    async def prefetch(self, item_ids: Sequence[str]) -> None:
        """Have items read before they are opened."""
        await self._now(lambda staff: staff.show.prefetch(item_ids))

    async def decide(
        self, item_id: str, verdict: Verdict, digest: str, payload: Mapping[str, Json], *, is_hold: bool = True
    ) -> DecisionView:
        """Record a verdict on what ``digest`` names. Raises ``Refused`` before anything is written.

        ``payload`` as in :class:`~console.domain.decision.Decision`. Without ``is_hold`` it is queued at once.
        """

        async def work(staff: Staff) -> DecisionView:
            key = await staff.own_key.key()
            made = staff.decide.decide(item_id, verdict, digest, payload, key=key, is_hold=is_hold)
            return staff.show.picture(made)

        return await self._on(work)

    async def undo(self, decision_id: str) -> bool:
        """Withdraw a decision that was not sent yet; ``False`` where it is too late."""
        return await self._now(lambda staff: staff.holds.undo(decision_id))

    async def decision(self, decision_id: str) -> DecisionView | None:
        """One decision."""
        return await self._now(lambda staff: staff.show.decision(decision_id))

    async def decisions(self, limit: int = 50) -> tuple[DecisionView, ...]:
        """The latest decisions, newest first."""
        return await self._now(lambda staff: staff.show.decisions(limit))

    async def decided(self, query: DecidedQuery) -> DecidedPage:
        """What this desk decided, newest first, as far as it matches."""
        return await self._now(lambda staff: staff.show.decided(query))

    async def settled(self, decision_id: str, within: float, *, until_confirmed: bool = False) -> DecisionView:
        """A decision once it is final (or confirmed, or half-granted), or as it is after ``within`` seconds."""
        return await self._on(lambda staff: staff.show.settled(decision_id, within, until_confirmed=until_confirmed))

    async def on_their_way(self) -> dict[DecisionState, int]:
        """How many decisions are held, queued, sending, uncertain, and confirmed but not carried out yet."""
        return await self._now(lambda staff: staff.show.on_their_way())

    async def claim(self, item_id: str) -> None:
        """Claim an item, or renew a claim. Raises the four errors."""
        await self._on(lambda staff: staff.claims.claim(item_id))

    async def release(self, item_id: str) -> None:
        """End one's own claim. Raises the four errors."""
        await self._on(lambda staff: staff.claims.release(item_id))

    async def colleagues(self, item_id: str) -> tuple[Person, ...]:
        """Whom an item can be handed to, by name."""
        return await self._on(lambda staff: staff.colleagues.of(item_id))

    async def assign(self, item_id: str, person: Person) -> datetime:
        """Claim an item in somebody else's name; until when. Raises the four errors."""
        return await self._on(lambda staff: staff.claims.assign(item_id, person))

    async def comment(self, item_id: str, text: str) -> None:
        """Add a comment. Raises the four errors."""
        await self._on(lambda staff: staff.claims.comment(item_id, text))

    async def runs(self, query: RunQuery, *, more: bool = False) -> RunsView:
        """The runs of all connections, read anew, and a page ``more`` of them; who is slow follows by an event."""
        return await self._on(lambda staff: staff.run_lists.read(query, more=more))

    async def known_runs(self, query: RunQuery) -> RunsView:
        """The runs of all connections as they were told last, at once."""
        return await self._now(lambda staff: staff.run_lists.known(query))

    async def completion(self, ref: RunRef, workflow: str) -> Completion:
        """How the listed runs of one workflow ended, at once."""
        return await self._now(lambda staff: staff.run_lists.completion(ref, workflow))

    async def leave_runs(self) -> None:
        """Give up reading runs: nobody looks any more."""
        await self._now(lambda staff: staff.run_lists.stop())

    async def pauses(self) -> tuple[PauseView, ...]:
        """What is paused on all connections, the widest first."""
        return await self._now(lambda staff: staff.pausing.known())

    async def notes(self) -> dict[str, RunbookNote]:
        """What people wrote beside kinds of failures, by fingerprint."""
        return await self._now(lambda staff: staff.runbook.notes())

    async def write_note(self, fingerprint: str, text: str) -> None:
        """Keep a note on a kind of failure; an empty one is removed. Raises ``Refused``."""
        await self._now(lambda staff: staff.runbook.write(fingerprint, text))

    async def note_used(self, fingerprint: str, *, worked: bool) -> None:
        """Count that somebody acted on such failures, and whether that helped."""
        await self._now(lambda staff: staff.runbook.used(fingerprint, worked=worked))

    async def run(self, ref: RunRef) -> Run:
        """The header of a run. Raises the four errors."""
        return await self._on(lambda staff: staff.runs.run(ref))

    async def steps(self, ref: RunRef) -> tuple[Step, ...]:
        """The steps of a run in a topological order. Raises the four errors."""
        return await self._on(lambda staff: staff.runs.steps(ref))

    async def trail(self, ref: RunRef, older: str = "", limit: int = 50) -> TrailPage:
        """A page of a run's trail, newest first. Raises the four errors."""
        return await self._on(lambda staff: staff.runs.trail(ref, older, limit))

    async def whole(self, ref: RunRef, entry: TrailEntry) -> TrailEntry:
        """All of an entry of which the trail holds the beginning. Raises the four errors."""
        return await self._on(lambda staff: staff.runs.whole(ref, entry))

    async def state(self, ref: RunRef, revision: int | None = None) -> Snapshot:
        """A run's state, now or at a revision. Raises the four errors."""
        return await self._on(lambda staff: staff.runs.state(ref, revision))

    async def hand_offs(self, ref: RunRef) -> tuple[HandOff, ...]:
        """What moved over each edge of a run. Raises the four errors."""
        return await self._on(lambda staff: staff.runs.hand_offs(ref))

    async def access(self, ref: RunRef) -> tuple[Access, ...]:
        """Who may do what at each step of a run, and what was done. Raises the four errors."""
        return await self._on(lambda staff: staff.runs.access(ref))

    async def commands(self, ref: RunRef) -> tuple[Escalation, ...]:
        """What a person may do to a run at any time, each to be decided on as an item. Raises the four errors."""
        return await self._on(lambda staff: staff.runs.commands(ref))

    async def everything(self, connection_id: str) -> Escalation:
        """How everything on a connection is paused, to be decided on as an item. Raises the four errors."""
        return await self._on(lambda staff: staff.runs.everything(connection_id))

    async def connections(self) -> tuple[ConnectionView, ...]:
        """Every connection with how it does."""
        return await self._now(lambda staff: staff.links.views())

    async def add_connection(self, config: ConnectionConfig, secrets: Mapping[str, str]) -> ConnectionView:
        """Add a connection and begin to watch it."""

        async def work(staff: Staff) -> ConnectionView:
            return staff.links.view(await staff.connections.put(config, secrets))

        return await self._on(work)

    async def edit_connection(self, config: ConnectionConfig, secrets: Mapping[str, str]) -> ConnectionView:
        """Change a connection; a secret that is not given stays, one given empty is forgotten."""
        return await self.add_connection(config, secrets)

    async def remove_connection(self, connection_id: str) -> None:
        """Remove a connection with what waits there. Raises ``Refused`` while a decision on it is undetermined."""
        await self._on(lambda staff: staff.connections.remove(connection_id))

    async def pause_connection(self, connection_id: str, is_paused: bool) -> None:  # noqa: FBT001 - on or off, plainly
        """Pause a connection, or let it go on."""
        await self._on(lambda staff: staff.connections.pause(connection_id, is_paused=is_paused))

    async def retention(self) -> dict[str, int]:
        """For how many days content of each connection is kept after it was closed or settled, by connection."""
        return await self._now(lambda staff: staff.connections.retention())

    async def keep_for(self, connection_id: str, days: int) -> None:
        """Keep content of a connection for so many days. Raises ``Refused`` for a number that makes no sense."""
        await self._now(lambda staff: staff.connections.keep_for(connection_id, days))

    async def reconnect(self, connection_id: str) -> None:
        """Try a connection now, also one that was denied."""
        await self._now(lambda staff: staff.links.reconnect(connection_id))

    async def test_connection(self, config: ConnectionConfig, secrets: Mapping[str, str]) -> tuple[Check, ...]:
        """Try a configuration, changing nothing; cancelling the caller ends it."""
        return await self._on(lambda staff: staff.connections.test(config, secrets))

    async def listed(self, within: float) -> None:
        """Wait until every connection was listed once or could not be, or ``within`` seconds are over."""

        async def work(staff: Staff) -> None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await staff.links.listed()

        await self._on(work)

    async def refresh_all(self) -> None:
        """List every connection anew, and wait until that is done or could not be."""
        await self._on(lambda staff: staff.links.list_again())

    async def audit_check(self) -> AuditCheck:
        """What verifying the audit chain found, the broken link named."""
        return await self._on(lambda staff: staff.audit_check())

    async def audit_found(self) -> AuditCheck | None:
        """What the latest check of the audit found; ``None`` before the first one of this opening has ended."""
        return await self._now(lambda staff: staff.voucher.found)

    async def export_audit(self, write: Write, since: datetime | None, tell: Tell) -> Exported:
        """Write the audit, from a time on. ``write`` and ``tell`` are called on the background thread.

        Cancelling the caller ends it. Raises ``Refused`` where there is nothing to write.
        """
        return await self._on(lambda staff: staff.exporter.audit(write, since, tell))

    async def export_run(self, connection_id: str, run_id: str, write: Write, tell: Tell) -> Exported:
        """Write what the steps of a run returned, with a signed end. Raises the four errors."""

        async def work(staff: Staff) -> Exported:
            link = staff.links.get(connection_id)
            if link is None:
                raise Refused("There is no such connection.", code=RefusalCode.UNKNOWN)
            return await staff.exporter.run(link, run_id, write, tell)

        return await self._on(work)

    async def evidence(self, decision_id: str) -> dict[str, Any]:
        """The evidence of a decision of this desk, as JSON. Raises ``Refused`` for one that it does not have."""
        return await self._on(lambda staff: staff.prover.evidence(decision_id))

    async def secrets_notice(self) -> str:
        """Why secrets do not outlive the program, in words; empty when they do."""
        return await self._now(lambda _: self._parts.secrets.reason)

    async def get_setting(self, name: str, default: str) -> str:
        """A small setting of this desk."""
        return self._settings.get(name, default)

    async def set_setting(self, name: str, value: str) -> None:
        """Keep a small setting."""
        self._settings.set(name, value)

    async def _now(self, work: Callable[[Staff], T]) -> T:
        async def whole() -> T:
            return work(self._at_work())

        return await self._background.run(whole())

    async def _on(self, work: Callable[[Staff], Coroutine[Any, Any, T]]) -> T:
        async def whole() -> T:
            return await work(self._at_work())

        return await self._background.run(whole())

    def _at_work(self) -> Staff:
        if self._staff is None:
            raise Unreachable("The desk is not open.", next_action="Wait until the store is open.")
        return self._staff
