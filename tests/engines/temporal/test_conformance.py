"""The Temporal engine keeps the rules of the port, against a real server, worker and plan."""

from __future__ import annotations

import pytest

from tests.engines.conformance import RULES
from tests.engines.tower_bench import Host, tower_bench


@pytest.mark.parametrize("name", RULES)
def test_the_temporal_engine_keeps_the_rule(name: str, host: Host) -> None:
    host.run(_kept(name, host))


async def _kept(name: str, host: Host) -> None:
    async with tower_bench(host) as bench:
        await RULES[name](bench)
