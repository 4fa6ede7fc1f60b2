"""One run read through a real desk: at once, live, part by part, and honest when it cannot be read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from console.domain.doing import Doing, doing_of
from console.domain.escalation import Kind
from console.domain.listing import RunQuery
from console.domain.run import RunRef, RunStatus, TrailKind
from console.engines.fake.engine import CAPABILITIES, FakeEngine
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.engines.port import Ability, Capabilities
from console.infra.clock import SystemClock
from console.screens import OpenInbox
from console.screens.run.filters import TrailFilter
from console.screens.run.presenter import RunPresenter
from console.screens.run.state import Phase, RunState, Tab
from console.services.views import Event
from tests.screens.asking import Asking, asking
from tests.screens.run.scene import TITLE, Scene
from tests.screens.stage import Stage, stage, until

Act = Callable[[RunPresenter, Stage, Asking], Awaitable[None]]


def play(folder: Path, scene: Scene, act: Act, *, engine: Callable[[FakeServer], FakeEngine] = FakeEngine) -> None:
    """Open the scene's run on a real desk and act on it."""

    async def whole() -> None:
        async with stage(folder, [scene.server], engine=engine) as made, asking() as window:
            presenter = RunPresenter(made.desk, window.ask, window.navigate, SystemClock(), poll=0.02)
            presenter.open(scene.ref, "What it is called until then")
            presenter.on_shown()
            await act(presenter, made, window)
            presenter.on_hidden()

    asyncio.run(whole())


def is_ready(presenter: RunPresenter) -> Callable[[], bool]:
    return lambda: (
        presenter.state.phase is Phase.READY and presenter.state.trail.is_read and bool(presenter.state.steps)
    )


def test_a_run_is_shown_with_its_steps_and_the_newest_entries_only(tmp_path: Path) -> None:
    scene = Scene(fillers=300)

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        assert presenter.state.phase is Phase.LOADING
        assert presenter.state.title == "What it is called until then"
        await until(is_ready(presenter))
        state = presenter.state
        assert (state.title, state.connection) == (TITLE, "tower-eu")
        assert state.run is not None
        assert state.run.business_key == "2026-10 / DE01"
        assert (state.trail.read, state.trail.total, state.trail.is_complete) == (50, 300, False)
        assert state.trail.rows[-1].entry.entry_id == "e000300"
        assert state.done == 5
        assert len(state.plan.columns) == 8

    play(tmp_path, scene, act)


def test_what_a_run_does_is_told_alike_by_the_list_and_by_its_page(tmp_path: Path) -> None:
    scene = Scene(fillers=3)
    scene.server.open(scene.ref, Opening(title="It gave up", kind=Kind.FAILURE, failure="HTTP 429"), "failing")

    async def act(presenter: RunPresenter, made: Stage, _window: Asking) -> None:
        await until(is_ready(presenter))
        listed = (await made.desk.runs(RunQuery())).lines
        told = {line.run.ref: doing_of(line.run) for line in listed}[scene.ref]
        await until(lambda: presenter.state.doing is told)
        assert told is Doing.STEP_FAILED
        assert "Status: Step failed" in presenter.summary()

    play(tmp_path, scene, act)


def test_older_pages_come_when_the_top_is_reached_until_the_beginning(tmp_path: Path) -> None:
    scene = Scene(fillers=300)

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(is_ready(presenter))
        presenter.on_reached_top()
        presenter.on_reached_top()
        await until(lambda: presenter.state.trail.read == 250)
        presenter.on_reached_top()
        await until(lambda: presenter.state.trail.is_complete)
        numbers = [int(row.row_id[1:]) for row in presenter.state.trail.rows]
        assert numbers == list(range(1, 301))
        presenter.on_reached_top()
        await asyncio.sleep(0.05)
        assert presenter.state.trail.read == 300

    play(tmp_path, scene, act)


def test_what_is_new_appears_by_itself_and_is_counted_while_the_end_is_not_followed(tmp_path: Path) -> None:
    scene = Scene(fillers=3)

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(is_ready(presenter))
        scene.add_note("first")
        await until(lambda: presenter.state.trail.rows[-1].entry.title == "first")
        presenter.on_follow(is_following=False)
        scene.add_note("second")
        scene.add_note("third")
        await until(lambda: presenter.state.trail.fresh == 2)
        presenter.on_follow(is_following=True)
        assert presenter.state.trail.fresh == 0

    play(tmp_path, scene, act)


def test_more_entries_than_a_page_between_two_reads_leave_no_gap(tmp_path: Path) -> None:
    scene = Scene(fillers=10)

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(is_ready(presenter))
        scene.add(*(scene.filler(number) for number in range(500)))
        await until(lambda: presenter.state.trail.read == 510)
        numbers = [int(row.row_id[1:]) for row in presenter.state.trail.rows]
        assert numbers == list(range(1, 511))

    play(tmp_path, scene, act)


