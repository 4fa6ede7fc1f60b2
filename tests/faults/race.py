"""Two consoles, in processes of their own, decide the same LangGraph items oppositely, some milliseconds apart.

LangGraph has no lock. What is counted is read from the server and from what the graphs wrote down: how often both
answers were taken on, whether ever more than one was heard, and whether both consoles were told the truth.

    python -m tests.faults.race [--each N] [--offsets 0,10,...] [--folder DIR]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import httpx
from pydantic import TypeAdapter

from console.domain.decision import Decision
from console.domain.errors import Refused, Uncertain, Unreachable
from console.domain.escalation import Verdict
from console.domain.receipt import Outcome
from console.engines.langgraph.engine import LangGraphEngine
from console.engines.langgraph.settings import LangGraphSettings
from tests.engines.conformance import Ask, decision
from tests.engines.langgraph.bench import langgraph_bench
from tests.engines.langgraph.server import LangGraphServer
from tests.signing import ANNA, BENNO

OFFSETS = "0,5,10,20,30,50,75,100,150,200"
APART = 0.12
HEAD_START = 4.0
SETTLED_WITHIN = 60.0
WELL = str(Outcome.CARRIED_OUT)
_DECISION = TypeAdapter(Decision)
Sending = tuple[str, float]


async def _send(engine: LangGraphEngine, raw: str, at: float) -> str:
    """Deliver a decision at a time of the machine's clock; what it came to, once that is known."""
    made = _DECISION.validate_json(raw)
    await asyncio.sleep(max(0.0, at - time.monotonic()))
    try:
        await engine.deliver(made)
    except Refused as refused:
        return refused.code
    except (Uncertain, Unreachable):
        pass
    deadline = time.monotonic() + SETTLED_WITHIN
    while time.monotonic() < deadline:
        receipt = await engine.read_back(made)
        if receipt is not None and receipt.outcome is not Outcome.CONFIRMED:
            return str(receipt.outcome)
        await asyncio.sleep(0.2)
    return "not known"


def console(address: str, sendings: list[Sending]) -> list[str]:
    """One console: what became of each of its decisions."""

    async def whole() -> list[str]:
        engine = LangGraphEngine(LangGraphSettings(address=address))
        await engine.open()
        told = await asyncio.gather(*(_send(engine, raw, at) for raw, at in sendings))
        await engine.close()
        return list(told)

    return asyncio.run(whole())


async def _prepared(server: LangGraphServer, count: int) -> list[tuple[Decision, Decision]]:
    """Items that wait, each with an approval and a rejection."""
    async with langgraph_bench(server) as bench:
        found = []
        for _ in range(count):
            key = await bench.open(Ask())
            found.append((await decision(bench, key), await decision(bench, key, Verdict.REJECT, by=BENNO)))
        return found


def race(server: LangGraphServer, offset: float, each: int) -> Counter[str]:
    """So many races with the rejection so many seconds behind the approval."""
    pairs = asyncio.run(_prepared(server, each))
    begin = time.monotonic() + HEAD_START
    first = [(_DECISION.dump_json(one).decode(), begin + place * APART) for place, (one, _) in enumerate(pairs)]
    second = [
        (_DECISION.dump_json(other).decode(), begin + place * APART + offset) for place, (_, other) in enumerate(pairs)
    ]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        told = list(pool.map(console, [server.address] * 2, [first, second]))
    heard = Counter(str(effect["decision"]) for effect in server.effects)
    counted: Counter[str] = Counter(races=each)
    for (approval, rejection), said in zip(pairs, zip(*told, strict=True), strict=True):
        applied = [bool(heard[one.decision_id]) for one in (approval, rejection)]
        counted["one heard"] += sum(applied) == 1
        counted["both heard"] += sum(applied) > 1
        counted["none heard"] += not any(applied)
        counted["untrue"] += [one == WELL for one in said] != applied
        runs = httpx.get(f"{server.url}/threads/{approval.key.run.run_id}/runs", params={"limit": 10}).json()
        counted["both taken"] += sum(bool(run["metadata"].get("clearance_decisions")) for run in runs) > 1
    return counted


def main() -> int:
    """Race, and print what was counted; 1 if two were heard, none was, or a console was told what is not so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=50)
    parser.add_argument("--offsets", default=OFFSETS, help="milliseconds, apart by commas")
    parser.add_argument("--folder", type=Path, default=None)
    told = parser.parse_args()
    folder = told.folder or Path(tempfile.mkdtemp(prefix="race-"))
    server = LangGraphServer(folder)
    server.start()
    names = ("races", "one heard", "both heard", "none heard", "both taken", "untrue")
    total: Counter[str] = Counter()
    print("offset ms  " + "  ".join(names))
    try:
        for offset in map(float, told.offsets.split(",")):
            counted = race(server, offset / 1_000, told.each)
            total += counted
            print(f"{offset:9g}  " + "  ".join(f"{counted[name]:>{len(name)}}" for name in names), flush=True)
    finally:
        server.stop()
    print(json.dumps({"total": total, "by": [ANNA.name, BENNO.name]}))
    return 1 if total["both heard"] or total["none heard"] or total["untrue"] else 0


if __name__ == "__main__":
    sys.exit(main())
