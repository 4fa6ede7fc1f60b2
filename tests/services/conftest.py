from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.store.store import Store
from tests.services.office import Office


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as the migrations leave it, made once and copied for each test."""
    path = tmp_path_factory.mktemp("migrated") / "clearance.db"
    Store(path).close()
    return path


@pytest.fixture
def office(tmp_path: Path, migrated: Path) -> Iterator[Office]:
    opened = Office(tmp_path, migrated)
    yield opened
    asyncio.run(opened.close())
    assert opened.unforgiven() == []
