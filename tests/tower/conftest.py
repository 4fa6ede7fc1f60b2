from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import RunningServer, RunningWorker, start_server, start_worker

PROBE = "tests.tower.probe_plan"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = start_server(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def worker(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorker]:
    running = start_worker(server, tmp_path_factory.mktemp("worker"), plans=(PROBE, "console.tower.plans"))
    yield running
    running.stop()


def rows(business: Path, query: str, *values: str) -> list[tuple[str, ...]]:
    """What a query finds in a business database."""
    with closing(sqlite3.connect(business)) as db:
        return [tuple(row) for row in db.execute(query, values)]
