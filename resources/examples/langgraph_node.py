"""A LangGraph node that pays a refund once people have approved it in Clearance, and not before.

Whoever reaches the thread may resume it with anything. So the node checks what it was resumed with, right before it
acts: it says itself what it is about to do and where, and takes whose keys count from a file of its own. What does not
hold is kept in the state, and the node asks anew, as another wait: an answer to the one before does not count there.

``keys`` is the file that `clearance keys export` wrote, for the orchestrator of identity ``tower`` with the public root
key ``root``. ``place`` is the identity under which Clearance knows this deployment.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from console.domain.identity import Role
from console.verify.decisions import Demand
from console.verify.steps import registry_of, require
from console.verify.trust import Distrusted

STEP = "pay"
TOOL = "payments.refund"
ALONE_UP_TO = Decimal(100)


class Refund(TypedDict, total=False):
    """The state: what is asked for and by whom; then who approved it, or why an answer did not hold."""

    order: str
    amount: str
    asked_by: str
    approved_by: list[str]
    refused: str


@dataclass(frozen=True, kw_only=True)
class Payments:
    """The node, with what its owner knows: where this is, whose keys count, what needs whom."""

    place: str
    tower: str
    root: bytes
    keys: Path
    books: Path

    def pay(self, state: Refund, config: RunnableConfig) -> Refund:
        """Ask, check the answer, and pay what was approved, once."""
        thread, wait = config["configurable"]["thread_id"], config["configurable"]["checkpoint_ns"]
        arguments: dict[str, Any] = {"order": state["order"], "amount": state["amount"]}
        said = interrupt({"tool": TOOL, "arguments": arguments, "wait": wait, "refused": state.get("refused", "")})
        demand = Demand(
            server=self.place,
            run_id=thread,
            opened_in=wait,
            step=STEP,
            tool=TOOL,
            arguments=arguments,
            approvals=1 if Decimal(state["amount"]) <= ALONE_UP_TO else 2,
            roles=(Role.OPERATOR,),
            initiator=state["asked_by"],
        )
        try:
            # Read each time: a key that was revoked since does not count.
            registry = registry_of(self.keys.read_text("utf-8"), self.root, self.tower)
            people = require(said, demand, registry, datetime.now(UTC))
        except Distrusted as error:
            return {"refused": f"{error.code}: {error.message}", "approved_by": []}
        self._book(f"{thread}/{wait}", state)
        return {"refused": "", "approved_by": [person.name for person in people]}

    def _book(self, key: str, refund: Refund) -> None:
        """Stands for a payment. A node may run twice; under one key it pays once."""
        with closing(sqlite3.connect(self.books)) as db, db:
            db.execute("CREATE TABLE IF NOT EXISTS refunds (key TEXT PRIMARY KEY, order_no TEXT, amount TEXT)")
            db.execute("INSERT OR IGNORE INTO refunds VALUES (?, ?, ?)", (key, refund["order"], refund["amount"]))


def graph(payments: Payments, checkpointer: Any) -> Any:  # noqa: ANN401 - what compiles depends on the version
    """A graph with the node; it comes back to it until an answer holds."""
    built = StateGraph(Refund)
    built.add_node(STEP, payments.pay)
    built.add_edge(START, STEP)
    built.add_conditional_edges(STEP, lambda state: END if state.get("approved_by") else STEP, [STEP, END])
    return built.compile(checkpointer=checkpointer)
