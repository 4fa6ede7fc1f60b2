"""The key that a person signs decisions with: Ed25519, made on first use, its private half a secret.

Invariant: the private key leaves this module only into :class:`~console.infra.secrets.Secrets`. Without a keyring the
key lasts for the session and says so. A kept key that cannot be read is replaced, never guessed at.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.canonical import Json
from console.infra.secrets import Secrets
from console.verify.signatures import is_signed, key_id, sign

__all__ = ["SigningKey", "is_signed", "key_id", "own_key"]
SECRET_NAME = "signing-key"  # noqa: S105 - the name under which it lies, not the secret


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key at hand. ``is_kept`` is false when it ends with the session; ``reason`` then says why."""

    private: Ed25519PrivateKey
    is_kept: bool
    reason: str = ""

    @property
    def public(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        """What decisions name it by."""
        return key_id(self.public)

    def sign(self, content: Json) -> str:
        """Ed25519 over the canonical form, base64. Raises :class:`ValueError` where there is no canonical form."""
        return sign(self.private, content)

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id})"


async def own_key(secrets: Secrets) -> SigningKey:
    """The person's key: the kept one, or a new one."""
    private = _read(await secrets.get(SECRET_NAME))
    if private is not None:
        return SigningKey(private, is_kept=secrets.is_kept, reason=secrets.reason)
    private = Ed25519PrivateKey.generate()
    kept = await secrets.set(SECRET_NAME, base64.b64encode(private.private_bytes_raw()).decode("ascii"))
    return SigningKey(private, is_kept=kept, reason=secrets.reason)


def _read(text: str | None) -> Ed25519PrivateKey | None:
    if text is None:
        return None
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except ValueError:
        return None
