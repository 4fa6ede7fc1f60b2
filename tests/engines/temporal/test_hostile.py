"""Hostile items on a real server: each has its problem, the sound one beside it has none."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime

import pytest

from console.domain.canonical import Json
from console.domain.errors import Refused, Unreachable
from console.domain.escalation import Escalation, EscalationKey
from console.engines.temporal.errors import UNREADABLE
from tests.engines.conformance import error_of
from tests.engines.hostile import HOSTILE, ODD, as_json, sound
from tests.engines.temporal import scripted_run
from tests.engines.temporal.planted import connected
from tests.engines.tower_bench import Host

ON_THE_WIRE = HOSTILE.keys() - {"no-number", "half-a-character"}  # JSON on the wire cannot hold them


@pytest.mark.parametrize("name", sorted(ON_THE_WIRE))
def test_a_hostile_item_has_its_problem_and_the_one_beside_it_none(host: Host, name: str) -> None:
    make, word = HOSTILE[name]

    async def run() -> None:
        async with connected(host) as (client, engine, identity), scripted_run.acting(client):
            ref = await scripted_run.start_with(
                client, identity, lambda ref: [make(as_json(sound(ref, "bad"))), as_json(sound(ref, "good"))]
            )
            good = await engine.escalation(EscalationKey(ref, "good", 1))
            assert good == sound(ref, "good")
            names = [EscalationKey(ref, "bad", 1), EscalationKey(ref, "unreadable-0", 1)]
            found = [item for key in names if (item := await item_or_none(engine.escalation(key)))]
            assert len(found) == 1
            assert word in found[0].row.problem

    host.run(run())


@pytest.mark.parametrize("name", ODD)
def test_what_is_only_odd_to_look_at_arrives_whole(host: Host, name: str) -> None:
    async def run() -> None:
        async with connected(host) as (client, engine, identity), scripted_run.acting(client):
            ref = await scripted_run.start_with(client, identity, lambda ref: [as_json(sound(ref, **ODD[name]))])
            assert await engine.escalation(EscalationKey(ref, "gate", 1)) == sound(ref, **ODD[name])

    host.run(run())


@pytest.mark.parametrize(
    "reply",
    [None, 5, [], {}, {"items": 5}, {"version": 99, "items": []}, "x" * 100_000],
    ids=["nothing", "number", "list", "empty", "no-list", "newer", "long"],
)
def test_a_reply_that_is_none_is_refused_in_words(host: Host, reply: Json) -> None:
    async def run() -> None:
        async with connected(host) as (client, engine, identity), scripted_run.acting(client):
            names = ("escalations", "header", "steps", "state", "hand_offs", "access")
            ref = await scripted_run.start(client, identity, {"queries": dict.fromkeys(names, reply)})
            reads = (
                engine.escalation(EscalationKey(ref, "gate", 1)),
                engine.steps(ref),
                engine.state(ref),
                engine.hand_offs(ref),
                engine.access(ref),
            )
            for read in reads:
                error = await error_of(read, Refused)
                assert error.code == UNREADABLE
                assert len(error.message) < 500
            header = await engine.run(ref)
            assert header.ref == ref
            assert "cannot be read" in header.why_not_moving

    host.run(run())


def test_a_part_that_cannot_be_read_hides_no_other(host: Host) -> None:
    async def run() -> None:
        async with connected(host) as (client, engine, identity), scripted_run.acting(client):
            moved: dict[str, Json] = {
                "from_step": "a",
                "to_step": "b",
                "size": 7,
                "at": "2026-11-21T08:00:00",
                "new": "part",
            }
            hand_offs: Json = {"hand_offs": [5, moved, {"size": "large"}, {**moved, "caveats": ["x" * 600_000]}]}
            access: Json = {"access": [{"step_id": "a", "agent": "clerk"}, None]}
            queries: Json = {"hand_offs": hand_offs, "access": access}
            ref = await scripted_run.start(client, identity, {"queries": queries})
            found = await engine.hand_offs(ref)
            assert [one.from_step for one in found] == ["could not be read", "a", *["could not be read"] * 2]
            assert found[1].at == datetime(2026, 11, 21, 8, tzinfo=UTC)
            assert [one.step_id for one in await engine.access(ref)] == ["a", "could not be read"]

    host.run(run())


def test_a_reply_beyond_what_the_server_carries_is_an_error_in_words(host: Host) -> None:
    async def run() -> None:
        async with connected(host) as (client, engine, identity), scripted_run.acting(client):
            ref = await scripted_run.start(client, identity, {"queries": {"steps": 1}, "grow": {"steps": 5_000_000}})
            with pytest.raises((Refused, Unreachable)) as caught:
                await engine.steps(ref)
            assert str(caught.value)

    host.run(run())


async def item_or_none(work: Awaitable[Escalation]) -> Escalation | None:
    """The item, or nothing where the run has none of that name."""
    try:
        return await work
    except Refused:
        return None
