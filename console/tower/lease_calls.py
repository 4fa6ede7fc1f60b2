"""What runs and leases say to each other: a want, what the lease answers to it, and giving it back.

Invariant: a lease's word to a run has a number that only grows, so that what comes late or twice changes nothing; it
names the want it is about, so that it never reaches another proposal.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from console.domain.canonical import Json, sha256_hex
from console.domain.escalation import Side, Target
from console.domain.identity import Role
from console.tower.wire import OWN_ACTIVITY_PREFIX

LEASE_ACTIVITY = OWN_ACTIVITY_PREFIX + "lease"
FENCE_ACTIVITY = OWN_ACTIVITY_PREFIX + "fence"
STILL_RUNS_ACTIVITY = OWN_ACTIVITY_PREFIX + "still_runs"
MAX_READABLE = 40


class Standing(enum.StrEnum):
    """How a run stands with what it wants. Only ``granted`` may act."""

    GRANTED = "granted"
    QUEUED = "queued"
    CONTESTED = "contested"
    WAITS = "waits"
    STOPPED = "stopped"
    REROUTED = "rerouted"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A step of a run wants a resource for itself, from its proposal until that is done or given up.

    ``ask_id`` names the proposal within its run; ``side`` is what a person sees of it if another run wants the same;
    ``due_minutes`` and ``roles`` are how soon, and by whom, that has to be decided.
    """

    resource: str
    ask_id: str
    side: Side
    due_minutes: float
    roles: tuple[Role, ...]

    @property
    def who(self) -> str:
        """The run and its step, as one name."""
        return f"{self.side.run.run_id}/{self.side.run.chain_id}/{self.side.step}"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """The lease's word on one want. ``text`` is for people, ``other`` the run it is about.

    ``after`` tells what another run has done to the resource meanwhile: then the proposal has to be made anew.
    ``by`` is who decided, where a person did.
    """

    resource: str
    ask_id: str
    step: str
    number: int
    standing: Standing
    token: int = 0
    text: str = ""
    other: str = ""
    after: str = ""
    by: str = ""
    to: Target | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """A run needs it no longer. ``done`` tells what it did, and is empty where it did nothing."""

    resource: str
    who: str
    ask_id: str
    done: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseStart:
    """The argument of a lease: what it is on, and its whole state when it continues as new."""

    resource: str
    carried: dict[str, Json] | None = None


def lease_id(resource: str) -> str:
    """The workflow id of the lease on a resource: readable, bounded, one for each."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "-", resource)[:MAX_READABLE].strip("-")
    return f"lease-{readable}-{sha256_hex(resource)[:12]}"
