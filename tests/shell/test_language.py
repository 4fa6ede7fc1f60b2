"""Every screen is read in a language that nobody speaks: what is not in it was forgotten."""

from __future__ import annotations

import sys
from subprocess import run

# One where all goes well, and one where all fails that can.
WORLDS = ("typical", "error")


def test_all_that_is_read_on_every_screen_is_translated_but_for_what_engines_say() -> None:
    program = [sys.executable, "-m", "tests.shell.pseudo", *WORLDS]
    done = run(program, capture_output=True, text=True, check=False, timeout=110)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr[-2_000:]
    assert "Traceback" not in done.stderr
    # Every screen was there.
    assert [line for line in done.stderr.splitlines() if ": no " in line] == []
