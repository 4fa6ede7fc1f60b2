"""`clearance audit`, `run` and `evidence`: what can be proven to somebody who was not there.

Invariant: verifying opens no profile, no database, no keyring and no connection. "Whole" is never said of a key that
only the file itself names without saying so.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from console.cli.exits import Exit
from console.cli.outfile import Progress, written_to
from console.cli.text import KEEP_ONE
from console.domain.display import visible
from console.domain.errors import RefusalCode, Refused
from console.infra.keyfile import PASSPHRASE_VARIABLE
from console.verify.linked_file import Verified, check_names

if TYPE_CHECKING:
    import argparse

    from console.services.desk import Desk
    from console.services.views import ConnectionView
    from console.verify.evidence import Proof

STOPPED = 130
LOCKED = "Your key is locked in its file, and this would be signed with it."
GIVE_IT = f"Give its passphrase on a terminal, or in the file that {PASSPHRASE_VARIABLE} names."
PASSING = (
    "So this would be signed with a key that ends with this command, and nobody could tell later whose it was. Nothing "
    "was written."
)
MAX_SHOWN = 400
SHORTEST_ID = 8
MOST_LATE = 1_000
LISTED_WITHIN = 10.0


class Verify(Protocol):
    """Verifies one kind of export."""

    def __call__(self, file: BinaryIO, trusted: Collection[str], *, tell: Callable[[int], None]) -> Verified:
        """What was found."""


async def export_audit(desk: Desk, arguments: argparse.Namespace) -> int:
    """Write the audit of this desk."""
    try:
        since = datetime.fromisoformat(arguments.since).astimezone() if arguments.since else None
    except ValueError:
        print(f"“{_plain(arguments.since)}” is no day or time; write 2026-11-21 or 2026-11-21T08:00.", file=sys.stderr)
        return Exit.USAGE
    await _check_key(desk)
    progress = Progress("Written")
    try:
        with written_to(arguments.out) as write:
            made = await desk.export_audit(write, since, progress.tell)
    except OSError as error:
        return _not_written(error)
    finally:
        progress.end()
    print(f"Entries {made.first:,} to {made.last:,}, signed by the key {made.signer}.", file=sys.stderr)
    if made.fault:
        print(f"The audit of this desk is broken. {made.fault} It was written as it is.", file=sys.stderr)
        return Exit.PROBLEM
    return Exit.DONE


async def connection_named(desk: Desk, name: str) -> ConnectionView | None:
    """The connection of that name, or the only one; says which there are where that is none."""
    await desk.listed(LISTED_WITHIN)
    views = await desk.connections()
    named = [view for view in views if name in {"", view.config.name}]
    if len(named) == 1:
        return named[0]
    known = ", ".join(view.config.name for view in views) or "none"
    print(f"Name the connection: --connection NAME; there are: {known}", file=sys.stderr)
    return None


async def export_run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Write the record of one run."""
    await _check_key(desk)
    named = await connection_named(desk, arguments.connection)
    if named is None:
        return Exit.USAGE
    progress = Progress("Read")
    try:
        with written_to(arguments.out) as write:
            made = await desk.export_run(named.config.connection_id, arguments.run_id, write, progress.tell)
    except OSError as error:
        return _not_written(error)
    finally:
        progress.end()
    print(f"{made.last:,} results, signed by the key {made.signer}.", file=sys.stderr)
    return Exit.DONE


async def write_evidence(desk: Desk, arguments: argparse.Namespace) -> int:
    """Write the evidence of one decision."""
    await _check_key(desk)
    await desk.listed(LISTED_WITHIN)
    pack = await desk.evidence(await _whole_id(desk, arguments.decision))
    try:
        with written_to(arguments.out) as write:
            write(json.dumps(pack, ensure_ascii=True, indent=1).encode() + b"\n")
    except OSError as error:
        return _not_written(error)
    return Exit.DONE


async def _whole_id(desk: Desk, named: str) -> str:
    """The id of the one late decision that begins so, as the window shows it; else what was named."""
    late = [view.decision.decision_id for view in await desk.decisions(MOST_LATE)]
    begun = [each for each in late if each.startswith(named)] if len(named) >= SHORTEST_ID else []
    return begun[0] if len(begun) == 1 else named


