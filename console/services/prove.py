"""The evidence of one decision: what was shown, the decision, its receipt, and the audit from it to a signed head.

Invariant: only what the store holds goes in, as it holds it, and the log of keys that says whose key signed; the head
is signed first, so that there is always one behind the last line. Nothing here judges: whoever gets the evidence does
(:mod:`console.verify.evidence`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from console.domain import evidence
from console.domain.chain import START
from console.domain.errors import Denied, RefusalCode, Refused, Uncertain, Unreachable
from console.infra.keys import SigningKey
from console.services.means import Means
from console.services.registrar import Registrar
from console.services.vouch import Voucher
from console.verify.enrolled import entry_json
from console.verify.signatures import encoded


class Prover:
    """Gathers evidence from one desk's store."""

    def __init__(
        self, means: Means, voucher: Voucher, key: Callable[[], Awaitable[SigningKey]], registrar: Registrar
    ) -> None:
        self._means = means
        self._registrar = registrar
        self._voucher = voucher
        self._key = key

    async def evidence(self, decision_id: str) -> dict[str, Any]:
        """The pack, ready to be written as JSON. Raises ``Refused`` where this desk knows no such decision."""
        store = self._means.store
        kept = store.outbox.as_json(decision_id)
        if kept is None:
            raise Refused(
                "This desk has no such decision, or its content was removed when its retention was over.",
                code=RefusalCode.UNKNOWN,
                next_action="The audit still has its lines: export that.",
            )
        key = await self._key()
        await self._voucher.sign("evidence")
        shown = store.outbox.shown(decision_id)
        return evidence.pack(
            shown=shown.decode(errors="replace") if shown is not None else None,
            decision=kept[0],
            receipt=kept[1],
            chain=store.audit.chain(),
            keys={**store.audit.keys(), key.key_id: encoded(key.public)},
            parts=self._parts(decision_id),
            registry=await self._registry(decision_id),
        )

    async def _registry(self, decision_id: str) -> list[dict[str, Any]]:
        """The log of keys at the decision's connection; nothing where none is checked, or it does not answer now."""
        stored = self._means.store.outbox.find(decision_id)
        if stored is not None:
            with contextlib.suppress(Unreachable, Uncertain, Denied, Refused):
                return [entry_json(entry) for entry in (await self._registrar.read(stored.connection_id)).entries]
        return []

    def _parts(self, decision_id: str) -> list[dict[str, Any]]:
        """Stretches of the chain: each from a line about the decision that is in none yet to the next signed head."""
        audit = self._means.store.audit
        parts: list[dict[str, Any]] = []
        until = 0
        for number in audit.about(decision_id):
            if number <= until:
                continue
            until = next(iter(audit.heads(number)), audit.count())
            entries = audit.entries(max(0, number - 2), until - max(0, number - 2))
            prev = entries[0].hash if number > 1 else START
            lines = [entry.line for entry in entries if entry.number >= number]
            parts.append(evidence.part(number, prev, lines))
        return parts
