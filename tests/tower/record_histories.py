"""Record a run of each sample plan into ``histories``, for the replays in ``test_samples.py``.

``python tests/tower/record_histories.py`` after a change that is meant to alter the order of commands, and which stands
behind ``workflow.patched``: then under new names, so that the old ones go on being replayed.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from console.domain.escalation import Kind, Verdict
from console.tower.generator import start_sample
from console.tower.server import Tower
from console.tower.staff import Workplace, load
from console.tower.worker import DEFAULT_SEED, SAMPLE_PLANS, WorkerConfig, working
from tests.signing import enrol_all, plant_root
from tests.tower.people import ANA, BEN, Desk, Handle, decision

HISTORIES = Path(__file__).parent / "histories"
# A refund for two people; a question; a close that goes back and forth until it is stuck.
NUMBERS = {"refund-critical": 12, "refund-question": 2, "close-stuck": 9}


async def record(folder: Path) -> None:
    """Run, decide, and write what the server recorded."""
    tower = Tower(folder)
    address = await tower.start_server()
    config = WorkerConfig(address=address, data=folder, identity="worker")
    plant_root(folder)
    place = Workplace(
        plans=load(SAMPLE_PLANS), business=config.business, data=folder / f"world-{config.seed}", seed=DEFAULT_SEED
    )
    try:
        async with working(config):
            client = await Client.connect(address, data_converter=pydantic_data_converter, identity="desk")
            await enrol_all(client)
            for name, number in NUMBERS.items():
                run_id = await start_sample(client, place, config, number)
                desk = Desk(client.get_workflow_handle(run_id))
                await decide(desk)
                await keep(name, desk.handle)
    finally:
        await tower.stop()


async def keep(name: str, handle: Handle) -> None:
    """Write the history of one execution."""
    history = await handle.fetch_history()
    text = json.dumps(history.to_json_dict(), separators=(",", ":"))
    (HISTORIES / f"{name}.json").write_text(text + "\n", encoding="utf-8")


async def decide(desk: Desk) -> None:
    """Say yes until the run has ended."""
    while (await desk.run()).closed_at is None:
        for shown in await desk.open():
            if shown.row.kind is Kind.STUCK:
                await desk.say(shown, Verdict.SKIP)
            elif shown.row.kind is Kind.QUESTION:
                properties = shown.schema["properties"]
                assert isinstance(properties, dict)
                answer = {name: field["enum"][0] for name, field in properties.items()}
                await desk.say(shown, Verdict.ANSWER, payload={"answer": answer})
            else:
                half = await desk.decide(decision(shown, Verdict.APPROVE, ANA))
                if shown.row.required_approvals > 1:
                    half = await desk.decide(decision(await desk.waits(shown.step), Verdict.APPROVE, BEN))
                await desk.settled(half)


if __name__ == "__main__":
    HISTORIES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(record(Path(home) / "tower"))
