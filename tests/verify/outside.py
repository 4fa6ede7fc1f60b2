"""What other people's workflows meet of Clearance: the exported keys, and what a console says to a wait of theirs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.digest import escalation_digest, semantic_action
from console.domain.escalation import Escalation, EscalationKey, Kind, Proposal, Verdict, Waiting
from console.domain.identity import Person
from console.domain.registry import RegistryEntry, entry_content
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.verify.decisions import Evidence
from console.verify.entries import enrol, open_log, revoke
from console.verify.registry import Registry, admitted
from console.verify.signatures import key_id
from console.verify.steps import approval
from tests.signing import signed
from tests.verify.people import ROOT, key_of, public_of

TOWER = "temporal:tower:namespace"
EARLIER = datetime.now(UTC) - timedelta(days=1)


class Keys:
    """A registry as its owner has it, and the file that is exported of it."""

    def __init__(self, path: Path, people: Sequence[Person]) -> None:
        self.path = path
        self._log: list[RegistryEntry] = []
        self._registry = Registry(root=public_of(ROOT), server=TOWER)
        self._add(open_log(self._registry, ROOT, EARLIER, is_demo=False))
        for person in people:
            self._add(enrol(self._registry, ROOT, EARLIER, person=person, public=public_of(key_of(person))))
        self.export()

    def enrol(self, person: Person, key: Ed25519PrivateKey) -> None:
        """Let a person sign with one more key."""
        self._add(enrol(self._registry, ROOT, EARLIER, person=person, public=public_of(key)))
        self.export()

    def revoke(self, person: Person) -> None:
        """End a person's first key, now."""
        named = key_id(public_of(key_of(person)))
        self._add(revoke(self._registry, ROOT, datetime.now(UTC), named=named))
        self.export()

    def export(self) -> None:
        """Write what `clearance keys export` writes."""
        lines = [json.dumps({**entry_content(entry), "signature": entry.signature}) for entry in self._log]
        self.path.write_text("\n".join(lines), "utf-8")

    def _add(self, entry: RegistryEntry) -> None:
        self._registry = admitted(self._registry, entry)
        self._log.append(entry)


def shown(place: RunRef, opened_in: str, tool: str, arguments: dict[str, Json], *, step: str = "pay") -> Escalation:
    """A wait as a console shows it."""
    row = Waiting(
        key=EscalationKey(place, step, 1),
        kind=Kind.CHECKPOINT,
        title="A refund",
        workflow="refunds",
        agent="clerk",
        risk=Risk.HIGH,
        opened_at=EARLIER,
    )
    return Escalation(
        row=row,
        opened_in=opened_in,
        step=step,
        owner="Payments",
        verdicts=(Verdict.APPROVE, Verdict.REJECT),
        proposal=Proposal(tool=tool, arguments=arguments, resource="order", summary="Refund it"),
    )


def answer(
    wait: Escalation,
    *people: Person,
    key: Ed25519PrivateKey | None = None,
    verdict: Verdict = Verdict.APPROVE,
    lasts: timedelta = timedelta(minutes=10),
) -> dict[str, Any]:
    """What is handed to the step when these persons have decided on what was shown; ``key`` signs for all of them."""
    told: dict[str, Any] = json.loads(json.dumps(approval(*(_given(wait, one, key, verdict, lasts) for one in people))))
    return told


def _given(wait: Escalation, by: Person, key: Ed25519PrivateKey | None, verdict: Verdict, lasts: timedelta) -> Evidence:
    at = datetime.now(UTC) - timedelta(seconds=5)
    decision = Decision(
        decision_id=f"by-{by.person_id}-{at.timestamp()}",
        key=wait.key,
        opened_in=wait.opened_in,
        digest=escalation_digest(wait),
        verdict=verdict,
        payload={},
        by=by,
        key_id="",
        signed_at=at,
        valid_until=at + lasts,
        audit_head="0" * 64,
    )
    return Evidence(decision=signed(decision, key), action=dict(semantic_action(wait)))
