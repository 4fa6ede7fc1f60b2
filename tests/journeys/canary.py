"""A file that nobody may open and an address that nobody may call, and who tells when somebody did.

The file is watched by the system (inotify), so that a read by Qt itself is seen as well as one by Python.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

OPENED = 0x20  # IN_OPEN
ROOM = 4096
EVENT = struct.Struct("iIII")


@dataclass(frozen=True)
class Canary:
    """What must stay untouched. ``file`` is a picture; ``port`` listens on loopback."""

    file: Path
    port: int
    _watch: int
    _listener: socket.socket

    @property
    def file_url(self) -> str:
        """The picture's address."""
        return self.file.as_uri()

    @property
    def web_url(self) -> str:
        """The other address."""
        return f"http://127.0.0.1:{self.port}/canary"

    def touched(self) -> list[str]:
        """Who was touched since the last time it was asked."""
        return [*self._opened(), *self._called()]

    def _opened(self) -> Iterator[str]:
        try:
            found = os.read(self._watch, ROOM)
        except BlockingIOError:
            return
        while found:
            *_, length = EVENT.unpack_from(found)
            yield str(self.file)
            found = found[EVENT.size + length :]

    def _called(self) -> Iterator[str]:
        try:
            while True:
                self._listener.accept()[0].close()
                yield self.web_url
        except BlockingIOError:
            return


@contextmanager
def canary(folder: Path) -> Iterator[Canary]:
    """A canary at large in a folder."""
    file = folder / "canary.svg"
    file.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>')
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if watch < 0 or libc.inotify_add_watch(watch, os.fsencode(file), OPENED) < 0:
        raise OSError(ctypes.get_errno(), "the system does not tell who opens a file")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        try:
            yield Canary(file, listener.getsockname()[1], watch, listener)
        finally:
            os.close(watch)
