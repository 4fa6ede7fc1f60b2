"""The screens of an open desk in the window: made together, told the same events, reached by one navigator.

Invariant: made once, after the window was painted and the desk was opened; whoever has no connection yet sees the
welcome first. The inbox is there at once; the others are loaded and made after its rows are on screen, one at a time,
or when somebody goes there before. Whatever a screen asks for and nobody serves becomes a notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from console.domain.language import tr
from console.infra.clock import Clock
from console.qtkit.resources import resource
from console.screens import OpenConnections, OpenHelp, OpenInbox, OpenKey, OpenRun, OpenRuns, OpenWelcome
from console.screens.connections.presenter import ConnectionsPresenter
from console.screens.guide.presenter import GuidePresenter
from console.screens.guide.state import Staging
from console.screens.guide.view import GuideStrip
from console.screens.help.presenter import HelpPresenter
from console.screens.inbox.presenter import InboxPresenter
from console.screens.inbox.view import InboxView
from console.screens.inbox.view_decided import decided
from console.screens.run.presenter import RunPresenter
from console.screens.run.state import Tab
from console.screens.runs.presenter import RunsPresenter
from console.screens.welcome.presenter import WelcomePresenter
from console.screens.welcome.state import Demo
from console.services.views import AuditChecked
from console.shell.bridge import Batch, Bridge
from console.shell.finders import Finders
from console.shell.following import Follower
from console.shell.keeping import Keeping
from console.shell.key_care import KeyCare
from console.shell.memory import Memory
from console.shell.navigation import Navigator
from console.shell.overview import Overview
from console.shell.palette import Finding
from console.shell.settings_values import notice_rules
from console.shell.stopping import Stopping
from console.shell.telling import Teller
from console.shell.tray import Tray
from console.shell.window import MainWindow, Screen

if TYPE_CHECKING:
    from console.services.desk import Desk

INBOX, RUNS, RUN, CONNECTIONS, WELCOME, HELP = "inbox", "runs", "run", "connections", "welcome", "help"
BREATH = 0.05
LOOK_MS = 1000


class Hosting:
    """The screens, by what they are. ``demo`` is how the welcome starts it, ``staging`` what the guide asks of it."""

    def __init__(
        self,
        window: MainWindow,
        bridge: Bridge,
        desk: Desk,
        *,
        clock: Clock,
        memory: Memory,
        demo: Demo,
        staging: Staging | None = None,
    ) -> None:
        self._window = window
        self._bridge = bridge
        self._desk = desk
        self.navigator = Navigator(window.tell_trouble)
        go = self.navigator.go
        self.inbox = InboxPresenter(desk, bridge.ask, go, clock, memory)
        self.run = RunPresenter(desk, bridge.ask, go, clock=clock)
        self.runs = RunsPresenter(desk, bridge.ask, go, clock, memory)
        self.connections = ConnectionsPresenter(desk, bridge.ask, go, clock, demo.start)
        self.welcome = WelcomePresenter(desk, bridge.ask, go, clock, demo)
        self.help = HelpPresenter(resource("help"), go)
        self.guide = GuidePresenter(desk, bridge.ask, go, memory, clock, staging)
        self.guide_strip = GuideStrip(self.guide)
        window.add_strip(self.guide_strip, self.guide_strip.actions())
        self.overview = Overview(desk, bridge.ask, window.show_frame)
        self.key_care = KeyCare(window, desk, bridge.ask, self.overview)
        self.tray = Tray(window.windowIcon(), self._open_notice, window)
        self.teller = Teller(desk, bridge.ask, clock, self.tray.ring, partial(notice_rules, memory))
        self._follower = Follower(desk, self.navigator.go, window.tell_trouble)
        window.keeping = Keeping(desk, bridge.ask)
        self.stopping = Stopping(desk, bridge.ask, go, window.tell_trouble, self._looked_at)
        window.add_actions(self.stopping.actions(window.offer))
        self._offer_to_find()
        self._looking = QTimer(window)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self.teller.look)
        self.inbox_view = InboxView(self.inbox)
        self._window.add_screen(self._make_inbox())
        window.add_actions([decided(self._show_decided)])
        self._others: dict[str, Callable[[], Screen]] = {
            RUNS: self._make_runs,
            RUN: self._make_run,
            CONNECTIONS: self._make_connections,
            WELCOME: self._make_welcome,
            HELP: self._make_help,
        }
        self._add_routes()

    async def start(self) -> None:
        """Read everything, and show the inbox, or the welcome to whoever has no connection."""
        self._bridge.listen(self._on_events)
        self._bridge.attach(self._desk.subscribe)
        self.overview.start()
        self.inbox.start()
        self._bridge.ask(self._tell_audit())
        self._looking.start()
        has_connection = bool(await self._desk.connections())
        self._show(INBOX if has_connection else WELCOME)
        self.guide.start()

    async def make_others(self) -> None:
        """Make the screens that nobody went to yet, so that going there takes no time."""
        await asyncio.to_thread(_load_others)
        for screen_id in tuple(self._others):
            # Between them the window draws and takes keys: each takes about as long as a person notices.
            await asyncio.sleep(BREATH)
            self._have(screen_id)

    async def _tell_audit(self) -> None:
        """Say where the audit is broken, if it is: the window may have come after the check."""
        found = await self._desk.audit_found()
        if found is not None and not found.is_whole:
            self._tell_broken(found.fault)

    def _tell_broken(self, fault: str) -> None:
        self._window.tell_trouble(
            tr("The audit of this desk is broken. {fault} See Help, Audit and evidence.", fault=fault)
        )

    def _show(self, screen_id: str) -> None:
        self._have(screen_id)
        self._window.bring_to_front(screen_id)

    def _have(self, screen_id: str) -> None:
        """See that a screen is in the window."""
        if make := self._others.pop(screen_id, None):
            self._window.add_screen(make())

    def _on_events(self, events: Batch) -> None:
        self.overview.on_events(events)
        self.teller.on_events(events)
        self.guide.on_events(events)
        self._window.on_events(events)
        for event in events:
            if isinstance(event, AuditChecked) and event.fault:
                self._tell_broken(event.fault)

    def _make_inbox(self) -> Screen:
        return Screen(
            screen_id=INBOX,
            widget=self.inbox_view,
            presenter=self.inbox,
            actions=self.inbox_view.actions(),
            label=tr("Inbox"),
            icon="inbox",
            keys=("G, I",),
        )

    def _make_runs(self) -> Screen:
        from console.screens.runs.view import RunsView  # noqa: PLC0415 - after the inbox

        self.runs_view = RunsView(self.runs)
        return Screen(
            screen_id=RUNS,
            widget=self.runs_view,
            presenter=self.runs,
            actions=self.runs_view.actions(),
            label=tr("Runs"),
            icon="workflow",
            keys=("G, R",),
        )

    def _make_run(self) -> Screen:
        from console.screens.run.view import RunView  # noqa: PLC0415 - after the inbox

        self.run_view = RunView(self.run)
        return Screen(
            screen_id=RUN,
            widget=self.run_view,
            presenter=self.run,
            actions=self.run_view.actions(),
            within=RUNS,
        )

    def _make_connections(self) -> Screen:
        from console.screens.connections.view import ConnectionsView  # noqa: PLC0415 - after the inbox

        view = ConnectionsView(self.connections)
        return Screen(
            screen_id=CONNECTIONS,
            widget=view,
            presenter=self.connections,
            actions=view.actions(),
            label=tr("Connections"),
            icon="plug",
            keys=("G, O",),
        )

    def _make_welcome(self) -> Screen:
        from console.screens.welcome.view import WelcomeView  # noqa: PLC0415 - after the inbox

        view = WelcomeView(self.welcome)
        return Screen(screen_id=WELCOME, widget=view, presenter=self.welcome, actions=view.actions())

    def _make_help(self) -> Screen:
        from console.screens.help.view import HelpView  # noqa: PLC0415 - after the inbox

        view = HelpView(self.help)
        return Screen(
            screen_id=HELP,
            widget=view,
            presenter=self.help,
            actions=view.actions(),
            label=tr("Help"),
            icon="book-open",
            keys=("F1",),
            is_offered=False,
        )

    def _offer_to_find(self) -> None:
        """Let the palette find what the desk knows."""
        finders = Finders(self._desk, self.inbox, self.help, self.navigator.go)
        self._window.finding = Finding(
            self._bridge.ask,
            (finders.views, finders.topics),
            (self.stopping.hits, finders.items, finders.runs, finders.connections),
        )

    def _add_routes(self) -> None:
        route = self.navigator.route
        route(OpenInbox, self._open_inbox)
        route(OpenRun, self._open_run)
        route(OpenRuns, self._open_runs)
        route(OpenConnections, self._open_connections)
        route(OpenHelp, self._open_help)
        route(OpenWelcome, lambda _request: self._show(WELCOME))
        self._window.pauses.resume_asked.connect(self._resume)
        self._window.status.connection_chosen.connect(lambda name: self._open_connections(OpenConnections(name)))
        route(OpenKey, lambda _request: self.key_care.open())
        self._window.status.key_chosen.connect(self.key_care.open)
        self._window.key_asked.connect(self.key_care.open)
        self._window.refresh_asked.connect(self._refresh)

    def _open_inbox(self, request: OpenInbox) -> None:
        self._show(INBOX)
        if request.item_id:
            self.inbox.open(request.item_id, request.back)

    def _resume(self, item_id: str) -> None:
        """Go to where a pause is ended, and from there back to the run that was looked at, if one was."""
        self.navigator.go(OpenInbox(item_id, back=self._looked_at()))

    def _looked_at(self) -> OpenRun | None:
        """The run that is in front, to come back to."""
        shown = self.run.state.ref if self._window.front == RUN else None
        return OpenRun(shown, is_return=True) if shown is not None else None

    def _show_decided(self) -> None:
        self._show(INBOX)
        self.inbox_view.show_decided()

    def _open_notice(self, item_id: str) -> None:
        self._window.come_to_front()
        self.navigator.go(OpenInbox(item_id))

    def follow(self, link: str) -> None:
        """Come to the front, and go where a link leads, if it is one."""
        self._window.come_to_front()
        if link:
            self._bridge.ask(self._follower.follow(link))

    def _open_run(self, request: OpenRun) -> None:
        if self._window.front != RUN and not request.is_return:
            self.run.come_from(tr("Runs") if self._window.front == RUNS else tr("Inbox"))
        self.run.open(request.ref, request.title, request.known)
        self._show(RUN)
        if request.decision_id:
            self.run.follow(request.decision_id)
        if request.tab:
            self.run.on_tab(Tab(request.tab))

    def _open_runs(self, request: OpenRuns) -> None:
        if request.text:
            self.runs.on_search(request.text)
        self._show(RUNS)

    def _open_connections(self, request: OpenConnections) -> None:
        self.connections.open(request.connection_id, is_new=request.is_new)
        self._show(CONNECTIONS)

    def _open_help(self, request: OpenHelp) -> None:
        self.help.open(request.topic)
        self._show(HELP)

    def _refresh(self) -> None:
        self.inbox.refresh()
        self.overview.read_key()
        if self._window.front == RUN:
            self.run.on_refresh()
        elif self._window.front == RUNS:
            self.runs.on_refresh()


def _load_others() -> None:
    """Import what the other screens and forms need, off the window's thread."""
    import console.infra.validation  # noqa: PLC0415 - after the inbox
    import console.screens.connections.view  # noqa: PLC0415
    import console.screens.help.view  # noqa: PLC0415
    import console.screens.run.view  # noqa: PLC0415
    import console.screens.runs.view  # noqa: PLC0415
    import console.screens.welcome.view  # noqa: F401, PLC0415
