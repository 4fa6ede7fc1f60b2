"""The audit chain: what was done at this desk and what became of it, each line bound to the one before.

Invariant: lines are only added, in the transaction of what they record; a line's hash is SHA-256 over the hash before
it and the line's exact bytes, so that one changed, removed or put between breaks every link after it. Signed decisions
carry the head of the chain and so vouch for all that came before; head lines, signed now and then and when the desk
closes, vouch for what is no decision. Lines name payloads by their hash, never in words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, LargeBinary, Select, case, cast, func, insert, select

from console.domain.canonical import Json
from console.domain.chain import (
    BEGUN_KIND,
    HEAD_KIND,
    KEY_KIND,
    START,
    head_fields,
    key_fields,
    line_of,
    link,
)
from console.domain.decision import instant
from console.store.database import Database
from console.store.records import AuditCheck, AuditEntry, Signed
from console.store.tables import audit
from console.verify.chain import ChainFollower
from console.verify.signatures import encoded

SLICE = 250


class Signer(Protocol):
    """A key that signs heads."""

    @property
    def public(self) -> bytes:
        """The raw public key."""

    @property
    def key_id(self) -> str:
        """Its id."""

    def sign(self, content: Json) -> str:
        """A signature over the canonical form, base64."""


def head(transaction: Connection) -> str:
    """The hash of the last line; 64 zeros before the first."""
    return _last(transaction)[1]


def append(transaction: Connection, kind: str, at: datetime, content: Mapping[str, Json]) -> None:
    """Add a line to the chain. Raises :class:`ValueError` for content without a canonical form."""
    prev = head(transaction)
    line = line_of(kind, instant(at), content)
    transaction.execute(insert(audit), {"line": line.decode(), "prev": prev, "hash": link(prev, line)})


class Audit:
    """The chain, to be read, signed and added to by whoever has no transaction of their own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, at: datetime, name: str) -> None:
        """Begin the chain with a name that nobody else has, unless it has begun."""
        with self._database.writing() as transaction:
            if _last(transaction)[0] == 0:
                append(transaction, BEGUN_KIND, at, {"name": name})

    def record(self, kind: str, at: datetime, content: Mapping[str, Json]) -> None:
        """Add a line about what is kept elsewhere."""
        with self._database.writing() as transaction:
            append(transaction, kind, at, content)

    def sign(self, at: datetime, why: str, signer: Signer, person_id: str) -> Signed | None:
        """Sign the head, introducing the key first if it is another than before; ``None`` where it is signed already.

        What is returned is the place of the head line itself.
        """
        with self._database.writing() as transaction:
            count, newest = _last(transaction)
            signed_at, by = _last_head(transaction)
            if count == 0 or (signed_at == count and by == signer.key_id):
                return None
            if by != signer.key_id and (before := _last_key(transaction)) != signer.key_id:
                fields = key_fields(
                    public_key=encoded(signer.public),
                    key_id=signer.key_id,
                    before=before,
                    person=person_id,
                    head=newest,
                    at=instant(at),
                )
                append(transaction, KEY_KIND, at, {**fields, "signature": signer.sign(fields)})
                count, newest = _last(transaction)
            chain = _chain(transaction)
            fields = head_fields(chain=chain, count=count, head=newest, at=instant(at), why=why, key_id=signer.key_id)
            append(transaction, HEAD_KIND, at, {**fields, "signature": signer.sign(fields)})
            return Signed(chain, *_last(transaction))

    def unsigned(self) -> int:
        """How many lines there are behind the last signed head."""
        with self._database.reading() as transaction:
            return _last(transaction)[0] - _last_head(transaction)[0]

    def head(self) -> str:
        """The hash of the last line."""
        with self._database.reading() as transaction:
            return head(transaction)

    def count(self) -> int:
        """The number of the last line."""
        with self._database.reading() as transaction:
            return _last(transaction)[0]

    def chain(self) -> str:
        """The chain's name: the hash of its first line, empty before there is one."""
        with self._database.reading() as transaction:
            return _chain(transaction)

    def keys(self) -> dict[str, str]:
        """The public keys that the chain has introduced, base64 by id, as its lines have them."""
        with self._database.reading() as transaction:
            found = [_content(row.line) for row in transaction.execute(_of_kind(KEY_KIND))]
        return {
            str(each["key_id"]): str(each["public_key"]) for each in found if {"key_id", "public_key"} <= each.keys()
        }

    def entries(self, after: int = 0, limit: int = 1_000) -> tuple[AuditEntry, ...]:
        """Lines in their order, from behind the one numbered ``after``."""
        raw = cast(audit.c.line, LargeBinary).label("raw")
        query = select(audit.c.number, raw, audit.c.prev, audit.c.hash).where(audit.c.number > after)
        with self._database.reading() as transaction:
            rows = transaction.execute(query.order_by(audit.c.number).limit(limit))
            return tuple(AuditEntry(row.number, row.raw, row.prev, row.hash) for row in rows)

    def first_since(self, moment: datetime) -> int:
        """The number of the first line written at that time or later; one behind the last where there is none."""
        written = case((func.json_valid(audit.c.line), func.json_extract(audit.c.line, "$.at")))
        query = select(func.min(audit.c.number)).where(written >= instant(moment))
        with self._database.reading() as transaction:
            return transaction.execute(query).scalar() or _last(transaction)[0] + 1

    def about(self, decision_id: str) -> tuple[int, ...]:
        """The numbers of the lines that name a decision."""
        query = select(audit.c.number).where(audit.c.line.contains(f'"{decision_id}"', autoescape=True))
        with self._database.reading() as transaction:
            return tuple(row[0] for row in transaction.execute(query.order_by(audit.c.number)))

    def heads(self, after: int) -> tuple[int, ...]:
        """The numbers of the signed heads behind a line, the nearest first."""
        query = select(audit.c.number).where(audit.c.line.endswith(_ending(HEAD_KIND)), audit.c.number > after)
        with self._database.reading() as transaction:
            return tuple(row[0] for row in transaction.execute(query.order_by(audit.c.number)))

    def verify(self, slice_size: int = SLICE, signed: Signed | None = None) -> Iterator[AuditCheck]:
        """Check every link and every signed head, telling after each slice how far it is; the last told is the result.

        ``signed`` is the place of a head that is known to have been signed here, kept outside of the store.
        """
        expected = {signed.number: signed.hash} if signed is not None else {}
        follower = ChainFollower(expected=expected, is_thorough=False)
        last = 0
        while entries := self.entries(last, slice_size):
            for entry in entries:
                if fault := _fault(entry, follower):
                    yield AuditCheck(follower.number, entry.number, fault, follower.last_head)
                    return
            last = follower.number
            yield AuditCheck(follower.number, signed_until=follower.last_head)
        if signed is not None and follower.number < signed.number:
            fault = f"The log was cut off: entry {signed.number} was signed here, and it ends with entry {last}."
            yield AuditCheck(follower.number, last + 1, fault, follower.last_head)
        elif last == 0:
            yield AuditCheck(0)


