"""One window per profile: who is the first, and how a second start reaches it.

The first holds a lock that the system drops when it dies, however it dies; so a socket that nobody serves is known for
what it is. Invariant: the socket lies in a folder of its owner alone; what is handed over is one bounded line, and the
answer says that it was taken. Fails with :class:`OSError` where the lock cannot be made.
"""

from __future__ import annotations

import socket
import time
from pathlib import Path

from console.infra.locks import FileLock

LOCK, SOCKET = "window.lock", "window.sock"
LONGEST = 4_096
TAKEN = b"taken\n"
ANSWER_WITHIN = 10.0
AGAIN_AFTER = 0.1
# What the system takes for the path of a socket, less the zero at its end.
LONGEST_PATH = 100


def is_taken(locks: Path) -> bool:
    """Whether a window of the profile with that folder of locks is open."""
    lock = FileLock(locks / LOCK)
    try:
        return not lock.acquire()
    finally:
        lock.release()


class Sole:
    """The place of the one window of a profile."""

    def __init__(self, locks: Path, runtime: Path) -> None:
        self._lock = FileLock(locks / LOCK)
        self.socket = runtime / SOCKET

    @property
    def can_listen(self) -> bool:
        """Whether the socket's path is one that the system takes."""
        return len(str(self.socket).encode()) <= LONGEST_PATH

    def acquire(self) -> bool:
        """Be the one; ``False`` where another is."""
        return self._lock.acquire()

    def release(self) -> None:
        """Be it no more."""
        self._lock.release()

    def hand_over(self, line: str = "", within: float = ANSWER_WITHIN) -> bool:
        """Ask the one to come to the front, and to follow a link. Returns whether it took it, in so many seconds."""
        end = time.monotonic() + within
        while self.can_listen and (left := end - time.monotonic()) > 0:
            try:
                return self._ask(line, left)
            except (ConnectionError, FileNotFoundError):
                # It may have started a moment ago and not listen yet.
                time.sleep(AGAIN_AFTER)
            except TimeoutError:
                break
        return False

    def _ask(self, line: str, within: float) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
            one.settimeout(within)
            one.connect(str(self.socket))
            one.sendall(line.encode("utf-8", "replace")[: LONGEST - 1].replace(b"\n", b" ") + b"\n")
            return one.recv(len(TAKEN)) == TAKEN
