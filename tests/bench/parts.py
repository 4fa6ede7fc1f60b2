"""Parts of a benchmark that run as processes of their own: each measures one thing and prints its samples as JSON.

Invariant: a part sees no keyring and no desktop but those it is given, and has ended when its samples are returned.
Fails with :class:`PartFailed`, with what the part said, when it ends otherwise or takes too long.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300.0
SCREEN = "1600x1000x24"
Samples = dict[str, list[float]]


class PartFailed(Exception):
    """A part of a benchmark did not end as it should."""


def measure(part: str, *arguments: str, platform: Mapping[str, str] | None = None) -> Samples:
    """The samples of one part, a module of this package. ``started`` is added: the moment before it was started."""
    # The back end that fails: neither is a key left in a person's keyring, nor is anybody asked for its password.
    environment = os.environ | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"} | dict(platform or {})
    command = (sys.executable, "-m", f"tests.bench.{part}", *arguments)
    started = time.monotonic()
    try:
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise PartFailed(f"{part} did not end within {LONGEST:g} s") from error
    if ended.returncode or not ended.stdout.strip():
        raise PartFailed(f"{part} ended with {ended.returncode}:\n{ended.stderr}")
    samples: Samples = json.loads(ended.stdout.splitlines()[-1])
    return samples | {"started": [started]}


def tell(**samples: list[float]) -> None:
    """Print the samples of this part, for who started it."""
    print(json.dumps(samples), flush=True)


@contextmanager
def x_server(program: str) -> Iterator[dict[str, str]]:
    """An X server without a screen, on a display that nobody else has; what a part needs to draw on it."""
    told, telling = os.pipe()
    command = (program, "-displayfd", str(telling), "-screen", "0", SCREEN, "-nolisten", "tcp")
    server = subprocess.Popen(command, pass_fds=[telling], stderr=subprocess.DEVNULL)
    os.close(telling)
    try:
        with os.fdopen(told) as display:
            number = display.readline().strip()
        if not number:
            raise PartFailed(f"{program} did not start")
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": ""}
    finally:
        server.terminate()
        server.wait()
