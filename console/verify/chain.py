"""Following a chain of the audit line by line: every link, and the signatures that stand in it.

Invariant: what is told as a fault is the first line that does not hold; lines before it do. A signature that is there
has to hold, and has to stand on just the lines before it; kinds that are always signed do not pass without one. The key
of a signature is one of those given, or one that the chain itself has introduced: whose it is, is not told here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from console.domain.canonical import Json, canonical
from console.domain.chain import ALWAYS_SIGNED, DECIDED_KIND, HEAD_KIND, KEY_KIND, START, link, signed_fields
from console.verify.signatures import decoded, is_signature, key_id

Check = Callable[[bytes, bytes, str], bool]

_MAYBE_SIGNED = tuple(f'"kind":"{kind}"}}'.encode() for kind in sorted(ALWAYS_SIGNED))
_MAX_INTEGER = 2**53 - 1
_FLAT = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class ChainFollower:
    """Where a chain is followed to. ``keys`` are raw public keys by id; those that the chain introduces are added.

    ``expected`` names hashes that lines of some number must have. Without ``is_thorough`` the signatures of decisions
    are left to the next signed head, which vouches for them.
    """

    def __init__(
        self,
        keys: Mapping[str, bytes] | None = None,
        *,
        chain: str = "",
        number: int = 0,
        prev: str = START,
        expected: Mapping[int, str] | None = None,
        is_thorough: bool = True,
        check: Check = is_signature,
    ) -> None:
        self.keys = dict(keys or {})
        self.chain = chain
        self.number = number
        self.prev = prev
        self.last_head = 0
        self.checked = 0
        self.signers: dict[str, int] = {}
        self.unknown: dict[str, int] = {}
        self._expected = dict(expected or {})
        self._is_thorough = is_thorough
        self._check = check

    def take(self, number: int, line: bytes, told: str) -> str:
        """Follow one line further; why it does not hold, in words, or nothing. After a fault nothing is to be taken."""
        if number != self.number + 1:
            return _misplaced(number, self.number + 1)
        line_hash = link(self.prev, line)
        if told != line_hash:
            return f"Entry {number} was changed after it was written, or follows another line than the one before it."
        if number in self._expected and self._expected[number] != line_hash:
            return f"Entry {number} is not the one that was signed here: lines up to it were written anew."
        if number == 1 and self.chain not in {"", line_hash}:
            return "Entry 1 is not the beginning of this chain."
        fault = self._signed(number, line) if b'"signature":' in line or line.endswith(_MAYBE_SIGNED) else ""
        if not fault:
            self.chain = self.chain or line_hash
            self.number, self.prev = number, line_hash
        return fault

    def _signed(self, number: int, line: bytes) -> str:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            return f"Entry {number} is signed, and cannot be read."
        kind, content = (value.get("kind"), value.get("content")) if isinstance(value, dict) else (None, None)
        if not isinstance(content, dict):
            return f"Entry {number} is signed, and cannot be read."
        signature = content.get("signature")
        if not isinstance(signature, str):
            return f"The signature of entry {number} is missing." if kind in ALWAYS_SIGNED else ""
        if content.get("audit_head") != self.prev:
            return (
                f"Entry {number} was signed on another line than the one before it: a line before it is not as it was."
            )
        fault = self._kept(number, str(kind), content)
        return fault or self._signature(number, str(kind), content, signature)

    def _kept(self, number: int, kind: str, content: Mapping[str, Any]) -> str:
        """Whether a line of the chain's own is what it has to be; a key line adds its key."""
        if kind == HEAD_KIND and (content.get("count"), content.get("chain")) != (number - 1, self.chain):
            return f"Entry {number} was signed for another chain, or for another number of lines."
        if kind == KEY_KIND:
            try:
                public = decoded(str(content.get("public_key")))
            except ValueError:
                return f"Entry {number} introduces a key that is none."
            if key_id(public) != content.get("key_id"):
                return f"Entry {number} introduces a key under another name than its own."
            self.keys[key_id(public)] = public
        return ""

    def _signature(self, number: int, kind: str, content: Mapping[str, Json], signature: str) -> str:
        named = str(content.get("key_id"))
        public = self.keys.get(named)
        if public is None:
            if kind == HEAD_KIND:
                return f"Entry {number} is signed by the key {named[:16]}, which the chain never introduced."
            self.unknown[named] = self.unknown.get(named, 0) + 1
            return ""
        if self._is_thorough or kind != DECIDED_KIND:
            if not self._check(public, signed_bytes(content), signature):
                return f"The signature of entry {number} is not its key’s: it was changed, or another wrote it."
            self.checked += 1
        self.signers[named] = number
        if kind == HEAD_KIND:
            self.last_head = number
        return ""


def signed_bytes(content: Mapping[str, Json]) -> bytes:
    """The canonical form of the signed fields; empty where there is none, which nobody has signed.

    Flat content of texts and whole numbers under ASCII names, as nearly all of it is, has the same form in the standard
    library's JSON, which is many times faster.
    """
    fields = signed_fields(content)
    try:
        if all(map(_is_plain, fields.items())):
            return _FLAT.encode(fields).encode()
        return canonical(fields)
    except (ValueError, RecursionError):
        return b""


def _is_plain(item: tuple[str, Json]) -> bool:
    name, value = item
    if not name.isascii():
        return False
    return type(value) is str or (type(value) is int and -_MAX_INTEGER <= value <= _MAX_INTEGER)


def _misplaced(number: int, expected: int) -> str:
    if number == expected + 1:
        return f"Entry {expected} is missing."
    if number > expected:
        return f"Entries {expected} to {number - 1} are missing."
    return f"Entry {number} stands where entry {expected} should be."
