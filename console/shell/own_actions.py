"""What the window itself can do, whichever screen is in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.domain.language import tr
from console.qtkit.theme import Mode
from console.screens import Action
from console.shell.look import choose_mode

if TYPE_CHECKING:
    from console.shell.window import MainWindow, Screen

COMMANDS = "window.commands"
NOT_OPEN = tr("The desk is not open yet.")
THEMES = {
    Mode.SYSTEM: (tr("Theme of the system"), "monitor"),
    Mode.LIGHT: (tr("Light theme"), "sun"),
    Mode.DARK: (tr("Dark theme"), "moon"),
}


def own_actions(window: MainWindow) -> list[Action]:
    """All of them, in the order of the menus."""
    return [*_file(window), *_view(window), *_help(window)]


def going_to(window: MainWindow, screen: Screen) -> Action:
    """The action that brings a screen to the front."""
    return Action(
        action_id=f"go.{screen.screen_id}",
        text=tr("Go to {label}", label=screen.label),
        run=lambda: window.bring_to_front(screen.screen_id),
        keys=screen.keys,
        menu=tr("Go"),
        icon=screen.icon,
    )


def _file(window: MainWindow) -> list[Action]:
    return [
        Action(
            action_id="window.settings",
            text=tr("Settings…"),
            run=window.open_settings,
            keys=("Ctrl+,",),
            menu=tr("File"),
            icon="settings",
        ),
        Action(
            action_id="window.key",
            text=tr("Signing key…"),
            run=window.key_asked.emit,
            menu=tr("File"),
            icon="key-round",
        ),
        Action(action_id="window.quit", text=tr("Quit"), run=window.close, keys=("Ctrl+Q",), menu=tr("File")),
    ]


def _view(window: MainWindow) -> list[Action]:
    refresh = Action(
        action_id="window.refresh",
        text=tr("Read everything again"),
        run=window.refresh_asked.emit,
        keys=("F5",),
        menu=tr("View"),
        icon="refresh-cw",
    )
    return [refresh, *(_theme(window, mode) for mode in Mode)]


def _theme(window: MainWindow, mode: Mode) -> Action:
    words, icon = THEMES[mode]
    return Action(
        action_id=f"window.theme.{mode.value}",
        text=words,
        run=lambda: choose_mode(window.theme, window.memory, mode),
        menu=tr("View"),
        icon=icon,
    )


def _help(window: MainWindow) -> list[Action]:
    return [
        Action(
            action_id=COMMANDS,
            text=tr("Find or run a command"),
            run=window.open_commands,
            keys=("Ctrl+K",),
            menu=tr("Help"),
            icon="search",
        ),
        Action(
            action_id="window.log",
            text=tr("Log…"),
            run=window.open_log,
            menu=tr("Help"),
            icon="scroll-text",
            can_run=lambda: window.support is not None,
            why_not=lambda: NOT_OPEN,
        ),
        Action(
            action_id="window.report",
            text=tr("Report of an error…"),
            run=window.open_report,
            menu=tr("Help"),
            icon="bug",
            can_run=lambda: window.support is not None,
            why_not=lambda: NOT_OPEN,
        ),
        Action(
            action_id="window.keys",
            text=tr("All keys"),
            run=window.open_keys,
            keys=("?",),
            menu=tr("Help"),
            icon="keyboard",
        ),
    ]
