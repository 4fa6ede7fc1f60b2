"""What comes from Temporal, distrusted: payloads, memos and replies turned into the domain's words, within caps.

Invariants: no payload over its cap is decoded; a bad row or item is one item with a problem; a reply that is no reply
is ``Refused`` in words, never a crash. An execution speaks for its own workflow id only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.api.workflow.v1 import WorkflowExecutionInfo

from console.domain.errors import Refused
from console.domain.escalation import Escalation, Waiting
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.engines import items
from console.engines.temporal import errors
from console.tower import wire

T = TypeVar("T")

MAX_REPLY_BYTES = 4 * 1024 * 1024
MAX_ROWS = 4 * wire.MAX_OPEN_ESCALATIONS
MAX_PARTS = 2_000
RUNNING = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
JSON_ENCODINGS = {"json/plain", "json/protobuf"}

_TIME = TypeAdapter(datetime)
_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


@dataclass(frozen=True, slots=True)
class Listed:
    """One execution as visibility tells it: its rows, and whether only a query knows them all.

    ``mark`` changes whenever anything told here does; ``changed_at`` is the run's own word, on the server's clock.
    ``more`` counts what waits beside the rows.
    """

    ref: RunRef
    rows: tuple[Waiting, ...]
    is_partial: bool
    mark: str
    changed_at: datetime | None
    title: str = ""
    more: int = 0


def to_payloads(argument: BaseModel | str | int | None) -> Payloads:
    """One argument of a query or update, as the tower's converter reads it."""
    if argument is None:
        return Payloads(payloads=[Payload(metadata={"encoding": b"binary/null"})])
    data = argument.model_dump_json() if isinstance(argument, BaseModel) else TypeAdapter(str | int).dump_json(argument)
    encoded = data if isinstance(data, bytes) else data.encode()
    return Payloads(payloads=[Payload(metadata={"encoding": b"json/plain"}, data=encoded)])


def json_of(payload: Payload, *, cap: int = MAX_REPLY_BYTES) -> tuple[object, str]:
    """The JSON value of a payload and no problem, or ``None`` and what is wrong with it."""
    encoding = payload.metadata.get("encoding", b"").decode(errors="replace")
    if encoding == "binary/null":
        return None, ""
    if encoding not in JSON_ENCODINGS:
        return None, f"It is encoded as “{encoding[:60]}”, which this connection cannot read."
    return items.parse(payload.data, cap=cap)


