"""One connection to a scripted orchestrator, by the rules of :mod:`console.engines.port`.

It adds nothing of its own but the faults of the way: everything is asked of the :class:`FakeServer`, which several
connections share.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from console.domain.decision import Decision
from console.domain.errors import RefusalCode, Refused, Uncertain, Unreachable
from console.domain.escalation import Claim, Comment, Escalation, EscalationKey, Verdict, Waiting
from console.domain.identity import Person
from console.domain.listing import RunQuery, RunsPage
from console.domain.precedent import Likeness, Precedents
from console.domain.receipt import Receipt, mismatches
from console.domain.registry import RegistryEntry
from console.domain.results import Links, StepResult
from console.domain.run import Access, HandOff, Run, RunRef, Snapshot, Step, TrailEntry, TrailPage
from console.engines.fake.faults import Loss
from console.engines.fake.record import RunRecord
from console.engines.fake.server import FakeServer
from console.engines.fake.world import Follower
from console.engines.port import Ability, Capabilities, Change, Hands, Quiet, Server

UNBOUND = "The scripted engine does not bind what its steps return."
CAPABILITIES = Capabilities(
    verdicts=frozenset(Verdict),
    abilities=frozenset(Ability) - {Ability.ENFORCE},
    lacks={Ability.ENFORCE: "The scripted engine checks no signatures."},
)


class FakeEngine:
    """A connection to ``server``, which tells every ``quiet_every`` seconds that nothing changed."""

    def __init__(self, server: FakeServer, *, page_size: int = 1_000, quiet_every: float = 1.0) -> None:
        self.server = server
        self._page_size = page_size
        self._quiet_every = quiet_every
        self._is_closed = False
        self._since_listing: Follower | None = None

    @property
    def kind(self) -> str:
        return "fake"

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    async def open(self) -> Server:
        self._is_closed = False
        await self._pass()
        missing = self.server.faults.missing
        hands = Hands(missing, "Start a worker." if missing else "")
        return Server(identity=self.server.identity, kind=self.kind, version="1", space="memory", hands=hands)

    async def close(self) -> None:
        self._is_closed = True
        self._let_go()

    async def waiting(self) -> AsyncIterator[tuple[Waiting, ...]]:
        await self._pass()
        self._let_go()
        self._since_listing = Follower(asyncio.get_running_loop())
        self.server.world.follow(self._since_listing)
        rows = self.server.world.waiting()
        for start in range(0, len(rows), self._page_size):
            await self._pass()
            yield tuple(rows[start : start + self._page_size])

    async def changes(self) -> AsyncIterator[Change]:
        await self._pass()
        follower = self._since_listing or Follower(asyncio.get_running_loop())
        self._since_listing = None
        self.server.world.follow(follower)
        try:
            while True:
                for change in self.server.world.news(follower, is_away=bool(self.server.faults.away)):
                    yield change
                try:
                    async with asyncio.timeout(self._quiet_every):
                        await follower.woken.wait()
                except TimeoutError:
                    if not self.server.faults.away:
                        await self._pass()
                        yield Quiet(self.server.clock())
        finally:
            self.server.world.unfollow(follower)

    async def escalation(self, key: EscalationKey) -> Escalation:
        await self._pass()
        return self.server.escalation(key)

    async def runs(self, query: RunQuery, *, older: str = "") -> RunsPage:
        await self._pass()
        return self.server.world.listed(query, older)

    async def run(self, ref: RunRef) -> Run:
        return (await self._record(ref)).run

    async def steps(self, ref: RunRef) -> tuple[Step, ...]:
        return (await self._record(ref)).steps

    async def trail(self, ref: RunRef, *, older: str = "", limit: int = 50) -> TrailPage:
        trail = (await self._record(ref)).trail
        end = int(older) if older else len(trail)
        start = max(0, end - limit)
        return TrailPage(tuple(reversed(trail[start:end])), str(start) if start else "", len(trail))

    async def whole(self, ref: RunRef, entry: TrailEntry) -> TrailEntry:
        if entry.whole is not None:
            raise Refused("A scripted run keeps no more than its trail.", code=RefusalCode.UNKNOWN)
        return entry

    async def state(self, ref: RunRef, *, revision: int | None = None) -> Snapshot:
        snapshots = (await self._record(ref)).snapshots
        if revision is None:
            return snapshots[-1]
        for snapshot in snapshots:
            if snapshot.revision == revision:
                return snapshot
        raise Refused(f"There is no revision {revision} of this run.", code=RefusalCode.UNKNOWN)

    async def hand_offs(self, ref: RunRef) -> tuple[HandOff, ...]:
        return tuple((await self._record(ref)).hand_offs)

    async def access(self, ref: RunRef) -> tuple[Access, ...]:
        await self._record(ref)
        return self.server.access(ref)

    async def precedents(self, like: Likeness) -> Precedents:
        await self._pass()
        return Precedents(self.server.world.precedents(like))

    async def commands(self, ref: RunRef) -> tuple[Escalation, ...]:
        await self._pass()
        return self.server.commands(ref)

    def results(self, ref: RunRef) -> AsyncIterator[tuple[StepResult, ...]]:
        raise Refused(UNBOUND, code=RefusalCode.NOT_ALLOWED)

    async def links(self, ref: RunRef) -> Links:
        await self._pass()
        raise Refused(UNBOUND, code=RefusalCode.NOT_ALLOWED)

    async def deliver(self, decision: Decision) -> Receipt:
        await self._pass()
        await self.server.faults.at_barrier()
        loss = self.server.faults.next_loss()
        if loss is Loss.REQUEST:
            raise Uncertain("The connection broke while the decision was on its way.")
        receipt = self.server.decide(decision)
        if loss is Loss.REPLY:
            raise Uncertain("The connection broke before the answer came.")
        return _proven(decision, receipt)

    async def read_back(self, decision: Decision) -> Receipt | None:
        await self._pass()
        receipt = self.server.receipt(decision)
        return receipt and _proven(decision, receipt)

    async def claim(self, key: EscalationKey, person: Person, until: datetime) -> None:
        await self._pass()
        self.server.claim(key, Claim(person, until))

    async def release(self, key: EscalationKey, person: Person) -> None:
        await self._pass()
        claim = self.server.escalation(key).row.claim
        if claim and claim.by.person_id == person.person_id:
            self.server.claim(key, None)

    async def comment(self, key: EscalationKey, comment: Comment) -> None:
        await self._pass()
        self.server.comment(key, comment)

    async def key_log(self) -> tuple[RegistryEntry, ...]:
        raise _no_keys()

    async def admit_key(self, entry: RegistryEntry) -> None:
        raise _no_keys()

    def _let_go(self) -> None:
        """Stop collecting what changed since the last listing, if nobody came for it."""
        if self._since_listing:
            self.server.world.unfollow(self._since_listing)
        self._since_listing = None

    async def _pass(self) -> None:
        if not self._is_closed:
            await self.server.faults.passage()
        if self._is_closed:
            raise Unreachable("This connection is closed.", next_action="Open it again.")

    async def _record(self, ref: RunRef) -> RunRecord:
        await self._pass()
        return self.server.world.record(ref)


def _proven(decision: Decision, receipt: Receipt) -> Receipt:
    if differing := mismatches(decision, receipt):
        raise Uncertain(f"The receipt differs from the decision in: {', '.join(differing)}.")
    return receipt


def _no_keys() -> Refused:
    return Refused("The scripted engine checks no signatures.", code=RefusalCode.NOT_ALLOWED)
