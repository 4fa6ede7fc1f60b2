"""A decision counts for one call, in one place, by the registered person who signed it; anything else is found."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.canonical import Json, sha256_hex
from console.domain.decision import Decision, signed_content
from console.domain.escalation import EscalationKey, Verdict
from console.domain.identity import Person, Role
from console.domain.run import RunRef
from console.verify.decisions import Demand, Evidence, check_evidence, is_in_time, signer_of
from console.verify.entries import enrol, revoke, rotate
from console.verify.registry import admitted
from console.verify.signatures import key_id, sign
from console.verify.trust import Distrusted, Doubt
from tests.verify.people import ANA, BEN, EVA, IAN, MORNING, ROOT, SERVER, empty, key_of, public_of, with_people

NOON = MORNING + timedelta(hours=4)
REGISTRY = with_people(empty(), ANA, BEN, EVA)
RUN = RunRef(SERVER, "run-1", "chain-1")
KEY = EscalationKey(RUN, "refund", 1)
ARGUMENTS: dict[str, Json] = {"order": "4711", "amount": "42.00"}
ACTION: dict[str, Json] = {
    "tag": "clearance-escalation-v1",
    "server": SERVER,
    "run": RUN.run_id,
    "chain": RUN.chain_id,
    "opened_in": "execution-1",
    "escalation": KEY.native_id,
    "occurrence": KEY.occurrence,
    "verdicts": ["approve", "edit", "reject"],
    "required_approvals": 2,
    "tool": "pay",
    "arguments": ARGUMENTS,
}
DEMAND = Demand(
    server=SERVER,
    run_id=RUN.run_id,
    step="refund",
    tool="pay",
    arguments=ARGUMENTS,
    approvals=2,
    roles=(Role.OPERATOR,),
    initiator="ian",
)


def signed(by: Person, key: Ed25519PrivateKey | None = None, **changes: Any) -> Decision:  # noqa: ANN401
    key = key or key_of(by)
    decision = Decision(
        decision_id=f"by-{by.person_id}",
        key=KEY,
        opened_in="execution-1",
        digest=sha256_hex(ACTION),
        verdict=Verdict.APPROVE,
        payload={},
        by=by,
        key_id=key_id(public_of(key)),
        signed_at=NOON,
        valid_until=NOON + timedelta(hours=1),
        audit_head="0" * 64,
    )
    decision = dataclasses.replace(decision, **changes)
    return dataclasses.replace(decision, signature=sign(key, signed_content(decision)))


def given(*decisions: Decision) -> list[Evidence]:
    return [Evidence(decision=one, action=ACTION) for one in decisions]


def doubted(evidence: list[Evidence], **changes: Any) -> str:  # noqa: ANN401
    with pytest.raises(Distrusted) as caught:
        check_evidence(REGISTRY, dataclasses.replace(DEMAND, **changes), evidence)
    return caught.value.code


def test_two_persons_approve_one_call() -> None:
    found = check_evidence(REGISTRY, DEMAND, given(signed(ANA), signed(BEN)))
    assert [record.person for record in found] == [ANA, BEN]
    here = dataclasses.replace(DEMAND, opened_in="execution-1")
    assert check_evidence(REGISTRY, here, given(signed(ANA), signed(BEN))) == found


def test_a_changed_call_a_changed_place_and_another_tool_are_not_what_was_approved() -> None:
    both = given(signed(ANA), signed(BEN))
    for changes in (
        {"arguments": {**ARGUMENTS, "amount": "4200.00"}},
        {"tool": "pay_more"},
        {"server": "temporal:other:namespace"},
        {"run_id": "run-2"},
        {"step": "other"},
        {"opened_in": "execution-2"},
    ):
        assert doubted(both, **changes) in {Doubt.OTHER_CONTENT, Doubt.OTHER_PLACE}


def test_an_action_that_fits_the_call_but_was_not_signed_does_not_count() -> None:
    more: dict[str, Json] = {**ARGUMENTS, "amount": "4200.00"}
    evidence = [Evidence(decision=signed(one), action={**ACTION, "arguments": more}) for one in (ANA, BEN)]
    assert doubted(evidence, arguments=more) == Doubt.OTHER_CONTENT


def test_an_edit_approves_what_was_entered_and_nothing_else() -> None:
    less: dict[str, Json] = {**ARGUMENTS, "amount": "1.00"}
    edited = given(signed(ANA, verdict=Verdict.EDIT, payload={"arguments": less}))
    assert len(check_evidence(REGISTRY, dataclasses.replace(DEMAND, arguments=less, approvals=1), edited)) == 1
    assert doubted(edited, approvals=1) == Doubt.OTHER_CONTENT


@pytest.mark.parametrize("verdict", [one for one in Verdict if one not in {Verdict.APPROVE, Verdict.EDIT}])
def test_only_approvals_approve(verdict: Verdict) -> None:
    assert doubted(given(signed(ANA, verdict=verdict)), approvals=1) == Doubt.OTHER_CONTENT


def test_a_person_counts_once_whatever_the_number_of_keys() -> None:
    second = enrol(REGISTRY, ROOT, MORNING, person=ANA, public=public_of(key_of(ANA, 1)))
    registry = admitted(REGISTRY, second)
    twice = given(signed(ANA), signed(ANA, key_of(ANA, 1), decision_id="again"))
    with pytest.raises(Distrusted) as caught:
        check_evidence(registry, DEMAND, twice)
    assert caught.value.code == Doubt.QUORUM


def test_whoever_asked_for_it_does_not_approve_it() -> None:
    assert doubted(given(signed(ANA), signed(BEN)), initiator="ana") == Doubt.DUTIES


def test_a_viewer_does_not_approve_and_cannot_claim_to_be_more() -> None:
    viewer = dataclasses.replace(IAN, role=Role.VIEWER)
    registry = with_people(REGISTRY, viewer)
    with pytest.raises(Distrusted) as caught:
        check_evidence(
            registry, dataclasses.replace(DEMAND, initiator=""), given(signed(dataclasses.replace(IAN, name="Boss")))
        )
    assert caught.value.code == Doubt.ROLE


def test_every_signed_part_is_covered_by_the_signature() -> None:
    decision = signed(ANA)
    other = dataclasses.replace(KEY, occurrence=2)
    changes: tuple[dict[str, Any], ...] = (
        {"digest": "0" * 64},
        {"verdict": Verdict.REJECT},
        {"payload": {"reason": "x"}},
        {"key": other},
        {"opened_in": "execution-2"},
        {"decision_id": "another"},
        {"signed_at": MORNING},
        {"valid_until": NOON + timedelta(days=1)},
        {"audit_head": "1" * 64},
        {"by": BEN},
    )
    for change in changes:
        with pytest.raises(Distrusted) as caught:
            signer_of(REGISTRY, dataclasses.replace(decision, **change))
        assert caught.value.code == Doubt.SIGNATURE


def test_a_key_nobody_enrolled_a_revoked_one_and_one_out_of_time_do_not_sign() -> None:
    ana = key_id(public_of(key_of(ANA)))
    revoked = admitted(REGISTRY, revoke(REGISTRY, key_of(BEN), NOON + timedelta(hours=2), named=ana))
    new = public_of(key_of(ANA, 1))
    rotated = admitted(REGISTRY, rotate(REGISTRY, key_of(ANA), NOON + timedelta(hours=2), replaces=ana, public=new))
    late = signed(ANA, signed_at=NOON + timedelta(hours=3))
    for registry, decision, code in (
        (REGISTRY, signed(IAN), Doubt.UNREGISTERED),
        (REGISTRY, signed(ANA, key_of(BEN)), Doubt.OTHER_PERSON),
        (revoked, signed(ANA), Doubt.REVOKED),
        (rotated, late, Doubt.EXPIRED_KEY),
        (rotated, signed(ANA, key_of(ANA, 1)), Doubt.EXPIRED_KEY),
    ):
        with pytest.raises(Distrusted) as caught:
            signer_of(registry, decision)
        assert caught.value.code == code
    assert signer_of(rotated, signed(ANA)).person == ANA


def test_a_decision_is_in_time_until_its_end() -> None:
    decision = signed(ANA)
    assert is_in_time(decision, NOON)
    assert not is_in_time(decision, decision.valid_until)
