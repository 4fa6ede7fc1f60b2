"""What may be done to a run: offered from its screen, decided where everything is decided."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu

from console.domain.decision import DecisionState
from console.domain.escalation import Escalation, EscalationKey, Kind, Verdict, Waiting
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.engines.fake.record import Opening
from console.qtkit.theme import Theme
from console.screens import OpenRun
from console.screens.run.state import Phase
from console.screens.run.stepping import BEYOND, END, RUN, STEPS, groups
from console.screens.run.view_header import GIVE_BACK, TAKE
from tests.screens.run.scene import Scene
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

REF = RunRef("tower", "refund-1", "chain")
CONTROL = RunRef("tower", "clearance-control", "chain-2")


def command(run: RunRef, native_id: str, verdict: Verdict, title: str, step: str = "") -> Escalation:
    row = Waiting(
        key=EscalationKey(run, native_id, 1),
        kind=Kind.COMMAND,
        title=title,
        workflow="refund",
        agent="",
        risk=Risk.LOW,
        opened_at=Scene().begin,
    )
    return Escalation(row=row, opened_in="one", step=step, owner="", verdicts=(verdict,))


def test_what_is_done_to_the_run_its_steps_and_beyond_stands_apart() -> None:
    offered = groups(
        [
            command(REF, "@retry/pay", Verdict.RETRY, "Try “Pay” of run refund-1 again now", "pay"),
            command(REF, "@cancel", Verdict.CANCEL, "Cancel the run"),
            command(CONTROL, "@run/refund-1", Verdict.PAUSE, "Pause run refund-1"),
            command(CONTROL, "@agent/refund-agent", Verdict.RESUME, "Paused: agent refund-agent"),
            command(CONTROL, "@all", Verdict.PAUSE, "Pause everything\u202e"),
        ],
        REF,
    )
    assert [(group.heading, [offer.text for offer in group.offers]) for group in offered] == [
        (RUN, ["Pause run refund-1"]),
        (STEPS, ["Try “Pay” again now"]),
        (BEYOND, ["Resume agent refund-agent", "Pause everything‹U+202E›"]),
        (END, ["Cancel the run"]),
    ]


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_a_pause_is_chosen_by_key_and_sent_at_once(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    scene = Scene()
    scene.server.offer_commands(scene.ref)

    async def story() -> None:
        async with desktop(theme, tmp_path, [scene.server]) as desk:
            run = desk.hosting.run
            desk.hosting.navigator.go(OpenRun(scene.ref))
            await until(lambda: run.state.phase is Phase.READY)
            header = desk.hosting.run_view.header
            assert (header.reading_only.text(), header.command.accessibleName()) == ("Read-only", TAKE)
            desk.key(Qt.Key.Key_I)
            assert (header.reading_only.text(), header.command.accessibleName()) == ("You have command", GIVE_BACK)
            await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
            menu = QApplication.activePopupWidget()
            assert isinstance(menu, QMenu)
            next(line for line in menu.actions() if line.text().startswith("Pause")).trigger()
            menu.close()
            await until(lambda: desk.state.item is not None and desk.state.is_armed and desk.window.isActiveWindow())
            (button,) = desk.state.bar.in_bar
            assert (button.verdict, desk.state.bar.more, desk.state.bar.undo) == (Verdict.PAUSE, (), "Sent at once")
            desk.key(Qt.Key.Key_P)
            desk.key(Qt.Key.Key_Return)
            await until(lambda: desk.window.front == "run" and run.state.ref == scene.ref)
            await until(lambda: run.state.progress.words.startswith(f"Pause run {scene.ref.run_id}: carried out "))
            assert desk.hosting.run_view.header.progress.isVisible()
            await until(lambda: [each.state for each in desk.state.decisions] == [DecisionState.CARRIED_OUT])
            assert [done.verdict for done in scene.server.applied()] == [Verdict.PAUSE]
            assert DecisionState.HELD not in dict(desk.state.decisions[0].history)

    in_window(qapp, story())


async def choose(desk: Desktop, text: str) -> None:
    """Choose what to do from the menu of the run."""
    desk.key(Qt.Key.Key_I)
    await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    next(line for line in menu.actions() if line.text().startswith(text)).trigger()
    menu.close()
    # Offscreen the keys come back to the window a moment after a menu.
    await until(lambda: QApplication.activePopupWidget() is None and QApplication.activeWindow() is desk.window)


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_stepping_in_leads_back_to_the_run_and_leaves_what_was_open_in_the_inbox_alone(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    scene = Scene()
    scene.server.offer_commands(scene.ref)
    waits = [scene.server.open(scene.server.start_run(), Opening(title=f"Refund {n}")) for n in range(3)]

    async def story() -> None:
        async with desktop(theme, tmp_path, [scene.server]) as desk:
            run = desk.hosting.run
            await desk.see(waits[1])
            desk.hosting.navigator.go(OpenRun(scene.ref))
            await until(lambda: run.state.phase is Phase.READY)
            desk.key(Qt.Key.Key_C)
            await choose(desk, "Cancel")
            await until(lambda: desk.state.back is not None and desk.state.is_armed)
            assert desk.view.review.errand.isVisible()
            assert [(each.verdict, each.is_danger) for each in desk.state.bar.in_bar] == [(Verdict.CANCEL, True)]
            desk.key(Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
            await desk.settled()
            desk.key(Qt.Key.Key_Escape)
            await desk.settled()
            assert desk.window.front == "inbox"
            desk.key(Qt.Key.Key_Escape)
            await until(lambda: desk.window.front == "run")
            assert (desk.state.back, desk.state.listing.selected_id) == (None, waits[1].item_id)
            await choose(desk, "Cancel")
            await until(lambda: desk.state.back is not None and desk.state.is_armed)
            desk.key(Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
            desk.key(Qt.Key.Key_Return)
            await until(lambda: desk.window.front == "run" and run.state.progress.can_undo)
            for key in (Qt.Key.Key_Return, Qt.Key.Key_A, Qt.Key.Key_Return):
                desk.key(key)
            desk.key(Qt.Key.Key_U)
            await until(lambda: "withdrawn" in run.state.progress.words)
            assert scene.server.applied() == ()
            assert desk.state.listing.selected_id == waits[1].item_id
            other = scene.server.start_run("another")
            desk.hosting.navigator.go(OpenRun(other))
            await until(lambda: run.state.ref == other and run.state.phase is Phase.READY)
            assert run.state.progress.words == ""
            assert not run.state.has_command
            desk.hosting.navigator.go(OpenRun(scene.ref))
            await until(lambda: run.state.ref == scene.ref and run.state.has_command)

    in_window(qapp, story())
