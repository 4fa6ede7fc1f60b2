"""One kill, from the decision to its end: a console decides, dies at a moment, and another one opens the same store.

Invariant: what is judged is judged by the witnesses of :mod:`tests.journeys.kill.proof`, first right after the death,
before anybody else opens the store, then once everything has come to its end.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from console.domain.decision import FINAL_STATES, DecisionState
from tests.journeys.kill import proof
from tests.journeys.kill.bench import Bench, Death, Item
from tests.journeys.kill.consoles import Hand, Started, Task, until
from tests.journeys.kill.stops import Moment
from tests.servers import blocking

S = DecisionState
KILLED = -9
DELIVERS, LISTED = "delivers", "listed"
ARRIVED = frozenset({Moment.ACCEPTED, Moment.COMMIT})

# How a decision goes on that was queued when, or before, its console died; of an acceptance it tells nothing.
SENT = (S.SENDING, S.CARRIED_OUT)
READ_BACK = (S.SENDING, S.UNCERTAIN, S.CARRIED_OUT)
SENT_AGAIN = (S.SENDING, S.UNCERTAIN, S.QUEUED, S.SENDING, S.CARRIED_OUT)
ENDS = {
    Moment.HELD: (S.WITHDRAWN,),
    Moment.QUEUED: SENT,
    Moment.SENDING: SENT_AGAIN,
    Moment.ACCEPTED: READ_BACK,
    Moment.COMMIT: READ_BACK,
}
STATES_AT = {
    Moment.HELD: S.HELD,
    Moment.QUEUED: S.QUEUED,
    Moment.SENDING: S.SENDING,
    Moment.ACCEPTED: S.SENDING,
    Moment.COMMIT: S.SENDING,
}


def kill_in(bench: Bench, moment: Moment, hand: Hand, *, receipt_of: S = S.CONFIRMED, rescued_by: Hand) -> None:
    """Kill a console in a moment of its decision, open another on the same store, and see what became of it."""
    is_held = moment is Moment.HELD
    with bench.home() as home:
        item = bench.take()
        task = Task(
            home=home,
            hand=hand,
            item_id=item.item_id,
            digest=item.row.digest,
            is_held=is_held,
            stop_at=None if is_held else moment,
            receipt_of=receipt_of,
        )
        console = bench.start(task)
        decision_id = comes_to_decide(console, item)
        if not is_held:
            comes_to_stop(console)
        dies(console)
        is_later = receipt_of is S.CARRIED_OUT
        death = Death(moment, home, decision_id, item)
        died_in(bench, death, console.pid, S.CONFIRMED if is_later else STATES_AT[moment])
        rescue(bench, home, rescued_by)
        begin = [S.HELD] if is_held or hand is Hand.KEYS else []
        queued = [] if is_held else [S.QUEUED]
        ended(bench, death, [*begin, *queued, *(SENT if is_later else ENDS[moment])])
        if is_held:
            assert proof.waits(home, item.item_id), f"{item.item_id} does not wait again"
            bench.items.put(item)


def at_work(bench: Bench, task: Task) -> Started:
    """A console that holds the deliverer's lock and has listed what waits."""
    console = bench.start(task)
    for said in (DELIVERS, LISTED):
        until(partial(proof.has_said, task.home, console.pid, said), f"{task} has said: {said}")
    return console


def comes_to_decide(console: Started, item: Item) -> str:
    """Wait until a console says that it has made its decision on an item; the decision's id."""
    home = console.task.home
    until(lambda: bool(proof.decision_on(home, console.pid, item.item_id)), f"{console.task} decides")
    return proof.decision_on(home, console.pid, item.item_id)


def comes_to_stop(console: Started) -> None:
    """Wait until a console stands where it was to be stopped."""
    told = console.pipe.poll(30.0)
    assert told, f"{console.task} did not come to {console.task.stop_at}: {proof.log(console.task.home, console.pid)}"


def dies(console: Started) -> None:
    """Kill a console that is alive."""
    assert console.process.is_alive(), f"{console.task} has ended before"
    console.kill()
    assert console.process.exitcode == KILLED


def died_in(bench: Bench, death: Death, pid: int, state: DecisionState, *, is_still: bool = True) -> None:
    """The log proves the moment, and what the store and the run's history hold agrees with it.

    The store is asked only where it ``is_still``: where nobody else is at work on it already.
    """
    course = proof.course(death.home, pid, death.decision_id)
    if is_still:
        stored = proof.stored(death.home)[death.decision_id]
        assert stored.state is state, (stored.state, course)
    has_arrived = bool(blocking(_arrivals(bench, death))) if is_still else death.moment in ARRIVED
    assert proof.moment_of(course[-1], has_arrived=has_arrived) == death.moment, course
    bench.deaths.append(death)


def rescue(bench: Bench, home: Path, hand: Hand) -> None:
    """Open another console on a store, let it bring everything to its end, and close it as a person would."""
    console = at_work(bench, Task(home=home, hand=hand))
    comes_to_an_end(home)
    assert console.close() == 0, proof.log(home, console.pid)
    is_without_bugs(home)


def is_without_bugs(home: Path) -> None:
    """No process of a home met what its code calls a bug, dead or alive."""
    assert not (found := proof.bugs(home)), found


def comes_to_an_end(home: Path) -> None:
    """Wait until every decision of a store has come to its end."""

    def all_ended() -> bool:
        return all(each.state in FINAL_STATES for each in proof.stored(home).values())

    until(all_ended, f"all decisions in {home.name} end", every=0.1)


def ended(bench: Bench, death: Death, way: Sequence[DecisionState]) -> None:
    """It came to its end over just these states, arrived as often as it should have, and did what it should have."""
    stored = proof.stored(death.home)[death.decision_id]
    assert proof.way(stored) == list(way), proof.way(stored)
    is_done = way[-1] is S.CARRIED_OUT
    assert blocking(_arrivals(bench, death)) == int(is_done)
    done = [each for each in proof.effects(bench.worker.business) if each.decision_id == death.decision_id]
    assert len(done) == int(is_done), done


async def _arrivals(bench: Bench, death: Death) -> int:
    return await proof.arrivals(await bench.server.client(), death.item.run_id, death.decision_id)


def kill_whenever(bench: Bench, after: float) -> None:
    """Kill a desk that many seconds after it began to decide; say in which moment that was, and see the end."""
    with bench.home() as home:
        item = bench.take()
        console = bench.start(Task(home=home, hand=Hand.DESK, item_id=item.item_id))
        until(lambda: proof.has_said(home, console.pid, proof.BEGUN), f"{console.task} decides")
        time.sleep(after)
        dies(console)
        decision_id = proof.decision_on(home, console.pid, item.item_id, proof.BEGUN)
        death = Death("", home, decision_id, item)
        arrivals = blocking(_arrivals(bench, death))
        last = proof.course(home, console.pid, decision_id)[-1]
        moment = proof.moment_of(last, has_arrived=bool(arrivals))
        bench.deaths.append(replace(death, moment=moment or "in between"))
        was_made = decision_id in proof.stored(home)
        rescue(bench, home, Hand.DESK)
        stored = proof.stored(home)
        assert (decision_id in stored) == was_made
        assert last.event == proof.BEGUN or was_made, f"{decision_id} was made and is not in the store"
        assert blocking(_arrivals(bench, death)) == int(was_made)
        if was_made:
            assert stored[decision_id].state is S.CARRIED_OUT, stored[decision_id]
        else:
            assert proof.waits(home, item.item_id)
            bench.items.put(item)
