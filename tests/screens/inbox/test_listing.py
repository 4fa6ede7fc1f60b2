"""The list: selection survives, neighbours, growth, folding, and lines that are only worked out when they changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from console.domain.decision import DecisionState
from console.domain.escalation import Claim, Kind
from console.domain.risk import Risk
from console.qtkit.rowdata import HeadingRow
from console.qtkit.rowdata import InboxRow as Line
from console.screens.inbox.listing import PAGE, Listing, highest_word, summary_words
from console.screens.inbox.merge import NewItems
from console.screens.inbox.rows import Lines, group_of, item_line, lines
from console.services.views import InboxPage, InboxQuery, InboxRow, Urgency
from tests.screens.inbox.makes import DANA, JONAS, NOW, row


def page(*rows: InboxRow, total: int = 0) -> InboxPage:
    return InboxPage(rows, total or len(rows), {}, {}, total or len(rows))


def listing(*names: str, selected: str = "") -> Listing:
    made = Listing().with_page(page(*map(row, names)), is_settling=True)
    return made.selecting(selected) if selected else made


def ids(made: Listing) -> str:
    return "".join(each.item_id for each in made.rows)


def test_the_first_row_is_selected_when_none_was() -> None:
    assert listing(*"abc").selected_id == "a"


def test_the_selection_survives_a_page_and_falls_to_the_first_when_settled_without_it() -> None:
    made = listing(*"abc", selected="b")
    assert made.with_page(page(*map(row, "xab"))).selected_id == "b"
    assert made.with_page(page(*map(row, "xa")), is_settling=True).selected_id == "x"


def test_an_item_opened_from_elsewhere_stays_open_without_standing_in_the_list() -> None:
    assert listing(*"abc").opening("z").with_page(page(*map(row, "abc"))).selected_id == "z"


def test_a_selected_row_that_left_stays_as_a_ghost_until_one_moves_on() -> None:
    made = listing(*"abc", selected="b").with_page(page(*map(row, "ac")))
    assert ids(made) == "abc"
    assert made.gone == {"b"}
    moved = made.selecting("c")
    assert ids(moved) == "ac"
    assert not moved.gone


def test_under_the_pointer_a_ghost_stays_where_it_is() -> None:
    made = replace(listing(*"abc", selected="b"), pointed_id="c").with_page(page(*map(row, "ac")))
    assert ids(made.selecting("c")) == "abc"


def test_what_is_above_the_first_visible_row_does_not_push() -> None:
    made = replace(listing(*"abcdef", selected="a"), first_visible=4)
    merged = made.with_page(page(*map(row, "axbcdef")))
    assert ids(merged) == "abcdef"
    assert merged.new.count == 1


def test_moving_is_held_at_the_ends() -> None:
    made = listing(*"abc", selected="b")
    assert [made.neighbour(step) for step in (1, -1, 8, -8)] == ["c", "a", "c", "a"]
    assert Listing().neighbour(1) == ""


def test_moving_passes_over_folded_groups() -> None:
    rows = [row("a", Urgency.OVERDUE), row("b", Urgency.DUE_SOON), row("c")]
    made = Listing().with_page(page(*rows), is_settling=True).folding(Urgency.DUE_SOON)
    assert made.neighbour(1) == "c"
    assert made.folding(Urgency.DUE_SOON).neighbour(1) == "b"


def test_after_a_decision_comes_the_next_row_at_the_end_the_one_before() -> None:
    made = listing(*"abc")
    assert [made.after(each) for each in "abc"] == ["b", "c", "b"]
    assert listing("a").after("a") == ""


def test_a_decided_row_is_gone_from_rows_and_counts() -> None:
    made = listing(*"abc").without("b")
    assert (ids(made), made.total, made.all_waiting) == ("ac", 2, 2)
    assert made.without("z") == made


def test_more_is_asked_for_in_time_and_once() -> None:
    rows = tuple(row(f"i{number}") for number in range(PAGE))
    made = Listing().with_page(page(*rows, total=10_000), is_settling=True)
    assert not replace(made, last_visible=10).wants_more()
    near = replace(made, last_visible=PAGE - 30)
    assert near.wants_more()
    assert near.grown().query.limit == 2 * PAGE
    assert not near.grown().wants_more(), "while the larger page is on its way nothing more is asked for"
    assert not replace(made, total=PAGE, last_visible=PAGE - 1).wants_more()


def test_only_what_narrows_counts_as_a_filter() -> None:
    assert not Listing().is_filtered
    assert not Listing().grown().is_filtered
    assert Listing(query=InboxQuery(text="acme")).is_filtered


def test_the_bar_says_how_many_and_how_urgent() -> None:
    assert highest_word(NewItems(3, 0, Risk.MEDIUM)) == "3 new, highest is medium"
    assert highest_word(NewItems(1, 0, Risk.CRITICAL)) == "1 new, critical"
    assert highest_word(NewItems(0, 2, None)) == "2 more urgent now"
    assert highest_word(NewItems(1, 1, Risk.LOW)) == "1 new, low, 1 more urgent now"


def test_over_the_list_stands_how_many_there_are() -> None:
    made = listing(*"abc")
    assert summary_words(made) == "3 waiting, most urgent first"
    narrowed = replace(made, query=InboxQuery(text="a"), total=1)
    assert summary_words(narrowed) == "1 of 3 match, most urgent first"
    assert summary_words(Listing()) == ""
    to_sign = replace(made, query=InboxQuery(limit=PAGE, needs_signature=True), total=1)
    assert summary_words(to_sign) == "1 needs your signature after another’s"
    assert summary_words(replace(to_sign, total=0)) == "None of 3 needs your signature after another’s"
    assert summary_words(replace(to_sign, total=2)) == "2 need your signature after another’s"


def mixed() -> Listing:
    rows = [row("a", Urgency.OVERDUE), row("b"), row("c")]
    return Listing().with_page(page(*rows), is_settling=True)


def titles(found: Lines) -> list[str]:
    return [line.title if isinstance(line, HeadingRow) else line.waiting.title for line in found.rows]


def test_lines_stand_under_the_heading_of_their_group_with_its_count() -> None:
    found = lines(mixed())
    assert titles(found) == [
        "Overdue",
        "Title of a",
        "Waiting",
        "Title of b",
        "Title of c",
    ]
    headings = [line for line in found.rows if isinstance(line, HeadingRow)]
    assert [(line.count, line.is_folded, group_of(line.row_id)) for line in headings] == [
        ("1", False, Urgency.OVERDUE),
        ("2", False, Urgency.WAITING),
    ]
    assert [found.row_place(place) for place in range(5)] == [0, 0, 1, 1, 2]
    assert group_of("a") is None


def test_a_folded_group_keeps_its_heading_and_count() -> None:
    found = lines(mixed().folding(Urgency.WAITING))
    assert titles(found) == ["Overdue", "Title of a", "Waiting"]


def line_of(made: InboxRow, *, is_gone: bool = False, mark: DecisionState | None = None) -> Line:
    return item_line(made, DANA, NOW, mark, is_gone=is_gone)


def test_a_row_tells_what_it_must() -> None:
    line = line_of(
        row(
            "a",
            title="Refund €4,200 to ACME GmbH",
            risk=Risk.CRITICAL,
            kind=Kind.QUESTION,
            due_at=NOW - timedelta(minutes=6),
            required_approvals=2,
            approvals=1,
            claim=Claim(JONAS, NOW + timedelta(minutes=1)),
        )
    )
    assert (line.risk_word, line.is_solid, line.icon) == ("Critical", True, "shield-alert")
    assert (line.where, line.age, line.time_left, line.is_over) == (
        "refunds · refund-agent · tower-eu",
        "4 m",
        "6 m over",
        True,
    )
    assert [mark.text for mark in line.marks] == ["1 of 2", "Jonas", ""]


def test_a_mark_tells_where_a_decision_on_it_is() -> None:
    assert [mark.text for mark in line_of(row("a"), mark=DecisionState.UNCERTAIN).marks] == ["uncertain"]


def test_a_stale_row_says_how_old_and_a_claim_that_ran_out_is_none() -> None:
    old = replace(row("a", claim=Claim(JONAS, NOW)), is_stale=True, read_at=NOW - timedelta(minutes=2))
    line = line_of(old)
    assert line.stale_age == "2 m old"
    assert line.marks == ()


def test_a_ghost_says_that_it_waits_no_longer_and_nothing_else() -> None:
    ghost = line_of(row("a", required_approvals=2), is_gone=True)
    assert [mark.text for mark in ghost.marks] == ["waits no longer"]
    assert ghost.time_left == ""


def test_hostile_titles_are_shown_with_what_is_hidden_in_them() -> None:
    assert line_of(row("a", title="Pay\u202e 001$\nnow")).title == "Pay‹U+202E› 001$↵now"
