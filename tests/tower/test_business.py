from __future__ import annotations

import sqlite3
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.domain.canonical import Json
from console.tower import business
from console.tower.messages import ExecuteCall, RunNames
from console.tower.plan import ToolSpec
from console.tower.schemas import form
from tests.tower.conftest import rows

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SPEC = ToolSpec(name="pay", resource="till", schema=form(), acts=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    business.create(tmp_path / "business.db")
    return tmp_path / "business.db"


def call(effect_id: str = "chain/pay/1/1", *, token: int = 0, **arguments: Json) -> ExecuteCall:
    return ExecuteCall(
        run=RunNames("run", "chain"),
        plan="p",
        step="pay",
        agent="a",
        attempt=1,
        effect_id=effect_id,
        tool="pay",
        arguments=arguments,
        parameters={},
        decision_id="d",
        time_limit=1.0,
        token=token,
    )


def pay(db: sqlite3.Connection) -> dict[str, Json]:
    db.execute("INSERT INTO counters VALUES ('paid', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1")
    return {"paid": True}


def paid(path: Path) -> int:
    return sum(int(value) for (value,) in rows(path, "SELECT value FROM counters WHERE name = 'paid'"))


def test_the_database_is_its_owners_alone(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_key_acts_once_and_tells_the_same(path: Path) -> None:
    first, is_new = business.once(path, call(), SPEC, "till", NOW, pay)
    again, is_new_again = business.once(path, call(), SPEC, "till", NOW + timedelta(hours=1), pay)
    assert (is_new, is_new_again, paid(path)) == (True, False, 1)
    assert again == first


def test_many_at_once_act_once(path: Path) -> None:
    threads = [threading.Thread(target=business.once, args=(path, call(), SPEC, "till", NOW, pay)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paid(path) == 1


def test_a_key_stands_for_one_call(path: Path) -> None:
    business.once(path, call(amount="1"), SPEC, "till", NOW, pay)
    with pytest.raises(business.KeyReused):
        business.once(path, call(amount="2"), SPEC, "till", NOW, pay)
    assert paid(path) == 1


def test_what_fails_leaves_nothing(path: Path) -> None:
    def fail(db: sqlite3.Connection) -> dict[str, Json]:
        pay(db)
        raise RuntimeError("out of paper")

    with pytest.raises(RuntimeError, match="out of paper"):
        business.once(path, call(), SPEC, "till", NOW, fail)
    assert (paid(path), rows(path, "SELECT * FROM effects")) == (0, [])
    business.once(path, call(), SPEC, "till", NOW, pay)
    assert paid(path) == 1


def test_a_rate_is_kept_within_the_hour(path: Path) -> None:
    limited = ToolSpec(name="pay", resource="till", schema=form(), acts=True, per_hour=2)
    for number in range(2):
        business.once(path, call(f"e{number}"), limited, "till", NOW, pay)
    with pytest.raises(business.TooMany, match="2 times in the last hour"):
        business.once(path, call("e3"), limited, "till", NOW, pay)
    business.once(path, call("e3"), limited, "till", NOW + timedelta(hours=1, seconds=1), pay)
    assert paid(path) == 3


def test_what_is_out_comes_back(path: Path) -> None:
    def try_it(db: sqlite3.Connection, at: datetime) -> dict[str, Json]:
        pay(db)
        if until := business.out_until(db, "provider", at, 20):
            raise TimeoutError(f"{until}")
        return {}

    for seconds in (0, 19):
        at = NOW + timedelta(seconds=seconds)
        with pytest.raises(TimeoutError):
            business.once(path, call(), SPEC, "till", at, lambda db, at=at: try_it(db, at))  # type: ignore[misc]
    assert paid(path) == 0
    later = NOW + timedelta(seconds=20)
    business.once(path, call(), SPEC, "till", later, lambda db: try_it(db, later))
    assert paid(path) == 1


def test_only_the_highest_token_acts(path: Path) -> None:
    first, second = (business.next_token(path, "orders/4711") for _ in range(2))
    assert (first, second, business.next_token(path, "orders/4712")) == (1, 2, 1)
    for token in (0, first):
        with pytest.raises(business.LeaseLost):
            business.once(path, call("late", token=token), SPEC, "till", NOW, pay, lease="orders/4711")
    assert (paid(path), rows(path, "SELECT * FROM effects")) == (0, [])
    _, is_new = business.once(path, call("held", token=second), SPEC, "till", NOW, pay, lease="orders/4711")
    assert (is_new, paid(path)) == (True, 1)
    # What it did under its own key is told again, whoever has the resource by now.
    business.next_token(path, "orders/4711")
    _, is_new = business.once(path, call("held", token=second), SPEC, "till", NOW, pay, lease="orders/4711")
    assert (is_new, paid(path)) == (False, 1)


def test_a_resource_that_was_never_given_out_is_nobodys(path: Path) -> None:
    with pytest.raises(business.LeaseLost):
        business.once(path, call("bare"), SPEC, "till", NOW, pay, lease="orders/4711")


def test_numbers_go_on_over_restarts(path: Path) -> None:
    assert [business.next_number(path, "n") for _ in range(3)] == [0, 1, 2]
