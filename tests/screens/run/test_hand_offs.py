"""Hand-offs as rows: what was lost comes first, nothing is left out, and every row has an id of its own."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from console.domain.run import HandOff, Step
from console.screens.run.hand_offs import HandOffRow, Part, hand_off_rows, lost_count, summary

STEPS = (Step(step_id="propose", title="Propose entries"), Step(step_id="check", title="Check the balance"))
FULL = HandOff(
    from_step="propose",
    to_step="check",
    size=8_400,
    keys=("entries", "evidence"),
    sizes=(6_100, 1_900),
    used=("entries",),
    dropped=("evidence", "notes"),
    caveats=("The rate is preliminary.", "It is late."),
    open_questions=("Whose is it?",),
    dropped_caveats=("It is late.",),
    dropped_questions=("Whose is it?",),
    owner="Nora Lindqvist",
    turn=3,
    earlier=2,
)
TEXTS = st.lists(st.text(max_size=5), max_size=4, unique=True).map(tuple)


def row(hand_off: HandOff) -> HandOffRow:
    return hand_off_rows([hand_off], STEPS)[0]


def test_what_was_lost_stands_before_what_was_carried() -> None:
    one = row(FULL)
    assert (one.start, one.end) == ("Propose entries", "Check the balance")
    assert [(remark.word, remark.text) for remark in one.remarks] == [
        ("Caveat dropped", "It is late."),
        ("Question dropped", "Whose is it?"),
        ("Caveat carried", "The rate is preliminary."),
    ]
    assert (one.used_words, one.share, one.lost_words) == ("2 of 5 parts used", 0.4, "1 caveat, 1 question dropped")
    assert one.parts == (
        Part("evidence", "1.9 KB", "not used"),
        Part("entries", "6.1 KB", "used"),
        Part("notes", "", "not handed over"),
    )
    assert one.facts == ("8.4 KB", "Nora Lindqvist", "turn 3", "2 earlier not kept")
    assert "Question dropped: Whose is it?" in one.said


def test_all_of_a_kind_may_be_named_by_the_kind() -> None:
    """An engine that knows only whether caveats were read at all says so in one word."""
    hand_off = dataclasses.replace(FULL, dropped=("caveats",), dropped_caveats=(), dropped_questions=())
    assert [remark.word for remark in row(hand_off).remarks] == ["Caveat dropped", "Caveat dropped", "Question carried"]
    assert row(hand_off).lost_words == "2 caveats dropped"


def test_nothing_handed_over_is_no_share() -> None:
    bare = row(HandOff(from_step="x", to_step="y", size=0))
    assert (bare.used_words, bare.share, bare.remarks, bare.parts, bare.facts) == ("", 0.0, (), (), ())
    assert bare.start == "x"


def test_only_the_latest_over_an_edge_counts_on_the_tab() -> None:
    mended = dataclasses.replace(FULL, turn=4, dropped_caveats=(), dropped_questions=())
    assert lost_count([FULL]) == 2
    assert lost_count([FULL, mended]) == 0
    told = "dropped a caveat or a question on the way."
    assert summary(hand_off_rows([FULL, mended], STEPS)) == f"2 hand-offs. 1 {told} A later turn read it."
    # What the tab says stands in the words below it.
    assert summary(hand_off_rows([FULL], STEPS)) == f"1 hand-off. 1 {told} 2 of what was said are dropped still."
    assert "Every caveat and question was read" in summary(hand_off_rows([mended], STEPS))


def test_rows_of_one_name_are_told_apart_and_keep_their_ids() -> None:
    rows = hand_off_rows([FULL, FULL, dataclasses.replace(FULL, turn=4)], STEPS)
    assert len({one.row_id for one in rows}) == 3
    assert [one.row_id for one in hand_off_rows([FULL, FULL], STEPS)] == [one.row_id for one in rows[:2]]


@given(
    names=st.tuples(TEXTS, TEXTS, TEXTS),
    remarks=st.tuples(TEXTS, TEXTS, TEXTS),
    sizes=st.lists(st.integers()).map(tuple),
)
def test_whatever_an_engine_tells_makes_a_row_that_adds_up(
    names: tuple[tuple[str, ...], ...], remarks: tuple[tuple[str, ...], ...], sizes: tuple[int, ...]
) -> None:
    (keys, used, dropped), (caveats, questions, gone) = names, remarks
    one = row(
        HandOff(
            from_step="\u202ex",
            to_step="y" * 10_000,
            size=1,
            keys=keys,
            used=used,
            dropped=dropped,
            caveats=caveats,
            open_questions=questions,
            dropped_caveats=gone,
            dropped_questions=gone,
            sizes=sizes,
        )
    )
    assert 0 <= one.share <= 1
    assert len(one.remarks) == len(caveats) + len(questions)
    assert len(one.end) < 100
    assert "\u202e" not in one.said
