"""The fault campaign, short: a real server, worker and consoles, everything hit at least once. Long by hand.

It ends by what was hit and decided, not by time, so that a busy machine only makes it take longer.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.faults.campaign import Extent, campaign

DECISIONS = 24


@pytest.mark.timeout(1800)
def test_nothing_is_lost_nothing_done_twice_and_nothing_left_open(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    told: list[str] = []
    result = asyncio.run(campaign(Extent(DECISIONS, seed), tmp_path, told.append))
    assert result.is_good, (seed, result, told)
