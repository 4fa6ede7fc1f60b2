"""Settings take effect at once, are remembered, and are put back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTime
from PySide6.QtWidgets import QApplication, QRadioButton

from console.domain.errors import Refused
from console.domain.risk import Risk
from console.engines.fake.server import FakeServer
from console.qtkit.theme import Theme
from console.screens.inbox.reasons import Reasons
from console.shell.geometry import smallest_size
from console.shell.memory import Forgetful
from console.shell.settings_desk import DeskPart
from console.shell.settings_look import LookPart
from console.shell.settings_notices import NoticesPart
from console.shell.settings_reasons import ReasonsPart
from console.shell.settings_values import TEXT_SIZE, notice_rules, text_size
from console.shell.window import MainWindow
from tests.screens.stage import until
from tests.screens.windowed import desktop, in_window

SCALED = """
from PySide6.QtWidgets import QApplication, QWidget
from console.shell.main import scale
scale(150)
scale(125)
app = QApplication([])
print(QWidget().devicePixelRatioF())
"""


def test_the_size_of_text_is_remembered_and_asks_to_open_again(window: MainWindow, memory: Forgetful) -> None:
    part = window.open_settings().parts["look"]
    assert isinstance(part, LookPart)
    assert part.reopen.isHidden()
    larger = part.findChild(QRadioButton, "size-150")
    assert isinstance(larger, QRadioButton)
    larger.click()
    assert text_size(memory) == 150
    assert "opens again" in part.later.text()
    part.reopen.click()
    assert window.is_to_reopen
    assert not window.isVisible()
    memory.set(TEXT_SIZE, "9999")
    assert text_size(memory) == 100


@pytest.mark.parametrize(("before", "ratio"), [("", 1.25), ("2", 2.5), ("odd", 1.0)])
def test_a_window_that_opens_again_has_the_size_asked_for_last(before: str, ratio: float) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "QT_SCALE_FACTOR"}
    environ |= {"QT_SCALE_FACTOR": before} if before else {}
    done = subprocess.run([sys.executable, "-c", SCALED], env=environ, capture_output=True, text=True, check=True)
    assert float(done.stdout) == pytest.approx(ratio)


def test_a_window_with_large_text_fits_a_small_screen() -> None:
    assert smallest_size((800, 800), 100) == (1100, 700)
    assert smallest_size((960, 600), 150) == (960, 600)
    assert smallest_size((400, 300), 150) == (733, 466)


def test_what_is_told_is_set_and_put_back(window: MainWindow, memory: Forgetful) -> None:
    dialog = window.open_settings("notices")
    part = dialog.parts["notices"]
    assert isinstance(part, NoticesPart)
    part.risks[Risk.MEDIUM].click()
    part.sound.click()
    part.quiet.click()
    part.begin.setTime(QTime(21, 15))
    rules = notice_rules(memory)
    assert rules.risks == {Risk.MEDIUM, Risk.HIGH, Risk.CRITICAL}
    assert rules.has_sound
    assert rules.quiet is not None
    assert rules.quiet[0].isoformat() == "21:15:00"
    dialog.close()
    again = window.open_settings("notices").parts["notices"]
    assert isinstance(again, NoticesPart)
    assert again.begin.time() == QTime(21, 15)


def test_templates_of_reasons_are_changed_under_the_inbox(window: MainWindow, memory: Forgetful) -> None:
    inbox = Reasons(memory)
    part = window.open_settings("reasons").parts["reasons"]
    assert isinstance(part, ReasonsPart)
    part.field.setText("Seen with legal")
    part.field.returnPressed.emit()
    assert inbox.offered().kept == ("Seen with legal",)
    inbox.remember("Paid twice")
    part._remove("Seen with legal")  # noqa: SLF001 - what its button calls
    assert inbox.offered().kept == ()
    assert "Paid twice" in inbox.offered().others


def test_how_long_content_is_kept_is_set_for_each_connection_and_in_the_audit(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def story() -> None:
        async with desktop(theme, tmp_path, [FakeServer("eu"), FakeServer("us")]) as desk:
            part = desk.window.open_settings("desk").parts["desk"]
            assert isinstance(part, DeskPart)
            await until(lambda: set(part.choices) == {"eu", "us"})
            assert part.choices["eu"].currentText() == "90 days"
            part.choices["eu"].setCurrentText("30 days")

            async def is_kept() -> bool:
                return await desk.stage.desk.retention() == {"eu": 30, "us": 90}

            await until(is_kept)
            with pytest.raises(Refused, match="1 to 3650"):
                await desk.stage.desk.keep_for("eu", 0)
            assert (await desk.stage.desk.audit_check()).is_whole

    in_window(qapp, story())
    assert b"retention changed" in (tmp_path / "clearance.db").read_bytes()
