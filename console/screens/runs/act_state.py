"""Acting on many runs, as data: what would be sent for each, and what became of it.

Pure. Invariant: every run that was chosen has one entry from the beginning to the end; one that is not sent says why.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from console.domain.decision import FINAL_STATES, DecisionState
from console.domain.escalation import Target, Verdict
from console.domain.language import tr
from console.domain.risk import Friction, Risk
from console.domain.run import RunRef
from console.domain.together import friction_together
from console.qtkit.tokens import Tone

S = DecisionState
WENT_WELL = frozenset({S.CONFIRMED, S.CARRIED_OUT, S.HALF_GRANTED})
TROUBLE = frozenset({S.REFUSED, S.UNCERTAIN, S.FAILED, S.SUPERSEDED, S.EXPIRED})

STATES: dict[DecisionState, tuple[str, Tone]] = {
    S.HELD: ("clock", Tone.ACCENT),
    S.QUEUED: ("clock", Tone.SECOND),
    S.SENDING: ("send", Tone.SECOND),
    S.CONFIRMED: ("check", Tone.ACCENT),
    S.CARRIED_OUT: ("check-check", Tone.OK),
    S.FAILED: ("octagon-x", Tone.CRITICAL),
    S.HALF_GRANTED: ("signature", Tone.PERSON),
    S.SUPERSEDED: ("history", Tone.MEDIUM),
    S.REFUSED: ("ban", Tone.CRITICAL),
    S.UNCERTAIN: ("circle-question-mark", Tone.HIGH),
    S.EXPIRED: ("timer", Tone.SECOND),
    S.WITHDRAWN: ("undo-2", Tone.SECOND),
}


class Stage(enum.Enum):
    """How far it has come."""

    READING = "reading"
    ASKING = "asking"
    SENDING = "sending"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One run. ``problem`` says why nothing is sent for it; ``message`` what was said of it since."""

    ref: RunRef
    label: str
    item_id: str = ""
    digest: str = ""
    risk: Risk = Risk.LOW
    is_read: bool = False
    problem: str = ""
    targets: tuple[Target, ...] = ()
    decision_id: str = ""
    state: DecisionState | None = None
    at: datetime | None = None
    effect: str = ""
    message: str = ""
    next_action: str = ""

    @property
    def can_be_sent(self) -> bool:
        """Whether a decision can be made for it and was not yet."""
        return self.is_read and not self.problem and self.state is None

    @property
    def is_trouble(self) -> bool:
        """Whether a person has to look at it."""
        return bool(self.problem) or self.state in TROUBLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ActState:
    """All of it. ``fingerprint`` names the group it was begun on, if it was one; ``was_stopped`` leaves the rest."""

    verdict: Verdict
    entries: tuple[Entry, ...]
    stage: Stage = Stage.READING
    fingerprint: str = ""
    reason: str = ""
    target: Target | None = None
    was_stopped: bool = False
    only_trouble: bool = False
    failed: str = ""
    by_state: dict[DecisionState, int] = field(default_factory=dict)

    @property
    def to_send(self) -> int:
        """How many decisions would be made now."""
        return sum(entry.can_be_sent for entry in self.entries)

    @property
    def sent(self) -> int:
        """How many decisions were made."""
        return sum(entry.state is not None for entry in self.entries)

    @property
    def left_out(self) -> int:
        """How many runs nothing can be sent for."""
        return sum(bool(entry.problem) for entry in self.entries)

    @property
    def read(self) -> int:
        """How many were read."""
        return sum(entry.is_read for entry in self.entries)

    @property
    def risk(self) -> Risk:
        """The highest risk among them."""
        return max(self._risks, default=Risk.LOW)

    @property
    def needs_reason(self) -> bool:
        """Whether a reason has to be given: together takes one step more than the gravest alone."""
        risks = self._risks
        return bool(risks) and friction_together(risks, self.verdict) >= Friction.REASON

    @property
    def _risks(self) -> list[Risk]:
        return [entry.risk for entry in self.entries if entry.can_be_sent or entry.state is not None]

    @property
    def targets(self) -> tuple[Target, ...]:
        """Where all of them can be rerouted to."""
        sendable = [entry for entry in self.entries if entry.can_be_sent]
        return _common([entry.targets for entry in sendable])

    @property
    def lacks(self) -> str:
        """What is missing before it can be sent; empty when nothing is."""
        if self.stage is not Stage.ASKING:
            return tr("It is being read.") if self.stage is Stage.READING else tr("It is under way.")
        if not self.to_send:
            return tr("There is nothing that could be sent.")
        if self.verdict is Verdict.REROUTE and self.target is None:
            return tr("Say where they shall go.") if self.targets else tr("There is no place where all of them can go.")
        return tr("Give a reason.") if self.needs_reason and not self.reason.strip() else ""

    @property
    def is_settled(self) -> bool:
        """Whether what was sent has come to its end."""
        return all(entry.state is None or entry.state in FINAL_STATES for entry in self.entries)

    @property
    def shown(self) -> tuple[Entry, ...]:
        """The entries that a person looks at: what is trouble first, then in their order."""
        found = [entry for entry in self.entries if entry.is_trouble or not self.only_trouble]
        return tuple(sorted(found, key=lambda entry: not entry.is_trouble))


def counted(entries: Iterable[Entry]) -> dict[DecisionState, int]:
    """How many of them are in each state."""
    found: dict[DecisionState, int] = {}
    for entry in entries:
        if entry.state is not None:
            found[entry.state] = found.get(entry.state, 0) + 1
    return found


def _common(choices: Sequence[tuple[Target, ...]]) -> tuple[Target, ...]:
    if not choices:
        return ()
    others = [{(target.kind, target.target_id) for target in each} for each in choices[1:]]
    return tuple(target for target in choices[0] if all((target.kind, target.target_id) in each for each in others))
