"""One server and worker for all tests here; a second server, without a worker, where that is the point."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engines.tower_bench import Host


@pytest.fixture(scope="package")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    running = Host(tmp_path_factory.mktemp("tower"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A server of its own, on which nobody works."""
    running = Host(tmp_path_factory.mktemp("quiet"), has_worker=False)
    running.start()
    yield running
    running.stop()
