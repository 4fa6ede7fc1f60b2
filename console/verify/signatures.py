"""Ed25519 over canonical JSON, as everything in Clearance is signed (RFC 8032, RFC 8785)."""

from __future__ import annotations

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from console.domain.canonical import Json, canonical

KEY_ID_DIGITS = 16
PUBLIC_KEY_BYTES = 32


def key_id(public: bytes) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a raw public key."""
    return hashlib.sha256(public).hexdigest()[:KEY_ID_DIGITS]


def sign(private: Ed25519PrivateKey, content: Json) -> str:
    """Ed25519 over the canonical form, base64. Raises :class:`ValueError` where there is no canonical form."""
    return base64.b64encode(private.sign(canonical(content))).decode("ascii")


def is_signed(public: bytes, content: Json, signature: str) -> bool:
    """Whether ``signature`` (base64) is that key's over the canonical form of ``content``."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            base64.b64decode(signature, validate=True), canonical(content)
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def encoded(public: bytes) -> str:
    """A raw public key as text: base64."""
    return base64.b64encode(public).decode("ascii")


def decoded(text: str) -> bytes:
    """The raw public key of a text. Raises :class:`ValueError` for what is none."""
    public = base64.b64decode(text, validate=True)
    if len(public) != PUBLIC_KEY_BYTES:
        raise ValueError(f"a public key has {PUBLIC_KEY_BYTES} bytes, not {len(public)}")
    return public
