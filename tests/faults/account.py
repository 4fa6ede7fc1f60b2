"""The account of a campaign: every decision of every desk against the business database and the runs' own histories.

Invariant: it goes by ids. Two desks decided each item, oppositely, so one of them has to have won, and only one; what
one witness knows and another does not is named, never left out. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from tests import till
from tests.faults.chances import Fault
from tests.faults.patience import Patience
from tests.faults.proxy import Hit
from tests.faults.witnesses import Decided, Effect, Story

WON, LOST_TO_ANOTHER = "carried out", "superseded"
UNDETERMINED = frozenset({"held", "queued", "sending", "uncertain", "confirmed", "half-granted"})
APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the witnesses have. ``told`` are the decisions that a desk said it had made, ``payments`` those of a run."""

    decided: list[Decided]
    effects: list[Effect]
    stories: Mapping[str, Story]
    told: Collection[str]
    payments: int = 1
    patience: Patience = field(default_factory=Patience)

    @property
    def longest(self) -> float:
        """For how many seconds a decision was undetermined at the longest, while everything answered."""
        spans = ((each.desk, span) for each in self.decided for span in each.undetermined)
        return max((self.patience.waited(*each) for each in spans), default=0.0)


@dataclass
class Account:
    """What was found: decisions and items that were lost, done twice, left undetermined, and what contradicts."""

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    undetermined: list[str] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.lost or self.twice or self.undetermined or self.contradictions)

    @property
    def line(self) -> str:
        """The one line that it comes down to."""
        return f"lost {len(self.lost)}, applied twice {len(self.twice)}, undetermined {len(self.undetermined)}"


def balance(evidence: Evidence) -> Account:
    """Compare everything with everything."""
    account = Account()
    known = {each.decision_id: each for each in evidence.decided}
    account.lost += [f"decision {each} was made and is in no store" for each in evidence.told if each not in known]
    _unexpected_effects(account, known, evidence.effects)
    done = defaultdict(list)
    for effect in evidence.effects:
        done[effect.decision_id].append(effect)
    for each in evidence.decided:
        _one(account, each, done[each.decision_id], evidence.payments)
        _in_time(account, each, evidence.patience)
    items = defaultdict(list)
    for each in evidence.decided:
        items[each.item_id].append(each)
    for decisions in items.values():
        _item(account, decisions, evidence.stories[decisions[0].run_id])
    for run_id, story in evidence.stories.items():
        _history(account, known, run_id, story)
    return account


def _unexpected_effects(account: Account, known: Mapping[str, Decided], effects: Iterable[Effect]) -> None:
    account.contradictions += [
        f"effect {each.effect_id} goes back to decision {each.decision_id!r}, which nobody made"
        for each in effects
        if each.decision_id not in known
    ]
    paid = Counter((each.run_id, each.account) for each in effects)
    account.twice += [f"{run_id} has paid {to} {count} times" for (run_id, to), count in paid.items() if count > 1]


def _name(decision: Decided) -> str:
    what = f"{decision.verdict} payment {decision.occurrence} of {decision.run_id}"
    return f"decision {decision.decision_id} ({what} by {decision.desk})"


def _one(account: Account, decision: Decided, done: list[Effect], payments: int) -> None:
    """One decision: its state, its receipt, and what was done for it."""
    name = _name(decision)
    if decision.state in UNDETERMINED:
        account.undetermined.append(f"{name} is still {decision.state}")
        return
    should_be = int(decision.state == WON and decision.verdict == APPROVE)
    if len(done) < should_be:
        account.lost.append(f"{name} is {decision.state}, and nothing was done")
    elif should_be and len(done) > 1:
        account.twice.append(f"{name} was done {len(done)} times")
    elif len(done) > should_be:
        account.contradictions.append(f"{name} is {decision.state}, and {done[0].effect_id} was done for it")
    receipt = decision.receipt or {}
    receipted = (receipt.get("effect") or {}).get("effect_id")
    found = done[0].effect_id if done else None
    if receipted != found:
        account.contradictions.append(f"{name}: the receipt names {receipted}, the business database {found}")
    if decision.state == WON and not receipt:
        account.contradictions.append(f"{name} is {WON} without a receipt")
    number = till.number_of(decision.run_id, decision.occurrence, payments)
    expected = (till.effect_id(decision.chain_id, decision.occurrence), till.account(number), till.amount(number))
    account.contradictions += [
        f"{name} paid {each}" for each in done if (each.effect_id, each.account, each.amount) != expected
    ]


def _in_time(account: Account, decision: Decided, patience: Patience) -> None:
    for span in decision.undetermined:
        waited, allowed = patience.waited(decision.desk, span), patience.allowed(span)
        if waited > allowed:
            text = f"was undetermined for {waited:.1f} s while everything answered, longer than {allowed:.1f} s"
            account.undetermined.append(f"{_name(decision)} {text}")


def _item(account: Account, decisions: list[Decided], story: Story) -> None:
    """One item: who won, and that the run's history says so too."""
    name = f"payment {decisions[0].occurrence} of {decisions[0].run_id}"
    won = sorted(each.decision_id for each in decisions if each.state == WON)
    applied = sorted({each.decision_id for each in decisions} & set(story.applied))
    settled = [each for each in decisions if each.state not in UNDETERMINED]
    if not won and len(settled) == len(decisions):
        states = ", ".join(f"{each.verdict}: {each.state}" for each in decisions)
        account.lost.append(f"{name} was decided and nobody won ({states})")
    if len(won) > 1:
        account.twice.append(f"{name}: {len(won)} opposite decisions were carried out")
    if len(applied) > 1:
        account.twice.append(f"{name}: its history has applied {applied}")
    if len(settled) == len(decisions) and applied != won:
        account.contradictions.append(f"{name}: the stores say {won} won, its history {applied}")
    account.contradictions += [
        f"{_name(each)} ended {each.state}" for each in settled if each.state not in {WON, LOST_TO_ANOTHER}
    ]


def _history(account: Account, known: Collection[str], run_id: str, story: Story) -> None:
    """What only the run's history knows."""
    account.contradictions += [
        f"{run_id}: its history has applied update {each}, which is no decision's"
        for each in set(story.applied) - {*known}
    ]
    account.contradictions += [
        f"{run_id}: its history took on decision {each} {count} times"
        for each, count in story.carried.items()
        if count > 1
    ]


def dropped_after_acceptance(hits: Iterable[Hit], stories: Mapping[str, Story]) -> int:
    """How many replies were dropped of updates that the run's history had taken on by then."""
    count = 0
    for hit in hits:
        if hit.fault is Fault.DROPPED and hit.run_id in stories:
            accepted = stories[hit.run_id].accepted.get(hit.update_id)
            count += accepted is not None and accepted <= hit.at
    return count
