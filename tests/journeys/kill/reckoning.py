"""The final account: every decision of every store against the business database and the runs' own receipts.

Invariant: it goes by ids and counts what each witness has; a decision that one of them knows and another does not is
named, never left out.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from console.domain.decision import DecisionState
from console.store.records import StoredDecision
from tests import till
from tests.journeys.kill import proof
from tests.journeys.kill.bench import Bench
from tests.journeys.kill.stops import Moment
from tests.servers import blocking

S = DecisionState
DONE_NOTHING = frozenset({S.WITHDRAWN, S.SUPERSEDED})
QUERIES_AT_ONCE = 8


@dataclass
class Reckoning:
    """What was found. ``lost`` and ``twice`` name decisions; ``contradictions`` say in words what does not agree."""

    line: str
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)


def reckon(bench: Bench) -> Reckoning:
    """Compare everything with everything.

    All decisions of these tests approve: each has one effect, unless it was held when its console died or somebody else
    decided its run.
    """
    decisions = {each: stored for home in bench.homes for each, stored in proof.stored(home).items()}
    effects = proof.effects(bench.worker.business)
    done = Counter(each.decision_id for each in effects)
    runs = Counter(each.run_id for each in effects)
    held = {death.decision_id for death in bench.deaths if death.moment == Moment.HELD}
    others = set(bench.decided_by_others.values())
    lost = [
        each
        for each, stored in decisions.items()
        if not done[each] and each not in held and stored.run.run_id not in others
    ]
    lost += [each for home in bench.homes for each in proof.made(home) if each not in decisions]
    twice = [each for each, count in done.items() if count > 1] + [each for each, count in runs.items() if count > 1]
    kinds = Counter(death.moment for death in bench.deaths)
    met = ", ".join(f"{moment} {count}" for moment, count in kinds.items())
    line = f"{len(bench.deaths)} consoles killed ({met}); {len(decisions)} decisions, {len(effects)} effects."
    found = Reckoning(f"{line} Lost {len(lost)}, twice {len(twice)}.", lost, twice)
    known = decisions.keys() | bench.decided_by_others.keys()
    found.contradictions += [f"{each} did something and nobody decided it" for each in done.keys() - known]
    found.contradictions += [
        f"{each} is {decisions[each].state} and did something"
        for each in done.keys() & decisions.keys()
        if decisions[each].state in DONE_NOTHING
    ]
    found.contradictions += [f"{each} was held when its console died, and was sent" for each in done.keys() & held]
    found.contradictions += [f"{each.effect_id} paid {each.account} {each.amount}" for each in effects if _is_odd(each)]
    if proof.payments(bench.worker.business) != len(effects):
        found.contradictions.append("the tool's own rows are not those of the effects")
    by_decision = {each.decision_id: each.effect_id for each in effects}
    found.contradictions += blocking(_against_runs(bench, decisions, by_decision))
    return found


def _is_odd(effect: proof.Effect) -> bool:
    """Whether a run paid something else than its number says."""
    number = till.number_of(effect.run_id)
    return (effect.account, effect.amount) != (till.account(number), till.amount(number))


async def _against_runs(bench: Bench, decisions: dict[str, StoredDecision], effects: dict[str, str]) -> list[str]:
    """How the stores' receipts differ from the runs' own, and both from the effects."""
    client = await bench.server.client()
    slots = asyncio.Semaphore(QUERIES_AT_ONCE)

    async def compare(decision_id: str, stored: StoredDecision) -> list[str]:
        async with slots:
            own = await proof.receipt(client, stored.run.run_id, decision_id)
        kept = stored.receipt
        if own != kept:
            return [f"{decision_id} is {stored.state}; the store's receipt {kept}, the run's {own}"]
        effect_id = kept.effect.effect_id if kept is not None and kept.effect is not None else None
        if effect_id != effects.get(decision_id):
            return [f"{decision_id}: receipts name {effect_id}, the business database {effects.get(decision_id)}"]
        key = till.effect_id(stored.run.chain_id)
        return [] if effect_id in {None, key} else [f"{decision_id} was carried out as {effect_id}, its key is {key}"]

    found = await asyncio.gather(*(compare(each, stored) for each, stored in decisions.items()))
    return [words for one in found for words in one]
