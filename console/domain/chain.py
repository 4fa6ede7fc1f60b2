"""A chain of lines: how a line is written, what binds it to the one before, and what a signature in it covers.

Invariant: a line's hash is SHA-256 over the hash before it and the line's exact bytes, so that one changed, removed or
put between breaks every link after it. The hash of the first line is the chain's own name. Pure: no clock, no key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from console.domain.canonical import Json, canonical

START = "0" * 64
HEAD_TAG = "clearance-audit-head-v1"
KEY_TAG = "clearance-audit-key-v1"
HEAD_KIND = "head"
KEY_KIND = "key"
DECIDED_KIND = "decided"
BEGUN_KIND = "begun"
# A line of these kinds without a signature is no line of ours.
ALWAYS_SIGNED = frozenset({HEAD_KIND, KEY_KIND, DECIDED_KIND})
# What stands in a signed line beside the fields that its signature covers; the chain's hash covers all of it.
BESIDE = frozenset({"signature", "item", "state", "shown"})


def link(prev: str, line: bytes) -> str:
    """The hash of a line that follows the one whose hash is ``prev``."""
    return hashlib.sha256(prev.encode("ascii") + line).hexdigest()


def line_of(kind: str, at: str, content: Mapping[str, Json]) -> bytes:
    """The bytes of a line. Raises :class:`ValueError` for content without a canonical form."""
    return canonical({"kind": kind, "at": at, "content": content})


def signed_fields(content: Mapping[str, Json]) -> dict[str, Json]:
    """The part of a line's content that its signature covers."""
    return {name: value for name, value in content.items() if name not in BESIDE}


def head_fields(*, chain: str, count: int, head: str, at: str, why: str, key_id: str) -> dict[str, Json]:
    """What a head line signs: that the chain has ``count`` lines before it, the last with the hash ``head``."""
    return {
        "tag": HEAD_TAG,
        "chain": chain,
        "count": count,
        "audit_head": head,
        "signed_at": at,
        "why": why,
        "key_id": key_id,
    }


def key_fields(*, public_key: str, key_id: str, before: str, person: str, head: str, at: str) -> dict[str, Json]:
    """What a key line signs with the key itself: that it signs from here on, in place of the key ``before``."""
    return {
        "tag": KEY_TAG,
        "public_key": public_key,
        "key_id": key_id,
        "before": before,
        "person": person,
        "audit_head": head,
        "signed_at": at,
    }
