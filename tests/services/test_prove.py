"""The evidence of a decision as a desk makes it, and every way to change it that a third party has to find."""

from __future__ import annotations

import base64
import copy
import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.decision import DecisionState, signed_content
from console.domain.digest import escalation_digest
from console.domain.errors import Refused
from console.domain.escalation import Escalation, Verdict
from console.engines.fake.record import Opening
from console.engines.fake.server import COLLEAGUE
from console.infra.keys import SECRET_NAME, SigningKey
from console.store.columns import DECISION, ESCALATION
from console.verify.evidence import Proof, verify_evidence
from console.verify.reading import read
from console.verify.signatures import encoded, fingerprint, key_id
from tests.domain import samples
from tests.keyed import KeyedEngine, KeyLog
from tests.services.office import GATE, PAT, REFUND, Office, in_loop
from tests.verify.people import ROOT, key_of, public_of

S = DecisionState
Pack = dict[str, Any]


async def proven(office: Office) -> Pack:
    """The evidence of one of two approvals that were carried out."""
    key, other = office.server.open_many(2, lambda _: GATE)
    desk = await office.open_with_ledger()
    decision_id = await office.decide(desk, key)
    await office.reaches(desk, decision_id, S.CARRIED_OUT)
    await office.decide(desk, other, Verdict.REJECT, is_hold=True)
    pack = await desk.desk.evidence(decision_id)
    with pytest.raises(Refused):
        await desk.desk.evidence("nothing")
    await desk.desk.stop()
    return pack


def checked(pack: Pack, *trusted: str) -> Proof:
    return verify_evidence(json.dumps(pack).encode(), trusted)


@in_loop
async def test_the_evidence_proves_what_was_shown_signed_done_and_recorded(office: Office) -> None:
    pack = await proven(office)
    proof = checked(pack)
    assert [finding.words for finding in proof.findings if not finding.holds] == []
    words = " ".join(finding.words for finding in proof.findings)
    for told in (GATE.title, "pat signed “approve”", "The receipt echoes it: carried out, under the effect"):
        assert told in words
    assert proof.signer == fingerprint(office.public_key())
    assert not proof.is_trusted
    assert checked(pack, proof.signer).is_trusted
    assert not checked(pack, "0" * 64).is_whole


def _shown(pack: Pack) -> None:
    pack["shown"] = pack["shown"].replace("4711", "4712")


def _wording(pack: Pack) -> None:
    """Not part of the digest; the audit still knows it."""
    pack["shown"] = pack["shown"].replace("Refund €240", "Refund nothing")


def _nothing_shown(pack: Pack) -> None:
    pack["shown"] = None


def _verdict(pack: Pack) -> None:
    pack["decision"]["verdict"] = "reject"


def _payload(pack: Pack) -> None:
    pack["decision"]["payload"]["reason"] = "never said"


def _person(pack: Pack) -> None:
    pack["decision"]["by"]["person_id"] = "eve"


def _outcome(pack: Pack) -> None:
    pack["receipt"]["outcome"] = "failed after approval"


def _effect(pack: Pack) -> None:
    pack["receipt"]["effect"]["effect_id"] = "another"


def _other_receipt(pack: Pack) -> None:
    pack["receipt"]["digest"] = "0" * 64


def _no_line(pack: Pack) -> None:
    pack["parts"] = []


def _changed_line(pack: Pack) -> None:
    lines = pack["parts"][0]["lines"]
    lines[1] = lines[1].replace("sending", "expired")


def _removed_line(pack: Pack) -> None:
    del pack["parts"][0]["lines"][1]


def _no_head(pack: Pack) -> None:
    for part in pack["parts"]:
        del part["lines"][-1]


