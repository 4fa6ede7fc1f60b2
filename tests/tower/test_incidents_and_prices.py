"""Incidents and changes of prices on a real server: the kinds they raise, who may approve, and every figure anew.

What is compared is reckoned here from the files of the world, by other code than the plans'.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from console.domain.canonical import Json
from console.domain.errors import RefusalCode
from console.domain.escalation import Escalation, Kind, Verdict
from console.domain.receipt import Outcome, Receipt
from console.domain.risk import Risk
from console.domain.run import RunStatus
from console.tower.plans import samples, traffic
from console.tower.plans.pricelists import SITUATIONS as REQUESTS
from console.tower.plans.traffic import SITUATIONS as ALERTS
from tests.servers import RunningServer, RunningWorker, start_worker
from tests.tower.conftest import rows
from tests.tower.people import ANA, BEN, EVA, decision
from tests.tower.workday import Row, begun, decide_all, table, tally, workplace

STAKE_LIMITS = (25, 100, 700)
SALES_LIMITS = (0, 100_000, 1_000_000)
SEEDS = itertools.count(31_415)

# Whole days of work, of many runs at once.
pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def office(server: RunningServer, tmp_path: Path) -> Iterator[tuple[RunningServer, RunningWorker, int]]:
    """A worker in a world of the test's own; the runs of others are not in its database."""
    seed = next(SEEDS)
    worker = start_worker(server, tmp_path / "work", seed=seed)
    yield server, worker, seed
    worker.stop()


class Log:
    """What a log says, counted line by line."""

    def __init__(self, folder: Path) -> None:
        (self.alert,) = table(folder, "alert")
        end = datetime.fromisoformat(self.alert["at"])
        self.lines = table(folder, "log")
        self.late = [one for one in self.lines if datetime.fromisoformat(one["at"]) >= end - timedelta(minutes=10)]
        self.early = [one for one in self.lines if datetime.fromisoformat(one["at"]) < end - timedelta(minutes=20)]

    def of(self, service: str, host: str = "") -> list[Row]:
        return [one for one in self.late if one["service"] == service and host in {"", one["host"]}]

    def failing(self, service: str, host: str = "") -> float:
        lines = self.of(service, host)
        return sum(one["status"] == "503" for one in lines) / len(lines)

    def stake(self, service: str, host: str = "") -> Decimal:
        return Decimal(len(self.of(service, host))) * Decimal(traffic.service(service)["sales"]) / 10

    def growth(self, service: str) -> float:
        early = sum(one["service"] == service for one in self.early) / 20
        return len(self.of(service)) / 10 / early

    def is_at_fault(self, service: str) -> bool:
        """Whether it is out of order and none that it calls is."""
        is_ill = self.failing(service) >= 0.05
        return is_ill and all(self.failing(one) < 0.05 for one in traffic.service(service)["calls"].split())


def risk(amount: Decimal, limits: tuple[int, int, int]) -> Risk:
    return Risk(1 + sum(amount > limit for limit in limits))


def text(arguments: dict[str, Json], *names: str) -> tuple[str, ...]:
    return tuple(str(arguments[name]) for name in names)


def test_incidents_are_found_weighed_and_dealt_with_by_their_files(
    office: tuple[RunningServer, RunningWorker, int],
) -> None:
    server, worker, seed = office
    place = workplace(worker, seed)
    kinds: set[Kind] = set()

    async def story() -> list[Receipt]:
        alerts = [samples.incident_sample(number, data=place.data, seed=seed) for number in range(len(ALERTS))]
        desks = await begun(await server.client(), place, alerts)
        for run_id, desk in desks.items():
            log = Log(place.data / "alerts" / run_id.removeprefix("incident-"))
            for shown in await desk.open():
                check_step(shown, log)
        made = await asyncio.gather(*(decide_all(desk, worker.business, kinds) for desk in desks.values()))
        assert {(await desk.run()).status for desk in desks.values()} == {RunStatus.COMPLETED}
        return [receipt for receipts in made for receipt in receipts]

    receipts = asyncio.run(story())
    assert kinds == set(Kind) - {Kind.CONFLICT, Kind.COMMAND, Kind.INTERVENTION}
    tally(worker.business, receipts)
    assert Outcome.FAILED in {one.outcome for one in receipts}
    done = rows(worker.business, "SELECT alert, service, action, target FROM operations ORDER BY alert")
    assert len(done) == len({alert for alert, *_ in done}) == len(ALERTS) - 1
    assert {action for _, _, action, _ in done} == {"restart", "roll back", "scale"}
    for alert, *step in done:
        recount_step(Log(place.data / "alerts" / alert), *step)
    told = rows(worker.business, "SELECT alert, audience, severity, text FROM status_updates")
    assert len(told) == len({alert for alert, *_ in told}) == len(ALERTS)
    at_fault = {alert: service for alert, service, *_ in done}
    for alert, audience, severity, words in told:
        assert (audience == "public") == (severity in {"SEV1", "SEV2"})
        if service := at_fault.get(alert):
            said = float(words.removeprefix(f"{service}: ").split("%")[0])
            assert said == pytest.approx(100 * Log(place.data / "alerts" / alert).failing(service), abs=0.1)


