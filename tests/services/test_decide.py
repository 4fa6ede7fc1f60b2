"""From a verdict to the run's own receipt, and the refusals before anything is written."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from console.domain.canonical import Json
from console.domain.decision import DecisionState, signed_content
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Kind, Target, TargetKind, Verdict
from console.domain.identity import Person, Role
from console.domain.risk import Risk
from console.engines.fake.record import Opening
from console.infra.keys import is_signed
from console.services.views import DecisionChanged, InboxChanged, ItemChanged
from tests.services.office import GATE, LEDGER, PAT, Office, in_loop, states

S = DecisionState
TEAM = Target(TargetKind.TEAM, "treasury", "Treasury")
QUESTION = Opening(
    title="Which account?",
    kind=Kind.QUESTION,
    question="Which account?",
    schema={"type": "object", "properties": {"account": {"type": "string"}}, "required": ["account"]},
    verdicts=(Verdict.ANSWER, Verdict.CANCEL),
)
FAILURE = Opening(
    title="Ledger is locked",
    kind=Kind.FAILURE,
    failure="LedgerLocked",
    verdicts=(Verdict.RETRY, Verdict.SKIP, Verdict.CANCEL),
)
ROUTED = dataclasses.replace(GATE, targets=(TEAM,))

VERDICTS: dict[Verdict, tuple[Opening, dict[str, Json]]] = {
    Verdict.APPROVE: (GATE, {}),
    Verdict.EDIT: (GATE, {"arguments": {"order": "4711", "amount": 120}}),
    Verdict.REJECT: (GATE, {"reason": "not covered"}),
    Verdict.ANSWER: (QUESTION, {"answer": {"account": "1200"}}),
    Verdict.REROUTE: (ROUTED, {"to": {"kind": "team", "id": "treasury"}}),
    Verdict.RETRY: (FAILURE, {}),
    Verdict.SKIP: (FAILURE, {}),
    Verdict.CANCEL: (FAILURE, {}),
}


@pytest.mark.parametrize("verdict", VERDICTS)
@in_loop
async def test_each_verdict_arrives_as_what_it_is_and_is_carried_out_once(office: Office, verdict: Verdict) -> None:
    opening, payload = VERDICTS[verdict]
    key = office.server.open(office.server.start_run(), opening)
    desk = await office.open_with_ledger()
    decision_id = await office.decide(desk, key, verdict, payload)
    view = await office.reaches(desk, decision_id, S.CARRIED_OUT)
    assert states(view) == ["queued", "sending", "confirmed", "carried_out"]
    (applied,) = office.server.applied(key)
    assert (applied.decision_id, applied.verdict, applied.payload) == (decision_id, verdict, payload)
    # Told in the words of what was shown, not in ids.
    assert view.meant.to == ("Treasury" if verdict is Verdict.REROUTE else "")
    changed = [(each.label, each.after) for each in view.meant.changes]
    assert changed == ([("amount", "120")] if verdict is Verdict.EDIT else [])
    assert view.receipt is not None
    assert view.receipt.verdict is verdict
    assert await office.titles(desk) == []


@in_loop
async def test_a_withdrawn_approval_lets_the_item_wait_here_again_and_it_can_be_approved_anew(office: Office) -> None:
    opening = dataclasses.replace(GATE, risk=Risk.HIGH, required_approvals=2)
    key = office.server.open(office.server.start_run(), opening)
    desk = await office.open_with_ledger()
    with pytest.raises(Refused, match="nothing to withdraw"):
        await office.decide(desk, key, Verdict.WITHDRAW)
    for _ in range(2):
        approval = await office.decide(desk, key, payload={"reason": "checked"})
        await office.reaches(desk, approval, S.HALF_GRANTED)
        view = await office.reaches(desk, await office.decide(desk, key, Verdict.WITHDRAW), S.CARRIED_OUT)
        assert states(view) == ["queued", "sending", "carried_out"]
        voided = await office.reaches(desk, approval, S.SUPERSEDED)
        assert voided.message == "Pat withdrew the approval."
        assert await office.titles(desk) == [opening.title]
    assert office.server.escalation(key).approvals == ()
    assert office.server.applied(key) == ()
    assert (await desk.desk.audit_check()).is_whole


@in_loop
async def test_it_is_signed_with_the_key_of_this_desk_and_bound_to_the_chain(office: Office) -> None:
    keys = office.server.open_many(2, lambda _: GATE)
    desk = await office.open_with_ledger()
    for key in keys:
        made = await desk.desk.decision(await office.decide(desk, key, is_hold=True))
        assert made is not None
        with office.peek() as store:
            (entry,) = [each for each in store.audit.entries() if made.decision.decision_id in each.line]
        assert made.decision.audit_head == entry.prev
        identity = await desk.desk.identity()
        assert made.decision.key_id == identity.key_id
        assert made.decision.by == identity.person == PAT
        assert is_signed(office.public_key(), signed_content(made.decision), made.decision.signature)
    assert (await desk.desk.audit_check()).is_whole


@in_loop
async def test_everybody_is_told(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    decision_id = await office.decide(desk, key)
    await office.reaches(desk, decision_id, S.CARRIED_OUT)

    async def told() -> bool:
        # Queued, sending, confirmed, carried out: the store knows a moment before everybody does.
        return desk.events.count(DecisionChanged(decision_id, key.item_id)) >= 4

    await office.until(told)
    assert ItemChanged(key.item_id) in desk.events
    assert InboxChanged(LEDGER.connection_id) in desk.events


@pytest.mark.parametrize(
    ("risk", "hours"), [(Risk.LOW, 8), (Risk.MEDIUM, 1), (Risk.HIGH, 1 / 6), (Risk.CRITICAL, 1 / 6)]
)
@in_loop
async def test_how_long_it_is_valid(office: Office, risk: Risk, hours: float) -> None:
    key = office.server.open(office.server.start_run(), dataclasses.replace(GATE, risk=risk))
    desk = await office.open_with_ledger()
    made = await desk.desk.decision(await office.decide(desk, key, payload={"reason": "checked"}, is_hold=True))
    assert made is not None
    assert made.decision.valid_until - made.decision.signed_at == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("opening", "verdict", "payload", "code"),
    [
        (GATE, Verdict.ANSWER, {"answer": 1}, RefusalCode.NOT_ALLOWED),
        (dataclasses.replace(GATE, initiator="pat"), Verdict.APPROVE, {}, RefusalCode.NOT_ALLOWED),
        (dataclasses.replace(GATE, risk=Risk.HIGH), Verdict.APPROVE, {}, RefusalCode.INVALID_PAYLOAD),
        (dataclasses.replace(GATE, risk=Risk.HIGH), Verdict.REJECT, {"reason": " "}, RefusalCode.INVALID_PAYLOAD),
        (
            dataclasses.replace(GATE, risk=Risk.HIGH),
            Verdict.APPROVE,
            {"reason": "ok", "shown": "partial"},
            RefusalCode.NOT_ALLOWED,
        ),
        (GATE, Verdict.EDIT, {}, RefusalCode.INVALID_PAYLOAD),
        (GATE, Verdict.EDIT, {"arguments": [1]}, RefusalCode.INVALID_PAYLOAD),
        (GATE, Verdict.EDIT, {"arguments": {"order": "4711", "amount": 9_000}}, RefusalCode.INVALID_PAYLOAD),
        (QUESTION, Verdict.ANSWER, {"answer": {"account": 7}}, RefusalCode.INVALID_PAYLOAD),
        (ROUTED, Verdict.REROUTE, {"to": {"kind": "team", "id": "nobody"}}, RefusalCode.INVALID_PAYLOAD),
        (GATE, Verdict.APPROVE, {"arguments": {}}, RefusalCode.INVALID_PAYLOAD),
        (GATE, Verdict.APPROVE, {"reason": 7}, RefusalCode.INVALID_PAYLOAD),
        (GATE, Verdict.REJECT, {"reason": "x" * 300_000}, RefusalCode.INVALID_PAYLOAD),
        (QUESTION, Verdict.ANSWER, {"answer": {"account": "\ud800"}}, RefusalCode.INVALID_PAYLOAD),
    ],
)
@in_loop
async def test_what_the_rules_forbid_is_refused_before_anything_is_written(
    office: Office, opening: Opening, verdict: Verdict, payload: dict[str, Json], code: str
) -> None:
    key = office.server.open(office.server.start_run(), opening)
    desk = await office.open_with_ledger()
    with pytest.raises(Refused) as refused:
        await office.decide(desk, key, verdict, payload)
    assert refused.value.code == code
    assert refused.value.next_action
    assert await desk.desk.decisions() == ()
    assert office.told("decided") == []
    ((_, told),) = office.told("refused at this desk")
    assert (told["item"], told["verdict"], told["code"], told["person"]) == (key.item_id, verdict, code, "pat")
    assert told["message"] == refused.value.message


@in_loop
async def test_a_viewer_decides_nothing(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger(person=Person("vi", "Vi", Role.VIEWER))
    with pytest.raises(Refused, match="Viewers read"):
        await office.decide(desk, key)


@in_loop
async def test_only_what_was_shown_is_decided(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    with pytest.raises(Refused) as unread:
        await desk.desk.decide(key.item_id, Verdict.APPROVE, "ab" * 32, {})
    assert unread.value.code == RefusalCode.UNKNOWN
    shown = await office.read(desk, key)
    office.server.change(key, amount=4_200)
    await office.read(desk, key)
    with pytest.raises(Refused) as changed:
        await desk.desk.decide(key.item_id, Verdict.APPROVE, shown.digest, {})
    assert changed.value.code == RefusalCode.CHANGED


@in_loop
async def test_what_the_list_says_has_changed_is_not_decided_unread(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    shown = await office.read(desk, key)
    office.server.change(key, amount=4_200)

    async def listed() -> bool:
        view = await desk.desk.inbox(office.everything)
        return view.rows[0].waiting.digest != shown.digest

    await office.until(listed, step=0.0)
    with pytest.raises(Refused) as changed:
        await desk.desk.decide(key.item_id, Verdict.APPROVE, shown.digest, {})
    assert changed.value.code == RefusalCode.CHANGED


@in_loop
async def test_what_closed_or_was_decided_here_is_not_decided_again(office: Office) -> None:
    first, second = office.server.open_many(2, lambda _: GATE)
    desk = await office.open_with_ledger()
    shown = await office.read(desk, first)
    await desk.desk.decide(first.item_id, Verdict.APPROVE, shown.digest, {})
    with pytest.raises(Refused) as twice:
        await desk.desk.decide(first.item_id, Verdict.REJECT, shown.digest, {})
    assert twice.value.code == RefusalCode.ALREADY_DECIDED
    shown = await office.read(desk, second)
    office.server.close(second)
    await desk.desk.refresh(second.item_id)
    with pytest.raises(Refused) as closed:
        await desk.desk.decide(second.item_id, Verdict.APPROVE, shown.digest, {})
    assert closed.value.code == RefusalCode.CLOSED


@in_loop
async def test_deciding_over_anothers_claim_is_recorded(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    office.claim_elsewhere(key)
    desk = await office.open_with_ledger()
    made = await desk.desk.decision(await office.decide(desk, key))
    assert made is not None
    assert made.decision.payload["over_claim"] == "person-colleague"


@in_loop
async def test_what_is_partly_unreadable_can_be_turned_down_only(office: Office) -> None:
    raw: dict[str, Json] = {
        "row": {"key": {"native_id": "gate", "occurrence": 1}, "title": "Pay", "digest": "ab" * 32, "risk": "low"},
        "verdicts": ["approve", "reject"],
        "opened_in": "chain-1.1",
    }
    key = office.server.open_raw(office.server.start_run(), raw)
    desk = await office.open_with_ledger()
    view = await office.read(desk, key)
    assert view.row is not None
    assert view.row.waiting.problem
    with pytest.raises(Refused) as refused:
        await desk.desk.decide(key.item_id, Verdict.APPROVE, view.digest, {"reason": "no"})
    assert refused.value.code == RefusalCode.NOT_ALLOWED
    decision_id = (
        await desk.desk.decide(key.item_id, Verdict.REJECT, view.digest, {"reason": "unreadable"}, is_hold=False)
    ).decision.decision_id
    await office.reaches(desk, decision_id, S.CARRIED_OUT)
