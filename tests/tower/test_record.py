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


@given(PATCHES, st.integers(1, 4))
def test_what_is_kept_of_a_long_history_is_what_it_was(patches: list[dict[str, int]], most: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(record_module, "MAX_REVISIONS", most)
        record = Record()
        seen: list[dict[str, int]] = [{}]
        for patch in patches:
            record.apply(patch, by_step="s", at=NOW)
            seen.append({**seen[-1], **patch})
            assert len(record.deltas) <= most
    for revision, values in enumerate(seen):
        if revision < record.start_revision:
            with pytest.raises(LookupError):
                record.at_revision(revision)
        else:
            assert {fact.name: fact.value for fact in record.at_revision(revision)[2]} == values
    assert record.start_revision == max(0, len(patches) - most)


@given(PATCHES, PATCHES, st.sets(st.sampled_from("abcdx")))
def test_moved_are_just_the_keys_that_were_set_since(
    before: list[dict[str, int]], after: list[dict[str, int]], asked: set[str]
) -> None:
    record = Record()
    for patch in before:
        record.apply(patch, by_step="s", at=NOW)
    handed = {name: fact.revision for name, fact in record.facts.items()}
    for patch in after:
        record.apply(patch, by_step="s", at=NOW)
    assert record.moved(handed, asked) == tuple(sorted(asked & {name for patch in after for name in patch}))


TURNS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(("begin", "end")),
        st.sets(st.sampled_from("abc"), min_size=1),
        st.sampled_from("abc"),
    ),
    max_size=40,
)


@given(TURNS)
def test_findings_that_are_applied_could_have_been_found_one_after_the_other(
    turns: list[tuple[int, str, set[str], str]],
) -> None:
    """Workers read and write at once; whatever passes ``moved`` is as if each had worked alone, in that order."""
    record = Record()
    record.apply(dict.fromkeys("abc", 1), by_step="s", at=NOW)
    alone: dict[str, int] = dict.fromkeys("abc", 1)
    at_work: dict[int, tuple[dict[str, int], dict[str, int], set[str], str]] = {}
    for worker, does, reads, writes in turns:
        if does == "begin":
            handed = {name: fact.revision for name, fact in record.facts.items()}
            at_work[worker] = (handed, {name: value_of(record, name) for name in reads}, reads, writes)
        elif worker in at_work:
            handed, read, keys, target = at_work.pop(worker)
            if not record.moved(handed, keys):
                record.apply({target: sum(read.values()) + worker}, by_step="s", at=NOW)
                alone[target] = sum(alone[name] for name in keys) + worker
    assert {name: value_of(record, name) for name in "abc"} == alone


def value_of(record: Record, name: str) -> int:
    value = record.facts[name].value
    assert isinstance(value, int)
    return value
