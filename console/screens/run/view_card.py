"""Lays out one card of the trail at a width, and paints it.

Invariant: laying out is pure in card, width and colours, and bounded, since the card is; painting only places what is
laid out and touches what lies inside the clip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.icons import draw_icon
from console.qtkit.layout import Laid, lay_out
from console.qtkit.paint import draw_box, draw_dashed_box, draw_line
from console.qtkit.tokens import ICON, PILL_ICON, Height, Radius, Space, Style, Tone
from console.qtkit.words import Span, plain, spans
from console.screens.run.blocks import Block, Columns, Grid, Label, Note, Paragraph, Share
from console.screens.run.cards import Card

TEXT_LEFT = 36
TOP = 9
BOTTOM = 10
HEAD = 20
GAP = 4
CHUNK = 1_500
NOTE_PADDING = 8
TRACK_WIDTH = 116
TRACK_HEIGHT = 6
LEFT_SHARE = 0.38
NAME_SHARE = 0.34
FOLD_WORDS = {False: tr("Show all"), True: tr("Show less")}

Draw = Callable[[QPainter, float, float], None]


@dataclass(frozen=True, slots=True)
class Piece:
    """Something at a height within the card, ``height`` px tall."""

    top: float
    height: float
    draw: Draw


@dataclass(slots=True)
class LaidCard:
    """A card at a width: its height, and what is painted. ``fold_zone`` is where a click folds it out or in."""

    card: Card
    width: float
    height: int = 0
    pieces: list[Piece] = field(default_factory=list)
    fold_zone: QRectF | None = None

    def paint(self, painter: QPainter, left: float, top: float, visible: QRectF, *, is_current: bool) -> None:
        """Paint with the upper left corner there; only what meets ``visible``."""
        c = colours()
        box = QRectF(left, top, self.width, self.height)
        if is_current:
            draw_box(painter, box, Radius.CARD, c.surface, c.accent, 2)
        elif self.card.is_dashed:
            draw_box(painter, box, Radius.CARD, c.surface)
            draw_dashed_box(painter, box, Radius.CARD, c.control)
        else:
            draw_box(painter, box, Radius.CARD, c.surface, c.line)
        for piece in self.pieces:
            if top + piece.top < visible.bottom() and top + piece.top + piece.height > visible.top():
                piece.draw(painter, left, top + piece.top)

    def add(self, height: float, draw: Draw) -> None:
        """Put a piece below the others."""
        self.pieces.append(Piece(self.height, height, draw))
        self.height += round(height)


def laid_card(card: Card, width: float, *, is_unfolded: bool) -> LaidCard:
    """Lay a card out."""
    laid = LaidCard(card, width, TOP)
    _head(laid, is_unfolded=is_unfolded)
    inner = width - TEXT_LEFT - Space.CARD
    for block in card.blocks:
        laid.height += GAP if laid.height > TOP + HEAD else 2
        for height, draw in _block(block, inner):
            laid.add(height, draw)
    if card.can_unfold and not card.is_dashed:
        _fold_line(laid, is_unfolded=is_unfolded)
    laid.height += BOTTOM
    return laid


def _head(laid: LaidCard, *, is_unfolded: bool) -> None:
    card, c = laid.card, colours()
    has_chevron = card.is_dashed and card.can_unfold
    right = lay_out(spans(card.right), Style.SMALL, Tone.SECOND, c, laid.width / 2, 1)
    room = ICON + Space.HALF if has_chevron else 0
    right_edge = laid.width - Space.CARD - room
    left = lay_out(spans(card.head), Style.BODY, Tone.INK, c, right_edge - right.width - Space.GAP - TEXT_LEFT, 1)
    icon, tone, top = card.icon, c.text(card.tone), laid.height

    def draw(painter: QPainter, x: float, y: float) -> None:
        draw_icon(painter, icon, tone, x + Space.CARD, y + (HEAD - ICON) / 2)
        left.draw(painter, x + TEXT_LEFT, y)
        right.draw(painter, x + right_edge - right.width, y + (HEAD - Style.SMALL.line) / 2)
        if has_chevron:
            name = "chevron-down" if is_unfolded else "chevron-right"
            draw_icon(painter, name, c.ink2, x + right_edge + Space.HALF, y + (HEAD - ICON) / 2)

    laid.add(HEAD, draw)
    if has_chevron:
        laid.fold_zone = QRectF(0, 0, laid.width, top + HEAD + BOTTOM)


def _fold_line(laid: LaidCard, *, is_unfolded: bool) -> None:
    words = lay_out(
        (Span(FOLD_WORDS[is_unfolded], tone=Tone.ACCENT),), Style.BODY, Tone.ACCENT, colours(), laid.width, 1
    )
    laid.height += 2
    laid.fold_zone = QRectF(TEXT_LEFT - 4, laid.height, words.width + 8, HEAD)
    laid.add(HEAD, lambda painter, x, y: words.draw(painter, x + TEXT_LEFT, y))


def _block(block: Block, width: float) -> Iterator[tuple[float, Draw]]:
    if isinstance(block, Paragraph):
        yield from _paragraph(block, width)
    elif isinstance(block, Label):
        laid = lay_out((Span(block.text),), Style.SMALL, Tone.SECOND, colours(), width, 1)
        yield laid.height, _at(laid)
    elif isinstance(block, Grid):
        yield _grid(block, width)
    elif isinstance(block, Columns):
        yield _columns(block, width)
    elif isinstance(block, Note):
        yield _note(block, width)
    else:
        yield _share(block, width)


def _at(laid: Laid, left: float = 0) -> Draw:
    return lambda painter, x, y: laid.draw(painter, x + TEXT_LEFT + left, y)


def _paragraph(block: Paragraph, width: float) -> Iterator[tuple[float, Draw]]:
    """A paragraph in pieces of some lines, so that only those on screen are painted."""
    style = Style.DATA if block.is_data else Style.BODY
    for words in _chunks(block.words) if block.max_lines == 0 else (block.words,):
        laid = lay_out(spans(words), style, Tone.INK, colours(), width, block.max_lines)
        yield laid.height, _at(laid)


def _chunks(words: tuple[Span, ...]) -> Iterator[tuple[Span, ...]]:
    """Cut long text at its line ends into parts that are laid out one by one."""
    if len(plain(words)) <= CHUNK:
        yield words
        return
    for span in words:
        held: list[str] = []
        size = 0
        for line in span.text.split("\n"):
            if held and size + len(line) > CHUNK:
                yield (replace(span, text="\n".join(held)),)
                held, size = [], 0
            held.append(line or " ")
            size += len(line) + 1
        yield (replace(span, text="\n".join(held)),)


def _grid(grid: Grid, width: float) -> tuple[float, Draw]:
    c = colours()
    placed: list[tuple[float, float, Laid]] = []
    top = 0.0
    if grid.label:
        placed.append((0, 0, lay_out((Span(grid.label),), Style.SMALL, Tone.SECOND, c, width, 1)))
        top = Style.SMALL.line + 2
    columns = max((len(cells) for cells in grid.rows), default=1)
    for cells in grid.rows:
        for place, cell in enumerate(cells):
            is_name = grid.is_named and place == 0
            left, room = _cell_box(grid, place, columns, width)
            style, tone = (Style.BODY, Tone.SECOND) if is_name else (Style.DATA, Tone.INK)
            laid = lay_out((Span(cell),) if cell else (), style, tone, c, max(8.0, room), 1)
            is_last = not grid.is_named and columns > 1 and place == columns - 1
            placed.append((left + (room - laid.width if is_last else 0), top + 1, laid))
        top += Height.ARGUMENT_ROW

    def draw(painter: QPainter, x: float, y: float) -> None:
        for left, down, laid in placed:
            laid.draw(painter, x + TEXT_LEFT + left, y + down)

    return top, draw


def _cell_box(grid: Grid, place: int, columns: int, width: float) -> tuple[float, float]:
    """Left edge and room of a cell: names have a third, other cells equal parts."""
    if grid.is_named:
        first = min(140.0, width * NAME_SHARE)
        return (0, first - Space.GRID) if place == 0 else (first, width - first)
    part = width / columns
    return place * part, part - (Space.GRID if place < columns - 1 else 0)


def _columns(block: Columns, width: float) -> tuple[float, Draw]:
    split = round(width * LEFT_SHARE)
    left_height, left = _grid(block.left, split - Space.GAP)
    right_height, right = _grid(block.right, width - split - Space.GAP)
    height = max(left_height, right_height)
    line = colours().line

    def draw(painter: QPainter, x: float, y: float) -> None:
        left(painter, x, y)
        at = x + TEXT_LEFT + split
        draw_line(painter, QPointF(at, y), QPointF(at, y + height), line)
        right(painter, x + split + Space.GAP, y)

    return height, draw


def _note(note: Note, width: float) -> tuple[float, Draw]:
    c = colours()
    left = Space.CARD + PILL_ICON + Space.GRID
    laid = lay_out(spans(note.words), Style.BODY, Tone.INK, c, width - left - Space.CARD)
    height = laid.height + 2 * NOTE_PADDING

    def draw(painter: QPainter, x: float, y: float) -> None:
        box = QRectF(x + TEXT_LEFT, y, width, height)
        draw_box(painter, box, Radius.CONTROL, c.soft(note.tone), c.text(note.tone))
        top = y + NOTE_PADDING + (HEAD - PILL_ICON) / 2
        draw_icon(painter, note.icon, c.text(note.tone), box.x() + Space.CARD, top, PILL_ICON)
        laid.draw(painter, box.x() + left, y + NOTE_PADDING)

    return height, draw


def _share(block: Share, width: float) -> tuple[float, Draw]:
    c = colours()
    laid = lay_out(spans(block.words), Style.BODY, Tone.INK, c, width - TRACK_WIDTH - Space.GRID, 1)
    share = max(0.0, min(1.0, block.share))

    def draw(painter: QPainter, x: float, y: float) -> None:
        track = QRectF(x + TEXT_LEFT, y + (HEAD - TRACK_HEIGHT) / 2, TRACK_WIDTH, TRACK_HEIGHT)
        draw_box(painter, track, TRACK_HEIGHT / 2, c.line)
        if share:
            track.setWidth(max(TRACK_HEIGHT, TRACK_WIDTH * share))
            draw_box(painter, track, TRACK_HEIGHT / 2, c.low)
        laid.draw(painter, x + TEXT_LEFT + TRACK_WIDTH + Space.GRID, y)

    return laid.height, draw
