"""Stories of more than one console on one store, or more than one person on one run.

Invariant: as in :mod:`tests.journeys.kill.rounds`; the command line here is the real one, started from nothing, except
where it has to be stopped at a place.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from console.domain.decision import FINAL_STATES, DecisionState
from console.domain.escalation import Verdict
from tests.journeys.kill import proof
from tests.journeys.kill.bench import Bench, Death, Item
from tests.journeys.kill.consoles import Hand, Task, until
from tests.journeys.kill.rounds import (
    DELIVERS,
    KILLED,
    LISTED,
    READ_BACK,
    SENT,
    SENT_AGAIN,
    at_work,
    comes_to_an_end,
    comes_to_decide,
    comes_to_stop,
    died_in,
    dies,
    ended,
    is_without_bugs,
    rescue,
)
from tests.journeys.kill.stops import Moment
from tests.servers import blocking
from tests.tower.people import BEN, Desk

S = DecisionState
IN_TIME = 60.0


def command_delivers_for_a_dead_window(bench: Bench) -> None:
    """The window holds the deliverer's lock, a command's decision is queued, the window dies: the command delivers."""
    with bench.home() as home:
        window = at_work(bench, Task(home=home, hand=Hand.KEYS, stop_at=Moment.QUEUED))
        item, command = _commands(bench, home)
        death = Death(Moment.QUEUED, home, _has_decided(home, command, item), item)
        comes_to_stop(window)
        assert not proof.has_said(home, command.pid, DELIVERS)
        dies(window)
        bench.deaths.append(death)
        _ends_well(home, command)
        ended(bench, death, (S.QUEUED, *SENT))
        _is_left_in_order(home)


def command_reads_back_for_a_dead_window(bench: Bench) -> None:
    """The window sent the command's decision and dies before it records that the run has it: the command finds out."""
    with bench.home() as home:
        window = at_work(bench, Task(home=home, hand=Hand.KEYS, stop_at=Moment.ACCEPTED))
        item, command = _commands(bench, home)
        death = Death(Moment.ACCEPTED, home, _has_decided(home, command, item), item)
        comes_to_stop(window)
        dies(window)
        died_in(bench, death, window.pid, S.SENDING, is_still=False)
        _ends_well(home, command)
        ended(bench, death, (S.QUEUED, *READ_BACK))
        _is_left_in_order(home)


def next_one_delivers_when_both_are_dead(bench: Bench) -> None:
    """The window holds the lock, a command's decision is queued, and both die: whoever comes next delivers."""
    with bench.home() as home:
        window = at_work(bench, Task(home=home, hand=Hand.KEYS, stop_at=Moment.QUEUED))
        item, command = _commands(bench, home)
        death = Death(Moment.QUEUED, home, _has_decided(home, command, item), item)
        comes_to_stop(window)
        _dies(command)
        dies(window)
        died_in(bench, death, command.pid, S.QUEUED)
        rescue(bench, home, Hand.DESK)
        ended(bench, death, (S.QUEUED, *SENT))


def window_delivers_for_a_dead_command(bench: Bench) -> None:
    """A command is killed as soon as its decision is made, while a window is at work: the window delivers it."""
    with bench.home() as home:
        window = at_work(bench, Task(home=home, hand=Hand.KEYS))
        item, command = _commands(bench, home)
        death = Death(Moment.QUEUED, home, _has_decided(home, command, item), item)
        _dies(command)
        assert proof.course(home, command.pid, death.decision_id)[-1].after == S.QUEUED
        assert not proof.has_said(home, command.pid, DELIVERS)
        bench.deaths.append(death)
        comes_to_an_end(home)
        assert window.close() == 0
        ended(bench, death, (S.QUEUED, *SENT))
        _is_left_in_order(home)


