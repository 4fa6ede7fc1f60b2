"""Secrets with keyrings that work, miss, are locked, or hang; and with a real Secret Service where one is installed."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from console.infra.secrets import Ring, Secrets
from tests.infra.rings import MemoryRing, SilentRing, broken_ring, locked_ring, no_ring

ROOT = Path(__file__).resolve().parent.parent.parent
SERVICE = "clearance-test"

JOURNEY = """
import asyncio, sys
from console.infra.keys import own_key
from console.infra.secrets import Secrets

async def main():
    secrets = Secrets("clearance-test", timeout=20)
    if sys.argv[1] == "write":
        await secrets.set("api", "sesame")
        key = await own_key(secrets)
        print("kept", secrets.is_kept, key.is_kept, key.key_id, secrets.reason)
    else:
        key = await own_key(secrets)
        print("read", await secrets.get("api"), key.key_id, secrets.reason)
        await secrets.delete("api")
        print("left", await secrets.get("api"))

asyncio.run(main())
"""


def test_a_keyring_keeps_secrets() -> None:
    ring = MemoryRing()

    async def journey() -> None:
        assert await Secrets(SERVICE, open_ring=lambda: ring).set("api", "sesame")
        later = Secrets(SERVICE, open_ring=lambda: ring)
        assert await later.get("api") == "sesame"
        assert await later.get("other") is None
        await later.delete("api")
        await later.delete("api")
        assert await later.get("api") is None
        assert later.is_kept

    asyncio.run(journey())


@pytest.mark.parametrize(
    ("open_ring", "reason"),
    [(no_ring, "no keyring"), (locked_ring, "locked"), (broken_ring, "OSError")],
)
def test_without_one_they_last_for_the_session_and_it_says_so(open_ring: Callable[[], Ring], reason: str) -> None:
    async def journey() -> None:
        secrets = Secrets(SERVICE, open_ring=open_ring)
        assert not await secrets.set("api", "sesame")
        assert await secrets.get("api") == "sesame"
        assert not secrets.is_kept
        assert reason in secrets.reason
        await secrets.delete("api")
        assert await secrets.get("api") is None

    asyncio.run(journey())


def test_one_that_answers_again_takes_what_was_set_meanwhile_and_keeps_what_it_is_to_keep() -> None:
    ring = MemoryRing()
    ring.kept.update({"api": "old", "signing-key": "the own one"})
    doors: list[Callable[[], Ring]] = [locked_ring, locked_ring, lambda: ring]

    async def journey() -> None:
        def open_ring() -> Ring:
            return doors.pop(0)()

        secrets = Secrets(SERVICE, open_ring=open_ring)
        for name in ("api", "signing-key", "fresh"):
            assert not await secrets.set(name, f"new {name}")
        assert not await secrets.try_again({"signing-key"})
        assert await secrets.get("fresh") == "new fresh"
        assert await secrets.try_again({"signing-key"})
        assert secrets.reason == ""
        assert await secrets.get("signing-key") == "the own one"
        assert ring.kept == {"api": "new api", "signing-key": "the own one", "fresh": "new fresh"}

    asyncio.run(journey())


def test_one_that_hangs_is_not_waited_for() -> None:
    ring = SilentRing()

    async def journey() -> None:
        secrets = Secrets(SERVICE, open_ring=lambda: ring, timeout=0.05)
        assert await secrets.get("api") is None
        assert "did not answer" in secrets.reason
        assert not await secrets.set("api", "sesame")
        assert await secrets.get("api") == "sesame"
        ring.let_go.set()
        await asyncio.sleep(0.05)
        assert ring.kept == {}

    asyncio.run(journey())


def test_one_that_fails_later_loses_nothing_set_after() -> None:
    class Failing(MemoryRing):
        def set_password(self, service: str, username: str, password: str) -> None:
            if self.kept:
                raise OSError("the bus is gone")
            super().set_password(service, username, password)

    async def journey() -> None:
        secrets = Secrets(SERVICE, open_ring=Failing)
        assert await secrets.set("one", "1")
        assert not await secrets.set("two", "2")
        assert await secrets.get("two") == "2"
        assert not secrets.is_kept

    asyncio.run(journey())


def run_under_bus(script: str, home: Path) -> str:
    """Run a shell script with a session bus of its own, on private folders."""
    bus = shutil.which("dbus-run-session")
    if bus is None or shutil.which("gnome-keyring-daemon") is None:
        pytest.skip("dbus-run-session and gnome-keyring-daemon are not installed")
    (home / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
    environ = {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [bus, "--", "bash", "-ec", script],
        env=environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=home,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_real_secret_service_keeps_secret_and_key_over_restarts(tmp_path: Path) -> None:
    journey = tmp_path / "journey.py"
    journey.write_text(JOURNEY, "utf-8")
    unlock = r"printf 'pw\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null"
    python = f"'{sys.executable}' '{journey}'"
    wrote = run_under_bus(f"{unlock}; {python} write", tmp_path).split()
    assert wrote[:3] == ["kept", "True", "True"]
    read = run_under_bus(f"{unlock}; {python} read", tmp_path).splitlines()
    assert read == [f"read sesame {wrote[3]} ", "left None"]


AGAIN = """
import asyncio, subprocess
from console.infra.keys import asked_again, own_key
from console.infra.secrets import Secrets

UNLOCK = ["gnome-keyring-daemon", "--replace", "--unlock", "--components=secrets"]

async def main():
    secrets = Secrets("clearance-test", timeout=20)
    meanwhile = await own_key(secrets)
    refused = await asked_again(secrets)
    subprocess.run(UNLOCK, input=b"pw\\n", stdout=subprocess.DEVNULL, check=True)
    own = await asked_again(secrets)
    print(meanwhile.is_kept, refused, meanwhile.key_id, own and own.key_id, secrets.is_kept)

asyncio.run(main())
"""


def test_a_real_secret_service_that_is_unlocked_later_gives_the_own_key_back(tmp_path: Path) -> None:
    journey, again = tmp_path / "journey.py", tmp_path / "again.py"
    journey.write_text(JOURNEY, "utf-8")
    again.write_text(AGAIN, "utf-8")
    unlock = r"printf 'pw\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null"
    wrote = run_under_bus(f"{unlock}; '{sys.executable}' '{journey}' write", tmp_path).split()
    start = "gnome-keyring-daemon --start --components=secrets >/dev/null"
    told = run_under_bus(f"{start}; '{sys.executable}' '{again}'", tmp_path).splitlines()[-1].split()
    assert told[:2] == ["False", "None"]
    assert told[2] != wrote[3]
    assert told[3:] == [wrote[3], "True"]


def test_a_session_bus_without_a_keyring_is_told_as_that(tmp_path: Path) -> None:
    journey = tmp_path / "journey.py"
    journey.write_text(JOURNEY, "utf-8")
    wrote = run_under_bus(f"'{sys.executable}' '{journey}' write", tmp_path)
    assert wrote.startswith("kept False False")
    assert "keyring" in wrote


def test_a_locked_secret_service_is_told_as_that(tmp_path: Path) -> None:
    journey = tmp_path / "journey.py"
    journey.write_text(JOURNEY, "utf-8")
    python = f"'{sys.executable}' '{journey}'"
    unlock = r"printf 'pw\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null"
    run_under_bus(f"{unlock}; {python} write", tmp_path)
    # Started again without its password: the collection is there, and nobody can be asked to unlock it.
    wrote = run_under_bus(f"gnome-keyring-daemon --start --components=secrets >/dev/null; {python} write", tmp_path)
    assert wrote.startswith("kept False False")
