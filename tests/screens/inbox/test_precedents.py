"""How such cases ended, as it is told: counts that add up, the bad one among them, and no share that is guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from console.domain.ages import clock
from console.domain.escalation import Kind, Verdict
from console.domain.precedent import Likeness, Precedent, Precedents
from console.domain.receipt import Outcome
from console.domain.risk import Risk
from console.domain.run import Access, HandOff, RunRef, RunStatus
from console.qtkit.words import plain
from console.screens.inbox import content as c
from console.screens.inbox.context import context
from console.screens.inbox.precedents import FOLD, examples, hit_rate
from console.screens.inbox.review import review
from console.screens.inbox.ticket import COPY
from console.services.surroundings import Alike, Led, Part, Surroundings
from console.services.views import ItemView
from tests.screens.inbox.makes import DANA, NOW, decision, escalation, item, proposal, row, waiting

LIKE = Likeness("refunds", Kind.CHECKPOINT, "refund-approval", "payments.refund")
NONE: frozenset[str] = frozenset()


def case(number: int = 0, **fields: Any) -> Precedent:  # noqa: ANN401 - fields of a case
    made = Precedent(
        run=RunRef("fake:eu", f"run-{number}", "chain"),
        title=f"Case {number}",
        like=LIKE,
        verdict=Verdict.APPROVE,
        at=NOW - timedelta(days=number),
        outcome=Outcome.CARRIED_OUT,
        ended=RunStatus.COMPLETED,
        confidence=0.9,
    )
    return replace(made, **fields)


FAILED = {"outcome": Outcome.FAILED, "message": "paid twice"}
REJECTED = {"verdict": Verdict.REJECT}
EDITED = {"verdict": Verdict.EDIT}
MIXED = (*(case(each) for each in range(8)), case(8, **FAILED), case(9, **REJECTED), case(10, **EDITED))


def part(cases: tuple[Precedent, ...], *, is_desk: bool = False, problem: str = "") -> Part[Alike]:
    told = Precedents(cases, NOW - timedelta(days=90))
    return Part(Alike(told, is_desk=is_desk), NOW - timedelta(seconds=14), problem)


def seen(around: Surroundings, **fields: Any) -> ItemView:  # noqa: ANN401 - fields of an item
    return item(escalation(confidence=0.82, owner="Priya Nair"), around=around, **fields)


def beside(view: ItemView, label: str, unfolded: frozenset[str] = NONE) -> c.SectionContent | None:
    return next((each for each in context(view, DANA, NOW, unfolded) if each.label == label), None)


def lines(section: c.SectionContent) -> list[str]:
    said = []
    for block in section.blocks:
        if isinstance(block, c.Shares):
            said.append(", ".join(f"{each.count} {each.word}" for each in block.shares))
        elif isinstance(block, c.Example):
            said.append(f"{block.text}: {plain(block.ended)}")
        elif isinstance(block, c.Paragraph):
            said.append(plain(block.words))
        elif isinstance(block, c.Unfold | c.Copyable | c.Person):
            said.append(getattr(block, "text", "") or getattr(block, "value", "") or getattr(block, "name", ""))
    return said


def test_counts_examples_and_balance_are_told_with_their_scope_and_age() -> None:
    section = beside(seen(Surroundings(alike=part(MIXED))), "How such cases ended")
    assert section is not None
    assert section.remark == "90 days, tower-eu"
    assert lines(section) == [
        "9 approved, 1 rejected, 1 edited",
        "Case 0: carried out",
        "Case 1: carried out",
        "Case 8: paid twice",
        "Of 10 let through, 9 ended well, 1 failed. Show all 11 · read 20 s ago",
    ]


def test_all_of_them_are_shown_on_request_up_to_a_bound() -> None:
    many = tuple(case(number) for number in range(50))
    section = beside(seen(Surroundings(alike=part(many))), "How such cases ended", frozenset({FOLD}))
    assert section is not None
    assert sum(isinstance(block, c.Example) for block in section.blocks) == 20
    assert lines(section)[-1].startswith("Of 50 let through, 50 ended well. and 30 more")
    folded = beside(seen(Surroundings(alike=part(many))), "How such cases ended")
    assert folded is not None
    assert "Show 20 of 50" in lines(folded)[-1]


def test_all_that_was_let_through_is_counted_the_failed_and_the_open_too() -> None:
    cases = (
        *(case(number) for number in range(5)),
        case(5, ended=None, **FAILED),
        case(6, ended=None),
        case(7, ended=None, **REJECTED),
    )
    section = beside(seen(Surroundings(alike=part(cases))), "How such cases ended")
    assert section is not None
    assert lines(section)[-1].startswith("Of 7 let through, 5 ended well, 1 failed, 1 still open. ")
    section = beside(seen(Surroundings(alike=part(cases, is_desk=True))), "How such cases ended")
    assert section is not None
    assert "1 failed, 1 whose end is not known. " in lines(section)[-1]


def test_what_only_this_desk_knows_says_so_and_claims_no_good_end() -> None:
    own = tuple(case(number, ended=None) for number in range(6))
    around = Surroundings(alike=part(own, is_desk=True, problem="Nobody is home."))
    section = beside(seen(around), "How such cases ended")
    assert section is not None
    assert section.remark == "90 days, this desk"
    assert not any("ended well" in line for line in lines(section))
    assert "The engine did not tell: Nobody is home." in lines(section)
    assert hit_rate(part(own, is_desk=True)) == ""


def test_nothing_is_told_where_nothing_is_known() -> None:
    assert beside(seen(Surroundings()), "How such cases ended") is None
    assert beside(seen(Surroundings(alike=part(()))), "How such cases ended") is None


def test_the_bad_one_is_among_the_examples_once() -> None:
    assert [each.title for each in examples(MIXED)] == ["Case 0", "Case 1", "Case 8"]
    assert examples((MIXED[8], *MIXED[:4])) == (MIXED[8], *MIXED[:2])
    assert examples(MIXED[:2]) == MIXED[:2]


def test_an_agent_was_right_where_its_proposal_was_taken_as_it_was_and_ended_well() -> None:
    assert hit_rate(part(MIXED)) == "right 73 % of the last 11"
    assert hit_rate(part(MIXED[:4])) == ""
    unsure = tuple(replace(each, confidence=None) for each in MIXED)
    assert hit_rate(part(unsure)) == ""
    rerouted = tuple(replace(each, verdict=Verdict.REROUTE) for each in MIXED)
    assert hit_rate(part(rerouted)) == ""


def why(view: ItemView) -> list[str]:
    section = next(each for each in review(view, NONE, NOW).sections if each.label == "Why you")
    return [plain(block.words) for block in section.blocks if isinstance(block, c.Remark)]


def test_a_caveat_says_where_it_came_from_and_who_never_read_it() -> None:
    text, other = "3-D Secure was not read.", "Is it the same card?"
    moved = (
        HandOff(from_step="look-up", to_step="weigh", size=1, caveats=(text,)),
        HandOff(
            from_step="weigh", to_step="refund", size=1, caveats=(text,), dropped_caveats=(text,), agent="refunder"
        ),
    )
    view = item(escalation(caveats=(text,), open_questions=(other,)), around=Surroundings(hand_offs=Part(moved, NOW)))
    assert why(view) == [
        f"Caveat from look-up: “{text}” Never read by refunder.",
        f"Open question: “{other}”",
    ]
    assert why(item(escalation(caveats=(text,)))) == [f"Caveat: “{text}”"]


def test_who_else_is_told_of_what_was_decided_lately_and_otherwise_that_nobody_is_known() -> None:
    content = escalation(row_fields={"resource": "orders/4711"})
    decided = replace(decision(Outcome.CARRIED_OUT.state), item_id="other")
    section = review(item(content, lately=(decided,)), NONE, NOW + timedelta(minutes=12)).sections
    (box,) = [block for each in section for block in each.blocks if isinstance(block, c.Box)]
    about = "“Refund €89 to Lena Brandt” on orders/4711 12 m ago"
    assert plain(box.words) == f"Dana Kern approved {about}: carried out {clock(NOW)}"
    rejected = replace(
        decided, decision=decision(Outcome.CARRIED_OUT.state, Verdict.REJECT).decision, message="The run ended."
    )
    section = review(item(content, lately=(rejected,)), NONE, NOW + timedelta(minutes=12)).sections
    (box,) = [block for each in section for block in each.blocks if isinstance(block, c.Box)]
    assert plain(box.words) == f"Dana Kern rejected {about}: The run ended."
    assert box.target == "item:other"
    told = _else(item(content))
    assert told == ["Nothing else that waits here, or was decided here today, names orders/4711."]
    assert _else(item(content, rivals=(row("rival", resource="orders/4711"),)))[:1] != told
    assert waiting().resource == ""


def _else(view: ItemView) -> list[str]:
    section = next(each for each in review(view, NONE, NOW).sections if each.label.startswith("If it is wrong"))
    return [plain(block.words) for block in section.blocks if isinstance(block, c.Paragraph | c.Box)]


def test_the_way_to_the_trail_tells_how_long_it_is_and_how_old_the_count() -> None:
    def way(part: Part[Led]) -> tuple[c.Block, ...]:
        view = item(around=Surroundings(led=part))
        return review(view, NONE, NOW).sections[-1].blocks

    assert way(Part(Led((), 38, is_all=True), NOW)) == (c.ToTrail(", 38 entries", "read just now"),)
    assert way(Part(Led((), 60, is_all=False), NOW - timedelta(minutes=3))) == (
        c.ToTrail(", more than 60 entries", "read 3 m ago"),
    )
    broken = way(Part(problem="The server is away."))
    assert isinstance(broken[0], c.Remark)
    assert plain(broken[0].words) == "The trail could not be read: The server is away."
    assert broken[1] == c.ToTrail()


def test_the_owner_stands_with_what_the_agent_may_do_alone() -> None:
    granted = Access(step_id="refund", agent="a", writes=("orders/*", "x/*", "y/*"), alone_up_to=Risk.LOW)
    section = beside(seen(Surroundings(access=Part(granted, NOW))), "Owner of refund-agent")
    assert section is not None
    assert lines(section) == ["Priya Nair", "May act alone up to low risk. Writes orders/*, x/* and 1 more. "]
    unread = beside(seen(Surroundings(access=Part(problem="No worker."))), "Owner of refund-agent")
    assert unread is not None
    assert lines(unread)[1] == "What it may do could not be read: No worker."


def test_a_ticket_that_the_payload_names_can_be_copied_and_nothing_else_is_one() -> None:
    arguments = {"order": "4711", "about": {"Ticket": "ZD-58213"}, "page": "https://desk.example/t/58213", "case": "x"}
    section = beside(item(escalation(proposal=proposal(arguments=arguments))), "Ticket")
    assert section is not None
    copied = [block for block in section.blocks if isinstance(block, c.Copyable)]
    assert {block.target for block in copied} == {f"{COPY}ZD-58213", f"{COPY}https://desk.example/t/58213"}
    odd = {"ticket": "x\u202ey", "url": "javascript:alert(1)", "link": "file:///etc/passwd", "ticket_id": "x" * 300}
    assert beside(item(escalation(proposal=proposal(arguments=odd))), "Ticket") is None
