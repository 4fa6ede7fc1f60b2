"""What is left of a process that the system ended: the places in the code where its threads were.

Python writes them into a file of its own as it dies, without running anything of ours. Invariant: the file is for its
owner alone, holds places and no values, and is gone after an orderly end; what a later start reads is bounded, and of
paths only the last part.
"""

from __future__ import annotations

import faulthandler
import os
import re
from pathlib import Path
from typing import IO

from console.infra.paths import FILE_MODE

LONGEST = 20_000
PATH = re.compile(r'"[^"\n]*?([^/"\n]+)"')


class CrashFile:
    """Where this process would leave it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"crash-{os.getpid()}.txt"
        self._file: IO[str] | None = None

    def open(self) -> None:
        """Be ready. Raises :class:`OSError` where the file cannot be made."""
        descriptor = os.open(self._path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, FILE_MODE)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")
        faulthandler.enable(self._file)

    def close(self) -> None:
        """It ended in order: leave nothing."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._path.unlink(missing_ok=True)


def take_left(folder: Path) -> str:
    """What processes before this one left, the newest last; it is removed. Only where no other can be at work."""
    found: list[str] = []
    for path in sorted(folder.glob("crash-*.txt"), key=lambda each: each.stat().st_mtime):
        text = path.read_text("utf-8", "replace")[:LONGEST].strip()
        path.unlink(missing_ok=True)
        if text:
            found.append(PATH.sub(r'"\1"', text))
    return "\n\n".join(found)[-LONGEST:]
