"""Reasons that were given are offered again, newest first, also tomorrow."""

from __future__ import annotations

import pytest

from console.screens.inbox.reasons import LONGEST, MOST, NAME, OFFERED, Reasons
from console.shell.memory import Forgetful


def test_the_last_ones_come_first_and_none_twice() -> None:
    reasons = Reasons(Forgetful())
    for reason in ("one", "two", " one ", "", OFFERED[1]):
        reasons.remember(reason)
    assert reasons.offered()[:3] == (OFFERED[1], "one", "two")
    assert sorted(reasons.offered()) == sorted({*OFFERED, "one", "two"})


def test_few_are_kept_and_none_too_long() -> None:
    reasons = Reasons(Forgetful())
    for number in range(MOST + 5):
        reasons.remember(f"reason {number}")
    reasons.remember("x" * (LONGEST + 1))
    assert len(reasons.offered()) == MOST + len(OFFERED)
    assert reasons.offered()[0] == f"reason {MOST + 4}"


def test_they_are_there_the_next_time() -> None:
    memory = Forgetful()
    Reasons(memory).remember("Agrees with the bank’s file")
    assert Reasons(memory).offered()[0] == "Agrees with the bank’s file"


@pytest.mark.parametrize("kept", ["", "no json", "7", '{"a": 1}', "[1, null]"])
def test_what_cannot_be_read_is_forgotten(kept: str) -> None:
    memory = Forgetful()
    memory.set(NAME, kept)
    assert Reasons(memory).offered() == OFFERED
