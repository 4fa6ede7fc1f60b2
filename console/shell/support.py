"""What helps to help: where the log lies, and what a report of an error would hold.

Needs no Qt. Invariant: a report names versions, places in the code and lines of the log; never what an item, a decision
or a setting contains, nor the words of an error, which may quote them. It is saved on this machine and sent nowhere.
"""

from __future__ import annotations

import platform
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from console.infra.logreading import LogTail, shown
from console.infra.logs import places

MOST_ERRORS = 10
MOST_LINES = 60
PACKAGES = ("clearance", "PySide6-Essentials", "qasync", "sqlalchemy", "temporalio")


@dataclass(frozen=True, slots=True)
class Fault:
    """An error nobody expected: where it was met, its class, and the places in the code it came through."""

    at: datetime
    where: str
    kind: str
    places: tuple[str, ...] = ()


@dataclass(slots=True)
class Support:
    """Where things lie for one window. ``home`` is where files are offered to be saved.

    ``crash`` is what a window before this one left when the system ended it, if it was.
    """

    logs: Path
    process: int
    home: Path = field(default_factory=Path.home)
    crash: str = ""

    def tail(self) -> LogTail:
        """The log of this process."""
        return LogTail(self.logs, self.process)


class Faults:
    """The latest errors of this window, as :data:`console.infra.tasks.ErrorHandler` are told of them, on any thread."""

    def __init__(self, log: Callable[[str, BaseException], None]) -> None:
        self._log = log
        self._kept: deque[Fault] = deque(maxlen=MOST_ERRORS)

    def __call__(self, where: str, error: BaseException) -> None:
        """Note an error, and log it."""
        self._kept.append(Fault(datetime.now(UTC), where, type(error).__name__, places(error)))
        self._log(where, error)

    def all(self) -> tuple[Fault, ...]:
        """Those that are kept, newest last."""
        return tuple(self._kept)


def report(faults: Sequence[Fault], tail: LogTail, crash: str = "") -> str:
    """The report, as it would be saved. Reads the log anew."""
    lines = ["Report of Clearance", "", *(f"{name} {_version(name)}" for name in PACKAGES)]
    lines += [f"Python {platform.python_version()} on {platform.system()} {platform.release()}", ""]
    for fault in faults:
        lines.append(f"{fault.at.isoformat(timespec='seconds')} {fault.kind} in {fault.where}")
        lines += [f"    {place}" for place in fault.places]
    if not faults:
        lines.append("No error was met since this window opened.")
    if crash:
        lines += ["", "What the window before this one left when it ended unexpectedly:", crash]
    tail.read()
    lines += ["", "The last lines of the log that are more than information:"]
    lines += [line.text for line in shown(tail.lines, "", only_trouble=True)[-MOST_LINES:]]
    return "\n".join(lines) + "\n"


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - after the first paint

    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
