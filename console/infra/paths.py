"""Where a profile's files lie, and that only their owner can read them.

Invariant: every folder made here has mode 0700 and every file mode 0600, whatever the umask. ``CLEARANCE_HOME`` moves
all of them below one folder. Fails with :class:`ValueError` for a profile name that is no plain name, and with
:class:`OSError` where the folder cannot be made.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP = "clearance"
HOME_VARIABLE = "CLEARANCE_HOME"
RUNTIME_VARIABLE = "XDG_RUNTIME_DIR"
DEFAULT_PROFILE = "default"
DATA = "data"
FOLDER_MODE = 0o700
FILE_MODE = 0o600

_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one profile: ``data`` (store, settings, locks), ``logs``, and ``runtime`` for sockets."""

    profile: str
    data: Path
    logs: Path
    runtime: Path

    @property
    def database(self) -> Path:
        """The store."""
        return self.data / "clearance.db"

    @property
    def settings(self) -> Path:
        """What a person set; no secrets."""
        return self.data / "settings.json"

    @property
    def locks(self) -> Path:
        """Files that are locked, never read."""
        return self.data / "locks"

    def make(self) -> None:
        """Make the folders, for their owner only."""
        for folder in (self.data, self.logs, self.locks, self.runtime):
            private_folder(folder)


def is_profile(name: str) -> bool:
    """Whether a profile may be named like that."""
    return _PROFILE.fullmatch(name) is not None


def find_paths(profile: str = DEFAULT_PROFILE, environ: Mapping[str, str] = os.environ) -> Paths:
    """The folders of a profile: the platform's own, or below ``CLEARANCE_HOME`` where that is set. Makes nothing."""
    if not is_profile(profile):
        raise ValueError(f"a profile is named by letters, digits, - and _, 32 at most; not {profile!r}")
    home = environ.get(HOME_VARIABLE, "")
    if home:
        root = Path(home).expanduser().absolute() / profile
        return Paths(profile, root / DATA, root / "logs", root / "run")
    dirs = platformdirs.PlatformDirs(APP, appauthor=False)
    data = dirs.user_data_path / profile
    # Where the session has no such folder of its own, sockets lie beside the data: never where others may write.
    session = environ.get(RUNTIME_VARIABLE, "")
    runtime = Path(session) / APP / profile if session else data / "run"
    return Paths(profile, data, dirs.user_log_path / profile, runtime)


def private_folder(folder: Path) -> None:
    """Make a folder and those above it; an existing one loses what others may do in it."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o777 != FOLDER_MODE:
        folder.chmod(FOLDER_MODE)


def private_file(path: Path) -> None:
    """Make an empty file if there is none; an existing one loses what others may do with it."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, FILE_MODE))
    if path.stat().st_mode & 0o777 != FILE_MODE:
        path.chmod(FILE_MODE)
