from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.run import Standing
from console.tower import record as record_module
from console.tower.record import Record

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PATCHES = st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(), min_size=1), max_size=12)


@given(PATCHES)
def test_every_revision_is_what_it_was(patches: list[dict[str, int]]) -> None:
    record = Record()
    seen: list[dict[str, int]] = [{}]
    for patch in patches:
        record.apply(patch, by_step="s", at=NOW)
        seen.append({**seen[-1], **patch})
    for revision, values in enumerate(seen):
        number, _, facts = record.at_revision(revision)
        assert number == revision
        assert {fact.name: fact.value for fact in facts} == values
    assert record.at_revision(None) == record.at_revision(record.revision)


def test_old_revisions_fold_into_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_module, "MAX_REVISIONS", 3)
    record = Record()
    for number in range(1, 8):
        record.apply({"n": number, f"k{number}": True}, by_step="s", at=NOW)
    assert len(record.deltas) == 3
    assert {fact.name: fact.value for fact in record.at_revision(5)[2]}["n"] == 5
    assert "k1" in {fact.name for fact in record.at_revision(4)[2]}
    for revision in (3, 8):
        with pytest.raises(LookupError, match=f"revision {revision} is not kept; there are 4 to 7"):
            record.at_revision(revision)


def test_what_moved_since_it_was_handed_out_is_told() -> None:
    record = Record()
    record.apply({"a": 1, "b": 1}, by_step="s", at=NOW)
    handed = {"a": 1, "b": 1}
    assert record.moved(handed, ("a", "b", "c")) == ()
    record.apply({"b": 1}, by_step="t", at=NOW, standing=Standing.DECIDED)
    record.apply({"c": 2}, by_step="t", at=NOW)
    assert record.moved(handed, ("a", "b", "c")) == ("b", "c")
    assert record.facts["b"].standing is Standing.DECIDED


def test_an_empty_patch_is_no_revision() -> None:
    record = Record()
    record.apply({}, by_step="s", at=NOW)
    assert record.revision == 0
