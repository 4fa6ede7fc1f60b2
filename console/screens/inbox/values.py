"""Arguments of any shape as rows of plain text: bounded, nothing invisible, and honest about what is not shown.

Invariant: work and result are bounded whatever an engine sends; what is folded or cut is counted, and `Shown` tells
whether a person has everything before them, which decides whether they may approve.
"""

from __future__ import annotations

import enum
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType

from console.domain.canonical import Json
from console.domain.display import LIMIT, clip, one_line, whole_cut

FOLDED_CHARACTERS = 600
FOLDED_LINES = 8
FOLDED_ROWS = 24
MOST_ROWS = 400
MOST_COLUMNS = 6
CELL_CHARACTERS = 40
SHORT = 64
NAME_CHARACTERS = 120
ROWS_FOLD = "\0rows"
EXACT = 2**53
NOTHING: Mapping[str, str] = MappingProxyType({})


class Shown(enum.IntEnum):
    """How much of a thing is before a person: all; the rest at a click; or more than can be shown at all."""

    ALL = 0
    FOLDED = 1
    CUT = 2


@dataclass(frozen=True, slots=True)
class Value:
    """One text to show. ``fold`` names what unfolds it, where it is folded; ``left_out`` counts characters."""

    text: str
    shown: Shown = Shown.ALL
    fold: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class ArgumentRow:
    """A name and its value; a short one stands in the grid, a long one has lines of its own."""

    name: str
    value: Value

    @property
    def is_short(self) -> bool:
        """Whether one line is surely enough."""
        return len(self.value.text) <= SHORT and "\n" not in self.value.text and len(self.name) <= SHORT // 2


@dataclass(frozen=True, slots=True)
class ArgumentTable:
    """A list whose entries all have the same few plain fields."""

    name: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Arguments:
    """All rows to show. ``more_rows`` counts those left out, at least; ``fold`` shows them where that is possible."""

    rows: tuple[ArgumentRow, ...] = ()
    tables: tuple[ArgumentTable, ...] = ()
    more_rows: int = 0
    fold: str = ""
    shown: Shown = Shown.ALL


def text_value(text: str, name: str, unfolded: frozenset[str], fold_at: int = FOLDED_CHARACTERS) -> Value:
    """A text, folded while it is long and nobody asked for more, cut where no widget could bear it."""
    is_long = len(text) > fold_at or text.count("\n", 0, fold_at) >= FOLDED_LINES
    if is_long and name not in unfolded:
        head = "\n".join(text[:fold_at].split("\n")[:FOLDED_LINES])
        shown = Shown.CUT if len(text) > LIMIT else Shown.FOLDED
        return Value(clip(head).text, shown, name, len(text) - len(head))
    clipped = clip(text)
    return Value(clipped.text, Shown.CUT if clipped.left_out else Shown.ALL, "", clipped.left_out)


def brief(text: str, limit: int) -> str:
    """One visible line of at most ``limit`` characters of the original; what is cut shows as an ellipsis."""
    return one_line(text) if len(text) <= limit else one_line(text[: whole_cut(text, limit)]).rstrip() + "…"


def titles(schema: Mapping[str, Json], value: Mapping[str, Json]) -> dict[str, str]:
    """What a schema calls the arguments at the top; only short names that could not be taken for one another."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    found = {
        name: title.strip()
        for name in value
        if isinstance(each := properties.get(name), Mapping)
        and isinstance(title := each.get("title"), str)
        and 0 < len(title.strip()) <= SHORT // 2
    }
    called = Counter(found.get(name, name).casefold() for name in value)
    return {name: title for name, title in found.items() if called[title.casefold()] == 1}


def arguments(
    value: Mapping[str, Json], unfolded: frozenset[str] = frozenset(), called: Mapping[str, str] = NOTHING
) -> Arguments:
    """The arguments of a proposal, nested ones under dotted names, lists of equal entries as tables.

    ``called`` has better names for those at the top.
    """
    rows: list[ArgumentRow] = []
    tables: list[ArgumentTable] = []
    most = MOST_ROWS if ROWS_FOLD in unfolded else FOLDED_ROWS
    count = 0
    is_name_cut = False
    for name, found in _leaves(value):
        count += len(found.cells) if isinstance(found, ArgumentTable) else 1
        if count > MOST_ROWS:
            break
        if count > most:
            continue
        if isinstance(found, ArgumentTable):
            tables.append(replace(found, name=one_line(called.get(name, found.name))))
        else:
            rows.append(ArgumentRow(brief(called.get(name, name), NAME_CHARACTERS), text_value(found, name, unfolded)))
            is_name_cut |= len(name) > NAME_CHARACTERS
    more = max(0, count - most)
    if more and not rows and not tables:
        return arguments(value, unfolded | {ROWS_FOLD}, called)
    shown = Shown.CUT if is_name_cut else max((row.value.shown for row in rows), default=Shown.ALL)
    if more:
        shown = max(shown, Shown.CUT if count > MOST_ROWS else Shown.FOLDED)
    return Arguments(tuple(rows), tuple(tables), more, ROWS_FOLD if more and most < MOST_ROWS else "", shown)


def plain_text(value: Json) -> str:
    """One value as a person reads it: numbers as they are signed, texts unless their edges could not be seen."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if value.strip() != value or not value else value
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


def _leaves(value: Mapping[str, Json]) -> Iterator[tuple[str, str | ArgumentTable]]:
    """Walk in the order of the document, without recursion: an engine chooses the depth."""
    stack = _few(value, "")
    while stack:
        name, each = stack.pop()
        if isinstance(each, Mapping) and each:
            stack.extend(_few(each, f"{name}."))
        elif isinstance(each, Sequence) and not isinstance(each, str) and each:
            table = _table(name, each)
            if table is not None:
                yield name, table
            else:
                few = each[: MOST_ROWS + 1]
                stack.extend((f"{name}[{place}]", few[place]) for place in reversed(range(len(few))))
        else:
            yield name, plain_text(each)


def _few(value: Mapping[str, Json], prefix: str) -> list[tuple[str, Json]]:
    """The fields of an object, last first; no more than will ever be shown."""
    return [(f"{prefix}{name}", each) for name, each in islice(value.items(), MOST_ROWS + 1)][::-1]


def _table(name: str, entries: Sequence[Json]) -> ArgumentTable | None:
    """A table, if all entries have the same few short plain fields."""
    first = entries[0]
    if not isinstance(first, Mapping) or not 1 <= len(first) <= MOST_COLUMNS or len(entries) > MOST_ROWS:
        return None
    columns = tuple(first)
    cells: list[tuple[str, ...]] = []
    for entry in entries:
        if not isinstance(entry, Mapping) or tuple(entry) != columns:
            return None
        line = tuple(_cell(entry[column]) for column in columns)
        if "" in line:
            return None
        cells.append(line)
    return ArgumentTable(
        brief(name, NAME_CHARACTERS), tuple(brief(column, CELL_CHARACTERS) for column in columns), tuple(cells)
    )


def _cell(value: Json) -> str:
    """A short plain value on one line; nothing where it does not fit a cell."""
    if isinstance(value, (Mapping, list, tuple)):
        return ""
    text = one_line(plain_text(value)) if not isinstance(value, str) or len(value) <= CELL_CHARACTERS else ""
    return text if len(text) <= CELL_CHARACTERS else ""
