"""`clearance decide` against a real server: what it takes, how it ends, and what is then in the business database."""

from __future__ import annotations

import asyncio
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console import app
from console.cli.exits import Exit
from console.domain.decision import DecisionState
from console.domain.escalation import Verdict
from console.infra.paths import HOME_VARIABLE
from tests.cli.conftest import Command
from tests.cli.items import PATIENCE, Row, digest_of, found, of_ticket, run_of
from tests.engines.line import Line
from tests.journeys.impostor import impostors
from tests.journeys.world import World
from tests.servers import RunningServer
from tests.tower import people

# The generator's tickets by number: what each is about follows from it, the amounts from the seed.
WHICH_ORDER, MEDIUM, FOREIGN, SILENT, TWO_CARDS, CRITICAL, LIMITED = range(2, 9)
HIGH = 12
REASON = ("--reason", "the captures show it")


def decide(clearance: Command, row: Row, verdict: str, *more: str, digest: str = "") -> Any:  # noqa: ANN401 - Ran
    """Decide on an item under the digest that is shown of it."""
    named = digest or digest_of(clearance, row["item_id"])
    return clearance("decide", row["item_id"], verdict, "--digest", named, *more)


def paid(world: World, row: Row) -> list[str]:
    """What was paid back for the order of an item."""
    return [str(amount) for order in world.orders_named(run_of(row)) for _, _, amount, _ in world.refunds(order)]


def test_another_digest_is_superseded_a_short_one_refused_and_then_one_approval_is_done_once(
    clearance: Command, connected: World
) -> None:
    row = found(clearance, of_ticket(MEDIUM))
    wrong = decide(clearance, row, "approve", digest="0" * 64)
    assert wrong.status == Exit.SUPERSEDED
    assert "The digest given is not that of what is shown now" in wrong.err
    assert "Nothing was sent" in wrong.err
    assert decide(clearance, row, "approve", digest=digest_of(clearance, row["item_id"])[:15]).status == Exit.USAGE
    assert decide(clearance, row, "approve", "--to", "agent:senior-refund-agent").status == Exit.USAGE
    assert decide(clearance, row, "explode").status == Exit.USAGE
    assert paid(connected, row) == []

    done = decide(clearance, row, "approve", "--json", digest=digest_of(clearance, row["item_id"])[:16].upper())
    assert done.status == Exit.DONE
    told = json.loads(done.out)
    assert told["state"] == "carried out"
    (order,) = connected.orders_named(run_of(row))
    owed = connected.owed(order)
    assert connected.refunds(order) == [
        (told["receipt"]["effect"]["effect_id"], owed.customer, f"{owed.amount:.2f}", owed.reason)
    ]
    again = decide(clearance, row, "approve", digest=told["decision"]["digest"])
    assert again.status == Exit.SUPERSEDED
    assert len(connected.refunds(order)) == 1


def test_an_answer_comes_from_standard_input_and_an_edit_from_a_file(
    clearance: Command, connected: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = found(clearance, of_ticket(WHICH_ORDER))
    customer, said = (connected.ticket(run_of(asked))[name] for name in ("customer", "text"))
    (order,) = [one for one in connected.orders_of(customer) if f"€{connected.owed(one).amount:,.2f}" in said]
    answer: Callable[..., Any] = lambda *more: decide(clearance, asked, "answer", *more)  # noqa: E731 - said often
    assert answer().status == Exit.USAGE
    assert answer("--payload", str(tmp_path / "missing.json")).status == Exit.USAGE
    for wrong, status in (("{", Exit.USAGE), ('{"order": "1"}', Exit.REFUSED), ("[]", Exit.REFUSED)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(wrong))
        assert answer("--payload", "-").status == status
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({"order": order})))
    assert answer("--payload", "-").status == Exit.DONE

    proposed = found(clearance, lambda one: of_ticket(WHICH_ORDER)(one) and one["key"]["native_id"] == "refund")
    shown = json.loads(clearance("show", proposed["item_id"], "--json").out)
    arguments = shown["escalation"]["proposal"]["arguments"] | {"amount": "0.01"}
    file = tmp_path / "arguments.json"
    file.write_text(json.dumps(arguments))
    done = decide(clearance, proposed, "edit", "--payload", str(file), *REASON)
    assert (done.status, "carried out" in done.out) == (Exit.DONE, True)
    assert [amount for _, _, amount, _ in connected.refunds(order)] == ["0.01"]