async def _check_key(desk: Desk) -> None:
    """Raises ``Refused`` before anything is signed with a key that nobody could know later."""
    identity = await desk.identity()
    if identity.is_key_locked:
        raise Refused(LOCKED, code=RefusalCode.KEY_LOCKED, next_action=GIVE_IT)
    if not identity.is_key_kept:
        raise Refused(f"{identity.key_reason} {PASSING}", code=RefusalCode.NOT_ALLOWED, next_action=KEEP_ONE)


def verify_audit(arguments: argparse.Namespace) -> int:
    """Verify an export of an audit."""
    from console.verify import linked_file

    return _verify(arguments, linked_file.verify_audit)


def verify_run(arguments: argparse.Namespace) -> int:
    """Verify an export of a run."""
    from console.verify import run_file

    return _verify(arguments, run_file.verify_run)


def verify_evidence(arguments: argparse.Namespace) -> int:
    """Verify the evidence of a decision."""
    from console.domain.evidence import MAX_EVIDENCE
    from console.verify import evidence

    if not arguments.file:
        print("Name the file: clearance evidence verify FILE", file=sys.stderr)
        return Exit.USAGE
    if not _are_keys(arguments.key):
        return Exit.USAGE
    try:
        with _opened(arguments.file) as file:
            raw = file.read(MAX_EVIDENCE + 1)
    except OSError as error:
        return _not_read(error)
    if len(raw) > MAX_EVIDENCE:
        print(f"It is larger than {MAX_EVIDENCE // 2**20} MB: no evidence of one decision.", file=sys.stderr)
        return Exit.USAGE
    return _tell_proof(evidence.verify_evidence(raw, arguments.key))


def _verify(arguments: argparse.Namespace, verify: Verify) -> int:
    if not _are_keys(arguments.key):
        return Exit.USAGE
    progress = Progress("Verified")
    try:
        with _opened(arguments.file) as file:
            found = verify(file, arguments.key, tell=progress.tell)
    except OSError as error:
        return _not_read(error)
    except KeyboardInterrupt:
        print("Stopped; nothing is proven.", file=sys.stderr)
        return STOPPED
    finally:
        progress.end()
    return _tell(found)


def _tell(found: Verified) -> int:
    if not found.is_readable:
        print(f"Unreadable. {_plain(found.fault)}")
        return Exit.USAGE
    if not found.is_whole:
        print(f"Broken at line {found.broken_line:,} of the file. {_plain(found.fault)}")
        return Exit.PROBLEM
    last = found.first + found.entries - 1
    numbers = f"{found.entries:,} entries ({found.first:,} to {last:,})"
    print(f"Whole: {numbers}, {found.checked:,} signatures, exported {_plain(found.exported_at)}.")
    _tell_key(found.signer, is_trusted=found.is_trusted)
    if found.others:
        print(f"Earlier lines are also signed by {', '.join(found.others)}; the key above vouches for them.")
    if found.unknown:
        print(f"{found.unknown:,} signatures are of keys that nobody has any more; the chain vouches for their lines.")
    for note in found.notes:
        print(_plain(note))
    return Exit.DONE


def _tell_proof(proof: Proof) -> int:
    for finding in proof.findings:
        print(
            f"{'holds' if finding.holds else 'NOT TRUSTED' if finding.is_doubt else 'BROKEN'}  {_plain(finding.words)}"
        )
    if not proof.is_readable:
        return Exit.USAGE
    if not proof.is_whole:
        return Exit.PROBLEM
    _tell_key(proof.signer, is_trusted=proof.is_trusted)
    return Exit.DONE


def _tell_key(signer: str, *, is_trusted: bool) -> None:
    if is_trusted:
        print(f"Signed by a key that you named: {signer}")
        return
    print(f"Signed by the key {signer}")
    print("Only this file says whose key that is, and whoever makes up a file brings a key along. Compare these digits")
    print("with what the signer's own desk shows (clearance keys show), or name the key: --key KEY")


def _are_keys(named: list[str]) -> bool:
    try:
        check_names(named)
    except ValueError as error:
        print(f"{_plain(str(error))}.", file=sys.stderr)
        return False
    return True


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        yield file


def _not_read(error: OSError) -> int:
    print(f"It cannot be read: {_plain(str(error))}", file=sys.stderr)
    return Exit.USAGE


def _not_written(error: OSError) -> int:
    print(f"It cannot be written: {_plain(str(error))}. Nothing is left of it.", file=sys.stderr)
    return Exit.PROBLEM


def _plain(text: str) -> str:
    """Words that come from a file, made visible and cut."""
    return visible(text[:MAX_SHOWN])
