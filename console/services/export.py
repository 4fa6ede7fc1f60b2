"""Writing the audit out, line by line, with a signed end: what a third party then verifies without this desk.

Invariant: the head is signed first, and exactly the lines up to it are written, byte for byte as the store has them,
whether they hold or not; that they do not is told. Nothing of it is held in memory for longer than a slice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from console.domain import linked_file
from console.domain.chain import START
from console.domain.decision import instant
from console.domain.errors import RefusalCode, Refused
from console.domain.identity import Person
from console.infra.keys import SigningKey
from console.services.means import Means
from console.services.vouch import Voucher
from console.verify.chain import ChainFollower
from console.verify.signatures import decoded, encoded, fingerprint

SLICE = 500
Write = Callable[[bytes], object]
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written: the numbers of the first and last line, the signer's fingerprint, and what does not hold."""

    first: int
    last: int
    signer: str
    fault: str = ""


class Exporter:
    """Writes exports for one person."""

    def __init__(
        self, means: Means, voucher: Voucher, key: Callable[[], Awaitable[SigningKey]], person: Person
    ) -> None:
        self._means = means
        self._voucher = voucher
        self._key = key
        self._person = person

    async def audit(self, write: Write, since: datetime | None, tell: Tell) -> Exported:
        """Write the audit, from a time on; ``tell`` hears how far it is. Raises ``Refused`` where there is nothing."""
        key = await self._key()
        await self._voucher.sign("exported")
        audit, last = self._means.store.audit, self._means.store.audit.count()
        first = 1 if since is None else audit.first_since(since)
        if first > last:
            raise Refused(
                "The audit has no entry since then.", code=RefusalCode.UNKNOWN, next_action="Name an earlier time."
            )
        keys = {**audit.keys(), key.key_id: encoded(key.public)}
        prev = audit.entries(first - 2, 1)[0].hash if first > 1 else START
        follower = ChainFollower(_readable(keys), chain=audit.chain(), number=first - 1, prev=prev, is_thorough=False)
        about = {"person": self._person.person_id, "name": self._person.name}
        header = linked_file.header(
            linked_file.AUDIT_TAG, chain=audit.chain(), first=first, prev=prev, keys=keys, about=about
        )
        write(header)
        fault, number, head = "", first - 1, prev
        while number < last:
            for entry in audit.entries(number, min(SLICE, last - number)):
                write(linked_file.row(entry.number, entry.raw, str(entry.hash)))
                fault = fault or follower.take(entry.number, entry.raw, entry.hash)
                number, head = entry.number, str(entry.hash)
            tell(number - first + 1, last - first + 1)
            # Other work of the loop goes on between slices, and whoever has had enough can stop it.
            await asyncio.sleep(0)
        fields = linked_file.end_fields(
            header, count=last - first + 1, head=head, at=instant(self._means.clock.now()), key_id=key.key_id
        )
        write(linked_file.end(fields, key.sign(fields)))
        return Exported(first=first, last=last, signer=fingerprint(key.public), fault=fault)


def _readable(keys: dict[str, str]) -> dict[str, bytes]:
    found = {}
    for key_id, text in keys.items():
        try:
            found[key_id] = decoded(text)
        except ValueError:
            continue
    return found
