"""Two runs that want one resource, on a real server: one conflict, one effect, and what becomes of the other run."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.errors import RefusalCode
from console.domain.escalation import Escalation, Kind, Verdict
from console.domain.receipt import Outcome, Receipt
from console.domain.run import RunStatus, StepStatus
from console.tower import business
from console.tower.lease_calls import lease_id
from tests.servers import RunningServer, RunningWorker, start_server, start_worker
from tests.tower.conftest import PROBE, rows
from tests.tower.lease_plan import PLAN
from tests.tower.people import BEN, Desk, decision, until

LEASED = "tests.tower.lease_plan"
Story = Callable[[Client], Awaitable[None]]
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def worker(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorker]:
    running = start_worker(server, tmp_path_factory.mktemp("leases"), plans=(PROBE, LEASED))
    yield running
    running.stop()


@pytest.fixture
def tell(server: RunningServer, worker: RunningWorker) -> Callable[[Story], None]:
    """Run a story with a client."""
    assert worker.process.is_alive

    def told(story: Story) -> None:
        async def main() -> None:
            await story(await server.client())

        asyncio.run(main())

    return told


@pytest.fixture
def account() -> str:
    """An account that no other test pays out of."""
    return f"own-{next(_numbers)}-{uuid.uuid4().hex[:6]}"


def pays(account: str, amount: str = "42.00") -> dict[str, Json]:
    return {"pay": {"pay": {"account": account, "amount": amount}}}


def paid(worker: RunningWorker, account: str) -> list[tuple[str, ...]]:
    query = "SELECT effects.run_id FROM effects JOIN messages USING (effect_id) WHERE recipient = ?"
    return rows(worker.business, query, account)


def lease(client: Client, account: str) -> Desk:
    return Desk(client.get_workflow_handle(lease_id(f"till/{account}")))


def answer(winner: Desk | None, loser: str, **more: Json) -> dict[str, Json]:
    first = winner.handle.id if winner is not None else "neither"
    return {"answer": {"winner": first, "loser": loser, **more}, "reason": "looked at both"}


async def two(client: Client, account: str) -> tuple[Desk, Desk, Escalation]:
    """Two runs that met: who had it first, who came second, and the conflict."""
    first = await Desk.start(client, PLAN, pays(account))
    await first.waits("pay")
    second = await Desk.start(client, PLAN, pays(account))
    await second.waits("pay")
    return first, second, await lease(client, account).waits()


async def refusal(desk: Desk, said: Decision) -> str:
    """The code with which a decision is refused."""
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await desk.decide(said)
    assert isinstance(caught.value.cause, ApplicationError)
    return caught.value.cause.type or ""


async def rule(client: Client, account: str, shown: Escalation, payload: dict[str, Json]) -> Receipt:
    """The receipt of a ruling once it is carried out."""
    return await lease(client, account).say(shown, Verdict.ANSWER, payload=payload)


def test_a_run_alone_is_not_held_up(tell: Callable[[Story], None], worker: RunningWorker, account: str) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays(account))
        shown = await desk.waits("pay")
        assert (shown.contest, shown.row.resource) == ("", f"till/{account}")
        assert (await desk.say(shown, Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
        await desk.ends()
        assert len(paid(worker, account)) == 1
        assert await lease(client, account).open() == []

        async def has_ended() -> bool:
            return (await lease(client, account).run()).closed_at is not None

        await until(has_ended)
        # The next lease counts on from the executor's own table.
        again = await Desk.start(client, PLAN, pays(account))
        assert (await again.say(await again.waits("pay"), Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
        assert rows(
            worker.business, "SELECT CAST(token AS TEXT) FROM fences WHERE resource = ?", f"till/{account}"
        ) == [("2",)]

    tell(story)


def test_the_conflict_shows_both_and_holds_both(
    tell: Callable[[Story], None], worker: RunningWorker, account: str
) -> None:
    async def story(client: Client) -> None:
        first, second, conflict = await two(client, account)
        assert conflict.row.kind is Kind.CONFLICT
        assert [side.run.run_id for side in conflict.sides] == [first.handle.id, second.handle.id]
        assert [side.is_holder for side in conflict.sides] == [True, False]
        for desk, other in ((first, second), (second, first)):

            async def is_told(desk: Desk = desk, other: Desk = other) -> bool:
                shown = await desk.waits("pay")
                return other.handle.id in shown.contest and shown.blast.runs == (other.handle.id,)

            await until(is_told)
            # Its approval is taken, and does not let it act.
            await desk.decide(decision(await desk.waits("pay"), Verdict.APPROVE))

            async def is_held(desk: Desk = desk) -> bool:
                return (await desk.run()).status is RunStatus.WAITS and not await desk.open()

            await until(is_held)
        assert paid(worker, account) == []
        receipt = await rule(client, account, conflict, answer(first, "stop"))
        assert receipt.outcome is Outcome.CARRIED_OUT
        assert receipt.message == f"{first.handle.id} goes first; {second.handle.id} stops."
        await first.ends()
        await second.ends()
        assert paid(worker, account) == [(first.handle.id,)]
        assert (await second.facts())["payment"] == {
            "outcome": "stopped",
            "by": "Ana",
            "reason": f"Ana let {first.handle.id} go first on till/{account}.",
        }

    tell(story)


def test_the_later_run_wins_and_the_first_waits_and_is_asked_anew(
    tell: Callable[[Story], None], worker: RunningWorker, account: str
) -> None:
    async def story(client: Client) -> None:
        first, second, conflict = await two(client, account)
        given = await first.decide(decision(await first.waits("pay"), Verdict.APPROVE))
        receipt = await rule(client, account, conflict, answer(second, "wait"))
        assert receipt.message == f"{second.handle.id} goes first; {first.handle.id} waits."

        async def waits() -> bool:
            step = (await first.steps())["pay"]
            return step.status is StepStatus.GATE and step.message.startswith("Waits its turn: Ana let")

        await until(waits)
        superseded = await first.settled(given)
        assert superseded.outcome is Outcome.SUPERSEDED
        assert await first.open() == []
        assert (await second.say(await second.waits("pay"), Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
        # What the first proposed rests on what is no longer so: its agent works again, and a person is asked again.
        again = await first.waits("pay", occurrence=2)
        assert any("Meanwhile another run acted on" in caveat for caveat in again.caveats)
        assert paid(worker, account) == [(second.handle.id,)]
        assert (await first.say(again, Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
        assert paid(worker, account) == [(second.handle.id,), (first.handle.id,)]

    tell(story)


def test_a_run_that_needs_nobody_asks_all_the_same_after_another_has_acted(
    tell: Callable[[Story], None], worker: RunningWorker, account: str
) -> None:
    async def story(client: Client) -> None:
        first = await Desk.start(client, PLAN, pays(account))
        await first.waits("pay")
        second = await Desk.start(client, PLAN, pays(account, "5.00"))
        conflict = await lease(client, account).waits()
        await rule(client, account, conflict, answer(first, "wait"))
        assert (await first.say(await first.waits("pay"), Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
        shown = await second.waits("pay")
        assert shown.row.kind is Kind.CHECKPOINT
        assert paid(worker, account) == [(first.handle.id,)]

    tell(story)


def test_the_loser_is_rerouted_where_its_plan_allows_and_meets_the_winner_no_more(
    tell: Callable[[Story], None], worker: RunningWorker, account: str
) -> None:
    async def story(client: Client) -> None:
        first, second, conflict = await two(client, account)
        await rule(client, account, conflict, answer(first, "reroute", to="agent:second-agent"))

        async def is_rerouted() -> bool:
            step = (await second.steps())["pay"]
            return step.agent == "second-agent" and step.occurrence == 2

        await until(is_rerouted)
        shown = await second.waits("pay", occurrence=2)
        assert await lease(client, account).open() == []
        await second.decide(decision(shown, Verdict.APPROVE))
        assert (await first.say(await first.waits("pay"), Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
        await second.waits("pay", occurrence=3)
        assert paid(worker, account) == [(first.handle.id,)]

    tell(story)


def test_neither_goes_first(tell: Callable[[Story], None], worker: RunningWorker, account: str) -> None:
    async def story(client: Client) -> None:
        first, second, conflict = await two(client, account)
        await rule(client, account, conflict, answer(None, "stop"))
        await first.ends()
        await second.ends()
        assert paid(worker, account) == []

    tell(story)


def test_a_third_run_meets_the_winner_only_after_the_first_conflict(
    tell: Callable[[Story], None], worker: RunningWorker, account: str
) -> None:
    async def story(client: Client) -> None:
        first, second, conflict = await two(client, account)
        third = await Desk.start(client, PLAN, pays(account))
        assert "first" in (await third.waits("pay")).contest
        await rule(client, account, conflict, answer(second, "stop"))
        await first.ends()
        following = await lease(client, account).waits(occurrence=2)
        assert [side.run.run_id for side in following.sides] == [second.handle.id, third.handle.id]
        await rule(client, account, following, answer(third, "stop"))
        await second.ends()
        assert (await third.say(await third.waits("pay"), Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
        assert paid(worker, account) == [(third.handle.id,)]

    tell(story)


def test_a_ruling_is_checked_as_any_decision(tell: Callable[[Story], None], account: str) -> None:
    async def story(client: Client) -> None:
        first, _, conflict = await two(client, account)
        host = lease(client, account)
        payloads: tuple[dict[str, Json], ...] = (
            {"answer": {"winner": "somebody", "loser": "stop"}},
            {"answer": {"winner": first.handle.id, "loser": "reroute"}},
            {"answer": {"winner": "neither", "loser": "wait"}},
        )
        for payload in payloads:
            assert (
                await refusal(host, decision(conflict, Verdict.ANSWER, payload=payload)) == RefusalCode.INVALID_PAYLOAD
            )
        assert await refusal(host, decision(conflict, Verdict.APPROVE)) == RefusalCode.NOT_ALLOWED
        said = decision(conflict, Verdict.ANSWER, BEN, payload=answer(first, "stop"))
        accepted = await host.decide(said)
        assert (await host.decide(said)).decision_id == accepted.decision_id
        late = decision(conflict, Verdict.ANSWER, payload=answer(first, "wait"))
        assert await refusal(host, late) == RefusalCode.ALREADY_DECIDED

    tell(story)


def test_a_holder_that_was_terminated_holds_nobody_up(
    tell: Callable[[Story], None], worker: RunningWorker, account: str
) -> None:
    async def story(client: Client) -> None:
        first = await Desk.start(client, PLAN, pays(account))
        await first.waits("pay")
        await first.handle.terminate("gone")
        second = await Desk.start(client, PLAN, pays(account))
        assert (await second.waits("pay")).contest == ""
        assert (await second.say(await second.waits("pay"), Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
        assert await lease(client, account).open() == []
        assert paid(worker, account) == [(second.handle.id,)]

    tell(story)


def test_a_side_that_ends_meanwhile_closes_the_conflict(
    tell: Callable[[Story], None], worker: RunningWorker, account: str
) -> None:
    async def story(client: Client) -> None:
        first, second, _ = await two(client, account)
        given = await second.decide(decision(await second.waits("pay"), Verdict.APPROVE))
        await first.handle.terminate("gone")
        assert (await second.settled(given)).outcome is Outcome.CARRIED_OUT
        assert await lease(client, account).open() == []
        assert paid(worker, account) == [(second.handle.id,)]

    tell(story)


def test_a_rival_that_is_rejected_gives_way(tell: Callable[[Story], None], worker: RunningWorker, account: str) -> None:
    async def story(client: Client) -> None:
        first, second, _ = await two(client, account)
        given = await first.decide(decision(await first.waits("pay"), Verdict.APPROVE))
        await second.say(await second.waits("pay"), Verdict.REJECT)
        assert (await first.settled(given)).outcome is Outcome.CARRIED_OUT
        assert paid(worker, account) == [(first.handle.id,)]

    tell(story)


def test_a_stale_token_is_refused_by_the_executor_and_the_run_asks_anew(
    tell: Callable[[Story], None], worker: RunningWorker, account: str
) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays(account))
        shown = await desk.waits("pay")
        business.next_token(worker.business, f"till/{account}")
        assert (await desk.say(shown, Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
        assert len(paid(worker, account)) == 1
        assert (await desk.steps())["pay"].attempts == 3  # the agent's, the one refused, the one that acted

    tell(story)


def test_a_worker_killed_while_a_run_holds_loses_nothing(tmp_path: Path, account: str) -> None:
    own_server = start_server(tmp_path / "server")
    workers = [start_worker(own_server, tmp_path / "work", plans=(PROBE, LEASED), name="killed")]

    async def story() -> None:
        client = await own_server.client()
        first, second, conflict = await two(client, account)
        workers[0].kill()
        workers.append(start_worker(own_server, tmp_path / "work", plans=(PROBE, LEASED), name="second"))
        await rule(client, account, conflict, answer(second, "stop"))
        await first.ends()
        assert (await second.say(await second.waits("pay"), Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
        assert paid(workers[1], account) == [(second.handle.id,)]

    try:
        asyncio.run(story())
    finally:
        for one in workers:
            one.stop()
        own_server.stop()
