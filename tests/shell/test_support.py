"""What helps to help: the log live and bounded, the report shown before it is saved; neither holds content."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.infra.clock import SystemClock
from console.infra.crashes import take_left
from console.infra.logreading import FIRST_BYTES, MOST_LINES, LogTail
from console.infra.logs import Log
from console.shell.report_dialog import ReportDialog
from console.shell.support import Faults, Support, report
from console.shell.window import MainWindow

SECRET = "sesame-opens-4711"


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / f"desk-{os.getpid()}.log", SystemClock(), max_bytes=20_000)


def test_the_log_is_live_filtered_copied_and_saved_for_its_owner_alone(
    window: MainWindow, log: Log, tmp_path: Path, qtbot: QtBot
) -> None:
    log.say("listed", connection="eu", items=3)
    log.warning("slow", connection="us")
    (tmp_path / "desk-1.log").write_text('{"event": "of another process"}\n')
    window.support = Support(tmp_path, os.getpid(), tmp_path)
    dialog = window.open_log()
    assert dialog is not None
    assert [line.event for line in dialog.table.rows.rows()] == ["listed", "slow"]
    log.warning("slow", connection="apac")
    qtbot.waitUntil(lambda: dialog.table.rows.rowCount() == 3, timeout=20_000)
    dialog.only_trouble.setChecked(True)
    dialog.search.setText("APAC slow")
    assert dialog.count.text() == "1 of 3 lines"
    dialog.saving.copy.click()
    assert QApplication.clipboard().text() == dialog.text()
    dialog.saving.save.click()
    saved = tmp_path / "clearance-log.txt"
    assert saved.read_text() == dialog.text()
    assert "apac" in dialog.text()
    assert "us" not in dialog.text().split()
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    dialog.saving.save.click()
    assert "There is a file of that name" in dialog.saving.told.text()
    dialog.saving.path.setText(str(tmp_path / "nowhere" / "x.txt"))
    dialog.saving.save.click()
    assert "cannot be saved there: No such file" in dialog.saving.told.text()
    dialog.close()
    log.close()


def test_it_reads_on_after_the_log_was_rotated_and_stays_bounded(tmp_path: Path, log: Log) -> None:
    tail = LogTail(tmp_path, os.getpid())
    for number in range(50):
        log.say("first", number=number)
    assert tail.read()
    for number in range(400):
        log.say("later", number=number)
        if number % 50 == 0:
            tail.read()
    tail.read()
    assert tail.lines[-1].rest == "number 399"
    assert len({line.text for line in tail.lines}) == len(tail.lines), "no line twice"
    log.close()
    odd = tmp_path / f"window-{os.getpid()}.log"
    lines = [json.dumps({"event": "x" * 100_000}), "[" * 90_000, "7", "\x00", '{"event": "a\\u202e"}']
    odd.write_text("\n".join(lines) + "\n" + '{"event": "half a li')
    tail.read()
    assert {line.event for line in tail.lines} >= {"x" * 80, "a‹U+202E›"}
    assert all(len(line.text) < 3_000 for line in tail.lines)
    odd.write_text('{"event": "many"}\n' * (MOST_LINES + FIRST_BYTES // 10))
    tail.read()
    assert len(tail.lines) == MOST_LINES


CRASHES = """
import faulthandler, sys
from pathlib import Path
from console.infra.crashes import CrashFile

left = CrashFile(Path(sys.argv[1]))
left.open()
if sys.argv[2:]:
    left.close()
else:
    faulthandler._sigsegv()
"""


def test_what_a_window_leaves_that_the_system_ended_is_in_the_next_report_once(tmp_path: Path) -> None:
    for words in ([], ["in order"]):
        subprocess.run([sys.executable, "-c", CRASHES, str(tmp_path), *words], check=False)
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text(path.read_text() + '  File "/home/dana/secret/console/shell/window.py", line 7 in close\n')
    crash = take_left(tmp_path)
    assert "Segmentation fault" in crash
    assert 'File "window.py", line 7 in close' in crash
    assert "dana" not in crash
    assert crash in report((), LogTail(tmp_path, 1), crash)
    assert take_left(tmp_path) == ""


def test_a_report_is_shown_before_it_is_saved_and_quotes_no_error(window: MainWindow, log: Log, tmp_path: Path) -> None:
    faults = Faults(log.bug)
    try:
        int(SECRET)
    except ValueError as error:
        faults("reading an item", error)
    window.support, window.faults = Support(tmp_path, os.getpid(), tmp_path), faults.all
    window.tell_bug("Something in Clearance went wrong (ValueError).")
    assert window.trouble.isVisible()
    window.trouble.activated.emit("report")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ReportDialog)
    text = dialog.view.toPlainText()
    assert "ValueError in reading an item" in text
    assert "test_support.py:" in text
    assert "PySide6-Essentials 6." in text
    assert SECRET not in text
    assert sorted(each.name for each in tmp_path.iterdir()) == [f"desk-{os.getpid()}.log"], "nothing is saved unasked"
    dialog.view.appendPlainText("It was after I pressed A.")
    dialog.saving.save.click()
    saved = tmp_path / "clearance-report.txt"
    assert saved.read_text() == dialog.view.toPlainText()
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    dialog.close()
    log.close()
