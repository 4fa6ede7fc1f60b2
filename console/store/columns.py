"""Between values and columns: times, and content as JSON.

Invariant: what was read back equals what was written. Hostile text that no database can hold (lone surrogates) is
replaced character by character, so that one item never stops another. Raises :class:`ValueError` for a naive time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from console.domain.decision import Decision
from console.domain.escalation import Escalation
from console.domain.receipt import Receipt

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

ESCALATION = TypeAdapter(Escalation)
DECISION = TypeAdapter(Decision)
RECEIPT = TypeAdapter(Receipt)


def micros(moment: datetime) -> int:
    """Whole microseconds since 1970."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be kept")
    return (moment - EPOCH) // _MICROSECOND


def micros_or_none(moment: datetime | None) -> int | None:
    """The same, where there may be no time."""
    return None if moment is None else micros(moment)


def moment(value: int) -> datetime:
    """The time, aware, in UTC."""
    return EPOCH + timedelta(microseconds=value)


def moment_or_none(value: int | None) -> datetime | None:
    """The same, where there may be no time."""
    return None if value is None else moment(value)


def storable(text: str) -> str:
    """The text with lone surrogates replaced."""
    return text if text.isascii() else text.encode(errors="replace").decode()
