"""What runs, workers and the control say to each other: what can be paused, what is, and who is held up by it.

Invariant: a scope has one name everywhere, the native id under which a person pauses and resumes it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from console.domain.canonical import Json
from console.domain.escalation import COMMAND_SIGN
from console.tower.wire import OWN_ACTIVITY_PREFIX

IN_FLIGHT_ACTIVITY = OWN_ACTIVITY_PREFIX + "in_flight"


class Scope(enum.StrEnum):
    """How much a pause holds."""

    RUN = "run"
    PLAN = "plan"
    AGENT = "agent"
    ALL = "all"

    def native_id(self, name: str = "") -> str:
        """The name of one scope: ``@agent/refund-agent``, ``@all``."""
        return f"{COMMAND_SIGN}{self}/{name}" if name else f"{COMMAND_SIGN}{self}"


def scope_of(native_id: str) -> tuple[Scope, str]:
    """The scope of a name, and which one. Raises :class:`ValueError` for what names none."""
    kind, _, name = native_id.removeprefix(COMMAND_SIGN).partition("/")
    scope = Scope(kind)
    if not native_id.startswith(COMMAND_SIGN) or (scope is Scope.ALL) == bool(name):
        raise ValueError(f"not a scope: {native_id[:80]!r}")
    return scope, name


def scopes(run_id: str, plan: str, agent: str) -> tuple[str, ...]:
    """Every scope that what an agent does in a run belongs to."""
    return (
        Scope.ALL.native_id(),
        Scope.PLAN.native_id(plan),
        Scope.AGENT.native_id(agent),
        Scope.RUN.native_id(run_id),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """What is paused; ``text`` says so to people, with who did it and why."""

    native_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A worker tells the control that a run cannot go on, so that it is told when it can."""

    native_id: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The control's word to a run: what is paused (``text``), or that it may try again (empty)."""

    native_id: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlStart:
    """The argument of the control: its whole state when it continues as new."""

    carried: dict[str, Json] | None = None
