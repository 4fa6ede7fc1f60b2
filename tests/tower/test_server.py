"""The tower in the box: started, found again, stopped; its worker is the command that ships."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import RemoveSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from console.domain.risk import VALID_FOR
from console.tower import processes
from console.tower import server as server_module
from console.tower.business import effects_by_decision
from console.tower.generator import waiting
from console.tower.namespace import KEPT_FOR, identify, keep_closed_runs, prepare, setup_namespace
from console.tower.server import Tower, TowerFailed, find_temporal
from tests.servers import RunningServer
from tests.tower.people import until


def pids(folder: Path) -> list[int]:
    return [json.loads((folder / name).read_text("utf-8"))["pid"] for name in ("server.json", "worker.json")]


async def open_runs(client: Client) -> set[str]:
    return {run.id async for run in client.list_workflows("ClearanceOpen > 0")}


def test_runs_go_on_when_the_tower_is_started_again(tmp_path: Path) -> None:
    tower = Tower(tmp_path / "tower")

    async def story() -> None:
        assert not tower.status().is_server_up
        up = await tower.start(demo_rate=60)
        assert (up.is_server_up, up.is_worker_up) == (True, True)
        client = await Client.connect(up.address)
        identity = await identify(client)

        async def is_busy() -> bool:
            return await waiting(client) >= 8

        await until(is_busy)
        first = pids(tower.folder)
        assert await tower.start(demo_rate=60) == up
        assert pids(tower.folder) == first
        runs = await open_runs(client)
        await tower.stop()
        down = tower.status()
        assert (down.is_server_up, down.is_worker_up, down.address) == (False, False, "")
        again = await tower.start()
        assert again.address == up.address
        assert pids(tower.folder) != first
        client = await Client.connect(again.address)
        assert await identify(client) == identity
        assert runs <= await open_runs(client)
        # No demo was asked for this time, so nothing new comes.
        assert effects_by_decision(tower.business) == {}

    try:
        asyncio.run(story())
    finally:
        asyncio.run(tower.stop())
    for path in tower.folder.rglob("*"):
        if path.is_file() and "world-" not in str(path):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_server_that_does_not_start_is_told_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "temporal"
    command.write_text("#!/bin/sh\necho out of memory >&2\nexit 1\n", encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    tower = Tower(tmp_path / "tower")
    with pytest.raises(TowerFailed, match=r"did not start. Its log is .*server.log"):
        asyncio.run(tower.start())
    assert "out of memory" in (tower.logs / "server.log").read_text("utf-8")
    assert not tower.status().is_server_up


def test_a_worker_that_does_not_start_is_told_with_its_log(server: RunningServer) -> None:
    tower = Tower(server.tower.folder, worker_command=(sys.executable, "-c", "raise SystemExit('no plans')"))
    with pytest.raises(TowerFailed, match=r"did not start. Its log is .*worker.log"):
        asyncio.run(tower.start())
    assert "no plans" in (tower.logs / "worker.log").read_text("utf-8")


def test_an_orphan_that_answers_nobody_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "ANSWER_SECONDS", 0.5)
    tower = Tower(tmp_path / "tower")
    orphan = processes.spawn(("/bin/sleep", "60"), tower.folder / "server.json", tower.logs / "server.log")
    try:
        asyncio.run(tower.start_server())
        assert not orphan.is_alive
        assert tower.status().is_server_up
    finally:
        asyncio.run(tower.stop())


def test_the_command_is_found_on_the_path_first_then_in_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert asyncio.run(find_temporal(tmp_path)) == Path(sys.executable).parent / "temporal"
    (tmp_path / "temporal").touch(0o755)
    assert asyncio.run(find_temporal(tmp_path)) == tmp_path / "temporal"


def test_a_namespace_is_set_up_once(server: RunningServer) -> None:
    async def story() -> None:
        client = await server.client()
        assert await setup_namespace(client) == ()
        request = RemoveSearchAttributesRequest(namespace="default", search_attributes=["ClearanceDue"])
        await client.operator_service.remove_search_attributes(request)
        assert await setup_namespace(client) == ("ClearanceDue",)

    asyncio.run(story())


def test_closed_runs_are_kept_for_long_enough_and_never_for_less_than_before(server: RunningServer) -> None:
    async def kept_for(client: Client) -> timedelta:
        described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
        return described.config.workflow_execution_retention_ttl.ToTimedelta()

    async def story() -> None:
        client = await server.client()
        assert await kept_for(client) == KEPT_FOR >= max(VALID_FOR.values())
        assert await keep_closed_runs(client, timedelta(days=120)) == timedelta(days=120)
        assert await prepare(server.address, "default") == ()
        assert await kept_for(client) == timedelta(days=120)

    asyncio.run(story())