def _other_key(pack: Pack) -> None:
    """Another key under the name of the right one."""
    other = encoded(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    pack["keys"] = dict.fromkeys(pack["keys"], other)


@in_loop
async def test_a_registry_proves_the_keys_only_to_whoever_names_its_root(office: Office) -> None:
    """The decision and the audit around it are signed with two keys of one person."""
    log = KeyLog(office.server)
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger(make=lambda _config, _secrets: KeyedEngine(office.server, log))
    first = log.enrol(PAT, office.public_key())
    decision_id = await office.decide(desk, key)
    await office.reaches(desk, decision_id, S.CARRIED_OUT)
    office.kill(desk)
    office.ring.kept[SECRET_NAME] = base64.b64encode(key_of(PAT, 2).private_bytes_raw()).decode("ascii")
    desk = await office.open_with_ledger(make=lambda _config, _secrets: KeyedEngine(office.server, log))
    unenrolled = await desk.desk.evidence(decision_id)
    second = log.enrol(PAT, public_of(key_of(PAT, 2)))
    pack = await desk.desk.evidence(decision_id)
    root = fingerprint(public_of(ROOT))
    assert [len(each["registry"]) for each in (unenrolled, pack)] == [2, 3]

    by_key = checked(pack, first)
    (doubt,) = [finding for finding in by_key.findings if not finding.holds]
    assert (doubt.is_doubt, by_key.is_whole) == (True, False)
    for told in (f"signed by the key {second}", f"another key than {first}", "one of Pat’s", root[:16]):
        assert told in doubt.words
    for named in ((root,), (encoded(public_of(ROOT)),), (first, second)):
        assert checked(pack, *named).is_whole
        assert checked(pack, *named).is_trusted
    (doubt,) = [finding for finding in checked(unenrolled, first).findings if not finding.holds]
    assert f"--key {second}" in doubt.words
    assert not checked(unenrolled, root).is_whole

    assert not checked({**pack, "registry": pack["registry"][:-1]}, root).is_whole
    other = copy.deepcopy(pack)
    other["registry"][1]["person"]["name"] = "Eve"
    assert not checked(other, root).is_whole
    log.revoke(first, "left")
    proof = checked(await desk.desk.evidence(decision_id), root)
    assert proof.is_whole
    assert any("until" in finding.words for finding in proof.findings)
    await desk.desk.stop()


@in_loop
async def test_evidence_of_one_of_two_says_how_many_there_are_and_whose_evidence_is_missing(office: Office) -> None:
    opening = Opening(proposal=REFUND, required_approvals=2)
    key = office.server.open(office.server.start_run(), opening)
    desk = await office.open_with_ledger()
    first = await office.decide(desk, key)
    await office.reaches(desk, first, S.HALF_GRANTED)

    async def words(decision_id: str) -> str:
        proof = checked(await desk.desk.evidence(decision_id))
        assert proof.is_whole
        return " ".join(finding.words for finding in proof.findings)

    half = await words(first)
    assert "It needs 2 approvals; the receipt counts 1 of 2. This file proves one of them, that of Pat." in half
    await desk.desk.stop()
    desk = await office.open_with_ledger(person=COLLEAGUE)
    second = await office.decide(desk, key)
    await office.reaches(desk, second, S.CARRIED_OUT)
    both = await words(second)
    assert "the receipt counts 2 of 2. This file proves one of them, that of Ada Colleague." in both
    assert f"Approved before: Pat (decision {first})" in both
    assert "Whoever approved after" not in both


CHANGES: list[Callable[[Pack], None]] = [
    _shown, _wording, _nothing_shown, _verdict, _payload, _person, _outcome, _effect, _other_receipt,
    _no_line, _changed_line, _removed_line, _no_head, _other_key,
]  # fmt: skip


@in_loop
async def test_every_change_is_found(office: Office) -> None:
    pack = await proven(office)
    for change in CHANGES:
        changed = copy.deepcopy(pack)
        change(changed)
        assert changed != pack, change.__name__
        assert not checked(changed).is_whole, change.__name__


@in_loop
async def test_a_decision_signed_anew_by_another_is_found_by_who_named_the_key(office: Office) -> None:
    """All of the file made up with a key of one's own, around the real decision's content."""
    pack = await proven(office)
    real = fingerprint(office.public_key())
    forger = SigningKey(Ed25519PrivateKey.generate(), is_kept=False)
    decision = DECISION.validate_python(pack["decision"])
    forged = dataclasses.replace(decision, key_id=forger.key_id, verdict=Verdict.REJECT)
    forged = dataclasses.replace(forged, signature=forger.sign(signed_content(forged)))
    pack["decision"] = DECISION.dump_python(forged, mode="json")
    pack["keys"][forger.key_id] = encoded(forger.public)
    assert not checked(pack, real).is_whole
    assert key_id(forger.public) == forger.key_id


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"{" * 100_000,
        b"[" * 100_000,
        b'{"tag":"clearance-evidence-v1"}',
        b'{"tag":"clearance-evidence-v1","decision":{},"receipt":null,"keys":{},"parts":[],"shown":null,"chain":""}',
        b'{"tag":"clearance-evidence-v1","decision":5,"receipt":5,"keys":5,"parts":5,"shown":5,"chain":5}',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_evidence_ends_as_a_result(raw: bytes) -> None:
    proof = verify_evidence(raw)
    assert not proof.is_readable
    assert not proof.is_whole


@in_loop
async def test_hostile_fields_end_as_findings(office: Office) -> None:
    pack = await proven(office)
    odd: list[Any] = [None, 5, -1, True, [], {}, "", "\ud800", [[[]]], {"first": 1}, "9" * 5_000, [{"lines": 1}], 1e400]
    for name in pack:
        for value in odd:
            if value != pack[name]:
                assert not checked({**pack, name: value}).is_whole, (name, value)
    for name in pack["decision"]:
        for value in odd:
            changed = copy.deepcopy(pack)
            changed["decision"][name] = value
            assert changed == pack or not checked(changed).is_whole, (name, value)
    for name in pack["parts"][0]:
        for value in odd:
            changed = copy.deepcopy(pack)
            changed["parts"][0][name] = value
            assert changed == pack or not checked(changed).is_whole, (name, value)


@pytest.mark.parametrize("item", [samples.CHECKPOINT, samples.QUESTION])
def test_reading_gives_back_what_was_written(item: Escalation) -> None:
    raw = json.loads(ESCALATION.dump_json(item))
    assert read(Escalation, raw) == item
    assert escalation_digest(read(Escalation, raw)) == escalation_digest(item)
    for name in raw["row"]:
        with pytest.raises(ValueError, match=r".+"):
            read(Escalation, {**raw, "row": {**raw["row"], name: object}})
