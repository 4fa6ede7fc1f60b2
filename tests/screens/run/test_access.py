"""Access as rows: what is granted beside what was done, refusals marked, budgets by how much is left."""

from __future__ import annotations

from console.domain.risk import Risk
from console.domain.run import Access, Breach, Budget, Step, Touch
from console.qtkit.tokens import Tone
from console.qtkit.words import plain
from console.screens.run.access import AccessRow, access_rows, breach_count, budget_gauges

FULL = Access(
    step_id="post",
    agent="posting-agent",
    owner="Nora Lindqvist",
    tools=("ledger.post",),
    reads=("ledgers/DE01/*/book",),
    writes=("ledgers/DE01/2026-10/entries",),
    alone_up_to=Risk.MEDIUM,
    read=(Touch(resource="ledgers/DE01/2026-10/book", tool="ledger.lines", times=3),),
    written=(Touch(resource="ledgers/DE01/2026-10/entries", tool="ledger.post"),),
    breaches=(Breach(why="payroll is outside.", tool="ledger.lines", resource="payroll"),),
)


def told(row: AccessRow) -> list[str]:
    return [plain(cell) for cell in row.cells]


def test_a_row_tells_what_is_granted_and_what_was_done() -> None:
    (row,) = access_rows([FULL], [Step(step_id="post", title="Post the entries")])
    assert told(row) == [
        "Post the entries",
        "posting-agent\nNora Lindqvist",
        "reads ledgers/DE01/*/book\nwrites ledgers/DE01/2026-10/entries\ntool ledger.post\nalone up to medium risk",
        "ledgers/DE01/2026-10/book ×3",
        "ledgers/DE01/2026-10/entries",
    ]
    assert [plain(breach) for breach in row.breaches] == ["Refused  ledger.lines  payroll is outside."]
    assert "Written: ledgers/DE01/2026-10/entries" in row.said
    assert row.said.endswith("Refused  ledger.lines  payroll is outside.")
    assert breach_count([FULL, FULL]) == 2


def test_nothing_is_said_to_be_nothing_and_what_is_not_kept_is_counted() -> None:
    bare, before = access_rows(
        [Access(step_id="a", agent="x"), Access(step_id="a", agent="y", is_now=False, left_out=7)], ()
    )
    assert told(bare) == ["a", "x", "nothing", "nothing", "nothing"]
    assert told(before)[0] == "a\nbefore it was rerouted\n7 more touches not kept"


def test_hostile_names_are_cut_and_made_visible_and_rows_keep_ids_of_their_own() -> None:
    odd = Access(step_id="a", agent="\u202e" + "x" * 5_000, reads=("line\nbreak",))
    rows = access_rows([odd, odd], ())
    assert rows[0].row_id != rows[1].row_id
    assert "\u202e" not in rows[0].said
    assert len(rows[0].said) < 1_000
    assert told(rows[0])[2] == "reads line↵break"


def test_budgets_say_how_much_is_used_and_are_marked_when_little_is_left() -> None:
    gauges = budget_gauges(
        (
            Budget(name="equal calls", used=7, granted=8, most="ledger.lines"),
            Budget(name="tokens", used=612_000, granted=600_000),
            Budget(name="cost", used=4.1, granted=20),
            Budget(name="time", used=96.4, granted=1_800),
            Budget(name="steps", used=0, granted=0),
        )
    )
    assert [(one.name, one.told, one.most) for one in gauges] == [
        ("Equal calls", "7 of 8", "ledger.lines"),
        ("Tokens", "612,000 of 600,000", ""),
        ("Cost", "4.10 of 20.00", ""),
        ("Working time", "96 s of 1,800 s", ""),
        ("Steps", "0 of 0", ""),
    ]
    assert [one.tone for one in gauges] == [Tone.MEDIUM, Tone.HIGH, Tone.LOW, Tone.LOW, Tone.HIGH]
    assert all(0 <= one.share <= 1 for one in gauges)
