"""A server that has no room for a question is asked again, and what it says then is told in our words."""

from __future__ import annotations

import asyncio

import pytest
from temporalio.service import RPCError, RPCStatusCode

from console.domain.errors import Unreachable
from console.engines.temporal import errors
from console.engines.temporal.patience import patiently
from console.engines.temporal.settings import TemporalSettings

FULL = "consistent query buffer is full, this may be caused by too many queries and workflow not able to process them"


class Busy:
    """Answers after so many refusals."""

    def __init__(self, refusals: int, status: RPCStatusCode = RPCStatusCode.RESOURCE_EXHAUSTED) -> None:
        self.left, self.asked, self.status = refusals, 0, status

    async def answer(self) -> str:
        await asyncio.sleep(0)
        self.asked += 1
        if self.asked <= self.left:
            raise RPCError(FULL, self.status, b"")
        return "answer"


def test_a_question_is_asked_again_a_few_times_and_no_more() -> None:
    some, many, other = Busy(2), Busy(9), Busy(2, RPCStatusCode.NOT_FOUND)
    assert asyncio.run(patiently(some.answer, (0, 0, 0))) == "answer"
    with pytest.raises(RPCError):
        asyncio.run(patiently(many.answer, (0, 0, 0)))
    with pytest.raises(RPCError):
        asyncio.run(patiently(other.answer, (0, 0, 0)))
    assert (some.asked, many.asked, other.asked) == (3, 4, 1)


def test_what_the_server_says_of_it_is_told_in_our_words() -> None:
    told = errors.reading(
        RPCError(FULL, RPCStatusCode.RESOURCE_EXHAUSTED, b""), TemporalSettings(address="a:1", tls=True)
    )
    assert isinstance(told, Unreachable)
    assert "buffer" not in told.message
    assert told.next_action
