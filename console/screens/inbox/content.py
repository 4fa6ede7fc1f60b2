"""What a pane shows, as data: sections of blocks, each kind of block drawn by one widget.

Invariant: nothing here is markup. Words are spans that the kit makes visible and lays out as plain text; a block that
an engine cannot fill is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from console.domain.canonical import Json
from console.qtkit.tokens import Tone
from console.qtkit.words import Words
from console.screens.inbox.values import ArgumentRow, ArgumentTable, Value

# What a link begins with that unfolds what is named after it.
FOLD = "fold:"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or two."""

    words: Words
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Text of an engine in its own words, folded while it is long. ``is_data`` sets it in the data font."""

    value: Value
    is_data: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """Short named values side by side."""

    rows: tuple[ArgumentRow, ...]


@dataclass(frozen=True, slots=True)
class Long:
    """A named value that needs lines of its own."""

    row: ArgumentRow


@dataclass(frozen=True, slots=True)
class Entries:
    """A list of equal entries, as a table."""

    table: ArgumentTable


@dataclass(frozen=True, slots=True)
class Unfold:
    """A link that shows what is folded under a name."""

    text: str
    fold: str


@dataclass(frozen=True, slots=True)
class ToTrail:
    """The way from what led here to the whole trail: how long that is, as far as known, and when it was read."""

    length: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The way to withdraw one's own signature, below it; ``key`` does the same."""

    text: str
    key: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One line of before and after; ``remark`` says how far it moves, where that can be told."""

    label: str
    before: str
    after: str
    remark: Words = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """Before and after."""

    lines: tuple[ChangeLine, ...]


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure the agent says it is, 0 to 1; ``remark`` says how right it was before."""

    share: float
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """An icon and a sentence."""

    icon: str
    tone: Tone
    words: Words


@dataclass(frozen=True, slots=True)
class Box:
    """A note that must be seen before going on."""

    icon: str
    tone: Tone
    words: Words
    action: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of what led here."""

    time: str
    icon: str
    tone: Tone
    words: Words


@dataclass(frozen=True, slots=True)
class Happened:
    """What led here, oldest first."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """One person's approval: what they saw, changed and wrote. ``compared`` tells whether they saw what is shown now.

    ``changed`` are the lines of their edit, none where they took it as it was proposed; ``more_changed`` counts those
    left out.
    """

    name: str
    about: str
    compared: Words
    changed: tuple[Words, ...]
    wrote: str
    count: str
    more_changed: int = 0


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line of a receipt; without a label it goes on with the one above."""

    label: str
    words: Words


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was decided on an item and what became of that, to be read and to be copied."""

    icon: str
    tone: Tone
    words: Words
    lines: tuple[ReceiptLine, ...]


@dataclass(frozen=True, slots=True)
class SideHead:
    """The head of one side of a conflict: its letter, its agent, the way to its run, and whose it is."""

    letter: str
    tone: Tone
    name: str
    run: Words
    about: str


@dataclass(frozen=True, slots=True)
class SideLine:
    """One line of a comparison, with a cell for each side."""

    label: str
    cells: tuple[Words, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Sides:
    """The sides of a conflict next to each other; ``is_held`` while both wait for it."""

    heads: tuple[SideHead, ...]
    lines: tuple[SideLine, ...]
    is_held: bool = True


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a whole: how many, in a word, a sign and a tone."""

    word: str
    icon: str
    tone: Tone
    count: int


@dataclass(frozen=True, slots=True)
class Shares:
    """Parts of a whole as one bar, with their counts below."""

    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One case: what it was, and on the right how it ended."""

    text: str
    ended: Words


@dataclass(frozen=True, slots=True)
class Copyable:
    """A value of the engine's that may be copied, and is never opened; ``target`` tells what copies it."""

    value: str
    target: str


@dataclass(frozen=True, slots=True)
class FormBlock:
    """Where the form of an edit or an answer opens. ``remark`` is what to know before it is sent."""

    schema: dict[str, Json]
    value: Json
    base: Json
    name: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A person with their initials. ``suffix`` follows the name, as ", you"."""

    name: str
    about: str = ""
    suffix: str = ""
    is_pending: bool = False
    state: Words = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A comment: who, when, what."""

    name: str
    time: str
    text: str


Block: TypeAlias = (
    Paragraph
    | Told
    | Grid
    | Long
    | Entries
    | Unfold
    | ToTrail
    | TakeBack
    | Changes
    | Confidence
    | Remark
    | Box
    | Happened
    | Signed
    | Receipt
    | Sides
    | Shares
    | Example
    | Copyable
    | FormBlock
    | Person
    | Said
)


@dataclass(frozen=True, slots=True)
class SectionContent:
    """A labelled row of the review pane, or a headed block of the context pane with its icon and remark."""

    label: str
    blocks: tuple[Block, ...]
    icon: str = ""
    remark: str = ""
