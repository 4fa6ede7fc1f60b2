"""Reading the log back, for a person who helps another: the newest lines, and those that come.

Invariant: bounded in lines, bytes and length of a line; a line that is none of ours is left out, not guessed at. The
log holds no secret and no content (`console.infra.logs`), and nothing is added here.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from console.domain.display import one_line

MOST_LINES = 2_000
FIRST_BYTES = 400_000
NEXT_BYTES = 200_000
LONGEST_LINE = 2_000
OWN = ("time", "level", "event", "process")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line: when, how grave (info, warning, error), what happened, and to what, as ``name value`` pairs."""

    number: int
    at: str
    level: str
    event: str
    rest: str

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join(part for part in (self.at, self.level, self.event, self.rest) if part)


class LogTail:
    """The newest lines of the log files of one process. Ask it to :meth:`read` about once a second, on any thread."""

    def __init__(self, folder: Path, process: int) -> None:
        self._folder = folder
        self._ending = f"-{process}.log"
        self._read_to: dict[Path, tuple[int, int]] = {}
        self._number = 0
        self.lines: deque[LogLine] = deque(maxlen=MOST_LINES)

    def read(self) -> bool:
        """Take in what came since. Returns whether anything did."""
        found: list[LogLine] = []
        for path in sorted(self._folder.glob(f"*{self._ending}")):
            found += self._new(path)
        self.lines.extend(sorted(found, key=lambda line: line.at))
        return bool(found)

    def _new(self, path: Path) -> Iterator[LogLine]:
        try:
            with path.open("rb") as file:
                size, inode = path.stat().st_size, path.stat().st_ino
                before, was = self._read_to.get(path, (max(0, size - FIRST_BYTES), inode))
                # A file that was rotated away begins anew.
                start = before if was == inode and before <= size else 0
                start = max(start, size - NEXT_BYTES) if path in self._read_to else start
                file.seek(start)
                raw = file.read(FIRST_BYTES)
        except OSError:
            return
        whole = raw[: raw.rfind(b"\n") + 1]
        self._read_to[path] = (start + len(whole), inode)
        for line in whole.splitlines():
            if (made := self._line(line)) is not None:
                yield made

    def _line(self, raw: bytes) -> LogLine | None:
        try:
            said = json.loads(raw)
        except (ValueError, RecursionError):
            return None
        if not isinstance(said, dict):
            return None
        rest = " · ".join(f"{name} {value}" for name, value in said.items() if name not in OWN)
        at, level, event = (one_line(str(said.get(name, ""))[:80]) for name in OWN[:3])
        self._number += 1
        return LogLine(self._number, at, level, event, one_line(rest[:LONGEST_LINE]))


def shown(lines: deque[LogLine], words: str, *, only_trouble: bool) -> list[LogLine]:
    """Those lines that have all the words, newest last."""
    wanted = words.casefold().split()
    return [
        line
        for line in lines
        if (not only_trouble or line.level != "info") and all(word in line.text.casefold() for word in wanted)
    ]
