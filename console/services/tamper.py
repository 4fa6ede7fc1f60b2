"""What an audit is worth: an export of this desk's own, one byte of a copy changed, and what verifying both finds.

Invariant: the audit itself is read, never touched; the copy lives in memory and is gone afterwards.
"""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.verify.linked_file import Verified, verify_audit

if TYPE_CHECKING:
    from console.services.desk import Desk


@dataclass(frozen=True, slots=True)
class Tampered:
    """What was found in the export as it is, and in the copy of which ``line`` (from 1) has one byte changed."""

    whole: Verified
    line: int
    broken: Verified


async def tamper(desk: Desk) -> Tampered:
    """Export the audit and try it. Raises the four errors."""
    written = io.BytesIO()
    await desk.export_audit(written.write, None, lambda _done, _all: None)
    return await asyncio.to_thread(tried, written.getvalue())


def tried(export: bytes) -> Tampered:
    """Verify an export, and a copy with one byte changed in the middle of its middle line."""
    lines = export.splitlines(keepends=True)
    place = len(lines) // 2
    middle = len(lines[place]) // 2
    changed = bytearray(lines[place])
    # The next digit or letter: a change that a reader might miss.
    changed[middle] ^= 1
    copy = b"".join((*lines[:place], bytes(changed), *lines[place + 1 :]))
    return Tampered(verify_audit(io.BytesIO(export)), place + 1, verify_audit(io.BytesIO(copy)))
