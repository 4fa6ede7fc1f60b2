"""The campaign: two desks decide the same items oppositely while calls go astray and processes die.

Everything is real: Temporal's server, the tower's worker, the consoles' desks, each a process of its own; the proxy
stands between them and the server. What comes of it is judged by :mod:`tests.faults.account` alone.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from console.domain.decision import FINAL_STATES
from console.domain.escalation import EscalationKey, Verdict
from console.domain.run import RunRef
from console.infra.tasks import Tasks
from console.tower.namespace import identify
from tests import till
from tests.faults import account, witnesses
from tests.faults.chances import DECIDE, POLL_UPDATE, Fate, Fault, Loss
from tests.faults.console import Order
from tests.faults.desks import Desk
from tests.faults.patience import Patience
from tests.faults.proxy import Front, Hit, Weather, proxy
from tests.faults.troubles import KINDS, Troubles
from tests.servers import RunningServer, start_server, start_worker
from tests.signing import DORA, EMIL

PEOPLE = (DORA, EMIL)
VERDICTS = (Verdict.APPROVE, Verdict.REJECT)
UPDATES = frozenset({DECIDE, POLL_UPDATE})
# Beginning a run costs more than deciding in it; many beginning at once would keep a small machine from all else.
PAYMENTS = 20
AT_ONCE = 8
BEGINNING_AT_ONCE = 2
LOOK_AGAIN = 0.5
TOLD_EVERY = 5.0
# The promise is half a minute while the server answers; a machine may be slow, so only standing still counts.
STANDS_STILL = 120.0
# Of so many decisions, one reply dropped after acceptance and one request duplicated, or the campaign goes on.
SHARE_HIT = 20
# How many decisions more it takes at most, times as many and so many beside.
LONGEST, BESIDE = 3, 300
TO_BEGIN_WITH = (
    *(Fate(Fault.DROPPED, loss=loss) for loss in Loss),
    Fate(Fault.RESET, is_after=True),
    Fate(Fault.RESET),
    Fate(Fault.TWICE),
    Fate(Fault.TWICE, is_after=True, delay=0.2),
    Fate(Fault.TURNED_AWAY),
    Fate(Fault.DELAYED, delay=0.2),
)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Extent:
    """How many decisions, and the chance they meet."""

    decisions: int
    seed: int

    @property
    def wanted(self) -> int:
        """How many replies dropped after acceptance, and how many requests duplicated, there have to be."""
        return max(1, self.decisions // SHARE_HIT)


@dataclass
class Record:
    """What a campaign did. ``told`` are the decisions that desks said they made, ``ran`` the runs."""

    hits: list[Hit] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    told: set[str] = field(default_factory=set)
    ran: list[str] = field(default_factory=list)

    @property
    def dropped(self) -> int:
        """How many replies that told of an applied update were dropped, as the proxy saw it."""
        return sum(hit.fault is Fault.DROPPED and hit.is_applied for hit in self.hits)

    @property
    def duplicated(self) -> int:
        """How many requests that decide were sent twice."""
        return sum(hit.fault is Fault.TWICE and hit.method in UPDATES for hit in self.hits)


@dataclass(frozen=True, slots=True)
class Result:
    """The account of a campaign, what was hit, and what should have been and was not."""

    account: account.Account
    figures: dict[str, int | float]
    missed: list[str]

    @property
    def is_good(self) -> bool:
        """Whether nothing was found, and everything was hit."""
        return self.account.is_clean and not self.missed


@dataclass
class Campaign:
    """One campaign under way."""

    extent: Extent
    client: Client
    identity: str
    desks: Sequence[Desk]
    weather: Weather
    patience: Patience
    troubles: Troubles
    record: Record
    say: Say
    chance: random.Random
    began: float = field(default_factory=time.monotonic)
    _is_spared: bool = False
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    _beginning: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(BEGINNING_AT_ONCE))

    @asynccontextmanager
    async def at_work(self, fronts: Sequence[Front]) -> AsyncIterator[None]:
        """The desks, each behind its front, inside the ``with``."""
        async with AsyncExitStack() as stack:
            for desk, front in zip(self.desks, fronts, strict=True):
                await desk.prepare(front.address)
                await stack.enter_async_context(desk.at_work())
            yield

    async def run(self) -> None:
        """Have everything decided, then let it calm down and come to its end."""
        self.weather.is_calm = False
        async with asyncio.TaskGroup() as group:
            beside = [
                group.create_task(self._tell(), name="progress"),
                group.create_task(self.troubles.keep_worker(), name="the worker"),
                group.create_task(self.patience.keep_asking(self.client), name="plain calls"),
            ]
            trouble = group.create_task(self._trouble(), name="trouble")
            await self._decide_all()
            trouble.cancel()
            self.weather.is_calm = True
            self.say("all decided; no more faults")
            await self._come_to_an_end()
            for task in beside:
                task.cancel()

    async def _trouble(self) -> None:
        await self.troubles.run(self.extent.decisions, self._made)
        self._is_spared = True

    async def _made(self, count: float) -> None:
        while len(self.record.told) < count:
            self._more.clear()
            await self._more.wait()

    async def _decide_all(self) -> None:
        slots = asyncio.Semaphore(AT_ONCE)
        numbers = itertools.count()

        async def one(number: int) -> None:
            try:
                await self._decide_run(number)
            finally:
                slots.release()

        async with asyncio.TaskGroup() as group:
            while self._is_wanted():
                await slots.acquire()
                group.create_task(one(next(numbers)), name="a run")

    def _is_wanted(self) -> bool:
        """Whether more has to be decided."""
        record, extent = self.record, self.extent
        is_hit = self._is_spared and min(record.dropped, record.duplicated) >= extent.wanted
        made = len(record.told)
        return made < extent.decisions or (not is_hit and made < extent.decisions * LONGEST + BESIDE)

    async def _decide_run(self, number: int) -> None:
        """Start the run of a number, and have its payments decided while more is wanted."""
        async with self._beginning:
            run = RunRef(self.identity, till.run_id(number), await self._begin(number))
            self.record.ran.append(run.run_id)
            await self._shown(EscalationKey(run, till.STEP, 1).item_id)
        for occurrence in range(1, PAYMENTS + 1):
            if not self._is_wanted():
                return
            await self._decide(EscalationKey(run, till.STEP, occurrence).item_id)

    async def _shown(self, item_id: str) -> None:
        """Wait until both desks show an item, or one of them that it is over."""
        await asyncio.gather(*(desk.ask(Order(item_id)) for desk in self.desks))

    async def _decide(self, item_id: str) -> None:
        """Have both desks decide an item at the same moment, oppositely."""
        await self._shown(item_id)
        verdicts = self.chance.sample(VERDICTS, 2)
        orders = [desk.ask(Order(item_id, str(each))) for desk, each in zip(self.desks, verdicts, strict=True)]
        made = [word.decision_id for word in await asyncio.gather(*orders) if word.kind == "made"]
        self.record.told.update(made)
        self._more.set()
        self.record.done["opposed"] += len(made) == len(self.desks)
        self.record.done["items"] += 1

    async def _begin(self, number: int) -> str:
        """Start a run, whatever becomes of the server meanwhile; its first execution."""
        while True:
            try:
                await till.begin(self.client, number, PAYMENTS)
                described = await self.client.get_workflow_handle(till.run_id(number)).describe()
                return described.run_id
            except RPCError:
                await asyncio.sleep(LOOK_AGAIN)

    async def _on_their_way(self) -> int:
        final = [str(state) for state in FINAL_STATES]
        counts = [asyncio.to_thread(witnesses.undetermined, desk.paths.database, final) for desk in self.desks]
        return sum(await asyncio.gather(*counts))

    async def _come_to_an_end(self) -> None:
        """Wait until every decision has come to its end, or nothing moves any more."""
        left, since = await self._on_their_way(), time.monotonic()
        while left and time.monotonic() - since < STANDS_STILL:
            await asyncio.sleep(LOOK_AGAIN)
            before, left = left, await self._on_their_way()
            since = time.monotonic() if left < before else since

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TOLD_EVERY)
            self.say(self._progress())

    def _progress(self) -> str:
        record, done = self.record, self.troubles.done
        passed = time.monotonic() - self.began
        made = len(record.told)
        return (
            f"{made:,} of {self.extent.decisions:,} decided in {passed:.0f} s; replies dropped {record.dropped},"
            f" requests duplicated {record.duplicated}; {', '.join(f'{name} {done[name]}' for name in KINDS)}"
        )


async def campaign(extent: Extent, folder: Path, say: Say) -> Result:
    """Run a campaign in an empty folder; ``say`` is told how it goes. Whatever it started has ended afterwards."""
    record = Record()
    patience = Patience()
    weather = Weather(extent.seed, record.hits.append, TO_BEGIN_WITH)
    tasks = Tasks(lambda name, error: say(f"{name}: {error!r}"))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(tasks.stop)
        server = await asyncio.to_thread(start_server, folder / "server")
        stack.push_async_callback(asyncio.to_thread, server.stop)
        fronts = await stack.enter_async_context(proxy(server.address, len(PEOPLE) + 1, weather, tasks))
        at_front = RunningServer(server.tower, fronts[0].address)
        worker = await asyncio.to_thread(start_worker, at_front, folder / "work", plans=(till.MODULE,))
        stack.push_async_callback(asyncio.to_thread, worker.stop)
        client = await server.client()
        chance = random.Random(extent.seed)  # noqa: S311 - a campaign, not a secret
        desks = [Desk(person, folder / person.person_id, patience) for person in PEOPLE]
        under_way = Campaign(
            extent=extent,
            client=client,
            identity=await identify(client),
            desks=desks,
            weather=weather,
            patience=patience,
            troubles=Troubles(server, worker, client, desks, fronts[1:], weather, patience, chance),
            record=record,
            say=say,
            chance=chance,
        )
        async with under_way.at_work(fronts[1:]):
            await under_way.run()
        say("reading what is left")
        return await _result(under_way)


async def _result(ended: Campaign) -> Result:
    record, extent = ended.record, ended.extent
    stores = {desk.person.person_id: desk.paths.database for desk in ended.desks}
    decided = [each for name, database in stores.items() for each in witnesses.decided(name, database)]
    stories = await witnesses.stories(ended.client, record.ran)
    evidence = account.Evidence(
        decided, witnesses.effects(ended.troubles.worker.business), stories, record.told, PAYMENTS, ended.patience
    )
    faults = Counter(hit.fault for hit in record.hits)
    states = Counter(each.state for each in decided)
    figures: dict[str, int | float] = {
        "decisions": len(decided),
        "items": record.done["items"],
        "runs": len(record.ran),
        "items decided oppositely": record.done["opposed"],
        **{f"decisions {state}": count for state, count in states.items()},
        "effects": len(evidence.effects),
        "replies dropped after acceptance, by the histories": account.dropped_after_acceptance(record.hits, stories),
        "decisions sent twice by the proxy": record.duplicated,
        **{f"calls: {fault}": faults[fault] for fault in Fault},
        **{f"console of {desk.person.name} killed": desk.kills for desk in ended.desks},
        **{name: ended.troubles.done[name] for name in KINDS},
        "acts begun again": sum(story.begun_again for story in stories.values()),
        "longest undetermined while all answered, s": round(evidence.longest, 1),
        **{f"seconds without {who}": round(seconds, 1) for who, seconds in ended.patience.absences().items()},
    }
    least = {name: 1 for name in figures if not name.startswith(("decisions ", "longest", "seconds"))}
    least |= {"decisions": extent.decisions}
    least |= dict.fromkeys(
        ("replies dropped after acceptance, by the histories", "decisions sent twice by the proxy"), extent.wanted
    )
    missed = [f"{name}: {figures[name]} of {count}" for name, count in least.items() if figures[name] < count]
    return Result(account.balance(evidence), figures, missed)
