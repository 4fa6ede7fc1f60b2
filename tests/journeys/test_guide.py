"""The guide over the real demo: a colleague who is quicker, and a worker that dies; counted in the business table."""

from __future__ import annotations

import asyncio
from pathlib import Path

from console import app
from console.demo import DemoHost
from console.domain.decision import DecisionState
from console.domain.escalation import Verdict
from console.infra.clock import SystemClock
from console.screens import OpenInbox, Request
from console.screens.guide.presenter import GuidePresenter
from console.screens.guide.state import Act
from console.services.desk import Desk
from console.services.views import DecisionView, Event
from console.shell.memory import Forgetful
from console.tower import processes
from console.tower.business import effects_by_decision
from tests.journeys.seat import profile
from tests.screens.asking import asking
from tests.screens.stage import until

S = DecisionState
RATE = 60.0
PATIENCE = 60.0


async def approve_where_it_leads(guide: GuidePresenter, went: list[Request], desk: Desk, act: Act) -> DecisionView:
    """Go on to a moment, be led, approve with the time to undo it, and wait until the guide has told how it ended."""
    while guide.state.moment.act is not act:
        guide.on_next()
    await until(lambda: not guide.state.hindrance, PATIENCE)
    guide.on_show_me()
    led = went[-1]
    assert isinstance(led, OpenInbox)
    item = await desk.refresh(led.item_id)
    assert item is not None
    made = await desk.decide(led.item_id, Verdict.APPROVE, item.digest, {})
    await until(lambda: guide.state.is_over, PATIENCE)
    view = await desk.decision(made.decision.decision_id)
    assert view is not None
    return view


def test_an_approval_that_loses_the_race_pays_nothing_and_one_whose_worker_dies_pays_once(tmp_path: Path) -> None:
    where = profile(tmp_path, "demo")
    where.make()
    demo = DemoHost(where, rate=RATE, is_kept=False)

    async def story(desk: Desk) -> None:
        await demo.start(desk, lambda _: None)
        async with asking() as window:
            guide = GuidePresenter(desk, window.ask, window.navigate, Forgetful(), SystemClock(), demo.staging())
            loop = asyncio.get_running_loop()

            def tell(event: Event) -> None:
                loop.call_soon_threadsafe(guide.on_events, (event,))

            forget = desk.subscribe(tell)
            guide.start()
            await until(lambda: guide.state.is_shown, PATIENCE)
            lost = await approve_where_it_leads(guide, window.went, desk, Act.RACE)
            assert lost.state is S.SUPERSEDED
            first = processes.recorded(demo.tower.folder / "worker.json")
            won = await approve_where_it_leads(guide, window.went, desk, Act.KILL)
            assert won.state is S.CARRIED_OUT
            assert "carried out, with 1 effect of it" in guide.state.told
            second = processes.recorded(demo.tower.folder / "worker.json")
            assert first is not None
            assert second is not None
            assert first.pid != second.pid
            done = effects_by_decision(demo.tower.business)
            assert lost.decision.decision_id not in done
            assert done[won.decision.decision_id] == 1
            forget()

    async def whole() -> None:
        async with app.open_desk(where) as desk:
            try:
                await story(desk)
            finally:
                await demo.end()

    asyncio.run(whole())
