from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from console.shell.tidy import ALL_AFTER, ALL_AT_LATEST, Tidy

MANY = 1_000


class Loop:
    """Something that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


class Time:
    """Seconds, as a test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def tidy(qapp: QApplication, time: Time) -> Iterator[Tidy]:
    made = Tidy(qapp, monotonic=time)
    made.start()
    yield made
    made.stop()
    made.deleteLater()


def rubbish() -> weakref.ref[Loop]:
    return weakref.ref(Loop())


def old_rubbish() -> weakref.ref[Loop]:
    """Rubbish that became so after it had grown old, with the oldest generation due."""
    loop = Loop()
    for _ in range(gc.get_threshold()[2] + 3):
        gc.collect(1)
    return weakref.ref(loop)


def test_young_rubbish_goes_at_the_next_look(tidy: Tidy) -> None:
    kept = [[number] for number in range(MANY)]
    lost = rubbish()
    assert lost() is not None
    tidy.look()
    assert lost() is None
    assert len(kept) == MANY


def test_nothing_is_looked_through_while_little_is_made(tidy: Tidy) -> None:
    gc.collect(0)
    lost = rubbish()
    tidy.look()
    assert lost() is not None


def test_everything_is_looked_through_seldom_and_in_silence(tidy: Tidy, time: Time) -> None:
    lost = old_rubbish()
    tidy.look()
    assert lost() is not None, "not as often as Python would"
    time.now = ALL_AFTER
    kept = [[number] for number in range(MANY)]
    tidy.look()
    assert lost() is not None, "something happens just now"
    tidy.look()
    assert lost() is None
    assert len(kept) == MANY


def test_what_never_is_silent_is_tidied_all_the_same(tidy: Tidy, time: Time) -> None:
    lost = old_rubbish()
    time.now = ALL_AT_LATEST
    kept = [[number] for number in range(MANY)]
    tidy.look()
    assert lost() is None
    assert len(kept) == MANY


def test_python_tidies_again_afterwards(qapp: QApplication) -> None:
    tidy = Tidy(qapp)
    tidy.start()
    assert not gc.isenabled()
    tidy.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    tidy.deleteLater()
