"""An entry of the trail in full, where the trail holds its beginning: asked for in chunks, and checked by its hash.

Invariant: nothing of it is used before all of it has the hash that the trail names; no more is read than the trail says
there is, and never more than ``MAX_WHOLE``. Fails with ``Refused`` where the run does not keep it or it is not that.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import re

from pydantic import TypeAdapter, ValidationError

from console.domain.errors import Refused
from console.domain.run import RunRef, TrailEntry, Whole
from console.engines import items
from console.engines.temporal import ask, errors
from console.engines.temporal.connect import Line
from console.tower import wire

MAX_WHOLE = 16 * 1024 * 1024
MAX_CHUNK = 1024 * 1024
DIGEST = re.compile("[0-9a-f]{64}")
_ENTRY = TypeAdapter(TrailEntry)


async def whole(line: Line, ref: RunRef, entry: TrailEntry) -> TrailEntry:
    """The entry with all of its text and data; one that is complete comes back as it is."""
    if entry.whole is None:
        return entry
    content = await _content(line, ref, entry.whole)
    value, problem = items.parse(content, cap=MAX_WHOLE)
    if problem:
        raise _unusable(problem)
    try:
        read = _ENTRY.validate_python(value)
    except (ValidationError, ValueError) as error:
        raise _unusable("it is not an entry of a trail.") from error
    return dataclasses.replace(entry, title=read.title, text=read.text, data=read.data, whole=None)


async def _content(line: Line, ref: RunRef, wanted: Whole) -> bytes:
    if not DIGEST.fullmatch(wanted.digest) or not 0 < wanted.size <= MAX_WHOLE:
        raise _unusable(f"it should have {wanted.size:,} bytes; {MAX_WHOLE:,} are the most that is read.")
    content = bytearray()
    while len(content) < wanted.size:
        request = wire.PayloadRequest(digest=wanted.digest, offset=len(content))
        reply = await ask.answer(line, ref, wire.QUERY_PAYLOAD, wire.PayloadReply, request)
        try:
            chunk = base64.b64decode(reply.data, validate=True)
        except binascii.Error as error:
            raise _unusable("a part of it is not base64.") from error
        is_odd = (reply.size, reply.offset) != (wanted.size, len(content))
        if is_odd or not chunk or len(chunk) > min(MAX_CHUNK, wanted.size - len(content)):
            raise _unusable("its parts do not fit together.")
        content += chunk
    if hashlib.sha256(content).hexdigest() != wanted.digest:
        raise _unusable("it is not what the trail names: the hashes differ.")
    return bytes(content)


def _unusable(why: str) -> Refused:
    return Refused(
        f"This entry cannot be shown in full: {why[:200]}",
        code=errors.UNREADABLE,
        next_action="What the trail holds of it is shown.",
    )
