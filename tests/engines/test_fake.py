"""The scripted engine keeps the rules of the port, and does what a script tells it."""

from __future__ import annotations

import asyncio

import pytest

from tests.engines.conformance import RULES
from tests.engines.fake_bench import FakeBench


@pytest.mark.parametrize("name", RULES)
def test_the_scripted_engine_keeps_the_rule(name: str) -> None:
    asyncio.run(_kept(name))


async def _kept(name: str) -> None:
    bench = FakeBench()
    await bench.desk.open()
    await bench.other_desk.open()
    await RULES[name](bench)
