"""The scripted orchestrator: a script opens, changes and closes items, and connections list, follow and decide them.

Invariants: everything is deterministic for a given clock and order of calls; every change reaches every follower;
what was applied can be counted (:meth:`FakeServer.applied`). Safe to script from another thread than the connections'.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.digest import escalation_digest
from console.domain.escalation import Claim, Comment, Escalation, EscalationKey, Kind, Verdict, Waiting
from console.domain.identity import Person, Role
from console.domain.receipt import Effect, Receipt
from console.domain.risk import Risk
from console.domain.run import Access, Fact, HandOff, Run, RunRef, RunStatus, Snapshot, Step, Touch, TrailEntry
from console.engines import items
from console.engines.fake.faults import Faults, Loss
from console.engines.fake.judge import CLOSED, judge, settle
from console.engines.fake.record import Applied, Item, Opening, RunRecord
from console.engines.fake.world import World
from console.engines.port import Hands

COLLEAGUE = Person("person-colleague", "Ada Colleague", Role.SUPERVISOR)
VALID_FOR = timedelta(hours=1)
CALLING = frozenset({Verdict.APPROVE, Verdict.EDIT})
CANCEL = "@cancel"
PAUSE = "@run/"
ROW_FIELDS = {"title", "kind", "risk", "agent", "required_approvals", "resource", "due_in", "expires_in"}
TAKEN_OVER = [part.name for part in dataclasses.fields(Opening) if part.name not in ROW_FIELDS | {"schema"}]


def _now() -> datetime:
    return datetime.now(UTC)


class FakeServer:
    """One scripted orchestrator. ``faults`` says what goes wrong; ``carries_out`` whether effects follow at once."""

    def __init__(self, name: str = "fake", *, clock: Callable[[], datetime] = _now) -> None:
        self.identity = f"fake:{name}"
        self.faults = Faults()
        self.clock = clock
        self.carries_out = True
        self.effect_error = ""
        self.world = World(clock)
        self.arrived: list[Decision] = []
        self._applied: list[Applied] = []
        self._count = 0

    # Runs

    def start_run(self, run_id: str = "", *, title: str = "Customer refund", **header: str) -> RunRef:
        """Begin a run. ``header`` sets other texts of :class:`Run` (``workflow``, ``owner``, ``business_key`` …)."""
        with self.world.lock:
            self._count += 1
            ref = RunRef(self.identity, run_id or f"run-{self._count}", f"chain-{self._count}")
            texts = {"workflow": "refund", "owner": "Finance operations", "started_by": "generator"} | header
            now = self.clock()
            run = Run(
                ref=ref,
                title=title,
                status=RunStatus.RUNNING,
                attempt_id=f"{ref.chain_id}.1",
                started_at=now,
                moved_at=now,
                **texts,  # type: ignore[arg-type]  # names of texts only
            )
            self.world.runs[ref] = RunRecord(run, snapshots=[Snapshot(0, now, ())])
            return ref

    def set_steps(self, ref: RunRef, steps: Sequence[Step]) -> None:
        """Say which steps the run has, in a topological order."""
        self.world.record(ref).steps = tuple(steps)

    def add_trail(self, ref: RunRef, *entries: TrailEntry) -> None:
        """Add to the end of the trail."""
        self.world.record(ref).trail.extend(entries)

    def add_hand_off(self, ref: RunRef, hand_off: HandOff) -> None:
        """Record what moved over an edge."""
        self.world.record(ref).hand_offs.append(hand_off)

    def add_access(self, ref: RunRef, *access: Access) -> None:
        """Say who may do what at some steps, and what was done there."""
        self.world.record(ref).access.extend(access)

    def set_state(self, ref: RunRef, facts: Sequence[Fact]) -> int:
        """Write a new revision of the state and return its number."""
        with self.world.lock:
            record = self.world.record(ref)
            revision = record.snapshots[-1].revision + 1
            record.snapshots.append(Snapshot(revision, self.clock(), tuple(facts)))
            record.run = dataclasses.replace(record.run, revision=revision)
            return revision

    def continue_run(self, ref: RunRef) -> str:
        """Carry the run on as a new execution, as engines do with long ones; returns its id. What waits, waits on."""
        with self.world.lock:
            record = self.world.record(ref)
            attempt = int(record.run.attempt_id.rpartition(".")[2]) + 1
            record.run = dataclasses.replace(record.run, attempt_id=f"{ref.chain_id}.{attempt}")
            return record.run.attempt_id

    def tell(self, ref: RunRef, status: RunStatus, why: str = "") -> None:
        """Let the run say of itself what it is doing, and why it does not move; it keeps to that."""
        with self.world.changing(ref) as record:
            record.run = dataclasses.replace(record.run, status=status, why_not_moving=why)

    def finish_run(self, ref: RunRef, status: RunStatus = RunStatus.COMPLETED, why: str = "") -> None:
        """End the run; whatever waited in it no longer does."""
        with self.world.changing(ref) as record:
            record.run = dataclasses.replace(record.run, status=status, closed_at=self.clock(), why_not_moving=why)
            for item in record.items.values():
                item.ended = item.ended or CLOSED

    # What waits

    def open(self, ref: RunRef, opening: Opening, native_id: str = "gate") -> EscalationKey:
        """Let the run wait for a person; the next occurrence under ``native_id``."""
        with self.world.changing(ref) as record:
            key = EscalationKey(ref, native_id, record.next_occurrence(native_id))
            record.items[(native_id, key.occurrence)] = Item(self._content(record, key, opening))
            return key

    def offer_commands(self, ref: RunRef) -> None:
        """Let people pause and cancel the run at any time; nothing waits for that."""
        for verdict, native_id in ((Verdict.CANCEL, CANCEL), (Verdict.PAUSE, f"{PAUSE}{ref.run_id}")):
            opening = Opening(
                title=f"{verdict.capitalize()} run {ref.run_id}", kind=Kind.COMMAND, verdicts=(verdict,), step=""
            )
            self.open(ref, opening, native_id)

    def open_many(self, count: int, opening: Callable[[int], Opening]) -> list[EscalationKey]:
        """Start ``count`` runs that wait, the n-th (from 0) for ``opening(n)``."""
        return [self.open(self.start_run(), opening(number)) for number in range(count)]

    def open_raw(self, ref: RunRef, raw: Json) -> EscalationKey:
        """Let the run wait with an item that arrives as just this JSON, however broken; it is decoded when read."""
        with self.world.changing(ref) as record:
            content = items.escalation(raw, ref, position=len(record.items), opened_at=self.clock())
            record.items[(content.key.native_id, content.key.occurrence)] = Item(content, raw)
            return content.key

    def change(self, key: EscalationKey, **arguments: Json) -> None:
        """Change the arguments of an open proposal (or the words of a question), and so its digest."""
        with self.world.changing(key.run):
            item = self.world.open_item(key)
            content = item.content
            if content.proposal is not None:
                proposal = dataclasses.replace(content.proposal, arguments=content.proposal.arguments | arguments)
                content = dataclasses.replace(content, proposal=proposal)
            else:
                content = dataclasses.replace(content, question=f"{content.question} {arguments}")
            item.content = _signed(content)

    def reopen(self, key: EscalationKey) -> EscalationKey:
        """Close the item and let the run wait again, for the same thing under the same native id."""
        with self.world.changing(key.run) as record:
            item = record.items[(key.native_id, key.occurrence)]
            item.ended = item.ended or CLOSED
            again = EscalationKey(key.run, key.native_id, record.next_occurrence(key.native_id))
            row = dataclasses.replace(item.content.row, key=again, opened_at=self.clock(), approvals=0, claim=None)
            content = dataclasses.replace(item.content, row=row, opened_in=record.run.attempt_id, approvals=())
            record.items[(again.native_id, again.occurrence)] = Item(_signed(content))
            return again

    def close(self, key: EscalationKey) -> None:
        """The run goes on without anybody having decided."""
        with self.world.changing(key.run):
            self.world.open_item(key).ended = CLOSED

    def decide_elsewhere(
        self, key: EscalationKey, verdict: Verdict = Verdict.APPROVE, payload: Mapping[str, Json] | None = None
    ) -> Receipt:
        """Another person decides at another desk."""
        content = self.escalation(key)
        now = self.clock()
        return self.decide(
            Decision(
                decision_id=f"elsewhere-{key.item_id}-{verdict}",
                key=key,
                opened_in=content.opened_in,
                digest=content.row.digest,
                verdict=verdict,
                payload=dict(payload or {}),
                by=COLLEAGUE,
                key_id="c0113a90e0000000",
                signed_at=now,
                valid_until=now + VALID_FOR,
                audit_head="0" * 64,
            )
        )

    # What goes wrong

    def lose_next_reply(self) -> None:
        """The next delivery is taken, and its answer lost."""
        self.faults.losses.append(Loss.REPLY)

    def lose_next_request(self) -> None:
        """The next delivery is lost before it comes; its sender cannot tell."""
        self.faults.losses.append(Loss.REQUEST)

    def go_away(self, why: str = "Nothing answers at this address.") -> None:
        """Stop answering, until :meth:`come_back`."""
        self.faults.away = why
        self.world.lose_thread(why)

    def come_back(self) -> None:
        """Answer again."""
        self.faults.away = ""
        self.world.lose_thread("The server answers again.")

    def stop_working(self, why: str = "No worker polls the queue.") -> None:
        """Answer, and do no work, until :meth:`work_again`."""
        self._staff(why)

    def work_again(self) -> None:
        """Work again."""
        self._staff("")

    def _staff(self, missing: str) -> None:
        self.faults.missing = missing
        self.world.tell_hands(Hands(missing, "Start a worker." if missing else ""))

    # What connections ask for

    def escalation(self, key: EscalationKey) -> Escalation:
        """One open item as it is decoded now. Raises :class:`Refused`."""
        with self.world.lock:
            item = self.world.open_item(key)
            content = item.read()
            return content if item.raw is not None else dataclasses.replace(content, row=item.row(self.clock()))

    def commands(self, ref: RunRef) -> tuple[Escalation, ...]:
        """What people may do to a run at any time, and what one began to do and a person has to end."""
        with self.world.lock:
            open_items = [item for item in self.world.record(ref).items.values() if not item.ended]
            return tuple(item.content for item in open_items if item.content.key.is_command)

    def decide(self, decision: Decision) -> Receipt:
        """Take a decision by the rules of :mod:`console.engines.fake.judge`. Raises :class:`Refused`."""
        with self.world.changing(decision.key.run) as record:
            self.arrived.append(decision)
            receipt, applied = judge(record, decision, self.clock())
            if applied:
                self._applied.append(applied)
                if decision.key.is_command:
                    self._step_in(decision)
                self._rule(record.items[(decision.key.native_id, decision.key.occurrence)].content, decision)
                if self.carries_out:
                    settle(record, decision, self.clock(), self._effect(applied))
            return receipt

    def carry_out(self, decision: Decision) -> None:
        """Let the effect of a confirmed decision follow, where :attr:`carries_out` is off."""
        with self.world.changing(decision.key.run) as record:
            applied = next(done for done in self._applied if done.decision_id == decision.decision_id)
            settle(record, decision, self.clock(), self._effect(applied))

    def receipt(self, decision: Decision) -> Receipt | None:
        """What became of a decision by now."""
        with self.world.lock:
            known = self.world.record(decision.key.run).decisions.get(decision.decision_id)
            return known[1] if known else None

    def claim(self, key: EscalationKey, claim: Claim | None) -> None:
        """Note who is on an item, or that nobody is."""
        with self.world.changing(key.run):
            item = self.world.open_item(key)
            item.content = dataclasses.replace(item.content, row=dataclasses.replace(item.content.row, claim=claim))

    def comment(self, key: EscalationKey, comment: Comment) -> None:
        """Keep a comment with an item."""
        with self.world.changing(key.run):
            item = self.world.open_item(key)
            item.content = dataclasses.replace(item.content, comments=(*item.content.comments, comment))

    def access(self, ref: RunRef) -> tuple[Access, ...]:
        """What the script said of access; then, for each step that asked, what its agent may do and has done."""
        with self.world.lock:
            record = self.world.record(ref)
            asked = {item.content.step: item.content for item in record.items.values() if item.content.proposal}
            return (*record.access, *(self._access(content) for content in asked.values()))

    def applied(self, key: EscalationKey | None = None) -> tuple[Applied, ...]:
        """Every decision that took effect, in order; of one item if ``key`` is given."""
        with self.world.lock:
            return tuple(done for done in self._applied if key in {None, done.key})

    def effects(self, key: EscalationKey | None = None) -> tuple[Applied, ...]:
        """Those of :meth:`applied` for which a tool was called."""
        return tuple(done for done in self.applied(key) if done.verdict in CALLING)

    def _step_in(self, decision: Decision) -> None:
        """What a command makes of a run: it ends, or is paused until that is resumed."""
        ref, native_id = decision.key.run, decision.key.native_id
        if decision.verdict is Verdict.CANCEL:
            self.finish_run(ref, RunStatus.CANCELLED)
        if decision.verdict not in {Verdict.PAUSE, Verdict.RESUME}:
            return
        is_paused = decision.verdict is Verdict.PAUSE
        following, kind = (Verdict.RESUME, Kind.INTERVENTION) if is_paused else (Verdict.PAUSE, Kind.COMMAND)
        title = f"Paused: run {ref.run_id}" if is_paused else f"Pause run {ref.run_id}"
        self.open(ref, Opening(title=title, kind=kind, verdicts=(following,), step=""), native_id)

    def _rule(self, content: Escalation, decision: Decision) -> None:
        """What a ruling makes of a conflict: the run that lost ends, where it is to stop."""
        said = decision.payload.get("answer")
        if content.row.kind is not Kind.CONFLICT or not isinstance(said, dict) or said.get("loser") != "stop":
            return
        for side in content.sides:
            if side.run.run_id != said.get("winner") and side.run in self.world.runs:
                self.finish_run(side.run, RunStatus.CANCELLED)

    def _effect(self, applied: Applied) -> Effect | None:
        """What the tool recorded; ``None`` where no tool was called."""
        if applied.verdict not in CALLING:
            return None
        key = applied.key
        proposal = self.world.record(key.run).items[(key.native_id, key.occurrence)].content.proposal
        return Effect(
            effect_id=f"{key.run.run_id}/{key.native_id}/{key.occurrence}",
            tool=proposal.tool if proposal else "",
            at=self.clock(),
            error=self.effect_error,
        )

    def _access(self, content: Escalation) -> Access:
        proposal = content.proposal
        tool, resource = (proposal.tool, proposal.resource) if proposal else ("", "")
        done = [one for one in self.effects() if one.key.run == content.key.run]
        return Access(
            step_id=content.step,
            agent=content.row.agent,
            owner=content.owner,
            tools=(tool,),
            writes=(resource,),
            alone_up_to=Risk.LOW,
            written=(Touch(resource=resource, tool=tool, times=len(done), at=self.clock()),) if done else (),
        )

    def _content(self, record: RunRecord, key: EscalationKey, opening: Opening) -> Escalation:
        now = self.clock()
        row = Waiting(
            key=key,
            kind=opening.kind,
            title=opening.title,
            workflow=record.run.workflow,
            agent=opening.agent,
            risk=opening.risk,
            opened_at=now,
            due_at=now + opening.due_in if opening.due_in else None,
            business_key=record.run.business_key,
            required_approvals=opening.required_approvals,
            resource=opening.resource or (opening.proposal.resource if opening.proposal else ""),
            failure=opening.failure,
        )
        same = {name: getattr(opening, name) for name in TAKEN_OVER}
        schema = dict(opening.schema)
        opened_in = record.run.attempt_id
        expires_at = now + opening.expires_in if opening.expires_in else None
        shown = Escalation(
            row=row, opened_in=opened_in, gate=key.native_id, schema=schema, expires_at=expires_at, **same
        )
        return _signed(shown)


def _signed(content: Escalation) -> Escalation:
    """The same with the digest of what it now says."""
    return dataclasses.replace(content, row=dataclasses.replace(content.row, digest=escalation_digest(content)))
