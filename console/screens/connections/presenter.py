"""Lists the connections and carries out what a person wants with them.

Invariant: nothing that a person typed is lost by a click elsewhere; a typed secret goes nowhere but to a test and to
where secrets are kept; one test at a time, and it can be cancelled. Every coroutine runs in the window's loop and
raises nothing but bugs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from console.domain.deciders import deciders
from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.language import tr
from console.engines.port import Ability
from console.infra.clock import Clock
from console.infra.errand import Errand
from console.screens import Ask, Navigate, OpenInbox
from console.screens.connections.state import ConnectionsState, DecidersState, Editing, TestState
from console.services.enter import Entry, config, entry_of, problems, secrets
from console.services.views import ConnectionChanged, ConnectionConfig, Event, Health, InboxChanged
from console.verify.signatures import key_id

if TYPE_CHECKING:
    from console.services.desk import Desk

UNSAVED = tr("Save or discard what you changed first.")
TICK = 1.0
READ_EVERY = 60.0
AWAY = frozenset({Health.CONNECTING, Health.DOWN, Health.DENIED, Health.PAUSED})
StartDemo = Callable[[Callable[[str], None]], Awaitable[None]]
NOT_KEPT = tr("Secrets are kept in memory until Clearance closes.")


class ConnectionsPresenter:
    """The screen of the connections without a widget."""

    def __init__(
        self, desk: Desk, ask: Ask, navigate: Navigate, clock: Clock, start_demo: StartDemo | None = None
    ) -> None:
        self._desk = desk
        self._ask = ask
        self._navigate = navigate
        self._clock = clock
        self._start_demo = start_demo
        self._is_shown = False
        self._is_ticking = False
        self._testing: asyncio.Task[None] | None = None
        self._registry = Errand(ask, self._read_registry)
        self._asked_for: object = None
        self._listener: Callable[[ConnectionsState], None] = lambda _: None
        self.state = ConnectionsState(now=clock.now(), can_start_demo=start_demo is not None)

    def listen(self, listener: Callable[[ConnectionsState], None]) -> None:
        """Tell this one every state from now on, beginning with the present one."""
        self._listener = listener
        listener(self.state)

    def open(self, connection_id: str = "", *, is_new: bool = False) -> None:
        """Show this connection, or the form for another one."""
        self._ask(self._read())
        if is_new:
            self.on_new()
        elif connection_id:
            self.on_select(connection_id)

    def on_shown(self) -> None:
        """The screen came to the front."""
        self._is_shown = True
        self._ask(self._read())
        if not self._is_ticking:
            self._is_ticking = True
            self._ask(self._tick())

    def on_hidden(self) -> None:
        """The screen is not looked at any more."""
        self._is_shown = False

    def on_events(self, events: Sequence[Event]) -> None:
        """Read again when something about a connection changed."""
        if self._is_shown and any(isinstance(event, ConnectionChanged | InboxChanged) for event in events):
            self._ask(self._read())

    def on_select(self, connection_id: str) -> None:
        """Show a connection."""
        if connection_id == self.state.selected_id and self.state.editing is None:
            return
        if self._is_form_in_the_way():
            return
        self._stop_test()
        self._put(selected_id=connection_id, editing=None, test=None, removing=False, notice="")
        self._ask_registry()

    def on_new(self) -> None:
        """Open the form for a new connection."""
        if self._is_form_in_the_way():
            return
        self._stop_test()
        self._put(editing=Editing(entry=Entry(), start=Entry()), test=None, removing=False, notice="")
        self._check()

    def on_edit(self) -> None:
        """Open the form for the chosen connection."""
        chosen = self.state.selected
        if chosen is not None and self.state.editing is None:
            entry = entry_of(chosen.config)
            self._stop_test()
            self._put(
                editing=Editing(entry=entry, start=entry, known=chosen.config), test=None, removing=False, notice=""
            )
            self._check()

    def on_enter(self, **fields: str | bool) -> None:
        """Take over what was typed, by field of :class:`~console.services.enter.Entry`."""
        editing = self.state.editing
        if editing is not None:
            entry = replace(editing.entry, **fields)  # type: ignore[arg-type]  # names of its fields only
            self._put(editing=replace(editing, entry=entry, failed=""), notice="")
            self._check()

    def on_discard(self) -> None:
        """Close the form without keeping anything."""
        self._stop_test()
        self._put(editing=None, test=None, notice="")

    def on_save(self) -> None:
        """Keep what was entered."""
        editing = self.state.editing
        if editing is not None and self._can_go_on() and not editing.is_saving:
            self._put(editing=replace(editing, is_checked=True, is_saving=True, failed=""))
            self._ask(self._save(editing))

    def on_test(self) -> None:
        """Try the connection as entered, or as it is."""
        editing, chosen = self.state.editing, self.state.selected
        if self._is_testing() or not self._can_go_on():
            return
        if editing is not None:
            tried, typed = config(editing.entry, editing.known), secrets(editing.entry, editing.known)
        elif chosen is not None:
            tried, typed = chosen.config, {}
        else:
            return
        self._put(test=TestState(is_running=True))
        self._ask(self._test(tried, typed))

    def on_cancel_test(self) -> None:
        """Stop the test, also one that has not quite begun; what it found is not known then."""
        if self._testing is not None:
            self._testing.cancel()
        elif self._is_testing():
            self._put(test=TestState(was_cancelled=True, ended_at=self._clock.now()))

    def on_pause(self) -> None:
        """Pause the chosen connection, or let it go on."""
        chosen = self.state.selected
        if chosen is not None:
            is_paused = not chosen.config.is_paused
            self._run(lambda: self._desk.pause_connection(chosen.config.connection_id, is_paused))

    def on_reconnect(self) -> None:
        """Connect the chosen connection anew, at once."""
        chosen = self.state.selected
        if chosen is not None:
            self._run(lambda: self._desk.reconnect(chosen.config.connection_id))

    def on_start_demo(self) -> None:
        """Start the demo's server and worker again, where they are away."""
        start = self._start_demo
        if start is not None and self.state.is_demo_away and not self.state.is_busy:
            self._run(lambda: start(lambda step: self._put(notice=f"{step}…")))

    def on_remove(self) -> None:
        """Ask whether the chosen connection shall go."""
        self._put(removing=self.state.selected is not None and self.state.editing is None)

    def on_keep(self) -> None:
        """Do not remove it."""
        self._put(removing=False)

    def on_removal_confirmed(self) -> None:
        """Remove the chosen connection."""
        chosen = self.state.selected
        if chosen is not None and self.state.removing:
            self._stop_test()
            self._put(removing=False, test=None, selected_id="")
            self._run(lambda: self._desk.remove_connection(chosen.config.connection_id))

    def on_back(self) -> None:
        """Close what is open on top; else return to the inbox."""
        if self.state.removing:
            self.on_keep()
        elif self.state.editing is not None:
            if not self._is_form_in_the_way():
                self.on_discard()
        else:
            self._navigate(OpenInbox())

    def _is_form_in_the_way(self) -> bool:
        editing = self.state.editing
        if editing is not None and editing.is_dirty:
            self._put(notice=UNSAVED)
            return True
        return False

    def _can_go_on(self) -> bool:
        """Whether the form, if one is open, can be tried; says what is wrong from now on."""
        editing = self.state.editing
        if editing is None:
            return True
        if not editing.is_checked:
            self._put(editing=replace(editing, is_checked=True))
        return not editing.problems

    def _check(self) -> None:
        editing = self.state.editing
        if editing is not None:
            known_id = editing.known.connection_id if editing.known is not None else ""
            taken = {view.config.name for view in self.state.views if view.config.connection_id != known_id}
            self._put(editing=replace(editing, problems=problems(editing.entry, taken)))

    async def _tick(self) -> None:
        """Keep health, ages and the seconds of a test true."""
        try:
            while self._is_shown:
                await self._clock.sleep(TICK)
                test = self.state.test
                if test is not None and test.is_running:
                    self._put(test=replace(test, seconds=test.seconds + 1))
                await self._read()
        finally:
            self._is_ticking = False

    async def _read(self) -> None:
        try:
            views = await self._desk.connections()
            notice = await self._desk.secrets_notice()
        except Unreachable as error:
            self._put(notice=f"{tr(error.message)} {tr(error.next_action)}")
            return
        ids = {view.config.connection_id for view in views}
        chosen = self.state.selected_id
        # One that was never there was added after these were read, and the next reading has it.
        is_gone = chosen not in ids and self.state.selected is not None
        if views and (is_gone or not chosen):
            chosen = views[0].config.connection_id
        self._put(
            views=views,
            is_read=True,
            selected_id=chosen,
            keyring=f"{notice} {NOT_KEPT}" if notice else "",
        )
        self._check()
        self._ask_registry()

    def _ask_registry(self) -> None:
        """Read who may decide: now and then, and when another connection is chosen or it may be other than before."""
        chosen = self.state.selected
        if chosen is None or chosen.capabilities is None or Ability.ENFORCE not in chosen.capabilities.abilities:
            self._asked_for = None
            return
        turn = self._clock.monotonic() // READ_EVERY
        wanted = (chosen.config.connection_id, chosen.standing, chosen.health in AWAY, turn)
        if wanted != self._asked_for:
            self._asked_for = wanted
            self._registry.request()

    async def _read_registry(self) -> None:
        chosen = self.state.selected_id
        try:
            log = await self._desk.registry(chosen)
            own_id = (await self._desk.identity()).key_id
        except (Unreachable, Uncertain, Denied, Refused) as error:
            words = f"{tr(error.message)} {tr(error.next_action)}".strip()
            self._put(deciders=DecidersState(connection_id=chosen, failed=words))
            return
        found = deciders(log.registry.keys, log.entries, self._clock.now())
        root_id = key_id(log.registry.root)
        self._put(deciders=DecidersState(connection_id=chosen, deciders=found, root_id=root_id, own_id=own_id))

    async def _save(self, editing: Editing) -> None:
        made = config(editing.entry, editing.known)
        typed = secrets(editing.entry, editing.known)
        try:
            if editing.known is None:
                await self._desk.add_connection(made, typed)
            else:
                await self._desk.edit_connection(made, typed)
        except (Unreachable, Uncertain, Denied, Refused) as error:
            self._put(editing=replace(editing, is_checked=True, failed=f"{tr(error.message)} {tr(error.next_action)}"))
            return
        self._stop_test()
        self._put(editing=None, test=None, selected_id=made.connection_id)
        await self._read()

    async def _test(self, tried: ConnectionConfig, typed: dict[str, str]) -> None:
        if self._testing is not None or not self._is_testing():
            # Cancelled, or left, before it began.
            return
        self._testing = asyncio.current_task()
        try:
            checks = await self._desk.test_connection(tried, typed)
            result = TestState(checks=checks, ended_at=self._clock.now())
        except asyncio.CancelledError:
            result = TestState(was_cancelled=True, ended_at=self._clock.now())
        except (Unreachable, Uncertain, Denied, Refused) as error:
            result = TestState(failed=f"{tr(error.message)} {tr(error.next_action)}", ended_at=self._clock.now())
        if self._testing is asyncio.current_task():
            self._testing = None
            self._put(test=result)

    def _is_testing(self) -> bool:
        return self.state.test is not None and self.state.test.is_running

    def _stop_test(self) -> None:
        if self._testing is not None:
            testing, self._testing = self._testing, None
            testing.cancel()

    def _run(self, work: Callable[[], Awaitable[object]]) -> None:
        self._ask(self._do(work))

    async def _do(self, work: Callable[[], Awaitable[object]]) -> None:
        self._put(is_busy=True, notice="")
        try:
            await work()
            self._put(notice="")
        except (Unreachable, Uncertain, Denied, Refused) as error:
            self._put(notice=f"{tr(error.message)} {tr(error.next_action)}")
        finally:
            self._put(is_busy=False)
        await self._read()

    def _put(self, **changed: object) -> None:
        self.state = replace(self.state, now=self._clock.now(), **changed)  # type: ignore[arg-type]
        self._listener(self.state)
