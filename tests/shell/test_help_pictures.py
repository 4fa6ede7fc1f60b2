"""The pictures of the help are of the window as it is, and each is on a page."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from subprocess import run

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from console.qtkit.resources import PACKAGE, resource
from console.screens.help.view_page import Page

ROUGH = (110, 70)
# Of 255: clock times and ages differ between two takes, a row that moved or a button that is new differ by more.
MOST_ON_AVERAGE, MOST_ANYWHERE = 2.0, 90
PICTURE = re.compile(r"!\[[^]]+\]\((?:resources/help/)?pictures/([a-z0-9-]+\.png)\)")


def rough(path: Path) -> QImage:
    fit, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    return QImage(str(path)).scaled(*ROUGH, fit, smooth).convertToFormat(QImage.Format.Format_Grayscale8)


def differences(one: QImage, other: QImage) -> list[int]:
    width, height = ROUGH
    return [
        abs(one.pixelColor(x, y).lightness() - other.pixelColor(x, y).lightness())
        for x in range(width)
        for y in range(height)
    ]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pictures")
    command = [str(Path(sys.executable).with_name("clearance")), "tour", "--help-pictures", "--out", str(out)]
    done = run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2_000:]
    return out


def test_they_show_what_the_window_shows(taken: Path) -> None:
    kept = resource("help") / "pictures"
    assert sorted(path.name for path in taken.iterdir()) == sorted(path.name for path in kept.iterdir())
    for path in taken.iterdir():
        found = differences(rough(path), rough(kept / path.name))
        told = f"{path.name} is stale: clearance tour --help-pictures --out resources/help/pictures"
        assert sum(found) / len(found) < MOST_ON_AVERAGE, told
        assert max(found) < MOST_ANYWHERE, told


@pytest.mark.usefixtures("qapp")
def test_each_is_on_a_page_and_a_page_shows_nothing_else() -> None:
    folder = resource("help")
    pages = [path.read_text("utf-8") for path in (*folder.glob("*.md"), PACKAGE.parent / "README.md")]
    named = {name for page in pages for name in PICTURE.findall(page)}
    assert named == {path.name for path in (folder / "pictures").iterdir()}
    page = Page()
    page.resize(700, 500)
    shown = page.loadResource(2, f"pictures/{min(named)}")
    assert 1 < shown.width() <= 700
    for name in ("pictures/../../../README.md", "file:///etc/hostname", "pictures/none.png", "https://a.example/a.png"):
        assert page.loadResource(2, name).width() == 1
