"""Words laid out in lines of a fixed height, on one baseline whatever fonts are mixed.

Invariant: pure in its arguments, so what is laid out is kept and shared; it is bounded by `LIMIT` characters, since
a line of a million characters would freeze the window. What is cut ends in an ellipsis and `is_cut` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QTextCharFormat, QTextLayout, QTextLine, QTextOption

from console.domain.display import NEWLINE_MARK, whole_cut
from console.qtkit.fonts import font, text_width
from console.qtkit.icons import draw_icon
from console.qtkit.tokens import ICON, PILL_ICON, Colours, Style, Tone
from console.qtkit.words import Span

LIMIT = 6_000
ELLIPSIS = "…"
LINE_SEPARATOR = "\u2028"
ICON_ROOM = "\u00a0"
ICON_GAP = 4
UNBOUNDED = 16_000_000.0


@dataclass(frozen=True, slots=True)
class Laid:
    """Laid-out words, ready to be painted any number of times."""

    layout: QTextLayout
    style: Style
    width: float
    height: int
    is_cut: bool
    links: tuple[tuple[str, tuple[QRectF, ...]], ...]
    icons: tuple[tuple[str, str, float, float, int], ...]

    def draw(self, painter: QPainter, x: float, y: float) -> None:
        """Paint with the upper left corner at x, y."""
        painter.setPen(QColor("#000000"))
        self.layout.draw(painter, QPointF(x, y))
        for name, colour, left, top, size in self.icons:
            draw_icon(painter, name, colour, x + left, y + top, size)

    def link_at(self, point: QPointF) -> str:
        """Return the link under a point relative to the upper left corner, or nothing."""
        for target, boxes in self.links:
            if any(box.contains(point) for box in boxes):
                return target
        return ""


@lru_cache(maxsize=2048)
def lay_out(
    words: tuple[Span, ...], style: Style, tone: Tone, colours: Colours, width: float, max_lines: int = 0
) -> Laid:
    """Lay out words in a width; `max_lines` 0 means as many as it takes. A single line shows newlines as ``↵``."""
    is_single = max_lines == 1
    pieces = _bounded(words, is_single=is_single)
    text = "".join(_shown(piece) for piece in pieces)
    layout, ends = _set(text, _formats(pieces, style, tone, colours), style, width, max_lines)
    is_cut = len(text) > ends
    if is_cut:
        text, pieces = _shortened(layout, text, pieces, width, style)
        layout, _ = _set(text, _formats(pieces, style, tone, colours), style, width, max_lines)
    natural = max((layout.lineAt(line).naturalTextWidth() for line in range(layout.lineCount())), default=0.0)
    height = max(1, layout.lineCount()) * style.line
    links, icons = _links(pieces, layout, style), _icons(pieces, layout, style, tone, colours)
    return Laid(layout, style, natural, height, is_cut, links, icons)


def _bounded(words: tuple[Span, ...], *, is_single: bool) -> tuple[Span, ...]:
    """Cut the words to the limit and turn newlines into what a layout takes for one."""
    newline = NEWLINE_MARK if is_single else LINE_SEPARATOR
    room = LIMIT
    kept = []
    for span in words:
        text = span.text[:room].replace("\n", newline).replace("\t", "    ")
        room -= len(text)
        is_short = room <= 0 and len(span.text) > len(text)
        kept.append(_like(span, text + ELLIPSIS if is_short else text))
        if room <= 0:
            break
    return tuple(kept)


def _like(span: Span, text: str) -> Span:
    return Span(text, span.is_strong, span.is_data, span.tone, span.link, span.icon)


def _shown(span: Span) -> str:
    return (ICON_ROOM if span.icon else "") + span.text


def _style_of(span: Span, style: Style) -> Style:
    face = style.data if span.is_data else style
    return face.strong if span.is_strong else face


def _icon_size(style: Style) -> int:
    return ICON if style.line > ICON else PILL_ICON


def _formats(pieces: tuple[Span, ...], style: Style, tone: Tone, colours: Colours) -> list[QTextLayout.FormatRange]:
    ranges = []
    start = 0
    for span in pieces:
        face = QTextCharFormat()
        face.setFont(font(_style_of(span, style)))
        face.setForeground(QColor(colours.text(span.tone or tone)))
        if span.icon:
            room = QTextCharFormat(face)
            room.setFontLetterSpacingType(font(style).SpacingType.AbsoluteSpacing)
            room.setFontLetterSpacing(_icon_size(style) + ICON_GAP - text_width(ICON_ROOM, style))
            ranges.append(_range(start, 1, room))
            start += 1
        ranges.append(_range(start, len(span.text), face))
        start += len(span.text)
    return ranges


def _range(start: int, length: int, face: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, length, face
    return made


def _set(
    text: str, formats: list[QTextLayout.FormatRange], style: Style, width: float, max_lines: int
) -> tuple[QTextLayout, int]:
    """Return the layout and how many characters of the text fitted in it."""
    layout = QTextLayout(text, font(style))
    option = QTextOption()
    wrap = QTextOption.WrapMode
    option.setWrapMode(wrap.WrapAtWordBoundaryOrAnywhere if max_lines != 1 else wrap.NoWrap)
    layout.setTextOption(option)
    layout.setFormats(formats)
    layout.beginLayout()
    ends = count = 0
    while max_lines == 0 or count < max_lines:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        line.setPosition(QPointF(0, count * style.line + style.baseline - line.ascent()))
        ends = line.textStart() + line.textLength()
        count += 1
    layout.endLayout()
    if max_lines == 1 and count and layout.lineAt(0).naturalTextWidth() > width + 0.5:
        ends = layout.lineAt(0).textStart()
    return layout, ends


def _shortened(
    layout: QTextLayout, text: str, pieces: tuple[Span, ...], width: float, style: Style
) -> tuple[str, tuple[Span, ...]]:
    """Return text and pieces cut so that an ellipsis fits at the end of the last line."""
    last = layout.lineAt(layout.lineCount() - 1)
    at = last.xToCursor(max(0.0, width - text_width(ELLIPSIS, style.strong)))
    while at > last.textStart() and (text[at - 1].isspace() or _x(last, at) > width - 12):
        at -= 1
    at = whole_cut(text, at)
    kept: list[Span] = []
    room = at
    for span in pieces:
        shown = _shown(span)
        if len(shown) >= room:
            inner = shown[:room][1:] if span.icon else shown[:room]
            kept.append(_like(span, inner + ELLIPSIS))
            break
        kept.append(span)
        room -= len(shown)
    return "".join(_shown(span) for span in kept), tuple(kept)


def _x(line: QTextLine, position: int) -> float:
    # The binding returns a pair, of which its annotations know nothing.
    return cast("tuple[float, int]", line.cursorToX(position))[0]


def _links(pieces: tuple[Span, ...], layout: QTextLayout, style: Style) -> tuple[tuple[str, tuple[QRectF, ...]], ...]:
    """Return each link with the boxes its words fill, one a line."""
    found = []
    start = 0
    for span in pieces:
        end = start + len(_shown(span))
        if span.link:
            found.append((span.link, tuple(_boxes(layout, start, end, style))))
        start = end
    return tuple(found)


def _boxes(layout: QTextLayout, start: int, end: int, style: Style) -> list[QRectF]:
    boxes = []
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        first, last = max(start, line.textStart()), min(end, line.textStart() + line.textLength())
        if first < last:
            left, right = _x(line, first), _x(line, last)
            boxes.append(QRectF(left, number * style.line, right - left, style.line))
    return boxes


def _icons(
    pieces: tuple[Span, ...], layout: QTextLayout, style: Style, tone: Tone, colours: Colours
) -> tuple[tuple[str, str, float, float, int], ...]:
    found = []
    start = 0
    size = _icon_size(style)
    for span in pieces:
        if span.icon:
            boxes = _boxes(layout, start, start + 1, style)
            if boxes:
                top = boxes[0].top() + (style.line - size) / 2
                found.append((span.icon, colours.text(span.tone or tone), boxes[0].left(), top, size))
        start += len(_shown(span))
    return tuple(found)
