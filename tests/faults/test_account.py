"""The account has to find what a campaign is there to find: each witness is bent once, and each bend is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests import till
from tests.faults.account import Account, Evidence, balance, dropped_after_acceptance
from tests.faults.chances import DECIDE, Fault
from tests.faults.patience import Patience, Span
from tests.faults.proxy import Hit
from tests.faults.witnesses import Decided, Effect, Story

AT = datetime(2026, 1, 1, tzinfo=UTC)
RUN, CHAIN = till.run_id(7), "chain-7"
KEY = till.effect_id(CHAIN)
PAID = Effect(KEY, RUN, "yes", till.account(7), till.amount(7))
YES = Decided("ana", "yes", "item", RUN, CHAIN, 1, "approve", "carried out", (), {"effect": {"effect_id": KEY}})
NO = Decided("ben", "no", "item", RUN, CHAIN, 1, "reject", "superseded", (), None)
STORY = Story(accepted={"yes": AT}, carried=Counter({"yes": 1}), applied=["yes"])
GOOD = Evidence([YES, NO], [PAID], {RUN: STORY}, {"yes", "no"})


def story(applied: list[str], **carried: int) -> dict[str, Story]:
    return {RUN: Story(accepted=dict.fromkeys(carried, AT), carried=Counter(carried), applied=applied)}


def test_what_agrees_is_clean() -> None:
    assert balance(GOOD).is_clean
    assert balance(GOOD).line == "lost 0, applied twice 0, undetermined 0"


def test_a_rejection_that_won_has_no_effect() -> None:
    rejected = replace(NO, state="carried out", receipt={"effect": None})
    decided = [replace(YES, state="superseded", receipt=None), rejected]
    assert balance(Evidence(decided, [], story(["no"], no=1), GOOD.told)).is_clean


BENT: dict[str, tuple[Evidence, Callable[[Account], list[str]]]] = {
    "a decision that no store has": (replace(GOOD, told={"gone"}), lambda found: found.lost),
    "an approval without its effect": (replace(GOOD, effects=[]), lambda found: found.lost),
    "nobody won": (
        replace(GOOD, decided=[replace(YES, state="superseded", receipt=None), NO], effects=[]),
        lambda found: found.lost,
    ),
    "paid twice under two keys": (
        replace(GOOD, effects=[PAID, replace(PAID, effect_id="another")]),
        lambda found: found.twice,
    ),
    "both won": (replace(GOOD, decided=[YES, replace(NO, state="carried out")]), lambda found: found.twice),
    "two applied in the history": (
        replace(GOOD, stories=story(["yes", "no"], yes=1, no=1)),
        lambda found: found.twice,
    ),
    "still uncertain": (
        replace(GOOD, decided=[replace(YES, state="uncertain"), NO]),
        lambda found: found.undetermined,
    ),
    "uncertain for longer than it may be": (
        replace(GOOD, decided=[replace(YES, undetermined=(Span(100.0, 131.0),)), NO]),
        lambda found: found.undetermined,
    ),
    "paid after it was superseded": (
        replace(GOOD, decided=[replace(YES, state="superseded", receipt=None), replace(NO, state="carried out")]),
        lambda found: found.contradictions,
    ),
    "another effect than the receipt's": (
        replace(GOOD, decided=[replace(YES, receipt={"effect": {"effect_id": "other"}}), NO]),
        lambda found: found.contradictions,
    ),
    "won without a receipt": (
        replace(GOOD, decided=[replace(YES, receipt=None), NO]),
        lambda found: found.contradictions,
    ),
    "another amount": (replace(GOOD, effects=[replace(PAID, amount="1.00")]), lambda found: found.contradictions),
    "another key": (
        Evidence(
            [replace(YES, receipt={"effect": {"effect_id": "k"}}), NO],
            [replace(PAID, effect_id="k")],
            GOOD.stories,
            GOOD.told,
        ),
        lambda found: found.contradictions,
    ),
    "an effect of nobody's": (
        replace(GOOD, effects=[PAID, Effect("x", "elsewhere", "", "", "")]),
        lambda found: found.contradictions,
    ),
    "refused, and nobody knows why": (
        replace(GOOD, decided=[YES, replace(NO, state="refused")]),
        lambda found: found.contradictions,
    ),
    "sent again under another id": (
        replace(GOOD, stories=story(["yes"], yes=2)),
        lambda found: found.contradictions,
    ),
    "applied under an id of nobody's": (
        replace(GOOD, stories=story(["yes", "fresh"], yes=1)),
        lambda found: found.contradictions,
    ),
    "another winner in the history": (
        replace(GOOD, stories=story(["no"], no=1)),
        lambda found: found.contradictions,
    ),
}


def test_only_time_in_which_everything_answered_counts() -> None:
    away = [("server", Span(90.0, 105.0)), ("worker", Span(103.0, 110.0)), ("ana", Span(140.0, 190.0))]
    away += [("worker", Span(104.0, 106.0)), ("ben", Span(110.0, 140.0))]
    patience = Patience(away, calls=[(99.0, 9.0), (101.0, 0.5), (120.0, 1.5)])
    span = Span(100.0, 150.0)
    assert patience.waited("ana", span) == 30.0
    assert patience.waited("ben", span) == 10.0
    assert patience.allowed(span) == 50.0
    assert patience.allowed(Span(200.0, 300.0)) == 30.0


@pytest.mark.parametrize("bend", BENT)
def test_what_disagrees_is_named(bend: str) -> None:
    evidence, part = BENT[bend]
    found = balance(evidence)
    assert not found.is_clean
    assert part(found)


def test_a_dropped_reply_counts_only_after_its_acceptance() -> None:
    late, early = AT + timedelta(seconds=1), AT - timedelta(seconds=1)
    hits = [
        Hit(late, Fault.DROPPED, DECIDE, RUN, "yes"),
        Hit(early, Fault.DROPPED, DECIDE, RUN, "yes"),
        Hit(late, Fault.DROPPED, DECIDE, RUN, "no"),
        Hit(late, Fault.TWICE, DECIDE, RUN, "yes"),
        Hit(late, Fault.DROPPED, "QueryWorkflow"),
    ]
    assert dropped_after_acceptance(hits, GOOD.stories) == 1
