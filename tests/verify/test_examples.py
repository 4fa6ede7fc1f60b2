"""The examples of a checked step, copied by others as they stand: run for real, with answers that hold and that do not.

The Temporal one is a program beside a real server, the LangGraph one a graph in an environment that has that library
and the two that the check needs, and nothing else of ours.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle

from console.domain.canonical import Json
from console.domain.escalation import Escalation, Verdict
from console.domain.identity import Person, Role
from console.domain.run import RunRef
from console.tower import processes
from console.verify.signatures import encoded
from console.verify.trust import Doubt
from tests.environments import ROOT as PROJECT
from tests.environments import langgraph_python
from tests.servers import RunningServer, start_server
from tests.tower.people import until
from tests.verify.outside import TOWER, Keys, answer, shown
from tests.verify.people import ANA, BEN, EVA, IAN, ROOT, key_of, public_of

PLACE = "their:deployment"
TOOL = "payments.refund"
EXAMPLES = PROJECT / "resources" / "examples"
MAX = Person("max", "Max", Role.SUPERVISOR)
LARGE: dict[str, Json] = {"order": "4711", "amount": "420.00"}
SMALL: dict[str, Json] = {"order": "4712", "amount": "42.00"}
Answer = Callable[[Escalation], Any]


def changed(told: dict[str, Any], **changes: Json) -> dict[str, Any]:
    """An approval whose decisions say something else than was signed."""
    for one in told["approvals"]:
        one["decision"].update(changes)
    return told


def more_money(told: dict[str, Any]) -> dict[str, Any]:
    """An approval of less, with the action written anew."""
    for one in told["approvals"]:
        one["action"]["arguments"] = LARGE
    return told


def elsewhere(wait: Escalation, **changes: str) -> Escalation:
    """The same wait in another run, or on another server."""
    run = dataclasses.replace(wait.key.run, **changes)
    return dataclasses.replace(wait, row=dataclasses.replace(wait.row, key=dataclasses.replace(wait.row.key, run=run)))


def less(wait: Escalation) -> Escalation:
    """A wait for a smaller refund of the same order."""
    assert wait.proposal is not None
    proposal = dataclasses.replace(wait.proposal, arguments={**LARGE, "amount": "4.20"})
    return dataclasses.replace(wait, proposal=proposal)


# For two approvals of LARGE, asked for by Ian; Max was enrolled and then revoked.
REFUSED: dict[str, tuple[Answer, str]] = {
    "yes": (lambda _: True, Doubt.OTHER_CONTENT),
    "nobody": (answer, Doubt.QUORUM),
    "one of two": (lambda wait: answer(wait, ANA), Doubt.QUORUM),
    "one person twice": (lambda wait: answer(wait, ANA, ANA), Doubt.QUORUM),
    "a key that is not theirs": (lambda wait: answer(wait, ANA, BEN, key=key_of(EVA, 7)), Doubt.UNREGISTERED),
    "another’s key": (lambda wait: answer(wait, ANA, BEN, key=key_of(BEN)), Doubt.OTHER_PERSON),
    "a verdict changed": (
        lambda wait: changed(answer(wait, ANA, BEN, verdict=Verdict.REJECT), verdict="approve"),
        Doubt.SIGNATURE,
    ),
    "a rejection": (lambda wait: answer(wait, ANA, BEN, verdict=Verdict.REJECT), Doubt.OTHER_CONTENT),
    "less was approved": (lambda wait: answer(less(wait), ANA, BEN), Doubt.OTHER_CONTENT),
    "the action changed": (lambda wait: more_money(answer(less(wait), ANA, BEN)), Doubt.OTHER_CONTENT),
    "another run": (lambda wait: answer(elsewhere(wait, run_id="another"), ANA, BEN), Doubt.OTHER_PLACE),
    "another server": (lambda wait: answer(elsewhere(wait, server=TOWER), ANA, BEN), Doubt.OTHER_PLACE),
    "an earlier execution": (
        lambda wait: answer(dataclasses.replace(wait, opened_in="before"), ANA, BEN),
        Doubt.OTHER_PLACE,
    ),
    "too late": (lambda wait: answer(wait, ANA, BEN, lasts=timedelta(seconds=1)), Doubt.EXPIRED),
    "a later end": (
        lambda wait: changed(
            answer(wait, ANA, BEN, lasts=timedelta(seconds=1)), valid_until="2999-01-01T00:00:00+00:00"
        ),
        Doubt.SIGNATURE,
    ),
    "a revoked key": (lambda wait: answer(wait, ANA, MAX), Doubt.REVOKED),
    "whoever asked": (lambda wait: answer(wait, ANA, IAN), Doubt.DUTIES),
}


def paid(books: Path) -> list[tuple[str, str]]:
    """What was paid, read independently."""
    if not books.exists():
        return []
    with closing(sqlite3.connect(books)) as db:
        return [(str(order), str(amount)) for order, amount in db.execute("SELECT order_no, amount FROM refunds")]


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    made = Keys(tmp_path / "keys.jsonl", (ANA, BEN, IAN, MAX))
    made.revoke(MAX)
    return made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = start_server(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


@pytest.fixture
def program(server: RunningServer, keys: Keys, tmp_path: Path) -> Iterator[Path]:
    """The example of a plain workflow at work; the database that it pays in."""
    books, record = tmp_path / "books.db", tmp_path / "example.pid.json"
    root = encoded(public_of(ROOT))
    command = [sys.executable, str(EXAMPLES / "plain_temporal.py"), server.address]
    processes.spawn([*command, PLACE, TOWER, root, str(keys.path), str(books)], record, tmp_path / "example.log")
    yield books
    processes.end(record)


class Refunds:
    """One run of the example, as a console reads it."""

    def __init__(self, handle: WorkflowHandle[Any, Any], arguments: dict[str, Json]) -> None:
        assert handle.first_execution_run_id is not None
        self.handle, run_id = handle, handle.first_execution_run_id
        self.wait = shown(RunRef(PLACE, handle.id, run_id), run_id, TOOL, arguments)

    @classmethod
    async def start(cls, client: Client, name: str, arguments: dict[str, Json]) -> Refunds:
        """Ask for a refund as Ian."""
        asked = {**arguments, "asked_by": "ian"}
        return cls(await client.start_workflow("RefundWorkflow", asked, id=name, task_queue="refunds"), arguments)

    async def tell(self, said: object) -> None:
        """Send something to it."""
        await self.handle.signal("decided", said)

    async def refused(self, count: int) -> list[str]:
        """What it turned down, once that is so many."""
        found: list[str] = []

        async def are_there() -> bool:
            found[:] = await self.handle.query("refused")
            return len(found) >= count

        await until(are_there)
        return found


def test_a_plain_workflow_pays_what_was_approved_once_and_nothing_else(
    server: RunningServer, program: Path, keys: Keys
) -> None:
    async def story() -> None:
        client, name = await server.client(), f"refund-{uuid.uuid4().hex[:8]}"
        large = await Refunds.start(client, name, LARGE)
        for make, _ in REFUSED.values():
            await large.tell(make(large.wait))
        codes = [one.partition(":")[0] for one in await large.refused(len(REFUSED))]
        assert dict(zip(REFUSED, codes, strict=True)) == {name: code for name, (_, code) in REFUSED.items()}
        assert paid(program) == []
        good = answer(large.wait, ANA, BEN)
        await large.tell(good)
        assert await large.handle.result() == ["Ana", "Ben"]
        assert paid(program) == [("4711", "420.00")]

        again = await Refunds.start(client, name, LARGE)
        await again.tell(good)
        assert (await again.refused(1))[0].startswith(Doubt.OTHER_PLACE)
        keys.revoke(BEN)
        await again.tell(answer(again.wait, ANA, BEN))
        assert (await again.refused(2))[1].startswith(Doubt.REVOKED)
        await again.handle.terminate()
        small = await Refunds.start(client, f"{name}-small", SMALL)
        await small.tell(answer(small.wait, ANA))
        assert await small.handle.result() == ["Ana"]
        assert paid(program) == [("4711", "420.00"), ("4712", "42.00")]

    asyncio.run(story())


class Graph:
    """The example of a node, in a process of its own with the libraries that it names; one line, one answer."""

    def __init__(self, keys: Keys, books: Path) -> None:
        program = Path(__file__).with_name("graph_session.py")
        told = [PLACE, TOWER, encoded(public_of(ROOT)), str(keys.path), str(books)]
        self._process = subprocess.Popen(
            [str(langgraph_python()), str(program), *told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
        )

    def ask(self, thread: str, said: object, *, does: str = "resume", at: str = "") -> dict[str, Any]:
        """Begin with a state, or resume (a checkpoint, where one is named); what the thread then says."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"thread": thread, "does": does, "said": said, "at": at}) + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def end(self) -> None:
        """Let it end by itself."""
        self._process.communicate(timeout=60)