def test_rerouting_goes_where_the_plan_names_a_place(clearance: Command, connected: World) -> None:
    row = found(clearance, of_ticket(TWO_CARDS))
    nowhere = decide(clearance, row, "reroute")
    assert nowhere.status == Exit.USAGE
    assert "agent:senior-refund-agent" in nowhere.err
    assert decide(clearance, row, "reroute", "--to", "agent:nobody").status == Exit.USAGE
    assert decide(clearance, row, "reroute", "--to", "agent:senior-refund-agent").status == Exit.DONE
    again = found(clearance, lambda one: of_ticket(TWO_CARDS)(one) and one["agent"] == "senior-refund-agent")
    assert again["item_id"] != row["item_id"]
    assert paid(connected, row) == []


def test_what_is_critical_or_high_is_not_decided_where_nobody_can_be_asked(
    clearance: Command, connected: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("approve\n"))
    critical = decide(clearance, found(clearance, of_ticket(CRITICAL)), "approve", *REASON)
    assert critical.status == Exit.REFUSED
    assert "at the window only" in critical.err
    row = found(clearance, of_ticket(FOREIGN))
    unsaid = decide(clearance, row, "reject")
    assert unsaid.status == Exit.USAGE
    assert "--reason" in unsaid.err
    unasked = decide(clearance, row, "reject", *REASON)
    assert unasked.status == Exit.REFUSED
    assert "on a terminal only" in unasked.err
    assert decide(clearance, row, "approve", *REASON).status == Exit.REFUSED
    assert paid(connected, row) == []


def test_an_approval_is_withdrawn_once_and_only_where_there_is_one(clearance: Command, connected: World) -> None:
    row = found(clearance, of_ticket(CRITICAL))
    none = decide(clearance, row, "withdraw")
    assert none.status == Exit.REFUSED
    assert "nothing to withdraw" in none.err

    async def approve() -> None:
        async with app.open_desk(app.paths("")) as desk:
            await desk.listed(PATIENCE)
            view = await desk.refresh(row["item_id"])
            assert view is not None
            made = await desk.decide(row["item_id"], Verdict.APPROVE, view.digest, {"reason": "fine"}, is_hold=False)
            half = await desk.settled(made.decision.decision_id, PATIENCE, until_confirmed=True)
            assert half.state is DecisionState.HALF_GRANTED

    asyncio.run(approve())
    assert "withdraw, by who has approved it" in clearance("show", row["item_id"]).out
    done = decide(clearance, row, "withdraw", "--json")
    assert done.status == Exit.DONE, done.err
    assert (json.loads(done.out)["state"], json.loads(done.out)["receipt"]["verdict"]) == ("carried out", "withdraw")
    assert json.loads(clearance("show", row["item_id"], "--json").out)["escalation"]["approvals"] == []
    assert decide(clearance, row, "withdraw").status == Exit.REFUSED
    assert paid(connected, row) == []


def test_high_risk_asks_on_a_terminal_and_goes_by_the_answer(clearance: Command, connected: World, home: Path) -> None:
    row = found(clearance, of_ticket(HIGH))
    digest = digest_of(clearance, row["item_id"])
    command = (sys.executable, "-m", "console", "decide", row["item_id"], "approve", "--digest", digest, *REASON)
    status, told = on_terminal(home, command, "yes\n")
    assert status == Exit.REFUSED
    assert "Type approve to go on:" in told
    assert "Nothing was sent" in told
    assert paid(connected, row) == []
    status, told = on_terminal(home, command, "approve\n")
    assert (status, "carried out" in told) == (Exit.DONE, True)
    (order,) = connected.orders_named(run_of(row))
    assert paid(connected, row) == [f"{connected.owed(order).amount:.2f}"]


