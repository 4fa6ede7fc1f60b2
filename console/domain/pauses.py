"""What is paused: one run, a plan, an agent or everything; who paused it, since when and why.

Pure. Invariant: what is told comes from the item that waits until somebody resumes it; who paused it and why is empty
until that item was read in full, never guessed.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from console.domain.ages import short_clock
from console.domain.display import one_line
from console.domain.escalation import COMMAND_SIGN, Verdict, Waiting
from console.domain.run import RunRef, RunStatus

NAME, WHY = 80, 300
MATCHED = 2_000
OVER = frozenset({RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED})
TOLD = re.compile(r"(?P<what>.{1,200}?) was paused by (?P<by>.{1,200}?) at (?P<at>\d\d:\d\d) UTC(?:: (?P<why>.*))?")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """One thing that is paused, with the item that waits until it is resumed."""

    scope: Scope
    name: str
    item_id: str
    ref: RunRef
    since: datetime
    by: str = ""
    why: str = ""

    @property
    def is_wide(self) -> bool:
        """Whether it holds more than one run."""
        return self.scope is not Scope.RUN

    @property
    def what(self) -> str:
        """What is paused, in words: ``everything``, ``plan refund``."""
        return "everything" if self.scope is Scope.ALL else f"{self.scope} {one_line(self.name[:NAME])}"

    @property
    def target(self) -> RunRef:
        """The run that is paused, where it is one: of the newest of that name if the item is another run's."""
        return self.ref if self.ref.run_id == self.name else RunRef(self.ref.server, self.name, "")

    @property
    def query(self) -> str:
        """The words under which a list shows the runs that a wide pause holds."""
        return f"status:open workflow:{self.name}" if self.scope is Scope.PLAN else "status:open"

    def holds(self, ref: RunRef, workflow: str, agents: Collection[str] = ()) -> bool:
        """Whether it holds this run up, as far as is known of its agents."""
        if ref.server != self.ref.server:
            return False
        return {
            Scope.ALL: True,
            Scope.PLAN: self.name == workflow,
            Scope.AGENT: self.name in agents,
            Scope.RUN: self.name == ref.run_id,
        }[self.scope]

    def told(self, now: datetime) -> str:
        """What is paused by whom, since when and why: ``everything is paused by root since 01:20: provider outage``."""
        return f"{self.what} is paused{self._by(now)}"

    def briefly(self, now: datetime) -> str:
        """The same in a line about a run that it holds; its own pause need not name it."""
        return f"Paused: {self.told(now)}" if self.is_wide else f"Paused{self._by(now)}"

    def _by(self, now: datetime) -> str:
        by = f" by {one_line(self.by[:NAME])}" if self.by else ""
        why = f": {one_line(self.why[:WHY])}" if self.why else ""
        return f"{by} since {short_clock(self.since, now)}{why}"


def decided_title(row: Waiting, verdict: Verdict) -> str:
    """What was decided, as it is called afterwards: who ends a pause has resumed what the item says is paused."""
    pause = pause_of(row) if verdict is Verdict.RESUME else None
    return f"Resume {pause.what}" if pause is not None else row.title


def pause_of(row: Waiting, text: str = "") -> Pause | None:
    """What waits to be resumed under a row, by the words of its item; none where the row is of something else."""
    try:
        scope, name = scope_of(row.key.native_id)
    except ValueError:
        return None
    said = TOLD.fullmatch(text[:MATCHED].strip())
    return Pause(
        scope=scope,
        name=name,
        item_id=row.key.item_id,
        ref=row.key.run,
        since=row.opened_at,
        by=said["by"] if said is not None else "",
        why=(said["why"] or "").rstrip(".") if said is not None else "",
    )
