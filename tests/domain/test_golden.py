"""Golden vectors: what was signed once has to mean the same for ever, here, in the tower and in ``verify``.

``golden.json`` was computed apart from this code, from the rules as they are written down. Never change a value in it
to make a test pass: another value means another tag.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.canonical import canonical
from console.domain.decision import payload_hash, signed_content
from console.domain.digest import escalation_digest, semantic_action
from console.infra.keys import SigningKey, is_signed
from tests.domain.samples import CHECKPOINT, DECISION, KEY, QUESTION

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))
SIGNED = GOLDEN["decision"]
GOLDEN_DECISION = dataclasses.replace(DECISION, digest=GOLDEN["checkpoint"]["digest"], key_id=SIGNED["key_id"])


def test_the_name_of_an_item() -> None:
    assert KEY.item_id == GOLDEN["item_id"]


def test_the_digest_of_a_proposal() -> None:
    assert canonical(semantic_action(CHECKPOINT)).decode() == GOLDEN["checkpoint"]["canonical"]
    assert escalation_digest(CHECKPOINT) == GOLDEN["checkpoint"]["digest"]


def test_the_digest_of_a_question() -> None:
    assert canonical(semantic_action(QUESTION)).decode() == GOLDEN["question"]["canonical"]
    assert escalation_digest(QUESTION) == GOLDEN["question"]["digest"]


def test_the_hash_of_a_payload() -> None:
    assert canonical(DECISION.payload).decode() == GOLDEN["payload"]["canonical"]
    assert payload_hash(DECISION.payload) == GOLDEN["payload"]["hash"]


def test_what_is_signed_of_a_decision() -> None:
    assert canonical(signed_content(GOLDEN_DECISION)).decode() == SIGNED["canonical"]


def test_the_signature_of_a_decision_by_the_desks_own_key() -> None:
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SIGNED["seed"])), is_kept=False)
    assert base64.b64encode(key.public).decode() == SIGNED["public_key"]
    assert key.key_id == SIGNED["key_id"]
    assert key.sign(signed_content(GOLDEN_DECISION)) == SIGNED["signature"]


def test_the_signature_fits_no_other_decision() -> None:
    public = base64.b64decode(SIGNED["public_key"])
    other = dataclasses.replace(GOLDEN_DECISION, payload={"reason": "as agreed"})
    assert is_signed(public, signed_content(GOLDEN_DECISION), SIGNED["signature"])
    assert not is_signed(public, signed_content(other), SIGNED["signature"])