def check_step(shown: Escalation, log: Log) -> None:
    """That a step weighs what the log says is at stake, and names the host or version that it should."""
    proposal = shown.proposal
    if shown.row.kind is not Kind.CHECKPOINT or proposal is None or not proposal.tool.startswith("services."):
        return
    service, *target = text(proposal.arguments, "service", *(key for key in ("host",) if key in proposal.arguments))
    stake = log.stake(service, *target)
    assert Decimal(str(proposal.arguments["at_stake"])) == stake.quantize(Decimal("0.01"))
    assert shown.row.risk is risk(stake, STAKE_LIMITS)
    assert shown.row.required_approvals == (2 if shown.row.risk is Risk.CRITICAL else 1)
    assert proposal.critical_name == service
    assert proposal.changes


def recount_step(log: Log, service: str, action: str, target: str) -> None:
    assert log.is_at_fault(service)
    if action == "restart":
        others = [host for host in traffic.hosts(traffic.service(service)) if host != target]
        assert log.failing(service, target) > 0.2
        assert max(log.failing(service, host) for host in others) < 0.1
    elif action == "roll back":
        before, after = (
            {one["version"] for one in lines if one["service"] == service} for lines in (log.early, log.late)
        )
        assert before == {target}
        assert target not in after
    else:
        assert log.growth(service) > 1.8
        assert int(target) > int(traffic.service(service)["hosts"])


def test_price_changes_follow_from_articles_and_sales_and_are_made_once(
    office: tuple[RunningServer, RunningWorker, int],
) -> None:
    server, worker, seed = office
    place = workplace(worker, seed)
    kinds: set[Kind] = set()

    async def story() -> list[Receipt]:
        asked = [samples.pricing_sample(number, data=place.data, seed=seed) for number in range(len(REQUESTS))]
        desks = await begun(await server.client(), place, asked)
        for one in asked:
            for shown in await desks[one.run_id].open():
                assert shown.initiator == one.started_by != "schedule"
                check_change(shown, place.data / "prices" / one.run_id.removeprefix("prices-"))
        made = await asyncio.gather(*(decide_all(desk, worker.business, kinds) for desk in desks.values()))
        assert {(await desk.run()).status for desk in desks.values()} == {RunStatus.COMPLETED}
        return [receipt for receipts in made for receipt in receipts]

    receipts = asyncio.run(story())
    assert kinds == set(Kind) - {Kind.CONFLICT, Kind.COMMAND, Kind.INTERVENTION}
    tally(worker.business, receipts)
    changed = rows(worker.business, "SELECT DISTINCT run_id, effect_id FROM effects JOIN prices USING (effect_id)")
    assert len(changed) == len({run_id for run_id, _ in changed}) == len(REQUESTS)
    for run_id, effect_id in changed:
        recount_prices(worker.business, effect_id, place.data / "prices" / run_id.removeprefix("prices-"))


