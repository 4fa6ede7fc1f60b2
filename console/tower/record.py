"""The one state record of a run: facts at a revision, with the history of its last revisions.

Invariant: a revision never changes what it was; a patch that relies on keys which have moved since they were handed
out is not applied (:meth:`Record.moved` says which). The history is bounded: what is older folds into its start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from console.domain.canonical import Json
from console.domain.run import Fact, Standing

MAX_REVISIONS = 200


@dataclass(frozen=True, slots=True)
class Delta:
    """The facts that one revision set."""

    revision: int
    at: datetime
    facts: tuple[Fact, ...]


@dataclass(slots=True)
class Record:
    """Facts by name; ``start`` is what they were before the first of ``deltas``."""

    revision: int = 0
    facts: dict[str, Fact] = field(default_factory=dict)
    start_revision: int = 0
    start: dict[str, Fact] = field(default_factory=dict)
    deltas: list[Delta] = field(default_factory=list)

    def apply(
        self, patch: Mapping[str, Json], *, by_step: str, at: datetime, standing: Standing = Standing.KNOWN
    ) -> None:
        """Set facts under one new revision; an empty patch makes none."""
        if not patch:
            return
        self.revision += 1
        facts = tuple(Fact(name, value, standing, by_step, self.revision) for name, value in patch.items())
        self.facts.update((fact.name, fact) for fact in facts)
        self.deltas.append(Delta(self.revision, at, facts))
        if len(self.deltas) > MAX_REVISIONS:
            oldest = self.deltas.pop(0)
            self.start.update((fact.name, fact) for fact in oldest.facts)
            self.start_revision = oldest.revision

    def moved(self, handed: Mapping[str, int], keys: Iterable[str]) -> tuple[str, ...]:
        """Those of ``keys`` whose fact has another revision than when it was handed out (0: it was not there)."""
        return tuple(sorted(key for key in set(keys) if self.revision_of(key) != handed.get(key, 0)))

    def revision_of(self, key: str) -> int:
        """The revision that last set a fact; 0 where there is none."""
        return self.facts[key].revision if key in self.facts else 0

    def at_revision(self, revision: int | None) -> tuple[int, datetime | None, tuple[Fact, ...]]:
        """The state at a revision (``None``: now). Raises :class:`LookupError` for one that is not kept."""
        wanted = self.revision if revision is None else revision
        if not self.start_revision <= wanted <= self.revision:
            raise LookupError(f"revision {wanted} is not kept; there are {self.start_revision} to {self.revision}")
        facts, at = dict(self.start), None
        for delta in self.deltas:
            if delta.revision > wanted:
                break
            facts.update((fact.name, fact) for fact in delta.facts)
            at = delta.at
        return wanted, at, tuple(facts[name] for name in sorted(facts))