def window_takes_over_from_a_dead_command(bench: Bench) -> None:
    """A command holds the lock and dies while it sends; a window that waited for the lock takes over."""
    with bench.home() as home:
        item = bench.take()
        task = Task(home=home, hand=Hand.COMMAND, item_id=item.item_id, digest=item.row.digest, stop_at=Moment.SENDING)
        command = bench.start(task)
        death = Death(Moment.SENDING, home, comes_to_decide(command, item), item)
        comes_to_stop(command)
        window = bench.start(Task(home=home, hand=Hand.KEYS))
        until(lambda: proof.has_said(home, window.pid, LISTED), "the window has listed")
        assert not proof.has_said(home, window.pid, DELIVERS)
        dies(command)
        died_in(bench, death, command.pid, S.SENDING, is_still=False)
        comes_to_an_end(home)
        assert proof.has_said(home, window.pid, DELIVERS)
        assert window.close() == 0
        ended(bench, death, (S.QUEUED, *SENT_AGAIN))
        _is_left_in_order(home)


def what_a_dead_window_held_is_withdrawn_by_who_is_there(bench: Bench) -> None:
    """A window dies while it holds a decision back, and another console is open: that one withdraws it."""
    with bench.home() as home:
        item = bench.take()
        window = at_work(bench, Task(home=home, hand=Hand.KEYS, item_id=item.item_id))
        other = bench.start(Task(home=home, hand=Hand.DESK))
        death = Death(Moment.HELD, home, comes_to_decide(window, item), item)
        dies(window)
        died_in(bench, death, window.pid, S.HELD, is_still=False)
        comes_to_an_end(home)
        assert other.close() == 0
        ended(bench, death, (S.HELD, S.WITHDRAWN))
        _is_left_in_order(home)
        bench.items.put(item)


STORIES: tuple[Callable[[Bench], None], ...] = (
    command_delivers_for_a_dead_window,
    command_reads_back_for_a_dead_window,
    next_one_delivers_when_both_are_dead,
    window_delivers_for_a_dead_command,
    window_takes_over_from_a_dead_command,
    what_a_dead_window_held_is_withdrawn_by_who_is_there,
)


def decided_meanwhile(bench: Bench, moment: Moment, verdict: Verdict) -> None:
    """A console dies before its decision arrived, another person decides, and only then a console opens again."""
    with bench.home() as home:
        item = bench.take()
        console = bench.start(Task(home=home, hand=Hand.DESK, item_id=item.item_id, stop_at=moment))
        death = Death(moment, home, comes_to_decide(console, item), item)
        comes_to_stop(console)
        dies(console)
        died_in(bench, death, console.pid, S.QUEUED if moment is Moment.QUEUED else S.SENDING)
        bench.decided_by_others[blocking(_decide(bench, item, verdict))] = item.run_id
        rescue(bench, home, Hand.DESK)
        read_again = (S.SENDING, S.UNCERTAIN, S.QUEUED) if moment is Moment.SENDING else ()
        ended(bench, death, (S.QUEUED, *read_again, S.SUPERSEDED))


async def _decide(bench: Bench, item: Item, verdict: Verdict) -> str:
    """Somebody else's decision on an item, carried out; its id."""
    desk = Desk((await bench.server.client()).get_workflow_handle(item.run_id))
    return (await desk.say(await desk.waits(), verdict, BEN)).decision_id


def _commands(bench: Bench, home: Path) -> tuple[Item, subprocess.Popen[str]]:
    item = bench.take()
    return item, bench.decide_by_command(home, item)


def _has_decided(home: Path, command: subprocess.Popen[str], item: Item) -> str:
    """Wait until a command says that it has made its decision; the decision's id."""
    until(lambda: bool(proof.decision_on(home, command.pid, item.item_id)), "the command decides")
    return proof.decision_on(home, command.pid, item.item_id)


def _dies(command: subprocess.Popen[str]) -> None:
    assert command.poll() is None, command.communicate()
    command.kill()
    assert command.wait(IN_TIME) == KILLED


def _ends_well(home: Path, command: subprocess.Popen[str]) -> None:
    """A command that waited for its receipt has it, and took over the deliverer's lock for that."""
    output, _ = command.communicate(timeout=IN_TIME)
    assert command.returncode == 0, output
    assert proof.has_said(home, command.pid, DELIVERS)


def _is_left_in_order(home: Path) -> None:
    assert all(each.state in FINAL_STATES for each in proof.stored(home).values())
    is_without_bugs(home)
