"""A thread as the server tells it, distrusted: only what has the right shape is taken, and nothing raises.

Our :class:`~console.domain.run.RunRef` names a thread; ``moment`` is when its state last moved, in microseconds, and
the occurrence of most that waits there: an interrupt that opens again, in the same node with the same id, is another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console.domain.errors import RefusalCode, Refused
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.engines.items import LONG_AGO
from console.engines.langgraph import errors
from console.engines.langgraph.line import Line, Node

THREAD_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,127}")
RISKS = {risk.word: risk for risk in Risk}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIELDS = ("thread_id", "status", "metadata", "created_at", "updated_at", "state_updated_at", "interrupts")
MAX_NAME = 200
MAX_ERROR = 2_000


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread. ``interrupts`` are by task; ``error`` is what it failed with, as only reading it by itself tells."""

    thread_id: str
    status: str
    metadata: Node
    created_at: datetime
    updated_at: datetime
    moved_at: datetime
    interrupts: Mapping[str, Sequence[object]]
    error: str = ""

    @property
    def graph(self) -> str:
        """The graph that runs in it."""
        return word(self.metadata.get("graph_id"))

    @property
    def assistant_id(self) -> str:
        """The assistant that ran in it last, else the graph's own."""
        return word(self.metadata.get("assistant_id")) or self.graph

    @property
    def moment(self) -> int:
        """When its state last moved, in microseconds since 1970."""
        return micros(self.moved_at)

    @property
    def risk(self) -> Risk | None:
        """The risk that whoever started it states in its metadata; LangGraph itself knows of none."""
        stated = self.metadata.get("risk")
        return RISKS.get(stated.lower()) if isinstance(stated, str) else None

    def ref(self, server: str) -> RunRef:
        """Its name as a run."""
        return RunRef(server, self.thread_id, self.thread_id)


def thread(raw: object) -> Thread | None:
    """A thread, or ``None`` where it cannot even be named."""
    if not isinstance(raw, Mapping):
        return None
    thread_id = raw.get("thread_id")
    if not isinstance(thread_id, str) or not THREAD_ID.fullmatch(thread_id):
        return None
    updated_at = instant(raw.get("updated_at")) or LONG_AGO
    interrupts = raw.get("interrupts")
    return Thread(
        thread_id=thread_id,
        status=word(raw.get("status")),
        metadata=node(raw.get("metadata")),
        created_at=instant(raw.get("created_at")) or LONG_AGO,
        updated_at=updated_at,
        moved_at=instant(raw.get("state_updated_at")) or updated_at,
        interrupts=_by_task(interrupts),
        error=error_words(raw.get("error")),
    )


async def read(line: Line, thread_id: str) -> Thread:
    """One thread, read now. Raises :class:`Refused` where it is not there."""
    found = thread(await line.get(path(thread_id)))
    if found is None or found.thread_id != thread_id:
        raise errors.unreadable("it is not the thread that was asked for.")
    return found


def path(thread_id: str, *more: str) -> str:
    """The address of a thread, or of something of it. Raises :class:`Refused` for what cannot be the id of one."""
    if not THREAD_ID.fullmatch(thread_id):
        raise Refused("There is no such thread.", code=RefusalCode.UNKNOWN)
    return "/".join(("/threads", thread_id, *more))


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return max(0, (at - EPOCH) // timedelta(microseconds=1))


def instant(raw: object) -> datetime | None:
    """A time as the server writes it, in UTC."""
    if not isinstance(raw, str) or len(raw) > MAX_NAME:
        return None
    try:
        at = datetime.fromisoformat(raw)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def node(raw: object) -> Node:
    """An object, or an empty one."""
    return raw if isinstance(raw, Mapping) else {}


def items_of(raw: object) -> Sequence[object]:
    """A list, or an empty one."""
    return raw if isinstance(raw, list) else ()


def word(raw: object) -> str:
    """A name, cut; empty where it is none."""
    return raw[:MAX_NAME].encode(errors="replace").decode() if isinstance(raw, str) else ""


def error_words(raw: object) -> str:
    """What a failure says of itself, cut."""
    told = node(raw)
    kind, message = told.get("error"), told.get("message")
    if isinstance(raw, str):
        return raw[:MAX_ERROR]
    said = ": ".join(each for each in (kind, message) if isinstance(each, str) and each)
    return said[:MAX_ERROR].encode(errors="replace").decode()


def _by_task(raw: object) -> dict[str, Sequence[object]]:
    """Interrupts by task, as lists of threads tell them; a list without tasks counts as of one."""
    if isinstance(raw, list):
        return {"": raw} if raw else {}
    told = node(raw)
    return {word(task): found for task, found in told.items() if isinstance(found, list) and found}
