"""A document of megabytes in a trail: its beginning at once, all of it in checked chunks over the engine alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.domain.errors import Refused
from console.domain.run import RunRef, TrailEntry, Whole
from console.tower.payloads import FOLDER
from tests.engines.bench_plan import DOCUMENT
from tests.engines.tower_bench import Host, TowerBench, tower_bench

MEGABYTES = 5


async def document(bench: TowerBench) -> tuple[RunRef, TrailEntry]:
    """A run whose clerk wrote a long document, and the entry of its trail."""
    key = await bench.start({"ask": "approval", "risk": 2, "approvals": 1, "document": MEGABYTES})
    page = await bench.desk.trail(key.run, limit=50)
    (entry,) = (one for one in page.entries if one.whole is not None)
    return key.run, entry


def test_a_document_of_megabytes_is_shown_from_its_beginning_and_read_as_a_whole(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            ref, entry = await document(bench)
            assert entry.whole is not None
            assert entry.whole.size > MEGABYTES * 1_000_000 - 1_000
            assert entry.title == "Response of bench-clerk"
            assert 0 < len(entry.text) < 10_000
            assert DOCUMENT * (len(entry.text) // len(DOCUMENT)) in entry.text
            read = await bench.desk.whole(ref, entry)
            assert read == replace(entry, text=read.text, whole=None)
            assert read.text == DOCUMENT * (MEGABYTES * 1_000_000 // len(DOCUMENT.encode()))
            assert await bench.desk.whole(ref, read) is read

    host.run(run())


def test_nothing_is_taken_for_the_document_that_has_not_its_hash(host: Host) -> None:
    async def run() -> None:
        async with tower_bench(host) as bench:
            ref, entry = await document(bench)
            assert entry.whole is not None
            (path,) = (host.tower.folder / FOLDER).glob(f"*/{entry.whole.digest}")
            content = bytearray(path.read_bytes())
            for changed, words in (
                (bytes([*content[:-100], content[-100] ^ 1, *content[-99:]]), "the hashes differ"),
                (bytes(content[:-1]), "do not fit together"),
                (bytes(content) + b" ", "do not fit together"),
            ):
                path.write_bytes(changed)
                with pytest.raises(Refused, match=words):
                    await bench.desk.whole(ref, entry)
            path.unlink()
            with pytest.raises(Refused, match="does not keep"):
                await bench.desk.whole(ref, entry)
            for wrong in (Whole("../../business.db", 10), Whole("0" * 64, 10**12), Whole("0" * 64, -1)):
                with pytest.raises(Refused, match="cannot be shown in full"):
                    await bench.desk.whole(ref, replace(entry, whole=wrong))

    host.run(run())
