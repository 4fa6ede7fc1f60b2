"""The HTML report: complete in itself, inert whatever an engine wrote, private, and stopped without a trace."""

from __future__ import annotations

import dataclasses
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from console.domain.canonical import Json
from console.domain.decision import Decision, DecisionState
from console.domain.escalation import EscalationKey, Verdict
from console.domain.identity import Person, Role
from console.domain.receipt import Effect, Outcome, Receipt
from console.domain.risk import Risk
from console.domain.run import (
    Access,
    Breach,
    Fact,
    HandOff,
    Run,
    RunRef,
    RunStatus,
    Signed,
    Snapshot,
    Step,
    StepStatus,
    Touch,
    TrailEntry,
    TrailKind,
    Whole,
)
from console.domain.stillness import Cause, Stillness
from console.infra.clock import SystemClock
from console.infra.newfile import write_private
from console.screens.run.markup import Markup, joined, tag, text
from console.screens.run.report import report
from console.screens.run.report_decisions import OWN, READ, decision_rows
from console.screens.run.report_reader import MOST, Gathered
from console.screens.run.reporting import Reporter
from console.screens.run.view import RunView
from console.services.views import DecisionView
from tests.screens.asking import Asking
from tests.screens.run.inert import inert
from tests.screens.run.scene import STEPS, Scene
from tests.screens.run.test_view import show
from tests.screens.stage import stage, until
from tests.screens.windowed import in_window

NOW = datetime(2026, 11, 21, 10, 52, tzinfo=UTC)
EVIL = (
    "\"'></text></style><script src=http://evil.example/x.js>alert(1)</script>"
    "<img src=file:///etc/passwd onerror=x>\u202e&amp;<!--"
)


def decided(ref: RunRef) -> DecisionView:
    """A decision that was carried out, with its receipt."""
    key, person = EscalationKey(ref, EVIL, 1), Person(EVIL, EVIL, Role.SUPERVISOR)
    times = {"signed_at": NOW, "valid_until": NOW}
    shared = {"decision_id": EVIL, "key": key, "opened_in": EVIL, "digest": EVIL, "key_id": EVIL, "signature": EVIL}
    reason: dict[str, Json] = {"reason": EVIL}
    decision = Decision(verdict=Verdict.APPROVE, payload=reason, by=person, audit_head=EVIL, **shared, **times)  # type: ignore[arg-type]
    effect = Effect(effect_id="JE-88213", tool=EVIL, at=NOW)
    told = {"outcome": Outcome.CARRIED_OUT, "accepted_at": NOW, "message": EVIL, "effect": effect}
    receipt = Receipt(verdict=Verdict.APPROVE, payload_hash=EVIL, **shared, **told)  # type: ignore[arg-type]
    return DecisionView(
        decision=decision,
        item_id=EVIL,
        connection_id=EVIL,
        connection=EVIL,
        title=EVIL,
        risk=Risk.HIGH,
        state=DecisionState.CARRIED_OUT,
        changed_at=NOW,
        receipt=receipt,
    )


