"""Secrets that are planted, and where any of them lies again: plain, in base64, in hexadecimal digits, or quoted.

Invariant: what is searched is every byte of every file, every cell of every database (which may lay a value out over
several pages), and what the system tells of a process to others. A search that finds nothing at all is a failure of the
search: each of its places has to hold a marker that is no secret.
"""

from __future__ import annotations

import base64
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, quote_plus

PROC = Path("/proc")
SQLITE = b"SQLite format 3\x00"


def forms(secret: bytes) -> frozenset[bytes]:
    """How a secret may be written down."""
    plain = {secret, secret[::-1]}
    texts = {secret.hex(), secret.hex().upper(), quote(secret, safe=""), quote_plus(secret), quote(secret)}
    texts |= {
        _inside(secret, before, made) for before in range(3) for made in (base64.b64encode, base64.urlsafe_b64encode)
    }
    if secret.isascii():
        plain |= {secret.decode().encode("utf-16-le")}
    return frozenset(plain | {text.encode() for text in texts})


def _inside(secret: bytes, before: int, encode: Callable[[bytes], bytes]) -> str:
    """The base64 of a secret that stands after some bytes of a longer text, without what its neighbours change."""
    text = encode(b"\0" * before + secret + b"\0" * (-(before + len(secret)) % 3)).decode()
    return text[(before * 8 + 5) // 6 : (before + len(secret)) * 8 // 6]


def found(secrets: Mapping[str, bytes], places: Mapping[str, bytes]) -> list[str]:
    """Which secret lies where."""
    wanted = [(name, form) for name, secret in secrets.items() for form in forms(secret)]
    return sorted({f"{name} in {place}" for place, held in places.items() for name, form in wanted if form in held})


def files(folder: Path, *, but: Iterable[Path] = ()) -> dict[str, bytes]:
    """The content of all files below a folder, but for the places where secrets are kept on purpose."""
    kept = set(but)
    held: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path not in kept:
            held[str(path)] = path.read_bytes()
            if held[str(path)].startswith(SQLITE):
                held[f"{path}, its cells"] = b"\n".join(_cells(path))
    return held


def _cells(path: Path) -> Iterator[bytes]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as db:
        db.text_factory = bytes
        tables = [name.decode() for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in db.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - the database's own names
                yield from (cell for cell in row if isinstance(cell, bytes))


def told_of(pid: int) -> bytes:
    """What others can see of a process: its arguments and its environment."""
    return b"\0".join((PROC / str(pid) / name).read_bytes() for name in ("cmdline", "environ"))


def write_secret(path: Path, secret: bytes) -> str:
    """A file that hands a secret over, for its owner alone; its name."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
        file.write(secret + b"\n")
    return str(path)
