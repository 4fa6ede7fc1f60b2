"""Sample runs at a human pace, so that a demo's inbox is never empty and never a flood.

Invariant: which run comes next follows from the seed and a counter in the business database, so that a restart goes on
where it was and starts nothing twice; no run is started while too much waits for people already.
"""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from console.tower import business
from console.tower.messages import RunStart
from console.tower.plans.samples import Sample, rival_sample, sample
from console.tower.staff import Workplace
from console.tower.wire import RUN_WORKFLOW

if TYPE_CHECKING:
    from console.tower.worker import WorkerConfig

FIRST_BURST = 16
MOST_OPEN = 30
MOST_UNDER_WAY = 60
LOOK_AGAIN = 5.0
COUNTER = "sample runs"
logger = logging.getLogger(__name__)


async def generate(client: Client, place: Workplace, config: WorkerConfig) -> None:
    """Start sample runs for ever: the first ones at once, then ``config.demo_rate`` a minute while fewer wait."""
    pace = random.Random(config.seed)  # noqa: S311  # the pace of a demo
    while True:
        try:
            if await waiting(client) < MOST_OPEN and await under_way(client) < MOST_UNDER_WAY:
                number = await asyncio.to_thread(business.next_number, place.business, COUNTER)
                await start_sample(client, place, config, number)
                if number == 0:
                    await _start_rival(client, place, config)
                if number + 1 < FIRST_BURST:
                    continue
            await asyncio.sleep(pace.uniform(0.5, 1.5) * 60 / config.demo_rate)
        except RPCError as error:
            logger.info("The server does not answer: %s", error.message)
            await asyncio.sleep(LOOK_AGAIN)


async def start_sample(client: Client, place: Workplace, config: WorkerConfig, number: int) -> str:
    """Start the sample run of a number, if it is not there yet; returns its workflow id."""
    today = place.clock().date()
    one = await asyncio.to_thread(sample, number, data=place.data, seed=place.seed, today=today, asks=config.asks)
    return await begin(client, place, one, config.task_queue)


async def _start_rival(client: Client, place: Workplace, config: WorkerConfig) -> None:
    """Start the run that wants the first one's order as well."""
    rival = await asyncio.to_thread(rival_sample, data=place.data, seed=place.seed)
    await begin(client, place, rival, config.task_queue)


async def begin(client: Client, place: Workplace, one: Sample, task_queue: str) -> str:
    """Start a sample run, if it is not there yet; returns its workflow id."""
    start = RunStart(
        plan=place.plans[one.plan].plan,
        title=one.title,
        business_key=one.business_key,
        started_by=one.started_by,
        parameters=one.parameters,
    )
    await start_run(client, start, one.run_id, task_queue)
    return one.run_id


async def start_run(client: Client, start: RunStart, run_id: str, task_queue: str) -> None:
    """Start a run unless one of that id is or was there."""
    try:
        await client.start_workflow(
            RUN_WORKFLOW,
            start,
            id=run_id,
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=start.title,
        )
    except WorkflowAlreadyStartedError:
        logger.debug("%s is there already", run_id)


async def waiting(client: Client) -> int:
    """How many runs wait for a person."""
    found = await client.count_workflows("ClearanceOpen > 0 AND ExecutionStatus = 'Running'")
    return found.count


async def under_way(client: Client) -> int:
    """How many runs have not ended, waiting or not: where none gets on, no more are begun."""
    found = await client.count_workflows(f"WorkflowType = '{RUN_WORKFLOW}' AND ExecutionStatus = 'Running'")
    return found.count
