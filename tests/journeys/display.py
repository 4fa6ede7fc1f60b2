"""A display of one's own: an X server without a screen, a window manager on it, and hands that press real keys."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NEEDED = ("Xvfb", "openbox", "xdotool")
SIZE = "1600x1000x24"
PATIENCE = 60.0
LOOK_AGAIN = 0.1
BETWEEN_KEYS_MS = "40"


def missing() -> str:
    """Which of the programs are not installed."""
    return ", ".join(name for name in NEEDED if shutil.which(name) is None)


def program(name: str) -> str:
    """Where one of them is."""
    return shutil.which(name) or name


def wait_until(is_so: Callable[[], object], what: str) -> None:
    """Wait until something is so; fails when it does not become so in time."""
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(LOOK_AGAIN)


@dataclass(frozen=True)
class Display:
    """A display with a window manager. ``environment`` is for programs that show something there."""

    name: str

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program needs in order to appear here."""
        return {**os.environ, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}

    def do(self, *command: str) -> str:
        """Let the hands do something; returns what they say."""
        done = subprocess.run(
            [program("xdotool"), *command],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        return done.stdout.strip()

    def window(self, name: str, process: int) -> str:
        """The window of that name of a process, once it can be seen and has the focus."""
        found: list[str] = []

        def is_there() -> bool:
            found[:] = self.do("search", "--onlyvisible", "--pid", str(process), "--name", f"^{name}$").split()
            return bool(found)

        wait_until(is_there, f"a window {name}")
        self.do("windowactivate", "--sync", found[0])
        wait_until(lambda: self.do("getactivewindow") == found[0], "the focus")
        return found[0]

    def keys(self, *keys: str) -> None:
        """Press keys, one after the other."""
        self.do("key", "--clearmodifiers", "--delay", BETWEEN_KEYS_MS, *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self.do("type", "--delay", BETWEEN_KEYS_MS, text)

    def hold(self, key: str, seconds: float) -> None:
        """Hold a key down, so that it repeats."""
        self.do("keydown", key)
        time.sleep(seconds)
        self.do("keyup", key)

    def geometry(self, window: str) -> tuple[int, int, int, int]:
        """Where the inside of a window is, and its size."""
        told = dict(line.split("=") for line in self.do("getwindowgeometry", "--shell", window).splitlines())
        return int(told["X"]), int(told["Y"]), int(told["WIDTH"]), int(told["HEIGHT"])


@contextmanager
def display(folder: Path) -> Iterator[Display]:
    """A display that ends with the ``with``, and all on it."""
    reading, writing = os.pipe()
    # Which display is free is the server's own choice.
    server = subprocess.Popen(
        [program("Xvfb"), "-displayfd", str(writing), "-screen", "0", SIZE, "-nolisten", "tcp", "-noreset"],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        shown = Display(f":{told.readline().strip()}")
    manager = subprocess.Popen(
        [program("openbox"), "--sm-disable"],
        env={**shown.environment, "HOME": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield shown
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait()