def hostile() -> Gathered:
    """A run of which every text is an attack."""
    ref = RunRef(EVIL, EVIL, EVIL)
    run = Run(ref=ref, title=EVIL, workflow=EVIL, status=RunStatus.STUCK, business_key=EVIL, owner=EVIL, started_at=NOW)
    run = dataclasses.replace(run, started_by=EVIL, revision=3, attempt_id=EVIL)
    statuses = list(StepStatus)
    steps = tuple(
        Step(step_id=f"{EVIL}{n}", title=f"{n}{EVIL}", agent=EVIL, status=one, after=(f"{EVIL}{n - 1}",), message=EVIL)
        for n, one in enumerate(statuses)
    )
    steps = tuple(dataclasses.replace(step, started_at=NOW, confidence=0.5) for step in steps)
    made = [
        TrailEntry(
            entry_id=EVIL,
            at=NOW,
            kind=kind,
            title=EVIL,
            text=EVIL * 3,
            step=f"{EVIL}1",
            agent=EVIL,
            data={EVIL: [EVIL]},
        )
        for kind in TrailKind
    ]
    made[0] = dataclasses.replace(made[0], whole=Whole(EVIL, 5), tokens=3, cost=0.5, attempt=2, text="z" * 100_000)
    moved = HandOff(from_step=f"{EVIL}0", to_step=f"{EVIL}1", size=3, keys=(EVIL,), caveats=(EVIL,), at=NOW)
    moved = dataclasses.replace(moved, dropped_caveats=(EVIL,), open_questions=(EVIL,), owner=EVIL, agent=EVIL)
    granted = Access(step_id=EVIL, agent=EVIL, owner=EVIL, tools=(EVIL,), reads=(EVIL,), writes=(EVIL,))
    granted = dataclasses.replace(granted, read=(Touch(resource=EVIL, tool=EVIL),), breaches=(Breach(why=EVIL),))
    return Gathered(
        run=run,
        at=NOW,
        connection=EVIL,
        steps=steps,
        trail=tuple(made),
        snapshot=Snapshot(3, NOW, (Fact(EVIL, {EVIL: EVIL}, by_step=EVIL),)),
        hand_offs=(moved,),
        access=(granted,),
        decisions=(decided(ref),),
        stillness=Stillness(Cause.TOLD, EVIL, EVIL),
        lacks=((EVIL, EVIL),),
    )


def test_whatever_an_engine_wrote_stays_text_in_an_inert_file() -> None:
    html = b"".join(report(hostile()))
    found = inert(html)
    assert found.faults == []
    assert "alert(1)" in found.text
    assert "‹U+202E›" in found.text
    assert "\u202e" not in found.text
    assert "effect JE-88213 by" in found.text
    assert "92,000 more characters are left out" in found.text
    assert html.index(b"Content-Security-Policy") < html.index(b"<style>")
    for heading in ("Graph", "Timeline", "Trail", "Hand-offs", "Access", "State, revision 3", "What could not be read"):
        assert f"<h2>{heading}</h2>".encode() in html


def test_every_decision_that_the_run_tells_of_stands_there_once_and_says_where_it_is_from() -> None:
    own = decided(RunRef("fake:eu", "run-1", "chain-1"))
    own = dataclasses.replace(own, decision=dataclasses.replace(own.decision, decision_id="d-own", digest="own-digest"))

    def entry(title: str, decision_id: str = "", hour: int = 9, **more: str) -> TrailEntry:
        signed = Signed(decision_id, f"key-of-{decision_id}", "0123456789") if decision_id else None
        at = NOW.replace(hour=hour)
        return TrailEntry(entry_id=title, at=at, kind=TrailKind.DECISION, title=title, signed=signed, **more)  # type: ignore[arg-type]

    trail = (
        entry("Ada: approve", "d-ada", text="Seen.", step="refund"),
        entry(f"{EVIL}: approve", "d-own"),
        entry(f"{EVIL}: approve"),
        entry("Ada: reject", hour=8),
        TrailEntry(entry_id="note", at=NOW, kind=TrailKind.STATE_CHANGE, title="Ada: approve"),
    )
    rows = decision_rows([own], trail)
    assert [(row.who, row.source) for row in rows] == [
        ("Ada: reject", READ),
        ("Ada: approve", READ),
        (f"{EVIL}: approve", OWN),
    ]
    assert (rows[1].reason, rows[1].on, rows[1].signed) == ("Seen.", "refund", "01234567 · key key-of-d-ada")
    assert "effect JE-88213" in rows[2].receipt
    page = inert(b"".join(report(dataclasses.replace(hostile(), decisions=(own,), trail=trail))))
    assert page.faults == []
    assert page.text.count(READ) == 3
    assert "key-of-d-ada" in page.text


def test_words_are_escaped_by_construction() -> None:
    assert tag("p", "<b>", Markup("<i></i>"), class_='x"y').html == '<p class="x&quot;y">&lt;b&gt;<i></i></p>'
    assert joined(["&", text("a\u0000")]).html == "&amp;a‹U+0000›"
    assert tag("rect", x=1.5, rx=2).html == '<rect x="1.5" rx="2"/>'


