"""Pages of a trail become one log without gaps, and rows of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.domain.run import HandOff, TrailKind, TrailPage
from console.screens.run.trail import Log, Row, rows, with_hand_offs
from tests.screens.run.entries import START, entries, entry, page


def ids(log: Log) -> list[int]:
    return [int(each.entry_id) for each in log.entries]


def test_the_newest_page_alone_is_a_log() -> None:
    log = Log().with_newest(page(range(50, 100), total=100))
    assert ids(log) == list(range(50, 100))
    assert (log.older, log.total, log.is_complete) == ("50", 100, False)


def test_a_newer_page_adds_its_end_and_keeps_the_way_back() -> None:
    log = Log().with_newest(page(range(50, 100))).with_older(page(range(50)))
    log = log.with_newest(page(range(70, 120)))
    assert ids(log) == list(range(120))
    assert log.is_complete


def test_a_page_that_says_nothing_new_gives_the_very_same_log() -> None:
    log = Log().with_newest(page(range(50, 100))).with_older(page(range(50)))
    assert log.with_newest(page(range(50, 100))) is log
    short = Log().with_newest(page(range(5)))
    assert short.with_newest(page(range(5))) is short


def test_what_the_newest_page_no_longer_says_goes() -> None:
    under_way = entry(3, title="attempt under way")
    log = Log().with_newest(TrailPage((under_way, *reversed(entries(range(3))))))
    log = log.with_newest(TrailPage((entry(4), *reversed(entries(range(3))))))
    assert ids(log) == [0, 1, 2, 4]


def test_an_entry_that_changed_is_taken_over() -> None:
    log = Log().with_newest(page(range(3)))
    changed = entry(2, title="changed")
    log = log.with_newest(TrailPage((changed, entry(1), entry(0))))
    assert log.entries[-1].title == "changed"


def test_a_gap_is_seen_and_not_papered_over() -> None:
    log = Log().with_newest(page(range(10, 20)))
    far = page(range(100, 150))
    assert not log.joins(far)
    assert ids(log.with_newest(far)) == list(range(100, 150))
    assert log.joins(page(range(15, 30)))
    assert log.joins(page(range(30)))


def test_an_older_page_that_overlaps_adds_each_entry_once() -> None:
    log = Log().with_newest(page(range(50, 100))).with_older(page(range(20, 60)))
    assert ids(log) == list(range(20, 100))


def test_failed_attempts_of_one_step_fold_and_keep_their_name() -> None:
    failed = [entry(number, TrailKind.FAILED_ATTEMPT, step="post") for number in range(1, 4)]
    other = entry(4, TrailKind.FAILED_ATTEMPT, step="mail")
    made = rows([entry(0), *failed, other, entry(5)])
    assert [len(row.entries) for row in made] == [1, 3, 1, 1]
    assert made[1].row_id == rows([entry(0), failed[0]])[1].row_id
    assert made[1].is_folded
    assert made[1].entry is failed[-1]


def hand_off(start: str = "propose", end: str = "check", after: float = 1.5, **parts: object) -> HandOff:
    at = START + timedelta(seconds=after)
    return HandOff(from_step=start, to_step=end, size=100, at=at, **parts)  # type: ignore[arg-type]


def test_a_hand_off_that_the_trail_does_not_tell_stands_at_its_time() -> None:
    trail = with_hand_offs(entries(range(4)), [hand_off()], since_start=True)
    assert [each.kind for each in trail.entries][2] is TrailKind.HAND_OFF
    assert trail.hand_offs[trail.entries[2].entry_id].to_step == "check"


def test_a_hand_off_before_what_was_read_waits_until_that_is_read() -> None:
    read = entries(range(10, 14))
    assert len(with_hand_offs(read, [hand_off()], since_start=False).entries) == 4
    assert len(with_hand_offs(read, [hand_off()], since_start=True).entries) == 5


@pytest.mark.parametrize("named", ["propose", ["propose", "match"]])
def test_a_hand_off_that_the_trail_tells_stands_once_with_its_own_words(named: object) -> None:
    data = {"from": named, "to": "check", "used": ["a"], "dropped": ["b", "caveats"], "caveats": ["It is early."]}
    told = entry(2, TrailKind.HAND_OFF, step="check", data=data)
    trail = with_hand_offs([entry(0), told], [hand_off(open_questions=("Which rate?",))], since_start=True)
    assert len(trail.entries) == 2
    found = trail.hand_offs[told.entry_id]
    assert (found.used, found.dropped, found.keys) == (("a",), ("b", "caveats"), ("a", "b", "caveats"))
    assert (found.caveats, found.open_questions, found.size) == (("It is early.",), ("Which rate?",), 100)


def test_a_hand_off_entry_of_the_wrong_shape_is_an_entry_all_the_same() -> None:
    told = entry(2, TrailKind.HAND_OFF, data={"from": {"a": 1}, "to": 7, "used": "x", "dropped": 5})
    assert with_hand_offs([told], [], since_start=True).entries == (told,)


def test_entries_without_a_time_keep_their_order() -> None:
    plain = [entry(0, at=None), entry(1, at=None)]
    trail = with_hand_offs(plain, [hand_off()], since_start=True)
    assert [each.entry_id for each in trail.entries][:2] == ["000000", "000001"]


def test_a_row_is_equal_to_one_of_the_same_entries() -> None:
    one = entry(1)
    assert Row("a", (one,)) == Row("a", (one,))
