"""A run as it is shown: header, steps, state, hand-offs, and a trail that goes back over all its executions."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.common import RawValue

from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Comment, Verdict
from console.domain.run import RunRef, RunStatus, StepStatus, TrailEntry, TrailKind
from console.engines.port import Engine
from console.engines.temporal import events
from console.engines.temporal.errors import UNREADABLE
from tests.engines.conformance import Ask, decision, error_of, settled, until
from tests.engines.temporal.test_deliver import APPROVAL, reset_to_start
from tests.engines.tower_bench import Host, TowerBench, tower_bench
from tests.signing import ANNA
from tests.signing import BENNO as BEN


async def whole_trail(desk: Engine, ref: RunRef, limit: int = 7) -> list[TrailEntry]:
    """The trail from the newest entry to the beginning, page by page."""
    entries: list[TrailEntry] = []
    older = ""
    while True:
        page = await desk.trail(ref, older=older, limit=limit)
        assert len(page.entries) <= limit
        entries.extend(page.entries)
        older = page.older
        if not older:
            return entries


async def decided(bench: TowerBench) -> RunRef:
    """A run that was approved and has come to its end."""
    key = await bench.open(Ask())
    await bench.desk.comment(key, Comment(BEN, datetime.now(UTC), "looks right"))
    sent = await decision(bench, key)
    await bench.desk.deliver(sent)
    await bench.client.get_workflow_handle(key.run.run_id).result()
    return key.run


def test_the_trail_has_what_agents_did_what_people_said_and_what_was_done(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            trail = list(reversed(await whole_trail(bench.desk, await decided(bench))))
            told = [(entry.kind, entry.title) for entry in trail]
            kinds = [entry.kind for entry in trail]
            assert told[0] == (TrailKind.NOTE, "The run started")
            assert told[-1] == (TrailKind.NOTE, "The run is complete")
            assert kinds.index(TrailKind.PROMPT) < kinds.index(TrailKind.REASONING) < kinds.index(TrailKind.DECISION)
            assert kinds.index(TrailKind.DECISION) < kinds.index(TrailKind.EFFECT)
            assert (TrailKind.NOTE, "Ben commented") in told
            decided_by = next(entry for entry in trail if entry.kind is TrailKind.DECISION)
            assert decided_by.title == "Anna: approve"
            assert decided_by.text == "as agreed on the phone"
            assert decided_by.signed is not None
            assert (len(decided_by.signed.key_id), len(decided_by.signed.digest)) == (16, 64)
            assert {entry.step for entry in trail if entry.kind is TrailKind.PROMPT} == {"post"}
            assert len({entry.entry_id for entry in trail}) == len(trail)
            assert all(entry.at is not None and entry.at.tzinfo for entry in trail)

    host.run(run())


def test_failed_attempts_are_there_with_their_reason(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.open(Ask(verdict=Verdict.RETRY))
            failed = [e for e in await whole_trail(bench.desk, key.run) if e.kind is TrailKind.FAILED_ATTEMPT]
            assert len(failed) == 2
            assert all("LedgerLocked" in entry.text and entry.is_failed for entry in failed)
            assert {(entry.step, entry.agent) for entry in failed} == {("post", "bench-clerk")}
            steps = await bench.desk.steps(key.run)
            assert [(step.step_id, step.status) for step in steps] == [("post", StepStatus.FAILED)]

    host.run(run())


def test_the_trail_goes_back_over_continuations(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.start({**APPROVAL, "approvals": 2}, continue_after=2)
            before = (await bench.desk.run(key.run)).attempt_id
            for number in range(2):
                await bench.desk.comment(key, Comment(ANNA, datetime.now(UTC), f"number {number}"))

            async def continued() -> bool:
                return (await bench.desk.run(key.run)).attempt_id != before

            await until(bench, continued, "the next execution")
            await bench.desk.comment(key, Comment(ANNA, datetime.now(UTC), "afterwards"))
            trail = await whole_trail(bench.desk, key.run, limit=3)
            said = [entry.text for entry in trail if entry.title == "Anna commented"]
            assert said == ["afterwards", "number 1", "number 0"]
            titles = [entry.title for entry in trail]
            assert titles.count("The run started") == 2
            assert titles.count("The run goes on with a fresh history") == 1
            assert [entry.entry_id for entry in trail] == sorted((e.entry_id for e in trail), reverse=True)

    host.run(run())


def test_behind_a_reset_the_trail_shows_what_it_undid(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.open(Ask())
            await bench.desk.comment(key, Comment(ANNA, datetime.now(UTC), "before the reset"))
            await reset_to_start(bench, key.run)
            trail = await whole_trail(bench.desk, key.run, limit=4)
            titles = [entry.title for entry in trail]
            reset = next(number for number, title in enumerate(titles) if "was reset" in title)
            assert "before the reset" in [entry.text for entry in trail[reset:]]
            assert titles.count("The run started") == 1

    host.run(run())


def test_what_goes_on_now_comes_first(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            ref = await bench.start_run({**APPROVAL, "ask": "slow"})

            async def thinking() -> TrailEntry | None:
                page = await bench.desk.trail(ref)
                told = (entry for entry in page.entries[:1] if entry.kind is TrailKind.REASONING and entry.text)
                return next(told, None)

            entry = await until(bench, thinking, "partial reasoning")
            assert entry.text == "Still counting"
            assert entry.step == "post"
            await bench.client.get_workflow_handle(ref.run_id).terminate(reason="enough")

    host.run(run())


def test_header_state_and_hand_offs_are_the_runs_own(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.open(Ask(verdict=Verdict.ANSWER))
            header = await bench.desk.run(key.run)
            assert (header.title, header.workflow, header.business_key) == ("A run of the bench", "bench", "4711")
            assert header.waiting == (key.item_id,)
            first = await bench.desk.state(key.run)
            sent = await decision(bench, key, Verdict.ANSWER)
            await bench.desk.deliver(sent)
            await settled(bench, sent)
            now = await bench.desk.state(key.run)
            assert now.revision > first.revision
            assert {fact.name: fact.value for fact in now.facts}["centre"] == {"centre": "4400"}
            assert await bench.desk.state(key.run, revision=first.revision) == first
            assert await bench.desk.hand_offs(key.run) == ()
            with pytest.raises(Refused):
                await bench.desk.state(key.run, revision=99)

    host.run(run())


def test_a_run_ended_from_outside_is_shown_as_ended(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.open(Ask())
            await bench.client.get_workflow_handle(key.run.run_id).terminate(reason="enough")
            header = await bench.desk.run(key.run)
            assert header.status is RunStatus.CANCELLED
            assert header.closed_at is not None
            assert (await bench.desk.trail(key.run)).entries[0].text == "enough"

    host.run(run())


def test_a_run_is_still_read_when_another_has_taken_its_name(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            old = await decided(bench)
            handle = bench.client.get_workflow_handle(old.run_id)
            begun = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes
            again = await bench.start_as(old.run_id, RawValue(begun.input.payloads[0]))
            assert again.chain_id != old.chain_id
            assert (await bench.desk.run(old)).status is RunStatus.COMPLETED
            assert (await bench.desk.run(again)).status is not RunStatus.COMPLETED
            assert (await bench.desk.trail(old)).entries[0].title == "The run is complete"
            await bench.client.get_workflow_handle(old.run_id).terminate(reason="enough")

    host.run(run())


def test_a_page_that_was_never_given_is_refused(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.open(Ask())
            error = await error_of(bench.desk.trail(key.run, older="][nonsense"), Refused)
            assert error.code == UNREADABLE
            gone = dataclasses.replace(key.run, run_id="nowhere")
            assert (await error_of(bench.desk.trail(gone), Refused)).code == RefusalCode.UNKNOWN

    host.run(run())


def completed(data: bytes, encoding: bytes = b"json/plain") -> list[TrailEntry]:
    """The entries of an activity that returned this."""
    event = HistoryEvent(event_id=9, event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
    event.event_time.FromDatetime(datetime(2026, 11, 21, 8, tzinfo=UTC))
    attributes = event.activity_task_completed_event_attributes
    attributes.scheduled_event_id = 7
    attributes.result.CopyFrom(Payloads(payloads=[Payload(metadata={"encoding": encoding}, data=data)]))
    return events.entries(event, "execution", {7: events.Activity("post.1.agent1", "bench-clerk")})


def test_a_bad_entry_is_one_entry_that_says_so() -> None:
    told = completed(
        b'{"trail": [{"entry_id": "1", "at": null, "kind": "note", "title": "fine"}, {"kind": "song"}, 5]}'
    )
    assert [entry.title for entry in told] == [
        "fine",
        "An entry that could not be read",
        "An entry that could not be read",
    ]
    assert [entry.is_failed for entry in told] == [False, True, True]
    assert {entry.step for entry in told} == {"post"}
    assert len({entry.entry_id for entry in told}) == 3


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"{", "not JSON"), (b"x" * (3 * 1024 * 1024), "larger than"), (b"[1]", ""), (b'{"trail": 5}', "")],
)
def test_a_result_that_has_no_trail_adds_nothing_or_says_why(data: bytes, word: str) -> None:
    told = completed(data)
    assert [word in entry.text for entry in told] == ([True] if word else [])


def test_a_result_encoded_otherwise_is_not_guessed_at() -> None:
    assert "binary/encrypted" in completed(b"secret", b"binary/encrypted")[0].text


def test_a_flood_of_entries_is_cut_with_a_count() -> None:
    entry = '{"entry_id": "1", "at": null, "kind": "note", "title": "again"}'
    told = completed(f'{{"trail": [{",".join([entry] * 1_200)}]}}'.encode())
    assert len(told) == events.MAX_ENTRIES + 1
    assert told[-1].title == "200 more entries of this step are left out"
