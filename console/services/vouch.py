"""Vouching for the audit: its head is signed at the start, every so many lines or minutes, on exports, and at the end.

Invariant: while the desk is open, no line stays without a signed head behind it for longer than :data:`LONGEST` and
what it takes to look. The place of the last head is kept with the secrets, outside of the store: a log that was cut off
or written anew is found at the next start, and stays found, since what does not fit is never put in its place.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable

from console.domain.canonical import Json
from console.domain.identity import Person
from console.infra.keys import SigningKey
from console.infra.secrets import Secrets
from console.services.means import Means
from console.services.views import AuditChecked
from console.store.records import AuditCheck, Signed

KEPT_AS = "audit-head"
LOOK_EVERY = 30.0
MOST_UNSIGNED = 100
LONGEST = 600.0
BROKEN_KIND = "audit is broken"
REPLACED_KIND = "audit begun anew"


class Voucher:
    """Signs for one desk with its person's key."""

    def __init__(
        self, means: Means, secrets: Secrets, key: Callable[[], Awaitable[SigningKey]], person: Person
    ) -> None:
        self._means = means
        self._secrets = secrets
        self._key = key
        self._person = person
        self._signed_at = means.clock.monotonic()
        self._signed_by = ""
        self.found: AuditCheck | None = None
        self._is_checked = False
        self._is_broken = False

    async def check(self) -> AuditCheck:
        """Verify the chain, tell everybody what was found, and say it."""
        signed = await self._kept()
        if signed is not None and signed.chain != self._means.store.audit.chain():
            signed = None
        check = AuditCheck(0)
        for found in self._means.store.audit.verify(signed=signed):
            check = found
            # Other work of the loop goes on between slices.
            await asyncio.sleep(0)
        if not check.is_whole:
            self._means.log.warning("audit is broken", at=check.broken_at, fault=check.fault)
        self.found = check
        self._is_checked, self._is_broken = True, not check.is_whole
        self._means.events.publish(AuditChecked(check.fault))
        return check

    async def run(self) -> None:
        """Check, sign, and go on signing until cancelled."""
        await self._note_another()
        check = await self.check()
        if not check.is_whole:
            self._note(BROKEN_KIND, {"entry": check.broken_at, "fault": check.fault})
        await self.sign("opened")
        while True:
            await self._means.clock.sleep(LOOK_EVERY)
            unsigned = self._means.store.audit.unsigned()
            is_long = self._means.clock.monotonic() - self._signed_at >= LONGEST
            if unsigned >= MOST_UNSIGNED or (unsigned and is_long) or (await self._key()).key_id != self._signed_by:
                await self.sign("kept")

    async def sign(self, why: str) -> Signed | None:
        """Sign the head, unless it is signed; the place of the new head line."""
        key = await self._key()
        signed = self._means.store.audit.sign(self._means.clock.now(), why, key, self._person.person_id)
        self._signed_at, self._signed_by = self._means.clock.monotonic(), key.key_id
        if signed is not None and self._is_checked and not self._is_broken:
            await self._keep(signed)
        return signed

    async def _note_another(self) -> None:
        """If another log was signed here last, say so in this one: the old one was moved away, or taken."""
        kept = await self._kept()
        chain = self._means.store.audit.chain()
        if kept is not None and kept.chain != chain:
            place: dict[str, Json] = {"chain": kept.chain, "entries": kept.number, "head": kept.hash}
            self._note(REPLACED_KIND, {"before": place})
            self._means.log.warning("another audit was signed here last", entries=kept.number)
            await self._keep(Signed(chain, 1, chain))

    def _note(self, kind: str, content: dict[str, Json]) -> None:
        self._means.store.audit.record(kind, self._means.clock.now(), content)

    async def _kept(self) -> Signed | None:
        text = await self._secrets.get(KEPT_AS)
        chain, _, place = (text or "").partition(":")
        number, _, line_hash = place.partition(":")
        return Signed(chain, int(number), line_hash) if number.isdecimal() and line_hash else None

    async def _keep(self, signed: Signed) -> None:
        await self._secrets.set(KEPT_AS, ":".join(map(str, dataclasses.astuple(signed))))
