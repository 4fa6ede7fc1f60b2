"""Canonical JSON and the hashes over it.

RFC 8785 (JSON Canonicalization Scheme) makes one byte string of equal values, so that two programs that show the same
thing sign the same thing. Fails with :class:`ValueError` for what JSON cannot hold exactly: NaN, infinities, integers
beyond 2**53 - 1, lone surrogates.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import rfc8785

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    Json: TypeAlias = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None
else:
    # The edges read annotations at run time to validate by them and cannot follow a recursive alias.
    Json = Any


def canonical(value: Json) -> bytes:
    """The RFC 8785 form of ``value`` in UTF-8. Raises :class:`ValueError` where there is none."""
    try:
        return rfc8785.dumps(value)
    except (RecursionError, UnicodeEncodeError) as error:
        message = "no canonical JSON form: nested too deep or not valid Unicode"
        raise ValueError(message) from error


def sha256_hex(value: Json) -> str:
    """SHA-256 over the canonical form, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()
