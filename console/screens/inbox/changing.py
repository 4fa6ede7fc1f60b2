"""What a proposal changes, as lines of before and after: as its agent says, or as two states among its arguments tell.

Invariant: nothing that is signed is lost by it. Two states leave the rows of arguments only where every line of them is
shown in full; what both have in common stays among the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from console.domain.canonical import Json
from console.domain.changes import Absent, Compared, compared, moved
from console.domain.escalation import Change
from console.domain.language import counted, tr
from console.qtkit.words import quiet
from console.screens.inbox import content as c
from console.screens.inbox.values import brief, plain_text

MOST = 40
FOLDED = 6
FOLD = "\0changes"
LABEL_CHARACTERS = 120
VALUE_CHARACTERS = 300
WHOLE_CHARACTERS = 80
STATES = (("before", "after"), ("old", "new"), ("current", "proposed"))


@dataclass(frozen=True, slots=True)
class Told:
    """Arguments without the states that ``lines`` compare."""

    arguments: Mapping[str, Json]
    lines: tuple[c.ChangeLine, ...] = ()


def lines(changes: tuple[Change, ...]) -> tuple[c.ChangeLine, ...]:
    """The first lines of what an agent says changes, each with how far it moves."""
    return tuple(
        _line(brief(each.label, LABEL_CHARACTERS), _short(each.before), _short(each.after)) for each in changes[:MOST]
    )


def blocks(
    states: tuple[c.ChangeLine, ...], changes: tuple[Change, ...], unfolded: frozenset[str]
) -> Iterator[c.Block]:
    """The table of what changes: states, which are signed, always; of what the agent says the first, unfolded all."""
    own = lines(changes)
    shown = own if FOLD in unfolded else own[:FOLDED]
    if states or shown:
        yield c.Changes((*states, *shown))
    if len(shown) < len(own):
        yield c.Unfold(tr("Show {counted} more", counted=counted(len(own) - len(shown), "change")), FOLD)
    elif len(changes) > MOST:
        yield c.Paragraph(
            quiet(tr("and {counted} more", counted=counted(len(changes) - MOST, "change"))), is_small=True
        )


def told(arguments: Mapping[str, Json]) -> Told:
    """Arguments, and what two states among them, at the top or one level below, say that changes."""
    rest: dict[str, Json] = {}
    found: list[c.ChangeLine] = []
    own = _own(arguments, "")
    if own is not None:
        return own
    for name, value in arguments.items():
        inner = _own(value, f"{name}.") if isinstance(value, Mapping) and len(found) < MOST else None
        if inner is None or len(found) + len(inner.lines) > MOST:
            rest[name] = value
        else:
            found += inner.lines
            rest |= inner.arguments
    return Told(rest, tuple(found))


def _own(value: Mapping[str, Json], prefix: str) -> Told | None:
    """The two states that an object has, compared; what stands beside them is left as it is."""
    for before, after in STATES:
        if before in value and after in value:
            whole = _compared(value[before], value[after])
            if whole is None:
                return None
            beside = {f"{prefix}{name}": each for name, each in value.items() if name not in {before, after}}
            return Told(beside | {f"{prefix}{name} (stays)": each for name, each in whole.same}, _lines(whole, prefix))
    return None


def _compared(before: Json, after: Json) -> Compared | None:
    """Two states that can be shown line by line in full; texts and numbers by themselves are no states."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return None
    found = compared(before, after)
    values = [value for each in found.differing for value in (each.before, each.after)]
    names = [each.name for each in found.differing] + [name for name, _ in found.same]
    is_short = all(len(name) <= LABEL_CHARACTERS // 2 for name in names) and all(
        isinstance(value, Absent) or _fits(plain_text(value)) for value in values
    )
    return found if found.is_whole and is_short and 0 < len(found.differing) <= MOST else None


def _fits(text: str) -> bool:
    """Whether a cell surely shows all of it."""
    return len(text) <= WHOLE_CHARACTERS and "\n" not in text


def _lines(found: Compared, prefix: str) -> tuple[c.ChangeLine, ...]:
    return tuple(_line(f"{prefix}{each.name}", _text(each.before), _text(each.after)) for each in found.differing)


def _line(label: str, before: str, after: str) -> c.ChangeLine:
    return c.ChangeLine(label, before, after, moved(before, after))


def _text(value: Json | Absent) -> str:
    return "" if isinstance(value, Absent) else plain_text(value)


def _short(text: str) -> str:
    return brief(text, VALUE_CHARACTERS)
