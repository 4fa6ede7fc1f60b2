"""What is paused, in words, and what it is called once it was resumed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.escalation import EscalationKey, Kind, Verdict
from console.domain.pauses import decided_title, pause_of
from tests.domain.samples import CHECKPOINT, MORNING

RUN = CHECKPOINT.key.run


@pytest.mark.parametrize(
    ("native_id", "title"),
    [
        ("@all", "Resume everything"),
        ("@plan/refund", "Resume plan refund"),
        ("@run/refund-T-10005", "Resume run refund-T-10005"),
        ("@complete/pay", "Paused: it"),
        ("gate", "Paused: it"),
    ],
)
def test_who_resumes_has_resumed_what_was_paused(native_id: str, title: str) -> None:
    row = replace(CHECKPOINT.row, key=EscalationKey(RUN, native_id, 2), kind=Kind.INTERVENTION, title="Paused: it")
    assert decided_title(row, Verdict.RESUME) == title
    assert decided_title(row, Verdict.REJECT) == "Paused: it"


def test_who_paused_it_and_why_is_told_as_far_as_it_was_read() -> None:
    row = replace(CHECKPOINT.row, key=EscalationKey(RUN, "@all", 1), opened_at=MORNING)
    unread = pause_of(row)
    read = pause_of(row, "Everything was paused by root at 01:20 UTC: provider outage.")
    assert unread is not None
    assert read is not None
    now = MORNING + timedelta(minutes=5)
    assert "by" not in unread.told(now)
    assert read.told(now).startswith("everything is paused by root since ")
    assert read.told(now).endswith(": provider outage")
    assert read.holds(replace(RUN, run_id="any"), "any")
    assert not read.holds(replace(RUN, server="another"), "any")
