"""A signing key in a file under a passphrase, for systems without a keyring.

Invariant: the file has mode 0600 and holds the key encrypted (PKCS#8, PEM); the passphrase is kept nowhere. Fails with
:class:`WrongPassphrase` where the file cannot be opened with it.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.infra.paths import FILE_MODE

FILE_NAME = "signing-key.pem"
PASSPHRASE_VARIABLE = "CLEARANCE_PASSPHRASE_FILE"  # noqa: S105 - names the file
SHORTEST = 8


class WrongPassphrase(Exception):
    """The key file does not open with this passphrase."""


def save_key(path: Path, private: Ed25519PrivateKey, passphrase: str) -> None:
    """Write the key, replacing the file as a whole. Raises :class:`ValueError` for a passphrase that is too short."""
    if len(passphrase) < SHORTEST:
        raise ValueError(f"A passphrase has at least {SHORTEST} characters.")
    sealed = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode("utf-8")),
    )
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load_key(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """The key in the file. Raises :class:`WrongPassphrase`, also for a file that holds no such key."""
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), passphrase.encode("utf-8"))
    except (ValueError, TypeError) as error:
        raise WrongPassphrase(f"{path.name} does not open with this passphrase.") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise WrongPassphrase(f"{path.name} holds no Ed25519 key.")
    return private


def told_passphrase() -> str:
    """The passphrase in the file that the environment names; empty where it names none that can be read."""
    named = os.environ.get(PASSPHRASE_VARIABLE, "")
    if not named:
        return ""
    try:
        return Path(named).read_text("utf-8").strip()
    except (OSError, ValueError):
        return ""
