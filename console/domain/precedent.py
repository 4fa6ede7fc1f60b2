"""Cases that were decided before: what makes two alike, what was said to one, and how its run ended.

Invariant: a case counts once, with the verdict that ended its waiting; what is not known of its end is ``None``, and
counts as neither good nor bad.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.domain.escalation import Escalation, Kind, Verdict
from console.domain.receipt import Outcome
from console.domain.rules import EXECUTING
from console.domain.run import RunRef, RunStatus

MOST = 200


@dataclass(frozen=True, slots=True)
class Likeness:
    """What cases have to have in common: workflow, kind, gate (where one is planned) and tool (where one is asked)."""

    workflow: str
    kind: Kind
    gate: str = ""
    tool: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """One case. ``confidence`` is how sure the agent had been.

    ``outcome`` is what became of the decision, with the run's words in ``message``, and ``ended`` how the run did.
    """

    run: RunRef
    title: str
    like: Likeness
    verdict: Verdict
    at: datetime
    outcome: Outcome
    message: str = ""
    ended: RunStatus | None = None
    confidence: float | None = None

    @property
    def is_let_through(self) -> bool:
        """Whether a person let it happen, as it was proposed or edited."""
        return self.verdict in EXECUTING

    @property
    def is_well(self) -> bool | None:
        """Whether it was carried out and its run came to its end; ``None`` while that is not known."""
        if self.outcome is Outcome.FAILED or self.ended in {RunStatus.FAILED, RunStatus.CANCELLED}:
            return False
        if self.outcome is Outcome.CARRIED_OUT:
            return True if self.ended is RunStatus.COMPLETED else None
        return None


@dataclass(frozen=True, slots=True)
class Precedents:
    """The newest cases, newest first, :data:`MOST` at most: since when was looked, and whether at all there is."""

    found: tuple[Precedent, ...] = ()
    since: datetime | None = None
    is_whole: bool = True


def likeness(escalation: Escalation) -> Likeness:
    """What cases like this one have in common with it."""
    tool = escalation.proposal.tool if escalation.proposal is not None else ""
    return Likeness(escalation.row.workflow, escalation.row.kind, escalation.gate, tool)
