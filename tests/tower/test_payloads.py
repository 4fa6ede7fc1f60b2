"""What is too large for a history: kept by hash, whole or not at all, and only as much of a trail as has to go."""

from __future__ import annotations

import hashlib
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from console.domain.canonical import Json
from console.domain.run import TrailEntry, TrailKind
from console.tower.payloads import CHUNK, MAX_TRAIL, MAX_WHOLE, Payloads, fitting, served, served_chunk

ENTRY = TypeAdapter(TrailEntry)
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def entry(number: int, text: str = "", data: dict[str, Json] | None = None) -> TrailEntry:
    return TrailEntry(
        entry_id=f"{number}", at=NOW, kind=TrailKind.RESPONSE, title="Response", text=text, data=data or {}
    )


def read(payloads: Payloads, chain_id: str, digest: str) -> bytes:
    """A payload, chunk by chunk."""
    content = b""
    while True:
        chunk, size = payloads.chunk(chain_id, digest, len(content))
        assert len(chunk) <= CHUNK
        content += chunk
        if len(content) == size:
            return content


def test_a_payload_is_read_in_chunks_by_its_hash_and_belongs_to_its_run(tmp_path: Path) -> None:
    payloads, content = Payloads(tmp_path / "kept"), bytes(range(256)) * 9_000
    with ThreadPoolExecutor(8) as pool:
        wholes = set(pool.map(lambda _: payloads.put("../chain", content), range(8)))
    (whole,) = wholes
    assert (whole.digest, whole.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert read(payloads, "../chain", whole.digest) == content
    kept = [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [whole.digest]
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600
    for chain, digest, offset in (
        ("other", whole.digest, 0),
        ("../chain", "0" * 64, 0),
        ("../chain", "../" + whole.digest, 0),
        ("../chain", whole.digest.upper(), 0),
        ("../chain", whole.digest, -1),
    ):
        with pytest.raises(LookupError):
            payloads.chunk(chain, digest, offset)


def test_what_is_old_is_forgotten(tmp_path: Path) -> None:
    payloads = Payloads(tmp_path)
    whole = payloads.put("chain", b"content")
    assert payloads.forget(90) == 0
    assert payloads.forget(-1) == 1
    with pytest.raises(LookupError, match="does not keep"):
        payloads.chunk("chain", whole.digest, 0)


def test_a_run_answers_for_the_folders_of_the_workers_in_its_process(tmp_path: Path) -> None:
    whole = Payloads(tmp_path / "one").put("chain", b"content")
    with served(tmp_path / "two"):
        with served(tmp_path / "one"):
            assert served_chunk("chain", whole.digest, 3) == (b"tent", 7)
        with pytest.raises(LookupError):
            served_chunk("chain", whole.digest, 0)


def test_a_trail_that_fits_stays_as_it_is(tmp_path: Path) -> None:
    trail = [entry(number, "x" * 200) for number in range(1_000)]
    assert fitting(Payloads(tmp_path), "chain", trail) == [ENTRY.dump_python(one, mode="json") for one in trail]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "trail",
    [
        [entry(1, "ok"), entry(2, "€" * 2_000_000), entry(3, "ok")],
        [entry(1, data={"result": {"rows": ["x" * 100] * 50_000}, "arguments": "y" * 3_000_000})],
        [entry(number, "x" * 60_000) for number in range(100)],
        [entry(number, "x" * 7_000) for number in range(800)],
    ],
)
def test_of_a_trail_that_does_not_the_largest_are_kept_apart_and_nothing_is_lost(
    tmp_path: Path, trail: list[TrailEntry]
) -> None:
    payloads = Payloads(tmp_path)
    told = [ENTRY.validate_python(one) for one in fitting(payloads, "chain", trail)]
    assert sum(len(ENTRY.dump_json(one)) for one in told) <= MAX_TRAIL
    assert [one.entry_id for one in told] == [one.entry_id for one in trail]
    for shown, meant in zip(told, trail, strict=True):
        if shown.whole is None:
            assert shown == meant
        else:
            assert meant.text.startswith(shown.text)
            content = read(payloads, "chain", shown.whole.digest)
            assert ENTRY.validate_json(content) == meant


def test_an_entry_larger_than_can_be_kept_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="16 are the most"):
        fitting(Payloads(tmp_path), "chain", [entry(1, "x" * (MAX_WHOLE + 1))])
