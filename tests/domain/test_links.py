"""Links from outside: what is written is read as it was, and nothing else is read at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.display import visible
from console.domain.links import BadLinkError, Kind, Link, item_link, read_link, run_link
from console.domain.run import RunRef

NAMES = st.text(min_size=1, max_size=60).filter(
    lambda text: text.isprintable() and visible(text) == text and text not in set(Kind)
)


@given(server=NAMES, target=NAMES, chain=st.one_of(st.just(""), NAMES))
def test_a_link_to_a_run_leads_where_it_was_made(server: str, target: str, chain: str) -> None:
    ref = RunRef(server, target, chain)
    assert read_link(run_link(ref)).run == ref


def test_links_are_written_as_the_design_says() -> None:
    assert item_link("temporal:ab-12:default", "0123456789ab") == (
        "clearance://temporal%3Aab-12%3Adefault/item/0123456789ab"
    )
    old = read_link("clearance://item/temporal%3Aab-12%3Adefault/0123456789ab")
    assert old == Link("temporal:ab-12:default", Kind.ITEM, "0123456789ab")
    assert read_link("CLEARANCE://eu/item/0123456789ab/\n").target == "0123456789ab"


@pytest.mark.parametrize(
    "text",
    [
        *("", "clearance:", "clearance://", "clearance:///item/0123456789ab", "https://eu/item/0123456789ab"),
        *("clearance://eu", "clearance://eu/item", "clearance://eu/item/", "clearance://eu/approve/0123456789ab"),
        *("clearance://eu/item/0123456789ab/more", "clearance://eu/item/0123456789ab?verdict=approve"),
        *("clearance://eu/item/0123456789ab#x", "clearance://eu/item/..", "clearance://eu/item/0123456789AB"),
        *("clearance://eu/run/a%00b", "clearance://eu/run/a%E2%80%AEb", "clearance://eu/run/a%0Ab"),
        *("clearance://eu/run/%FF", "clearance://eu/run/%zz", "clearance://eu/run/a b", "clearance://eu/run/<b>"),
        *("clearance://eu/run/a/b/c", f"clearance://eu/run/{'a' * 600}", f"clearance://eu/run/{'a' * 100_000}"),
        "javascript://eu/item/0123456789ab",
    ],
)
def test_what_is_no_link_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadLinkError, match=r"\w.*[.a-z/]$"):
        read_link(text)


@given(st.text(max_size=200))
def test_no_text_does_anything_but_be_read_or_refused(text: str) -> None:
    for tried in (text, f"clearance://{text}", f"clearance://eu/run/{text}"):
        try:
            link = read_link(tried)
        except BadLinkError:
            continue
        assert read_link(str(link)) == link
