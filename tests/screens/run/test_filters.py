"""What of a trail passes, and how many there are of each."""

from __future__ import annotations

from console.domain.run import TrailEntry, TrailKind
from console.screens.run.filters import GROUP_OF, Search, TrailFilter, agent_choices, kind_choices
from tests.screens.run.entries import entry

TRAIL = [
    entry(0, TrailKind.PROMPT, agent="ledger", step="propose", text="Book nothing to 4980."),
    entry(1, TrailKind.TOOL_CALL, agent="ledger", step="propose", data={"arguments": {"account": "1400"}}),
    entry(2, TrailKind.HAND_OFF, agent="checker", step="check", data={"from": ["propose"], "to": "check"}),
    entry(3, TrailKind.RETRY, agent="checker", step="check"),
    entry(4, TrailKind.DECISION, step="gate", title="Jonas Weber: approve"),
]


def shown(chosen: TrailFilter) -> list[int]:
    return [int(each.entry_id) for each in chosen.apply(TRAIL, Search())]


def test_every_kind_belongs_to_a_group() -> None:
    assert set(GROUP_OF) == set(TrailKind)


def test_nothing_is_left_out_by_the_empty_filter() -> None:
    assert TrailFilter().is_empty
    assert shown(TrailFilter()) == [0, 1, 2, 3, 4]


def test_kinds_and_agents_are_switched_off_and_on() -> None:
    chosen = TrailFilter().toggled_group("Tool call").toggled_agent("checker")
    assert shown(chosen) == [0, 4]
    assert shown(chosen.toggled_group("Tool call").toggled_agent("checker")) == [0, 1, 2, 3, 4]


def test_a_step_shows_its_entries_and_the_hand_offs_from_it() -> None:
    assert shown(TrailFilter(step="propose")) == [0, 1, 2]
    assert shown(TrailFilter(step="check")) == [2, 3]


def test_every_word_is_looked_for_in_titles_texts_and_values() -> None:
    assert shown(TrailFilter(text="BOOK 4980")) == [0]
    assert shown(TrailFilter(text="1400")) == [1]
    assert shown(TrailFilter(text="weber")) == [4]
    assert shown(TrailFilter(text="1400 weber")) == []


def test_the_search_sees_an_entry_that_changed() -> None:
    search = Search()
    old, new = entry(0, text="before"), entry(0, text="after")
    assert TrailFilter(text="before").apply([old], search)
    assert not TrailFilter(text="before").apply([new], search)


def test_a_huge_entry_is_searched_up_to_a_bound() -> None:
    huge = entry(0, text="x" * 5_000_000 + "needle", data={"deep": [{"a": "y" * 1_000_000}] * 10_000})
    assert not TrailFilter(text="needle").apply([huge], Search())


def counts(trail: list[TrailEntry], chosen: TrailFilter) -> dict[str, tuple[int, bool]]:
    return {choice.name: (choice.count, choice.is_on) for choice in kind_choices(trail, chosen)}


def test_counts_are_of_everything_and_stay_while_filtering() -> None:
    assert counts(TRAIL, TrailFilter(text="nothing"))["Failed attempt"] == (1, True)
    assert counts(TRAIL, TrailFilter().toggled_group("Decision"))["Decision"] == (1, False)
    assert "Reasoning" not in counts(TRAIL, TrailFilter())


def test_a_kind_that_is_switched_off_stays_although_none_is_left() -> None:
    assert counts([], TrailFilter().toggled_group("Decision")) == {"Decision": (0, False)}


def test_agents_are_listed_by_name_and_nobody_is_no_agent() -> None:
    assert [(choice.name, choice.count) for choice in agent_choices(TRAIL, TrailFilter())] == [
        ("checker", 2),
        ("ledger", 2),
    ]
