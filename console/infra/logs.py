"""The log: one JSON object a line, flushed line by line, so that what it says survives a kill.

Invariant: it names things (ids, states, kinds, counts) and never holds what they contain: no secret, no payload, no
message of a foreign error, since those quote what they choked on. The files are for their owner only and rotate.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
import traceback
from io import TextIOWrapper
from pathlib import Path

from console.infra.clock import Clock
from console.infra.paths import FILE_MODE

MAX_BYTES = 5_000_000
KEPT_FILES = 4

Field = str | int | float | bool | None


class Log:
    """A log file of one process. Two processes must not share a file: one would write into what the other rotated."""

    def __init__(self, path: Path, clock: Clock, *, max_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self._handler = _PrivateFile(path, max_bytes)

    def say(self, event: str, **fields: Field) -> None:
        """Write a line: the time, what happened, and to what."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: Field) -> None:
        """The same, for what a person looking for trouble wants to find."""
        self._write(logging.WARNING, event, fields)

    def bug(self, where: str, error: BaseException) -> None:
        """An error nobody expected: its class and where it was raised. Fits the handlers of tasks and threads."""
        self._write(
            logging.ERROR, "bug", {"where": where, "error": type(error).__name__, "at": " < ".join(places(error))}
        )

    def close(self) -> None:
        """Close the file; nothing is written afterwards."""
        self._handler.close()

    def _write(self, level: int, event: str, fields: dict[str, Field]) -> None:
        line = {
            "time": self._clock.now().isoformat(timespec="milliseconds"),
            "level": logging.getLevelName(level).lower(),
            "process": os.getpid(),
            "event": event,
            **fields,
        }
        self._handler.handle(logging.makeLogRecord({"levelno": level, "msg": json.dumps(line, ensure_ascii=True)}))


def places(error: BaseException) -> tuple[str, ...]:
    """The places in the code that an error came through, the one that raised it first; never what it says."""
    frames = traceback.extract_tb(error.__traceback__)
    return tuple(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))


class _PrivateFile(logging.handlers.RotatingFileHandler):
    def __init__(self, path: Path, max_bytes: int) -> None:
        super().__init__(path, maxBytes=max_bytes, backupCount=KEPT_FILES, encoding="utf-8")

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_CREAT | os.O_WRONLY | os.O_APPEND, FILE_MODE)
        os.fchmod(descriptor, FILE_MODE)
        return os.fdopen(descriptor, "a", encoding="utf-8")
