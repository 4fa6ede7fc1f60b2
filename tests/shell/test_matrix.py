"""Every screen in every world is pictured, and what a world has nothing for is named."""

from __future__ import annotations

import sys
from pathlib import Path
from subprocess import run

from PySide6.QtGui import QImage

WORLD = "error"
PROGRAM = f"""
import sys
from pathlib import Path
from console.samples import open_world
from console.shell.matrix import Matrix
sys.exit(0 if Matrix(Path(sys.argv[1]), [{WORLD!r}], open_world, print, settle=0.02).run() else 1)
"""
SIZES, LOOKS = ("1440", "1100"), ("light", "dark")


def test_all_that_a_failing_world_has_is_pictured_in_both_looks_and_sizes(tmp_path: Path) -> None:
    done = run([sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2_000:]
    names = {path.stem.rpartition("-")[0].rpartition("-")[0] for path in tmp_path.iterdir()}
    for screen in ("inbox", "item-high", "item-critical", "run-trail", "run-graph", "runs", "connections", "palette"):
        assert f"{screen}-{WORLD}" in names, done.stdout
    assert len(list(tmp_path.iterdir())) == len(names) * len(SIZES) * len(LOOKS)
    light, dark = (QImage(str(tmp_path / f"inbox-{WORLD}-{look}-1440.png")) for look in LOOKS)
    assert light.size() == dark.size()
    assert light.pixelColor(2, 2).lightness() > 2 * dark.pixelColor(2, 2).lightness()
    for screen in names - {f"{each}-{WORLD}" for each in ("palette", "keys", "settings", "together", "hand-over")}:
        assert QImage(str(tmp_path / f"{screen}-light-1100.png")).width() == 1100
