"""What the command line shows: inbox, items, connections; in lines for people and as JSON for scripts."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from console.cli.exits import Exit
from console.infra.paths import HOME_VARIABLE
from tests.cli.conftest import Command
from tests.cli.items import digest_of, found, listed, of_ticket
from tests.journeys.impostor import impostors
from tests.journeys.world import World
from tests.servers import RunningServer

DIRECTIONS = "\u202e\u2066\u200b\x1b[31m"
# A critical one, which no command decides.
UNDECIDED = 7
WRITTEN_OUT = "‹U+202E›‹U+2066›‹U+200B›‹U+001B›"


def test_without_a_connection_each_command_says_how_to_add_one(clearance: Command) -> None:
    inbox = clearance("inbox")
    assert (inbox.status, inbox.out) == (Exit.DONE, "Nothing waits for a person.\n")
    assert "clearance connections add" in inbox.err
    assert clearance("inbox", "--to-sign").out == "Nothing needs your signature after another’s.\n"
    assert "clearance connections add" in clearance("connections").out
    shown = clearance("show", "0123456789ab")
    assert (shown.status, shown.out) == (Exit.NOT_FOUND, "")
    assert "clearance inbox" in shown.err
    assert clearance("decide", "0123456789ab", "approve", "--digest", "0" * 64).status == Exit.NOT_FOUND


def test_the_inbox_is_a_table_and_json_with_the_same_items(clearance: Command, connected: World) -> None:
    row = found(clearance, of_ticket(UNDECIDED))
    order = connected.orders_named("refund-T-10007")[0]
    amount = f"€{connected.owed(order).amount:,.2f}"
    (line,) = [line for line in clearance("inbox").out.splitlines() if line.startswith(row["item_id"])]
    assert amount in line
    assert "critical" in line
    assert amount in row["waiting"]["title"]
    assert {each["item_id"] for each in listed(clearance)} >= {row["item_id"]}


def test_an_item_is_shown_in_full_with_its_digest(clearance: Command, connected: World) -> None:
    row = found(clearance, of_ticket(UNDECIDED))
    owed = connected.owed(connected.orders_named("refund-T-10007")[0])
    shown = clearance("show", row["item_id"])
    assert shown.status == Exit.DONE
    for told in ("payments.refund", owed.order, owed.customer, f"{owed.amount:.2f}", "Verdicts", "cannot be undone"):
        assert told in shown.out
    assert digest_of(clearance, row["item_id"]) in shown.out


def test_hostile_text_is_written_out_in_all_that_is_printed(
    clearance: Command, connected: World, server: RunningServer
) -> None:
    assert connected.folder.is_dir()
    identity = json.loads(clearance("connections", "list", "--json").out)[0]["server"]["identity"]

    async def story() -> None:
        proposal = {
            "tool": DIRECTIONS,
            "summary": DIRECTIONS,
            "resource": DIRECTIONS,
            "arguments": {DIRECTIONS: [DIRECTIONS]},
            "reversal": DIRECTIONS,
        }
        wanted = {"odd": ("", proposal), "unreadable": ("argument-of-1.5-MB", {})}
        async with impostors(await server.client(), identity, wanted) as ids:
            odd = await asyncio.to_thread(found, clearance, lambda one: one["key"]["run"]["run_id"] == ids["odd"])
            shown = await asyncio.to_thread(clearance, "show", odd["item_id"])
            assert WRITTEN_OUT in shown.out
            assert not set(DIRECTIONS[:4]) & set(shown.out)
            broken = await asyncio.to_thread(
                found, clearance, lambda one: one["key"]["run"]["run_id"] == ids["unreadable"]
            )
            assert "512 KB" in (await asyncio.to_thread(clearance, "show", broken["item_id"])).out

    asyncio.run(story())


def test_connections_are_added_tested_listed_and_removed(
    clearance: Command, server: RunningServer, world: World
) -> None:
    added = clearance("connections", "add", "tower", "--address", server.address)
    assert (added.status, world.folder.is_dir()) == (Exit.DONE, True)
    assert "Reached temporal" in added.out
    assert "Added tower." in added.out
    (view,) = json.loads(clearance("connections", "list", "--json").out)
    assert (view["config"]["name"], view["health"]) == ("tower", "live")
    assert server.address in clearance("connections").out
    assert clearance("connections", "test", "tower").status == Exit.DONE
    assert clearance("connections", "test", "elsewhere").status == Exit.NOT_FOUND
    assert clearance("connections", "remove", "tower").status == Exit.DONE
    assert json.loads(clearance("connections", "list", "--json").out) == []


def test_what_cannot_be_a_connection_is_said_and_what_does_not_answer_is_kept(
    clearance: Command, server: RunningServer
) -> None:
    for name, address, told in (
        ("web", "http://127.0.0.1:7233", "without http://"),
        ("far", "temporal.example.com:7233", "Without TLS"),
    ):
        wrong = clearance("connections", "add", name, "--address", address)
        assert wrong.status == Exit.USAGE
        assert told in wrong.err
    nobody = clearance("connections", "add", "nobody", "--address", "127.0.0.1:1")
    assert nobody.status == Exit.PROBLEM
    assert "Nothing answers at 127.0.0.1:1." in nobody.out
    assert "It is tried again until it answers." in nobody.out
    assert clearance("connections", "add", "tower", "--address", server.address).status == Exit.DONE
    assert clearance("connections", "add", "tower", "--address", server.address).status == Exit.USAGE
    inbox = clearance("inbox")
    assert inbox.status == Exit.DONE
    assert "nobody: Nothing answers at 127.0.0.1:1." in inbox.err


def test_a_secret_comes_from_a_file_or_standard_input_and_stands_nowhere_else(home: Path) -> None:
    key = "opens-nothing-at-all"
    command = [sys.executable, "-m", "console", "connections", "add", "guarded", "--address", "127.0.0.1:1"]
    with subprocess.Popen(
        [*command, "--api-key-file", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {HOME_VARIABLE: str(home)},
    ) as process:
        seen = Path(f"/proc/{process.pid}/cmdline").read_bytes() + Path(f"/proc/{process.pid}/environ").read_bytes()
        printed, _ = process.communicate(key.encode())
    assert process.returncode == Exit.PROBLEM
    kept = [file.read_bytes() for file in home.rglob("*") if file.is_file()]
    assert kept
    assert not any(key.encode() in each for each in (seen, printed, *kept))
    for mistaken in ("--api-key", "--api-key-file"):
        refused = subprocess.run([*command, mistaken, key], capture_output=True, check=False)
        assert refused.returncode == Exit.USAGE
        assert key.encode() not in refused.stdout + (refused.stderr if mistaken == "--api-key-file" else b"")


def test_who_stops_reading_ends_the_command_quietly(home: Path, connected: World, server: RunningServer) -> None:
    assert connected.folder.is_dir()
    command = [sys.executable, "-m", "console", "inbox", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        told = process.stderr.read()
    assert process.returncode == Exit.PROBLEM
    assert b"Traceback" not in told
    assert home.is_dir()
    assert server.address
