"""Keys from the command line, on a real tower: shown, enrolled, rotated, revoked and exported."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path

import pytest

from console import app
from console.cli.exits import Exit
from console.infra.keyfile import FILE_NAME, PASSPHRASE_VARIABLE
from console.infra.keys import login_account
from console.services.views import Enrolment, KeyStanding
from console.tower.root import ROOT_FILE
from console.verify.signatures import encoded, key_id
from tests.cli.conftest import Command, Ran
from tests.cli.items import PATIENCE
from tests.journeys.world import World
from tests.ring import Ring
from tests.servers import RunningServer
from tests.verify.people import EVA, key_of, public_of

PASSPHRASE = "correct horse battery"


@pytest.fixture(autouse=True)
def ring() -> None:
    """A keyring in which nothing was put yet."""
    Ring.kept.clear()


def own_key_id(clearance: Command, *profile: str) -> str:
    """The id of the key that the command line signs with."""
    return clearance(*profile, "keys").out.splitlines()[0].split()[-1]


def log_of(clearance: Command) -> list[dict[str, object]]:
    """What the registry says of each key."""
    lines = [json.loads(line) for line in clearance("keys", "export").out.splitlines()]
    return [line["key"] for line in lines if "key" in line]


def test_it_says_whose_key_this_is_and_how_it_is_enrolled(clearance: Command, connected: World) -> None:
    assert connected.folder.is_dir()
    shown = clearance("--profile", "operator", "keys")
    assert "operator, key" in shown.out
    assert clearance("--profile", "operator", "keys", "rotate").status == Exit.NOT_FOUND
    known = clearance("keys")
    assert own_key_id(clearance) in known.out.split("root key")[1]
    assert "not enrolled" not in known.out


def test_a_supervisor_enrols_another_person_and_revokes_their_key(clearance: Command, connected: World) -> None:
    assert connected.folder.is_dir()
    key = public_of(key_of(EVA, 7))
    eva = ("--person", "eva-7", "--name", "Eva", "--role", "operator", "--account", "eva@desk")
    done = clearance("keys", "enrol", "--public-key", encoded(key), *eva, "--days", "30")
    assert done.status == Exit.DONE, done.err
    assert f"Enrolled {key_id(key)}" in done.out
    again = clearance("keys", "enrol", "--public-key", encoded(key), *eva)
    assert again.status != Exit.DONE
    assert "known already" in again.err
    own = clearance("keys", "enrol", "--public-key", encoded(public_of(key_of(EVA, 8))), "--account", login_account())
    assert own.status != Exit.DONE
    assert "Nobody enrols a key for themselves" in own.err
    (record,) = [one for one in log_of(clearance) if one["key_id"] == key_id(key)]
    assert record["valid_until"] is not None
    assert clearance("keys", "revoke", key_id(key), "--reason", "left", "--yes").status == Exit.DONE
    shown = clearance("keys").out
    assert any(key_id(key) in line and " revoked " in line and ": left" in line for line in shown.splitlines())
    assert clearance("keys", "revoke", key_id(key), "--yes").status != Exit.DONE


def test_a_rotation_goes_on_with_the_new_key_and_the_root_can_always_help(
    clearance: Command, server: RunningServer, world: World, tmp_path: Path
) -> None:
    def run(*argv: str) -> Ran:
        return clearance("--profile", "rotating", *argv)

    assert run("connections", "add", "tower", "--address", server.address).status == Exit.DONE
    by_root = ("--role", "supervisor", "--root", str(world.folder / ROOT_FILE))
    old = own_key_id(clearance, "--profile", "rotating")
    assert run("keys", "rotate").status != Exit.DONE
    assert run("keys", "enrol", *by_root).status == Exit.DONE
    rotated = run("keys", "rotate", "--reason", "yearly")
    assert rotated.status == Exit.DONE, rotated.err
    new = own_key_id(clearance, "--profile", "rotating")
    assert new != old
    ended = {str(one["key_id"]): one for one in log_of(run)}
    assert ended[old]["valid_until"] == ended[new]["valid_from"]
    assert run("keys", "rotate").status == Exit.DONE

    Ring.kept.clear()
    assert own_key_id(clearance, "--profile", "rotating") == old
    assert run("keys", "rotate").status != Exit.DONE
    assert run("keys", "new").status == Exit.USAGE
    assert run("keys", "new", "--replace").status == Exit.DONE
    enrolled = run("keys", "enrol", *by_root)
    assert enrolled.status == Exit.DONE, enrolled.err
    assert own_key_id(clearance, "--profile", "rotating") in {one["key_id"] for one in log_of(run)}
    assert run("keys", "enrol", "--root", str(tmp_path / "none")).status == Exit.USAGE


def test_a_desk_knows_whether_its_key_counts_and_which_other_one_of_its_person_does(
    clearance: Command, server: RunningServer, world: World
) -> None:
    def run(*argv: str) -> Ran:
        return clearance("--profile", "losing", *argv)

    def standing() -> KeyStanding:
        async def ask() -> tuple[KeyStanding, ...]:
            async with app.open_desk(app.paths("losing")) as desk:
                await desk.listed(PATIENCE)
                return await desk.key_standings()

        (found,) = asyncio.run(ask())
        assert found.connection == "tower"
        return found

    assert run("connections", "add", "tower", "--address", server.address).status == Exit.DONE
    by_root = ("--role", "supervisor", "--root", str(world.folder / ROOT_FILE))
    assert standing().enrolment is Enrolment.UNKNOWN
    assert run("keys", "enrol", *by_root).status == Exit.DONE
    kept = standing()
    assert (kept.enrolment, kept.key_id) == (Enrolment.VALID, own_key_id(clearance, "--profile", "losing"))

    assert run("keys", "new", "--replace").status == Exit.DONE
    lost = standing()
    assert (lost.enrolment, lost.key_id, lost.since) == (Enrolment.OTHER_KEY, kept.key_id, kept.since)
    assert run("keys", "revoke", kept.key_id, "--reason", "lost", "--yes", "--root", by_root[-1]).status == Exit.DONE
    assert standing().enrolment is Enrolment.UNKNOWN
    Ring.kept.clear()
    ended = standing()
    assert (ended.enrolment, ended.key_id, ended.reason) == (Enrolment.ENDED, kept.key_id, "lost")


def test_an_export_is_for_its_owner_alone(clearance: Command, connected: World, tmp_path: Path) -> None:
    assert connected.folder.is_dir()
    out = tmp_path / "keys.jsonl"
    assert clearance("keys", "export", "--out", str(out)).status == Exit.DONE
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    first = json.loads(out.read_text().splitlines()[0])
    assert (first["act"], first["number"]) == ("open", 1)


def test_without_a_keyring_the_key_lies_in_a_file_under_a_passphrase(
    clearance: Command, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    told = clearance("keys").out
    assert "without a key that is kept" in told
    assert "clearance keys new --file" in told
    assert "public key" not in told
    out = tmp_path / "audit.jsonl"
    refused = clearance("audit", "export", "--out", str(out))
    assert (refused.status, out.exists()) == (Exit.PROBLEM, False)
    assert "keys new --file" in refused.err
    assert "keys new --file" in clearance("keys", "new").err
    said = tmp_path / "passphrase"
    said.write_text(PASSPHRASE)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, str(said))
    made = clearance("keys", "new", "--file")
    assert made.status == Exit.DONE, made.err
    path = home / "default" / "data" / FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in path.read_bytes()
    kept = own_key_id(clearance)
    assert kept in made.out
    assert own_key_id(clearance) == kept
    assert clearance("keys", "new", "--file").status == Exit.USAGE
    said.write_text("something else")
    wrong = clearance("keys").out
    assert kept not in wrong
    assert "is locked in" in wrong
    assert "passphrase" in clearance("audit", "export", "--out", str(out)).err
    assert not out.exists()
    said.write_text("short")
    assert clearance("keys", "new", "--file", "--replace").status == Exit.USAGE