@pytest.fixture
def graph(keys: Keys, tmp_path: Path) -> Iterator[Graph]:
    running = Graph(keys, tmp_path / "books.db")
    yield running
    running.end()


def waiting(thread: str, told: dict[str, Any]) -> Escalation:
    """What a thread asks, as a console shows it."""
    asked = told["asked"]
    return shown(RunRef(PLACE, thread, thread), asked["wait"], asked["tool"], asked["arguments"])


@pytest.mark.timeout(400)
def test_a_node_of_langgraph_pays_what_was_approved_once_and_nothing_else(
    graph: Graph, keys: Keys, tmp_path: Path
) -> None:
    books, refund = tmp_path / "books.db", {**LARGE, "asked_by": "ian"}
    told = graph.ask("one", refund, does="begin")
    assert {name.split(".")[1] for name in told["loaded"] if name.startswith("console.")} == {"domain", "verify"}
    for name, (make, code) in REFUSED.items():
        told = graph.ask("one", make(waiting("one", told)))
        assert told["asked"]["refused"].partition(":")[0] == code, name
    assert paid(books) == []
    before, good = told["at"], answer(waiting("one", told), ANA, BEN)
    told = graph.ask("one", good)
    assert (told["asked"], told["state"]["approved_by"]) == (None, ["Ana", "Ben"])
    assert paid(books) == [("4711", "420.00")]

    forked = graph.ask("one", good, at=before)
    assert forked["state"]["approved_by"] == ["Ana", "Ben"]
    assert paid(books) == [("4711", "420.00")]
    again = graph.ask("one", refund, does="begin")
    again = graph.ask("one", good)
    assert again["asked"]["refused"].startswith(Doubt.OTHER_PLACE)
    keys.revoke(BEN)
    again = graph.ask("one", answer(waiting("one", again), ANA, BEN))
    assert again["asked"]["refused"].startswith(Doubt.REVOKED)
    told = graph.ask("two", {**SMALL, "asked_by": "ian"}, does="begin")
    assert graph.ask("two", answer(waiting("two", told), ANA))["state"]["approved_by"] == ["Ana"]
    assert paid(books) == [("4711", "420.00"), ("4712", "42.00")]
