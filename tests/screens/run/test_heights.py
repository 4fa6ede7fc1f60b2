"""Where cards stand while most heights are guesses."""

from __future__ import annotations

from console.screens.run.heights import Heights


def made(count: int, guess: int = 50) -> Heights:
    heights = Heights(12, 8)
    heights.take((f"card {number}", guess) for number in range(count))
    return heights


def test_cards_stand_under_each_other_with_gaps() -> None:
    heights = made(3)
    assert heights.tops == [12, 70, 128, 186]
    assert heights.total == 190
    assert [heights.place_at(height) for height in (0, 12, 69, 70, 500)] == [-1, 0, 0, 1, 3]


def test_a_measured_height_moves_those_below_and_is_remembered() -> None:
    heights = made(3)
    assert heights.learn([(0, "card 0", 100)])
    assert heights.tops == [12, 120, 178, 236]
    assert not heights.learn([(0, "card 0", 100)])
    heights.take((f"card {number}", 50) for number in range(1, -1, -1))
    assert (heights.of(0), heights.of(1)) == (50, 100)
    heights.forget()
    assert not heights.is_known("card 0")


def test_a_stretch_names_the_cards_that_meet_it() -> None:
    heights = made(100)
    assert heights.between(0, 70) == range(2)
    assert heights.between(5_780, 9_999) == range(99, 100)
    assert heights.between(20_000, 30_000) == range(100, 100)


def test_nothing_stands_nowhere() -> None:
    heights = made(0)
    assert (heights.total, heights.between(0, 500), len(heights)) == (0, range(0), 0)
