"""The difference of any two revisions: what is told, how deep, how much at a time, and by which keys."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from console.domain.canonical import Json
from console.domain.run import Fact, Snapshot, Standing
from console.screens.run.difference import Delta, Fate, counted, differences
from console.screens.run.state import Tab
from console.screens.run.view import RunView
from console.screens.run.view_difference import CHUNK, DifferenceModel, Part
from tests.screens.asking import Asking
from tests.screens.run.scene import Scene
from tests.screens.run.test_view import show
from tests.screens.stage import until

pytestmark = pytest.mark.usefixtures("theme")


def snapshot(revision: int, **values: Json) -> Snapshot:
    return Snapshot(revision, None, tuple(Fact(name, value) for name, value in values.items()))


def told(before: Json, after: Json) -> list[tuple[str, str, Json, Json]]:
    delta = Delta("x", Fate.CHANGED, before, after)
    return [(one.name, one.fate.value, one.before, one.after) for one in delta.inside()]


def test_added_removed_and_changed_are_told_and_nothing_else() -> None:
    found = differences(snapshot(1, a=1, b=2, c=[1]), snapshot(2, b=3, c=[1], d={"x": 1}))
    assert [(one.name, one.fate) for one in found] == [("b", Fate.CHANGED), ("d", Fate.ADDED), ("a", Fate.REMOVED)]
    assert counted(found) == "1 added, 1 removed, 1 changed"
    assert counted(()) == "Nothing differs"


def test_a_value_that_is_surer_now_has_changed() -> None:
    before = Snapshot(1, None, (Fact("rate", 1.1, Standing.PENDING),))
    after = Snapshot(2, None, (Fact("rate", 1.1, Standing.DECIDED),))
    (one,) = differences(before, after)
    assert one.words == ("1.1", "1.1  pending → decided")
    assert not one.has_inside


def test_nested_differences_are_told_where_they_are() -> None:
    assert told({"a": 1, "b": {"x": 1}}, {"a": 1, "b": {"x": 2}}) == [("b", "changed", {"x": 1}, {"x": 2})]
    assert told([1, 2, 3, 4], [1, 9, 2, 3, 4]) == [("[1]", "added", None, 9)]
    assert told([1, 2, 3], [1, 3]) == [("[1]", "removed", 2, None)]
    assert told([{"a": 1}, 2], [{"a": 2}, 2]) == [("[0]", "changed", {"a": 1}, {"a": 2})]
    assert told({"a": 1}, [1]) == []
    assert next(iter(Delta("x", Fate.ADDED, after={"a": [1]}).inside())).has_inside


def test_a_large_difference_is_worked_out_only_as_far_as_it_is_looked_at() -> None:
    before: dict[str, Json] = {f"k{n}": n for n in range(200_000)}
    found = Delta("x", Fate.CHANGED, before, dict.fromkeys(before, -1)).inside()
    assert [one.name for one in islice(found, 3)] == ["k0", "k1", "k2"]


def test_the_tree_is_made_as_it_is_opened_and_keeps_qts_rules() -> None:
    model = DifferenceModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    tester.setUseFetchMore(False)
    many: list[Json] = [{"id": n} for n in range(CHUNK + 50)]
    model.take(differences(snapshot(1, a={"b": 1}, gone=1), snapshot(2, a={"b": 2}, items=many)))
    assert [str(model.index(row, Part.NAME).data()) for row in range(model.rowCount())] == ["a", "items", "gone"]
    items = model.index(1, 0)
    assert model.hasChildren(items)
    assert model.rowCount(items) == 0
    model.fetchMore(items)
    assert (model.rowCount(items), model.canFetchMore(items)) == (CHUNK, True)
    model.fetchMore(items)
    assert (model.rowCount(items), model.canFetchMore(items)) == (CHUNK + 50, False)
    first = model.index(0, 0, items)
    assert model.parent(first) == items
    assert model.data(first, Qt.ItemDataRole.AccessibleTextRole) == "[0] added: 1 entry"
    assert not model.hasChildren(model.index(2, 0))
    model.take(())
    assert model.rowCount(QModelIndex()) == 0


def test_any_two_revisions_are_compared_by_key_and_slider(qapp: QApplication, tmp_path: Path) -> None:
    scene = Scene()
    scene.set_states()

    async def act(view: RunView, _window: Asking) -> None:
        view.presenter.on_tab(Tab.STATE)
        pane, model = view.record, view.record.deltas
        await until(lambda: view.presenter.state.record.snapshot is not None)
        await until(lambda: view.presenter.state.record.can_go_back)
        assert "1 decided" in pane.standings.text()
        assert not pane.comparing.slider.isVisible()
        next(action for action in view.actions() if action.action_id == "run.compare").run()
        await until(lambda: pane.difference.isVisible() and model.rowCount() > 0)
        names = {str(model.index(row, 0).data()): str(model.index(row, 1).data()) for row in range(model.rowCount())}
        assert names == {"approval": "added", "entries": "added", "evidence": "added", "fx_rate": "changed"}
        view.activateWindow()
        pane.comparing.slider.setFocus()
        QTest.keyClick(pane.comparing.slider, Qt.Key.Key_Left)
        await until(lambda: view.presenter.state.record.base is not None and model.rowCount() == 5)
        assert view.presenter.state.record.compared == 1
        assert "4 added, 1 removed" in pane.comparing.told.text()
        assert not view.grab().isNull()
        pane.slider.setFocus()
        QTest.keyClick(pane.slider, Qt.Key.Key_Left)
        shown = view.presenter
        await until(lambda: shown.state.record.snapshot is not None and shown.state.record.snapshot.revision == 2)
        await until(lambda: model.rowCount() == 2)
        shown.on_compare(2)
        assert shown.state.record.compared == 1
        shown.on_revision(1)
        assert shown.state.record.compared == 0
        pane.comparing.toggle()
        await until(pane.tree.isVisible)

    show(qapp, tmp_path, scene, act)
