"""What is paused beyond one run is seen from every screen, and on each run that it holds."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.domain.doing import Doing
from console.domain.escalation import EscalationKey, Kind, Rule, Verdict
from console.domain.risk import Risk
from console.domain.run import RunRef, RunStatus
from console.engines.fake.record import Opening
from console.qtkit.theme import Theme
from console.screens import OpenRun, OpenRuns
from console.screens.run.state import Phase
from console.screens.runs.finding import Chip
from console.screens.runs.rows import run_text
from tests.screens.run.scene import Scene
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

WHY = "Everything was paused by root at 01:20 UTC: provider outage"


def pause(scene: Scene, native_id: str = "@all", text: str = WHY) -> EscalationKey:
    """Let the control of the server tell of a pause, as the tower's does."""
    control = scene.server.start_run("clearance-control", title="What is paused", workflow="control")
    rule = Rule("pause", 1, text)
    opening = Opening(
        title="Paused: everything",
        kind=Kind.INTERVENTION,
        risk=Risk.LOW,
        verdicts=(Verdict.RESUME,),
        step="",
        rule=rule,
    )
    return scene.server.open(control, opening, native_id)


def strip(desk: Desktop) -> str:
    return desk.window.pauses.notes[0].accessibleName() if desk.window.pauses.isVisible() else ""


def test_everything_paused_stays_over_every_screen_and_on_each_run_until_it_is_resumed(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    scene = Scene()
    over = scene.server.start_run("over", workflow="month-end-close")
    scene.server.finish_run(over, RunStatus.COMPLETED)

    async def story() -> None:
        async with desktop(theme, tmp_path, [scene.server], whole=True) as desk:
            assert strip(desk) == ""
            key = pause(scene)
            await until(lambda: "paused by root since" in strip(desk))
            assert strip(desk).startswith("Everything is paused by root since ")
            assert strip(desk).endswith(": provider outage  on tower-eu")
            desk.hosting.navigator.go(OpenRuns())
            runs = desk.hosting.runs
            await until(lambda: any(line.pause is not None for line in runs.state.lines))
            assert strip(desk)
            lines = {line.run.ref: line for line in runs.state.lines}
            shown = run_text(lines[scene.ref], runs.state.now)
            assert (shown.status, shown.moved) == ("Paused", "")
            assert shown.now.startswith("Paused: everything is paused by root since ")
            assert run_text(lines[over], runs.state.now).status == "Completed"
            await until(desk.hosting.runs_view.filters.chips[Chip.PAUSED].isVisible)
            desk.hosting.navigator.go(OpenRun(scene.ref))
            run = desk.hosting.run
            await until(lambda: run.state.phase is Phase.READY and run.state.can_resume)
            assert strip(desk)
            assert run.state.doing is Doing.PAUSED
            assert run.state.stillness is not None
            assert run.state.stillness.headline.startswith("everything is paused by root since ")
            desk.key(Qt.Key.Key_G)
            desk.key(Qt.Key.Key_P)
            await desk.armed(key)
            assert strip(desk)
            scene.server.decide_elsewhere(key, Verdict.RESUME)
            await until(lambda: not strip(desk))

    in_window(qapp, story())


def test_a_plan_that_is_paused_holds_its_own_runs_only_and_an_agent_those_it_is_still_to_act_in(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    scene = Scene()
    other = scene.server.start_run("other", workflow="refund")

    async def story() -> None:
        async with desktop(theme, tmp_path, [scene.server]) as desk:
            pause(scene, "@plan/refund", "Plan refund was paused by root at 01:20 UTC")
            pause(scene, "@agent/executor", "Agent executor was paused by root at 01:20 UTC")
            run = desk.hosting.run

            def why(ref: RunRef) -> str:
                told = run.state.stillness
                return told.headline if run.state.ref == ref and told is not None else ""

            desk.hosting.navigator.go(OpenRun(scene.ref))
            await until(lambda: why(scene.ref).startswith("agent executor is paused by root since "))
            desk.hosting.navigator.go(OpenRun(other))
            await until(lambda: why(other).startswith("plan refund is paused by root since "))

    in_window(qapp, story())


def test_a_paused_run_offers_resume_where_it_is_listed_and_its_failure_is_not_told_as_news(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    scene = Scene()
    failing = Opening(title="Post entries", kind=Kind.FAILURE, failure="LedgerLocked: held by batch 4711")
    scene.server.open(scene.ref, failing, "post")
    text = f"Run {scene.ref.run_id} was paused by root at 01:20 UTC: wrong ledger"
    opening = Opening(
        title="Paused",
        kind=Kind.INTERVENTION,
        verdicts=(Verdict.RESUME,),
        step="",
        risk=Risk.LOW,
        rule=Rule("pause", 1, text),
    )
    key = scene.server.open(scene.ref, opening, f"@run/{scene.ref.run_id}")
    scene.set_run(status=RunStatus.PAUSED)

    async def story() -> None:
        async with desktop(theme, tmp_path, [scene.server], whole=True) as desk:
            desk.hosting.navigator.go(OpenRuns())
            runs, side = desk.hosting.runs, desk.hosting.runs_view.side
            await until(lambda: any(line.pause is not None and line.pause.by for line in runs.state.lines))
            desk.key(Qt.Key.Key_J)
            await until(lambda: runs.state.are_paused)
            assert run_text(runs.state.lines[0], runs.state.now).now.startswith("Paused by root since ")
            assert run_text(runs.state.lines[0], runs.state.now).now.endswith(": wrong ledger")
            await until(side.choice.buttons[Verdict.RESUME].isVisible)
            assert not side.choice.buttons[Verdict.PAUSE].isVisible()
            assert strip(desk) == ""
            desk.key(Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
            await until(lambda: runs.state.act is not None and not runs.state.act.lacks)
            runs.on_send()
            await until(lambda: scene.server.applied(key))
            assert [done.verdict for done in scene.server.applied()] == [Verdict.RESUME]

    in_window(qapp, story())