def test_the_checker_finds_what_must_not_be_there() -> None:
    assert inert(b"<!DOCTYPE html><p onclick=x>").faults == ["attribute onclick of p", "no policy"]
    assert "tag script" in inert(b"<script></script>").faults
    assert "attribute href of p" in inert(b"<p href=http://x>").faults
    assert any("style" in one for one in inert(b"<style>a{background:url(x)}</style>").faults)


def test_a_large_run_is_written_within_bounds() -> None:
    given = hostile()
    steps = tuple(dataclasses.replace(given.steps[0], step_id=f"s{n}", after=(f"s{n - 1}",)) for n in range(900))
    html = b"".join(report(dataclasses.replace(given, steps=steps)))
    assert "The first 500 of 900 steps." in inert(html).text
    assert len(html) < 4_000_000


@pytest.mark.usefixtures("theme")
def test_the_screen_writes_one_for_its_owner_only_and_says_so(qapp: QApplication, tmp_path: Path) -> None:
    scene = Scene(fillers=700)
    scene.tell_seams()
    scene.tell_story()
    scene.set_states()
    scene.set_times()
    scene.wait()
    target = tmp_path / "report.html"
    target.write_text("what was there", "utf-8")

    def parts() -> list[str]:
        return [path.name for path in tmp_path.iterdir() if ".part-" in path.name]

    async def act(view: RunView, _window: Asking) -> None:
        await until(lambda: view.presenter.state.run is not None)
        view.presenter.on_report(target)
        note = view.header.report
        await until(lambda: note.isVisible() and "The report is in" in view.presenter.state.report.words)
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        found = inert(target.read_bytes())
        assert found.faults == []
        total = len(scene.server.world.record(scene.ref).trail)
        assert f"All {total:,} entries" in found.text
        assert target.read_bytes().count(b'class="entry"') == total
        assert "The rate of 31 October is preliminary." in found.text
        assert "waits for people" in found.text
        assert target.read_bytes().count(b'class="name"') == len(STEPS)
        assert parts() == []
        note.activated.emit("close")
        assert not note.isVisible()

    show(qapp, tmp_path, scene, act)


def test_a_report_that_is_stopped_or_cannot_be_written_leaves_nothing(qapp: QApplication, tmp_path: Path) -> None:
    scene = Scene(fillers=2_000)

    async def whole() -> None:
        async with stage(tmp_path, [scene.server]) as made:
            told: list[str] = []
            halted = ["1,000 of 2,000"]

            def changed() -> None:
                told.append(reporter.state.words)
                if any(words in reporter.state.words for words in halted):
                    reporter.stop()

            reporter = Reporter(made.desk, SystemClock(), changed)
            await reporter.write(scene.ref, tmp_path / "stopped.html")
            assert told[-1] == "The report was stopped; nothing is left of it."
            assert any("200 of 2,000" in words for words in told)
            halted[:] = ["Writing the file…"]
            await reporter.write(scene.ref, tmp_path / "halted.html")
            assert told[-2:] == ["Writing the file…", "The report was stopped; nothing is left of it."]
            halted.clear()
            await reporter.write(scene.ref, tmp_path / "no" / "such.html")
            assert reporter.state.is_failed
            assert "cannot be written" in reporter.state.words
            scene.server.go_away("Nothing answers.")
            await reporter.write(scene.ref, tmp_path / "away.html")
            assert reporter.state.words.startswith("No report: ")

    in_window(qapp, whole())
    assert not list(tmp_path.glob("*.html"))


def test_a_file_is_whole_or_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "a.html"
    assert write_private(target, [b"one", b"two"]) == 6

    def broken() -> list[bytes]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_private(target, (broken()[0] for _ in range(1)))
    assert target.read_bytes() == b"onetwo"
    assert list(tmp_path.iterdir()) == [target]


def test_what_is_left_out_of_a_long_trail_is_told() -> None:
    given = dataclasses.replace(hostile(), is_whole=False, total=MOST + 5)
    assert f"The newest {len(given.trail):,} of {MOST + 5:,} entries" in inert(b"".join(report(given))).text
