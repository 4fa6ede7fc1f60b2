"""The one top-level handler: an error nobody expected is logged and told calmly, and the window lives on.

Invariant: it never raises and never blocks; of many errors the first is told in words, the rest are counted. What it
shows is our own words and the error's class, never its message, which may quote what an engine sent.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from console.domain.language import tr
from console.infra.tasks import ErrorHandler

IGNORED = (KeyboardInterrupt, SystemExit, asyncio.CancelledError)


class Trouble(QObject):
    """Takes errors from every thread. ``told`` carries the words for the window and is emitted in its thread."""

    told = Signal(str)
    _happened = Signal(str)

    def __init__(self, log: ErrorHandler, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log = log
        self._count = 0
        self._happened.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def __call__(self, where: str, error: BaseException) -> None:
        """Note an error, on any thread."""
        if isinstance(error, IGNORED):
            return
        self._log(where, error)
        self._happened.emit(type(error).__name__)

    def install(self) -> Callable[[], None]:
        """Take what Qt's slots and other threads raise, too. Returns what puts the old hooks back."""
        old_hook, old_thread_hook = sys.excepthook, threading.excepthook

        def on_slot(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            if issubclass(kind, IGNORED):
                old_hook(kind, error, trace)
            else:
                self("a handler of the window", error.with_traceback(trace))

        def on_thread(args: threading.ExceptHookArgs) -> None:
            if args.exc_value is not None:
                self(f"thread {args.thread.name if args.thread else ''}", args.exc_value)

        def put_back() -> None:
            sys.excepthook, threading.excepthook = old_hook, old_thread_hook

        sys.excepthook, threading.excepthook = on_slot, on_thread
        return put_back

    def on_loop_error(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Take what the loop itself could not hand to anybody; fits ``set_exception_handler``."""
        error = context.get("exception")
        if isinstance(error, BaseException):
            self(str(context.get("message", "the loop")), error)

    def clear(self) -> None:
        """The person has read it."""
        self._count = 0

    def _tell(self, name: str) -> None:
        self._count += 1
        more = tr(" It happened {count} times.", count=self._count) if self._count > 1 else ""
        self.told.emit(
            tr(
                "Something in Clearance went wrong ({name}). What you decided is kept and goes on; "
                "the log names the place.{more}",
                name=name,
                more=more,
            )
        )
