"""Lets Ctrl+C in the terminal and a request to end close the window as a person would.

Python runs signal handlers between its own instructions, and Qt's loop waits outside of them: a socket wakes it.
Invariant: the handlers that were there before are put back.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier

ENDING = (signal.SIGINT, signal.SIGTERM)


def close_on_signal(close: Callable[[], object], parent: QObject) -> Callable[[], None]:
    """Call ``close`` in the window's thread at SIGINT and SIGTERM. Returns what puts things back. Main thread only."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read, parent)

    def on_wake() -> None:
        if any(number in ENDING for number in reading.recv(64)):
            close()

    notifier.activated.connect(on_wake)
    old_fd = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    old = {each: signal.signal(each, lambda *_: None) for each in ENDING}

    def put_back() -> None:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(old_fd)
        for each, handler in old.items():
            signal.signal(each, handler)
        reading.close()
        writing.close()

    return put_back
