"""The words of the status line, and a frame that keeps up with the desk."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from console.domain.decision import DecisionState
from console.domain.identity import Identity
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.services.views import Event, Health
from console.shell.overview import Frame, Overview, connection_words, on_their_way_words, window_title
from tests.screens.asking import asking
from tests.screens.inbox.makes import DANA, NOW, connection
from tests.screens.stage import stage, until

S = DecisionState


@pytest.mark.parametrize(
    ("health", "words"),
    [
        (Health.LIVE, "live, 2 min old"),
        (Health.SLOW, "slow, newest data 2 min old"),
        (Health.IDLE, "server up, no worker"),
        (Health.DOWN, "down, newest data 2 min old"),
        (Health.PAUSED, "paused, newest data 2 min old"),
    ],
)
def test_a_connection_says_how_it_is_and_how_old_its_newest_data(health: Health, words: str) -> None:
    view = replace(connection(health), newest_at=NOW - timedelta(minutes=2))
    assert connection_words(view, NOW) == ("tower-eu", words)


def test_a_connection_that_never_answered_claims_no_age() -> None:
    assert connection_words(replace(connection(Health.CONNECTING), newest_at=None), NOW) == ("tower-eu", "connecting")


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "none"),
        ({S.CONFIRMED: 3}, "none"),
        ({S.HELD: 1}, "1 held · 0 sending · 0 uncertain"),
        ({S.QUEUED: 2, S.UNCERTAIN: 1}, "0 held · 2 queued · 0 sending · 1 uncertain"),
    ],
)
def test_decisions_on_their_way_are_counted_by_state(counts: dict[DecisionState, int], words: str) -> None:
    assert on_their_way_words(counts) == words


def test_a_window_is_named_after_its_person_and_their_profile() -> None:
    identity = Identity(DANA, "3fa8c02e" * 2, is_key_kept=True)
    assert window_title(identity, "default") == "Clearance: Dana Kern, supervisor"
    assert window_title(identity, "night") == "Clearance: Dana Kern, supervisor (night)"


def test_the_frame_keeps_up_and_no_part_of_it_undoes_another(tmp_path: Path) -> None:
    async def whole() -> None:
        server = FakeServer("eu")
        server.open(server.start_run(), Opening())
        async with stage(tmp_path, [server]) as made, asking() as asked:
            frames: list[Frame] = []
            overview = Overview(made.desk, asked.ask, frames.append)
            loop = asyncio.get_running_loop()

            def tell(event: Event) -> None:
                loop.call_soon_threadsafe(overview.on_events, (event,))

            unsubscribe = made.desk.subscribe(tell)
            overview.start()
            await until(lambda: overview.frame.waiting == 1 and overview.frame.is_read)
            assert overview.frame.identity is not None
            assert [view.config.name for view in overview.frame.connections] == ["eu"]
            server.open(server.start_run(), Opening(title="another"))
            await until(lambda: overview.frame.waiting == 2)
            server.go_away()
            await until(lambda: overview.frame.connections[0].health is Health.DOWN, seconds=20)
            assert overview.frame.waiting == 2
            assert overview.frame.identity is not None
            unsubscribe()

    asyncio.run(whole())
