"""The demo as a guest of several windows: whoever closes first leaves it to the other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from console.demo import DemoHost, guest_mark, is_demo_running, other_window, tower_folder
from console.infra.paths import HOME_VARIABLE, RUNTIME_VARIABLE, Paths, find_paths
from console.infra.single import Sole


@pytest.fixture(params=[True, False], ids=["below one folder", "in the usual places"])
def profiles(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Paths, Paths]:
    """Two profiles of one user."""
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    monkeypatch.delenv(RUNTIME_VARIABLE, raising=False)
    if request.param:
        monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    else:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    first, second = find_paths(), find_paths("supervisor")
    for where in (first, second):
        where.make()
    (first.data.parent / "not a profile").mkdir()
    return first, second


def test_the_other_window_is_the_one_that_is_open_now(profiles: tuple[Paths, Paths]) -> None:
    first, second = profiles
    assert tower_folder(first) == tower_folder(second)
    assert other_window(first) == ""
    there = Sole(second.locks, second.runtime)
    assert there.acquire()
    assert other_window(first) == "supervisor"
    assert other_window(second) == ""
    there.release()
    assert other_window(first) == ""


def test_whoever_closes_first_leaves_the_demo_to_the_window_that_is_still_open(profiles: tuple[Paths, Paths]) -> None:
    first, second = profiles
    mark = guest_mark(tower_folder(first))
    mark.parent.mkdir(parents=True)
    mark.write_text(first.profile)
    there = Sole(second.locks, second.runtime)
    assert there.acquire()
    asyncio.run(DemoHost(first, rate=0, is_kept=False).end())
    assert mark.read_text() == second.profile
    asyncio.run(DemoHost(first, rate=0, is_kept=False).end())
    assert mark.exists()
    asyncio.run(DemoHost(second, rate=0, is_kept=False).end())
    assert not mark.exists()
    there.release()


def test_no_demo_runs_by_a_record_of_nobody(profiles: tuple[Paths, Paths]) -> None:
    first, _ = profiles
    folder = tower_folder(first)
    assert not is_demo_running(folder)
    folder.mkdir(parents=True)
    (folder / "server.json").write_text('{"pid": 1, "started": "never", "command": []}')
    assert not is_demo_running(folder)
