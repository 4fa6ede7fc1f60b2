"""The key that a person signs decisions with: Ed25519, made on first use, its private half a secret.

Invariant: the private key leaves this module only into :class:`~console.infra.secrets.Secrets` or a key file under a
passphrase. Without either the key lasts for the session and says so. A kept key that cannot be read is replaced, never
guessed at.
"""

from __future__ import annotations

import asyncio
import base64
import getpass
import shlex
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.canonical import Json
from console.domain.identity import Person
from console.infra.keyfile import WrongPassphrase, load_key, save_key
from console.infra.secrets import Secrets
from console.verify.signatures import is_signed, key_id, sign

__all__ = ["SigningKey", "is_signed", "key_id", "own_key"]
SECRET_NAME = "signing-key"  # noqa: S105 - the name under which it lies, not the secret
NEXT_NAME = "signing-key-next"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key at hand. ``is_kept`` is false when it ends with the session; ``reason`` then says why.

    ``is_locked``: it stands in for one in a file that nobody has opened, and signs no decision. ``is_in_file``: it was
    opened.
    """

    private: Ed25519PrivateKey
    is_kept: bool
    reason: str = ""
    is_locked: bool = False
    is_in_file: bool = False

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


@dataclass(frozen=True, slots=True)
class Vault:
    """A key file, and who knows its passphrase: ``ask`` is called in a thread and may ask a person."""

    path: Path
    ask: Callable[[], str]


def enrol_command(person: Person, public: bytes) -> str:
    """What a supervisor types so that this key counts, in lines of a shell."""
    named, called = shlex.quote(person.person_id), shlex.quote(person.name)
    lines = (
        f"clearance keys enrol --person {named}",
        f"--name {called} --role {person.role}",
        f"--public-key {base64.b64encode(public).decode('ascii')}",
        f"--account {shlex.quote(login_account())}",
    )
    return " \\\n  ".join(lines)


def login_account() -> str:
    """The login on this machine that keys are used from: ``user@host``."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


async def own_key(secrets: Secrets, vault: Vault | None = None) -> SigningKey:
    """The person's key: the kept one, that of the vault where there is no keyring, or a new one."""
    private = _read(await secrets.get(SECRET_NAME))
    if private is not None:
        return SigningKey(private, is_kept=secrets.is_kept, reason=secrets.reason)
    if not secrets.is_kept and vault is not None and vault.path.exists():
        private, reason = await asyncio.to_thread(_opened, vault)
        if private is not None:
            return SigningKey(private, is_kept=True, reason=secrets.reason, is_in_file=True)
        return SigningKey(Ed25519PrivateKey.generate(), is_kept=False, reason=reason, is_locked=True)
    return await keep_key(secrets, Ed25519PrivateKey.generate())


async def unlocked(vault: Vault, passphrase: str, reason: str) -> SigningKey:
    """The key in a vault. Raises :class:`WrongPassphrase`, and :class:`OSError` for a file that cannot be read."""
    private = await asyncio.to_thread(load_key, vault.path, passphrase)
    return SigningKey(private, is_kept=True, reason=reason, is_in_file=True)


async def kept_in_file(vault: Vault, key: SigningKey, passphrase: str) -> SigningKey:
    """Keep a key in the vault. Raises :class:`ValueError` for a passphrase that is too short, and :class:`OSError`."""
    await asyncio.to_thread(save_key, vault.path, key.private, passphrase)
    return replace(key, is_kept=True, is_in_file=True)


async def asked_again(secrets: Secrets) -> SigningKey | None:
    """The key of a keyring that failed before, if it answers now; one made meanwhile goes into it if it has none."""
    return await own_key(secrets) if await secrets.try_again(kept_first={SECRET_NAME}) else None


async def keep_key(secrets: Secrets, private: Ed25519PrivateKey) -> SigningKey:
    """Make a key the person's own; without a keyring it lasts for the session."""
    kept = await secrets.set(SECRET_NAME, _text(private))
    return SigningKey(private, is_kept=kept, reason=secrets.reason)


async def next_key(secrets: Secrets) -> SigningKey:
    """The key that a rotation goes to, kept before it is sent for, so that it is not lost with a lost reply."""
    private = _read(await secrets.get(NEXT_NAME)) or Ed25519PrivateKey.generate()
    kept = await secrets.set(NEXT_NAME, _text(private))
    return SigningKey(private, is_kept=kept, reason=secrets.reason)


async def take_next(secrets: Secrets, key: SigningKey) -> SigningKey:
    """Make the key of a rotation that has been taken the person's own."""
    own = await keep_key(secrets, key.private)
    await secrets.delete(NEXT_NAME)
    return own


def _opened(vault: Vault) -> tuple[Ed25519PrivateKey | None, str]:
    """The key in a vault, or why it stays shut."""
    passphrase = vault.ask()
    if not passphrase:
        return None, f"The key file {vault.path.name} is locked: nobody gave its passphrase."
    try:
        return load_key(vault.path, passphrase), ""
    except (WrongPassphrase, OSError) as error:
        return None, str(error)


def _text(private: Ed25519PrivateKey) -> str:
    return base64.b64encode(private.private_bytes_raw()).decode("ascii")


def _read(text: str | None) -> Ed25519PrivateKey | None:
    if text is None:
        return None
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except ValueError:
        return None
