from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.escalation import Kind
from console.domain.risk import Risk
from console.domain.search import MAX_TERMS, Aspect, Condition, Field, parse, suggest

KNOWN = {Field.AGENT: ("refund-agent", "ledger agent"), Field.WORKFLOW: ("refund",)}


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("", ()),
        ("  ", ()),
        ("Refund", (Condition(Field.TEXT, ":", ("refund",)),)),
        ('"ACME  GmbH"', (Condition(Field.TEXT, ":", ("acme  gmbh",)),)),
        ('"never closed', (Condition(Field.TEXT, ":", ("never closed",)),)),
        ("agent:a,b", (Condition(Field.AGENT, ":", ("a", "b")),)),
        ('agent:"a,b c"', (Condition(Field.AGENT, ":", ("a,b c",)),)),
        ("-AGENT:a", (Condition(Field.AGENT, ":", ("a",), is_not=True),)),
        ("risk:hi", (Condition(Field.RISK, ":", (Risk.HIGH,)),)),
        ("risk>=medium", (Condition(Field.RISK, ">=", (Risk.MEDIUM,)),)),
        ("kind:question", (Condition(Field.KIND, ":", (Kind.QUESTION,)),)),
        ("is:mine", (Condition(Field.IS, ":", (Aspect.MINE,)),)),
        ("age>10m", (Condition(Field.AGE, ">", (timedelta(minutes=10),)),)),
        ("age:1d", (Condition(Field.AGE, ">", (timedelta(days=1),)),)),
        ("due:1h", (Condition(Field.DUE, "<", (timedelta(hours=1),)),)),
        ("agent:", ()),
        ("12:30", (Condition(Field.TEXT, ":", ("12:30",)),)),
    ],
)
def test_a_text_asks_for(text: str, conditions: tuple[Condition, ...]) -> None:
    assert parse(text).conditions == conditions
    assert parse(text).problems == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("agnet:refund", "“agnet” is no field"),
        ("risk:huge", "“huge” is no risk: low, medium, high, critical"),
        ("kind:command", "“command” is nothing that kind: knows"),
        ("is:late", "mine, unclaimed, overdue"),
        ("age>soon", "write age>10m"),
        ("agent>a", "write agent:a"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_counts(text: str, named: str) -> None:
    search = parse(f"acme {text}")
    assert search.conditions == (Condition(Field.TEXT, ":", ("acme",)),)
    assert named in search.problems[0]


def test_terms_are_bounded() -> None:
    search = parse(" ".join(f"w{number}" for number in range(100)))
    assert len(search.conditions) == MAX_TERMS
    assert search.problems


@given(st.text(max_size=200))
def test_every_text_is_a_search(text: str) -> None:
    assert len(parse(text).conditions) <= MAX_TERMS
    assert all(0 <= each.start <= len(text) for each in suggest(text, len(text), KNOWN))


@pytest.mark.parametrize(
    ("text", "offered", "result"),
    [
        ("ri", "risk:", "risk:"),
        ("acme -ag", "agent:", "acme -agent:"),
        ("risk:h", "high", "risk:high"),
        ("kind:question,d", "doubt", "kind:question,doubt"),
        ("is:mi", "mine", "is:mine"),
        ("agent:led", '"ledger agent"', 'agent:"ledger agent"'),
        ("agent:", "refund-agent", "agent:refund-agent"),
    ],
)
def test_what_could_be_meant_is_offered(text: str, offered: str, result: str) -> None:
    found = {each.text: each for each in suggest(text, len(text), KNOWN)}
    assert offered in found
    assert text[: found[offered].start] + offered == result


@pytest.mark.parametrize("text", ["", "acme ", "xyz", "age>1", "nofield:x"])
def test_where_nothing_is_meant_nothing_is_offered(text: str) -> None:
    assert suggest(text, len(text), KNOWN) == ()
