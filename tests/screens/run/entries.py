"""Entries of a trail, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from console.domain.run import TrailEntry, TrailKind, TrailPage

START = datetime(2026, 11, 21, 7, 38, tzinfo=UTC)


def entry(number: int, kind: TrailKind = TrailKind.NOTE, **parts: Any) -> TrailEntry:  # noqa: ANN401 - any field of it
    given: dict[str, Any] = {"title": f"entry {number}", "at": START + timedelta(seconds=number)}
    return TrailEntry(entry_id=f"{number:06d}", kind=kind, **(given | parts))


def entries(numbers: range) -> list[TrailEntry]:
    return [entry(number) for number in numbers]


def page(numbers: range, *, total: int | None = None) -> TrailPage:
    """The page that holds these numbers; there is an older one unless it begins at 0."""
    older = str(numbers.start) if numbers.start else ""
    return TrailPage(tuple(reversed(entries(numbers))), older, total)
