"""Everything that waits is listed, page by page, critical first, whatever one of the runs says of itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

from console.domain.escalation import Waiting
from console.domain.risk import Risk
from console.engines.items import MAX_ITEM_BYTES
from console.engines.temporal.engine import TemporalEngine
from console.tower import wire
from tests.engines.temporal.planted import connected, listed_count, plant, plant_many, row_of
from tests.engines.tower_bench import Host

OPEN = "ExecutionStatus = 'Running' AND ClearanceOpen > 0"


async def rows(engine: TemporalEngine) -> list[Waiting]:
    return [row async for page in engine.waiting() for row in page]


def test_hundreds_are_listed_once_each_and_in_order(quiet: Host) -> None:
    async def run() -> None:
        async with connected(quiet, page_size=40) as (client, engine, identity):
            planted = await plant_many(client, identity, 300)
            await listed_count(client, OPEN, 300)
            pages = [page async for page in engine.waiting()]
            found = [row for page in pages for row in page]
            assert {row.key.run.run_id: row.risk for row in found} == planted
            assert len(found) == 300
            assert all(0 < len(page) <= 40 for page in pages)
            assert [row.risk for row in found] == sorted((row.risk for row in found), reverse=True)
            assert not any(row.problem for row in found)

    quiet.run(run())


def test_rows_of_one_run_come_each_at_its_own_level(quiet: Host) -> None:
    async def run() -> None:
        async with connected(quiet) as (client, engine, identity):
            both = [row_of(identity, "both", Risk.CRITICAL), row_of(identity, "both", Risk.LOW)]
            both[1]["key"] = {**dict(both[1]["key"]), "native_id": "other"}  # type: ignore[arg-type]  # JSON of a key
            await plant(client, {"rows": both}, risk=4, run_id="both")
            await plant(client, {"rows": [row_of(identity, "middle", Risk.MEDIUM)]}, risk=2, run_id="middle")
            await listed_count(client, OPEN, 2)
            found = [(row.key.run.run_id, row.risk) for row in await rows(engine)]
            assert found == [("both", Risk.CRITICAL), ("middle", Risk.MEDIUM), ("both", Risk.LOW)]

    quiet.run(run())


def test_a_bad_run_has_a_problem_and_hides_no_other(quiet: Host) -> None:
    async def run() -> None:
        async with connected(quiet) as (client, engine, identity):
            good = row_of(identity, "good", Risk.HIGH)
            wrong_types = {**row_of(identity, "mixed", Risk.HIGH), "title": 5, "risk": "enormous"}
            hostile: dict[str, Any] = {
                "good": {"rows": [good]},
                "no-memo": None,
                "not-an-object": [1, 2],
                "no-rows": {"title": "What of it?"},
                "newer": {"version": wire.WIRE_VERSION + 1, "rows": [good]},
                "mixed": {"rows": [wrong_types, row_of(identity, "mixed", Risk.HIGH), None]},
                "spoof": {"rows": [good]},
                "naive": {"rows": [{**row_of(identity, "naive", Risk.HIGH), "opened_at": "2026-11-21T08:00:00"}]},
                "bidi": {"rows": [{**row_of(identity, "bidi", Risk.HIGH), "title": "pay \u202e0042 €"}]},
                "long": {"rows": [{**row_of(identity, "long", Risk.HIGH), "title": "x" * 300_000}]},
                "huge": {"rows": [{**row_of(identity, "huge", Risk.HIGH), "title": "x" * (MAX_ITEM_BYTES + 1)}]},
                "deep": {"rows": [{**row_of(identity, "deep", Risk.HIGH), "claim": nested(200)}]},
            }
            for run_id, memo in hostile.items():
                await plant(client, memo, run_id=run_id)
            await plant(client, {"rows": [row_of(identity, "no-risk", Risk.LOW)]}, risk=None, run_id="no-risk")
            await listed_count(client, OPEN, len(hostile) + 1)
            found = await rows(engine)
            assert Counter(row.key.run.run_id for row in found) == Counter([*hostile, "no-risk", "mixed", "mixed"])
            problems = {(row.key.run.run_id, row.key.native_id): row.problem for row in found if row.problem}
            assert {run_id for run_id, _ in problems} == hostile.keys() - {"good", "bidi", "long"}
            assert sum(run_id == "mixed" for run_id, _ in problems) == 2
            assert all(len(problem) < 300 for problem in problems.values())
            assert "newer tower" in problems["newer", "unreadable-0"]
            assert "another one" in problems["spoof", "gate"]
            assert "512 KB" in problems["huge", "unreadable-0"]
            assert "“title”" in problems["mixed", "gate"]
            assert all(row.key.run.server == identity for row in found)
            assert next(row for row in found if row.key.run.run_id == "no-rows").title == "What of it?"
            assert len(next(row for row in found if row.key.run.run_id == "long").title) == 300

    quiet.run(run())


def test_a_run_whose_memo_is_not_all_and_which_nobody_works_on_says_so_and_delays_nobody(quiet: Host) -> None:
    async def run() -> None:
        async with connected(quiet) as (client, engine, identity):
            for number in range(20):
                run_id = f"partial-{number}"
                memo = {"rows": [row_of(identity, run_id, Risk.HIGH)], "more": 3}
                await plant(client, memo, run_id=run_id)
            await plant(client, {"rows": [row_of(identity, "whole", Risk.HIGH)]}, run_id="whole")
            await listed_count(client, OPEN, 21)
            found = await rows(engine)
            assert len(found) == 21
            assert [row.key.run.run_id for row in found if not row.problem] == ["whole"]

    quiet.run(run())


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value
