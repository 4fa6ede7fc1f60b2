"""What painted rows say, as frozen data: rows of the inbox, headings, handled items.

Needs no Qt, so a presenter or a test can make them. Invariant: they hold words ready to be shown, nothing to be worked
out; two that are equal look the same, so a model sends no change for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from console.domain.language import tr
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, plain


@dataclass(frozen=True, slots=True)
class RowMark:
    """A small icon with a few words at the right of a row: claimed by, approvals, conflict, sending.

    ``name`` is what a screen reader says where there are no words.
    """

    icon: str
    text: str = ""
    tone: Tone = Tone.SECOND
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One item of the inbox. `where` is workflow, agent and connection; `time_left` "6 m left" or "2 m over"."""

    row_id: str
    icon: str
    tone: Tone
    risk_word: str
    title: str
    where: str
    age: str
    time_left: str = ""
    is_over: bool = False
    is_solid: bool = False
    stale_age: str = ""
    marks: tuple[RowMark, ...] = ()

    @property
    def said(self) -> str:
        """What a screen reader says."""
        marks = ", ".join(mark.text or mark.name for mark in self.marks)
        stale = self.stale_age and tr("data {stale_age}", stale_age=self.stale_age)
        parts = (self.risk_word, self.title, self.where, self.time_left, marks, stale)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadingRow:
    """The heading of a group. `remark` stands right, with a chevron if `has_menu`."""

    row_id: str
    title: str
    count: str = ""
    remark: str = ""
    is_folded: bool = False
    has_menu: bool = False

    @property
    def said(self) -> str:
        """What a screen reader says."""
        return f"{self.title} {self.count}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledRow:
    """An item decided just now. `ring_share`, 0 to 1, draws the ring that empties in place of the icon.

    `most_lines` lets the words go over more than one line, where the row is given the height for it.
    """

    row_id: str
    icon: str
    tone: Tone
    title: str
    age: str
    words: tuple[Span, ...]
    remark: str = ""
    action: str = ""
    action_key: str = ""
    ring_share: float | None = None
    most_lines: int = 1

    @property
    def said(self) -> str:
        """What a screen reader says."""
        return f"{self.title}, {plain(self.words)}"
