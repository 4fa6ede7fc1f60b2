"""The runs of a namespace are listed newest movement first, all of them, and nothing that is no run."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from console.domain.listing import RunQuery, RunRow
from console.domain.run import RunStatus
from console.engines.temporal.engine import TemporalEngine
from console.engines.temporal.reasons import NO_WORKER
from console.tower import wire
from tests.engines.temporal.planted import NOBODY, connected, listed_count
from tests.engines.tower_bench import Host

MORNING = datetime(2026, 11, 21, 8, tzinfo=UTC)
IS_RUN = f"WorkflowType = '{wire.RUN_WORKFLOW}'"
CHANGED = SearchAttributeKey.for_datetime("ClearanceChangedAt")


async def plant(
    client: Client,
    *,
    changed_at: datetime | None = None,
    memo: Any = None,  # noqa: ANN401  # whatever JSON a test plants
    kind: str = wire.RUN_WORKFLOW,
    **attributes: str,
) -> WorkflowHandle[Any, Any]:
    """Start an execution on which nobody works."""
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(SearchAttributeKey.for_keyword(f"Clearance{name}"), value)
        for name, value in attributes.items()
    ]
    if changed_at is not None:
        pairs.append(SearchAttributePair(CHANGED, changed_at))
    return await client.start_workflow(
        kind,
        id=f"planted-{uuid.uuid4().hex[:12]}",
        task_queue=NOBODY,
        memo=None if memo is None else {wire.MEMO_KEY: memo},
        search_attributes=TypedSearchAttributes(pairs),
    )


async def pages(engine: TemporalEngine, query: RunQuery) -> list[tuple[RunRow, ...]]:
    found = []
    older = ""
    while True:
        page = await engine.runs(query, older=older)
        found.append(page.rows)
        older = page.older
        if not older:
            return found


def test_every_run_is_in_one_page_and_pages_are_in_order(quiet: Host) -> None:
    async def run() -> None:
        async with connected(quiet) as (client, engine, _identity):
            for number in range(36):
                moved = MORNING + timedelta(minutes=number**2 / 7)
                await plant(client, changed_at=moved, Status="running" if number % 2 else "waits")
            closed = await plant(client, changed_at=MORNING, Status="running")
            await closed.terminate(reason="wrong value date")
            new = await plant(client)
            await plant(client, kind="ClearanceLease", changed_at=MORNING)
            await plant(client, kind="SomebodyElses")
            await listed_count(client, IS_RUN, 38)
            await listed_count(client, f"{IS_RUN} AND ExecutionStatus = 'Terminated'", 1)
            found = await pages(engine, RunQuery(limit=10))
            rows = [row for page in found for row in page]
            assert len(rows) == len({row.ref for row in rows}) == 38
            assert all(len(page) <= 10 for page in found)
            moments = [row.moved_at for row in rows if row.moved_at is not None]
            assert moments == sorted(moments, reverse=True)
            by_id = {row.ref.run_id: row for row in rows}
            assert by_id[closed.id].status is RunStatus.CANCELLED
            assert by_id[closed.id].why == "Terminated at the server: wrong value date"
            assert by_id[new.id].why == NO_WORKER.format(queue=wire.TASK_QUEUE)
            running = await engine.runs(RunQuery(statuses=frozenset({RunStatus.RUNNING}), limit=100))
            assert {row.status for row in running.rows} == {RunStatus.RUNNING}
            assert running.total == len(running.rows) == 19
            assert all(row.why for row in running.rows)

    quiet.run(run())


def test_keys_are_found_to_the_letter_and_a_hostile_run_hides_no_other(quiet: Host) -> None:
    async def run() -> None:
        async with connected(quiet) as (client, engine, _identity):
            keys = ["order 4711", "order 47110", "order 471", "o'neil \\ % _ ' OR 1=1", "ünïcode €"]
            for key in keys:
                await plant(client, changed_at=MORNING, Status="waits", BusinessKey=key, Plan="refunds")
            await listed_count(client, IS_RUN, len(keys))

            async def found(key: str) -> set[str]:
                page = await engine.runs(RunQuery(key=key))
                assert page.total in {len(page.rows), None}
                return {row.business_key for row in page.rows}

            assert await found("order 4711") == {"order 4711", "order 47110"}
            assert await found("o'neil \\ % _ ' OR 1=1") == {"o'neil \\ % _ ' OR 1=1"}
            assert await found("ünïcode €") == {"ünïcode €"}
            assert await found("order 4711\\") == set()
            assert await found("' OR ''='") == set()
            assert await found("\x00\n" + "x" * 5_000) == set()
            planned = await engine.runs(RunQuery(workflow="refunds", statuses=frozenset({RunStatus.WAITS})))
            assert len(planned.rows) == len(keys)
            bad: list[Any] = [None, 5, {"rows": 5}, {"title": ["x"], "more": "many"}, {"title": "x" * 100_000}]
            for memo in bad:
                await plant(client, changed_at=MORNING, memo=memo, Status="no such status")
            await plant(client, changed_at=MORNING, memo={"title": "Sound", "rows": []}, Status="paused")
            await listed_count(client, IS_RUN, len(keys) + len(bad) + 1)
            rows = (await engine.runs(RunQuery())).rows
            assert len(rows) == len(keys) + len(bad) + 1
            assert all(len(row.title) <= 300 for row in rows)
            assert [row.title for row in rows if row.status is RunStatus.PAUSED] == ["Sound"]

    quiet.run(run())
