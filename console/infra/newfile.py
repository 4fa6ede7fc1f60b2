"""A file for its owner only that is there whole or not at all, in the place of one of that name."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from console.infra.paths import FILE_MODE


def write_private(path: Path, pieces: Iterable[bytes]) -> int:
    """Write the pieces and return how many bytes they were. Raises :class:`OSError`, and whatever the pieces raise."""
    part = path.with_name(f".{path.name}.part-{os.getpid()}")
    try:
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, FILE_MODE)) as file:
            written = sum(file.write(piece) for piece in pieces)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return written
