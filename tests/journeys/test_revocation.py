"""A key that is revoked while a run is under way: it decides nothing more, its approval is not acted on."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.deciders import ANOTHER_KEY
from console.domain.decision import DecisionState
from console.domain.escalation import Kind, Verdict
from console.domain.identity import Person, Role
from console.domain.risk import Risk
from console.infra.paths import HOME_VARIABLE, Paths
from console.qtkit.theme import Theme
from console.screens.inbox.duties import ENDED
from console.services.views import DecisionView, InboxRow
from console.verify.signatures import key_id
from tests.journeys.seat import PATIENCE, Seat, connection_to, profile, seated
from tests.journeys.test_journey import a_refund, follows, run_of, sign
from tests.journeys.world import World
from tests.ring import private_bytes
from tests.screens.stage import until
from tests.servers import RunningServer
from tests.signing import EMIL, enrol_key

S = DecisionState
pytestmark = pytest.mark.timeout(300)
DANA = Person("dana", "Dana Fox", Role.SUPERVISOR)
REVOKED = "The key of Dana Fox was revoked."
PUBLIC = Ed25519PrivateKey.from_private_bytes(private_bytes("dana")).public_key().public_bytes_raw()


@dataclass
class Halved:
    """What Dana approved first."""

    row: InboxRow
    amount: str
    order: str
    view: DecisionView


async def approve_half(seat: Seat, world: World) -> Halved:
    """Sign a refund that needs a second person."""
    refund = await seat.waits(a_refund(world, Risk.CRITICAL))
    (order,) = world.orders_named(run_of(refund))
    amount = f"{world.owed(order).amount:.2f}"
    await seat.open(refund)
    await sign(seat, amount, "Seen.")
    held = await seat.held(refund.item_id)
    await until(lambda: "Signed 1 of 2" in seat.told(held.decision.decision_id), PATIENCE)
    return Halved(refund, amount, order, held)


async def revoke(home: Paths) -> None:
    """What a supervisor types beside an open window."""
    command = [sys.executable, "-m", "console", "--profile", "emil", "keys", "revoke", key_id(PUBLIC), "--yes"]
    environment = {**os.environ, HOME_VARIABLE: str(home.data.parent.parent)}
    done = await asyncio.to_thread(
        subprocess.run, [*command, "--reason", "laptop stolen"], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


async def decides_nothing_more(seat: Seat, world: World) -> None:
    """Dana's keys are off, and it is said why and what to do."""
    refund = await seat.waits(a_refund(world, Risk.MEDIUM))
    await seat.open(refund)
    await until(lambda: seat.state.bar.warning.startswith("Your key ended here: revoked "), PATIENCE)
    assert "by Emil Roth: laptop stolen" in seat.state.bar.warning
    assert seat.state.bar.warning.endswith(ANOTHER_KEY)
    assert {each.blocked for each in seat.state.bar.in_bar} == {ENDED}
    seat.press(Verdict.APPROVE)
    await until(lambda: seat.state.bar.hint == ENDED, PATIENCE)
    assert world.effects(run_of(refund), "payments.refund") == []


async def does_not_count(seat: Seat, world: World, half: Halved) -> None:
    """The second signature does not make two: nothing is executed, it is said why, and both are asked for anew."""
    again = await seat.waits(lambda row: row.item_id == half.row.item_id)
    await seat.open(again)
    await sign(seat, half.amount, "Seen as well.")
    view = await seat.ends(await seat.held(half.row.item_id))
    assert view.state is S.FAILED
    assert REVOKED in seat.told(view.decision.decision_id)
    asked = await seat.waits(follows(half.row))
    assert asked.waiting.kind is Kind.VIOLATION
    assert asked.waiting.title.startswith("Not executed: Refund")
    await seat.open(asked)
    assert REVOKED in seat.words(seat.hosting.inbox_view.review)
    assert Verdict.APPROVE not in seat.escalation.verdicts
    await seat.ends(await seat.decide(Verdict.RETRY))
    anew = await seat.waits(lambda row: run_of(row) == run_of(asked) and row.waiting.kind is Kind.CHECKPOINT)
    assert (anew.waiting.approvals, anew.waiting.required_approvals) == (0, 2)
    assert world.refunds(half.order) == []
    assert world.effects(run_of(half.row), "payments.refund") == []


def test_a_revoked_key_decides_nothing_from_then_on_and_what_it_approved_is_not_executed(
    play: Callable[[Coroutine[Any, Any, None]], None],
    theme: Theme,
    desk_folder: Paths,
    server: RunningServer,
    world: World,
) -> None:
    first, second = profile(desk_folder.data.parent, "dana"), profile(desk_folder.data.parent, "emil")

    async def story() -> None:
        await enrol_key(await server.client(), DANA, PUBLIC)
        async with seated(theme, first, connection_to(server.address), person=DANA, more=world.more) as seat:
            half = await approve_half(seat, world)
        async with seated(theme, second, connection_to(server.address), person=EMIL, more=world.more) as seat:
            await seat.waits(lambda row: row.item_id == half.row.item_id)
            await revoke(second)
            await does_not_count(seat, world, half)
        async with seated(theme, first, person=DANA, more=world.more) as seat:
            assert (await seat.ends(half.view)).state is S.FAILED
            assert REVOKED in seat.told(half.view.decision.decision_id)
            await decides_nothing_more(seat, world)

    play(story())