def _fault(entry: AuditEntry, follower: ChainFollower) -> str:
    if entry.number == follower.number + 1 and entry.prev != follower.prev:
        return f"Entry {entry.number} does not follow the one before it."
    return follower.take(entry.number, entry.raw, entry.hash)


def _last(transaction: Connection) -> tuple[int, str]:
    row = transaction.execute(select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)).first()
    return (row.number, row.hash) if row is not None else (0, START)


def _chain(transaction: Connection) -> str:
    return transaction.execute(select(audit.c.hash).order_by(audit.c.number).limit(1)).scalar() or ""


def _last_head(transaction: Connection) -> tuple[int, str]:
    """The number of the last signed head and the id of its key; (0, "") before the first."""
    query = select(audit.c.number, audit.c.line).where(audit.c.line.endswith(_ending(HEAD_KIND)))
    row = transaction.execute(query.order_by(audit.c.number.desc()).limit(1)).first()
    return (row.number, str(_content(row.line).get("key_id", ""))) if row is not None else (0, "")


def _last_key(transaction: Connection) -> str:
    row = transaction.execute(_of_kind(KEY_KIND).order_by(audit.c.number.desc()).limit(1)).first()
    return str(_content(row.line).get("key_id", "")) if row is not None else ""


def _of_kind(kind: str) -> Select[Any]:
    # A canonical line ends with its kind.
    return select(audit.c.line).where(audit.c.line.endswith(_ending(kind)))


def _ending(kind: str) -> str:
    return f'"kind":"{kind}"}}'


def _content(line: str) -> dict[str, Any]:
    """The content of a line; empty where somebody made it unreadable, which verifying tells."""
    try:
        content = json.loads(line)["content"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
