from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from console.infra.locks import FileLock, Presence

HOLD = """
import sys
from pathlib import Path
from console.infra.locks import FileLock, Presence
path = Path(sys.argv[1])
presence = Presence(path.parent, "other")
presence.announce()
lock = FileLock(path)
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deliverer.lock"


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    return process


def test_one_at_a_time_in_one_process(path: Path) -> None:
    first, second = FileLock(path), FileLock(path)
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()


def test_a_killed_process_holds_nothing(path: Path) -> None:
    with holder(path) as process:
        lock = FileLock(path)
        assert not lock.acquire()
        process.kill()
        process.wait()
        assert lock.acquire()


def test_the_living_are_told_from_the_dead(path: Path) -> None:
    presence = Presence(path.parent, "me")
    presence.announce()
    with holder(path) as process:
        assert presence.is_alive("me")
        assert presence.is_alive("other")
        process.kill()
        process.wait()
        assert not presence.is_alive("other")
    assert not presence.is_alive("never was")
    presence.leave()
    assert not presence.is_alive("me")
    assert list(path.parent.glob("*.alive")) == []


def test_a_file_removed_under_a_lock_is_made_again(path: Path) -> None:
    first, second = FileLock(path), FileLock(path)
    first.acquire()
    path.unlink()
    assert second.acquire()
    assert path.exists()
