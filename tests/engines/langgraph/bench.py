"""A LangGraph server on the bench: two desks, one over a line that breaks, and runs of graphs as others build them.

What was applied is told by the graphs, which write down each answer that they were given and with which decision; what
arrived is read from runs and threads as the server keeps them, never by the engine under test.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx
from pydantic import TypeAdapter

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.errors import Unreachable
from console.domain.escalation import EscalationKey, Verdict
from console.engines.langgraph.engine import LangGraphEngine
from console.engines.langgraph.settings import LangGraphSettings
from tests.engines.conformance import Arrival, Ask
from tests.engines.langgraph.server import HOST, LangGraphServer
from tests.engines.line import Line

T = TypeVar("T")

LOOK_AGAIN = 0.05
AHEAD = 10
DRAFT: dict[str, Json] = {"to": "ann@example.org", "body": "We are sorry."}
POST_RUN = b"/runs HTTP/1.1"
OTHERWISE = frozenset({Verdict.RETRY, Verdict.REROUTE, Verdict.CANCEL})
_DECISION = TypeAdapter(Decision)
_numbers = itertools.count()


class RunLine(Line):
    """A line on which nothing is lost but what belongs to the beginning of a run."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.at_run = ""

    async def _pass_up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner = asyncio.StreamReader()
        passing = asyncio.get_running_loop().create_task(super()._pass_up(inner, writer), name="pass up")
        try:
            while data := await reader.read(65_536):
                if data.startswith(b"POST ") and POST_RUN in data.partition(b"\r\n")[0] + b"\r\n":
                    self._begin()
                inner.feed_data(data)
        except OSError:
            pass
        finally:
            inner.feed_eof()
            await passing

    async def end(self) -> None:
        """Stop, and wait until nothing is relayed any more."""
        await self.stop()
        for _ in range(1_000):
            await asyncio.sleep(0)
            if not self._writers:
                return

    def _begin(self) -> None:
        if self.at_run == "hold":
            self.hold_replies()
        if self.at_run == "swallow":
            self.swallow_requests()
        self.at_run = ""


