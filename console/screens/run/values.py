"""Values of any JSON as text, bounded before they are written out.

A value may hold megabytes; what is made here is never longer than asked for, and the work done is bounded with it.
Invariant: every string in the result is visible (:mod:`console.domain.display`). Nothing here fails for any JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from console.domain.canonical import Json
from console.domain.display import LIMIT, clip, one_line
from console.domain.language import counted, tr

BRIEF = 80
DEPTH = 40
INDENT = "  "


def is_list(value: Json) -> bool:
    """Whether the value is a JSON array."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def is_container(value: Json) -> bool:
    """Whether the value holds others."""
    return isinstance(value, Mapping) or is_list(value)


def size_word(value: Json) -> str:
    """How much a container holds: ``3 entries``, ``1 item``, ``empty``."""
    if isinstance(value, Mapping):
        return counted(len(value), "entry", "entries") if value else tr("empty")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return counted(len(value), "item") if value else tr("empty")
    return ""


def brief(value: Json, limit: int = BRIEF) -> str:
    """The value in one line of at most ``limit`` characters; a string stands without quotes."""
    if isinstance(value, str):
        return _cut(one_line(value[: limit + 1]), limit)
    writer = _Writer(limit + 1, is_compact=True)
    writer.write(value)
    return _cut(one_line(writer.text()), limit)


@dataclass(frozen=True, slots=True)
class Pretty:
    """A value over several lines; ``is_cut`` when it did not fit."""

    text: str
    is_cut: bool


def pretty(value: Json, limit: int = LIMIT) -> Pretty:
    """The value with one entry a line, at most about ``limit`` characters; a string stands as it is."""
    if isinstance(value, str):
        shown = clip(value, limit)
        return Pretty(shown.text, shown.left_out > 0)
    writer = _Writer(limit)
    writer.write(value)
    return Pretty(clip(writer.text(), limit).text, writer.is_full)


def leaves(value: Json, count: int) -> Iterator[str]:
    """The first ``count`` names and plain values inside, as text: what a search looks through."""
    return islice(_leaves(value, 0), count)


def _leaves(value: Json, depth: int) -> Iterator[str]:
    if depth > DEPTH:
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _leaves(inner, depth + 1)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from _leaves(inner, depth + 1)
    else:
        yield brief(value, 200)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(0, limit - 1)] + "…"


@dataclass(slots=True)
class _Writer:
    """Writes JSON until it is full; what comes after that is not even looked at."""

    limit: int
    is_compact: bool = False
    parts: list[str] = field(default_factory=list)
    size: int = 0
    is_full: bool = False

    def text(self) -> str:
        return "".join(self.parts)

    def write(self, value: Json, depth: int = 0) -> None:
        if isinstance(value, Mapping):
            pairs = ((_quoted(name, self.limit) + ": ", inner) for name, inner in value.items())
            self._container("{", "}", pairs, depth)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            self._container("[", "]", (("", inner) for inner in value), depth)
        else:
            self._add(_scalar(value, self.limit))

    def _container(self, opening: str, closing: str, pairs: Iterator[tuple[str, Json]], depth: int) -> None:
        self._add(opening)
        is_first = True
        for name, inner in pairs:
            if self.is_full:
                return
            if depth >= DEPTH:
                self._add("…")
                break
            self._add("" if is_first else ", " if self.is_compact else ",")
            self._break(depth + 1)
            self._add(name)
            self.write(inner, depth + 1)
            is_first = False
        if not is_first:
            self._break(depth)
        self._add(closing)

    def _break(self, depth: int) -> None:
        if not self.is_compact:
            self._add("\n" + INDENT * depth)

    def _add(self, text: str) -> None:
        if self.is_full:
            return
        self.parts.append(text)
        self.size += len(text)
        self.is_full = self.size > self.limit


def _scalar(value: Json, limit: int) -> str:
    if isinstance(value, str):
        return _quoted(value, limit)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return _number(value)


def _number(value: object) -> str:
    try:
        return str(value)
    except ValueError:
        # Python refuses to write integers of more than some thousand digits.
        return tr("a number too long to write")


def _quoted(text: str, limit: int) -> str:
    kept = text[: limit + 1]
    return '"' + kept.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
