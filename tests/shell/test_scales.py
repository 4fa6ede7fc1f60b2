"""Nothing is cut at any scale: not on a dense screen, and not where text is set to 150 % on a small one."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("scale", "width", "height"),
    [
        pytest.param("1.5", 960, 600, id="150 % on 1440×900"),
        pytest.param("2", 1100, 700, id="a dense screen"),
    ],
)
def test_no_control_has_less_room_than_it_needs(scale: str, width: int, height: int) -> None:
    environ = os.environ | {"QT_SCALE_FACTOR": scale}
    command = [sys.executable, "-m", "tests.shell.scaled", str(width), str(height)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines.pop() == {"size": [width, height]}, "the window could be made that small"
    assert lines == []
