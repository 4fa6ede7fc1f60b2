"""What holds for all tests.

They draw unseen, unless a test or the person who runs them brings a display; they sign with keys of their own, so that
none is left in anybody's keyring; and worlds that are made up follow from one seed, which is told.
"""

import gc
import os
import random
from collections.abc import Iterator

import pytest

SEED_VARIABLE = "CLEARANCE_SEED"
FEW, MOST = 1, 10**9

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTHON_KEYRING_BACKEND", "tests.ring.Ring")
os.environ.setdefault(SEED_VARIABLE, str(random.SystemRandom().randint(FEW, MOST)))


@pytest.fixture(autouse=True, scope="module")
def nothing_left_behind() -> Iterator[None]:
    """Collect what a module left, windows too, in this thread: in a desk's own, that would end the process."""
    yield
    gc.collect()


def pytest_collection_finish() -> None:
    """Let the many collections between tests look only at what tests make, not at all that was imported."""
    gc.collect()
    gc.freeze()


def pytest_report_header() -> str:
    """Tell on which worlds the tests are, so that they can be made again."""
    return f"worlds: {SEED_VARIABLE}={os.environ[SEED_VARIABLE]}"
