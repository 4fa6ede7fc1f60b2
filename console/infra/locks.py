"""File locks that the operating system drops when their holder dies, however it dies.

Invariant: at most one :class:`FileLock` on a path is held at a time, in this process or any other on this machine.
The file itself says nothing and stays. Made on ``flock``, which network file systems may not keep.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from console.infra.paths import FILE_MODE


class FileLock:
    """A lock on one path. It is released by :meth:`release`, by the end of the process, or when it is collected."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this object holds it."""
        return self._descriptor is not None

    def acquire(self) -> bool:
        """Take it if it is free; ``False`` at once if it is not. Raises :class:`OSError` if the file cannot be made."""
        while self._descriptor is None:
            descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, FILE_MODE)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
            if _is_at(descriptor, self._path):
                self._descriptor = descriptor
            else:
                # Somebody removed the file between our opening and our locking it.
                os.close(descriptor)
        return True

    def release(self) -> None:
        """Let go of it, held or not."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __del__(self) -> None:
        self.release()


class Presence:
    """Who is alive: each process holds a lock under its own name, and a name whose lock is free is dead."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._lock = FileLock(folder / f"{name}.alive")
        self.name = name

    def announce(self) -> None:
        """Be alive from now on, and clear away the marks of the dead."""
        self._lock.acquire()
        for mark in self._folder.glob("*.alive"):
            self._clear(mark)

    def is_alive(self, name: str) -> bool:
        """Whether the process of that name still runs; our own does while announced."""
        if name == self.name:
            return self._lock.is_held
        mark = self._folder / f"{name}.alive"
        return mark.exists() and not self._clear(mark)

    def leave(self) -> None:
        """Be dead to the others."""
        self._lock.release()
        (self._folder / f"{self.name}.alive").unlink(missing_ok=True)

    def _clear(self, mark: Path) -> bool:
        """Remove the mark of a dead process; ``False`` when it is alive."""
        if mark.stem == self.name:
            return False
        lock = FileLock(mark)
        if not lock.acquire():
            return False
        mark.unlink(missing_ok=True)
        lock.release()
        return True


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
