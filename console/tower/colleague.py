"""The demo's colleague: somebody else who is quicker, so that a person sees what becomes of their own decision then.

Invariant: the colleague has a key of their own, enrolled by the root key of a tower that runs sample work, and hands
items on to another agent; nothing is approved, and nothing passes by the checks that every decision meets. Fails with
:class:`ConnectionError` where the tower does not answer, and as the tower refuses.
"""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import TypeAdapter
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from console.domain.chain import START
from console.domain.decision import Decision, signed_content
from console.domain.digest import escalation_digest
from console.domain.escalation import Escalation, EscalationKey, Target, TargetKind, Verdict
from console.domain.identity import Person, Role
from console.domain.receipt import Receipt
from console.tower import wire
from console.tower.enrolment import enrol_by_root
from console.verify.signatures import key_id, sign

COLLEAGUE = Person("demo-colleague", "Robin (demo)", Role.SUPERVISOR)
ACCOUNT = "demo"
REASON = "This customer belongs to the senior team."
SOON = timedelta(minutes=5)
_ESCALATION = TypeAdapter(Escalation)


class Colleague:
    """Works on the tower at an address; ``root`` is that tower's root key."""

    def __init__(self, address: str, namespace: str, root: Ed25519PrivateKey) -> None:
        self._address = address
        self._namespace = namespace
        self._root = root
        self._key = Ed25519PrivateKey.generate()

    async def enrol(self) -> None:
        """See that the colleague may decide; once is enough."""
        public = self._key.public_key().public_bytes_raw()
        await enrol_by_root(self._address, self._namespace, self._root, COLLEAGUE, public, ACCOUNT)

    async def hand_on(self, key: EscalationKey) -> bool:
        """Reroute what waits to another agent; ``False`` where it does not wait any more, or can go nowhere."""
        try:
            client = await Client.connect(
                self._address, namespace=self._namespace, data_converter=pydantic_data_converter
            )
            handle = client.get_workflow_handle(key.run.run_id)
            reply: wire.EscalationsReply = await handle.query(wire.QUERY_ESCALATIONS, result_type=wire.EscalationsReply)
            found = [one for one in map(_ESCALATION.validate_python, reply.items) if one.key == key]
            agents = [to for one in found for to in one.targets if to.kind is TargetKind.AGENT]
            if not agents:
                return False
            said = self._rerouting(found[0], agents[0])
            await handle.execute_update(
                wire.UPDATE_DECIDE, wire.DecideRequest(decision=said), id=said.decision_id, result_type=Receipt
            )
        except WorkflowUpdateFailedError:
            return False
        except (RPCError, RuntimeError) as error:
            raise ConnectionError(f"The demo does not answer: {error}") from error
        return True

    def _rerouting(self, shown: Escalation, to: Target) -> Decision:
        now = datetime.now(UTC)
        # What is signed has whole milliseconds.
        at = now.replace(microsecond=now.microsecond // 1_000 * 1_000)
        made = Decision(
            decision_id=f"demo-{uuid.uuid4().hex}",
            key=shown.key,
            opened_in=shown.opened_in,
            digest=escalation_digest(shown),
            verdict=Verdict.REROUTE,
            payload={"to": {"kind": str(to.kind), "id": to.target_id}, "reason": REASON},
            by=COLLEAGUE,
            key_id=key_id(self._key.public_key().public_bytes_raw()),
            signed_at=at,
            valid_until=at + SOON,
            audit_head=START,
        )
        return dataclasses.replace(made, signature=sign(self._key, signed_content(made)))
