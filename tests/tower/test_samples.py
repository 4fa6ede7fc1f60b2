"""The sample plans on a real server: the kinds they raise, and their figures recomputed from the CSV files."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from console.domain.escalation import Escalation, Kind
from console.domain.receipt import Outcome, Receipt
from console.domain.risk import Risk
from console.domain.run import RunStatus
from console.tower.generator import start_sample
from console.tower.plans import ledgers, pricelists, samples, shop, traffic
from console.tower.policy import euros
from console.tower.run import ClearanceRun
from console.tower.staff import load
from console.tower.worker import SAMPLE_PLANS, WorkerConfig, workflow_runner
from tests.servers import RunningServer, RunningWorker, start_server, start_worker
from tests.tower.conftest import rows
from tests.tower.people import Desk
from tests.tower.workday import at_rest, decide_all, table, tally, workplace

SEED = 20_261
SAMPLES = 24
HISTORIES = Path(__file__).parent / "histories"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[RunningServer, RunningWorker]]:
    """A server and a worker of the test's own, in a world that no other test has."""
    server = start_server(tmp_path / "server")
    worker = start_worker(server, tmp_path / "work", seed=SEED)
    yield server, worker
    worker.stop()
    server.stop()


def owed(folder: Path, order: str) -> Decimal:
    """What an order's captures and deliveries leave open, from the files alone."""
    billed = next(row for row in table(folder, "orders") if row["order"] == order)
    captured = sum((Decimal(row["amount"]) for row in table(folder, "captures") if row["order"] == order), Decimal(0))
    short = int(billed["ordered"]) - int(billed["delivered"])
    return captured - Decimal(billed["amount"]) or short * Decimal(billed["unit_price"])


def gap(ledger: Path) -> Decimal:
    """What the book lacks to agree with the statement, payments under way aside, from the files alone."""
    stated = [Decimal(row["amount"]) for row in table(ledger, "bank")]
    booked = [Decimal(row["amount"]) for row in table(ledger, "book") if row["text"] != "payment under way"]
    return sum(stated, Decimal(0)) - sum(booked, Decimal(0))


async def started(client: Client, worker: RunningWorker) -> dict[str, Desk]:
    """The first samples of the world, each as far as it comes without a person."""
    config = WorkerConfig(address="", data=worker.folder, seed=SEED)
    place = workplace(worker, SEED)
    run_ids = [await start_sample(client, place, config, number) for number in range(SAMPLES)]
    desks = {run_id: Desk(client.get_workflow_handle(run_id)) for run_id in run_ids}
    await at_rest(desks.values())
    return desks


@pytest.mark.timeout(400)
def test_samples_raise_every_kind_and_each_effect_has_its_receipt(office: tuple[RunningServer, RunningWorker]) -> None:
    server, worker = office
    kinds: set[Kind] = set()

    async def story() -> list[Receipt]:
        client = await server.client()
        desks = await started(client, worker)
        for run_id, desk in desks.items():
            for shown in await desk.open():
                check(shown, run_id, worker.folder / f"world-{SEED}")
        decided = await asyncio.gather(*(decide_all(desk, worker.business, kinds) for desk in desks.values()))
        assert {(await desk.run()).status for desk in desks.values()} == {RunStatus.COMPLETED}
        for prefix in ("refund-", "close-", "incident-", "prices-"):
            ended = next(desk for run_id, desk in desks.items() if run_id.startswith(prefix))
            await replay(await ended.handle.fetch_history())
        return [receipt for receipts in decided for receipt in receipts]

    receipts = asyncio.run(story())
    assert kinds == set(Kind) - {Kind.CONFLICT, Kind.COMMAND, Kind.INTERVENTION}
    tally(worker.business, receipts)
    assert Outcome.FAILED in {one.outcome for one in receipts}
    recount(worker)


def recount(worker: RunningWorker) -> None:
    """Compare what was paid and posted with what the files give."""
    world = worker.folder / f"world-{SEED}"
    refunds = rows(worker.business, "SELECT order_no, amount FROM refunds")
    assert len(refunds) > SAMPLES // 4
    for order, amount in refunds:
        assert Decimal(amount) == owed(world / "shop" / "000", order)
    months = rows(worker.business, "SELECT DISTINCT company, period FROM journal_entries")
    assert len(months) == SAMPLES // 4
    for company, period in months:
        query = "SELECT amount FROM journal_entries WHERE company = ?"
        posted = sum((Decimal(amount) for (amount,) in rows(worker.business, query, company)), Decimal(0))
        assert posted == gap(world / "ledgers" / f"{company}-{period}")


