"""Processes that outlive the one that started them: found again, and ended, by a record with pid and start time.

Invariant: a signal goes only to a process whose start time is the recorded one, so that a pid that was given away since
is never hit. Records are files of mode 0600 beside the logs. Works on Linux and macOS.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

MAX_LOG_BYTES = 5_000_000
STOP_SECONDS = 10.0
LOOK_AGAIN = 0.02
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """A started process; ``started`` is the system's own word for when."""

    pid: int
    started: str
    command: tuple[str, ...]

    @property
    def is_alive(self) -> bool:
        """Whether this very process still runs; a child of ours that ended is reaped."""
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        return bool(self.started) and start_time(self.pid) == self.started


def spawn(command: Sequence[str], record: Path, log: Path) -> Process:
    """Start a program in a session of its own, its output in ``log``, and record it."""
    private(log.parent)
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    pid = os.posix_spawn(command[0], list(command), dict(os.environ), file_actions=actions, setsid=True)
    process = Process(pid, start_time(pid), tuple(command))
    write_private(record, json.dumps(asdict(process)))
    return process


def recorded(record: Path) -> Process | None:
    """The process of a record, if it still runs; a record of one that ended is removed."""
    try:
        values = json.loads(record.read_text(encoding="utf-8"))
        process = Process(int(values["pid"]), str(values["started"]), tuple(values["command"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        process = None
    if process is not None and process.is_alive:
        return process
    record.unlink(missing_ok=True)
    return None


def end(record: Path, *, is_gentle: bool = True) -> bool:
    """End the recorded process, by force if asking does not help; returns whether there was one. Blocks meanwhile."""
    process = recorded(record)
    if process is None:
        return False
    for number in (signal.SIGTERM, signal.SIGKILL) if is_gentle else (signal.SIGKILL,):
        if process.is_alive:
            os.kill(process.pid, number)
        until = time.monotonic() + STOP_SECONDS
        while process.is_alive and time.monotonic() < until:
            time.sleep(LOOK_AGAIN)
    record.unlink(missing_ok=True)
    return True


def start_time(pid: int) -> str:
    """When a process started, as the system puts it; empty if there is none, or only what is left of one."""
    return _from_proc(pid) if PROC.is_dir() else _from_ps(pid)


def _from_proc(pid: int) -> str:
    try:
        stat = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    # The name in parentheses may hold anything, blanks and parentheses included.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else f"{boot}/{fields[19]}"


def _from_ps(pid: int) -> str:
    command = ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return "" if not shown or shown.startswith("Z") else shown.partition(" ")[2].strip()


def private(folder: Path) -> Path:
    """The folder, made for its owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def write_private(path: Path, text: str) -> None:
    """Write a small file for its owner alone, as a whole."""
    private(path.parent)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.replace(path)