def on_terminal(home: Path, command: tuple[str, ...], typed: str) -> tuple[int, str]:
    """Run a command with a pseudo-terminal for its input; its exit status, and all it printed."""
    person, terminal = pty.openpty()
    try:
        with subprocess.Popen(
            command,
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ | {HOME_VARIABLE: str(home)},
            text=True,
        ) as process:
            os.write(person, typed.encode())
            printed, _ = process.communicate()
    finally:
        os.close(person)
        os.close(terminal)
    return process.returncode, printed


def test_what_somebody_decided_meanwhile_is_superseded(
    clearance: Command, connected: World, server: RunningServer
) -> None:
    row = found(clearance, of_ticket(SILENT))
    digest = digest_of(clearance, row["item_id"])

    async def elsewhere() -> None:
        desk = people.Desk((await server.client()).get_workflow_handle(run_of(row)))
        await desk.say(await desk.waits("check-billing"), Verdict.CANCEL, people.BEN)

    asyncio.run(elsewhere())
    late = decide(clearance, row, "retry", digest=digest)
    assert late.status == Exit.SUPERSEDED
    assert "Nothing was sent" in late.err
    assert connected.effects(run_of(row)) == []


def test_what_fails_after_approval_says_so(clearance: Command, connected: World) -> None:
    row = found(clearance, of_ticket(LIMITED))
    failed = decide(clearance, row, "approve", *REASON)
    assert failed.status == Exit.FAILED_AFTER_APPROVAL
    assert "failed after approval" in failed.out
    assert paid(connected, row) == []


def test_a_receipt_that_does_not_echo_the_decision_is_uncertain(
    clearance: Command, connected: World, server: RunningServer
) -> None:
    assert connected.folder.is_dir()
    identity = json.loads(clearance("connections", "list", "--json").out)[0]["server"]["identity"]

    async def story() -> None:
        async with impostors(await server.client(), identity, {"liar": ("", {})}) as ids:
            row = await asyncio.to_thread(found, clearance, lambda one: one["key"]["run"]["run_id"] == ids["liar"])
            digest = await asyncio.to_thread(digest_of, clearance, row["item_id"])
            home = Path(os.environ[HOME_VARIABLE])
            command = ("decide", row["item_id"], "reject", "--digest", digest, "--wait", "2", *REASON)
            ended = await asyncio.to_thread(on_terminal, home, (sys.executable, "-m", "console", *command), "reject\n")
            assert ended[0] == Exit.UNCERTAIN
            assert "it differs in payload_hash" in ended[1]
            assert "do not decide again" in ended[1]

    asyncio.run(story())


def test_what_cannot_be_sent_yet_waits_and_is_sent_by_the_next_command(
    clearance: Command, world: World, server: RunningServer
) -> None:
    async def story() -> None:
        line = Line("127.0.0.1", int(server.address.rpartition(":")[2]))
        await line.start()
        added = await asyncio.to_thread(clearance, "connections", "add", "far", "--address", line.address)
        assert added.status == Exit.DONE
        row = await asyncio.to_thread(found, clearance, lambda one: one["risk"] < 3 and one["kind"] == "question")
        digest = await asyncio.to_thread(digest_of, clearance, row["item_id"])
        await line.stop()
        command = ("decide", row["item_id"], "skip", "--digest", digest)
        waits = await asyncio.to_thread(clearance, *command, "--wait", "1")
        assert waits.status == Exit.WAITS
        assert "queued" in waits.out
        await line.start()
        desk = people.Desk((await server.client()).get_workflow_handle(run_of(row)))
        while [one for one in await desk.open() if one.key.item_id == row["item_id"]]:
            assert (await asyncio.to_thread(clearance, "inbox")).status == Exit.DONE
        await line.stop()

    assert world.folder.is_dir()
    asyncio.run(story())