def check(shown: Escalation, run_id: str, world: Path) -> None:
    """That what is asked says the amount that the files give, and weighs it as the policy would."""
    row, proposal = shown.row, shown.proposal
    assert row.due_at is not None
    assert shown.owner
    if row.kind not in {Kind.CHECKPOINT, Kind.DOUBT} or proposal is None:
        return
    assert proposal.changes
    assert shown.rule is not None
    assert shown.led_here
    if proposal.tool not in {"payments.refund", "ledger.post"}:
        return
    if proposal.tool == "payments.refund":
        amount = owed(world / "shop" / "000", str(proposal.arguments["order"]))
        assert row.title.startswith(f"Refund {euros(amount)} to ")
        assert row.business_key in {f"order {proposal.arguments['order']}", f"ticket {run_id.removeprefix('refund-')}"}
        limits = (50, 1_000, 5_000)
    else:
        entries = proposal.arguments["entries"]
        assert isinstance(entries, list)
        amount = sum((abs(Decimal(str(one["amount"]))) for one in entries if isinstance(one, dict)), Decimal(0))
        limits = (1_000, 100_000, 1_000_000)
    risk = Risk(1 + sum(amount > limit for limit in limits))
    assert row.risk is max(risk, Risk.MEDIUM if row.kind is Kind.DOUBT else Risk.LOW)
    assert row.required_approvals == (2 if risk is Risk.CRITICAL else 1)


async def replay(history: WorkflowHistory) -> None:
    replayer = Replayer(
        workflows=[ClearanceRun], data_converter=pydantic_data_converter, workflow_runner=workflow_runner()
    )
    await replayer.replay_workflow(history)


@pytest.mark.parametrize("path", sorted(HISTORIES.glob("*.json")), ids=lambda path: path.stem)
def test_recorded_histories_replay(path: Path) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    # Decisions name the run, so a replay needs its own name.
    run_id = recorded["events"][0]["workflowExecutionStartedEventAttributes"]["workflowId"]
    asyncio.run(replay(WorkflowHistory.from_json(run_id, recorded)))


def test_a_month_may_be_made_by_many_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: ledgers.ensure(tmp_path, 4, "FR02", "2026-10"), range(8)))
    assert {path.name for path in folders[0].iterdir()} == {"book.csv", "bank.csv", "balances.csv", "outages.csv"}


def test_a_world_follows_from_its_seed(tmp_path: Path) -> None:
    for name in ("one", "two", "other"):
        seed = 5 if name == "other" else 4
        shop.ensure(tmp_path / name, seed, 0)
        ledgers.ensure(tmp_path / name, seed, "FR02", "2026-10")
        traffic.ensure(tmp_path / name, seed, "A-503")
        pricelists.ensure(tmp_path / name, seed, "PR-302")
    made = {
        name: [path.read_bytes() for path in sorted((tmp_path / name).rglob("*.csv"))]
        for name in ("one", "two", "other")
    }
    assert made["one"] == made["two"]
    assert len(made["one"]) == len(made["other"]) == 19
    assert made["one"] != made["other"]


def test_the_mix_shows_every_plan_early_and_no_run_twice(tmp_path: Path) -> None:
    made = [samples.sample(number, data=tmp_path, seed=SEED, today=date(2026, 11, 21)) for number in range(96)]
    assert {one.plan for one in made[:8]} == set(load(SAMPLE_PLANS))
    assert Counter(one.plan for one in made) == {
        "customer-refund": 48,
        "month-end-close": 24,
        "incident-response": 12,
        "pricing-change": 12,
    }
    assert len({one.run_id for one in made}) == len(made)
    again = [samples.sample(number, data=tmp_path, seed=SEED, today=date(2026, 11, 21)) for number in range(96)]
    assert again == made


def test_a_third_of_the_price_changes_is_asked_for_by_whoever_runs_the_demo(tmp_path: Path) -> None:
    asked = [samples.pricing_sample(number, data=tmp_path, seed=SEED, asks="ana").started_by for number in range(9)]
    others = {samples.pricing_sample(number, data=tmp_path, seed=SEED).started_by for number in range(9)}
    assert [number for number, person in enumerate(asked) if person == "ana"] == [1, 4, 7]
    assert others == {"maren.holt", "tomas.reyes", "edda.kunz"}
