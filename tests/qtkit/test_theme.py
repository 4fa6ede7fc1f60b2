"""The theme switches live, and fonts and icons come from the installation itself."""

from __future__ import annotations

import weakref

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QColor, QFontInfo, QImage, QPalette
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from console.qtkit.current import colours
from console.qtkit.fonts import font, load_fonts, text_width
from console.qtkit.icons import ALIASES, image, names
from console.qtkit.theme import Mode, Theme
from console.qtkit.tokens import DARK, LIGHT, MONO, SANS, Style


def inked(picture: QImage) -> set[str]:
    """The colours of fully opaque pixels."""
    found = set()
    for x in range(picture.width()):
        for y in range(picture.height()):
            pixel = picture.pixelColor(x, y)
            if pixel.alpha() == 255:
                found.add(pixel.name().upper())
    return found


def test_a_switch_changes_colours_palette_and_tells(theme: Theme, qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.set_mode(Mode.DARK)
    assert colours() is DARK
    assert theme.colours is DARK
    assert QApplication.palette().color(QPalette.ColorRole.Window) == QColor(DARK.app)
    theme.set_mode(Mode.LIGHT)
    assert colours() is LIGHT


def test_a_shown_widget_is_drawn_anew(theme: Theme, qtbot: QtBot) -> None:
    button = QPushButton("Approve")
    qtbot.addWidget(button)
    button.show()
    assert button.grab().toImage().pixelColor(8, 15) == QColor(LIGHT.surface)
    theme.set_mode(Mode.DARK)
    assert button.grab().toImage().pixelColor(8, 15) == QColor(DARK.surface)


def test_the_system_is_followed_only_when_asked(theme: Theme) -> None:
    theme.set_mode(Mode.SYSTEM)
    assert theme.mode is Mode.SYSTEM
    assert theme.colours is (LIGHT, DARK)[QApplication.styleHints().colorScheme().value == 2]


@pytest.mark.parametrize("style", Style)
def test_every_style_is_set_in_a_bundled_font(theme: Theme, style: Style) -> None:
    assert {SANS, MONO} <= set(load_fonts())
    info = QFontInfo(font(style))
    assert info.family() == style.family
    assert info.pixelSize() == style.px
    assert info.weight() == style.weight
    assert theme.colours is LIGHT


@pytest.mark.parametrize("style", Style)
def test_figures_are_tabular_and_nothing_is_a_ligature(theme: Theme, style: Style) -> None:
    widths = [text_width(digit, style) for digit in "0123456789"]
    assert max(widths) - min(widths) < 0.05
    assert text_width("->", style) == pytest.approx(text_width("-", style) + text_width(">", style), abs=1.1)
    assert theme.colours is LIGHT


def test_an_icon_has_the_colour_asked_for() -> None:
    picture = image("shield-alert", LIGHT.crit, 16, 2.0)
    assert (picture.width(), picture.devicePixelRatio()) == (32, 2.0)
    assert LIGHT.crit in inked(picture)
    assert image("shield-alert", LIGHT.crit, 16, 2.0) is picture


@pytest.mark.parametrize("name", sorted(names()))
def test_every_drawing_leaves_ink(name: str) -> None:
    assert inked(image(name, "#FF0000", 24, 2.0)) == {"#FF0000"}


def test_every_other_name_leads_to_a_drawing() -> None:
    assert set(ALIASES.values()) <= names()


def test_an_unknown_icon_is_an_error() -> None:
    with pytest.raises(KeyError, match="sheild"):
        image("sheild", LIGHT.crit)


def test_a_bound_icon_follows_the_theme(theme: Theme) -> None:
    parent = QObject()
    action = QAction("Copy", parent)
    theme.bind_icon(action, "square-check")
    before = inked(action.icon().pixmap(16, 16).toImage())
    theme.set_mode(Mode.DARK)
    after = inked(action.icon().pixmap(16, 16).toImage())
    assert LIGHT.ink2 in before
    assert DARK.ink2 in after


def test_a_bound_taker_is_not_kept_alive(theme: Theme) -> None:
    action = QAction("Copy")
    theme.bind_icon(action, "copy")
    gone = weakref.ref(action)
    del action
    theme.set_mode(Mode.DARK)
    assert gone() is None
