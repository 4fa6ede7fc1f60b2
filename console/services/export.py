"""Writing the audit out, line by line, with a signed end: what a third party then verifies without this desk.

Invariant: the head is signed first, and exactly the lines up to it are written, byte for byte as the store has them,
whether they hold or not; that they do not is told. Nothing of it is held in memory for longer than a slice.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from console.domain import linked_file
from console.domain.canonical import Json
from console.domain.chain import START
from console.domain.chain import link as chain_link
from console.domain.decision import instant
from console.domain.errors import RefusalCode, Refused
from console.domain.identity import Person
from console.domain.results import StepResult
from console.domain.run import RunRef
from console.engines.port import Engine
from console.infra.clock import Clock
from console.infra.keys import SigningKey
from console.services.link import Link
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


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs the end of a file, with which key, by which clock."""

    key: SigningKey
    person: Person
    clock: Clock

    def end(self, write: Write, header: bytes, count: int, head: str) -> None:
        """Write the signed end."""
        at = instant(self.clock.now())
        fields = linked_file.end_fields(header, count=count, head=head, at=at, key_id=self.key.key_id)
        write(linked_file.end(fields, self.key.sign(fields)))


class Exporter:
    """Writes exports for one person."""

    def __init__(
        self, means: Means, voucher: Voucher, key: Callable[[], Awaitable[SigningKey]], person: Person
    ) -> None:
        self._means = means
        self._voucher = voucher
        self._key = key
        self._person = person

    async def run(self, link: Link, run_id: str, write: Write, tell: Tell) -> Exported:
        """Write what the steps of the newest run of that id returned. Raises the four errors."""
        key = await self._key()
        engine = await link.read("be there", _itself)
        ref = RunRef(link.server.identity if link.server is not None else "", run_id, "")
        with link.fenced("read the results of a run"):
            return await write_run(engine, ref, Signing(key, self._person, self._means.clock), write, tell)

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
        Signing(key, self._person, self._means.clock).end(write, header, last - first + 1, head)
        return Exported(first=first, last=last, signer=fingerprint(key.public), fault=fault)


async def write_run(engine: Engine, ref: RunRef, signing: Signing, write: Write, tell: Tell) -> Exported:
    """Write what the steps of a run returned, with what the run itself says of them, and sign it."""
    links = await engine.links(ref)
    rows: list[bytes] = []
    async for page in engine.results(ref):
        rows += [_row(result) for result in page]
        tell(len(rows), 0)
    if not rows:
        raise Refused("The run has returned nothing yet.", code=RefusalCode.UNKNOWN, next_action="Try it later.")
    hashes: list[str] = []
    for row in rows:
        hashes.append(chain_link(hashes[-1] if hashes else START, row))
    about: dict[str, Json] = {"server": ref.server, "run": ref.run_id, "person": signing.person.person_id}
    about["links"] = dataclasses.asdict(links)
    keys = {signing.key.key_id: encoded(signing.key.public)}
    header = linked_file.header(linked_file.RUN_TAG, chain=hashes[0], first=1, prev=START, keys=keys, about=about)
    write(header)
    for number, (row, row_hash) in enumerate(zip(rows, hashes, strict=True), 1):
        write(linked_file.row(number, row, row_hash))
    signing.end(write, header, len(rows), hashes[-1])
    return Exported(first=1, last=len(rows), signer=fingerprint(signing.key.public))


async def _itself(engine: Engine) -> Engine:
    return engine


def _row(result: StepResult) -> bytes:
    content: dict[str, Json] = {
        "activity": result.activity,
        "agent": result.agent,
        "is_failed": result.is_failed,
        "prev": result.prev,
        "hash": result.hash,
        "result": result.content,
    }
    at = instant(result.at) if result.at is not None else ""
    # Not canonical: what an agent returned may hold what has no canonical form.
    return json.dumps({"at": at, "content": content, "kind": "result"}, ensure_ascii=True, sort_keys=True).encode()


def _readable(keys: dict[str, str]) -> dict[str, bytes]:
    found = {}
    for key_id, text in keys.items():
        try:
            found[key_id] = decoded(text)
        except ValueError:
            continue
    return found
