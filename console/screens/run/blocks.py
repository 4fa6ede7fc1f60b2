"""The blocks that a card of the trail is made of, and how text and values become blocks.

Invariant: a block is bounded whatever it was made from, and where something is left out another block says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from console.domain.canonical import Json
from console.domain.display import clip
from console.domain.language import tr
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, data
from console.screens.run.values import pretty

FOLDED_LINES = 2
FOLDED_TEXT = 320


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text in lines; ``max_lines`` 0 shows all of it."""

    words: tuple[Span, ...]
    max_lines: int = 0
    is_data: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A small heading over what follows."""

    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells under a small heading."""

    label: str
    rows: tuple[tuple[str, ...], ...]
    is_named: bool = True


@dataclass(frozen=True, slots=True)
class Columns:
    """Two grids side by side."""

    left: Grid
    right: Grid


@dataclass(frozen=True, slots=True)
class Note:
    """A remark in a box of its colour."""

    words: tuple[Span, ...]
    tone: Tone
    icon: str


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a whole, as a track with words."""

    share: float
    words: tuple[Span, ...]


Block: TypeAlias = Paragraph | Label | Grid | Columns | Note | Share


def text_blocks(text: str, *, is_unfolded: bool, is_quoted: bool = False) -> tuple[tuple[Block, ...], bool]:
    """Text as blocks, and whether a folded card leaves some of it out."""
    if not text:
        return (), False
    shown = clip(text)
    is_more = len(text) > FOLDED_TEXT or text.count("\n") >= FOLDED_LINES
    told = f"“{shown.text}”" if is_quoted and not shown.left_out else shown.text
    if not is_unfolded:
        return (Paragraph((Span(told),), FOLDED_LINES),), is_more
    rest = (
        (_left_out(tr("{left_out:,} more characters are not shown.", left_out=shown.left_out)),)
        if shown.left_out
        else ()
    )
    return (Paragraph((Span(told),)), *rest), is_more


def value_blocks(label: str, value: Json) -> tuple[Block, ...]:
    """A value written out under a label, as far as it is shown at all; nothing for none and for empty ones."""
    if value is None or value in ({}, []):
        return ()
    shown = pretty(value)
    rest = (_left_out(tr("The rest is not shown.")),) if shown.is_cut else ()
    return (Label(label), Paragraph((data(shown.text),), is_data=True), *rest)


def _left_out(words: str) -> Note:
    return Note((Span(tr("{said} Copying takes all of it.", said=words)),), Tone.MEDIUM, "info")
