"""Graphs as people build them with LangChain and LangGraph, for a server in an environment of its own; offline.

The model is a script: it asks for the tool calls that the person's message lists as JSON, then says that it is done.
What the tools do is one line each in ``effects.jsonl``, in the folder in which the server runs.
"""

import json
import time
from pathlib import Path
from typing import Any, TypedDict

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from langgraph.config import get_config
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel, Field

EFFECTS = Path("effects.jsonl")
SLOW = 6.0


def note(**what: object) -> None:
    """Keep what was done."""
    with EFFECTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


class Scripted(BaseChatModel):  # type: ignore[misc]  # it has types where it is installed
    """A model that asks for what it is told to."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, *_args: object, **_options: object) -> "Scripted":
        return self

    def _generate(self, messages: list[BaseMessage], *_args: object, **_options: object) -> ChatResult:
        said = messages[-1]
        if isinstance(said, HumanMessage):
            calls = [{**call, "id": f"call-{place}"} for place, call in enumerate(json.loads(str(said.content)))]
            message = AIMessage(content="I would do this.", tool_calls=calls)
        else:
            message = AIMessage(content="All is done.")
        return ChatResult(generations=[ChatGeneration(message=message)])


@tool  # type: ignore[untyped-decorator]  # it has types where it is installed
def refund(order: str, amount: str) -> str:
    """Pay an order back."""
    note(tool="refund", order=order, amount=amount)
    return f"Refunded {amount} for order {order}."


@tool  # type: ignore[untyped-decorator]  # it has types where it is installed
def send_email(to: str, body: str) -> str:
    """Write to a customer."""
    note(tool="send_email", to=to, body=body)
    return f"Sent to {to}."


@tool  # type: ignore[untyped-decorator]  # it has types where it is installed
def ask_customer(question: str) -> str:
    """Ask the customer something."""
    raise NotImplementedError(question)


TOOLS = [refund, send_email, ask_customer]
REVIEWED: dict[str, Any] = {
    "refund": True,
    "send_email": {"allowed_decisions": ["approve", "reject"], "description": "An email leaves the house."},
    "ask_customer": {"allowed_decisions": ["respond"]},
}

batched = create_agent(Scripted(), TOOLS, middleware=[HumanInTheLoopMiddleware(interrupt_on=REVIEWED)])
per_call = create_agent(
    Scripted(), TOOLS, middleware=[HumanInTheLoopMiddleware(interrupt_on=REVIEWED, interrupt_mode="per_call")]
)


class Mail(TypedDict, total=False):
    """A mail that an assistant drafted, and what a person said to it."""

    to: str
    body: str
    may_respond: bool
    said: dict[str, Any]


NOTED: set[tuple[str, int]] = set()


def note_answer(place: int, said: dict[str, Any]) -> None:
    """Keep what a person said, once: a node begins anew with each answer, and is given the earlier ones again."""
    config = get_config()
    thread = str(config["configurable"]["thread_id"])
    if (thread, place) not in NOTED:
        NOTED.add((thread, place))
        decisions = config["metadata"].get("clearance_decisions", [{}])
        note(thread=thread, said=said, decision=decisions[0].get("decision_id", ""))


def ask_inbox(state: Mail) -> Mail:
    """Ask as the schema of the agent inbox has it; what a person responds becomes the draft, and is asked again."""
    body, place = state["body"], 0
    while True:
        request: dict[str, Any] = {
            "action_request": {"action": "write_mail", "args": {"to": state["to"], "body": body}},
            "config": {
                "allow_accept": True,
                "allow_edit": True,
                "allow_respond": state.get("may_respond", False),
                "allow_ignore": True,
            },
            "description": "A draft to a customer.",
        }
        said = interrupt([request])[0]
        args = said["args"]["args"] if said["type"] == "edit" else request["action_request"]["args"]
        note_answer(place, {**said, "sent": args if said["type"] in {"accept", "edit"} else None})
        if said["type"] != "response":
            return {"said": said}
        body, place = said["args"], place + 1


class Answered(TypedDict, total=False):
    """What was asked for, and what was said to it; ``mode`` chooses what happens."""

    mode: str
    answers: list[Any]


class Centre(BaseModel):
    """Where a cost belongs."""

    centre: str = Field(min_length=4, max_length=4, description="The cost centre, four digits")
    share: float = Field(ge=0, le=100, default=100)


FAILED: set[str] = set()


def ask_plain(state: Answered) -> Answered:
    """Ask twice in one node, with a schema, or not at all."""
    mode = state.get("mode", "")
    if mode == "schema":
        return {"answers": [interrupt({"question": "Which cost centre?"}, response_schema=Centre).model_dump()]}
    if mode == "twice":
        return {"answers": [interrupt("Which colour?"), interrupt("Which colour?")]}
    if mode == "slow":
        time.sleep(SLOW)
    if mode.startswith("fails once"):
        if mode not in FAILED:
            FAILED.add(mode)
            raise RuntimeError("The ledger is locked.")
        return {"answers": ["posted"]}
    return {"answers": [interrupt({"question": "Which cost centre?", "context": {"order": "4711"}})]}


def end_plain(state: Answered) -> Answered:
    """Book what was said."""
    note(tool="book", answers=state.get("answers"))
    return {}


_inbox = StateGraph(Mail)
_inbox.add_node("ask", ask_inbox)
_inbox.add_edge(START, "ask")
_inbox.add_edge("ask", END)
inbox = _inbox.compile()

_plain = StateGraph(Answered)
_plain.add_node("ask", ask_plain)
_plain.add_node("book", end_plain)
_plain.add_edge(START, "ask")
_plain.add_edge("ask", "book")
_plain.add_edge("book", END)
plain = _plain.compile()
