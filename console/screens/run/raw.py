"""What the engine returned, as JSON: for copying, and for whoever wants to see what the other tabs are made of. Pure.

Invariant: what is shown is bounded, and says how much of what was read it is; the work is bounded with it. Times are
ISO 8601 with their zone.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.domain.canonical import Json
from console.domain.display import LIMIT, clip
from console.domain.language import tr
from console.screens.run.copying import value_text
from console.screens.run.state import RunState
from console.screens.run.values import pretty

MOST = 200_000
INDENT = "  "


class RawPart(enum.Enum):
    """What can be looked at, by the word on its chip."""

    RUN = "Run"
    STEPS = "Steps"
    TRAIL = "Trail"
    STATE = "State"
    HAND_OFFS = "Hand-offs"
    ACCESS = "Access"


@dataclass(frozen=True, slots=True)
class RawText:
    """The text shown of a part, and the truth about what of it that is."""

    text: str
    told: str
    is_there: bool


def items(state: RunState, part: RawPart) -> tuple[object, ...]:
    """What was read of a part, newest state, oldest entry first."""
    record = state.record.snapshot
    return {
        RawPart.RUN: (state.run,) if state.run is not None else (),
        RawPart.STEPS: state.steps,
        RawPart.TRAIL: state.trail.entries,
        RawPart.STATE: (record,) if record is not None else (),
        RawPart.HAND_OFFS: state.hand_offs.values,
        RawPart.ACCESS: state.access.values,
    }[part]


def raw_text(state: RunState, part: RawPart) -> RawText:
    """A part as text for the screen."""
    found = items(state, part)
    if not found:
        return RawText("", _why_nothing(state, part), is_there=False)
    is_list = part not in {RawPart.RUN, RawPart.STATE}
    text, shown, is_cut = _listed(found) if is_list else _single(found[0])
    return RawText(text, _told(state, part, shown, len(found), is_cut=is_cut), is_there=True)


def whole_text(state: RunState, part: RawPart) -> str:
    """All that was read of a part, uncut, for the clipboard."""
    found = items(state, part)
    is_list = part not in {RawPart.RUN, RawPart.STATE}
    return value_text([plain(one) for one in found] if is_list else plain(found[0]) if found else None)


def plain(value: object) -> Json:
    """A value of the domain as plain JSON."""
    if isinstance(value, enum.Enum):
        return value.name.lower() if isinstance(value, enum.IntEnum) else str(value.value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _listed(found: Sequence[object]) -> tuple[str, int, bool]:
    """As many items as there is room for, and whether the last of them is cut."""
    parts: list[str] = []
    room = MOST
    for one in found:
        told = pretty(plain(one), min(room, MOST))
        parts.append(INDENT + told.text.replace("\n", f"\n{INDENT}"))
        room -= len(parts[-1])
        if room <= 0 or told.is_cut:
            break
    text = clip("[\n" + ",\n".join(parts) + "\n]", MOST + LIMIT).text
    return text, len(parts), len(parts) < len(found) or room <= 0


def _single(one: object) -> tuple[str, int, bool]:
    told = pretty(plain(one), MOST)
    return told.text, 1, told.is_cut


def _told(state: RunState, part: RawPart, shown: int, total: int, *, is_cut: bool) -> str:
    if part in {RawPart.RUN, RawPart.STATE}:
        told = tr("Its beginning; copying takes all of it.") if is_cut else tr("All of it.")
    elif is_cut:
        told = tr("The first {shown:,} of {total:,} read; copying takes all {total:,}.", shown=shown, total=total)
    else:
        told = tr("All {total:,} read.", total=total)
    trail = state.trail
    if part is RawPart.TRAIL and not trail.is_complete:
        of = tr(" of {total:,}", total=trail.total) if trail.total is not None else ""
        told += tr(" Entries read so far: {read:,}{of}.", read=trail.read, of=of)
    return told


def _why_nothing(state: RunState, part: RawPart) -> str:
    lacks = {
        RawPart.TRAIL: state.trail.lack,
        RawPart.STATE: state.record.lack,
        RawPart.HAND_OFFS: state.hand_offs.lack,
        RawPart.ACCESS: state.access.lack,
    }
    if lack := lacks.get(part, ""):
        return tr("This engine cannot show it: {lack}", lack=lack)
    is_read = {
        RawPart.RUN: state.run is not None,
        RawPart.STEPS: state.read_at is not None,
        RawPart.TRAIL: state.trail.is_read,
        RawPart.STATE: state.record.snapshot is not None,
        RawPart.HAND_OFFS: state.hand_offs.is_read,
        RawPart.ACCESS: state.access.is_read,
    }[part]
    return tr("The engine returned nothing here.") if is_read else state.unread
