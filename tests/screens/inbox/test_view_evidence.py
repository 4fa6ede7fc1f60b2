"""The evidence of a decision from the window: found, written where a person says, and good for whoever has the file."""

from __future__ import annotations

import stat
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from console.domain.decision import DecisionState
from console.engines.fake.server import FakeServer
from console.qtkit.theme import Theme
from console.shell.commands import action_hits
from console.shell.matching import match
from console.verify.evidence import verify_evidence
from console.verify.signatures import key_id
from tests.keyed import KeyedEngine, KeyLog
from tests.screens.inbox.seat import QuickClock
from tests.screens.inbox.test_view import opening
from tests.screens.inbox.test_view_decided import click, reaches, words
from tests.screens.stage import DANA, until
from tests.screens.windowed import desktop, in_window
from tests.verify.people import ROOT, public_of

K = Qt.Key
NAME = "inbox.export_evidence"


def test_evidence_is_exported_from_the_window_and_holds_for_whoever_knows_the_root(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server = FakeServer("eu")
    log = KeyLog(server)
    for name in ("one", "two"):
        server.open(server.start_run(name), opening(name))
    out = tmp_path / "evidence.json"

    async def story() -> None:
        async with desktop(
            theme, tmp_path, [server], clock=QuickClock(), engine=lambda one: KeyedEngine(one, log)
        ) as desk:
            log.enrol(DANA, await desk.stage.desk.public_key())
            await desk.stage.desk.key_standings()
            await until(lambda: desk.state.is_armed)
            first = desk.state.listing.selected_id
            (action,) = [each for each in desk.view.actions() if each.action_id == NAME]
            assert not action.can_run()
            assert "decided nothing" in action.why_not()
            desk.key(K.Key_A)
            await reaches(desk, DecisionState.CARRIED_OUT)
            click(desk, 0)
            await until(lambda: desk.state.item is not None and desk.state.item.item_id == first and action.can_run())
            for typed in ("audit", "proof", "receipt", "evidence"):
                hits = action_hits(desk.window.table, {}, lambda _id: True)
                assert f"action:{NAME}" in {hit.hit_id for hit in hits if match(typed, hit.text, hit.more)}, typed
            action.run()
            (dialog,) = desk.view.findChildren(QFileDialog)
            decision_id = desk.state.decisions[0].decision.decision_id
            assert Path(dialog.selectedFiles()[0]).name == f"evidence-{decision_id[:12]}.json"
            dialog.fileSelected.emit(str(out))
            dialog.reject()
            await until(lambda: str(out) in words(desk.view.review))
            assert stat.S_IMODE(out.stat().st_mode) == 0o600
            proof = verify_evidence(out.read_bytes(), [key_id(public_of(ROOT))])
            assert proof.is_whole
            assert proof.is_trusted
            desk.view.presenter.proving.export_evidence("nothing", tmp_path / "none.json")
            await until(lambda: "No evidence: This desk has no such decision" in words(desk.view.review))
            assert not (tmp_path / "none.json").exists()

    in_window(qapp, story())
