"""Checking the evidence of one decision, offline: each thing that has to hold, by itself and in words.

Invariant: nothing in the file is taken on its word. The digest is computed from what was shown, the signature checked
over the decision as it stands, the receipt compared field by field, and the audit followed from the decision to a
signed head. Whatever is in the file ends as findings; that the key is the right one only the caller can say, by naming
it, or the root of the key registry that says whose it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from console.domain.canonical import canonical, sha256_hex
from console.domain.chain import DECIDED_KIND, link
from console.domain.decision import Decision, instant, signed_content
from console.domain.digest import escalation_digest
from console.domain.escalation import Escalation
from console.domain.evidence import EVIDENCE_TAG
from console.domain.receipt import Receipt, mismatches
from console.verify.chain import ChainFollower
from console.verify.decisions import EXECUTING
from console.verify.enrolled import Enrolled, enrolled
from console.verify.linked_file import trusts
from console.verify.reading import read
from console.verify.signatures import decoded, fingerprint, is_signed, key_id
from console.verify.trust import Distrusted

MAX_KEYS = 1_000
MOST_OTHERS = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: whether it holds, and what was found, in words.

    ``is_doubt``: nothing in the file is wrong there, but nobody vouches for the key.
    """

    holds: bool
    words: str
    is_doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the evidence proves. ``signer`` is the fingerprint of the decision's key, ``is_trusted`` if it was named."""

    findings: tuple[Finding, ...] = ()
    signer: str = ""
    is_trusted: bool = False
    is_readable: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether everything holds."""
        return self.is_readable and all(finding.holds for finding in self.findings)


@dataclass(frozen=True, slots=True)
class _Pack:
    decision: Decision
    receipt: Receipt | None
    keys: Mapping[str, bytes]
    enrolled: Enrolled
    raw: Mapping[str, Any]


def verify_evidence(raw: bytes, trusted: Collection[str] = ()) -> Proof:
    """Check a pack. ``trusted`` names keys as :func:`console.verify.linked_file.trusts` has it."""
    try:
        pack = _opened(raw, trusted)
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError, Distrusted) as error:
        words = f"This is no evidence of a decision, or was made unreadable: {str(error)[:200]}"
        return Proof(findings=(Finding(holds=False, words=words),), is_readable=False)
    public = pack.keys.get(pack.decision.key_id)
    findings = [_shown(pack), _signature(pack, public), *_receipt(pack), *_approvals(pack), *_audit(pack, trusted)]
    signer = fingerprint(public) if public is not None else ""
    standing = _standing(pack, public, trusted)
    findings += standing
    is_trusted = public is not None and bool(trusted) and all(finding.holds for finding in standing)
    return Proof(findings=tuple(findings), signer=signer, is_trusted=is_trusted)


def _standing(pack: _Pack, public: bytes | None, trusted: Collection[str]) -> list[Finding]:
    """Whether the decision's key is its person's, by the registry or because the caller named it."""
    decision = pack.decision
    if pack.enrolled.is_named:
        holds, words = pack.enrolled.standing(decision.key_id, decision.by, decision.signed_at)
        return [Finding(holds=holds, words=words)]
    if not trusted or (public is not None and trusts(trusted, public)):
        return []
    words = f"The decision is signed by the key {decision.key_id}, which is none of those you trust."
    return [Finding(holds=False, words=f"{words}{_hint(pack, decision.key_id)}", is_doubt=True)]


def _hint(pack: _Pack, named: str) -> str:
    """Which keys to name, where the file itself says whose that is."""
    person = pack.decision.by
    if pack.enrolled.told(named, person.person_id) is None:
        return f" If {person.name} tells you that it is theirs, name it as well: --key {named}"
    whose = f"By the key registry in the file it is one of {person.name}’s."
    return (
        f" {whose} To go by that, name the root key of the registry, if it is the one you know: {pack.enrolled.root_id}"
    )


def _opened(raw: bytes, trusted: Collection[str]) -> _Pack:
    value = json.loads(raw)
    if value["tag"] != EVIDENCE_TAG:
        raise ValueError("it has another tag")
    # Whatever could not be signed or hashed is not evidence: numbers beyond JSON, text beyond Unicode.
    canonical(value)
    is_text = isinstance(value["chain"], str) and isinstance(value["shown"], str | None)
    if not is_text or not isinstance(value["parts"], list):
        raise ValueError("its parts are of the wrong kind")
    decision = read(Decision, value["decision"])
    receipt = read(Receipt, value["receipt"]) if value["receipt"] is not None else None
    keys = {str(named): decoded(text) for named, text in list(value["keys"].items())[:MAX_KEYS]}
    if any(key_id(public) != named for named, public in keys.items()):
        raise ValueError("a key is named otherwise than it is")
    registry = enrolled(value.get("registry", []), decision.key.run.server, trusted)
    return _Pack(decision, receipt, keys, registry, value)


def _shown(pack: _Pack) -> Finding:
    shown = pack.raw["shown"]
    if shown is None:
        return Finding(holds=False, words="What was shown is not kept any more; the digest stands alone.")
    try:
        escalation = read(Escalation, json.loads(shown))
        digest = escalation_digest(escalation)
    except (ValueError, RecursionError, TypeError) as error:
        return Finding(holds=False, words=f"What was shown cannot be read: {str(error)[:200]}")
    if digest != pack.decision.digest or escalation.key != pack.decision.key:
        return Finding(holds=False, words="What is said to have been shown is not what was signed.")
    return Finding(holds=True, words=f"Shown was “{escalation.row.title}”, with the digest {digest}.")


def _signature(pack: _Pack, public: bytes | None) -> Finding:
    decision = pack.decision
    if public is None:
        return Finding(holds=False, words=f"The key {decision.key_id} is not in the evidence.")
    try:
        is_sound = is_signed(public, signed_content(decision), decision.signature)
    except ValueError:
        is_sound = False
    if not is_sound:
        return Finding(holds=False, words="The signature does not fit the decision and its key.")
    when = instant(decision.signed_at)
    return Finding(holds=True, words=f"{decision.by.person_id} signed “{decision.verdict}” at {when}.")


def _receipt(pack: _Pack) -> Iterator[Finding]:
    if pack.receipt is None:
        yield Finding(holds=True, words="There is no receipt: nothing is proven of what became of it.")
        return
    if differing := mismatches(pack.decision, pack.receipt):
        yield Finding(holds=False, words=f"The receipt is not of this decision; it differs in {', '.join(differing)}.")
        return
    effect = pack.receipt.effect
    done = f", under the effect {effect.effect_id} of {effect.tool}" if effect is not None else ""
    yield Finding(holds=True, words=f"The receipt echoes it: {pack.receipt.outcome}{done}.")


def _approvals(pack: _Pack) -> Iterator[Finding]:
    """Where several persons had to approve: how many did by the receipt, and whose evidence proves the others."""
    try:
        escalation = read(Escalation, json.loads(pack.raw["shown"]))
    except (ValueError, RecursionError, TypeError):
        return
    receipt, decision = pack.receipt, pack.decision
    required = max(escalation.row.required_approvals, receipt.required_approvals if receipt is not None else 1)
    if required <= 1 or decision.verdict not in EXECUTING:
        return
    given = f"the receipt counts {receipt.approvals} of {required}" if receipt is not None else "nothing counts them"
    others = [each for each in escalation.approvals if each.by.person_id != decision.by.person_id]
    named = ", ".join(f"{each.by.name} (decision {each.decision_id})" for each in others[:MOST_OTHERS])
    before = f" Approved before: {named}; the evidence of that proves it." if named else ""
    is_alone = receipt is None or receipt.approvals > 1 + len(others)
    after = " Whoever approved after this was signed has evidence of their own decision." if is_alone else ""
    words = f"It needs {required} approvals; {given}. This file proves one of them, that of {decision.by.name}."
    yield Finding(holds=True, words=words + before + after)


def _audit(pack: _Pack, trusted: Collection[str]) -> Iterator[Finding]:
    """The chain from the decision to a signed head, and the receipt in it."""
    lines: list[dict[str, Any]] = []
    heads: list[int] = []
    for part in pack.raw["parts"]:
        if fault := _follow(pack, part, lines, heads):
            yield Finding(holds=False, words=fault)
            return
        if doubt := _untrusted_head(pack, lines, trusted):
            yield Finding(holds=False, words=doubt, is_doubt=True)
            return
    decided = [content for kind, content in _told(lines) if kind == DECIDED_KIND and _is_it(pack, content)]
    if len(decided) != 1:
        yield Finding(holds=False, words="The decision is not in the part of the audit that is here.")
        return
    shown, recorded = pack.raw["shown"], decided[0].get("shown")
    # Decisions from before what was shown was recorded have their digest alone.
    if None not in (shown, recorded) and hashlib.sha256(str(shown).encode()).hexdigest() != recorded:
        words = "What is shown here is not, to the letter, what was recorded with the decision."
        yield Finding(holds=False, words=words)
        return
    yield Finding(holds=True, words=f"The audit has it, up to the head signed at entry {heads[-1]}.")
    known = [content["receipt"].get("sha256") for _, content in _told(lines) if _is_about(pack, content)]
    if pack.receipt is None and known:
        yield Finding(holds=False, words="The audit recorded a receipt that is not here.")
    elif pack.receipt is not None:
        holds = sha256_hex(pack.raw["receipt"]) in known
        words = "The audit has the receipt." if holds else "The receipt is not the one that the audit recorded."
        yield Finding(holds=holds, words=words)


def _follow(pack: _Pack, part: Mapping[str, Any], lines: list[dict[str, Any]], heads: list[int]) -> str:
    try:
        first, prev, raw = int(part["first"]), str(part["prev"]), [str(line).encode() for line in part["lines"]]
        follower = ChainFollower(pack.keys, chain=str(pack.raw["chain"]), number=first - 1, prev=prev)
        for number, line in enumerate(raw, first):
            if fault := follower.take(number, line, link(follower.prev, line)):
                return fault
            lines.append(json.loads(line))
    except (ValueError, TypeError, KeyError, RecursionError):
        return "The part of the audit cannot be read."
    if not raw or follower.last_head != follower.number or follower.unknown:
        return "The part of the audit does not end with a signed head."
    heads.append(follower.number)
    return ""


def _untrusted_head(pack: _Pack, lines: list[dict[str, Any]], trusted: Collection[str]) -> str:
    """Why nobody vouches for the desk's word that the decision was recorded; nothing where somebody does."""
    named, decision = str(lines[-1]["content"]["key_id"]), pack.decision
    is_vouched_for = pack.enrolled.proves(named, decision.by.person_id) or trusts(trusted, pack.keys.get(named, b""))
    if not trusted or is_vouched_for:
        return ""
    words = f"The audit of the desk is signed by the key {named[:16]}, which is none of those you trust."
    if named == decision.key_id:
        return words
    other = f" It is another key than {decision.key_id}, which {decision.by.name} signed the decision itself with."
    return f"{words}{other}{_hint(pack, named[:16])}"


def _told(lines: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in lines:
        content = line.get("content")
        if isinstance(content, dict):
            yield str(line.get("kind")), content


def _is_about(pack: _Pack, content: Mapping[str, Any]) -> bool:
    return content.get("decision_id") == pack.decision.decision_id and isinstance(content.get("receipt"), dict)


def _is_it(pack: _Pack, content: Mapping[str, Any]) -> bool:
    signed = {**signed_content(pack.decision), "signature": pack.decision.signature}
    return all(content.get(name) == value for name, value in signed.items())