def test_the_header_follows_the_run_to_its_end_and_then_rests(tmp_path: Path) -> None:
    scene = Scene(fillers=3)

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(is_ready(presenter))
        scene.wait()
        await until(lambda: presenter.state.run is not None and presenter.state.run.status is RunStatus.WAITS)
        scene.server.finish_run(scene.ref)
        await until(lambda: presenter.state.is_over)
        scene.add_note("written with the end")
        await until(lambda: presenter.state.trail.read == 4)
        await asyncio.sleep(0.3)
        scene.add_note("after the end")
        await asyncio.sleep(0.1)
        assert presenter.state.trail.read == 4
        presenter.on_refresh()
        await until(lambda: presenter.state.trail.read == 5)

    play(tmp_path, scene, act)


def test_an_event_of_the_desk_is_enough_to_read_again(tmp_path: Path) -> None:
    scene = Scene(fillers=3)

    async def whole() -> None:
        async with stage(tmp_path, [scene.server]) as made, asking() as window:
            presenter = RunPresenter(made.desk, window.ask, window.navigate, SystemClock(), poll=3_600)
            presenter.open(scene.ref)
            presenter.on_shown()
            await until(is_ready(presenter))
            await asyncio.sleep(0.35)
            loop = asyncio.get_running_loop()

            def pass_on(event: Event) -> None:
                loop.call_soon_threadsafe(presenter.on_events, [event])

            made.desk.subscribe(pass_on)
            scene.wait()
            await until(lambda: presenter.state.can_open_escalation)
            presenter.on_hidden()

    asyncio.run(whole())


def test_a_server_that_goes_away_leaves_what_was_read_and_the_reason(tmp_path: Path) -> None:
    scene = Scene(fillers=3)

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(is_ready(presenter))
        scene.server.go_away("No worker answers on queue clearance.")
        await until(lambda: presenter.state.problem is not None and presenter.state.trail.problem is not None)
        assert presenter.state.problem is not None
        assert "No worker answers" in presenter.state.problem.message
        assert presenter.state.problem.next_action
        assert presenter.state.trail.read == 3
        assert presenter.state.run is not None
        scene.server.come_back()
        await until(lambda: not has_problem(presenter.state))

    play(tmp_path, scene, act)


def test_a_run_that_is_not_there_says_so_and_leads_back(tmp_path: Path) -> None:
    scene = Scene()
    scene.ref = RunRef(scene.server.identity, "nobody", "knows")

    async def act(presenter: RunPresenter, _made: Stage, window: Asking) -> None:
        await until(lambda: presenter.state.phase is Phase.GONE)
        assert presenter.state.problem is not None
        presenter.on_back()
        assert window.went == [OpenInbox()]

    play(tmp_path, scene, act)


def test_a_run_of_a_server_that_nothing_leads_to_is_shown_once_it_is_connected(tmp_path: Path) -> None:
    scene, other = Scene("elsewhere", fillers=2), Scene("tower-eu")

    async def whole() -> None:
        async with stage(tmp_path, [other.server]) as made, asking() as window:
            presenter = RunPresenter(made.desk, window.ask, window.navigate, SystemClock(), poll=0.02)
            presenter.open(scene.ref)
            presenter.on_shown()
            await until(lambda: presenter.state.phase is Phase.GONE)
            presenter.open(other.ref)
            await until(lambda: presenter.state.phase is Phase.READY)
            presenter.on_hidden()

    asyncio.run(whole())


def test_answers_for_a_run_that_was_left_are_dropped(tmp_path: Path) -> None:
    scene = Scene(fillers=3)
    second = scene.server.start_run("second", title="The second")

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        titles: list[str] = []
        presenter.listen(lambda state: titles.append(state.title))
        presenter.open(second, "second")
        await until(lambda: presenter.state.phase is Phase.READY)
        await asyncio.sleep(0.05)
        assert presenter.state.title == "The second"
        assert TITLE not in titles
        assert presenter.state.trail.read == 0

    play(tmp_path, scene, act)


def test_the_escalation_is_found_by_the_run(tmp_path: Path) -> None:
    scene = Scene()
    item_id = scene.wait()

    async def act(presenter: RunPresenter, made: Stage, window: Asking) -> None:
        await until(is_ready(presenter))
        await made.desk.refresh_all()
        presenter.on_open_escalation()
        await until(lambda: bool(window.went))
        assert window.went == [OpenInbox(item_id)]

    play(tmp_path, scene, act)


def test_filters_step_and_text_work_on_what_was_read(tmp_path: Path) -> None:
    scene = Scene(fillers=5)
    scene.tell_story()

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(lambda: is_ready(presenter)() and len(presenter.state.trail.rows) == 14)
        presenter.on_step("controller-approval")
        assert [row.entry.kind for row in presenter.state.trail.rows] == [TrailKind.ESCALATION, TrailKind.DECISION]
        presenter.on_step("controller-approval")
        assert len(presenter.state.trail.rows) == 14
        presenter.on_filter(TrailFilter(text="preliminary"))
        assert [row.entry.kind for row in presenter.state.trail.rows] == []
        presenter.on_filter(TrailFilter(text="exchange"))
        assert [row.entry.kind for row in presenter.state.trail.rows] == [TrailKind.REASONING]

    play(tmp_path, scene, act)


