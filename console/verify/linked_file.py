"""Verifying an exported chain from the file alone: no database, no network, no keyring.

Invariant: the file is hostile. Lines are read up to a limit and never all at once; whatever is in them ends as a
result, not as an error. A file is whole only if every row holds and its end is signed; whose key signed is told with
the result, and that it is the right one only where the caller named it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Protocol

from console.domain import linked_file
from console.domain.canonical import canonical
from console.verify.chain import ChainFollower, Check
from console.verify.signatures import decoded, fingerprint, is_signature, key_id

MAX_KEYS = 1_000
TELL_EVERY = 5_000
_FINGERPRINT = re.compile(r"[0-9a-f]{16}|[0-9a-f]{64}")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found. ``broken_line`` is a line of the file, counted from 1; ``is_readable`` is false for no export.

    ``signer`` is the fingerprint of the key that signed the end; ``is_trusted`` says that the caller had named it.
    ``others`` are ids of further keys that signed lines, ``unknown`` counts signatures whose key nobody has; ``notes``
    are further words for a person.
    """

    entries: int = 0
    first: int = 1
    broken_line: int | None = None
    fault: str = ""
    is_readable: bool = True
    signer: str = ""
    is_trusted: bool = False
    exported_at: str = ""
    chain: str = ""
    head: str = ""
    about: Any = None
    checked: int = 0
    others: tuple[str, ...] = ()
    unknown: int = 0
    notes: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all of it holds."""
        return self.is_readable and self.broken_line is None


@dataclass(frozen=True, slots=True)
class Header:
    """The first line, read."""

    raw: bytes
    chain: str
    first: int
    prev: str
    keys: Mapping[str, bytes]
    about: Any


class Follower(Protocol):
    """Who follows the lines of one kind of chain."""

    number: int
    prev: str

    def take(self, number: int, line: bytes, told: str) -> str:
        """Follow one line further; what is wrong with it, or nothing."""


def trusts(named: Collection[str], public: bytes) -> bool:
    """Whether a key is among those named by its base64, its fingerprint, or its id."""
    whole = fingerprint(public)
    return any(whole == each.lower() or key_id(public) == each.lower() or _is_key(each, public) for each in named)


def check_names(named: Collection[str]) -> None:
    """Raise :class:`ValueError` for what names no key: neither base64 of 32 bytes nor 16 or 64 hexadecimal digits."""
    for each in named:
        if not _FINGERPRINT.fullmatch(each.lower()):
            try:
                decoded(each)
            except ValueError as error:
                raise ValueError(f"“{each[:80]}” is neither a public key nor the fingerprint of one") from error


def verify_audit(
    file: BinaryIO,
    trusted: Collection[str] = (),
    *,
    tell: Callable[[int], None] = lambda _: None,
    check: Check = is_signature,
) -> Verified:
    """Verify an export of the audit. ``tell`` hears now and then how many entries hold so far."""
    lines = lines_of(file)
    header = read_header(next(lines, b""), linked_file.AUDIT_TAG)
    if isinstance(header, Verified):
        return header
    follower = ChainFollower(header.keys, chain=header.chain, number=header.first - 1, prev=header.prev, check=check)
    found = follow(header, lines, follower, trusted, tell)
    others = tuple(named for named in follower.signers if not found.signer.startswith(named))
    return replace(found, checked=follower.checked + 1, others=others, unknown=sum(follower.unknown.values()))


def read_header(raw: bytes, tag: str) -> Header | Verified:
    """The header, or what is wrong with it."""
    value = _canonical_object(raw)
    if value is None or value.get("tag") != tag:
        return Verified(broken_line=1, fault=_no_header(value), is_readable=_looks_like(raw))
    try:
        keys = {named: decoded(text) for named, text in value["keys"].items()}
        is_sound = all(key_id(public) == named for named, public in keys.items()) and len(keys) <= MAX_KEYS
        first, chain, prev = value["first"], value["chain"], value["prev"]
        is_sound &= type(first) is int and first >= 1 and bool(_HASH.fullmatch(prev))
        is_sound &= isinstance(chain, str)
    except (KeyError, TypeError, ValueError, AttributeError):
        is_sound = False
    if not is_sound:
        return Verified(broken_line=1, fault="The header was changed.")
    return Header(raw, chain, first, prev, keys, value.get("about"))


def follow(
    header: Header,
    lines: Iterator[bytes],
    follower: Follower,
    trusted: Collection[str],
    tell: Callable[[int], None] = lambda _: None,
) -> Verified:
    """Follow all rows of a file, and check its end."""
    base = Verified(first=header.first, chain=header.chain, about=header.about)
    entries, held = 0, next(lines, b"")
    for following in lines:
        fault = _row_fault(held, follower)
        if fault:
            return replace(base, entries=entries, broken_line=entries + 2, fault=fault)
        entries, held = entries + 1, following
        if entries % TELL_EVERY == 0:
            tell(entries)
    base = replace(base, entries=entries, head=follower.prev)
    return _ended(base, held, header, trusted)


def _row_fault(raw: bytes, follower: Follower) -> str:
    parts = linked_file.parted(raw)
    if parts is None:
        return f"There is no entry {follower.number + 1} in this line: it was changed, or put between."
    return follower.take(*parts)


def _ended(found: Verified, raw: bytes, header: Header, trusted: Collection[str]) -> Verified:
    """The result, given the last line of the file."""
    at_end = replace(found, broken_line=found.entries + 2)
    value = _canonical_object(raw)
    if value is None or value.get("tag") != linked_file.END_TAG:
        return replace(at_end, fault="The signed last line is missing or was changed: the file was cut off.")
    signature, named = value.pop("signature", None), value.get("key_id")
    public = header.keys.get(named) if isinstance(named, str) else None
    if public is None or not isinstance(signature, str) or not is_signature(public, canonical(value), signature):
        return replace(at_end, fault="The last line is not signed by the key that it names.")
    if value.get("header") != hashlib.sha256(header.raw).hexdigest():
        return replace(found, broken_line=1, fault="The header is not the one that was signed.")
    if value.get("count") != found.entries:
        fault = f"The end was signed for {value.get('count')} entries; there are {found.entries}."
        return replace(at_end, fault=fault)
    if value.get("head") != found.head:
        return replace(at_end, fault="The end was signed for other entries than these.")
    signed = replace(found, signer=fingerprint(public), exported_at=str(value.get("exported_at")))
    if trusted and not trusts(trusted, public):
        fault = f"The end is signed by the key {key_id(public)}, which is none of those you trust."
        return replace(signed, broken_line=found.entries + 2, fault=fault)
    return replace(signed, is_trusted=bool(trusted))


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines with their ends; one over the limit comes cut, and is then no row."""
    while raw := file.readline(linked_file.MAX_ROW):
        yield raw


def _canonical_object(raw: bytes) -> dict[str, Any] | None:
    """The object in a line that is written in the one canonical way."""
    try:
        value = json.loads(raw)
        if isinstance(value, dict) and canonical(value) + b"\n" == raw:
            return value
    except (ValueError, RecursionError):
        pass
    return None


def _no_header(value: Mapping[str, Any] | None) -> str:
    if value is not None and value.get("tag") in {linked_file.AUDIT_TAG, linked_file.RUN_TAG}:
        return "This is an export of something else; there is one command for audits and one for runs."
    return "Line 1 is no header of an export, or was changed."


def _looks_like(raw: bytes) -> bool:
    """Whether a header that cannot be read was probably one of ours: then the file is broken, not another one."""
    return raw.startswith(b'{"about":') or b"clearance-" in raw


def _is_key(text: str, public: bytes) -> bool:
    try:
        return decoded(text) == public
    except ValueError:
        return False
