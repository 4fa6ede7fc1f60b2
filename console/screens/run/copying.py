"""What goes to the clipboard: whole values and entries, uncut and as the engine wrote them."""

from __future__ import annotations

import json

from console.domain.canonical import Json
from console.domain.language import tr
from console.domain.run import TrailEntry
from console.screens.run.trail import Row


def value_text(value: Json) -> str:
    """A value as JSON over several lines; a string as it stands."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def row_text(row: Row) -> str:
    """Everything a row of the trail holds."""
    return "\n\n".join(_entry_text(entry) for entry in row.entries)


def _entry_text(entry: TrailEntry) -> str:
    at = entry.at.isoformat(timespec="milliseconds") if entry.at is not None else ""
    step = tr("step {step}", step=entry.step) if entry.step else ""
    attempt = tr("attempt {attempt}", attempt=entry.attempt) if entry.attempt > 1 else ""
    head = " · ".join(part for part in (at, str(entry.kind), entry.title, entry.agent, step, attempt) if part)
    data = value_text(dict(entry.data)) if entry.data else ""
    return "\n".join(part for part in (head, entry.text, data) if part)
