"""What is too large for a run's history, kept in a folder under the hash of its content and read in chunks.

An agent's trail may hold a document of megabytes; a history takes 2 MB in one result. The entry then holds its
beginning, and the hash and size of the whole, which a console asks its run for, chunk by chunk, and checks. Invariant:
what a hash names is there as a whole or not at all, and belongs to one run. The folder lies beside the business
database: workers that share a task queue share it. Fails with :class:`LookupError` for what is not kept (any more).
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from console.domain.canonical import Json
from console.domain.run import TrailEntry, Whole

FOLDER = "payloads"
# One query's answer stays well below what the server passes on.
CHUNK = 512 * 1024
MAX_WHOLE: Final = 16 * 1024 * 1024
MAX_TRAIL = 1_000_000
# The largest entries go first, and as few as need be.
SPILLED_OVER = (64 * 1024, 8 * 1024, 1024)
BEGINNING = 4_000
DIGEST = re.compile("[0-9a-f]{64}")
DAY = 86_400
_ENTRY = TypeAdapter(TrailEntry)
_served: list[Path] = []


class Payloads:
    """The payloads of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, chain_id: str, content: bytes) -> Whole:
        """Keep content for a run; the same again changes nothing. Raises :class:`ValueError` over ``MAX_WHOLE``."""
        if len(content) > MAX_WHOLE:
            raise ValueError(f"an entry of {len(content) // 1_000_000} MB; {MAX_WHOLE // 1_000_000} are the most")
        whole = Whole(hashlib.sha256(content).hexdigest(), len(content))
        path = self._path(chain_id, whole.digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished = path.with_name(f"{path.name}.{os.getpid()}.{time.monotonic_ns()}.part")
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
            unfinished.replace(path)
        return whole

    def chunk(self, chain_id: str, digest: str, offset: int) -> tuple[bytes, int]:
        """Up to ``CHUNK`` bytes from ``offset`` on, and the size of the whole."""
        if not DIGEST.fullmatch(digest) or offset < 0:
            raise LookupError("That is no name of a payload.")
        try:
            with self._path(chain_id, digest).open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                file.seek(offset)
                return file.read(CHUNK), size
        except OSError:
            raise LookupError("The run does not keep this (any more), or its worker has another folder.") from None

    def forget(self, older_than_days: float) -> int:
        """Remove what was put longer ago than that; returns how many."""
        before, removed = time.time() - older_than_days * DAY, 0
        for path in self._folder.glob("*/*"):
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _path(self, chain_id: str, digest: str) -> Path:
        # A run's id is the engine's word, and may hold anything.
        return self._folder / hashlib.sha256(chain_id.encode()).hexdigest()[:32] / digest


@contextmanager
def served(folder: Path) -> Iterator[None]:
    """Let runs in this process answer for a folder's payloads, inside the ``with``."""
    _served.append(folder)
    try:
        yield
    finally:
        _served.remove(folder)


def served_chunk(chain_id: str, digest: str, offset: int) -> tuple[bytes, int]:
    """A chunk from whichever served folder has it."""
    for folder in tuple(_served):
        try:
            return Payloads(folder).chunk(chain_id, digest, offset)
        except LookupError:
            continue
    raise LookupError("The run does not keep this (any more), or its worker has another folder.")


def fitting(payloads: Payloads, chain_id: str, trail: list[TrailEntry]) -> list[dict[str, Json]]:
    """The entries as JSON that a history takes; of those too large the beginning, the whole being kept apart.

    Raises :class:`ValueError` where one is larger than can be kept.
    """
    made = [_ENTRY.dump_json(entry) for entry in trail]
    fits = list(trail)
    for most in SPILLED_OVER:
        if most is not SPILLED_OVER[0] and sum(map(len, made)) <= MAX_TRAIL:
            break
        for number, content in enumerate(made):
            if len(content) > most:
                beginning = _beginning(trail[number], BEGINNING if most > BEGINNING else most // 4)
                fits[number] = replace(beginning, whole=payloads.put(chain_id, _ENTRY.dump_json(trail[number])))
                made[number] = _ENTRY.dump_json(fits[number])
    return [_ENTRY.dump_python(entry, mode="json") for entry in fits]


def _beginning(entry: TrailEntry, most: int) -> TrailEntry:
    data: dict[str, Json] = {}
    for name, value in tuple(entry.data.items())[:20]:
        if isinstance(value, str):
            data[name[:200]] = value if len(value) <= most // 4 else value[: most // 4] + "…"
        elif isinstance(value, int | float) or value is None:
            data[name[:200]] = value
        else:
            data[name[:200]] = "…"
    return replace(entry, title=entry.title[:500], text=entry.text[:most], data=data)
