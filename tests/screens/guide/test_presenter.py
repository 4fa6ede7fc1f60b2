"""The guide: it leads and never decides, and what the demo does follows a person's own decision on what it led to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from console.domain.canonical import Json
from console.domain.decision import DecisionState
from console.domain.escalation import EscalationKey, Kind, Proposal, Verdict
from console.domain.risk import Risk
from console.domain.run import HandOff
from console.engines.fake.quarrel import quarrel
from console.engines.fake.record import Opening
from console.engines.fake.samples import TARGETS
from console.engines.fake.server import FakeServer
from console.infra.clock import SystemClock
from console.screens import OpenInbox, OpenRun
from console.screens.guide.presenter import HAND_OFFS, GuidePresenter
from console.screens.guide.state import MOMENTS, Act, GuideState, Staging
from console.services.views import ConnectionConfig, DecisionView, Event
from console.shell.memory import Forgetful
from tests.screens.asking import Asking, asking
from tests.screens.stage import Stage, stage, until

DEMO = "fake"
CAVEAT = "Seen on one card only."


@dataclass
class Demo:
    """A demo that keeps what it is asked for. ``overtakes`` is what a colleague does."""

    overtakes: Callable[[EscalationKey], bool]
    asked: list[tuple[str, str]] = field(default_factory=list)

    def staging(self) -> Staging:
        return Staging(invite=self._invite, overtake=self._overtake, kill_worker=self._kill, effects=self._effects)

    def count(self, what: str) -> int:
        return len([one for one, _ in self.asked if one == what])

    async def _invite(self) -> None:
        self.asked.append(("invite", ""))

    async def _overtake(self, key: EscalationKey) -> bool:
        self.asked.append(("overtake", key.item_id))
        return self.overtakes(key)

    async def _kill(self) -> None:
        self.asked.append(("kill", ""))

    async def _effects(self, decision_id: str) -> int:
        self.asked.append(("effects", decision_id))
        return 1


@dataclass
class Scene:
    """A guide over a demo's desk, and what it led to."""

    guide: GuidePresenter
    made: Stage
    window: Asking
    demo: Demo
    server: FakeServer

    async def at(self, act: Act) -> None:
        """Go on to a moment, and wait until there is something to show."""
        while self.guide.state.moment.act is not act:
            self.guide.on_next()
        await until(lambda: not self.guide.state.hindrance)

    async def decide(self, item_id: str, verdict: Verdict = Verdict.APPROVE) -> DecisionView:
        """Decide as a person does at the inbox, with the time to undo it."""

        async def is_listed() -> bool:
            return await self.made.desk.item(item_id) is not None

        await until(is_listed)
        item = await self.made.desk.refresh(item_id)
        assert item is not None
        return await self.made.desk.decide(item_id, verdict, item.digest, {"reason": "owed"})

    def light(self) -> EscalationKey:
        """Open a payment that one person approves by a key and Enter."""
        arguments: dict[str, Json] = {"amount": "12.00"}
        proposal = Proposal(tool="payments.refund", arguments=arguments, resource="orders/1", summary="Refund €12")
        opening = Opening(title="Refund €12", risk=Risk.MEDIUM, proposal=proposal, targets=TARGETS)
        return self.server.open(self.server.start_run(), opening)

    async def led_to(self, act: Act) -> str:
        """Show the moment, and give the item that it led to."""
        await self.at(act)
        self.guide.on_show_me()
        assert isinstance(self.window.went[-1], OpenInbox)
        return self.window.went[-1].item_id


def play(folder: Path, act: Callable[[Scene], Awaitable[None]], memory: Forgetful | None = None) -> None:
    """Open a desk on a scripted demo, with a guide over it."""
    folder.mkdir(exist_ok=True)

    async def whole() -> None:
        server = FakeServer()
        demo = Demo(lambda key: bool(server.decide_elsewhere(key, Verdict.REJECT)))
        async with stage(folder, [server]) as made, asking() as window:
            kept = memory or Forgetful()
            guide = GuidePresenter(made.desk, window.ask, window.navigate, kept, SystemClock(), demo.staging())
            loop = asyncio.get_running_loop()

            def tell(event: Event) -> None:
                loop.call_soon_threadsafe(guide.on_events, (event,))

            forget = made.desk.subscribe(tell)
            guide.start()
            await asyncio.sleep(0)
            assert not guide.state.is_offered
            config = ConnectionConfig(connection_id=DEMO, name=DEMO, kind="fake", is_demo=True)
            await made.desk.edit_connection(config, {})
            await until(lambda: guide.state.is_offered)
            await act(Scene(guide, made, window, demo, server))
            forget()

    asyncio.run(whole())


