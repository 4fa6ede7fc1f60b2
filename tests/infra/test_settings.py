from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from console.domain.identity import Person, Role
from console.infra.settings import Settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def test_a_value_outlives_the_program(path: Path) -> None:
    Settings(path).set("theme", "dark")
    assert Settings(path).get("theme", "light") == "dark"
    assert Settings(path).get("density", "cosy") == "cosy"


def test_the_file_is_for_its_owner_only(path: Path) -> None:
    Settings(path).set("theme", "dark")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_keys_of_a_newer_version_survive(path: Path) -> None:
    path.write_text(json.dumps({"version": 1, "tides": [1], "person": {"name": "Ada", "shift": "night"}}), "utf-8")
    settings = Settings(path)
    settings.set("theme", "dark")
    kept = json.loads(path.read_text("utf-8"))
    assert kept["tides"] == [1]
    assert kept["person"]["shift"] == "night"
    assert kept["values"] == {"theme": "dark"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"version": "1"}',
        b'{"values": {"theme": 7}}',
        b'{"values": ["theme"]}',
        b'{"person": {"name": null}}',
        b'{"person": {"role": "king"}}',
    ],
    ids=lambda content: content[:30].decode(errors="replace"),
)
def test_a_damaged_file_is_set_aside_and_said(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    settings = Settings(path)
    assert settings.get("theme", "light") == "light"
    assert "settings.damaged-1.json" in settings.notice
    assert (path.parent / "settings.damaged-1.json").read_bytes() == content
    path.write_bytes(content)
    assert "settings.damaged-2.json" in Settings(path).notice


def test_two_programs_share_the_file(path: Path) -> None:
    window, command_line = Settings(path), Settings(path)
    window.set("theme", "dark")
    command_line.set("width", "80")
    assert Settings(path).get("theme", "") == "dark"


def test_who_works_here(path: Path) -> None:
    settings = Settings(path)
    assert settings.person("pat").person_id == "pat"
    settings.set_person(Person("p-7", "Pat", Role.OPERATOR))
    assert Settings(path).person("somebody") == Person("p-7", "Pat", Role.OPERATOR)