def test_hand_offs_stand_among_the_entries_with_what_was_dropped(tmp_path: Path) -> None:
    scene = Scene()
    scene.tell_story()

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(lambda: any(row.hand_off is not None for row in presenter.state.trail.rows))
        row = next(row for row in presenter.state.trail.rows if row.hand_off is not None)
        assert row.hand_off is not None
        assert row.hand_off.caveats == ("The rate of 31 October is preliminary.",)

    play(tmp_path, scene, act)


def test_the_state_is_read_when_it_is_looked_at_and_follows_the_run(tmp_path: Path) -> None:
    scene = Scene()
    scene.set_states()

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(is_ready(presenter))
        assert presenter.state.record.snapshot is None
        presenter.on_tab(Tab.STATE)
        await until(lambda: presenter.state.record.snapshot is not None)
        record = presenter.state.record
        assert record.snapshot is not None
        assert (record.snapshot.revision, record.newest, record.can_go_back) == (3, 3, True)
        assert record.changed == {"approval": "new", "entries": "new", "evidence": "new", "fx_rate": "was 1.0812"}
        scene.server.set_state(scene.ref, record.snapshot.facts[:1])
        await until(lambda: shown_revision(presenter.state) == 4)
        assert presenter.state.record.removed == ("entries", "evidence", "fx_rate", "period")

    play(tmp_path, scene, act)


def test_an_earlier_revision_stays_while_the_run_goes_on(tmp_path: Path) -> None:
    scene = Scene()
    scene.set_states()

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(is_ready(presenter))
        presenter.on_tab(Tab.STATE)
        await until(lambda: presenter.state.record.snapshot is not None)
        for revision in (1, 2, 1, 2):
            presenter.on_revision(revision)
        await until(lambda: shown_revision(presenter.state) == 2 and not presenter.state.record.is_reading)
        assert presenter.state.record.removed == ("draft",)
        scene.server.set_state(scene.ref, ())
        await until(lambda: presenter.state.record.newest == 4)
        assert shown_revision(presenter.state) == 2
        presenter.on_revision(None)
        await until(lambda: shown_revision(presenter.state) == 4)

    play(tmp_path, scene, act)


def has_problem(state: RunState) -> bool:
    return state.problem is not None or state.trail.problem is not None


def shown_revision(state: RunState) -> int:
    return state.record.snapshot.revision if state.record.snapshot is not None else -1


def test_a_revision_that_is_not_kept_says_so_and_leaves_the_one_shown(tmp_path: Path) -> None:
    scene = Scene()
    scene.set_states()
    scene.server.world.record(scene.ref).snapshots.pop(1)

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(is_ready(presenter))
        presenter.on_tab(Tab.STATE)
        await until(lambda: shown_revision(presenter.state) == 3)
        presenter.on_revision(1)
        await until(lambda: presenter.state.record.problem is not None)
        assert shown_revision(presenter.state) == 3
        presenter.on_revision(2)
        await until(lambda: shown_revision(presenter.state) == 2)
        assert presenter.state.record.problem is None

    play(tmp_path, scene, act)


class BareEngine(FakeEngine):
    """Shows neither trail nor state, and says why."""

    @property
    def capabilities(self) -> Capabilities:
        lacking = {Ability.TRAIL: "it keeps none", Ability.STATE: "it has none", Ability.STATE_HISTORY: "it has none"}
        return Capabilities(verdicts=CAPABILITIES.verdicts, abilities=frozenset(), lacks=lacking)


def test_what_an_engine_cannot_show_is_said_with_its_reason(tmp_path: Path) -> None:
    scene = Scene(fillers=2)

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(is_ready(presenter))
        presenter.on_tab(Tab.STATE)
        await asyncio.sleep(0.05)
        assert (presenter.state.trail.lack, presenter.state.record.lack) == ("it keeps none", "it has none")
        assert presenter.state.trail.read == 0
        assert presenter.state.record.snapshot is None

    play(tmp_path, scene, act, engine=BareEngine)


def test_the_summary_tells_what_a_colleague_needs(tmp_path: Path) -> None:
    scene = Scene()
    scene.tell_story()
    scene.wait()

    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        assert presenter.summary() == ""
        await until(lambda: is_ready(presenter)() and presenter.state.can_open_escalation)
        text = presenter.summary()
        for words in (TITLE, "Waits for a person", "2026-10 / DE01", "5 of 10 done", "mec-2026-10-de01", "ledger.post"):
            assert words in text

    play(tmp_path, scene, act)


@pytest.mark.parametrize("gesture", ["on_step", "on_unfold"])
def test_gestures_without_a_run_do_nothing(tmp_path: Path, gesture: str) -> None:
    async def whole() -> None:
        async with stage(tmp_path, []) as made, asking() as window:
            presenter = RunPresenter(made.desk, window.ask, window.navigate, SystemClock())
            getattr(presenter, gesture)("x")
            presenter.on_reached_top()
            presenter.on_revision(3)
            presenter.on_open_escalation()
            presenter.on_refresh()
            assert presenter.state.phase is Phase.EMPTY

    asyncio.run(whole())