def test_it_leads_to_live_items_and_runs_and_decides_nothing(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        guide = scene.guide
        assert guide.state.is_shown
        assert guide.state.progress == "Tour, 1 of 5"
        assert guide.state.hindrance == MOMENTS[0].searching
        guide.on_show_me()
        assert scene.window.went == []
        conflict = scene.server.open(scene.server.start_run(), quarrel())
        lost = scene.server.start_run()
        dropped = HandOff(from_step="match", to_step="propose", size=9, caveats=(CAVEAT,), dropped_caveats=(CAVEAT,))
        scene.server.add_hand_off(lost, dropped)
        scene.server.open(lost, Opening(kind=Kind.QUESTION, question="Which one?", verdicts=(Verdict.ANSWER,)))
        scene.light()
        assert await scene.led_to(Act.CONFLICT) == conflict.item_id
        await scene.at(Act.HAND_OFF)
        guide.on_show_me()
        went = scene.window.went[-1]
        assert isinstance(went, OpenRun)
        assert (went.ref, went.tab) == (lost, HAND_OFFS)
        await scene.led_to(Act.RACE)
        await scene.led_to(Act.KILL)
        assert await scene.made.desk.decisions() == ()
        assert scene.server.applied() == ()

    play(tmp_path, story)


def test_a_colleague_overtakes_what_was_led_to_once_it_is_approved_and_nothing_else(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        scene.light()
        shown = await scene.led_to(Act.RACE)
        other = scene.light()
        await scene.decide(other.item_id)
        await until(lambda: scene.demo.asked == [("invite", "")])
        view = await scene.decide(shown)
        await until(lambda: scene.guide.state.is_over)
        assert scene.demo.asked[1] == ("overtake", shown)
        assert scene.demo.count("overtake") == 1
        ended = await scene.made.desk.decision(view.decision.decision_id)
        assert ended is not None
        assert ended.state is DecisionState.SUPERSEDED
        assert scene.guide.state.told.startswith("Your approval: superseded.")

    play(tmp_path, story)


def test_what_somebody_else_decided_before_gives_way_to_another(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        gone = scene.light()
        assert await scene.led_to(Act.RACE) == gone.item_id
        scene.server.decide_elsewhere(gone, Verdict.REJECT)
        await until(lambda: scene.guide.state.found is None)
        assert scene.guide.state.hindrance
        other = scene.light()
        assert await scene.led_to(Act.RACE) == other.item_id

    play(tmp_path, story)


def test_the_worker_dies_only_when_an_approval_leaves(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        scene.light()
        shown = await scene.led_to(Act.KILL)
        view = await scene.decide(shown)
        await until(lambda: "killed as it leaves" in scene.guide.state.told)
        assert scene.demo.count("kill") == 0
        await scene.made.desk.undo(view.decision.decision_id)
        await until(lambda: "You took it back" in scene.guide.state.told)
        await scene.decide(shown)
        await until(lambda: scene.guide.state.is_over)
        assert scene.demo.count("kill") == 1
        assert "carried out, with 1 effect of it" in scene.guide.state.told

    play(tmp_path, story)


def test_one_changed_byte_is_named_by_the_real_verifier(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        await scene.at(Act.AUDIT)
        scene.guide.on_show_me()
        await until(lambda: scene.guide.state.is_over)
        told = scene.guide.state.told
        assert "Your export is whole" in told
        line = told.split("changed in line ")[1].split(",")[0]
        assert f"is broken at line {line}." in told
        assert (await scene.made.desk.audit_check()).is_whole

    play(tmp_path, story)


def test_seen_or_skipped_it_stays_away_until_it_is_asked_for(tmp_path: Path) -> None:
    memory = Forgetful()

    async def skip(scene: Scene) -> None:
        scene.guide.on_skip()
        assert scene.guide.state == GuideState(is_offered=True)

    async def again(scene: Scene) -> None:
        assert scene.guide.state == GuideState(is_offered=True)
        scene.guide.on_again()
        assert scene.guide.state == GuideState(is_offered=True, is_shown=True)
        await scene.at(Act.AUDIT)
        scene.guide.on_next()
        assert not scene.guide.state.is_shown

    play(tmp_path / "first", skip, memory)
    play(tmp_path / "again", again, memory)


def test_it_goes_on_where_somebody_stopped(tmp_path: Path) -> None:
    memory = Forgetful()

    async def leave(scene: Scene) -> None:
        scene.guide.on_next()
        await asyncio.sleep(0)

    async def come_back(scene: Scene) -> None:
        assert scene.guide.state.moment.act is Act.HAND_OFF
        assert scene.guide.state.said == MOMENTS[1].searching

    play(tmp_path / "first", leave, memory)
    play(tmp_path / "second", come_back, memory)
