"""Writing a text where a person wants it: readable by them alone, never over something that is there."""

from __future__ import annotations

import os
from pathlib import Path

from console.infra.paths import FILE_MODE


def write_new(path: Path, text: str) -> None:
    """Write a file of its owner alone. Raises :class:`OSError`, also where there is one of that name."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), FILE_MODE)
        file.write(text)


def free_name(folder: Path, stem: str, ending: str = ".txt") -> Path:
    """A name in a folder that is not taken."""
    path, number = folder / f"{stem}{ending}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}{ending}"
    return path
