"""The chain of a run's own results: each is bound to the head that its step was called with, and the head to each.

Invariant: a result's hash is SHA-256 over the head at the call and the result's bytes; the head is folded over the
hashes in the order in which the run took them. Results of steps side by side may be called with one head. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from console.domain.canonical import Json, canonical
from console.domain.chain import START, link


@dataclass(frozen=True, slots=True)
class Links:
    """What a run knows of its chain: its head, how many results it took, and the hashes of the last of them in order.

    ``before`` is the head before the first of ``taken``; a run that goes on for very long keeps no more than the last.
    """

    head: str = START
    count: int = 0
    before: str = START
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What one step returned, as the engine recorded it. ``content`` is all of it but ``prev`` and ``hash``."""

    activity: str
    agent: str
    at: datetime | None
    prev: str
    hash: str
    content: Json
    is_failed: bool = False


def result_hash(prev: str, content: Json) -> str:
    """The hash of a result. What has no canonical form has one of the standard library's: no step fails by its hash."""
    try:
        raw = canonical(content)
    except ValueError:
        raw = json.dumps(content, sort_keys=True).encode()
    return link(prev, raw)


def folded(head: str, hashes: Iterable[str]) -> Iterator[str]:
    """The head after each of the hashes."""
    for each in hashes:
        head = link(head, each.encode("ascii", "replace"))
        yield head
