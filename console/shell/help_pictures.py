"""The pictures that the help shows, taken of the real window in a sample world."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from console.qtkit.theme import Mode
from console.shell.matrix import Matrix, OpenWorld

WORLD = "typical"
SCREENS = ("item-high", "item-critical", "run-graph", "runs")
SIZE = (1100, 700)
# Ample: what is kept must show the screen when it is whole, on a slow machine too.
SETTLE = 1.5


def take(out: Path, open_world: OpenWorld, say: Callable[[str], None]) -> bool:
    """Write all of them into a folder; whether all could be taken."""
    matrix = Matrix(out, (WORLD,), open_world, say, settle=SETTLE, screens=SCREENS, sizes=(SIZE,), modes=(Mode.LIGHT,))
    return matrix.run() == len(SCREENS)
