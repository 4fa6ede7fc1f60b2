"""A working day at the real window, on a real server, over a world that the seed of the run chose.

What has to be in the business database afterwards is reckoned from the world's files (`World`), not by the plans' code.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from console import app
from console.domain.decision import DecisionState
from console.domain.escalation import Kind, Verdict
from console.domain.receipt import Receipt, mismatches
from console.domain.risk import Risk
from console.domain.run import RunStatus
from console.infra.paths import Paths
from console.qtkit.celleditor import CellEditor
from console.qtkit.editors import ChoiceEditor, TextEditor
from console.qtkit.theme import Theme
from console.screens.inbox.arming import ARM_AFTER
from console.screens.inbox.decision_bar import Need
from console.screens.inbox.said import has_effect
from console.services.desk import Desk
from console.services.views import DecisionView, InboxQuery, InboxRow
from console.tower import wire
from tests.journeys.seat import MORE_AFTER, THROUGH, Seat, connection_to, profile, seated
from tests.journeys.world import Entry, World, close_of
from tests.screens.stage import until
from tests.servers import RunningServer
from tests.signing import DORA, EMIL
from tests.tower import people

S = DecisionState
Play = Callable[[Coroutine[Any, Any, None]], None]
REFUND, POSTING = "customer-refund", "month-end-close"
RIVALS = ("refund-T-10001", "refund-T-10001-again")
ACCOUNT, COUNTER, AMOUNT, REFERENCE = range(4)
# What the plans may do at low risk, a small refund aside.
UNASKED = {"messages.send", "reports.file", "status.note", "customers.inform", "services.restart", "services.scale"}


def run_of(row: InboxRow) -> str:
    return row.waiting.key.run.run_id


def a_refund(world: World, *risks: Risk) -> Callable[[InboxRow], bool]:
    """Whether a row is a refund of one order that nothing stands against but its amount."""

    def is_one(row: InboxRow) -> bool:
        if (row.waiting.workflow, row.waiting.kind) != (REFUND, Kind.CHECKPOINT) or row.waiting.risk not in risks:
            return False
        if run_of(row) in RIVALS:
            return False  # both want one order, and wait for somebody to rule
        orders = world.orders_named(run_of(row))
        return len(orders) == 1 and not world.is_out("refunds", orders[0])

    return is_one


def a_posting(*risks: Risk) -> Callable[[InboxRow], bool]:
    """Whether a row is a posting whose ledger is not locked."""
    return lambda row: (
        (row.waiting.workflow, row.waiting.kind) == (POSTING, Kind.CHECKPOINT)
        and row.waiting.risk in risks
        and "NL04" not in run_of(row)
    )


def asked_at(workflow: str, kind: Kind, step: str) -> Callable[[InboxRow], bool]:
    """Whether a row is of this kind and waits at this step."""
    return lambda row: (row.waiting.workflow, row.waiting.kind, row.waiting.key.native_id) == (workflow, kind, step)


def follows(row: InboxRow) -> Callable[[InboxRow], bool]:
    """Whether a row is a later item of the same run."""
    return lambda other: run_of(other) == run_of(row) and other.item_id != row.item_id


async def went_through(seat: Seat, server: RunningServer, held: DecisionView) -> Receipt:
    """Wait until a held decision is carried out, by every state on the way and because its run says so."""
    view = await seat.ends(held)
    assert [state for state, _ in view.history] == list(THROUGH), view.message
    assert ("carried out" in seat.told(view.decision.decision_id)) is has_effect(view)
    receipt = await read_back(server, view)
    assert receipt == view.receipt
    assert mismatches(view.decision, receipt) == ()
    return receipt


async def read_back(server: RunningServer, view: DecisionView) -> Receipt:
    """The run's own record of a decision, asked for by nobody's console."""
    handle = (await server.client()).get_workflow_handle(view.decision.key.run.run_id)
    reply: wire.ReceiptReply = await handle.query(
        wire.QUERY_RECEIPT, view.decision.decision_id, result_type=wire.ReceiptReply
    )
    assert reply.receipt is not None
    return reply.receipt


def refunded_once(world: World, order: str, receipt: Receipt, amount: Decimal | None = None) -> None:
    """Check that an order's refund is what is owed (or what a person made of it), once, under the receipt's key."""
    owed = world.owed(order)
    assert receipt.effect is not None
    wanted = (receipt.effect.effect_id, owed.customer, f"{amount or owed.amount:.2f}", owed.reason)
    assert world.refunds(order) == [wanted]
    decided = [(key, by) for key, _, by in world.effects(receipt.key.run.run_id, "payments.refund")]
    assert decided == [(receipt.effect.effect_id, receipt.decision_id)]


def posted_once(world: World, receipt: Receipt, entries: tuple[Entry, ...]) -> None:
    """Check that a month's entries are those reckoned, each once, under the receipt's key."""
    assert receipt.effect is not None
    keys, found = world.journal(*close_of(receipt.key.run.run_id))
    assert found == tuple(sorted(entries))
    assert keys == {receipt.effect.effect_id}
    assert receipt.effect.result["entries"] == len(entries)


def test_who_is_second_is_told_so_and_what_to_do_next(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World
) -> None:
    async def story() -> None:
        async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
            refund = await seat.waits(a_refund(world, Risk.MEDIUM))
            shown = await seat.open(refund)
            held = await seat.decide(Verdict.APPROVE)
            elsewhere = people.Desk((await server.client()).get_workflow_handle(run_of(refund)))
            await elsewhere.say(shown, Verdict.REJECT, people.BEN)
            view = await seat.ends(held)
            assert view.state is S.SUPERSEDED
            assert view.next_action
            told = seat.told(view.decision.decision_id)
            assert "superseded" in told
            assert view.next_action in told
            (order,) = world.orders_named(run_of(refund))
            assert world.refunds(order) == []

    play(story())


def test_a_held_decision_is_undone_and_a_double_key_decides_one_only(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World
) -> None:
    async def story() -> None:
        async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
            # Where the item that opens next could be decided by a key and Enter, too.
            refund = await seat.waits(lambda row: a_refund(world, Risk.MEDIUM)(row) and is_before_another(seat, row))
            await seat.open(refund)
            held = await seat.decide(Verdict.APPROVE)
            seat.key(Qt.Key.Key_U)
            view = await seat.ends(held)
            assert [state for state, _ in view.history] == [S.HELD, S.WITHDRAWN]
            await until(lambda: any(row.item_id == refund.item_id for row in seat.rows))

            await seat.armed(refund.item_id)
            seat.press(Verdict.REJECT)
            await seat.give(refund.item_id, "not ours")
            impatient(seat)
            rejected = await seat.held(refund.item_id)
            await until(lambda: seat.state.item is not None and seat.shown.item_id != refund.item_id)
            since = time.monotonic()
            while time.monotonic() - since < ARM_AFTER / 2:
                impatient(seat)
                await asyncio.sleep(0.02)
            await went_through(seat, server, rejected)
            decided = await seat.desk.decisions()
            assert [one.decision.decision_id for one in decided] == [
                rejected.decision.decision_id,
                held.decision.decision_id,
            ]
            (order,) = world.orders_named(run_of(refund))
            assert world.refunds(order) == []

    play(story())


def is_before_another(seat: Seat, row: InboxRow) -> bool:
    """Whether the row below is of medium risk."""
    place = seat.rows.index(row)
    return place + 1 < len(seat.rows) and seat.rows[place + 1].waiting.risk is Risk.MEDIUM


def impatient(seat: Seat) -> None:
    """Press what would decide the next item, too."""
    for verdict in (Verdict.APPROVE, Verdict.REJECT, Verdict.RETRY, Verdict.SKIP):
        seat.press(verdict)
        seat.key(Qt.Key.Key_Return)


def test_rerouting_and_answering_lead_on_to_another_item_and_that_to_one_effect(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World
) -> None:
    async def story() -> None:
        async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
            doubt = await seat.waits(asked_at(REFUND, Kind.DOUBT, "refund"))
            await seat.open(doubt)
            seat.press(Verdict.REROUTE)
            seat.type("senior")
            seat.key(Qt.Key.Key_Return)
            await seat.give(doubt.item_id, "two cards of one holder")
            rerouted = await seat.held(doubt.item_id)

            asked = await seat.waits(asked_at(REFUND, Kind.QUESTION, "read-ticket"))
            await seat.open(asked)
            customer, said = (world.ticket(run_of(asked))[name] for name in ("customer", "text"))
            assert set(offered_orders(seat)) <= set(world.orders_of(customer))
            (twice,) = [order for order in offered_orders(seat) if f"€{world.owed(order).amount:,.2f}" in said]
            seat.press(Verdict.ANSWER)
            assert isinstance(QApplication.focusWidget(), ChoiceEditor)
            seat.type(twice)
            await submit(seat)
            answered = await seat.held(asked.item_id)
            assert answered.decision.payload["answer"] == {"order": twice}

            ways = {doubt: (rerouted, world.orders_named(run_of(doubt))[0]), asked: (answered, twice)}
            approved = []
            for row, (held, order) in ways.items():
                assert (await went_through(seat, server, held)).effect is None
                proposed = await seat.waits(follows(row))
                await seat.open(proposed)
                approved.append((order, await seat.decide(Verdict.APPROVE, "the captures show it")))
                closed = await seat.desk.item(row.item_id)
                assert closed is not None
                assert not closed.is_open
            for order, held in approved:
                refunded_once(world, order, await went_through(seat, server, held))

    play(story())


def offered_orders(seat: Seat) -> list[str]:
    """The orders that a question lets a person choose from."""
    properties = seat.escalation.schema["properties"]
    assert isinstance(properties, dict)
    order = properties["order"]
    assert isinstance(order, dict)
    offered = order["enum"]
    assert isinstance(offered, list)
    return [str(each) for each in offered]


def test_stopping_things_is_light_and_leaves_nothing_done(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World
) -> None:
    async def story() -> None:
        async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
            refund = await seat.waits(a_refund(world, Risk.MEDIUM))
            await seat.open(refund)
            rejected = await seat.decide(Verdict.REJECT, "not ours")
            stuck = await seat.waits(asked_at(POSTING, Kind.STUCK, "check"))
            await seat.open(stuck)
            skipped = await seat.decide(Verdict.SKIP)
            posting = await seat.waits(asked_at(POSTING, Kind.QUESTION, "propose"))
            await seat.open(posting)
            seat.press(Verdict.CANCEL)
            assert seat.needs(Need.ENTER)
            seat.key(Qt.Key.Key_Return)
            cancelled = await seat.held(posting.item_id)

            assert (await went_through(seat, server, rejected)).effect is None
            (order,) = world.orders_named(run_of(refund))
            assert world.refunds(order) == []
            await until(lambda: world.effects(run_of(refund), "messages.send"))
            assert "could not return a payment" in world.message(run_of(refund))

            assert (await went_through(seat, server, skipped)).effect is None
            offered = await seat.waits(follows(stuck))
            assert "“Check the balance” was skipped by" in " ".join((await seat.open(offered)).caveats)
            assert world.closed(*close_of(run_of(stuck))).unexplained != 0

            assert (await went_through(seat, server, cancelled)).effect is None
            run = await seat.desk.run(posting.waiting.key.run)
            assert run.status is RunStatus.CANCELLED
            assert world.effects(run_of(posting)) == []

    play(story())


def test_editing_goes_by_the_forms_own_fields_and_does_what_was_entered(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World
) -> None:
    async def story() -> None:
        async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
            refund = await seat.waits(a_refund(world, Risk.MEDIUM))
            await seat.open(refund)
            (order,) = world.orders_named(run_of(refund))
            less = world.owed(order).amount - Decimal("0.01")
            seat.press(Verdict.EDIT)
            form = seat.hosting.inbox_view.review.form.form
            assert form is not None
            amount = form.field("amount").editor
            assert isinstance(amount, TextEditor)
            seat.retype(amount, "1,5")
            seat.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
            assert "Not sent" in seat.words(seat.hosting.inbox_view.review.form)
            seat.retype(amount, f"{less:.2f}")
            await submit(seat)
            edited = await seat.held(refund.item_id)

            posting = await seat.waits(a_posting(Risk.LOW, Risk.MEDIUM, Risk.HIGH))
            shown = await seat.open(posting)
            assert shown.proposal is not None
            seat.press(Verdict.EDIT)
            form = seat.hosting.inbox_view.review.form.form
            assert form is not None
            cells = form.field("entries").editor
            assert isinstance(cells, CellEditor)
            first = entry_in(cells, 0)
            seat.click(cells.table.viewport(), cells.table.visualRect(cells.table.model().index(0, COUNTER)).center())
            seat.type("1590")
            seat.key(Qt.Key.Key_Return)
            await until(lambda: entry_in(cells, 0) == replace(first, counter="1590"))
            await submit(seat)
            booked = await seat.held(posting.item_id)

            refunded_once(world, order, await went_through(seat, server, edited), less)
            entries = list(world.closed(*close_of(run_of(posting))).entries)
            entries[entries.index(first)] = replace(first, counter="1590")
            posted_once(world, await went_through(seat, server, booked), tuple(entries))

    play(story())


async def submit(seat: Seat) -> None:
    """Send the form with its keys, with the reason that it then may ask for."""
    item_id = seat.shown.item_id
    await seat.armed(item_id)
    seat.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await seat.give(item_id, "as the statement shows")


def entry_in(cells: CellEditor, number: int) -> Entry:
    """An entry as a row of the form holds it."""
    row = [cells.table.item(number, place) for place in (COUNTER, AMOUNT, REFERENCE)]
    counter, amount, reference = (item.text() for item in row if item is not None)
    return Entry(counter, Decimal(amount), reference)


def test_approving_takes_one_key_at_low_risk_enter_at_medium_and_a_reason_at_high(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World
) -> None:
    async def story() -> None:
        async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
            low = await seat.waits(a_posting(Risk.LOW), 40)
            await seat.open(low)
            seat.press(Verdict.APPROVE)
            first = await seat.held(low.item_id)

            medium = await seat.waits(a_refund(world, Risk.MEDIUM))
            await seat.open(medium)
            seat.press(Verdict.APPROVE)
            assert seat.needs(Need.ENTER)
            assert "Press Enter to approve" in seat.words(seat.hosting.inbox_view.hint)
            assert not any(view.item_id == medium.item_id for view in seat.state.decisions)
            seat.key(Qt.Key.Key_Return)
            second = await seat.held(medium.item_id)

            high = await seat.waits(a_refund(world, Risk.HIGH))
            await seat.open(high)
            seat.press(Verdict.APPROVE)
            assert seat.needs(Need.REASON)
            seat.key(Qt.Key.Key_Return)
            assert seat.needs(Need.REASON)
            seat.type("Both captures stand in the report.")
            seat.key(Qt.Key.Key_Return)
            third = await seat.held(high.item_id)

            posted = await went_through(seat, server, first)
            closed = world.closed(*close_of(run_of(low)))
            assert closed.risk is Risk.LOW
            posted_once(world, posted, closed.entries)
            for row, held in ((medium, second), (high, third)):
                (order,) = world.orders_named(run_of(row))
                assert world.owed(order).risk is row.waiting.risk
                refunded_once(world, order, await went_through(seat, server, held))
            assert third.decision.payload == {"reason": "Both captures stand in the report."}

    play(story())


def test_what_failed_after_approval_is_retried_under_the_same_key_and_done_once(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World
) -> None:
    async def story() -> None:
        async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
            refund = await seat.waits(
                lambda row: (
                    run_of(row).startswith("refund-")
                    and any(world.is_out("refunds", order) for order in world.orders_named(run_of(row)))
                )
            )
            await seat.open(refund)
            (order,) = world.orders_named(run_of(refund))
            held = await seat.decide(Verdict.APPROVE)

            silent = await seat.waits(asked_at(REFUND, Kind.FAILURE, "check-billing"))
            (other,) = world.orders_named(run_of(silent))
            await seat.open(silent)
            assert f"does not answer for order {other}" in seat.escalation.failure
            await world.back(f"captures/{other}")
            again = await seat.decide(Verdict.RETRY)

            approved = await seat.ends(held)
            assert approved.state is S.FAILED
            assert "failed after approval" in seat.told(approved.decision.decision_id)
            assert approved.next_action in seat.told(approved.decision.decision_id)
            assert world.refunds(order) == []
            assert (await went_through(seat, server, again)).effect is None
            proposed = await seat.waits(follows(silent))
            assert proposed.waiting.key.native_id == "refund"
            await seat.open(proposed)
            last = await seat.decide(Verdict.APPROVE, "the captures show it")

            failed = await seat.waits(follows(refund))
            assert failed.waiting.kind is Kind.FAILURE
            await world.back(f"refunds/{order}")
            await seat.open(failed)
            retried = await seat.decide(Verdict.RETRY, "the provider answers again")
            refunded_once(world, order, await went_through(seat, server, retried))
            refunded_once(world, other, await went_through(seat, server, last))

    play(story())


def test_a_critical_one_needs_its_amount_typed_and_a_second_person(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World
) -> None:
    first, second = profile(desk_folder.data.parent, "dora"), profile(desk_folder.data.parent, "emil")

    async def story() -> None:
        async with seated(theme, first, connection_to(server.address), person=DORA, more=world.more) as seat:
            refund = await seat.waits(a_refund(world, Risk.CRITICAL))
            await seat.open(refund)
            (order,) = world.orders_named(run_of(refund))
            await sign(seat, f"{world.owed(order).amount:.2f}", "Both captures stand in the report.")
            held = await seat.held(refund.item_id)
            await until(lambda: "Signed 1 of 2" in seat.told(held.decision.decision_id), 40)
            assert world.refunds(order) == []
            kept = await seat.desk.decision(held.decision.decision_id)
            assert kept is not None
            assert kept.state is S.HALF_GRANTED

        async with seated(theme, second, connection_to(server.address), person=EMIL, more=world.more) as seat:
            again = await seat.waits(lambda row: row.item_id == refund.item_id)
            assert (again.waiting.approvals, again.waiting.required_approvals) == (1, 2)
            await seat.open(again)
            assert "Dora Lind" in seat.words(seat.hosting.inbox_view.review)
            assert "Both captures stand in the report." in seat.words(seat.hosting.inbox_view.review)
            await sign(seat, f"{world.owed(order).amount:.2f}", "Seen as well.")
            granted = await went_through(seat, server, await seat.held(refund.item_id))
            refunded_once(world, order, granted)

        async with seated(theme, first) as seat:
            view = await seat.ends(held)
            assert view.state is S.CARRIED_OUT
            assert view.receipt is not None
            assert view.receipt.effect == granted.effect

    play(story())


async def sign(seat: Seat, amount: str, reason: str) -> None:
    """Approve a critical item as its bar asks for it."""
    seat.press(Verdict.APPROVE)
    assert seat.needs(Need.TYPED_NAME)
    assert seat.state.bar.name_to_type == amount
    seat.type("1")
    seat.key(Qt.Key.Key_Return)
    assert seat.needs(Need.TYPED_NAME)
    typed = QApplication.focusWidget()
    assert isinstance(typed, QLineEdit)
    seat.retype(typed, amount)
    seat.key(Qt.Key.Key_Return)
    assert seat.needs(Need.REASON)
    seat.type(reason)
    seat.key(Qt.Key.Key_Return)
    await until(lambda: bool(seat.state.decisions))


def test_every_effect_stands_in_a_receipt_of_its_run_or_needed_nobody(
    desk_folder: Paths, server: RunningServer, world: World
) -> None:
    async def story() -> None:
        desk_folder.make()
        async with app.open_desk(desk_folder) as desk:
            await desk.add_connection(connection_to(server.address), {})
            row = await a_waiting_refund(desk, world)
            item = await desk.refresh(row.item_id)
            assert item is not None
            made = await desk.decide(row.item_id, Verdict.APPROVE, item.digest, {"reason": "owed"}, is_hold=False)
            assert (await desk.settled(made.decision.decision_id, 30)).state is S.CARRIED_OUT

        client = await server.client()
        decided = world.rows("SELECT effect_id, run_id, decision_id FROM effects WHERE decision_id <> ''")
        assert decided
        for effect_id, run_id, decision_id in decided:
            handle = client.get_workflow_handle(str(run_id))
            reply = await handle.query(wire.QUERY_RECEIPT, decision_id, result_type=wire.ReceiptReply)
            assert reply.receipt is not None
            assert reply.receipt.effect is not None
            assert (reply.receipt.effect.effect_id, reply.receipt.outcome.state) == (effect_id, S.CARRIED_OUT)
        unasked = "FROM effects LEFT JOIN refunds USING (effect_id) WHERE decision_id = ''"
        small = f"SELECT order_no, amount {unasked} AND tool = 'payments.refund'"
        await until(lambda: world.rows(small), 60)
        for order, amount in world.rows(small):
            owed = world.owed(str(order))
            assert (owed.risk, f"{owed.amount:.2f}") == (Risk.LOW, amount)
        others = world.rows(f"SELECT DISTINCT tool {unasked} AND tool <> 'payments.refund'")
        assert {str(tool) for (tool,) in others} <= UNASKED

    asyncio.run(story())


async def a_waiting_refund(desk: Desk, world: World) -> InboxRow:
    """A refund that waits, once there is one; where none comes by itself, more work is begun."""
    wanted = a_refund(world, Risk.MEDIUM, Risk.HIGH)
    found: list[InboxRow] = []
    begun = time.monotonic()

    async def is_there() -> bool:
        nonlocal begun
        await desk.listed(10)
        found[:] = [row for row in (await desk.inbox(InboxQuery())).rows if wanted(row)]
        if not found and world.more is not None and time.monotonic() - begun > MORE_AFTER:
            await world.more()
            begun = time.monotonic()
        return bool(found)

    await until(is_there, 60)
    return found[0]
