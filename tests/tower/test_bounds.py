from __future__ import annotations

from dataclasses import replace

import pytest

from console.domain.canonical import Json
from console.tower import schemas
from console.tower.bounds import argument_errors, breaches, redacted, resource_of
from console.tower.plan import AgentSpec, ToolSpec
from console.tower.schemas import TEXT, form

TOOL = ToolSpec(
    name="refund",
    resource="customers/{customer}/orders/{order}",
    schema=form(customer=TEXT, order=TEXT, amount=TEXT),
    acts=True,
    amount="amount",
    most="100",
    secret=("customer",),
)
AGENT = AgentSpec(name="a", owner="o", tools=("refund",), writes=("customers/{customer}/orders/*",))
RUN: dict[str, Json] = {"customer": "C-1"}


def call(**changes: Json) -> dict[str, Json]:
    return {"customer": "C-1", "order": "47", "amount": "99.00", **changes}


def test_inside_nothing_is_found() -> None:
    assert breaches(AGENT, TOOL, call(), RUN) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"customer": "C-2"}, "customers/C-2/orders/47 is outside what a may write (customers/C-1/orders/*)."),
        ({"order": "47/../../C-2"}, "is outside"),
        ({"customer": "C-1/orders/1", "order": "x"}, "is outside"),
        ({"amount": "100.01"}, "€100.01 is over the limit of refund, €100.00."),
        ({"amount": "-100.01"}, "over the limit"),
    ],
)
def test_outside_is_named(changes: dict[str, Json], words: str) -> None:
    assert words in " ".join(breaches(AGENT, TOOL, call(**changes), RUN))


def test_a_tool_outside_the_grant_and_a_lookup_outside_what_may_be_read() -> None:
    assert breaches(replace(AGENT, tools=()), TOOL, call(), RUN) == ("a is not granted refund.",)
    assert "may read (nothing)" in breaches(AGENT, replace(TOOL, acts=False), call(), RUN)[0]


def test_a_run_without_the_parameter_covers_nothing() -> None:
    with pytest.raises(ValueError, match="customer"):
        breaches(AGENT, TOOL, call(), {})


def test_a_resource_needs_its_arguments() -> None:
    with pytest.raises(ValueError, match="needs 'order'"):
        resource_of(TOOL, {"customer": "C-1"})


def test_arguments_fit_their_schema_or_are_told_why_not() -> None:
    assert argument_errors(TOOL, call()) == ()
    assert sorted(argument_errors(TOOL, {"customer": "", "order": 4, "amount": "1", "more": True})) == [
        "Additional properties are not allowed ('more' was unexpected)",
        "customer: '' should be non-empty",
        "order: 4 is not of type 'string'",
    ]


def test_a_star_in_a_parameter_widens_nothing() -> None:
    found = breaches(AGENT, TOOL, call(), {"customer": "*"})
    assert "is outside" in found[0]


def test_secrets_show_only_their_end() -> None:
    assert redacted(TOOL, call(customer="DE89370400440532013000"))["customer"] == "···· 3000"
    assert redacted(TOOL, call())["order"] == "47"


def test_a_schema_never_reaches_outside() -> None:
    assert schemas.schema_problems({"properties": {"a": {"$ref": "file:///etc/passwd"}}}) != ()
    assert schemas.schema_problems({"$defs": {"a": {}}, "$ref": "#/$defs/a"}) == ()
    deep: dict[str, Json] = {}
    for _ in range(20):
        deep = {"properties": {"a": deep}}
    assert schemas.schema_problems(deep) == ("deeper than 12 levels",)
