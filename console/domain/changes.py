"""What becomes different between two values of any shape, and how far an amount moves, in words ready to read.

Invariant: work and result are bounded whatever is compared; what is no number of one unit on both sides moves by
nothing, rather than by a guess.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from console.domain.canonical import Json
from console.domain.language import tr

MOST_VISITED = 4_000
MOST_DIGITS = 24
MANIFOLD = 10
_AMOUNT = re.compile(
    r"(?P<sign>[−-]?)(?P<before>[€$£¥]?)\s?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s?(?P<after>%|[A-Z]{3})?"
)


class Absent(enum.Enum):
    """Stands where one of two values has nothing."""

    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in which two values differ, under its dotted name."""

    name: str
    before: Json | Absent
    after: Json | Absent


@dataclass(frozen=True, slots=True)
class Compared:
    """The places that differ, in the order of the newer value, and the plain values that are the same in both."""

    differing: tuple[Difference, ...] = ()
    same: tuple[tuple[str, Json], ...] = ()
    is_whole: bool = True


def compared(before: Json, after: Json) -> Compared:
    """Two values of any shape place by place; ``is_whole`` is false where there was more than is looked at."""
    differing: list[Difference] = []
    same: list[tuple[str, Json]] = []
    stack: list[tuple[str, Json | Absent, Json | Absent]] = [("", before, after)]
    for _ in range(MOST_VISITED):
        if not stack:
            return Compared(tuple(differing), tuple(same))
        name, old, new = stack.pop()
        below = _below(name, old, new)
        if below:
            stack.extend(reversed(below))
        elif _is_same(old, new) and not isinstance(new, Absent):
            same.append((name, new))
        else:
            differing.append(Difference(name, old, new))
    return Compared(tuple(differing), tuple(same), is_whole=not stack)


def moved(before: str, after: str) -> str:
    """How far an amount moves: ``+14.3 %`` of what it was, ``×12``, ``same``; nothing from or to zero, which shows it.

    Both have to be one number in the same unit, as ``€4,200.00``, ``18,412`` or ``12 %``; shares move in points.
    """
    old, new = _AMOUNT.fullmatch(before), _AMOUNT.fullmatch(after)
    if old is None or new is None or max(len(before), len(after)) > MOST_DIGITS or _unit(old) != _unit(new):
        return ""
    was, is_now = _number(old), _number(new)
    if was == is_now:
        return "same"
    sign, by = "+" if is_now > was else "−", abs(is_now - was)
    if new["after"] == "%":
        return tr("{sign}{by:f} points", sign=sign, by=by)
    if not was or not is_now:
        return ""
    if (was > 0) == (is_now > 0) and is_now / was >= MANIFOLD:
        return f"×{is_now / was:,.0f}"
    if (was > 0) == (is_now > 0):
        return f"{sign}{by / abs(was) * 100:,.1f}".removesuffix(".0") + " %"
    unit = f" {new['after']}" if new["after"] else ""
    return f"{sign}{new['before']}{by:,f}{unit}"


def _below(name: str, old: Json | Absent, new: Json | Absent) -> list[tuple[str, Json | Absent, Json | Absent]]:
    """The pairs inside of two values of one shape, or of the one that is there; none where there is nothing inside."""
    if isinstance(old, Absent):
        return [(each, Absent.NOTHING, part) for each, part in _parts(name, new)]
    if isinstance(new, Absent):
        return [(each, part, Absent.NOTHING) for each, part in _parts(name, old)]
    if isinstance(old, Mapping) != isinstance(new, Mapping) or _is_list(old) != _is_list(new):
        return []
    was, is_now = dict(_parts(name, old)), dict(_parts(name, new))
    return [(each, was.get(each, Absent.NOTHING), is_now.get(each, Absent.NOTHING)) for each in {**is_now, **was}]


def _parts(name: str, value: Json | Absent) -> list[tuple[str, Json]]:
    """What is inside of a value, under dotted names."""
    if isinstance(value, Mapping):
        prefix = f"{name}." if name else ""
        return [(f"{prefix}{each}", part) for each, part in islice(value.items(), MOST_VISITED)]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [(f"{name}[{place}]", part) for place, part in enumerate(value[:MOST_VISITED])]
    return []


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_same(old: object, new: object) -> bool:
    """Equal and of one kind: ``1`` is not ``True``."""
    return isinstance(old, bool) == isinstance(new, bool) and old == new


def _unit(found: re.Match[str]) -> tuple[str, str]:
    return found["before"], found["after"] or ""


def _number(found: re.Match[str]) -> Decimal:
    number = Decimal(found["number"].replace(",", ""))
    return -number if found["sign"] else number
