"""The runs without a widget: found by their key, chosen and marked, acted on with a receipt for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from console.domain.decision import DecisionState
from console.domain.escalation import Verdict
from console.domain.risk import Risk
from console.domain.run import RunStatus
from console.infra.tasks import Tasks
from console.screens import OpenInbox, OpenRun, Request
from console.screens.runs.act_state import ActState, Stage
from console.screens.runs.finding import Chip, Order
from console.screens.runs.presenter import RunsPresenter
from console.screens.runs.rows import now_words, row_id
from console.services.views import Event
from console.shell.memory import Forgetful
from tests.screens.runs.scene import RunsScene
from tests.screens.stage import Stage as Open
from tests.screens.stage import stage, until


class Seat:
    """A presenter on an open desk."""

    def __init__(self, opened: Open, memory: Forgetful) -> None:
        self.gone_to: list[Request] = []
        self.errors: list[BaseException] = []
        self.tasks = Tasks(lambda _where, error: self.errors.append(error))

        def ask(work: object) -> None:
            self.tasks.start("ask", work)  # type: ignore[arg-type]  # a coroutine

        self.presenter = RunsPresenter(opened.desk, ask, self.gone_to.append, opened.clock, memory, every=0.2)

    @property
    def act(self) -> ActState:
        assert self.presenter.state.act is not None
        return self.presenter.state.act

    async def comes_to(self, stage_: Stage) -> ActState:
        await until(lambda: self.presenter.state.act is not None and self.act.stage is stage_, 30)
        return self.act


@asynccontextmanager
async def seated(folder: Path, scene: RunsScene, memory: Forgetful | None = None) -> AsyncIterator[Seat]:
    async with stage(folder, [scene.tower, scene.support]) as opened:
        seat = Seat(opened, memory or Forgetful())
        loop = asyncio.get_running_loop()

        def tell(event: Event) -> None:
            loop.call_soon_threadsafe(seat.presenter.on_events, [event])

        stop = opened.desk.subscribe(tell)
        seat.presenter.on_shown()
        await until(lambda: seat.presenter.state.is_read)
        try:
            yield seat
        finally:
            stop()
            seat.presenter.on_hidden()
            await seat.tasks.stop()
            assert not seat.errors


def test_an_order_is_found_with_one_line_that_says_why_it_stands_still(tmp_path: Path) -> None:
    async def act() -> None:
        scene = RunsScene()
        scene.fill()
        async with seated(tmp_path, scene) as seat:
            presenter = seat.presenter
            await until(lambda: len(presenter.state.lines) == 76)
            for text in ("order 4711", "order:4711", "4711 status:waits"):
                presenter.on_search(text)
                await until(lambda: [line.run.business_key for line in presenter.state.lines] == ["order 4711"])
                (line,) = presenter.state.lines
                assert "Refund €240 to ACME GmbH" in now_words(line.run, presenter.state.now)
                presenter.on_search("")
                await until(lambda: len(presenter.state.lines) == 76)
            presenter.on_search("status:failed tax_region")
            await until(lambda: {line.run.status for line in presenter.state.lines} == {RunStatus.FAILED})
            presenter.on_search("batch 89")
            await until(lambda: len(presenter.state.lines) == 1)
            assert "No worker polls" in now_words(presenter.state.lines[0].run, presenter.state.now)
            presenter.on_select(row_id(presenter.state.lines[0].run))
            presenter.on_open()
            assert isinstance(seat.gone_to[-1], OpenRun)

    asyncio.run(act())


def test_a_run_that_is_not_among_the_newest_is_found_by_its_key(tmp_path: Path) -> None:
    async def act() -> None:
        scene = RunsScene()
        scene.start(scene.tower, "refunds", "order 4711", 5_000)
        for number in range(230):
            scene.start(scene.tower, "refunds", f"order {number}", 100)
        async with seated(tmp_path, scene) as seat:
            presenter = seat.presenter
            await until(lambda: presenter.state.known == 200)
            assert presenter.state.has_more
            presenter.on_search("order 4711")
            await until(lambda: [line.run.business_key for line in presenter.state.lines] == ["order 4711"])

    asyncio.run(act())


def test_forty_alike_are_retried_each_by_its_own_decision_and_what_is_refused_says_why(tmp_path: Path) -> None:
    async def act() -> None:
        scene = RunsScene()
        keys = scene.fail_alike(40)
        async with seated(tmp_path, scene) as seat:
            presenter = seat.presenter
            await until(lambda: bool(presenter.state.groups))
            (group,) = presenter.state.groups
            assert len(group.runs) == 40
            presenter.on_group(group.fingerprint)
            presenter.on_note("A plain retry is safe.")
            await until(lambda: bool(presenter.state.notes))
            presenter.on_act(Verdict.RETRY)
            asked = await seat.comes_to(Stage.ASKING)
            assert (asked.to_send, asked.risk, asked.needs_reason) == (40, Risk.MEDIUM, True)
            presenter.on_send()
            assert seat.act.stage is Stage.ASKING
            assert not scene.tower.arrived
            scene.tower.finish_run(keys[7].run, RunStatus.CANCELLED, "wrong value date")
            presenter.on_reason("The ledger is open again.")
            presenter.on_send()
            over = await seat.comes_to(Stage.OVER)
            await until(lambda: seat.act.is_settled)
            over = seat.act
            assert over.sent == 40
            assert over.by_state == {DecisionState.CARRIED_OUT: 39, DecisionState.REFUSED: 1}
            (refused,) = [entry for entry in over.entries if entry.state is DecisionState.REFUSED]
            assert refused.ref == keys[7].run
            assert refused.message
            assert over.shown[0] == refused
            ids = [entry.decision_id for entry in over.entries if entry is not refused]
            assert len(set(ids)) == 39
            applied = scene.tower.applied()
            assert sorted(done.decision_id for done in applied) == sorted(ids)
            assert {done.payload.get("reason") for done in applied} == {"The ledger is open again."}
            assert {done.payload.get("together") for done in applied} == {"40"}
            await until(lambda: [note.used for note in presenter.state.notes.values()] == [1])
            assert [note.worked for note in presenter.state.notes.values()] == [0]
            presenter.on_close_act()
            await until(lambda: not presenter.state.groups)

    asyncio.run(act())


def test_what_is_critical_is_opened_and_stopping_decides_no_more(tmp_path: Path) -> None:
    async def act() -> None:
        scene = RunsScene()
        scene.fail_alike(30)
        grave = scene.fail(scene.start(scene.tower, "payouts", "batch 1", 9), "LedgerLocked: x", 8, risk=Risk.CRITICAL)
        quiet = scene.start(scene.tower, "payouts", "batch 2", 7)
        async with seated(tmp_path, scene) as seat:
            presenter = seat.presenter
            await until(lambda: len(presenter.state.lines) == 32)
            for line in presenter.state.lines:
                presenter.on_mark(row_id(line.run))
            presenter.on_act(Verdict.RETRY)
            asked = await seat.comes_to(Stage.ASKING)
            left_out = {entry.ref: entry.problem for entry in asked.entries if entry.problem}
            assert set(left_out) == {grave.run, quiet}
            assert left_out[grave.run].startswith("Critical")
            presenter.on_reason("Now.")
            presenter.on_send()
            await until(lambda: seat.act.sent > 0)
            presenter.on_stop()
            over = await seat.comes_to(Stage.OVER)
            await until(lambda: seat.act.is_settled)
            assert 0 < over.sent < 30
            assert len(scene.tower.applied()) == over.sent
            assert not scene.tower.applied(grave)

    asyncio.run(act())


def test_rerouting_asks_where_to_and_reads_only_what_all_have_in_common(tmp_path: Path) -> None:
    async def act() -> None:
        scene = RunsScene()
        scene.fail_alike(3)
        async with seated(tmp_path, scene) as seat:
            presenter = seat.presenter
            await until(lambda: bool(presenter.state.groups))
            presenter.on_step_group(1)
            presenter.on_act(Verdict.REROUTE)
            asked = await seat.comes_to(Stage.ASKING)
            assert [target.target_id for target in asked.targets] == ["second-clerk", "ap"]
            assert asked.lacks == "Say where they shall go."
            presenter.on_target(asked.targets[1])
            presenter.on_reason("They know how.")
            presenter.on_send()
            await seat.comes_to(Stage.OVER)
            await until(lambda: len(scene.tower.applied()) == 3)
            assert {str(done.payload["to"]) for done in scene.tower.applied()} == {"{'kind': 'team', 'id': 'ap'}"}

    asyncio.run(act())


def test_filters_are_remembered_and_marks_stay(tmp_path: Path) -> None:
    async def act() -> None:
        scene = RunsScene()
        scene.fill()
        memory = Forgetful()
        async with seated(tmp_path, scene, memory) as seat:
            presenter = seat.presenter
            await until(lambda: len(presenter.state.lines) == 76)
            assert presenter.state.chips[Chip.FAILED] == 60
            presenter.on_chip(Chip.FAILED)
            presenter.on_workflow("refunds")
            presenter.on_order()
            await until(lambda: len(presenter.state.lines) == 17)
            presenter.on_select(row_id(presenter.state.lines[4].run))
            presenter.on_mark_group()
            assert len(presenter.state.chosen) == 17
            kept = presenter.state.selected_id
            scene.move(presenter.state.lines[9].run.ref)
            await until(lambda: presenter.state.lines[0].run.ref == scene_moved(presenter))
            assert presenter.state.selected_id == kept
            assert len(presenter.state.marked) == 17
            presenter.on_back()
            assert not presenter.state.marked
        again = RunsPresenter(presenter._desk, lambda work: work.close(), seat.gone_to.append, presenter._clock, memory)  # noqa: SLF001
        assert again.state.filter.chips == {Chip.FAILED}
        assert (again.state.filter.workflow, again.state.filter.order) == ("refunds", Order.NEWEST)
        memory.set("runs.filter", '{"chips": ["no such"], "order": 5}')
        other = RunsPresenter(presenter._desk, lambda work: work.close(), seat.gone_to.append, presenter._clock, memory)  # noqa: SLF001
        assert other.state.filter.is_everything

    asyncio.run(act())


def scene_moved(presenter: RunsPresenter) -> object:
    """The run that moved last."""
    return max(presenter.state.lines, key=lambda line: str(line.run.moved_at)).run.ref


def test_escape_closes_what_is_open_and_then_leads_back(tmp_path: Path) -> None:
    async def act() -> None:
        scene = RunsScene()
        scene.fail_alike(2)
        async with seated(tmp_path, scene) as seat:
            presenter = seat.presenter
            await until(lambda: bool(presenter.state.groups))
            presenter.on_step_group(1)
            presenter.on_write()
            presenter.on_back()
            assert not presenter.state.is_writing
            presenter.on_back()
            assert not presenter.state.group_id
            presenter.on_chip(Chip.RUNNING)
            presenter.on_back()
            assert presenter.state.filter.is_everything
            presenter.on_back()
            assert seat.gone_to == [OpenInbox()]

    asyncio.run(act())
