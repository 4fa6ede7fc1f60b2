"""The chain of a run's own results on a real server: bound over continuations, exported, and verified from the file."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from datetime import UTC, datetime

import pytest

from console.domain import linked_file
from console.domain.chain import START, link
from console.domain.errors import Refused
from console.domain.escalation import Comment, Verdict
from console.domain.results import Links, StepResult, folded, result_hash
from console.domain.run import RunRef
from console.engines.fake.engine import FakeEngine
from console.engines.fake.server import FakeServer
from console.engines.port import Engine
from console.infra.clock import SystemClock
from console.services.export import Signing, write_run
from console.verify.linked_file import Verified
from console.verify.run_file import verify_run
from console.verify.signatures import encoded
from tests.engines.conformance import Ask, decision, settled, until
from tests.engines.temporal.test_deliver import APPROVAL, reset_to_start
from tests.engines.temporal.test_read import decided
from tests.engines.tower_bench import Host, tower_bench
from tests.signing import ANNA
from tests.verify.chains import as_file, new_key

KEY = new_key()


async def returned(desk: Engine, ref: RunRef) -> tuple[list[StepResult], Links]:
    found = [result async for page in desk.results(ref) for result in page]
    return found, await desk.links(ref)


def whole(found: list[StepResult], links: Links) -> None:
    """Every result is bound, was called with a head of the run, and folds to the head that the run tells."""
    heads = [START, *folded(START, links.taken)]
    assert [result_hash(one.prev, one.content) for one in found] == [one.hash for one in found]
    assert {one.prev for one in found} <= set(heads)
    assert sorted(links.taken) == sorted(one.hash for one in found)
    assert (links.head, links.count) == (heads[-1], len(found))


def test_results_are_bound_to_the_head_that_the_run_tells(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            ref = await decided(bench)
            found, links = await returned(bench.desk, ref)
            whole(found, links)
            assert len(found) >= 2
            assert [one.prev for one in found] == [START, *folded(START, [one.hash for one in found[:-1]])]
            header = await bench.desk.run(ref)
            assert (header.trail_head, header.trail_links) == (links.head, links.count)
            newest = dataclasses.replace(ref, chain_id="")
            assert await returned(bench.desk, newest) == (found, links)

    host.run(run())


def test_what_a_failed_attempt_recorded_is_bound_too(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.open(Ask(verdict=Verdict.RETRY))
            found, links = await returned(bench.desk, key.run)
            whole(found, links)
            assert [one.is_failed for one in found].count(True) == 2

    host.run(run())


def test_the_chain_goes_on_over_continuations_and_without_what_a_reset_undid(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            key = await bench.start({**APPROVAL, "approvals": 2}, continue_after=2)
            before = (await bench.desk.run(key.run)).attempt_id
            for number in range(2):
                await bench.desk.comment(key, Comment(ANNA, datetime.now(UTC), f"number {number}"))

            async def continued() -> bool:
                return (await bench.desk.run(key.run)).attempt_id != before

            await until(bench, continued, "the next execution")
            found, links = await returned(bench.desk, key.run)
            whole(found, links)
            assert found
            other = await bench.open(Ask())
            sent = await decision(bench, other)
            await bench.desk.deliver(sent)
            await settled(bench, sent)
            await reset_to_start(bench, other.run)

            async def waits_again() -> bool:
                return bool((await bench.desk.run(other.run)).waiting)

            await until(bench, waits_again, "the run after its reset")
            whole(*await returned(bench.desk, other.run))

    host.run(run())


async def exported(desk: Engine, ref: RunRef) -> bytes:
    """The file as a desk writes it."""
    lines: list[bytes] = []
    signing = Signing(KEY, ANNA, SystemClock())
    await write_run(desk, dataclasses.replace(ref, chain_id=""), signing, lines.append, lambda _done, _of: None)
    return b"".join(lines)


def checked(raw: bytes) -> Verified:
    return verify_run(as_file(raw), [KEY.key_id])


def test_an_exported_run_is_verified_and_every_change_in_it_found(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            ref = await decided(bench)
            raw = await exported(bench.desk, ref)
            found = checked(raw)
            assert (found.fault, found.is_whole, found.is_trusted) == ("", True, True)
            assert any(ref.run_id in note for note in found.notes)
            lines = raw.splitlines(keepends=True)
            for number, line in enumerate(lines):
                for position in range(0, len(line), 97):
                    changed = line[:position] + bytes([line[position] ^ 1]) + line[position + 1 :]
                    assert not checked(b"".join([*lines[:number], changed, *lines[number + 1 :]])).is_whole
                assert not checked(b"".join([*lines[:number], *lines[number + 1 :]])).is_whole

    host.run(run())


@pytest.mark.parametrize("what", ["content", "left out", "head", "called elsewhere"])
def test_a_signed_export_of_a_changed_run_is_found(what: str) -> None:
    """Whoever exports signs what the server told: what does not fit the run's own head is found all the same."""
    first = result_hash(START, {"trail": [1]})
    (head,) = folded(START, [first])
    second = result_hash(head, {"trail": [2]})
    links = Links(list(folded(START, [first, second]))[-1], 2, START, (first, second))
    rows = [(START, first, {"trail": [1]}), (head, second, {"trail": [2]})]
    assert checked(_file(rows, links)).is_whole
    if what == "content":
        rows[0] = (START, first, {"trail": [9]})
    elif what == "left out":
        del rows[1]
    elif what == "head":
        links = dataclasses.replace(links, head="0" * 64)
    else:
        elsewhere = "f" * 64
        rows.append((elsewhere, result_hash(elsewhere, {"trail": []}), {"trail": []}))
    assert not checked(_file(rows, links)).is_whole


def _file(rows: list[tuple[str, str, dict[str, list[int]]]], links: Links) -> bytes:
    made, prev = [], START
    for number, (called_with, bound, content) in enumerate(rows, 1):
        value = {"activity": "a.1.agent1", "prev": called_with, "hash": bound, "result": content}
        line = json.dumps({"content": value}).encode()
        prev = link(prev, line)
        made.append((number, line, prev))
    header = linked_file.header(
        linked_file.RUN_TAG,
        chain=made[0][2],
        first=1,
        prev=START,
        keys={KEY.key_id: encoded(KEY.public)},
        about={"run": "r", "server": "s", "links": dataclasses.asdict(links)},
    )
    fields = linked_file.end_fields(header, count=len(made), head=prev, at="2026", key_id=KEY.key_id)
    return b"".join([header, *(linked_file.row(*one) for one in made), linked_file.end(fields, KEY.sign(fields))])


def test_an_engine_that_binds_nothing_says_so() -> None:
    engine = FakeEngine(FakeServer("one"))

    async def run() -> None:
        await engine.open()
        with pytest.raises(Refused, match="does not bind"):
            await engine.links(RunRef("fake:one", "r", "c"))
        with pytest.raises(Refused, match="does not bind"):
            engine.results(RunRef("fake:one", "r", "c"))

    asyncio.run(run())
