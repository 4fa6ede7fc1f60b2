"""Consoles that are killed while they decide, on a real server with a real worker: nothing is lost, nothing done twice.

Each round kills one process with SIGKILL in one moment of one decision; the log proves the moment, the run's history
and the business database what came of it. ``CLEARANCE_KILL_ROUNDS`` sets how often each moment is met.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle, islice

import pytest

from console.domain.decision import DecisionState
from console.domain.escalation import Verdict
from tests.journeys.kill import company, proof
from tests.journeys.kill.bench import Bench, open_bench
from tests.journeys.kill.consoles import Hand
from tests.journeys.kill.reckoning import reckon
from tests.journeys.kill.rounds import kill_in, kill_whenever
from tests.journeys.kill.stops import Moment

S = DecisionState
ROUNDS = int(os.environ.get("CLEARANCE_KILL_ROUNDS", "10"))
STORES = 4
SPARE = 24
SEED = 20_260
# A window and a desk hold decisions back; a command is sent at once.
HANDS = dict.fromkeys(Moment, (Hand.KEYS, Hand.COMMAND, Hand.DESK)) | {Moment.HELD: (Hand.KEYS, Hand.DESK)}
RESCUERS = (Hand.KEYS, Hand.DESK, Hand.DESK, Hand.DESK)

pytestmark = pytest.mark.timeout(120 + 20 * ROUNDS)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    opened = open_bench(tmp_path_factory.mktemp("kill"), items=ROUNDS * len(Moment) + SPARE, stores=STORES)
    yield opened
    opened.close()


def at_once(rounds: Sequence[Callable[[], None]]) -> None:
    """Run rounds side by side, as many as there are stores."""
    with ThreadPoolExecutor(STORES) as pool:
        for done in [pool.submit(each) for each in rounds]:
            done.result()


@pytest.mark.parametrize("moment", Moment)
def test_killed_in_a_moment_of_its_decision(bench: Bench, moment: Moment) -> None:
    hands = islice(cycle(HANDS[moment]), ROUNDS)
    rescuers = islice(cycle(RESCUERS), ROUNDS)
    is_later = (moment is Moment.COMMIT and number % 2 == 1 for number in range(ROUNDS))
    at_once(
        [
            partial(
                kill_in, bench, moment, hand, receipt_of=S.CARRIED_OUT if later else S.CONFIRMED, rescued_by=rescuer
            )
            for hand, rescuer, later in zip(hands, rescuers, is_later, strict=True)
        ]
    )
    deaths = [death for death in bench.deaths if death.moment == moment]
    assert len(deaths) >= ROUNDS


def test_killed_whenever(bench: Bench) -> None:
    """Nothing is stopped: the kill comes some milliseconds after the decision was begun, wherever it then is."""
    chance = random.Random(SEED)  # noqa: S311 - a moment, not a secret
    at_once([partial(kill_whenever, bench, chance.uniform(0, 0.15)) for _ in range(ROUNDS)])


@pytest.mark.parametrize("story", company.STORIES, ids=lambda story: story.__name__)
def test_window_and_command_line_on_one_store(bench: Bench, story: Callable[[Bench], None]) -> None:
    at_once([partial(story, bench)] * 2)


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.REJECT])
@pytest.mark.parametrize("moment", [Moment.QUEUED, Moment.SENDING])
def test_decided_by_somebody_else_while_no_console_runs(bench: Bench, moment: Moment, verdict: Verdict) -> None:
    company.decided_meanwhile(bench, moment, verdict)


def test_lost_none_and_did_none_twice(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.deaths, "run this after the others"
    found = reckon(bench)
    with capsys.disabled():
        print(f"\n{found.line}")  # noqa: T201 - the one line that this file is for
    assert (found.lost, found.twice, found.contradictions) == ([], [], [])
    assert [home.name for home in bench.homes if not proof.audit(home).is_whole] == []
