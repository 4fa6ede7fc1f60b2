"""The environment beside the tests' own, for libraries that are too large to be installed with them or must be alone.

``packaging/setup.sh`` makes it, from a lock file, and makes it anew when that changes.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGGRAPH = ROOT / ".venv.langgraph" / "bin"


@cache
def langgraph_python() -> Path:
    """The interpreter of an environment with LangGraph, its server, and nothing of ours."""
    subprocess.run(["/bin/sh", ROOT / "packaging" / "setup.sh", "test"], check=True)
    return LANGGRAPH / "python"
