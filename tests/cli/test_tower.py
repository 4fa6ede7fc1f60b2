"""`clearance tower`: started and stopped from the command line, with the same runs after as before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.cli.exits import Exit
from tests.cli.conftest import Command
from tests.cli.items import found, listed, of_ticket, run_of
from tests.collector import Collector, collecting
from tests.servers import RunningServer


@pytest.fixture
def tower(home: Path, clearance: Command) -> Iterator[Command]:
    """The command, in a home whose tower is stopped after the test."""
    assert not home.exists()
    yield clearance
    assert clearance("tower", "stop").status == Exit.DONE


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


def address_in(told: str) -> str:
    """Where the server answers, as a status tells it."""
    named = re.search(r"answers at (\S+);", told)
    assert named is not None
    return named[1]


def test_it_starts_once_stops_and_goes_on_with_the_same_runs(tower: Command, collector: Collector) -> None:
    begin = ("tower", "start", "--rate", "0.1", "--otlp", collector.url)
    resting = tower("tower", "status")
    assert (resting.status, "is not running" in resting.out) == (Exit.DONE, True)
    started = tower(*begin)
    assert "the worker is running" in started.out
    assert tower(*begin) == started
    assert tower("connections", "add", "own", "--address", address_in(started.out)).status == Exit.DONE
    before = found(tower, of_ticket(3))

    assert "is not running" in tower("tower", "stop").out
    assert "RunActivity:triage-agent" in {span.name for span in collector.spans()}
    away = tower("inbox")
    assert "own: Nothing answers at" in away.err
    assert before["item_id"] in away.out
    assert address_in(tower("tower", "start").out) == address_in(started.out)
    again = found(tower, of_ticket(3))
    assert (again["item_id"], run_of(again)) == (before["item_id"], run_of(before))
    assert {row["item_id"] for row in listed(tower)} >= {before["item_id"]}


def test_a_namespace_is_prepared_as_errors_advise(clearance: Command, server: RunningServer) -> None:
    there = clearance("tower", "setup", "--address", server.address)
    assert (there.status, there.out) == (Exit.DONE, "Everything is there already.\n")
    wrong = clearance("tower", "setup", "--address", server.address, "--namespace", "nope")
    assert wrong.status == Exit.PROBLEM
    assert "“nope”" in wrong.err
