"""The LangGraph engine keeps the rules of the port, against a real server; those that it cannot keep say why."""

from __future__ import annotations

import asyncio

import pytest

from tests.engines.conformance import RULES
from tests.engines.langgraph.bench import langgraph_bench
from tests.engines.langgraph.server import LangGraphServer

NOT_THERE = {
    "two_approvals_are_of_two_persons": "an interrupt takes one answer: there is no quorum",
    "what_is_paused_waits_until_somebody_resumes_it": "a thread cannot be paused",
    "a_conflict_shows_both_runs_and_the_one_ruling_that_counts_names_the_winner": "threads lease nothing",
}


@pytest.mark.parametrize("name", [name for name in RULES if name not in NOT_THERE])
def test_the_langgraph_engine_keeps_the_rule(name: str, server: LangGraphServer) -> None:
    asyncio.run(_kept(name, server))


def test_what_is_left_out_are_rules() -> None:
    assert NOT_THERE.keys() <= RULES.keys()


async def _kept(name: str, server: LangGraphServer) -> None:
    async with langgraph_bench(server) as bench:
        await RULES[name](bench)
