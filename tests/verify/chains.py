"""Chains and their exports, made for tests and benchmarks the way a desk makes them."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain import linked_file
from console.domain.canonical import Json
from console.domain.chain import (
    BEGUN_KIND,
    DECIDED_KIND,
    HEAD_KIND,
    KEY_KIND,
    START,
    head_fields,
    key_fields,
    line_of,
    link,
)
from console.domain.decision import instant, signed_content
from console.infra.keys import SigningKey
from console.verify.signatures import encoded
from tests.domain import samples

BEGIN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def new_key() -> SigningKey:
    return SigningKey(Ed25519PrivateKey.generate(), is_kept=False)


@dataclass
class Chain:
    """A chain that grows line by line."""

    key: SigningKey = field(default_factory=new_key)
    lines: list[bytes] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)

    @property
    def head(self) -> str:
        return self.hashes[-1] if self.hashes else START

    @property
    def at(self) -> str:
        return instant(BEGIN + timedelta(seconds=len(self.lines)))

    def add(self, kind: str, content: dict[str, Json]) -> None:
        self.put(line_of(kind, self.at, content))

    def put(self, line: bytes) -> None:
        self.hashes.append(link(self.head, line))
        self.lines.append(line)

    def begin(self, name: str = "one") -> None:
        self.add(BEGUN_KIND, {"name": name})
        self.introduce()

    def introduce(self, key: SigningKey | None = None) -> None:
        """Sign with another key, or the first, from here on."""
        before, self.key = self.key.key_id if key else "", key or self.key
        fields = key_fields(
            public_key=encoded(self.key.public),
            key_id=self.key.key_id,
            before=before,
            person="pat",
            head=self.head,
            at=self.at,
        )
        self.add(KEY_KIND, {**fields, "signature": self.key.sign(fields)})

    def sign(self, why: str = "opened") -> None:
        fields = head_fields(
            chain=self.hashes[0],
            count=len(self.lines),
            head=self.head,
            at=self.at,
            why=why,
            key_id=self.key.key_id,
        )
        self.add(HEAD_KIND, {**fields, "signature": self.key.sign(fields)})

    def decide(self, number: int) -> None:
        fields = signed_content(samples.DECISION) | {
            "decision_id": f"{number:032x}",
            "key_id": self.key.key_id,
            "audit_head": self.head,
        }
        self.add(DECIDED_KIND, {**fields, "signature": self.key.sign(fields), "item": "0123456789ab", "state": "held"})

    def export(self, first: int = 1, *, by: SigningKey | None = None) -> bytes:
        """The file, from a number on."""
        key = by or self.key
        known = {each.key_id: encoded(each.public) for each in (self.key, key)}
        prev = self.hashes[first - 2] if first > 1 else START
        header = linked_file.header(
            linked_file.AUDIT_TAG, chain=self.hashes[0], first=first, prev=prev, keys=known, about={"person": "pat"}
        )
        rows = [
            linked_file.row(number, line, line_hash)
            for number, (line, line_hash) in enumerate(zip(self.lines, self.hashes, strict=True), 1)
            if number >= first
        ]
        fields = linked_file.end_fields(header, count=len(rows), head=self.head, at=self.at, key_id=key.key_id)
        return b"".join([header, *rows, linked_file.end(fields, key.sign(fields))])


def grown(count: int, *, key: SigningKey | None = None, seed: int = 0) -> Chain:
    """A chain of so many entries, three in ten of them signed, as a desk's is."""
    chain = Chain(key or new_key())
    chain.begin()
    chance = random.Random(seed)  # noqa: S311 - which entries are decisions is no secret
    while len(chain.lines) < count:
        number = len(chain.lines)
        if number % 100 == 0:
            chain.sign("every")
        elif chance.random() < 0.29:
            chain.decide(number)
        else:
            chain.add("confirmed", {"decision_id": f"{number:032x}", "message": "Fertig – “ok” \u2028 \x1f"})
    return chain


def as_file(raw: bytes) -> io.BytesIO:
    return io.BytesIO(raw)


def lines_of(raw: bytes) -> Iterator[bytes]:
    yield from io.BytesIO(raw)
