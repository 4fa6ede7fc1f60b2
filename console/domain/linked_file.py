"""A chain as a file of JSON Lines: a header, one row for each line of the chain, and a signed end.

Invariant: a row holds the chain's line byte for byte, so that what is hashed is what is read; the end signs the header,
how many rows there are and the last hash, so that rows cut off are missed. Header and end are canonical: there is one
way to write them, and no byte of the file is free to change.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from console.domain.canonical import Json, canonical

AUDIT_TAG = "clearance-audit-export-v1"
RUN_TAG = "clearance-run-export-v1"
END_TAG = "clearance-export-end-v1"
MAX_ROW = 4 * 1024 * 1024

_BEFORE = b'{"entry":'
_AFTER = re.compile(rb',"hash":"([0-9a-f]{64})","number":([1-9][0-9]{0,15})\}\n\Z')
_LONGEST_AFTER = 120


def header(tag: str, *, chain: str, first: int, prev: str, keys: Mapping[str, str], about: Json) -> bytes:
    """The first line: which chain, from which number on, after which hash; public keys (base64) by their ids."""
    return canonical({"tag": tag, "chain": chain, "first": first, "prev": prev, "keys": keys, "about": about}) + b"\n"


def row(number: int, line: bytes, line_hash: str) -> bytes:
    """One line of the chain as a row of the file."""
    return b'%s%s,"hash":"%s","number":%d}\n' % (_BEFORE, line, line_hash.encode("ascii"), number)


def parted(raw: bytes) -> tuple[int, bytes, str] | None:
    """Number, line and hash of a row; ``None`` where it is no row."""
    found = _AFTER.search(raw, max(len(_BEFORE), len(raw) - _LONGEST_AFTER))
    if found is None or not raw.startswith(_BEFORE):
        return None
    return int(found[2]), raw[len(_BEFORE) : found.start()], found[1].decode("ascii")


def end_fields(header_line: bytes, *, count: int, head: str, at: str, key_id: str) -> dict[str, Json]:
    """What the end signs: the header, the number of rows, the last hash, when and with which key."""
    return {
        "tag": END_TAG,
        "header": hashlib.sha256(header_line).hexdigest(),
        "count": count,
        "head": head,
        "exported_at": at,
        "key_id": key_id,
    }


def end(fields: Mapping[str, Json], signature: str) -> bytes:
    """The last line."""
    return canonical({**fields, "signature": signature}) + b"\n"
