from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.domain.snooze import BACK_BEFORE_DUE, choices

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def test_without_a_due_time_all_lengths_are_offered_and_the_next_morning() -> None:
    offered = choices(NOW, None)
    assert [each.until - NOW for each in offered if each.words.startswith("For")] == [
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=4),
    ]
    (morning,) = [each for each in offered if each.words.startswith("Until")]
    assert timedelta() < morning.until - NOW <= timedelta(days=1)
    assert morning.until.astimezone().hour == 9


def test_nothing_sleeps_through_its_due_time() -> None:
    for minutes in (5, 10, 11, 30, 90, 600):
        due_at = NOW + timedelta(minutes=minutes)
        assert all(NOW < each.until <= due_at - BACK_BEFORE_DUE for each in choices(NOW, due_at))
    assert choices(NOW, NOW + timedelta(minutes=10)) == ()
    assert [each.until for each in choices(NOW, NOW + timedelta(minutes=11))] == [NOW + timedelta(minutes=1)]
