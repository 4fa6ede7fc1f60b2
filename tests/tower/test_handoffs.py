"""What moved from step to step: nothing that was handed over is forgotten, and nothing is called used that was not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.run import HandOff
from console.tower import handoffs
from console.tower.book import BOOK
from console.tower.messages import Outcome
from tests.tower.probe_plan import PLAN
from tests.tower.test_course import Table

REMARKS = st.lists(st.sampled_from(("a", "b", "c", "d", "e")), max_size=3, unique=True).map(tuple)


def edges(table: Table) -> dict[tuple[str, str], HandOff]:
    """The latest hand-off over each edge."""
    return {(one.from_step, one.to_step): one for one in table.book.hand_offs}


def test_a_hand_off_tells_what_was_used_and_what_was_dropped() -> None:
    table = Table()
    table.work("first", patch={"a": 1, "unused": "x" * 100}, caveats=("the rate is preliminary", "it is late"))
    table.work("beside", patch={"b": 1}, open_questions=("whose is it?",))
    table.work("pay", patch={"c": 1}, relied_on=("a",), heard_caveats=("it is late",))
    first, beside = table.book.hand_offs
    assert (first.from_step, first.to_step, first.turn) == ("first", "pay", 1)
    assert (first.agent, first.owner) == ("probe-agent", "Owner of probe-agent")
    assert (first.keys, first.sizes) == (("a", "unused"), (1, 102))
    assert (first.used, first.dropped) == (("a",), ("unused",))
    assert first.caveats == ("the rate is preliminary", "it is late")
    assert first.dropped_caveats == ("the rate is preliminary",)
    assert first.size > sum(first.sizes)
    assert first.at == table.at
    assert (beside.dropped, beside.dropped_questions) == (("b",), ("whose is it?",))
    table.work("last", relied_on=("c", "b"), heard_questions=("whose is it?",))
    assert edges(table)["beside", "last"].used == ("b",)
    assert edges(table)["beside", "last"].dropped_questions == ()


def test_a_part_that_the_step_may_not_read_is_dropped() -> None:
    steps = tuple(replace(one, reads=("a",)) if one.step_id == "pay" else one for one in PLAN.steps)
    table = Table(replace(PLAN, steps=steps))
    table.work("first", patch={"a": 1, "b": 2})
    table.work("beside")
    table.work("pay", relied_on=("a",))
    first = edges(table)["first", "pay"]
    assert (first.keys, first.used, first.dropped) == (("a",), ("a",), ("b",))


def test_what_an_earlier_step_warned_of_comes_by_way_of_the_steps_between() -> None:
    table = Table()
    table.work("first", caveats=("early",), open_questions=("why?",))
    table.work("beside")
    table.work("pay", caveats=("own",), heard_caveats=("early",))
    table.work("last", heard_caveats=("own",))
    assert ("first", "last") not in edges(table)
    last = edges(table)["pay", "last"]
    assert (last.caveats, last.dropped_caveats) == (("early", "own"), ("early",))
    assert last.dropped_questions == ("why?",)


def test_what_was_handed_over_is_what_it_was_when_the_work_began() -> None:
    table = Table()
    table.work("first", patch={"a": "long" * 50}, caveats=("then",))
    table.work("beside", patch={"b": 1})
    assert table.course.begin("pay") is not None
    table.course.apply("beside", {"a": 1}, table.book.record.facts["a"].standing)
    table.book.steps["first"].caveats = ("now",)
    table.course.took("pay", Outcome(relied_on=("b",)))
    first = edges(table)["first", "pay"]
    assert (first.keys, first.sizes, first.caveats) == (("a",), (202,), ("then",))


@given(
    made=st.fixed_dictionaries(
        {name: st.tuples(REMARKS, REMARKS, st.booleans()) for name in ("first", "beside", "pay")}
    ),
    heard=st.tuples(REMARKS, REMARKS),
    relied_on=st.sets(st.sampled_from(("first", "beside", "pay"))),
)
def test_every_remark_that_was_handed_over_is_read_or_dropped(
    made: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]],
    heard: tuple[tuple[str, ...], tuple[str, ...]],
    relied_on: set[str],
) -> None:
    table = Table()
    for step, (caveats, questions, finds) in made.items():
        table.work(step, patch={step: 1} if finds else {}, caveats=caveats, open_questions=questions)
    call = table.course.begin("last")
    assert call is not None
    kept = tuple(sorted(relied_on & set(call.state)))
    table.course.took("last", Outcome(relied_on=kept, heard_caveats=heard[0], heard_questions=heard[1]))
    into = [one for one in table.book.hand_offs if one.to_step == "last"]
    for handed, told, dropped, read in (
        (call.caveats, [one.caveats for one in into], [one.dropped_caveats for one in into], heard[0]),
        (call.open_questions, [one.open_questions for one in into], [one.dropped_questions for one in into], heard[1]),
    ):
        assert {text for texts in told for text in texts} == set(handed)
        assert {text for texts in dropped for text in texts} == set(handed) - set(read)
    assert {key for one in into for key in one.used} == set(kept)
    assert not any(set(one.used) & set(one.dropped) for one in into)


def test_earlier_turns_give_way_and_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handoffs, "MAX_HAND_OFFS", 4)
    table = Table()
    table.work("first")
    table.work("beside")
    for _ in range(5):
        table.work("pay")
        table.course.restart("pay", "again")
    assert [(one.from_step, one.turn, one.earlier) for one in table.book.hand_offs] == [
        ("first", 4, 3),
        ("beside", 4, 3),
        ("first", 5, 0),
        ("beside", 5, 0),
    ]


def test_the_history_of_a_run_stays_small_however_much_is_said() -> None:
    table = Table()
    table.work("first", caveats=tuple(f"{number} {'x' * 490}" for number in range(20)))
    table.work("beside")
    for _ in range(25):
        table.work("pay")
        table.course.restart("pay", "again")
    assert edges(table)["first", "pay"].turn == 25
    assert sum(one.earlier + 1 for one in table.book.hand_offs if one.from_step == "first") == 25
    assert len(BOOK.dump_json(table.book)) < 300_000
