"""Items are decoded one by one: what is wrong with one is said on it, and the rest of it is kept."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.digest import escalation_digest
from console.domain.escalation import Kind, Verdict
from console.domain.identity import Person, Role
from console.domain.risk import Risk
from console.domain.rules import EXECUTING, permission
from console.domain.run import RunRef
from console.engines import items
from tests.engines.hostile import HOSTILE, ODD, as_json, sound

RUN = RunRef("fake:items", "run-1", "chain-1")
SUPERVISOR = Person("person-sue", "Sue", Role.SUPERVISOR)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def test_a_sound_item_comes_back_as_it_was() -> None:
    item = sound(RUN)
    assert items.escalation(as_json(item), RUN) == item
    assert items.row(as_json(item)["row"], RUN) == item.row


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_item_says_what_is_wrong_and_cannot_be_approved(name: str) -> None:
    make, word = HOSTILE[name]
    item = items.escalation(make(as_json(sound(RUN))), RUN, position=7)
    assert word in item.row.problem
    assert len(item.row.problem) <= items.MAX_PROBLEM
    assert item.key.run == RUN
    for verdict in EXECUTING:
        assert not permission(dataclasses.replace(item, verdicts=tuple(Verdict)), verdict, SUPERVISOR).is_allowed


@pytest.mark.parametrize("name", ODD)
def test_what_is_only_odd_to_look_at_is_whole(name: str) -> None:
    item = sound(RUN, **ODD[name])
    assert items.escalation(as_json(item), RUN) == item


def test_what_can_be_read_of_a_broken_item_is_kept() -> None:
    raw = as_json(sound(RUN)) | {"confidence": "very", "caveats": ["unsigned invoice"]}
    item = items.escalation(raw, RUN)
    assert (item.row.title, item.row.risk, item.row.kind) == ("Pay gate", Risk.HIGH, Kind.CHECKPOINT)
    assert item.caveats == ("unsigned invoice",)
    assert item.verdicts == (Verdict.APPROVE, Verdict.EDIT, Verdict.REJECT)
    assert item.proposal is not None
    assert item.row.digest == raw["row"]["digest"]


def test_an_item_speaks_for_no_other_run() -> None:
    other = RunRef("fake:items", "run-2", "chain-2")
    item = items.escalation(as_json(sound(other)), RUN)
    assert item.key.run == RUN
    assert "another one" in item.row.problem
    assert items.row(as_json(sound(other))["row"], RUN).key.run == RUN


def test_the_digest_of_what_is_shown_counts_not_the_one_told() -> None:
    raw = as_json(sound(RUN))
    raw["row"]["digest"] = "0" * 64
    assert "digests differ" in items.escalation(raw, RUN).row.problem
    raw["row"]["digest"] = ""
    silent = items.escalation(raw, RUN)
    assert silent.row.problem == ""
    assert silent.row.digest == escalation_digest(silent)


def test_two_unreadable_rows_of_one_run_are_two_items() -> None:
    rows = [items.row(None, RUN, position=number) for number in range(2)]
    assert rows[0].key != rows[1].key
    assert {row.title for row in rows} == {items.UNREADABLE_TITLE}


def test_a_row_that_does_not_tell_is_as_old_and_grave_as_its_run() -> None:
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    row = items.row({"title": "half a row"}, RUN, opened_at=moment, risk=Risk.CRITICAL)
    assert (row.title, row.opened_at, row.risk) == ("half a row", moment, Risk.CRITICAL)
    assert items.row({}, RUN).risk is Risk.HIGH


def test_times_are_in_utc() -> None:
    raw = as_json(sound(RUN))["row"] | {"opened_at": "2026-11-21T10:00:00+02:00", "due_at": "2026-11-21T11:00:00+02:00"}
    row = items.row(raw, RUN)
    assert row.opened_at.tzinfo is UTC
    assert (row.opened_at.hour, row.due_at and row.due_at.hour) == (8, 9)


def test_words_of_a_row_are_cut_and_those_of_an_item_are_not() -> None:
    raw = as_json(sound(RUN)) | {"proposal": None, "question": "q"}
    raw["row"] |= {"title": "t" * 5_000, "digest": ""}
    assert len(items.row(raw["row"], RUN).title) == items.MAX_WORDS
    assert len(items.escalation(raw, RUN).row.title) == 5_000


def test_bytes_that_are_no_json_or_too_many_are_not_read() -> None:
    assert items.parse(b"{}") == ({}, "")
    assert items.parse(b"{")[0] is None
    assert "not JSON" in items.parse(b"{")[1]
    assert "not JSON" in items.parse(b"[" * 100_000)[1]
    assert "not JSON" in items.parse(b"\xff\xfe")[1]
    assert "1 KB" in items.parse(b"1" * 2_000, cap=1_024)[1]


@given(JSON)
@settings(max_examples=300, deadline=None)
def test_no_json_value_breaks_decoding(value: object) -> None:
    row = items.row(value, RUN)
    item = items.escalation(value, RUN)
    assert row.problem
    assert item.row.problem
    assert row.key.run == item.key.run == RUN


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_single_changed_part_breaks_decoding(data: st.DataObject) -> None:
    raw = json.loads(json.dumps(as_json(sound(RUN))))
    place = data.draw(st.sampled_from([raw, raw["row"], raw["row"]["key"], raw["row"]["key"]["run"], raw["proposal"]]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(JSON)
    item = items.escalation(raw, RUN)
    row = items.row(raw.get("row"), RUN)
    assert item.key.run == row.key.run == RUN
    assert item.row.problem or escalation_digest(item) == item.row.digest
