"""Where an export goes: standard output, or a new file for its owner only that is there whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from console.infra.paths import FILE_MODE


@contextmanager
def written_to(path: Path | None) -> Iterator[Callable[[bytes], object]]:
    """What takes the bytes. Raises :class:`OSError`; a file that is there already is never written over."""
    if path is None:
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    if path.exists():
        raise FileExistsError(f"{path} is there already")
    part = path.with_name(f".{path.name}.part-{os.getpid()}")
    try:
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, FILE_MODE)) as file:
            yield file.write
            file.flush()
            os.fsync(file.fileno())
        # A link is refused where the name was taken meanwhile; a rename would take it over.
        os.link(part, path)
    finally:
        part.unlink(missing_ok=True)


class Progress:
    """How far something long is, in one line that a terminal overwrites; nothing where nobody looks."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._is_seen = sys.stderr.isatty()

    def tell(self, done: int, of: int = 0) -> None:
        """Show it."""
        if self._is_seen:
            total = f" of {of:,}" if of else ""
            print(f"\r{self._what} {done:,}{total} …", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Clear the line."""
        if self._is_seen:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
