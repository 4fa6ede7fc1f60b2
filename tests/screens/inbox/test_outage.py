"""What stands above the list while a connection cannot carry on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from console.qtkit.words import plain
from console.screens.inbox.outage import outage
from console.screens.inbox.rows import item_line
from console.services.views import Health
from tests.screens.inbox.makes import DANA, NOW, connection, row


@pytest.mark.parametrize(
    ("health", "words"),
    [
        (Health.IDLE, "tower-eu: server up, no worker. No worker polls. Start one."),
        (Health.DOWN, "tower-eu: down. Its items are as of 2 min ago. No worker polls. Start one."),
        (Health.LIVE, ""),
        (Health.PAUSED, ""),
    ],
)
def test_a_connection_that_cannot_carry_on_is_told_of_once_above_the_list(health: Health, words: str) -> None:
    view = replace(
        connection(health),
        message="No worker polls.",
        next_action="Start one.",
        newest_at=NOW - timedelta(minutes=2),
    )
    assert plain(outage([view], NOW)) == words


def test_a_row_gives_no_room_to_the_age_that_is_told_above() -> None:
    old = replace(row(), is_stale=True, read_at=NOW - timedelta(minutes=2))
    alone = item_line(old, DANA, NOW, None, is_gone=False)
    below = item_line(old, DANA, NOW, None, is_gone=False, is_age_told=True)
    assert alone.stale_age == "2 m old"
    assert below.stale_age == ""
    assert [(mark.icon, mark.text) for mark in below.marks if mark.icon == "history"] == [("history", "")]
