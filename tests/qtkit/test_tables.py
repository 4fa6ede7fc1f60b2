"""Small tables give room to what is read: numbers stay whole, and what can be spared gives way to texts."""

from __future__ import annotations

import dataclasses

import pytest

from console.qtkit.tables import Change, ChangeTable
from console.qtkit.tokens import Height

LINES = [
    Change("Sales a year, at equal volume", "€2,192,068.30", "€2,315,186.60", "+5.6 %"),
    Change("Customers who keep the old prices by promise", "0", "2", ""),
]
NARROW, WIDE = 440, 700
pytestmark = pytest.mark.usefixtures("theme")


def test_remarks_give_way_where_labels_have_no_room() -> None:
    bare = [dataclasses.replace(each, remark="") for each in LINES]
    assert ChangeTable(LINES).heightForWidth(NARROW) == ChangeTable(bare).heightForWidth(NARROW)
    assert ChangeTable(LINES).heightForWidth(WIDE) == Height.TABLE_HEADER + 2 * Height.CHANGE_ROW + 1


def test_numbers_stay_whole() -> None:
    long = [Change("IT07", "€1,780,107.14", "€2,051,387.88", "+15.2 %")]
    assert ChangeTable(long).heightForWidth(NARROW) == Height.TABLE_HEADER + Height.CHANGE_ROW + 1
    narrow = ChangeTable([Change("IT07", "€1,780,107.14", "€2,051,387.88")])
    assert narrow.heightForWidth(340) == Height.TABLE_HEADER + Height.CHANGE_ROW + 1
