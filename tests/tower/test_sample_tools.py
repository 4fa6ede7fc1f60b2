"""The incident's and the pricing's tools and figures by themselves: what they refuse, and the arithmetic."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from console.domain.canonical import Json
from console.tower import business
from console.tower.plans import incident, incident_plan, incident_tools, pricelists, pricing, pricing_tools
from console.tower.plans.incident_figures import measured, percentile, sales
from console.tower.schemas import errors
from console.tower.staff import ToolUse
from tests.tower.conftest import rows

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
HOST = {"alert": "A-501", "area": "shop", "service": "payments", "host": "payments-1"}
VERSION = {"alert": "A-504", "area": "shop", "service": "checkout", "version": "4.4.0"}
PRICES: dict[str, Json] = {
    "request": "PR-301",
    "line": "lamps",
    "list": "trade",
    "percent": "2.00",
    "valid_from": "2026-04-01",
    "left_out": [],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    business.create(tmp_path / "business.db")
    return tmp_path


def call(folder: Path, tool: Any, arguments: dict[str, Json]) -> dict[str, Json]:  # noqa: ANN401 - a tool
    with closing(business.connect(folder / "business.db")) as db, db:
        use = ToolUse(db=db, data=folder, seed=7, arguments=arguments, at=AT, effect_id="e")
        result: dict[str, Json] = tool(use)
        return result


@pytest.mark.parametrize(
    ("tool", "arguments", "error", "words"),
    [
        (incident_tools.restart, {**HOST, "at_stake": "1.00"}, incident_tools.Understated, "are at stake"),
        (incident_tools.restart, {**HOST, "host": "stock-1", "at_stake": "9999.00"}, LookupError, "has no host"),
        (incident_tools.restart, {**HOST, "area": "find", "at_stake": "9999.00"}, LookupError, "payments"),
        (incident_tools.roll_back, {**VERSION, "at_stake": "1.00"}, incident_tools.Understated, "are at stake"),
        (incident_tools.roll_back, {**VERSION, "version": "3.0.0", "at_stake": "9999.00"}, LookupError, "never ran"),
        (incident_tools.scale, {**HOST, "area": "find", "hosts": 9}, LookupError, "does not belong"),
        (incident_tools.read_log, {"alert": "A-../..", "area": "shop"}, LookupError, "there is no alert"),
        (pricing_tools.change, {**PRICES, "sales": "1.00"}, pricing_tools.Understated, "touches"),
        (pricing_tools.change, {**PRICES, "line": "tools", "sales": "1.00"}, LookupError, "is not about"),
        (pricing_tools.change, {**PRICES, "valid_from": "2026-02-30", "sales": "99999999.00"}, ValueError, "day"),
        (pricing_tools.list_prices, {**PRICES, "request": "PR-1"}, LookupError, "there is no request"),
    ],
)
def test_a_tool_refuses_what_is_not_so_and_leaves_nothing(
    folder: Path, tool: object, arguments: dict[str, Json], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        call(folder, tool, arguments)
    for name in ("operations", "prices", "status_updates"):
        assert rows(folder / "business.db", f"SELECT * FROM {name}") == []  # noqa: S608 - names of tables


def test_a_step_may_be_weighed_higher_than_it_is_never_lower(folder: Path) -> None:
    found = call(folder, incident_tools.restart, {**HOST, "at_stake": "9999.00"})
    assert found == {"service": "payments", "action": "restart", "target": "payments-1"}
    with pytest.raises(incident_tools.Understated) as caught:
        call(folder, incident_tools.restart, {**HOST, "at_stake": "0.01"})
    stake = str(caught.value).split("€")[1].split()[0]
    less = f"{Decimal(stake) - Decimal('0.01'):.2f}"
    with pytest.raises(incident_tools.Understated):
        call(folder, incident_tools.restart, {**HOST, "at_stake": less})


def line(minute: float, *, status: str = "200", ms: int = 100, host: str = "s-1") -> dict[str, str]:
    at = AT - timedelta(minutes=40 - minute)
    return {"at": at.isoformat(), "service": "s", "host": host, "version": "1.0.0", "status": status, "ms": str(ms)}


def test_figures_are_counted_and_ranked() -> None:
    early = [line(number / 10) for number in range(200)]
    late = [line(30 + number / 10, status="503" if number % 4 == 0 else "200", ms=number + 1) for number in range(100)]
    own = measured([*early, *late], AT)["s"]
    assert (own["requests_before"], own["requests_now"], own["count"]) == (10.0, 10.0, 100)
    assert (own["error_rate_before"], own["error_rate"]) == (0.0, 0.25)
    assert (own["p50"], own["p95"], own["p99"]) == (50, 95, 99)
    assert own["since"] == (AT - timedelta(minutes=12)).isoformat()
    assert measured(early, AT)["s"]["since"] is None


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, 0),
        ([7], 0.01, 7),
        ([3, 1, 2], 0.5, 2),
        ([1, 2, 3, 4], 0.5, 2),
        ([1, 2, 3, 4], 0.75, 3),
        ([5, 9], 1, 9),
    ],
)
def test_percentiles_go_by_the_nearest_rank(values: list[int], share: float, expected: int) -> None:
    assert percentile(values, share) == expected


@pytest.mark.parametrize(
    ("price", "percent", "expected"),
    [("10.00", "0.25", "10.05"), ("10.00", "0.24", "10.00"), ("9.90", "-50.00", "4.95"), ("0.05", "50.00", "0.10")],
)
def test_new_prices_stand_on_five_cents_halves_upwards(price: str, percent: str, expected: str) -> None:
    assert pricelists.changed(Decimal(price), Decimal(percent)) == Decimal(expected)


def test_sales_are_exact() -> None:
    assert sales(33, "0.10") == Decimal("0.33")
    assert sales(1, "0.05") == Decimal("0.00")


def test_an_effect_counts_promised_customers_at_their_old_prices() -> None:
    articles = [{"sku": "A", "price": "10.00", "cost": "9.00"}, {"sku": "B", "price": "20.00", "cost": "5.00"}]
    sold = [
        {"sku": "A", "customer": "one", "units": "3"},
        {"sku": "A", "customer": "two", "units": "1"},
        {"sku": "C", "customer": "six", "units": "9"},
    ]
    effect = pricing.effect_of(articles, sold, ("two",), Decimal("-10.00"))
    assert (effect.sales, effect.sales_after, effect.cost) == (Decimal("40.00"), Decimal("37.00"), Decimal("36.00"))
    assert (effect.customers, effect.below, effect.unsold) == (frozenset({"one"}), ("A",), 1)
    assert (effect.margin(is_after=False), effect.margin(is_after=True)) == (Decimal("10.0"), Decimal("2.7"))


def test_what_a_step_changes_is_said_for_services_that_are_known_only() -> None:
    facts: dict[str, Json] = {"traffic": {}, "counters": {}, "diagnosis": {"deployed": {}}}
    assert incident.changes("services.restart", {"service": "unknown", "host": "x"}, facts) == ()


@pytest.mark.parametrize("tool", [one for one in (*incident_plan.TOOLS, *pricing.TOOLS) if one.acts])
def test_fields_of_a_form_are_lines_but_for_texts(tool: Any) -> None:  # noqa: ANN401 - a tool
    for name, field in tool.schema["properties"].items():
        is_short = {"pattern", "enum", "items"} & set(field) or field["type"] == "integer" or field["maxLength"] <= 120
        assert is_short or name in {"text", "body"}
    assert errors(tool.schema, {})
