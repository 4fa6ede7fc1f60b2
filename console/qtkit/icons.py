"""Icons: Lucide drawings, tinted with a token's colour and kept per colour, size and scale.

Invariant: only drawings that are shipped can be asked for, and an unknown name raises KeyError at once, so a typing
error shows in the first test that paints it.
"""

from __future__ import annotations

from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from console.qtkit.current import colours
from console.qtkit.resources import resource
from console.qtkit.tokens import ICON, Tone

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

STROKE = 1.75
SMALL_STROKE = 2.0
SCALES = (1.0, 1.5, 2.0, 3.0)

# Words of the design that the drawings' authors spell otherwise.
ALIASES = MappingProxyType(
    {
        "circle-help": "circle-question-mark",
        # Theirs of this name points the other way than the design draws it.
        "arrow-left-right": "arrow-right-left",
        "insights": "chart-column",
        "audit": "scroll-text",
        "conflict": "git-merge",
        "live": "radio",
        "question": "message-circle-question-mark",
    }
)


@cache
def names() -> frozenset[str]:
    """Return every name that can be asked for."""
    return frozenset(file.stem for file in resource("icons").glob("*.svg")) | frozenset(ALIASES)


@cache
def _drawing(name: str) -> str:
    if name not in names():
        raise KeyError(f"no icon is called {name!r}")
    return (resource("icons") / f"{ALIASES.get(name, name)}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=4096)
def image(name: str, colour: str, size: int = ICON, scale: float = 1.0) -> QImage:
    """Return the drawing in this ``#RRGGBB`` colour, `size` px square on a screen of this scale."""
    stroke = STROKE if size >= ICON else SMALL_STROKE
    svg = _drawing(name).replace("currentColor", colour).replace('stroke-width="2"', f'stroke-width="{stroke}"')
    side = round(size * scale)
    picture = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


def draw_icon(painter: QPainter, name: str, colour: str, x: float, y: float, size: int = ICON) -> None:
    """Paint an icon with its upper left corner at x, y."""
    scale = painter.device().devicePixelRatioF()
    painter.drawImage(QPointF(x, y), image(name, colour, size, scale))


def icon(name: str, tone: Tone = Tone.SECOND, size: int = ICON) -> QIcon:
    """Return a QIcon in the colours in force now; disabled it is quiet. See `Theme.bind_icon` for one that follows."""
    made = QIcon()
    for scale in SCALES:
        normal, quiet = (image(name, colours().text(each), size, scale) for each in (tone, Tone.QUIET))
        made.addPixmap(QPixmap.fromImage(normal), QIcon.Mode.Normal)
        made.addPixmap(QPixmap.fromImage(quiet), QIcon.Mode.Disabled)
    return made


def set_application_icon(app: QApplication) -> None:
    """Show the product's mark in the task bar: a check on the accent."""
    made = QIcon()
    for side in (16, 24, 32, 48, 64, 128):
        made.addPixmap(_mark(side))
    app.setWindowIcon(made)


def _mark(side: int) -> QPixmap:
    picture = QPixmap(QSize(side, side))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours().accentfill))
    painter.drawRoundedRect(0, 0, side, side, side / 5, side / 5)
    inner = side * 3 // 4
    painter.drawImage(QPointF((side - inner) / 2, (side - inner) / 2), image("check-check", "#FFFFFF", inner))
    painter.end()
    return picture
