"""`clearance worker --model-…`: what is wrong is said before anything starts, and the key is told to nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.cli.exits import Exit
from tests.cli.conftest import Command

KEY = "sk-opens-nothing-at-all-1234"
LOCAL = "http://127.0.0.1:1/v1"
# Nobody answers there; these commands get no further than their settings.
NOWHERE = ("worker", "--address", "127.0.0.1:1", "--data")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--model-url", "http://models.example.com/v1", "--model", "m"), "Without TLS"),
        (("--model-url", LOCAL), "name is missing"),
        (("--model-url", LOCAL, "--model", "m", "--model-agent", "incident-response/log-agent"), "it can be: incident"),
        (("--model-url", LOCAL, "--model", "m", "--model-agent", "nobody"), "it can be: incident-response/"),
    ],
)
def test_settings_that_make_no_sense_end_the_command(
    clearance: Command, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    ended = clearance(*NOWHERE, str(tmp_path / "data"), *options)
    assert (ended.status, words in ended.err) == (Exit.PROBLEM, True), ended.err
    assert not (tmp_path / "data").exists()


def test_the_environment_names_a_model_too(clearance: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARANCE_MODEL_URL", "http://models.example.com/v1")
    monkeypatch.setenv("CLEARANCE_MODEL", "m")
    ended = clearance(*NOWHERE, str(tmp_path / "data"))
    assert (ended.status, "Without TLS" in ended.err) == (Exit.PROBLEM, True), ended.err


@pytest.mark.parametrize("option", ["--model-key-file", "--model-key-name"])
def test_a_key_in_the_place_of_its_name_is_not_repeated(clearance: Command, tmp_path: Path, option: str) -> None:
    ended = clearance(*NOWHERE, str(tmp_path / "data"), "--model-url", LOCAL, "--model", "m", option, KEY)
    assert ended.status == Exit.USAGE
    assert KEY not in ended.out + ended.err
