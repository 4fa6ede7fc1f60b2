from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from console.tower.enrolment import reader
from tests.engines.line import Line
from tests.servers import RunningServer

GIVEN_UP = timedelta(seconds=1)
PATIENCE = 30.0


def test_a_question_for_the_keys_that_gets_lost_is_given_up(server: RunningServer) -> None:
    async def ask() -> RPCStatusCode:
        host, _, port = server.address.rpartition(":")
        line = Line(host, int(port))
        await line.start()
        try:
            client = await Client.connect(line.address)
            line.swallow_requests()
            with pytest.raises(RPCError) as given_up:
                async with asyncio.timeout(PATIENCE):
                    await reader(client, GIVEN_UP)(0)
        finally:
            await line.stop()
        return given_up.value.status

    assert asyncio.run(ask()) in {RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}
