"""packaging/setup.sh, run for real in a copied clone; the system's own tools are stand-ins that note their calls."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WHEN_ALL_IS_THERE = (
    "libegl1 libgl1 libglib2.0-0t64 libdbus-1-3 libfontconfig1 libxkbcommon0 libxcb-cursor0 libxcb-icccm4 "
    "libxcb-keysyms1 libxcb-xkb1 libxcb-shape0 libxkbcommon-x11-0 xvfb xauth openbox xdotool dbus gnome-keyring"
)

# Makes environments whose python is itself; notes what pip is asked for; dies in the middle of it where told to.
PYTHON = """
case "$*" in
    *sys.version_info*print* | *print*sys.version_info*) echo 3.11 ;;
    "-V") echo Python 3.11 ;;
    "-m venv "*) echo "venv" >>"$NOTES"; mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
    *"-m pip "*) echo "pip ${*##* -[re] }" >>"$NOTES"; [ ! -e "$DIE" ] || { rm "$DIE"; kill -9 "$PPID"; } ;;
esac
"""
TOOLS = {
    "python3.11": PYTHON,
    "dpkg-query": 'for name; do case " $INSTALLED " in *" $name "*) printf "installed:%s " "$name" ;; esac; done',
    "apt-cache": 'case "$2" in libglib2.0-0*) [ "$2" = "$(cat "$NOTES.glib")" ] || exit 100 ;; esac',
    "apt-get": 'echo "apt-get ${*##*--no-install-recommends }" >>"$NOTES"',
    "id": 'case "$1" in -u) echo "$USER_ID" ;; *) echo somebody ;; esac',
    "sudo": "exit 1",
}


@dataclass(frozen=True)
class Clone:
    folder: Path
    tools: Path

    def start(
        self, purpose: str = "test", *, installed: str = WHEN_ALL_IS_THERE, user: int = 0
    ) -> subprocess.Popen[str]:
        told = {"NOTES": str(self.notes), "DIE": str(self.die), "INSTALLED": installed, "USER_ID": str(user)}
        return subprocess.Popen(
            ["/bin/sh", self.folder / "packaging" / "setup.sh", purpose],
            env={"PATH": f"{self.tools}:{os.environ['PATH']}", **told},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def setup(
        self, purpose: str = "test", *, installed: str = WHEN_ALL_IS_THERE, user: int = 0
    ) -> tuple[int, str, list[str]]:
        """Exit status, what was said, and what was called since the last time."""
        self.notes.write_text("")
        process = self.start(purpose, installed=installed, user=user)
        _, said = process.communicate(timeout=60)
        return process.returncode, said, self.notes.read_text().splitlines()

    @property
    def notes(self) -> Path:
        return self.tools / "notes"

    @property
    def die(self) -> Path:
        return self.tools / "die"

    @property
    def lock(self) -> Path:
        return self.folder / ".venv.lock"


def beside(clone: Clone) -> list[str]:
    """What making the environment of the LangGraph server calls."""
    return ["venv", f"pip {clone.folder}/packaging/lock/langgraph.txt"]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    folder, tools = tmp_path / "a clone", tmp_path / "tools"
    folder.mkdir()
    tools.mkdir()
    shutil.copytree(ROOT / "packaging", folder / "packaging")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, script in TOOLS.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    return Clone(folder, tools)


def test_a_second_start_calls_nothing(clone: Clone) -> None:
    status, _, calls = clone.setup()
    assert status == 0
    assert calls == ["venv", f"pip {clone.folder}/packaging/lock/dev.txt", f"pip {clone.folder}", *beside(clone)]
    assert clone.setup() == (0, "", [])
    assert clone.setup("run") == (0, "", [])
    assert not clone.lock.is_symlink()


@pytest.mark.parametrize("glib", ["libglib2.0-0", "libglib2.0-0t64"])
def test_missing_libraries_are_installed_under_this_releases_names(clone: Clone, glib: str) -> None:
    clone.notes.with_suffix(".glib").write_text(glib)
    installed = WHEN_ALL_IS_THERE.replace("libglib2.0-0t64 ", "").replace(" openbox", "")
    status, _, calls = clone.setup(installed=installed)
    assert status == 0
    assert [call.split() for call in calls if call.startswith("apt-get")][-1] == ["apt-get", glib, "openbox"]


def test_the_older_name_of_a_library_counts_too(clone: Clone) -> None:
    _, _, calls = clone.setup(installed=WHEN_ALL_IS_THERE.replace("libglib2.0-0t64", "libglib2.0-0"))
    assert not [call for call in calls if call.startswith("apt-get")]


def test_who_may_not_install_is_told_the_command(clone: Clone) -> None:
    status, said, calls = clone.setup(installed=WHEN_ALL_IS_THERE.replace("xvfb ", ""), user=1000)
    assert status == 1
    assert "sudo apt-get update && sudo apt-get install --no-install-recommends xvfb" in said
    assert calls == []


def test_running_does_not_ask_for_what_only_tests_need(clone: Clone) -> None:
    status, _, calls = clone.setup("run", installed=WHEN_ALL_IS_THERE.partition(" xvfb")[0], user=1000)
    assert status == 0
    assert f"pip {clone.folder}/packaging/lock/runtime.txt" in calls


def test_tests_add_to_what_running_has(clone: Clone) -> None:
    clone.setup("run")
    _, _, calls = clone.setup("test")
    assert calls == [f"pip {clone.folder}/packaging/lock/dev.txt", f"pip {clone.folder}", *beside(clone)]


def test_running_needs_no_server_of_langgraph_and_a_changed_lock_makes_it_anew(clone: Clone) -> None:
    assert not [call for call in clone.setup("run")[2] if "langgraph" in call]
    clone.setup()
    left_over = clone.folder / ".venv.langgraph" / "left-over"
    left_over.touch()
    (clone.folder / "packaging" / "lock" / "langgraph.txt").write_text("other==1\n")
    assert clone.setup("run") == (0, "", [])
    assert clone.setup()[2] == beside(clone)
    assert not left_over.exists()


def test_a_killed_setup_is_repaired_by_the_next(clone: Clone) -> None:
    clone.die.touch()
    status, _, _ = clone.setup()
    assert status == -signal.SIGKILL
    assert clone.lock.is_symlink()
    status, _, calls = clone.setup()
    assert status == 0
    assert calls[0] == "venv"
    assert clone.setup() == (0, "", [])


def test_one_killed_while_adding_starts_from_nothing(clone: Clone) -> None:
    clone.setup("run")
    clone.die.touch()
    clone.setup("test")
    assert clone.setup("test")[2][0] == "venv"


def test_a_changed_lock_starts_from_nothing(clone: Clone) -> None:
    clone.setup()
    (clone.folder / ".venv" / "left-over").touch()
    (clone.folder / "packaging" / "lock" / "dev.txt").write_text("other==1\n")
    clone.setup()
    assert not (clone.folder / ".venv" / "left-over").exists()


def test_a_changed_project_file_installs_only_the_project(clone: Clone) -> None:
    clone.setup()
    (clone.folder / "pyproject.toml").write_text("# other\n")
    assert clone.setup()[2] == [f"pip {clone.folder}"]


def test_of_many_at_once_one_works(clone: Clone) -> None:
    clone.die.touch()
    clone.setup()  # leaves a lock whose holder is gone
    clone.notes.write_text("")
    started = [clone.start() for _ in range(6)]
    assert [process.wait(timeout=60) for process in started] == [0] * 6
    for process in started:
        process.communicate()
    assert clone.notes.read_text().splitlines().count("venv") == len([".venv", ".venv.langgraph"])
    assert not clone.lock.is_symlink()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only /proc tells when a process started")
def test_the_lock_of_a_living_setup_is_respected(clone: Clone) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as holder:
        started = Path(f"/proc/{holder.pid}/stat").read_text().rpartition(") ")[2].split()[19]
        clone.lock.symlink_to(f"{holder.pid}:{started}")
        waiting = clone.start()
        assert waiting.stderr
        assert "waiting" in waiting.stderr.readline()
        assert not clone.notes.exists()
        holder.communicate(b"\n")
        waiting.communicate(timeout=60)
    assert waiting.returncode == 0
    assert "venv" in clone.notes.read_text()


@pytest.mark.parametrize(
    ("display", "called"),
    [
        ({"DISPLAY": ":9"}, "[demo][--rate][2 a] on"),
        ({"WAYLAND_DISPLAY": "wayland-9"}, "[demo][--rate][2 a] on"),
        ({}, "[tour][--out][{data}/clearance/tour][--rate][2 a] on offscreen"),
    ],
    ids=["x11", "wayland", "no display"],
)
def test_run_opens_the_demo_or_without_a_display_draws_the_tour(
    clone: Clone, display: dict[str, str], called: str
) -> None:
    clone.setup("run")
    command = clone.folder / ".venv" / "bin" / "clearance"
    command.write_text('#!/bin/sh\nprintf \'[%s]\' "$@"; echo " on $QT_QPA_PLATFORM"\n')
    command.chmod(0o755)
    data = clone.folder / "data"
    told = {"PATH": f"{clone.tools}:{os.environ['PATH']}", "INSTALLED": WHEN_ALL_IS_THERE, "USER_ID": "0"}
    run = subprocess.run(
        ["/bin/sh", clone.folder / "packaging" / "run.sh", "--rate", "2 a"],
        env={**told, **display, "XDG_DATA_HOME": str(data)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == called.format(data=data)
    assert (str(data) in run.stderr) == (not display)
