"""Changing who may decide: nobody's key is revoked unnamed, unasked, or as the last that could enrol another."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from console.cli.arguments import parse
from console.cli.exits import Exit
from console.cli.keys import keys
from console.domain.errors import Refused
from console.domain.identity import Person, Role
from console.engines.fake.server import FakeServer
from console.services.desk import Desk
from console.verify.signatures import encoded
from tests.keyed import KeyedEngine, KeyLog
from tests.screens.stage import DANA, stage
from tests.verify.people import IAN, key_of, public_of

RITA = Person("rita", "Rita Roe", Role.SUPERVISOR)


class Terminal(io.StringIO):
    """A person who types this."""

    def isatty(self) -> bool:
        return True


class Clerk:
    """Runs `clearance keys` on an open desk, and keeps what was printed."""

    def __init__(
        self, desk: Desk, log: KeyLog, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.desk, self.log, self._monkeypatch, self._capsys = desk, log, monkeypatch, capsys
        self.told = ""

    async def keys(self, *argv: str, typed: str | None = None) -> int:
        """Its status; ``typed`` is what the person at the terminal answers."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO() if typed is None else Terminal(typed))
        self._capsys.readouterr()
        status = await keys(self.desk, parse(["keys", *argv]))
        self.told = "".join(self._capsys.readouterr())
        return status


@pytest.fixture
def at_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Callable[[Clerk], Awaitable[None]]], None]:
    """Plays a story at Dana's desk, on a server with a registry that knows her key."""

    def play(story: Callable[[Clerk], Awaitable[None]]) -> None:
        async def whole() -> None:
            server = FakeServer("eu")
            log = KeyLog(server)
            async with stage(tmp_path, [server], engine=lambda one: KeyedEngine(one, log)) as made:
                log.enrol(DANA, await made.desk.public_key())
                await story(Clerk(made.desk, log, monkeypatch, capsys))

        asyncio.run(whole())

    return play


Play = Callable[[Callable[[Clerk], Awaitable[None]]], None]


def test_the_last_supervisor_is_revoked_by_a_word_of_its_own_alone(at_desk: Play) -> None:
    async def story(clerk: Clerk) -> None:
        own = (await clerk.desk.identity()).key_id
        log = clerk.log
        log.enrol(IAN)
        for more in ((), ("--yes",)):
            assert await clerk.keys("revoke", own, *more, typed="revoke\n") == Exit.REFUSED
            assert "Dana Kern (dana), supervisor" in clerk.told
            assert "the last valid key of a supervisor" in clerk.told
            assert "--last-supervisor" in clerk.told
        other = log.enrol(RITA)
        log.revoke(other, "left")
        assert await clerk.keys("revoke", own, "--yes") == Exit.REFUSED
        assert not log.registry.keys[own].is_revoked
        assert await clerk.keys("revoke", own, "--yes", "--last-supervisor", "--reason", "closing") == Exit.DONE
        assert log.registry.keys[own].reason == "closing"

    at_desk(story)


def test_what_does_not_count_is_said_plainly_with_the_next_command(at_desk: Play) -> None:
    async def story(clerk: Clerk) -> None:
        log, own = clerk.log, (await clerk.desk.identity()).key_id
        named = log.enrol(RITA)
        enrol = ("enrol", "--public-key", encoded(public_of(key_of(RITA))), "--person", "rita")

        async def refused(*argv: str) -> str:
            with pytest.raises(Refused) as caught:
                await clerk.keys(*argv)
            return f"{caught.value.message} {caught.value.next_action}"

        known = await refused(*enrol)
        assert f"The key {named} is known already at eu: that of Rita Roe (rita), supervisor, valid." in known
        log.revoke(own, "left", by=key_of(RITA))
        for argv in (enrol, ("revoke", named, "--yes", "--last-supervisor")):
            ended = await refused(*argv)
            assert f"Your key {own} ended at eu: revoked " in ended
            assert "by Rita Roe: left. Make another key, then have it enrolled. clearance keys new" in ended
        assert "Read the item again" not in known + ended
        assert len(log.entries) == 4

    at_desk(story)


def test_a_stranger_is_told_to_have_the_key_enrolled(at_desk: Play) -> None:
    async def story(clerk: Clerk) -> None:
        del clerk.log.entries[1:]
        clerk.log.enrol(RITA)
        with pytest.raises(Refused) as caught:
            await clerk.keys("enrol", "--public-key", encoded(public_of(key_of(IAN))), "--person", "ian")
        assert "is not enrolled at eu" in caught.value.message
        assert "clearance keys show" in caught.value.next_action

    at_desk(story)


def test_a_key_is_revoked_once_its_person_was_named_and_somebody_agreed(at_desk: Play) -> None:
    async def story(clerk: Clerk) -> None:
        log = clerk.log
        named = log.enrol(RITA)
        assert await clerk.keys("revoke", named) == Exit.REFUSED
        assert "--yes" in clerk.told
        assert await clerk.keys("revoke", named, typed="y\n") == Exit.REFUSED
        assert "Rita Roe (rita), supervisor" in clerk.told
        assert not log.registry.keys[named].is_revoked
        assert await clerk.keys("revoke", named[:8], "--reason", "left", typed="revoke\n") == Exit.DONE
        assert f"Revoked {named} of Rita Roe (rita), supervisor: entry 4" in clerk.told
        assert log.registry.keys[named].is_revoked
        assert await clerk.keys("show") == Exit.DONE
        assert "by Dana Kern: left" in clerk.told
        assert await clerk.keys("revoke", named, "--yes") == Exit.PROBLEM
        assert "Rita Roe (rita), supervisor was revoked already" in clerk.told
        assert await clerk.keys("revoke", named[:7], "--yes") == Exit.NOT_FOUND
        assert len(log.entries) == 4

    at_desk(story)
