"""The theme of the running application: light, dark, or whichever the system shows, switched while it runs.

Invariant: colours in force, palette and style sheet always belong together; `changed` is emitted after all three are.
Everything the kit paints asks for its colours when it paints, so a switch needs nothing from the screens except where
they made a QIcon, for which there is `bind_icon`.
"""

from __future__ import annotations

import enum
import weakref
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QToolTip
from shiboken6 import isValid

from console.qtkit.current import put_in_force
from console.qtkit.fonts import font, load_fonts
from console.qtkit.icons import icon, set_application_icon
from console.qtkit.stylesheet import stylesheet
from console.qtkit.tokens import DARK, ICON, LIGHT, Colours, Style, Tone

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

Role = QPalette.ColorRole
Group = QPalette.ColorGroup


class Mode(enum.Enum):
    """Which colours a person asked for."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class TakesIcon(Protocol):
    """An action, a button: what has an icon."""

    def setIcon(self, icon: QIcon, /) -> None:
        """Show this icon."""


class Theme(QObject):
    """Keeps one application's look. Parented to the application, so it lives as long."""

    changed = Signal()

    def __init__(self, app: QApplication, mode: Mode = Mode.SYSTEM) -> None:
        super().__init__(app)
        self._app = app
        self._mode = mode
        self._colours: Colours | None = None
        load_fonts()
        app.setStyle("Fusion")
        app.setFont(font(Style.BODY))
        QToolTip.setFont(font(Style.SMALL))
        app.styleHints().colorSchemeChanged.connect(self._apply)
        self._tell_system()
        self._apply()
        set_application_icon(app)

    @property
    def mode(self) -> Mode:
        """What was asked for."""
        return self._mode

    @property
    def colours(self) -> Colours:
        """The colours in force."""
        return self._wanted() if self._colours is None else self._colours

    def set_mode(self, mode: Mode) -> None:
        """Switch now; nothing needs to be started again."""
        self._mode = mode
        self._tell_system()
        self._apply()

    def bind_icon(self, taker: TakesIcon, name: str, tone: Tone = Tone.SECOND, size: int = ICON) -> None:
        """Give an action or Qt button an icon that follows the theme for as long as the taker lives."""
        taken = weakref.ref(taker)

        def show() -> None:
            alive = taken()
            if alive is None or not isValid(alive):
                self.changed.disconnect(show)
            else:
                alive.setIcon(icon(name, tone, size))

        self.changed.connect(show)
        show()

    def _tell_system(self) -> None:
        """Let the window frame follow where the platform can."""
        wanted = {Mode.LIGHT: Qt.ColorScheme.Light, Mode.DARK: Qt.ColorScheme.Dark}.get(self._mode)
        if wanted is None:
            self._app.styleHints().unsetColorScheme()
        else:
            self._app.styleHints().setColorScheme(wanted)

    def _wanted(self) -> Colours:
        if self._mode is Mode.SYSTEM:
            return DARK if self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark else LIGHT
        return DARK if self._mode is Mode.DARK else LIGHT

    def _apply(self) -> None:
        wanted = self._wanted()
        if wanted is self._colours:
            return
        self._colours = wanted
        put_in_force(wanted)
        self._app.setPalette(palette(wanted))
        self._app.setStyleSheet(stylesheet(wanted))
        self.changed.emit()


def palette(c: Colours) -> QPalette:
    """Return Qt's palette in these colours, so that Fusion draws the rest in them."""
    made = QPalette()
    roles = {
        Role.Window: c.app,
        Role.WindowText: c.ink,
        Role.Base: c.surface,
        Role.AlternateBase: c.sunken,
        Role.Text: c.ink,
        Role.Button: c.surface,
        Role.ButtonText: c.ink,
        Role.BrightText: c.onfill,
        Role.PlaceholderText: c.ink3,
        Role.Highlight: c.accentfill,
        Role.HighlightedText: c.onfill,
        Role.Accent: c.accent,
        Role.Link: c.accent,
        Role.LinkVisited: c.accent,
        Role.ToolTipBase: c.ink,
        Role.ToolTipText: c.app,
        Role.Light: c.surface,
        Role.Midlight: c.hover,
        Role.Mid: c.line,
        Role.Dark: c.control,
        Role.Shadow: c.line,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (Role.WindowText, Role.Text, Role.ButtonText):
        made.setColor(Group.Disabled, role, QColor(c.ink3))
    return made
