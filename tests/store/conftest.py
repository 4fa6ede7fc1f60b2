from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.store.store import Store
from tests.store.made import LEDGER, NOW


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as the migrations leave it, made once and copied for each test."""
    path = tmp_path_factory.mktemp("migrated") / "clearance.db"
    store = Store(path)
    store.connections.put(LEDGER, NOW)
    store.close()
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clearance.db"


@pytest.fixture
def store(path: Path, migrated: Path) -> Iterator[Store]:
    shutil.copy(migrated, path)
    opened = Store(path)
    yield opened
    opened.close()
