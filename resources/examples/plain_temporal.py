"""A plain Temporal workflow that pays a refund once people have approved it in Clearance, and not before.

Whoever reaches the workflow may send it anything: it only passes on what it was told. The activity that pays checks it,
right before it acts: it says itself what it is about to do and where, and takes whose keys count from a file of its
own. What does not hold is refused and kept in the workflow, which goes on waiting.

    python plain_temporal.py HOST:PORT PLACE TOWER ROOT_KEY KEYS BOOKS

PLACE is the identity under which Clearance knows this namespace. KEYS is the file that `clearance keys export` wrote,
for the orchestrator of identity TOWER, whose root key (base64) is ROOT_KEY. BOOKS is the database that it pays in.
"""

from __future__ import annotations

import asyncio
import base64
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from console.domain.identity import Role
    from console.verify.decisions import Demand
    from console.verify.steps import registry_of, require
    from console.verify.trust import Distrusted

TASK_QUEUE = "refunds"
STEP = "pay"
TOOL = "payments.refund"
ALONE_UP_TO = Decimal(100)
MOST_REFUSALS = 50


@dataclass(frozen=True)
class Refund:
    """What is asked for, and by whom; amounts are text, as they are signed."""

    order: str
    amount: str
    asked_by: str


@workflow.defn
class RefundWorkflow:
    """Waits for an approval that holds, and pays."""

    def __init__(self) -> None:
        self._said: list[Any] = []
        self._refused: list[str] = []

    @workflow.run
    async def run(self, refund: Refund) -> list[str]:
        """Who approved what was paid."""
        while len(self._refused) < MOST_REFUSALS:
            await workflow.wait_condition(lambda: bool(self._said))
            try:
                return await workflow.execute_activity_method(
                    Payments.pay, args=[refund, self._said.pop(0)], start_to_close_timeout=timedelta(seconds=30)
                )
            except ActivityError as error:
                if not isinstance(error.cause, ApplicationError) or not error.cause.non_retryable:
                    raise
                self._refused.append(f"{error.cause.type}: {error.cause.message}")
        raise ApplicationError("Too many approvals that do not hold.", non_retryable=True)

    @workflow.signal
    def decided(self, said: Any) -> None:  # noqa: ANN401 - whatever somebody sends
        """Take what is said to be an approval."""
        self._said.append(said)

    @workflow.query
    def refused(self) -> list[str]:
        """What was turned down, and why."""
        return self._refused


class Payments:
    """The activity, with what its owner knows: where this is, whose keys count, what needs whom."""

    def __init__(self, *, place: str, tower: str, root: bytes, keys: Path, books: Path) -> None:
        self._place, self._tower, self._root, self._keys, self._books = place, tower, root, keys, books

    @activity.defn
    def pay(self, refund: Refund, said: Any) -> list[str]:  # noqa: ANN401 - the same
        """Pay what was approved, once; the names of those who approved it."""
        info = activity.info()
        demand = Demand(
            server=self._place,
            run_id=info.workflow_id or "",
            opened_in=info.workflow_run_id or "",
            step=STEP,
            tool=TOOL,
            arguments={"order": refund.order, "amount": refund.amount},
            approvals=1 if Decimal(refund.amount) <= ALONE_UP_TO else 2,
            roles=(Role.OPERATOR,),
            initiator=refund.asked_by,
        )
        try:
            # Read each time: a key that was revoked since does not count.
            registry = registry_of(self._keys.read_text("utf-8"), self._root, self._tower)
            people = require(said, demand, registry, datetime.now(UTC))
        except Distrusted as error:
            raise ApplicationError(error.message, type=error.code, non_retryable=True) from error
        self._book(f"{info.workflow_id}/{info.workflow_run_id}/{STEP}", refund)
        return [person.name for person in people]

    def _book(self, key: str, refund: Refund) -> None:
        """Stands for a payment. An activity may run twice; under one key it pays once."""
        with closing(sqlite3.connect(self._books)) as db, db:
            db.execute("CREATE TABLE IF NOT EXISTS refunds (key TEXT PRIMARY KEY, order_no TEXT, amount TEXT)")
            db.execute("INSERT OR IGNORE INTO refunds VALUES (?, ?, ?)", (key, refund.order, refund.amount))


async def main(address: str, place: str, tower: str, root_key: str, keys: str, books: str) -> None:
    """Work until stopped."""
    root = base64.b64decode(root_key, validate=True)
    payments = Payments(place=place, tower=tower, root=root, keys=Path(keys), books=Path(books))
    client = await Client.connect(address)
    with ThreadPoolExecutor() as threads:
        await Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=[RefundWorkflow],
            activities=[payments.pay],
            activity_executor=threads,
        ).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
