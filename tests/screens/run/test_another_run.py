"""When another run is opened nothing of the one before stays, in no tab, though the new one cannot be read."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QPlainTextEdit, QWidget

from console.domain.errors import Unreachable
from console.domain.listing import RunRow
from console.domain.run import Run, RunRef, RunStatus
from console.engines.fake.engine import FakeEngine
from console.engines.fake.server import FakeServer
from console.infra.clock import SystemClock
from console.screens.run.presenter import RunPresenter
from console.screens.run.state import Phase, Tab
from console.screens.run.view import RunView
from tests.screens.asking import asking
from tests.screens.run.scene import TITLE, Scene
from tests.screens.stage import stage, until
from tests.screens.windowed import in_window
from tests.screens.windows import shown

pytestmark = pytest.mark.usefixtures("theme")
OF_THE_FIRST = ("2026-10", "612 k", "Nora Lindqvist", "propose-entries", "ledger-agent", "JE-88213", "bank.statement")
ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)


class DeadWorker(FakeEngine):
    """Answers nothing about one run."""

    dead: RunRef | None = None

    async def run(self, ref: RunRef) -> Run:
        if ref == self.dead:
            raise Unreachable("No worker answers on queue clearance.")
        return await super().run(ref)


def said(root: QWidget) -> str:
    """All that can be read in a window now: texts, names for screen readers, and what lists hold."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisibleTo(root):
            continue
        found += [widget.accessibleName(), widget.accessibleDescription()]
        if isinstance(widget, QLabel):
            found.append(widget.text())
        elif isinstance(widget, QPlainTextEdit):
            found.append(widget.toPlainText())
        elif isinstance(widget, QAbstractItemView):
            found += held(widget)
    return "\n".join(found)


def held(view: QAbstractItemView) -> list[str]:
    model = view.model()
    rows = range(model.rowCount(QModelIndex()))
    return [str(model.index(row, 0).data(role) or "") for row in rows for role in ROLES]


def test_nothing_of_the_run_before_stays_and_what_the_list_knows_is_shown_at_once(
    qapp: QApplication, tmp_path: Path
) -> None:
    scene = Scene(fillers=5)
    scene.tell_story()
    scene.tell_seams()
    scene.set_states()
    scene.set_times()
    scene.wait()
    other = scene.server.start_run("nl04-run", title="Close NL04", workflow="nl-close", business_key="2026-11 / NL04")
    known = RunRow(
        ref=other,
        title="Close NL04",
        workflow="nl-close",
        status=RunStatus.RUNNING,
        business_key="2026-11 / NL04",
        started_at=datetime.now(UTC),
    )

    def dead(server: FakeServer) -> DeadWorker:
        engine = DeadWorker(server)
        engine.dead = other
        return engine

    async def story() -> None:
        async with stage(tmp_path, [scene.server], engine=dead) as made, asking() as window:
            presenter = RunPresenter(made.desk, window.ask, window.navigate, SystemClock(), poll=0.05)
            with shown(RunView(presenter)) as view:
                presenter.on_shown()
                for tab in Tab:
                    presenter.open(scene.ref, TITLE)
                    presenter.on_tab(tab)
                    await until(lambda: presenter.state.phase is Phase.READY and bool(presenter.state.steps))
                    await until(lambda: any(each in said(view) for each in OF_THE_FIRST))
                    presenter.open(other, known.title, known)
                    presenter.on_tab(tab)
                    at_once = said(view)
                    assert "2026-11 / NL04" in at_once, tab
                    assert "nl-close" in at_once, tab
                    assert [line for line in at_once.splitlines() if any(w in line for w in OF_THE_FIRST)] == [], tab
                    await until(lambda: presenter.state.problem is not None)
                    assert [each for each in OF_THE_FIRST if each in said(view)] == [], tab
                presenter.on_hidden()
                presenter.listen(lambda _: None)

    in_window(qapp, story())


class Hurried(SystemClock):
    """A clock that can be put on."""

    later = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.later


def test_what_a_report_tells_is_told_on_its_run_alone_and_not_for_ever(tmp_path: Path) -> None:
    scene = Scene(fillers=1)
    other = scene.server.start_run("nl04-run")

    async def story() -> None:
        async with stage(tmp_path, [scene.server]) as made, asking() as window:
            clock = Hurried()
            presenter = RunPresenter(made.desk, window.ask, window.navigate, clock, poll=0.02)
            presenter.open(scene.ref, TITLE)
            presenter.on_shown()
            await until(lambda: presenter.state.phase is Phase.READY)
            presenter.on_report(tmp_path / "r1.html")
            await until(lambda: presenter.state.report.words.startswith("The report is in "))
            presenter.open(other)
            assert presenter.state.report.words == ""
            presenter.open(scene.ref, TITLE)
            assert presenter.state.report.words.startswith("The report is in ")
            clock.later = 600.0
            await until(lambda: presenter.state.report.words == "")
            presenter.on_hidden()

    asyncio.run(story())
