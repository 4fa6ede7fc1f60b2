"""The fence around one attempt: how it ends, and what the run is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from console.domain.canonical import Json
from console.tower import business
from console.tower.activities import activities
from console.tower.control_calls import Held, Pause
from console.tower.desk import Desk
from console.tower.messages import IDENTIFY_ACTIVITY, AgentCall, FailureType, Outcome, RunNames
from console.tower.pauses import Pauses
from console.tower.staff import AgentFunction, Report, Workplace
from tests.signing import authority
from tests.tower.people import until
from tests.tower.probe_plan import STAFFED
from tests.verify.people import SERVER

PROBE = STAFFED[0]


def turn(tmp_path: Path, agent: AgentFunction, **changes: object) -> tuple[ActivityEnvironment, Awaitable[Any]]:
    """One attempt of an agent, about to run."""
    business.create(tmp_path / "business.db")
    staffed = replace(PROBE, agents={"probe-agent": agent, "second-agent": agent})
    place = Workplace(plans={"probe": staffed}, business=tmp_path / "business.db", data=tmp_path, seed=1)
    work = named("probe-agent", place)
    given: dict[str, Any] = {
        "run": RunNames("run-1", "chain-1"),
        "plan": "probe",
        "step": "pay",
        "agent": "probe-agent",
        "occurrence": 1,
        "attempt": 1,
        "time_limit": 5.0,
        "parameters": {},
        "state": {},
    }
    environment = ActivityEnvironment()
    return environment, environment.run(work, AgentCall(**{**given, **changes}))


def named(name: str, place: Workplace) -> Callable[..., Any]:
    """The activity of that name."""

    async def nothing() -> list[Pause]:
        return []

    async def nobody(_held: Held) -> None:
        pass

    found = activities(place, authority(), Pauses(nothing, nobody))
    return next(one for one in found if vars(one)["__temporal_activity_definition"].name == name)


def failure(attempt: Awaitable[Any]) -> ApplicationError:
    async def wait() -> object:
        return await attempt

    with pytest.raises(ApplicationError) as caught:
        asyncio.run(wait())
    return caught.value


async def fails(desk: Desk) -> Report:
    desk.reason("Before it broke")
    raise KeyError("paper")


async def strays(desk: Desk) -> Report:
    await desk.look_up("till.look", account="a/b")
    return Report()


async def dawdles(desk: Desk) -> Report:
    desk.reason("Still at it")
    await asyncio.sleep(30)
    return Report()


async def works(_: Desk) -> Report:
    return Report(patch={"done": True})


def test_an_outcome_comes_back(tmp_path: Path) -> None:
    async def wait() -> Outcome:
        _, attempt = turn(tmp_path, works)
        outcome: Outcome = await attempt
        return outcome

    assert asyncio.run(wait()).patch == {"done": True}


@pytest.mark.parametrize(
    ("agent", "changes", "kind", "message"),
    [
        (fails, {}, FailureType.FAILED, "KeyError: 'paper'"),
        (strays, {}, FailureType.VIOLATION, "till/a/b is outside what probe-agent may read (till/*)."),
        (dawdles, {"time_limit": 0.05}, FailureType.FAILED, "It took longer than 0.05 s."),
        (works, {"plan": "unknown"}, FailureType.FAILED, "This worker has no probe-agent for plan unknown."),
    ],
)
def test_a_failure_is_told_apart(
    tmp_path: Path, agent: AgentFunction, changes: dict[str, object], kind: str, message: str
) -> None:
    error = failure(turn(tmp_path, agent, **changes)[1])
    assert (error.type, error.message, error.non_retryable) == (kind, message, True)


def test_what_was_thought_before_it_failed_travels_with_the_failure(tmp_path: Path) -> None:
    (details,) = failure(turn(tmp_path, fails)[1]).details
    trail: list[dict[str, Json]] = details["trail"]
    assert [entry["title"] for entry in trail] == ["Before it broke"]


def test_a_stopping_worker_is_no_failure_of_the_agent(tmp_path: Path) -> None:
    async def stop() -> ApplicationError:
        environment, attempt = turn(tmp_path, dawdles)
        environment.on_heartbeat = thoughts.append
        work = asyncio.ensure_future(attempt)  # noqa: TID251  # what a worker does with an attempt
        await until(lambda: thoughts)
        environment.worker_shutdown()
        work.cancel()
        with pytest.raises(ApplicationError) as caught:
            await work
        return caught.value

    thoughts: list[object] = []
    error = asyncio.run(stop())
    assert (error.type, error.non_retryable) == (FailureType.WORKER_STOPS, False)


def test_who_the_server_is_comes_from_the_worker(tmp_path: Path) -> None:
    place = Workplace(plans={"probe": PROBE}, business=tmp_path / "b.db", data=tmp_path, seed=1)
    identify = named(IDENTIFY_ACTIVITY, place)

    async def ask() -> object:
        return await ActivityEnvironment().run(identify)

    assert asyncio.run(ask()) == SERVER
