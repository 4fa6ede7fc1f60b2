"""A Clearance decision checked inside anyone's own workflow step, right before it acts.

The step is handed what a person said, as JSON, and says itself what it is about to do; :func:`require` returns who
approved just that, or raises. Invariant: keys come from a registry that the step's owner exported (``clearance keys
export``) and whose root key they know, never from what was handed in. Import it alone: it needs ``cryptography`` and
``rfc8785``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.digest import semantic_action
from console.domain.escalation import Escalation
from console.domain.evidence import EVIDENCE_TAG
from console.domain.identity import Person
from console.verify.decisions import Demand, Evidence, check_evidence, is_in_time
from console.verify.enrolled import entry_of
from console.verify.reading import read
from console.verify.registry import Registry, read_registry
from console.verify.trust import Distrusted, Doubt

APPROVAL_TAG = "clearance-approval-v1"
MOST_APPROVALS = 20
MAX_LINE = 64 * 1024


def require(said: object, demand: Demand, registry: Registry, at: datetime) -> tuple[Person, ...]:
    """The persons who approved what is demanded, each once; at least as many as it asks for.

    ``said`` is ``{"tag": "clearance-approval-v1", "approvals": [{"decision": …, "action": …}, …]}``, the decision as
    Clearance sends it, the action what its digest is of. ``at`` is when the step acts. Raises :class:`Distrusted`.
    """
    evidence = _evidence(said)
    for one in evidence:
        if not is_in_time(one.decision, at):
            raise Distrusted("An approval was valid until a time that has passed.", code=Doubt.EXPIRED)
    return tuple(record.person for record in check_evidence(registry, demand, evidence))


def registry_of(export: str, root: bytes, server: str) -> Registry:
    """The registry in what ``clearance keys export`` wrote, checked from the root on. Raises :class:`Distrusted`."""
    entries = []
    for line in export.splitlines():
        if len(line) > MAX_LINE:
            raise Distrusted("A line of the export is too long.", code=Doubt.REGISTRY)
        try:
            value = json.loads(line)
            if "tag" in value:
                entries.append(entry_of(value))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise Distrusted("The export cannot be read.", code=Doubt.REGISTRY) from error
    return read_registry(root, server, entries)


def approval(*evidence: Evidence) -> dict[str, Json]:
    """What a step is handed, as JSON, for evidence at hand."""
    return {"tag": APPROVAL_TAG, "approvals": [_told(one) for one in evidence]}


def from_evidence(*packs: bytes) -> dict[str, Json]:
    """What a step is handed, made of the files that ``clearance evidence`` wrote: one for each person's decision.

    Nothing is checked here; :func:`require` does. Raises :class:`ValueError` for what is no such file.
    """
    return {"tag": APPROVAL_TAG, "approvals": [_unpacked(raw) for raw in packs]}


def _unpacked(raw: bytes) -> dict[str, Json]:
    try:
        pack = json.loads(raw)
        if pack["tag"] != EVIDENCE_TAG:
            raise ValueError("it has another tag")
        shown = read(Escalation, json.loads(pack["shown"]))
        return {"decision": pack["decision"], "action": semantic_action(shown)}
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"this is no evidence with what was shown: {error}") from error


def _evidence(said: object) -> list[Evidence]:
    try:
        given = _approvals(said)
        return [Evidence(decision=read(Decision, one["decision"]), action=dict(one["action"])) for one in given]
    except (ValueError, TypeError, KeyError) as error:
        raise Distrusted(f"This is no approval of Clearance’s: {str(error)[:200]}", code=Doubt.OTHER_CONTENT) from error


def _approvals(said: object) -> list[Any]:
    if not isinstance(said, Mapping) or said.get("tag") != APPROVAL_TAG:
        raise ValueError(f"it does not begin with {APPROVAL_TAG}")
    given = said["approvals"]
    if not isinstance(given, list) or len(given) > MOST_APPROVALS:
        raise ValueError(f"there are no approvals, or more than {MOST_APPROVALS}")
    return given


def _told(evidence: Evidence) -> dict[str, Json]:
    decision = evidence.decision
    told = asdict(decision)
    told["signed_at"], told["valid_until"] = decision.signed_at.isoformat(), decision.valid_until.isoformat()
    return {"decision": told, "action": evidence.action}