def check_change(shown: Escalation, folder: Path) -> None:
    """That a change touches what the sales say, weighs that, and lets nobody be asked alone who asked for it."""
    proposal = shown.proposal
    if shown.row.kind not in {Kind.CHECKPOINT, Kind.DOUBT} or proposal is None:
        return
    left_out, price_list = proposal.arguments["left_out"], proposal.arguments["list"]
    assert isinstance(left_out, list)
    price = {
        one["sku"]: Decimal(one["price"])
        for one in table(folder, "articles")
        if one["list"] == price_list and one["sku"] not in left_out
    }
    sold = [one for one in table(folder, "sales") if one["list"] == price_list and one["sku"] in price]
    touched = sum((price[one["sku"]] * int(one["units"]) for one in sold), Decimal(0))
    assert Decimal(str(proposal.arguments["sales"])) == touched
    assert shown.row.risk is risk(touched, SALES_LIMITS)
    assert proposal.is_reversible
    assert proposal.reversal
    day = table(folder, "request")[0]["valid_from"]
    promised = {one["customer"] for one in table(folder, "promises") if one["until"] >= day}
    reached = {one["customer"] for one in sold} - promised
    said = {one.label: one.after for one in proposal.changes}
    assert said["Customers who pay the new prices"] == str(len(reached))
    assert said["Articles with a new price"] == str(len(price))


def recount_prices(business: Path, effect_id: str, folder: Path) -> None:
    """Every new price in cents, and that only articles were left out whose margin would be too thin."""
    (request,) = table(folder, "request")
    found = rows(business, "SELECT list, sku, before, after, valid_from FROM prices WHERE effect_id = ?", effect_id)
    ((price_list, valid_from),) = {(one, day) for one, _, _, _, day in found}
    assert price_list == (request["list"] or "trade")
    assert valid_from == request["valid_from"]
    done = {sku: (before, after) for _, sku, before, after, _ in found}
    for one in table(folder, "articles"):
        if one["list"] != price_list:
            continue
        cents = int(Decimal(one["price"]) * 100) * (10_000 + int(Decimal(request["percent"]) * 100))
        steps, rest = divmod(cents, 5 * 10_000)
        new = 5 * (steps + (2 * rest >= 5 * 10_000))
        is_thin = Decimal(new) < Decimal(one["cost"]) * 112
        if is_thin and request["is_for_all"] == "no":
            assert one["sku"] not in done
        else:
            assert done[one["sku"]] == (one["price"], f"{new // 100}.{new % 100:02}")


async def refused(work: Awaitable[object]) -> str:
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await work
    assert isinstance(caught.value.cause, ApplicationError)
    return str(caught.value.cause.type)


def test_who_asked_for_new_prices_approves_neither_them_nor_an_edit_and_two_others_do(
    office: tuple[RunningServer, RunningWorker, int],
) -> None:
    server, worker, seed = office
    place = workplace(worker, seed)

    async def story() -> None:
        large = samples.pricing_sample(0, data=place.data, seed=seed)
        asked = samples.Sample(
            plan=large.plan,
            run_id=f"asked-{large.run_id}",
            title=large.title,
            business_key=large.business_key,
            started_by=BEN.person_id,
            parameters=large.parameters,
        )
        ((_, desk),) = (await begun(await server.client(), place, [asked])).items()
        shown = await desk.waits("change")
        assert shown.proposal is not None
        assert (shown.row.risk, shown.row.required_approvals) == (Risk.CRITICAL, 2)
        edited = {**shown.proposal.arguments, "percent": "1.00"}
        for verdict, payload in ((Verdict.APPROVE, None), (Verdict.EDIT, {"arguments": edited})):
            said = decision(shown, verdict, BEN, payload=payload)  # type: ignore[arg-type]
            assert await refused(desk.decide(said)) == RefusalCode.NOT_ALLOWED
        half = await desk.decide(decision(shown, Verdict.APPROVE, EVA))
        assert half.outcome is Outcome.HALF_GRANTED
        again = await desk.waits("change")
        assert await refused(desk.decide(decision(again, Verdict.APPROVE, EVA))) == RefusalCode.NOT_ALLOWED
        assert await refused(desk.decide(decision(again, Verdict.APPROVE, BEN))) == RefusalCode.NOT_ALLOWED
        assert rows(worker.business, "SELECT * FROM prices") == []
        receipt = await desk.settled(await desk.decide(decision(again, Verdict.APPROVE, ANA)))
        assert receipt.outcome is Outcome.CARRIED_OUT
        assert receipt.effect is not None
        assert {key for (key,) in rows(worker.business, "SELECT effect_id FROM prices")} == {receipt.effect.effect_id}
        await desk.ends()

    asyncio.run(story())
