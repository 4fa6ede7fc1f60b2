"""One LangGraph server for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engines.langgraph.server import LangGraphServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LangGraphServer]:
    running = LangGraphServer(tmp_path_factory.mktemp("langgraph"))
    running.start()
    yield running
    running.stop()
