from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.escalation import Kind
from console.domain.risk import Risk
from console.screens.inbox.saved import BUILT_IN, MOST, NAME, SavedViews
from console.services.views import InboxQuery
from console.shell.memory import Forgetful

QUERY = InboxQuery(
    text='agent:refund "ACME"',
    risks=frozenset({Risk.HIGH}),
    kinds=frozenset({Kind.QUESTION}),
    connection_ids=frozenset({"c1"}),
    is_unclaimed=True,
)


def test_a_view_outlives_the_window_as_it_was_saved() -> None:
    memory = Forgetful()
    views = SavedViews(memory)
    assert views.can_save(QUERY)
    views.save("  Finance   high ", InboxQuery(**{**_fields(QUERY), "limit": 600}))  # type: ignore[arg-type]  # its own fields
    again = SavedViews(memory)
    assert [view.name for view in again.all] == ["All", "Mine", "2nd signature", "Finance high"]
    assert again.all[-1].query == QUERY
    assert again.active(InboxQuery(**{**_fields(QUERY), "limit": 400})) == again.all[-1]  # type: ignore[arg-type]  # its own fields
    assert not again.can_save(QUERY)
    assert again.remove("Finance high") is not None
    assert SavedViews(memory).all == BUILT_IN


def test_there_are_as_many_views_as_figures_and_the_first_three_stay() -> None:
    views = SavedViews(Forgetful())
    assert views.save("Mine", QUERY) is None
    assert views.save("   ", QUERY) is None
    for number in range(20):
        views.save(f"View {number}", InboxQuery(text=str(number)))
    assert len(views.all) == MOST
    assert not views.can_save(QUERY)
    assert views.remove("All") is None
    assert views.all[:3] == BUILT_IN


def test_a_view_of_the_same_name_is_replaced() -> None:
    views = SavedViews(Forgetful())
    views.save("A", InboxQuery(text="one"))
    views.save("A", InboxQuery(text="two"))
    assert [view.query.text for view in views.own] == ["two"]


@pytest.mark.parametrize("text", ["", "{", "{}", "[1, null]", '[{"name": 1}]', '[{"name": "", "text": "a"}]'])
def test_what_cannot_be_read_back_is_forgotten(text: str) -> None:
    memory = Forgetful()
    memory.set(NAME, text)
    assert SavedViews(memory).all == BUILT_IN


@given(st.text(max_size=100))
def test_any_memory_is_survived(text: str) -> None:
    memory = Forgetful()
    memory.set(NAME, text)
    assert SavedViews(memory).all[:3] == BUILT_IN


def _fields(query: InboxQuery) -> dict[str, object]:
    return {name: getattr(query, name) for name in query.__slots__}