def reply(payloads: Payloads, kind: type[T]) -> T:
    """The one result of a query or update. Raises :class:`Refused` where it is not of this kind."""
    value = _message(payloads)
    if problem := items.oversize(value, cap=MAX_REPLY_BYTES):
        raise unreadable(problem)
    try:
        read: T = _adapter(kind).validate_python(value)
        return read
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise unreadable(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _message(payloads: Payloads) -> object:
    value, problem = json_of(payloads.payloads[0]) if payloads.payloads else (None, "It is empty.")
    version = value.get("version") if isinstance(value, Mapping) else None
    if isinstance(version, int) and version > wire.WIRE_VERSION:
        problem = _newer(version)
    if problem:
        raise unreadable(problem)
    return value


def _adapter(kind: type) -> TypeAdapter[Any]:
    """Made once per kind: it compiles what it validates."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def unreadable(problem: str) -> Refused:
    """The run answered, and its answer makes no sense here."""
    return Refused(
        f"The run's answer cannot be read: {problem[:300]}",
        code=errors.UNREADABLE,
        next_action="Ask whoever runs the workers; console and tower may be of different versions.",
    )


def escalations(payloads: Payloads, ref: RunRef) -> tuple[Escalation, ...]:
    """Every item in the reply to query ``escalations``, one by one. Raises :class:`Refused` if it is none at all."""
    value = _message(payloads)
    found = value.get("items") if isinstance(value, Mapping) else None
    if not isinstance(found, list):
        raise unreadable("it has no items.")
    return tuple(items.escalation(raw, ref, position=number) for number, raw in enumerate(found[:MAX_ROWS]))


def each(payloads: Payloads, name: str, kind: type[T], stand_in: T) -> tuple[T, ...]:
    """Every part of this kind in a reply, one by one; ``stand_in`` takes the place of one that cannot be read.

    Raises :class:`Refused` where the reply has no list of them.
    """
    value = _message(payloads)
    found = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(found, list):
        raise unreadable(f"it has no {name}.")
    return tuple(_part(raw, kind, stand_in) for raw in found[:MAX_PARTS])


def _part(raw: object, kind: type[T], stand_in: T) -> T:
    try:
        read: T = stand_in if items.oversize(raw) else _adapter(kind).validate_python(raw)
    except ValidationError:
        return stand_in
    return read


def listed(info: WorkflowExecutionInfo, server: str) -> Listed:
    """One execution of a visibility list."""
    payload = info.memo.fields.get(wire.MEMO_KEY, Payload())
    value, problem = json_of(payload, cap=items.MAX_ITEM_BYTES)
    memo: Mapping[str, object] = value if isinstance(value, Mapping) else {}
    version = memo.get("version")
    if isinstance(version, int) and version > wire.WIRE_VERSION:
        problem = _newer(version)
    rows_raw = memo.get("rows")
    if not problem and not isinstance(rows_raw, list):
        problem = "It waits for a person, and does not say for what."
    is_open = info.status == RUNNING and open_count(info) > 0
    ref = RunRef(server, info.execution.workflow_id, _chain_id(info, rows_raw))
    opened_at = time_attribute(info, "ClearanceOpenedAt") or info.start_time.ToDatetime(tzinfo=UTC)
    level = int_attribute(info, "ClearanceRisk")
    risk = Risk(level) if level in set(Risk) else Risk.HIGH
    rows: tuple[Waiting, ...] = ()
    if is_open and problem:
        rows = (items.broken_row(ref, problem, title=str(memo.get("title") or ""), opened_at=opened_at, risk=risk),)
    elif is_open and isinstance(rows_raw, list):
        rows = tuple(
            items.row(raw, ref, position=number, opened_at=opened_at, risk=risk)
            for number, raw in enumerate(rows_raw[:MAX_ROWS])
        )
    is_moved = memo.get("run_id") not in {"", None, info.execution.run_id}
    is_partial = is_open and not problem and (is_moved or bool(memo.get("more")))
    mark = hashlib.blake2b(payload.data, digest_size=12, key=info.execution.run_id.encode()).hexdigest()
    mark = f"{mark}.{info.status}.{open_count(info)}"
    title, more = memo.get("title"), memo.get("more")
    return Listed(
        ref,
        rows,
        is_partial,
        mark,
        time_attribute(info, "ClearanceChangedAt"),
        title[: items.MAX_WORDS] if isinstance(title, str) else "",
        more if is_open and isinstance(more, int) and more > 0 else 0,
    )


def open_count(info: WorkflowExecutionInfo) -> int:
    """How many items the execution says are open."""
    return int_attribute(info, "ClearanceOpen")


def int_attribute(info: WorkflowExecutionInfo, name: str) -> int:
    """A number among the search attributes; 0 where there is none."""
    value, _ = json_of(info.search_attributes.indexed_fields.get(name, Payload()), cap=100)
    return value if isinstance(value, int) else 0


def text_attribute(info: WorkflowExecutionInfo, name: str) -> str:
    """A text among the search attributes; empty where there is none."""
    value, _ = json_of(info.search_attributes.indexed_fields.get(name, Payload()), cap=items.MAX_ITEM_BYTES)
    return value[: items.MAX_WORDS] if isinstance(value, str) else ""


def time_attribute(info: WorkflowExecutionInfo, name: str) -> datetime | None:
    """A time among the search attributes, aware and in UTC."""
    value, problem = json_of(info.search_attributes.indexed_fields.get(name, Payload()), cap=100)
    if problem or value is None:
        return None
    try:
        moment = _TIME.validate_python(value)
    except ValidationError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _chain_id(info: WorkflowExecutionInfo, rows: object) -> str:
    """The first run id of the chain: from the server if it tells, else from a row, else it is the only one."""
    if info.first_run_id:
        return info.first_run_id
    for raw in rows if isinstance(rows, list) else []:
        key = raw.get("key") if isinstance(raw, Mapping) else None
        run = key.get("run") if isinstance(key, Mapping) else None
        chain_id = run.get("chain_id") if isinstance(run, Mapping) else None
        if isinstance(chain_id, str) and chain_id:
            return chain_id
    return info.execution.run_id


def _newer(version: int) -> str:
    return f"It is written by a newer tower (version {version}); this console reads version {wire.WIRE_VERSION}."
