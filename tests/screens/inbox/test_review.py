"""What the review pane says of an item: all that is known, nothing that is not, and how much of it is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from console.domain.ages import short_clock
from console.domain.canonical import Json
from console.domain.decision import DecisionState
from console.domain.digest import escalation_digest
from console.domain.escalation import (
    Approval,
    BlastRadius,
    Change,
    Claim,
    Escalation,
    Kind,
    Rule,
    Target,
    TargetKind,
    Verdict,
)
from console.domain.identity import Person, Role
from console.domain.risk import Risk
from console.domain.run import TrailEntry, TrailKind
from console.engines.port import Ability, Capabilities
from console.qtkit.keycaps import key_of
from console.qtkit.words import plain, spans
from console.screens.inbox import content as c
from console.screens.inbox.changing import FOLD, FOLDED, MOST
from console.screens.inbox.context import can_comment, context
from console.screens.inbox.difference import difference
from console.screens.inbox.header import header
from console.screens.inbox.review import MOST_EDITS, MOST_SIGNED, Reviewed, review
from console.screens.inbox.said import VALUE
from console.screens.inbox.values import ArgumentRow, Shown
from console.services.views import ItemView
from tests.screens.inbox.makes import DANA, JONAS, NOW, connection, decision, escalation, item, proposal, row

NONE: frozenset[str] = frozenset()


def reviewed(content: Escalation, unfolded: frozenset[str] = NONE) -> Reviewed:
    return review(item(content), unfolded, NOW)


def labels(content: Escalation) -> list[str]:
    return [section.label for section in reviewed(content).sections]


def said(content: Escalation, label: str) -> str:
    section = next(each for each in reviewed(content).sections if each.label == label)
    return " | ".join(_said(block) for block in section.blocks)


def _said(block: c.Block) -> str:
    if isinstance(block, c.Paragraph | c.Remark | c.Box):
        return plain(block.words)
    if isinstance(block, c.Told):
        return block.value.text
    if isinstance(block, c.Happened):
        return ", ".join(plain(entry.words) for entry in block.entries)
    return type(block).__name__


def test_a_bare_item_says_only_what_is_known() -> None:
    assert labels(escalation()) == ["If you approve", "What led here"]


def test_everything_that_is_known_is_said() -> None:
    content = escalation(
        rule=Rule("refund-limit", 7, "over €1,000 a person decides."),
        confidence=0.82,
        caveats=("3-D Secure was not read.",),
        open_questions=("Does it apply?",),
        blast=BlastRadius(steps=("notify", "close"), runs=("r-2",)),
        failure="LedgerLocked",
        question="Which one?",
        led_here=(TrailEntry(entry_id="1", at=NOW, kind=TrailKind.NOTE, title="Opened", text="by a ticket"),),
    )
    assert labels(content) == [
        "What failed",
        "The question",
        "If you approve",
        "Why you",
        "If it is wrong, and who else",
        "What led here",
    ]
    assert said(content, "Why you") == (
        "Rule refund-limit: over €1,000 a person decides. | Confidence | Caveat: “3-D Secure was not read.”"
        " | Open question: “Does it apply?”"
    )
    assert (
        said(content, "If it is wrong, and who else")
        == "Then run: notify, close. | Other runs: r-2 | Reaches 2 later steps, 1 other run."
    )
    assert said(content, "What led here") == "Opened  by a ticket | ToTrail"


@pytest.mark.parametrize(
    ("fields", "ending"),
    [
        ({"is_reversible": False}, "Cannot be undone"),
        ({"is_reversible": False, "reversal": "after 22:00"}, "Cannot be undone after 22:00"),
        ({"is_reversible": True, "reversal": "for 30 days"}, "Can be undone, for 30 days"),
    ],
)
def test_whether_it_can_be_undone_is_always_said(fields: dict[str, Any], ending: str) -> None:
    content = escalation(proposal=proposal(**fields))
    expected = f"payments.refund on orders/4711: sends €4,200.00 back. {ending}"
    assert said(content, "If you approve").split(" | ", maxsplit=1)[0] == expected


def test_changes_are_a_table_and_too_many_are_counted() -> None:
    many = tuple(Change(f"line {number}", "0", "1") for number in range(45))
    content = escalation(proposal=proposal(changes=many))
    assert said(content, "If you approve").endswith("Changes | Unfold")
    assert len(change_lines(content)) == FOLDED
    unfolded = next(
        each.blocks for each in reviewed(content, frozenset({FOLD})).sections if each.label == "If you approve"
    )
    *_, table, more = unfolded
    assert isinstance(table, c.Changes)
    assert isinstance(more, c.Paragraph)
    assert (len(table.lines), plain(more.words)) == (MOST, "and 5 changes more")


def test_long_arguments_come_last_where_what_changes_stands_for_them_and_nothing_signed_is_lost() -> None:
    rows = [{"account": "1200", "amount": "9.00"}, {"account": "1600", "amount": "-9.00"}]
    states = {"before": {"a": 1}, "after": {"a": 2}}
    arguments: dict[str, Json] = {"period": "2026-10", "entries": rows, "text": "x" * 100, **states}
    for changes, place in (((Change("balance", "1", "2"),), "Arguments in full"), ((), "If you approve")):
        content = escalation(proposal=proposal(arguments=arguments, changes=changes))
        found = [(each.label, block) for each in reviewed(content).sections for block in each.blocks]
        assert [label for label, block in found if isinstance(block, c.Long | c.Entries)] == [place, place]
        assert len([block for _, block in found if isinstance(block, c.Grid)]) == 1
        assert len(change_lines(content)) == 1 + len(changes)
        assert reviewed(content).shown is Shown.ALL


def test_what_changes_says_how_far_it_moves() -> None:
    changes = (Change("a month", "€49.00", "€56.00"), Change("page", "", "Degraded"), Change("tag", "beta", ""))
    assert [
        (line.label, plain(line.remark)) for line in change_lines(escalation(proposal=proposal(changes=changes)))
    ] == [
        ("a month", "+14.3 %"),
        ("page", ""),
        ("tag", ""),
    ]


def test_two_states_among_the_arguments_are_compared_and_nothing_signed_is_lost() -> None:
    before = {"name": "ACME", "limit": 5_000, "tags": ["a"]}
    after = {"name": "ACME", "limit": 8_000, "tags": ["a", "b"], "note": "as agreed"}
    content = escalation(proposal=proposal(arguments={"id": "C-1", "account": {"before": before, "after": after}}))
    assert [(line.label, line.before, line.after) for line in change_lines(content)] == [
        ("account.limit", "5000", "8000"),
        ("account.tags[1]", "", "b"),
        ("account.note", "", "as agreed"),
    ]
    rows = {row.name: row.value.text for row in grid(content)}
    assert rows == {"id": "C-1", "account.name (stays)": "ACME", "account.tags[0] (stays)": "a"}
    assert reviewed(content).shown is Shown.ALL


@pytest.mark.parametrize("value", ["x" * 81, "two\nlines"])
def test_states_that_no_cell_can_show_stay_arguments(value: str) -> None:
    content = escalation(proposal=proposal(arguments={"before": {"a": 1}, "after": {"a": value}}))
    assert change_lines(content) == ()
    assert {row.name for row in grid(content)} <= {"before.a", "after.a"}


def change_lines(content: Escalation) -> tuple[c.ChangeLine, ...]:
    return next((block.lines for block in proposed(content) if isinstance(block, c.Changes)), ())


def grid(content: Escalation) -> tuple[ArgumentRow, ...]:
    return tuple(row for block in proposed(content) if isinstance(block, c.Grid) for row in block.rows)


def proposed(content: Escalation) -> tuple[c.Block, ...]:
    return next(each.blocks for each in reviewed(content).sections if each.label == "If you approve")


def test_the_numbers_that_tripped_a_rule_stand_out() -> None:
    content = escalation(rule=Rule("limit", 7, "Over €1,000.00 a person decides; 2 % of order 4711-a. This is €4,200."))
    why = next(each.blocks for each in reviewed(content).sections if each.label == "Why you")[0]
    assert isinstance(why, c.Paragraph)
    assert [each.text for each in spans(why.words) if each.is_strong] == ["limit", "€1,000.00", "2 %", "€4,200"]


def test_what_could_not_be_read_stands_where_it_matters() -> None:
    problem = {"problem": "the amount is no number"}
    assert "Part of this could not be read. the amount is no number" in said(
        escalation(row_fields=problem), "If you approve"
    )
    lost = escalation(kind=Kind.FAILURE, proposal=None, failure="", row_fields=problem)
    assert "could not be read" in said(lost, "What failed")


def test_the_signed_content_alone_decides_whether_all_is_shown() -> None:
    long = "x" * 5_000
    assert reviewed(escalation(caveats=(long,), failure=long)).shown is Shown.ALL
    folded = escalation(proposal=proposal(arguments={"note": long}))
    assert reviewed(folded).shown is Shown.FOLDED
    assert reviewed(folded, frozenset({"note"})).shown is Shown.ALL
    assert reviewed(escalation(proposal=proposal(arguments={"note": "x" * 50_000}))).shown is Shown.CUT


def test_without_a_proposal_the_whole_request_is_what_is_signed() -> None:
    long = "word " * 600
    asked = escalation(kind=Kind.QUESTION, proposal=None, question=long)
    assert reviewed(asked).shown is Shown.FOLDED
    assert reviewed(asked, frozenset({"question"})).shown is Shown.ALL
    titled = escalation(kind=Kind.QUESTION, proposal=None, question="Which?", row_fields={"title": "t" * 200})
    assert reviewed(titled).shown is Shown.CUT


def test_a_signature_says_whether_its_person_saw_the_same() -> None:
    content = escalation(row_fields={"required_approvals": 2, "approvals": 2})
    same = Approval(JONAS, NOW - timedelta(minutes=21), "d1", escalation_digest(content), "Agrees.")
    content = replace(content, approvals=(same, replace(same, digest="f" * 64)))
    blocks = reviewed(content).sections[0].blocks
    assert reviewed(content).sections[0].label == "Signed so far"
    assert all(isinstance(block, c.Signed) for block in blocks)
    first, second = (block for block in blocks if isinstance(block, c.Signed))
    assert plain(first.compared).endswith("= the same as you see now")
    assert plain(second.compared) == "ffffffff ≠ not what you see now"
    assert (first.count, first.wrote, first.changed) == ("1 of 2", "Agrees.", ())
    assert first.about == f"Operator · {short_clock(same.at, NOW)}, 21 m ago"


def test_a_signature_just_given_says_so() -> None:
    content = signed(Approval(JONAS, NOW, "d1", "f" * 64))
    (block,) = reviewed(content).sections[0].blocks
    assert isinstance(block, c.Signed)
    assert block.about.endswith(", just now")


def test_the_first_signature_comes_first_with_what_its_person_changed_and_wrote() -> None:
    changes = (Change("start", "2026-12-01", "2026-12-15"), Change("note", "", "x" * 500))
    content = signed(Approval(JONAS, NOW, "d1", "f" * 64, "Legal asked for it.", changes))
    first = reviewed(content).sections[0]
    assert first.label == "First signature"
    (block,) = first.blocks
    assert isinstance(block, c.Signed)
    assert plain(block.changed[0]) == "start 2026-12-01 → 2026-12-15"
    assert plain(block.changed[1]) == f"note nothing → {'x' * VALUE}…"
    assert block.wrote == "Legal asked for it."


def test_signatures_without_end_are_counted() -> None:
    changes = tuple(Change(f"a{number}", "1", "2") for number in range(5_000))
    flood = tuple(Approval(JONAS, NOW, f"d{number}", "\u202e" * 64, "", changes) for number in range(3_000))
    content = replace(escalation(row_fields={"required_approvals": 4_000, "approvals": 3_000}), approvals=flood)
    *cards, more = reviewed(content).sections[0].blocks
    assert len(cards) == MOST_SIGNED
    assert isinstance(more, c.Paragraph)
    assert plain(more.words) == f"and {3_000 - MOST_SIGNED:,} signatures more"
    assert all(isinstance(card, c.Signed) and len(card.changed) == MOST_EDITS for card in cards)
    assert isinstance(cards[0], c.Signed)
    assert cards[0].more_changed == 5_000 - MOST_EDITS
    beside = next(each for each in context(item(content), DANA, NOW) if each.label == "Signatures")
    assert len(beside.blocks) < MOST_SIGNED * 2


@pytest.mark.parametrize(
    ("person", "fields", "pill", "said"),
    [
        (DANA, {}, "Needs your signature, 2 of 2", "You may sign: you did not start the run and have not signed."),
        (JONAS, {}, "You signed, 1 of 2", "You have approved this already; it needs another person."),
        (DANA, {"initiator": "dana"}, "Signed 1 of 2", "You started this run; another person has to approve it."),
        (replace(DANA, role=Role.VIEWER), {}, "Signed 1 of 2", "Viewers read; ask for the role of an operator."),
    ],
)
def test_each_person_is_told_whether_theirs_is_the_next_signature(
    person: Person, fields: dict[str, Any], pill: str, said: str
) -> None:
    shown = item(replace(signed(Approval(JONAS, NOW, "d1", "f" * 64)), **fields))
    assert header(shown, person, NOW).signatures == pill
    section = next(each for each in context(shown, person, NOW) if each.label == "Signatures")
    people = [block.name + block.suffix for block in section.blocks if isinstance(block, c.Person)]
    next_one = f"{person.name}, you" if pill.startswith("Needs your") else "Another person"
    assert people == ["Jonas Weber" + (", you" if person is JONAS else ""), next_one]
    (words,) = (plain(block.words) for block in section.blocks if isinstance(block, c.Paragraph))
    assert words.startswith(said)


def deadline(**fields: Any) -> list[str]:  # noqa: ANN401 - fields of an item
    """What is said of the deadline of an item that fell due a quarter of an hour ago."""
    content = replace(escalation(row_fields={"due_at": NOW - timedelta(minutes=15)}), **fields)
    found = [each for each in context(item(content), DANA, NOW) if each.label == "Deadline"]
    blocks = found[0].blocks if found else ()
    return [plain(block.words) for block in blocks if isinstance(block, c.Remark | c.Paragraph)]


def test_who_was_asked_when_it_fell_due_and_when_it_rejects_itself_stand_beside_it() -> None:
    assert deadline() == []
    fell_due, end = (short_clock(NOW + timedelta(minutes=minutes), NOW) for minutes in (-15, 30))
    priya = Target(TargetKind.PERSON, "priya", "Priya Nair")
    said = deadline(handed_to=priya, expires_at=NOW + timedelta(minutes=30))
    assert said == [
        f"Handed to Priya Nair when it fell due at {fell_due}",
        "Who may decide is the same as before.",
        f"Rejects itself at {end} if nobody decides",
    ]
    assert deadline(handed_to=replace(priya, target_id="dana"))[0] == f"Handed to you when it fell due at {fell_due}"
    team = Target(TargetKind.TEAM, "dana", "Night\u202eshift" + "x" * 5_000)
    assert deadline(handed_to=team)[0].startswith("Handed to Night")
    assert len(deadline(handed_to=team)[0]) < 150
    assert deadline(expires_at=NOW - timedelta(minutes=1)) == [
        f"Nobody decided by {short_clock(NOW - timedelta(minutes=1), NOW)}: its run rejects it"
    ]


def test_one_may_withdraw_ones_own_signature_while_nothing_is_on_its_way() -> None:
    shown = item(signed(Approval(JONAS, NOW, "d1", "f" * 64)))

    def ways(view: ItemView, person: Person) -> list[str]:
        section = next(each for each in context(view, person, NOW) if each.label == "Signatures")
        return [block.key for block in section.blocks if isinstance(block, c.TakeBack)]

    assert ways(shown, JONAS) == [key_of("inbox.withdraw")]
    assert ways(shown, DANA) == []
    assert ways(replace(shown, is_open=False), JONAS) == []
    assert ways(replace(shown, decision=decision(DecisionState.SENDING)), JONAS) == []


def signed(*approvals: Approval) -> Escalation:
    """An item that needs two signatures and has these."""
    row_fields = {"required_approvals": 2, "approvals": len(approvals)}
    return replace(escalation(Risk.CRITICAL, row_fields=row_fields), approvals=approvals)


def test_an_item_never_read_says_nothing() -> None:
    unread = replace(item(), escalation=None)
    assert review(unread, NONE, NOW) == Reviewed()
    assert context(unread, DANA, NOW) == ()
    assert header(unread, DANA, NOW).title == "Title of gate"


def test_the_head_tells_what_where_how_long_and_how_fresh() -> None:
    content = escalation(
        Risk.HIGH,
        row_fields={
            "due_at": NOW + timedelta(minutes=6, seconds=30),
            "business_key": "order 4711",
            "claim": Claim(DANA, NOW + timedelta(minutes=14)),
            "required_approvals": 2,
        },
    )
    made = header(item(content, read_at=NOW - timedelta(seconds=5)), DANA, NOW)
    assert plain(made.about) == "Checkpoint at gate refund-approval"
    assert (made.due, made.signatures) == ("6 min left", "Needs 2 signatures")
    assert plain(made.claim) == "Claimed by you, 14 min left"
    assert plain(made.place) == "refunds · refund-agent · tower-eu · order 4711 · run run-gate · read 5 s ago"


def test_what_is_not_a_gate_names_its_step() -> None:
    assert plain(header(item(escalation(kind=Kind.STUCK)), DANA, NOW).about) == "Stuck at step refund"


def test_a_stale_item_says_so() -> None:
    stale = item(row=replace(row(), is_stale=True), read_at=NOW - timedelta(minutes=9))
    assert "read 9 m ago" in plain(header(stale, DANA, NOW).place)


def test_the_context_leaves_out_what_the_engine_cannot_hold() -> None:
    mute = Capabilities(verdicts=frozenset(), abilities=frozenset(), lacks={Ability.ENFORCE: "It checks nothing."})
    bare = item(escalation(owner=""), connection=connection(capabilities=mute))
    assert [section.label for section in context(bare, DANA, NOW)] == ["Rule"]
    assert not can_comment(bare)
    full = item(escalation(row_fields={"claim": Claim(JONAS, NOW + timedelta(minutes=8)), "required_approvals": 2}))
    assert [section.label for section in context(full, DANA, NOW)] == [
        "Signatures",
        "Rule",
        "Owner of refund-agent",
        "Claim",
        "Comments",
    ]
    assert can_comment(full)
    assert not can_comment(replace(full, is_open=False))


def test_a_change_is_told_with_both_values() -> None:
    before = escalation()
    after = escalation(proposal=proposal(arguments={"order": "4711", "amount": 4100.0, "to": "IBAN"}))
    assert plain(difference(before, after)) == (
        "This changed while you looked. amount 4200 → 4100, to nothing → IBAN. Read it again; what you entered is kept."
    )


def test_what_nobody_may_approve_is_told_as_what_was_wanted() -> None:
    refused_at_the_bounds = escalation(verdicts=(Verdict.REJECT, Verdict.REROUTE))
    assert labels(refused_at_the_bounds)[0] == "What it wanted"
