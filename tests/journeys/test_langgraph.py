"""Three actions that one interrupt of LangChain's own middleware holds up, decided by keyboard in the real window.

The graph is as anybody builds it, and nothing of ours runs in it. The actions are decided one by one, each as an item
of its own, and are sent together: what the server has done is read from its state, and from what the tools wrote.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import httpx
import pytest

from console.domain.decision import DecisionState
from console.domain.escalation import Verdict
from console.infra.paths import Paths
from console.qtkit.editors import TextEditor
from console.qtkit.theme import Theme
from console.services.views import ConnectionConfig, InboxRow
from tests.engines.langgraph.server import LangGraphServer
from tests.journeys.seat import PATIENCE, Seat, seated
from tests.journeys.test_journey import submit
from tests.screens.stage import until

Play = Callable[[Coroutine[Any, Any, None]], None]
S = DecisionState
ASKED = [
    {"name": "refund", "args": {"order": "4711", "amount": "12.00"}},
    {"name": "refund", "args": {"order": "4712", "amount": "310.00"}},
    {"name": "send_email", "args": {"to": "ann@example.org", "body": "Your money is on its way."}},
]


@pytest.fixture
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LangGraphServer]:
    running = LangGraphServer(tmp_path_factory.mktemp("langgraph"))
    running.start()
    yield running
    running.stop()


def begun(graphs: LangGraphServer) -> str:
    """A thread in which the agent wants to do all three."""
    with httpx.Client(base_url=graphs.url) as client:
        thread = str(client.post("/threads", json={}).json()["thread_id"])
        asked = {"messages": [{"role": "user", "content": json.dumps(ASKED)}]}
        client.post(f"/threads/{thread}/runs", json={"assistant_id": "batched", "input": asked}).raise_for_status()
    return thread


def results(graphs: LangGraphServer, thread: str) -> list[tuple[str, str]]:
    """What the tools answered, by the state of the thread: status and words."""
    state = httpx.get(f"{graphs.url}/threads/{thread}/state").json()
    return [(said["status"], said["content"]) for said in state["values"]["messages"] if said["type"] == "tool"]


async def decide(seat: Seat, row: InboxRow, verdict: Verdict) -> str:
    """Open an item and decide it; the decision's id, once it is held."""
    await seat.open(row)
    return (await seat.decide(verdict, "we never write before we pay")).decision.decision_id


async def edit(seat: Seat, row: InboxRow, amount: str) -> str:
    """Open an item and let it be done with another amount."""
    await seat.open(row)
    seat.press(Verdict.EDIT)
    form = seat.hosting.inbox_view.review.form.form
    assert form is not None
    field = form.field("amount").editor
    assert isinstance(field, TextEditor)
    seat.retype(field, amount)
    await submit(seat)
    return (await seat.held(row.item_id)).decision.decision_id


def test_actions_of_one_interrupt_are_decided_one_by_one_and_sent_together(
    play: Play, theme: Theme, desk_folder: Paths, graphs: LangGraphServer
) -> None:
    thread = begun(graphs)
    to_server = ConnectionConfig(
        connection_id="agents", name="agents", kind="langgraph", settings={"address": graphs.address}
    )

    async def story() -> None:
        async with seated(theme, desk_folder, to_server) as seat:
            first, second, third = [
                await seat.waits(lambda row, words=words: words in row.waiting.title)  # type: ignore[misc]
                for words in ("order 4711", "order 4712", "send_email")
            ]
            await seat.open(first)
            approved = await decide(seat, first, Verdict.APPROVE)

            async def is_kept() -> bool:
                view = await seat.desk.decision(approved)
                return view is not None and view.state is S.CONFIRMED and "1 of 3 actions" in view.message

            await until(is_kept, PATIENCE)
            await until(lambda: "1 of 3 actions" in seat.told(approved), PATIENCE)
            assert graphs.effects == []
            edited = await edit(seat, second, "31.00")
            rejected = await decide(seat, third, Verdict.REJECT)
            for decision_id in (approved, edited, rejected):
                assert (await seat.desk.settled(decision_id, PATIENCE)).state is S.CARRIED_OUT
            await until(lambda: not seat.rows, PATIENCE)

    play(story())
    # The graph runs its tools side by side.
    assert sorted(graphs.effects, key=lambda each: str(each["order"])) == [
        {"tool": "refund", "order": "4711", "amount": "12.00"},
        {"tool": "refund", "order": "4712", "amount": "31.00"},
    ]
    rejection, paid, edited = results(graphs, thread)
    assert rejection[0] == "error"
    assert "we never write before we pay" in rejection[1]
    assert paid == ("success", "Refunded 12.00 for order 4711.")
    assert edited[0] == "success"
    assert "Refunded 31.00 for order 4712." in edited[1]
