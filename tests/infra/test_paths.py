from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.infra.paths import find_paths, private_file


@pytest.fixture
def generous_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_one_variable_moves_everything(tmp_path: Path) -> None:
    paths = find_paths("night", {"CLEARANCE_HOME": str(tmp_path)})
    for path in (paths.database, paths.settings, paths.locks, paths.logs, paths.runtime):
        assert path.is_relative_to(tmp_path / "night")


def test_without_it_the_platforms_own_folders_are_used() -> None:
    paths = find_paths("default", {})
    assert paths.database.is_absolute()
    assert "clearance" in str(paths.database)
    assert paths.runtime.is_relative_to(paths.data)
    assert find_paths("default", {"XDG_RUNTIME_DIR": "/run/user/7"}).runtime == Path("/run/user/7/clearance/default")


def test_two_profiles_share_nothing(tmp_path: Path) -> None:
    one, other = (find_paths(name, {"CLEARANCE_HOME": str(tmp_path)}) for name in ("one", "other"))
    assert one.data != other.data
    assert one.logs != other.logs


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "x" * 33, "ä"])
def test_a_profile_is_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="profile"):
        find_paths(name, {})


@pytest.mark.usefixtures("generous_umask")
def test_folders_are_for_their_owner_only(tmp_path: Path) -> None:
    paths = find_paths("default", {"CLEARANCE_HOME": str(tmp_path)})
    paths.data.mkdir(parents=True)
    paths.make()
    assert {mode(folder) for folder in (paths.data, paths.logs, paths.locks, paths.runtime)} == {0o700}


@pytest.mark.usefixtures("generous_umask")
def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    new, open_to_all = tmp_path / "new", tmp_path / "open"
    open_to_all.write_text("kept", "utf-8")
    private_file(new)
    private_file(open_to_all)
    assert mode(new) == mode(open_to_all) == 0o600
    assert open_to_all.read_text("utf-8") == "kept"
