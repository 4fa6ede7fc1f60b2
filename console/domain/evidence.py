"""The evidence of one decision as a file: what was shown, what was decided, what became of it, and the audit around it.

Shapes: ``shown`` is the JSON text of an ``Escalation``, character for character as it was recorded; ``decision`` and
``receipt`` are JSON of theirs; ``parts`` are stretches of the audit chain, each from the line named to a signed head;
``registry`` are the entries of the log of keys where the decision counts, none where that could not be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

EVIDENCE_TAG = "clearance-evidence-v1"
MAX_EVIDENCE = 64 * 1024 * 1024


def part(first: int, prev: str, lines: Sequence[str]) -> dict[str, Any]:
    """A stretch of the chain: the number of its first line, the hash before that, and the lines in order."""
    return {"first": first, "prev": prev, "lines": list(lines)}


def pack(
    *,
    shown: str | None,
    decision: dict[str, Any],
    receipt: dict[str, Any] | None,
    chain: str,
    keys: dict[str, str],
    parts: Sequence[dict[str, Any]],
    registry: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """The whole of it, ready to be written as JSON. ``keys`` are public keys (base64) by their ids."""
    return {
        "tag": EVIDENCE_TAG,
        "shown": shown,
        "decision": decision,
        "receipt": receipt,
        "chain": chain,
        "keys": keys,
        "parts": list(parts),
        "registry": list(registry),
    }
