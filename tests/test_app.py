"""What the composition root promises beyond putting things together."""

from __future__ import annotations

import subprocess
import sys

import pytest

TWO_THREADS = """
import threading
from pathlib import Path
from console import app, demo
from console.infra.paths import find_paths
from console.services.views import ConnectionConfig

config = ConnectionConfig(connection_id="a", name="a", kind="temporal", settings={"address": "127.0.0.1:1"})
where = find_paths(environ={"CLEARANCE_HOME": "nowhere"})
failed = []
threading.excepthook = lambda told: failed.append(told.exc_value)
both = [
    threading.Thread(target=app.temporal_engine, args=(config, {})),
    threading.Thread(target=demo.tower_of, args=(where,)),
]
for each in both:
    each.start()
for each in both:
    each.join()
raise SystemExit(repr(failed) if failed else 0)
"""


@pytest.mark.parametrize("time", range(3))
def test_temporals_library_is_loaded_by_one_thread_at_a_time(time: int) -> None:
    done = subprocess.run([sys.executable, "-c", TWO_THREADS], capture_output=True, text=True, check=False)
    assert (time, done.returncode, done.stderr) == (time, 0, "")
