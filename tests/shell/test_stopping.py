"""Everything on a connection can be paused from anywhere: it is found by its words, and led to where it is decided."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from console.domain.decision import DecisionState
from console.domain.escalation import Kind, Proposal, Verdict
from console.domain.risk import Risk
from console.engines.fake.record import Opening
from console.qtkit.theme import Theme
from console.qtkit.words import plain
from console.screens.inbox.content import Paragraph
from tests.screens.run.scene import Scene
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window


def pages(desk: Desktop) -> str:
    """All that the review pane says in paragraphs."""
    blocks = [block for section in desk.state.reviewed.sections for block in section.blocks]
    return "\n".join(plain(block.words) if isinstance(block, Paragraph) else str(block) for block in blocks)


def test_everything_is_paused_from_the_palette_with_no_run_open_and_decided_where_all_is(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    scene = Scene()
    asked = Proposal(tool="clearance.pause", arguments={"scope": "all", "name": ""}, resource="all", summary="Pause")
    opening = Opening(
        title="Pause everything",
        kind=Kind.COMMAND,
        risk=Risk.HIGH,
        verdicts=(Verdict.PAUSE,),
        step="",
        proposal=asked,
    )
    key = scene.server.open(scene.ref, opening, "@all")

    async def story() -> None:
        async with desktop(theme, tmp_path, [scene.server], whole=True) as desk:
            dialog = desk.window.open_commands()
            dialog.search.setText("pause every")
            wanted = "Pause everything on tower-eu…"
            await until(lambda: any(hit.text == wanted for hit in dialog.palette_of.state.hits))
            found = [hit for hit in dialog.palette_of.state.hits if hit.text == wanted]
            dialog.close()
            found[0].run()
            await desk.armed(key)
            assert desk.window.front == "inbox"
            said = "Everything on tower-eu: 1 run under way now, and those that start until it is resumed."
            await until(lambda: said in pages(desk))
            assert "scope" not in pages(desk)
            deciding = desk.hosting.inbox.deciding
            deciding.press(Verdict.PAUSE)
            assert scene.server.applied() == ()
            deciding.set_reason("provider outage")
            deciding.enter_field()
            await until(lambda: [each.state for each in desk.state.decisions] == [DecisionState.CARRIED_OUT])
            assert [done.verdict for done in scene.server.applied(key)] == [Verdict.PAUSE]
            run_menu = {entry.action.action_id for entry in desk.window.table.of_menu("Run")}
            assert "pauses.everything" in run_menu

    in_window(qapp, story())
