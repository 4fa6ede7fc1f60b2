"""Failures that are the same but for names and numbers, by one fingerprint.

Invariant: a fingerprint depends on the kind of error, the step and the message with everything folded that differs from
one run to the next; it is made of any text in time that grows with the text's length, of which only the beginning
counts. The fold is no parser: it may join what a person would part, and says so with what it kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from console.domain.canonical import canonical
from console.domain.display import one_line
from console.domain.listing import RunRow
from console.domain.run import RunRef, RunStatus

LONGEST = 1_000
MAX_TYPE = 80
FOLDED = "#"
QUOTED_FOLD = "“…”"

_TYPE = re.compile(r"([A-Za-z_][A-Za-z0-9_.]{0,79}): ")
# What a server answered with tells kinds of failures apart, unlike every other number.
_TELLING = re.compile(r"\b(?:http|status|code)[ /:=]{1,2}[1-5]\d\d\b", re.IGNORECASE)
_QUOTED = re.compile("“[^”]{0,200}”|\"[^\"]{0,200}\"|'[^' ]{1,200}'|`[^`]{0,200}`")
# How a run that ended says it: the step, how often, and the last error.
_ENDED = re.compile(r"(.{1,160}?) failed(?: \d{1,6} times)?: (.+)")
_TOKEN = re.compile(r"[^\s,;:()\[\]{}]+(?:[,:]\d[^\s,;:()\[\]{}]*)*")


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong once. ``error`` is its kind where it names one; ``folded`` the message without what differs."""

    error: str
    step: str
    folded: str

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits; people are shown the first four."""
        return hashlib.sha256(canonical([self.error, self.step, self.folded])).hexdigest()[:12]

    @property
    def headline(self) -> str:
        """The failure in a few words, of what all in its group have in common."""
        return f"{self.error}: {self.folded}" if self.error and self.folded else self.error or self.folded


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    """Runs that failed alike, the one that failed last first; ``times`` are when each did, in the same order."""

    fingerprint: str
    headline: str
    step: str
    runs: tuple[RunRow, ...]
    times: tuple[datetime | None, ...]

    @property
    def workflows(self) -> tuple[str, ...]:
        """The workflows concerned, each once."""
        return tuple(dict.fromkeys(run.workflow for run in self.runs))

    @property
    def refs(self) -> frozenset[RunRef]:
        """Which runs these are."""
        return frozenset(run.ref for run in self.runs)

    @property
    def last_at(self) -> datetime | None:
        """When one of them failed last."""
        return max((at for at in self.times if at is not None), default=None)


def failure(message: str, step: str = "") -> Failure:
    """What a message of an error says, of whatever length and content."""
    text = one_line(message[:LONGEST]).strip()
    found = _TYPE.match(text)
    error = found.group(1)[:MAX_TYPE] if found else ""
    rest = text[found.end() :] if found else text
    return Failure(error, one_line(step[:LONGEST]), folded(rest))


def folded(text: str) -> str:
    """A message without quoted names, numbers, times and ids, on one line."""
    text = _QUOTED.sub(QUOTED_FOLD, text[:LONGEST])
    pieces: list[str] = []
    end = 0
    for telling in _TELLING.finditer(text):
        pieces += (_TOKEN.sub(_numbers_out, text[end : telling.start()]), telling.group())
        end = telling.end()
    pieces.append(_TOKEN.sub(_numbers_out, text[end:]))
    return " ".join("".join(pieces).split())


def failure_of(row: RunRow) -> Failure | None:
    """What went wrong in a run; ``None`` where nothing did, or nobody says what."""
    waits = row.failing
    if waits is not None:
        return failure(waits.failure or waits.title, waits.key.native_id)
    if row.status in {RunStatus.FAILED, RunStatus.STUCK} and row.why:
        step, message = ended_by(row.why)
        return failure(message, step)
    return None


def ended_by(why: str) -> tuple[str, str]:
    """The step that ended a run and the last error there; no step, and all of it, where it is said otherwise."""
    ended = _ENDED.match(one_line(why[:LONGEST]))
    return (ended.group(1), ended.group(2)) if ended else ("", why)


def grouped(rows: Iterable[RunRow]) -> tuple[FailureGroup, ...]:
    """The runs that failed, by fingerprint: the largest groups first, then the one that failed last."""
    found: dict[Failure, list[tuple[datetime | None, RunRow]]] = {}
    for row in rows:
        known = failure_of(row)
        if known is not None:
            waits = row.failing
            found.setdefault(known, []).append((waits.opened_at if waits is not None else row.moved_at, row))
    groups = [_group(known, each) for known, each in found.items()]
    return tuple(sorted(groups, key=lambda group: (-len(group.runs), -_stamp(group.last_at), group.fingerprint)))


def _numbers_out(token: re.Match[str]) -> str:
    word = token.group()
    return FOLDED if any(letter.isdigit() for letter in word) else word


def _group(known: Failure, members: list[tuple[datetime | None, RunRow]]) -> FailureGroup:
    members = sorted(members, key=lambda each: (-_stamp(each[0]), each[1].ref.run_id))
    return FailureGroup(
        fingerprint=known.fingerprint,
        headline=known.headline,
        step=known.step,
        runs=tuple(row for _, row in members),
        times=tuple(at for at, _ in members),
    )


def _stamp(at: datetime | None) -> float:
    return at.timestamp() if at is not None else 0.0
