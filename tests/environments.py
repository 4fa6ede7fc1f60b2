"""Environments beside the tests' own, for libraries that are too large to be installed with them or must be alone.

Each is made once in the project's folder, from a lock file of its name, and made anew when that changes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "-q", "install", "--root-user-action=ignore")


def python_with(lock: str) -> Path:
    """The interpreter of an environment with just what ``packaging/lock`` holds under that name."""
    wanted = ROOT / "packaging" / "lock" / f"{lock}.txt"
    folder = ROOT / f".venv.{lock}"
    python, made_from = folder / "bin" / "python", folder / "made-from"
    told = f"{sys.version}\n{folder}\n{wanted.read_text('ascii')}"
    # One at a time; the lock is let go with the file, also by a test run that was killed.
    with (ROOT / f".venv.{lock}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not made_from.exists() or made_from.read_text("utf-8") != told:
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            quiet = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
            packages = ("--require-hashes", "--only-binary", ":all:", "-r", str(wanted))
            subprocess.run([str(python), *PIP, *packages], check=True, env=quiet)
            made_from.write_text(told, "utf-8")
    return python
