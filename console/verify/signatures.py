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
        signed = canonical(content)
    except ValueError:
        return False
    return is_signature(public, signed, signature)


def is_signature(public: bytes, signed: bytes, signature: str) -> bool:
    """Whether ``signature`` is that key's over these bytes, and written in the one way that base64 has for it."""
    try:
        raw = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(raw, signed)
    except (InvalidSignature, ValueError):
        return False
    # Unused bits at the end of base64 would let a character change unseen.
    return base64.b64encode(raw).decode("ascii") == signature


def fingerprint(public: bytes) -> str:
    """The whole SHA-256 of a raw public key, 64 hexadecimal digits; its beginning is the key's id."""
    return hashlib.sha256(public).hexdigest()


def encoded(public: bytes) -> str:
    """A raw public key as text: base64."""
    return base64.b64encode(public).decode("ascii")


def decoded(text: str) -> bytes:
    """The raw public key of a text. Raises :class:`ValueError` for what is none."""
    public = base64.b64decode(text, validate=True)
    if len(public) != PUBLIC_KEY_BYTES:
        raise ValueError(f"a public key has {PUBLIC_KEY_BYTES} bytes, not {len(public)}")
    return public
