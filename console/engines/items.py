"""Items that engines send, decoded one by one: what every adapter does with the JSON of a row or an escalation.

All of it is hostile: agents write it. Invariants: one bad item never hides another; whatever was wrong is said in
``problem`` and the rest of the item is kept as far as it can be read; an item never speaks for another run than the
one it was read from; nothing larger or deeper than the caps is decoded. Nothing here raises for any JSON value.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from console.domain.canonical import canonical
from console.domain.digest import escalation_digest
from console.domain.escalation import Escalation, EscalationKey, Kind, Proposal, Waiting
from console.domain.risk import Risk
from console.domain.run import RunRef

MAX_ITEM_BYTES = 512 * 1024
MAX_DEPTH = 60
MAX_WORDS = 300
MAX_PROBLEM = 240
UNREADABLE_TITLE = "An item that could not be read"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_ROW = TypeAdapter(Waiting)
_ITEM = TypeAdapter(Escalation)
_FIELDS: dict[type, dict[str, TypeAdapter[Any]]] = {
    kind: {name: TypeAdapter(hint) for name, hint in get_type_hints(kind).items()} for kind in (Waiting, Escalation)
}


def parse(raw: bytes, *, cap: int = MAX_ITEM_BYTES) -> tuple[object, str]:
    """The JSON value in ``raw`` and no problem, or ``None`` and what is wrong with it."""
    if len(raw) > cap:
        return None, _too_large(cap)
    try:
        return json.loads(raw), ""
    except (ValueError, RecursionError) as error:
        return None, _cut(f"It is not JSON: {error}", MAX_PROBLEM)


def row(
    raw: object, run: RunRef, *, position: int = 0, opened_at: datetime = LONG_AGO, risk: Risk = Risk.HIGH
) -> Waiting:
    """One row of the inbox, from the JSON of a :class:`Waiting` read in ``run``.

    What cannot be read has a ``problem``; ``position`` then names it if it has no id of its own, and ``opened_at`` and
    ``risk`` stand in where it does not tell its own. Words longer than a row can show are cut: a row is not signed.
    """
    problem = oversize(raw)
    if not problem:
        try:
            read = _ROW.validate_python(raw)
            problem = _unsound(read, run)
        except (ValidationError, ValueError) as error:
            problem = _explained(error)
    if problem:
        read = _row_as_known(raw, run, problem, _StandIns(position, opened_at, risk))
    return dataclasses.replace(
        _in_utc(read),
        title=_cut(read.title, MAX_WORDS),
        workflow=_cut(read.workflow, MAX_WORDS),
        agent=_cut(read.agent, MAX_WORDS),
        business_key=_cut(read.business_key, MAX_WORDS),
        resource=_cut(read.resource, MAX_WORDS),
        failure=_cut(read.failure, MAX_WORDS),
        problem=_cut(read.problem, MAX_PROBLEM),
    )


def broken_row(
    run: RunRef, problem: str, *, title: str = "", opened_at: datetime = LONG_AGO, risk: Risk = Risk.HIGH
) -> Waiting:
    """A row for a run in which something waits, of which nothing can be read."""
    known = _row_as_known({"title": title}, run, problem, _StandIns(0, opened_at, risk))
    return dataclasses.replace(known, title=_cut(known.title, MAX_WORDS), problem=_cut(problem, MAX_PROBLEM))


def escalation(raw: object, run: RunRef, *, position: int = 0, opened_at: datetime = LONG_AGO) -> Escalation:
    """One item in full, from the JSON of an :class:`Escalation` read in ``run``.

    Its digest is computed anew. Where it differs from what the run says, or anything could not be read, the row has a
    ``problem``; then ``row.digest`` is the run's word, good for saying no, and nothing can be approved.
    """
    problem = oversize(raw)
    if not problem:
        try:
            return _verified(_ITEM.validate_python(raw), run, position)
        except (ValidationError, ValueError) as error:
            problem = _explained(error)
    return _item_as_known(raw, run, position, opened_at, problem)


def row_part(raw: object) -> object:
    """The row inside the JSON of an escalation, whatever it is."""
    return raw.get("row") if isinstance(raw, Mapping) else None


def oversize(raw: object, *, cap: int = MAX_ITEM_BYTES) -> str:
    """What is too large or too deep in a JSON value; nothing if it is fit to be decoded. Looks no further than needed.

    Sizes are counted in characters of text and eight for anything else, which is near enough to bytes to bound work.
    """
    size = 0
    level: list[object] = [raw]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for value in level:
            size += len(value) if isinstance(value, str) else 8
            if isinstance(value, Mapping):
                size += sum(len(name) for name in value if isinstance(name, str))
                below.extend(value.values())
            elif isinstance(value, list | tuple):
                below.extend(value)
            if size + len(below) > cap:
                return _too_large(cap)
        if not below:
            return ""
        level = below
    return f"It is nested deeper than {MAX_DEPTH} levels, so it is not read."


def remote_reference(schema: object) -> str:
    """The first reference in a JSON Schema that leads outside of it, or nothing. ``schema`` is fit to be decoded."""
    below: list[object] = [schema]
    while below:
        value = below.pop()
        if isinstance(value, Mapping):
            for name in ("$ref", "$dynamicRef", "$recursiveRef"):
                target = value.get(name)
                if isinstance(target, str) and not target.startswith("#"):
                    return target
            below.extend(value.values())
        elif isinstance(value, list | tuple):
            below.extend(value)
    return ""


def _verified(read: Escalation, run: RunRef, position: int) -> Escalation:
    problem = read.row.problem or _unsound(read.row, run) or _schema_problem(read) or _naive(read)
    computed = ""
    try:
        computed = escalation_digest(read)
    except ValueError as error:
        problem = problem or _cut(f"It cannot be signed: {error}", MAX_PROBLEM)
    if computed and read.row.digest and computed != read.row.digest:
        problem = problem or "What the run asks to sign is not what it shows: the digests differ."
    row_read = dataclasses.replace(
        _in_utc(read.row),
        key=_key_within(read.key, run, position),
        digest=read.row.digest or computed,
        problem=problem,
    )
    return dataclasses.replace(read, row=row_read)


def _schema_problem(read: Escalation) -> str:
    proposals = [read.proposal, *(side.proposal for side in read.sides)]
    for schema in (read.schema, *(each.schema for each in proposals if isinstance(each, Proposal))):
        if target := remote_reference(schema):
            return _cut(
                f"Its form refers to {target!r}, outside of the item; nothing is loaded from there.", MAX_PROBLEM
            )
    return ""


def _naive(read: Escalation) -> str:
    moments = [entry.at for entry in read.led_here]
    moments += [comment.at for comment in read.comments]
    moments += [approval.at for approval in read.approvals]
    moments += [side.at for side in read.sides]
    moments.append(read.expires_at)
    return "One of its times has no zone." if any(at is not None and at.tzinfo is None for at in moments) else ""


def _unsound(read: Waiting, run: RunRef) -> str:
    """What is wrong with a row whose parts are all of the right type."""
    moments = [read.opened_at, read.due_at, read.claim.until if read.claim else None]
    if any(moment is not None and moment.tzinfo is None for moment in moments):
        return "One of its times has no zone."
    if read.key.run != run:
        return f"It was read in run {run.run_id} and says it belongs to another one."
    try:
        canonical([read.key.native_id, read.title, read.digest])
    except ValueError:
        return "Its text is not valid Unicode."
    return ""


def _in_utc(read: Waiting) -> Waiting:
    due = read.due_at.astimezone(UTC) if read.due_at else None
    claim = read.claim and dataclasses.replace(read.claim, until=read.claim.until.astimezone(UTC))
    return dataclasses.replace(read, opened_at=read.opened_at.astimezone(UTC), due_at=due, claim=claim)


@dataclasses.dataclass(frozen=True, slots=True)
class _StandIns:
    """What an unreadable row is taken to be. An unknown risk counts as high: somebody has to look."""

    position: int
    opened_at: datetime
    risk: Risk


def _row_as_known(raw: object, run: RunRef, problem: str, stand_ins: _StandIns) -> Waiting:
    """A row of whatever parts can be read."""
    parts = _readable_parts(Waiting, raw)
    for name in ("opened_at", "due_at", "claim"):
        moment = parts.get(name)
        moment = getattr(moment, "until", moment)
        if isinstance(moment, datetime) and moment.tzinfo is None:
            del parts[name]
    for name in ("title", "workflow", "agent", "business_key", "digest", "failure"):
        parts[name] = str(parts.get(name, "")).encode(errors="replace").decode()
    known: dict[str, Any] = {
        "kind": Kind.CHECKPOINT,
        "risk": stand_ins.risk,
        "opened_at": stand_ins.opened_at,
    } | parts
    known["title"] = parts["title"] or UNREADABLE_TITLE
    known["key"] = _key_within(parts.get("key"), run, stand_ins.position, raw)
    known["problem"] = problem
    return Waiting(**known)


def _item_as_known(raw: object, run: RunRef, position: int, opened_at: datetime, problem: str) -> Escalation:
    parts = _readable_parts(Escalation, raw)
    row_raw = row_part(raw)
    known: dict[str, Any] = {"opened_in": "", "step": "", "owner": "", "verdicts": ()} | parts
    known["row"] = dataclasses.replace(
        row(row_raw, run, position=position, opened_at=opened_at), problem=_cut(problem, MAX_PROBLEM)
    )
    return Escalation(**known)


def _readable_parts(kind: type, raw: object) -> dict[str, Any]:
    """The parts that are sound by themselves: of an item that is too large, all but what makes it so."""
    parts = {}
    if isinstance(raw, Mapping):
        for name, adapter in _FIELDS[kind].items():
            if name in raw and not oversize(raw[name]):
                try:
                    parts[name] = adapter.validate_python(raw[name])
                except (ValidationError, ValueError):
                    continue
    return parts


def _key_within(key: object, run: RunRef, position: int, raw: object = None) -> EscalationKey:
    """A key that names something in ``run`` and nowhere else; made up from the place where it stands, if need be."""
    if isinstance(key, EscalationKey) and key.native_id.isprintable() and key.occurrence >= 0:
        return key if key.run == run else dataclasses.replace(key, run=run)
    named = raw.get("key") if isinstance(raw, Mapping) else None
    native_id = named.get("native_id") if isinstance(named, Mapping) else None
    if not isinstance(native_id, str) or not native_id.isprintable() or len(native_id) > MAX_WORDS:
        native_id = f"unreadable-{position}"
    return EscalationKey(run, native_id, 1)


def _explained(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return _cut(str(error), MAX_PROBLEM)
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if not where:
        return "It is not an object, so nothing of it can be read."
    others = error.error_count() - 1
    return _cut(f"“{where}” is wrong: {first['msg']}{f' ({others} more)' if others else ''}.", MAX_PROBLEM)


def _too_large(cap: int) -> str:
    return f"It is larger than {cap // 1024:,} KB, so it is not read."


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