@dataclasses.dataclass
class LangGraphBench:
    """Threads under script."""

    server: LangGraphServer
    client: httpx.AsyncClient
    line: RunLine
    desk: LangGraphEngine
    other_desk: LangGraphEngine
    patience: float = 30.0
    last: str = ""

    async def open(self, ask: Ask) -> EscalationKey:
        if ask.verdict in OTHERWISE:
            state: dict[str, Json] = {"mode": f"fails once {next(_numbers)}"}
            return await self.start("plain", state, risk=ask.risk.word)
        if ask != Ask(verdict=ask.verdict) or ask.verdict is Verdict.ANSWER:
            return await self.start("inbox", DRAFT | {"may_respond": True}, risk=ask.risk.word)
        if not self.server.ready:
            # The server looks for work twice a second: those begun together are there together.
            begun = (self.begin("inbox", DRAFT, risk=ask.risk.word) for _ in range(AHEAD))
            self.server.ready = list(await asyncio.gather(*begun))
        self.last = self.server.ready.pop()
        return (await self.waiting_in(self.last))[0]

    async def start(self, graph: str, state: dict[str, Json], *, place: int = 0, **metadata: str) -> EscalationKey:
        """Start a run and wait until it asks for a person; the key of the first thing that it asks, or another."""
        thread = await self.begin(graph, state, **metadata)
        return (await self.waiting_in(thread))[place]

    async def begin(self, graph: str, state: dict[str, Json], **metadata: str) -> str:
        """Start a run in a thread of its own."""
        made = await self.client.post("/threads", json={"metadata": metadata})
        thread = str(made.json()["thread_id"])
        begun = await self.client.post(f"/threads/{thread}/runs", json={"assistant_id": graph, "input": state})
        assert begun.status_code == httpx.codes.OK, begun.text
        self.last = thread
        return thread

    async def waiting_in(self, thread: str, *, other_than: EscalationKey | None = None) -> list[EscalationKey]:
        """What waits in a thread, as the other desk lists it; once something does that is not known yet."""

        async def found() -> list[EscalationKey]:
            if await self.status(thread) not in {"interrupted", "error"}:
                return []
            keys = [row.key async for page in self.other_desk.waiting() for row in page]
            return [key for key in keys if key.run.run_id == thread and key != other_than]

        return await self.until(found)

    async def status(self, thread: str) -> str:
        """What the server says of a thread."""
        return str((await self.client.get(f"/threads/{thread}")).json()["status"])

    async def values(self, thread: str) -> dict[str, Any]:
        """The state of a thread, once nothing goes on in it."""
        await self.until(lambda: self._is_still(thread))
        return dict((await self.client.get(f"/threads/{thread}/state")).json()["values"])

    async def until(self, found: Callable[[], Awaitable[T | None]]) -> T:
        """Ask again and again until something is found."""
        async with asyncio.timeout(self.patience):
            while True:
                if got := await found():
                    return got
                await asyncio.sleep(LOOK_AGAIN)

    async def _is_still(self, thread: str) -> bool:
        return await self.status(thread) != "busy"

    async def contend(self) -> EscalationKey:
        raise AssertionError("threads do not contend for anything")

    async def change(self, key: EscalationKey) -> EscalationKey:
        """A colleague at another console responds with another draft, and the graph asks for that."""
        return await self._respond(key, "We are very sorry.")

    async def reopen(self, key: EscalationKey) -> EscalationKey:
        """They let the step be taken again, and it asks the same under the same id."""
        return await self._elsewhere(key, {"input": None})

    async def _respond(self, key: EscalationKey, draft: str) -> EscalationKey:
        return await self._elsewhere(key, {"command": {"resume": [{"type": "response", "args": draft}]}})

    async def _elsewhere(self, key: EscalationKey, run: dict[str, Json]) -> EscalationKey:
        begun = await self.client.post(f"/threads/{key.run.run_id}/runs", json={"assistant_id": "inbox", **run})
        assert begun.status_code == httpx.codes.OK, begun.text
        return (await self.waiting_in(key.run.run_id, other_than=key))[0]

    async def payload(self, _key: EscalationKey, verdict: Verdict, /) -> dict[str, Json]:
        if verdict is Verdict.EDIT:
            return {"arguments": {"to": "ann@example.org", "body": "It will not happen again."}}
        if verdict is Verdict.ANSWER:
            return {"answer": {"message": "Please be friendlier."}}
        if verdict is Verdict.REROUTE:
            return {"to": {"kind": "step", "id": "book"}}
        return {}

    async def lose_next_reply(self) -> None:
        thread, taken = self.last, await self._count(self.last)
        self.line.at_run = "hold"

        async def has_one_more() -> bool:
            return await self._count(thread) > taken

        async def cut_when_taken() -> None:
            await self.until(has_one_more)
            self.line.cut()

        self._cutting = asyncio.get_running_loop().create_task(cut_when_taken(), name="cut")

    async def lose_next_request(self) -> None:
        self.line.at_run = "swallow"
        self.line.swallowed.clear()

        async def cut_when_sent() -> None:
            await self.line.swallowed.wait()
            self.line.cut()

        self._cutting = asyncio.get_running_loop().create_task(cut_when_sent(), name="cut")

    async def go_away(self) -> None:
        await self.line.stop()

    async def mend(self) -> None:
        self.line.mend()
        await self.line.stop()
        await self.line.start()
        while True:
            try:
                await self.desk.open()
            except Unreachable:
                await asyncio.sleep(LOOK_AGAIN)
            else:
                return

    async def restart(self) -> None:
        self.server.ready = []
        await asyncio.to_thread(self.server.stop)
        await asyncio.to_thread(self.server.start)

    async def finish(self, key: EscalationKey) -> None:
        """What is decided brings these graphs to their end."""

    async def arrivals(self, key: EscalationKey) -> list[Arrival]:
        return [
            Arrival(decision_id=one.decision_id, verdict=one.verdict, payload=dict(one.payload))
            for one in await self._decisions(key)
        ]

    async def applied(self, key: EscalationKey) -> list[Arrival]:
        arrived = {one.decision_id: one for one in await self._decisions(key)}
        found = []
        for effect in self.server.effects:
            if effect.get("decision") in arrived:
                one = arrived[str(effect["decision"])]
                said = effect["said"]
                assert isinstance(said, dict)
                found.append(
                    Arrival(
                        decision_id=one.decision_id,
                        verdict=one.verdict,
                        payload=dict(one.payload),
                        arguments=said["sent"],
                    )
                )
        is_over = await self.status(key.run.run_id) == "idle"
        found.extend(
            Arrival(decision_id=one.decision_id, verdict=one.verdict, payload=dict(one.payload))
            for one in arrived.values()
            if is_over and one.verdict in OTHERWISE
        )
        return found

    async def _decisions(self, key: EscalationKey) -> list[Decision]:
        """What runs carry, oldest first, and what the thread keeps of what is no run's."""
        runs = (await self.client.get(f"/threads/{key.run.run_id}/runs", params={"limit": 100})).json()
        thread = (await self.client.get(f"/threads/{key.run.run_id}")).json()
        raw = [each for run in reversed(runs) for each in run["metadata"].get("clearance_decisions", [])]
        raw += [each for name, each in thread["metadata"].items() if name.startswith("clearance_intent_") and each]
        found = {one.decision_id: one for one in map(_DECISION.validate_python, raw) if one.key == key}
        return list(found.values())

    async def _count(self, thread: str) -> int:
        return len((await self.client.get(f"/threads/{thread}/runs", params={"limit": 100})).json())


@asynccontextmanager
async def langgraph_bench(server: LangGraphServer) -> AsyncIterator[LangGraphBench]:
    """A bench on a server that runs: two desks opened, one of them over a line of its own."""
    line = RunLine(HOST, server.port)
    await line.start()
    desk = LangGraphEngine(LangGraphSettings(address=line.address), page_size=3)
    other = LangGraphEngine(LangGraphSettings(address=server.address))
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        await desk.open()
        await other.open()
        try:
            yield LangGraphBench(server, client, line, desk, other)
        finally:
            with contextlib.suppress(Unreachable):
                await desk.close()
            await other.close()
            await line.end()
