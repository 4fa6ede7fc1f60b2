"""What is asked of the decisions of a desk: words, verdicts and states, and how many.

Invariant: a decision has to have every term, and one of the verdicts and of the states where some are named.
"""

from __future__ import annotations

from dataclasses import dataclass

from console.domain.decision import DecisionState
from console.domain.escalation import Verdict


@dataclass(frozen=True, slots=True)
class Term:
    """One word, found in any text of a decision, or as what it is called on screen: these verdicts and states."""

    word: str
    verdicts: frozenset[Verdict] = frozenset()
    states: frozenset[DecisionState] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedQuery:
    """Which decisions, newest first, the first ``limit`` of them; empty sets let every one through."""

    terms: tuple[Term, ...] = ()
    verdicts: frozenset[Verdict] = frozenset()
    states: frozenset[DecisionState] = frozenset()
    limit: int = 50
