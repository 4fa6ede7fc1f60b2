"""Which entries of the trail are shown: by kind, agent, step and words, with how many there are of each.

Invariant: counts are over everything read so far, whatever is filtered out, so that they do not jump while filtering.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from console.domain.run import TrailEntry, TrailKind
from console.screens.run.trail import sources
from console.screens.run.values import leaves

SEARCHED_TEXT = 20_000
SEARCHED_LEAVES = 60


class Group(enum.StrEnum):
    """Kinds of entries that are shown or left out together."""

    PROMPT = "Prompt, response"
    REASONING = "Reasoning"
    TOOL_CALL = "Tool call"
    EFFECT = "Effect"
    HAND_OFF = "Hand-off"
    ESCALATION = "Escalation"
    DECISION = "Decision"
    FAILED_ATTEMPT = "Failed attempt"
    GUARDRAIL = "Guardrail"
    STATE_CHANGE = "State change"
    NOTE = "Note"


_K = TrailKind
GROUPS: dict[str, tuple[TrailKind, ...]] = {
    **{group: (TrailKind[group.name],) for group in Group},
    Group.PROMPT: (_K.PROMPT, _K.RESPONSE),
    Group.FAILED_ATTEMPT: (_K.FAILED_ATTEMPT, _K.RETRY),
}
GROUP_OF = {kind: name for name, kinds in GROUPS.items() for kind in kinds}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFilter:
    """What is left out, and what is asked for; the empty one lets everything through."""

    groups_off: frozenset[str] = frozenset()
    agents_off: frozenset[str] = frozenset()
    step: str = ""
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filtered."""
        return self == TrailFilter()

    def toggled_group(self, name: str) -> TrailFilter:
        """The filter with a kind switched."""
        return replace(self, groups_off=self.groups_off ^ {name})

    def toggled_agent(self, name: str) -> TrailFilter:
        """The filter with an agent switched."""
        return replace(self, agents_off=self.agents_off ^ {name})

    def apply(self, entries: Iterable[TrailEntry], search: Search) -> tuple[TrailEntry, ...]:
        """The entries that pass, in their order."""
        kinds_off = {kind for name in self.groups_off for kind in GROUPS[name]}
        words = self.text.casefold().split()
        return tuple(
            entry
            for entry in entries
            if entry.kind not in kinds_off
            and entry.agent not in self.agents_off
            and (not self.step or touches(entry, self.step))
            and (not words or search.has(entry, words))
        )


def touches(entry: TrailEntry, step: str) -> bool:
    """Whether an entry belongs to a step, or is a hand-off to or from it."""
    if entry.step == step:
        return True
    return entry.kind is TrailKind.HAND_OFF and (entry.data.get("to") == step or step in sources(entry))


class Search:
    """What can be searched of each entry, worked out once. Text and data are searched up to a bound."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[TrailEntry, str]] = {}

    def has(self, entry: TrailEntry, words: Sequence[str]) -> bool:
        """Whether every word, case-folded, occurs in the entry."""
        known = self._texts.get(entry.entry_id)
        if known is None or known[0] is not entry:
            known = (entry, _searched(entry))
            self._texts[entry.entry_id] = known
        return all(word in known[1] for word in words)

    def forget(self) -> None:
        """Let go of everything, for another run."""
        self._texts.clear()


def _searched(entry: TrailEntry) -> str:
    parts = (entry.title, entry.text[:SEARCHED_TEXT], entry.agent, entry.step, *leaves(entry.data, SEARCHED_LEAVES))
    return "\n".join(parts).casefold()


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the filter: what, how many, whether it is shown."""

    name: str
    count: int
    is_on: bool


def kind_choices(entries: Iterable[TrailEntry], chosen: TrailFilter) -> tuple[Choice, ...]:
    """The kinds that occur, in their fixed order; one that is switched off stays."""
    counts = Counter(GROUP_OF[entry.kind] for entry in entries)
    return tuple(
        Choice(name, counts[name], name not in chosen.groups_off)
        for name in GROUPS
        if counts[name] or name in chosen.groups_off
    )


def agent_choices(entries: Iterable[TrailEntry], chosen: TrailFilter) -> tuple[Choice, ...]:
    """The agents that occur, by name."""
    counts = Counter(entry.agent for entry in entries if entry.agent)
    names = sorted(counts.keys() | chosen.agents_off)
    return tuple(Choice(name, counts[name], name not in chosen.agents_off) for name in names)
