"""Keys arm half a second after what they decide about was painted, and not before."""

from __future__ import annotations

from console.screens.inbox.arming import ARM_AFTER, Arming, Painted

ONE, CHANGED, OTHER = Painted("a", "1"), Painted("a", "2"), Painted("b", "1")


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_nothing_is_armed_that_was_never_painted() -> None:
    assert not Arming(Hand()).is_armed(ONE)


def test_it_arms_after_its_time_and_stays_armed() -> None:
    hand = Hand()
    arming = Arming(hand)
    assert arming.on_painted(ONE)
    hand.at += ARM_AFTER - 0.001
    assert not arming.is_armed(ONE)
    hand.at += 0.001
    assert arming.is_armed(ONE)
    assert not arming.on_painted(ONE), "painting the same again begins nothing anew"
    assert arming.is_armed(ONE)


def test_another_item_or_version_begins_anew() -> None:
    hand = Hand()
    arming = Arming(hand)
    for what, before in ((ONE, OTHER), (OTHER, ONE), (CHANGED, OTHER), (ONE, CHANGED)):
        arming.on_painted(what)
        assert not arming.is_armed(what)
        hand.at += ARM_AFTER
        assert arming.is_armed(what)
        assert not arming.is_armed(before)


def test_disarmed_it_waits_for_the_next_paint() -> None:
    hand = Hand()
    arming = Arming(hand)
    arming.on_painted(ONE)
    hand.at += 1
    arming.disarm()
    assert not arming.is_armed(ONE)
    assert arming.on_painted(ONE)
    assert not arming.is_armed(ONE)
