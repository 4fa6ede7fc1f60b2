"""The rows of a trail change by differences."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester

from console.screens.run.trail import rows
from console.screens.run.view_trail_model import TrailModel
from tests.screens.run.entries import entries, entry

pytestmark = pytest.mark.usefixtures("qapp")
Mode = QAbstractItemModelTester.FailureReportingMode.Warning


def test_rows_put_before_and_after_keep_those_between() -> None:
    model = TrailModel()
    QAbstractItemModelTester(model, Mode, model)
    model.take(rows(entries(range(50, 100))))
    kept = QPersistentModelIndex(model.index(10))
    model.take(rows(entries(range(120))))
    assert kept.row() == 60
    assert model.rowCount() == 120


def test_a_changed_row_is_told_as_changed() -> None:
    model = TrailModel()
    model.take(rows(entries(range(5))))
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.take(rows([*entries(range(4)), entry(4, title="changed")]))
    assert told == [(4, 4)]


@pytest.mark.parametrize("seed", range(3))
def test_random_filters_keep_the_model_right(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a test's own choices
    model = TrailModel()
    QAbstractItemModelTester(model, Mode, model)
    everything = entries(range(40))
    for _ in range(25):
        shown = rows([each for each in everything if rng.random() < 0.6])
        model.take(shown)
        assert model.rows == shown


def test_a_screen_reader_hears_kind_title_and_time() -> None:
    model = TrailModel()
    model.take(rows([entry(0, title="Signal “go”")]))
    assert str(model.index(0).data()).startswith("Note  Signal “go”")
    assert model.data(model.index(5)) is None


def test_another_order_is_taken_over() -> None:
    model = TrailModel()
    QAbstractItemModelTester(model, Mode, model)
    shown = rows(entries(range(6)))
    model.take(shown)
    kept = QPersistentModelIndex(model.index(0))
    model.take((shown[3], shown[0], *shown[4:]))
    assert not kept.isValid()
    assert model.rows == (shown[3], shown[0], *shown[4:])
