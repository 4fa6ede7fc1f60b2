"""Decisions that are not what they claim, sent to the run itself, past any console: each is refused and on record."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.errors import RefusalCode
from console.domain.escalation import Escalation, EscalationKey, Verdict
from console.domain.identity import Person, Role
from console.domain.receipt import Outcome
from console.tower import wire
from console.tower.enrolment import add
from console.verify.entries import revoke, rotate
from console.verify.signatures import key_id
from tests.servers import RunningServer, RunningWorker
from tests.signing import ROOT_PUBLIC, enrol_key, signed
from tests.tower.conftest import rows
from tests.tower.people import ANA, BEN, EVA, IAN, Desk, decision
from tests.tower.probe_plan import STAFFED
from tests.verify.people import ROOT, key_of, public_of

PLAN = STAFFED[0].plan
R = RefusalCode


def fresh(name: str, role: Role = Role.SUPERVISOR) -> Person:
    """Somebody whom no other test knows."""
    return Person(f"{name}-{Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()[:8]}", name, role)


async def gate(client: Client, amount: str, *, started_by: str = "schedule") -> tuple[Desk, Escalation]:
    """A run of the probe that waits for an approval."""
    pays: dict[str, Json] = {"pay": {"pay": {"account": f"own-{uuid.uuid4().hex[:12]}", "amount": amount}}}
    run = await Desk.start(client, PLAN, pays, started_by=started_by)
    return run, await run.waits("pay")


async def refused(run: Desk, said: Decision) -> str:
    """The code that the run refuses with; the same stands in its record, with who claimed it and with which key."""
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await run.decide(said)
    cause = caught.value.cause
    assert isinstance(cause, ApplicationError)
    reply: wire.RefusalsReply = await run.handle.query(wire.QUERY_REFUSALS, result_type=wire.RefusalsReply)
    (record,) = [one for one in reply.refusals if one.decision_id == said.decision_id]
    assert (record.code, record.message) == (cause.type, cause.message)
    assert (record.person_id, record.key_id, record.key) == (said.by.person_id, said.key_id, said.key)
    assert await run.receipt(said.decision_id) is None
    assert cause.type is not None
    return cause.type


async def nothing_was_done(run: Desk, worker: RunningWorker, shown: Escalation) -> None:
    """The item still waits as it did, and nothing was paid."""
    (still,) = await run.open()
    assert (still.key, still.approvals) == (shown.key, shown.approvals)
    assert rows(worker.business, "SELECT * FROM effects WHERE run_id = ?", run.handle.id) == []


def played(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def test_a_wrong_an_unknown_and_a_viewers_key_decide_nothing(server: RunningServer, worker: RunningWorker) -> None:
    async def story() -> None:
        client = await server.client()
        run, shown = await gate(client, "50.00")
        made = decision(shown, Verdict.APPROVE, ANA)
        assert await refused(run, dataclasses.replace(made, signature=decision(shown, Verdict.APPROVE, ANA).signature))
        by_another = signed(dataclasses.replace(made, decision_id=made.decision_id + "-b"), key_of(BEN))
        assert await refused(run, by_another) == R.OTHER_PERSON
        stranger = fresh("stranger")
        assert await refused(run, decision(shown, Verdict.APPROVE, stranger)) == R.UNREGISTERED_KEY
        viewer = fresh("viewer", Role.VIEWER)
        await enrol_key(client, viewer, public_of(key_of(viewer)))
        claims_more = dataclasses.replace(viewer, role=Role.SUPERVISOR)
        assert await refused(run, decision(shown, Verdict.APPROVE, claims_more)) == R.NOT_ALLOWED
        assert await refused(run, decision(shown, Verdict.REJECT, claims_more)) == R.NOT_ALLOWED
        await nothing_was_done(run, worker, shown)

    played(story())


def test_a_revoked_and_an_expired_key_decide_nothing_from_that_moment_on(
    server: RunningServer, worker: RunningWorker
) -> None:
    async def story() -> None:
        client = await server.client()
        run, shown = await gate(client, "50.00")
        lost, moved = fresh("lost"), fresh("moved")
        for person in (lost, moved):
            await enrol_key(client, person, public_of(key_of(person)))
        now = datetime.now(UTC)
        before = decision(shown, Verdict.APPROVE, lost)
        lost_id, moved_id = key_id(public_of(key_of(lost))), key_id(public_of(key_of(moved)))
        await add(client, lambda log: revoke(log, ROOT, now, named=lost_id, reason="stolen"), ROOT_PUBLIC)
        new = public_of(key_of(moved, 1))
        await add(client, lambda log: rotate(log, key_of(moved), now, replaces=moved_id, public=new), ROOT_PUBLIC)
        assert await refused(run, before) == R.REVOKED_KEY
        late = decision(shown, Verdict.APPROVE, moved, now=datetime.now(UTC) + timedelta(milliseconds=5))
        assert await refused(run, late) == R.EXPIRED_KEY
        await nothing_was_done(run, worker, shown)

    played(story())


def test_a_signature_for_another_run_escalation_payload_or_tower_decides_nothing(
    server: RunningServer, worker: RunningWorker
) -> None:
    async def story() -> None:
        client = await server.client()
        run, shown = await gate(client, "50.00")
        other, elsewhere = await gate(client, "50.00")
        made = decision(elsewhere, Verdict.APPROVE, ANA)
        assert await refused(run, made) == R.UNKNOWN
        moved = dataclasses.replace(made, key=shown.key, opened_in=shown.opened_in, decision_id="moved-1")
        assert await refused(run, moved) == R.CHANGED
        same_digest = dataclasses.replace(moved, digest=decision(shown, Verdict.APPROVE).digest, decision_id="moved-2")
        assert await refused(run, same_digest) == R.BAD_SIGNATURE
        mine = decision(shown, Verdict.APPROVE, ANA, payload={"reason": "small"})
        for number, change in enumerate(
            (
                {"payload": {"reason": "large"}},
                {"verdict": Verdict.REJECT},
                {"valid_until": mine.valid_until + timedelta(hours=1)},
                {"by": dataclasses.replace(ANA, person_id="ben")},
            )
        ):
            forged = dataclasses.replace(mine, decision_id=f"{mine.decision_id}-{number}", **change)  # type: ignore[arg-type]
            assert await refused(run, forged) in {R.BAD_SIGNATURE, R.OTHER_PERSON}
        tower = dataclasses.replace(shown.key.run, server="temporal:another:tower")
        foreign = signed(
            dataclasses.replace(mine, key=EscalationKey(tower, shown.key.native_id, 1), decision_id="foreign")
        )
        assert await refused(run, foreign) == R.UNKNOWN
        await nothing_was_done(run, worker, shown)
        await nothing_was_done(other, worker, elsewhere)

    played(story())


def test_whoever_asked_for_it_does_not_approve_it_under_any_name(server: RunningServer, worker: RunningWorker) -> None:
    async def story() -> None:
        client = await server.client()
        run, shown = await gate(client, "50.00", started_by="ian")
        assert await refused(run, decision(shown, Verdict.APPROVE, IAN)) == R.NOT_ALLOWED
        await nothing_was_done(run, worker, shown)
        assert (await run.say(shown, Verdict.APPROVE, ANA)).outcome is Outcome.CARRIED_OUT

    played(story())


def test_two_keys_of_one_person_and_two_names_of_one_login_are_one_approval(
    server: RunningServer, worker: RunningWorker
) -> None:
    async def story() -> None:
        client = await server.client()
        person = fresh("twice")
        account = f"{person.person_id}@desk"
        await enrol_key(client, person, public_of(key_of(person)), account=account)
        await enrol_key(client, person, public_of(key_of(person, 1)))
        alias = fresh("alias")
        await enrol_key(client, alias, public_of(key_of(alias)), account=account)
        run, shown = await gate(client, "500.00")
        assert (await run.decide(decision(shown, Verdict.APPROVE, person))).outcome is Outcome.HALF_GRANTED
        (half,) = await run.open()
        again = signed(decision(half, Verdict.APPROVE, person), key_of(person, 1))
        assert await refused(run, again) in {R.NOT_ALLOWED, R.DUTIES}
        assert await refused(run, decision(half, Verdict.APPROVE, alias)) == R.DUTIES
        await nothing_was_done(run, worker, half)

    played(story())


def test_an_edit_after_a_first_approval_needs_that_approval_anew(server: RunningServer, worker: RunningWorker) -> None:
    async def story() -> None:
        client = await server.client()
        run, shown = await gate(client, "500.00")
        assert shown.proposal is not None
        first = await run.decide(decision(shown, Verdict.APPROVE, BEN))
        more = {**shown.proposal.arguments, "amount": "501.00"}
        (half,) = await run.open()
        edit = decision(half, Verdict.EDIT, EVA, payload={"arguments": more, "reason": "more"})
        assert (await run.decide(edit)).outcome is Outcome.HALF_GRANTED
        voided = await run.receipt(first.decision_id)
        assert voided is not None
        assert voided.outcome is Outcome.SUPERSEDED
        stale = decision(shown, Verdict.APPROVE, BEN)
        assert await refused(run, stale) == R.CHANGED
        assert rows(worker.business, "SELECT * FROM effects WHERE run_id = ?", run.handle.id) == []

    played(story())


def test_an_approval_is_withdrawn_by_nobody_else_and_not_after_the_quorum(
    server: RunningServer, worker: RunningWorker
) -> None:
    async def story() -> None:
        client = await server.client()
        pays: dict[str, Json] = {"account": f"own-{uuid.uuid4().hex[:12]}", "amount": "500.00"}
        run = await Desk.start(client, PLAN, {"pay": {"pay": pays}, "last": {"ask": True}})
        shown = await run.waits("pay")
        first = await run.decide(decision(shown, Verdict.APPROVE, BEN))
        (half,) = await run.open()
        assert await refused(run, decision(half, Verdict.WITHDRAW, EVA)) == R.NOT_ALLOWED
        in_his_name = decision(half, Verdict.WITHDRAW, BEN)
        assert await refused(run, signed(in_his_name, key_of(EVA))) == R.OTHER_PERSON
        another = dataclasses.replace(decision(half, Verdict.REJECT, BEN), verdict=Verdict.WITHDRAW)
        assert await refused(run, another) == R.BAD_SIGNATURE
        await nothing_was_done(run, worker, half)
        withdrawal = decision(half, Verdict.WITHDRAW, BEN)
        assert (await run.decide(withdrawal)).outcome is Outcome.CARRIED_OUT
        voided = await run.receipt(first.decision_id)
        assert voided is not None
        assert (voided.outcome, voided.message) == (Outcome.SUPERSEDED, f"{BEN.name} withdrew the approval.")
        (open_again,) = await run.open()
        assert (open_again.approvals, open_again.row.approvals) == ((), 0)
        assert (await run.decide(decision(open_again, Verdict.APPROVE, EVA))).outcome is Outcome.HALF_GRANTED
        again = await run.say(open_again, Verdict.APPROVE, BEN)
        assert again.outcome is Outcome.CARRIED_OUT
        assert again.effect is not None
        done = rows(worker.business, "SELECT effect_id FROM effects WHERE run_id = ?", run.handle.id)
        assert done == [(again.effect.effect_id,)]
        await run.waits("last")
        assert await refused(run, decision(half, Verdict.WITHDRAW, BEN)) == R.ALREADY_DECIDED

    played(story())


def test_refused_attempts_are_capped_and_the_right_one_still_counts(
    server: RunningServer, worker: RunningWorker
) -> None:
    async def story() -> None:
        client = await server.client()
        run, shown = await gate(client, "50.00")
        stranger = fresh("stranger")
        codes = [await attempt(run, decision(shown, Verdict.APPROVE, stranger)) for _ in range(103)]
        assert set(codes[:100]) == {R.UNREGISTERED_KEY}
        assert set(codes[100:]) == {R.BUSY}
        reply: wire.RefusalsReply = await run.handle.query(wire.QUERY_REFUSALS, result_type=wire.RefusalsReply)
        assert len(reply.refusals) == 100
        await nothing_was_done(run, worker, shown)

    played(story())


async def attempt(run: Desk, said: Decision) -> str:
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await run.decide(said)
    assert isinstance(caught.value.cause, ApplicationError)
    return caught.value.cause.type or ""


def test_a_key_revoked_after_the_approval_stops_the_effect(server: RunningServer, worker: RunningWorker) -> None:
    async def story() -> None:
        client = await server.client()
        person = fresh("leaver")
        await enrol_key(client, person, public_of(key_of(person)))
        run, shown = await gate(client, "500.00")
        first = await run.decide(decision(shown, Verdict.APPROVE, person))
        now, named = datetime.now(UTC), key_id(public_of(key_of(person)))
        await add(client, lambda log: revoke(log, ROOT, now, named=named, reason="left"), ROOT_PUBLIC)
        (half,) = await run.open()
        second = await run.say(half, Verdict.APPROVE, EVA)
        assert second.outcome is Outcome.FAILED
        assert "revoked" in second.message
        receipt = await run.receipt(first.decision_id)
        assert receipt is not None
        assert receipt.outcome is Outcome.FAILED
        assert rows(worker.business, "SELECT * FROM effects WHERE run_id = ?", run.handle.id) == []

    played(story())
