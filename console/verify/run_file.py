"""Verifying the exported record of a run, from the file alone.

Invariant: the file's own chain is followed line by line, as an audit's is; and each result has to have the hash that it
was recorded with, to have been called with a head that the run had, and to be among those that the run took. The
run's word for its head is part of what the exporter signed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from console.domain import linked_file
from console.domain.chain import START, link
from console.domain.results import Links, folded, result_hash
from console.verify.linked_file import Header, Verified, follow, lines_of, read_header
from console.verify.reading import read


class RunFollower:
    """Follows the rows of a run's export. ``links`` is what the run knew of its results."""

    def __init__(self, header: Header, links: Links) -> None:
        self.number = header.first - 1
        self.prev = header.prev
        self.unbound = 0
        self._chain = header.chain
        self._missing = set(links.taken)
        self._heads = {links.before, *folded(links.before, links.taken)}
        self._is_bounded = links.before == START

    def take(self, number: int, line: bytes, told: str) -> str:
        """Follow one row further; what is wrong with it, or nothing."""
        if number != self.number + 1:
            return f"Result {number} stands where result {self.number + 1} should be."
        line_hash = link(self.prev, line)
        if told != line_hash:
            return f"Result {number} was changed after it was exported, or follows another than the one before it."
        if number == 1 and self._chain != line_hash:
            return "Result 1 is not the beginning of this file."
        fault = self._bound(number, line)
        if not fault:
            self.number, self.prev = number, line_hash
        return fault

    def left_out(self) -> str:
        """Which results the run counts that no row holds, in words; nothing where all are there."""
        return f"{len(self._missing)} results that the run took are not here." if self._missing else ""

    def _bound(self, number: int, line: bytes) -> str:
        try:
            value = json.loads(line)["content"]
            prev, bound, activity = str(value["prev"]), str(value["hash"]), str(value["activity"])
            is_sound = not bound or result_hash(prev, value["result"]) == bound
        except (ValueError, KeyError, TypeError, RecursionError):
            return f"Result {number} cannot be read."
        if not bound:
            self.unbound += 1
            return ""
        if not is_sound:
            return f"Result {number}, of {activity[:100]}, is not what the worker returned: its hash is another."
        if self._is_bounded and prev not in self._heads:
            return f"Result {number}, of {activity[:100]}, was called at a point that the run never passed."
        self._missing.discard(bound)
        return ""


def verify_run(
    file: BinaryIO, trusted: Collection[str] = (), *, tell: Callable[[int], None] = lambda _: None
) -> Verified:
    """Verify an export of a run."""
    lines = lines_of(file)
    header = read_header(next(lines, b""), linked_file.RUN_TAG)
    if isinstance(header, Verified):
        return header
    try:
        links = read(Links, header.about["links"])
        heads = [links.before, *folded(links.before, links.taken)]
    except (ValueError, KeyError, TypeError):
        return Verified(broken_line=1, fault="What the run says of its results cannot be read.")
    follower = RunFollower(header, links)
    found = follow(header, lines, follower, trusted, tell)
    if found.is_whole and heads[-1] != links.head:
        return replace(found, broken_line=1, fault="The run's head is not that of the results that it took.")
    if found.is_whole and links.count > 0 and (missing := follower.left_out()):
        return replace(found, broken_line=found.entries + 2, fault=missing)
    return replace(found, checked=1, notes=_notes(header.about, links, follower))


def _notes(about: Mapping[str, Any], links: Links, follower: RunFollower) -> tuple[str, ...]:
    notes = [f"It is of the run {about.get('run')} on {about.get('server')}; its head is {links.head}."]
    if follower.unbound:
        notes.append(f"{follower.unbound:,} results are of a worker that bound nothing yet.")
    if links.count > len(links.taken):
        notes.append(f"The run names the last {len(links.taken):,} of its {links.count:,} results.")
    return tuple(notes)
