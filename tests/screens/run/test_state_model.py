"""The tree of a state: children on demand, and differences instead of resets."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester

from console.domain.canonical import Json
from console.domain.run import Fact, Snapshot, Standing
from console.screens.run.record import changes
from console.screens.run.state import RecordState
from console.screens.run.view_state_model import CHUNK, Column, StateModel

pytestmark = pytest.mark.usefixtures("qapp")
Mode = QAbstractItemModelTester.FailureReportingMode.Warning


def watch(model: StateModel) -> None:
    """Have Qt check every change. It would fetch more in the middle of a change itself, so it is told not to."""
    QAbstractItemModelTester(model, Mode, model).setUseFetchMore(False)


def record(facts: dict[str, Json], before: dict[str, Json] | None = None, revision: int = 2) -> RecordState:
    after = snapshot(facts, revision)
    changed = changes(snapshot(before, revision - 1), after) if before is not None else {}
    return RecordState(snapshot=after, changed=changed)


def snapshot(facts: dict[str, Json], revision: int) -> Snapshot:
    made = tuple(Fact(name, value, Standing.KNOWN, "match", revision) for name, value in facts.items())
    return Snapshot(revision, None, made)


def cells(index: QModelIndex) -> list[str]:
    return [str(index.siblingAtColumn(column).data()) for column in Column]


def test_facts_stand_with_standing_step_and_revision() -> None:
    model = StateModel()
    watch(model)
    model.take(record({"rate": 1.08, "entries": [1, 2], "empty": {}}))
    assert cells(model.index(0, 0)) == ["rate", "1.08", "known", "match", "2"]
    assert cells(model.index(1, 0)) == ["entries", "2 items", "known", "match", "2"]
    assert not model.hasChildren(model.index(0, 0))
    assert not model.hasChildren(model.index(2, 0))


def test_children_are_made_when_they_are_asked_for() -> None:
    model = StateModel()
    watch(model)
    model.take(record({"evidence": {"items": [{"id": number} for number in range(500)]}}))
    evidence = model.index(0, 0)
    assert model.hasChildren(evidence)
    assert model.rowCount(evidence) == 0
    model.fetchMore(evidence)
    items = model.index(0, 0, evidence)
    assert cells(items)[:2] == ["items", "500 items"]
    model.fetchMore(items)
    assert model.rowCount(items) == CHUNK
    assert model.canFetchMore(items)
    model.fetchMore(items)
    model.fetchMore(items)
    assert model.rowCount(items) == 500
    assert not model.canFetchMore(items)
    last = model.index(499, 0, items)
    assert (cells(last)[0], model.node(last).path) == ("[499]", "evidence.items[499]")
    assert model.parent(model.parent(last)) == evidence


def test_a_new_revision_keeps_open_what_did_not_change() -> None:
    model = StateModel()
    watch(model)
    before: dict[str, Json] = {"a": {"x": 1}, "b": {"y": 1}, "c": 1}
    model.take(record(before))
    model.fetchMore(model.index(0, 0))
    model.fetchMore(model.index(1, 0))
    kept = QPersistentModelIndex(model.index(0, 0, model.index(0, 0)))
    gone = QPersistentModelIndex(model.index(0, 0, model.index(1, 0)))
    model.take(record({"a": {"x": 1}, "aa": 5, "b": {"y": 2}}, before, 3))
    assert [str(model.index(row, 0).data()) for row in range(model.rowCount())] == ["a", "aa", "b"]
    assert kept.isValid()
    assert kept.data() == "x"
    assert not gone.isValid()
    assert (
        model.node(model.index(2, 0)).change == "was 1 entry" or model.node(model.index(2, 0)).change == 'was {"y": 1}'
    )


@pytest.mark.parametrize("seed", range(3))
def test_random_revisions_keep_the_model_right(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a test's own choices
    model = StateModel()
    watch(model)
    names = [f"fact {number}" for number in range(8)]
    before: dict[str, Json] = {}
    for revision in range(1, 25):
        chosen = [name for name in names if rng.random() < 0.7]
        if rng.random() < 0.1:
            rng.shuffle(chosen)
        facts: dict[str, Json] = {name: rng.choice([1, "two", [1, 2, 3], {"deep": {"er": 1}}]) for name in chosen}
        model.take(record(facts, before, revision))
        assert [model.node(model.index(row, 0)).name for row in range(model.rowCount())] == chosen
        for row in range(model.rowCount()):
            if rng.random() < 0.5:
                model.fetchMore(model.index(row, 0))
        before = facts


def test_a_state_of_100_000_facts_and_a_list_of_a_million() -> None:
    model = StateModel()
    model.take(record({f"fact {number}": number for number in range(100_000)}))
    assert model.rowCount() == 100_000
    model.take(record({"list": list(range(1_000_000))}))
    model.fetchMore(model.index(0, 0))
    assert model.rowCount(model.index(0, 0)) == CHUNK


def test_hidden_characters_are_written_out() -> None:
    model = StateModel()
    model.take(record({"\u202ename": "\u200bvalue", "nested": {"\u202e": 1}}))
    model.fetchMore(model.index(1, 0))
    assert cells(model.index(0, 0))[:2] == ["‹U+202E›name", "‹U+200B›value"]
    assert model.index(0, 0, model.index(1, 0)).data() == "‹U+202E›"
