"""What desks keep with a thread, in its metadata: claims, comments, and decisions on parts of an interrupt.

Metadata are merged name by name and never compared, so nothing here is a lock: each note has a name of its own, and one
that shall be gone is empty. What others wrote there is distrusted like all else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from console.domain.canonical import Json, sha256_hex
from console.domain.decision import Decision, instant
from console.domain.escalation import Claim, Comment, EscalationKey
from console.domain.identity import Person
from console.engines import items
from console.engines.langgraph import threads
from console.engines.langgraph.line import Line
from console.engines.langgraph.threads import Thread

PREFIX = "clearance_"
MOST_NOTES = 200
_CLAIM = TypeAdapter(Claim)
_COMMENT = TypeAdapter(Comment)
_DECISION = TypeAdapter(Decision)


async def claim(line: Line, key: EscalationKey, person: Person, until: datetime) -> None:
    """Say who is on an item."""
    await _keep(line, key, _claim_name(key), _CLAIM.dump_python(Claim(person, until), mode="json"))


async def release(line: Line, key: EscalationKey, person: Person) -> None:
    """End a claim of this person; another's stays."""
    found = claim_on(await threads.read(line, key.run.run_id), key)
    if found is not None and found.by.person_id == person.person_id:
        await _keep(line, key, _claim_name(key), None)


async def comment(line: Line, key: EscalationKey, said: Comment) -> None:
    """Keep a comment; the same one again is the same."""
    name = f"{PREFIX}comment_{key.item_id}_{sha256_hex([said.by.person_id, instant(said.at), said.text])[:12]}"
    await _keep(line, key, name, _COMMENT.dump_python(said, mode="json"))


async def part(line: Line, decision: Decision) -> None:
    """Keep a decision on a part until the others are decided, too."""
    await _keep(line, decision.key, _part_name(decision), to_json(decision))


async def intent(line: Line, decision: Decision) -> None:
    """Keep a decision before what it needs several calls for, so that it can be read back."""
    await _keep(line, decision.key, _intent_name(decision), to_json(decision))


def claim_on(thread: Thread, key: EscalationKey) -> Claim | None:
    """Who is on an item."""
    raw = thread.metadata.get(_claim_name(key))
    try:
        found = _CLAIM.validate_python(raw) if raw and not items.oversize(raw) else None
    except ValidationError:
        return None
    return found if found is not None and found.until.tzinfo is not None else None


def comments_on(thread: Thread, key: EscalationKey) -> tuple[Comment, ...]:
    """What was said about an item, oldest first."""
    found = []
    for _, raw in _named(thread, f"{PREFIX}comment_{key.item_id}_"):
        try:
            said = _COMMENT.validate_python(raw)
        except ValidationError:
            continue
        if said.at.tzinfo is not None:
            found.append(said)
    return tuple(sorted(found, key=lambda said: said.at))


def parts_of(thread: Thread, interrupt_id: str) -> tuple[Decision, ...]:
    """Decisions kept on parts of what waits now in an interrupt, the earliest first: of two on one part it counts."""
    found = (decided(raw) for _, raw in _named(thread, f"{PREFIX}part_{interrupt_id}_"))
    now = [one for one in found if one is not None and one.key.occurrence == thread.moment]
    return tuple(sorted(now, key=lambda one: (one.signed_at, one.decision_id)))


def kept_part(thread: Thread, decision: Decision) -> Decision | None:
    """Whether this decision is kept on a part of an interrupt, whatever waits by now."""
    return decided(thread.metadata.get(_part_name(decision)))


def kept_intent(thread: Thread, decision: Decision) -> Decision | None:
    """Whether this decision was begun to be carried out."""
    return decided(thread.metadata.get(_intent_name(decision)))


def to_json(decision: Decision) -> dict[str, Json]:
    """A decision as it is kept at the server: all of it, so that it can be checked there."""
    return dict(_DECISION.dump_python(decision, mode="json"))


def decided(raw: object) -> Decision | None:
    """A decision that was kept; ``None`` for anything else."""
    try:
        read = _DECISION.validate_python(raw) if raw and not items.oversize(raw) else None
    except ValidationError:
        return None
    return read if read is not None and read.signed_at.tzinfo is not None else None


async def _keep(line: Line, key: EscalationKey, name: str, value: Json) -> None:
    await line.change("PATCH", threads.path(key.run.run_id), {"metadata": {name: value}})


def _named(thread: Thread, prefix: str) -> Iterator[tuple[str, object]]:
    found = (one for one in thread.metadata.items() if one[0].startswith(prefix) and one[1])
    for count, one in enumerate(found):
        if count >= MOST_NOTES:
            return
        if not items.oversize(one[1]):
            yield one


def _claim_name(key: EscalationKey) -> str:
    return f"{PREFIX}claim_{key.item_id}"


def _part_name(decision: Decision) -> str:
    interrupt_id = decision.key.native_id.partition(".")[0]
    return f"{PREFIX}part_{interrupt_id}_{sha256_hex(decision.decision_id)[:16]}"


def _intent_name(decision: Decision) -> str:
    return f"{PREFIX}intent_{sha256_hex(decision.decision_id)[:16]}"
