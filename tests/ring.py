"""A keyring for tests: it keeps secrets for as long as the process runs, and signing keys follow from the profile.

So every process of a test signs with the same key for the same profile, and nothing is left in anybody's own keyring.
"""

from __future__ import annotations

import base64
import hashlib
from typing import ClassVar

from keyring.backend import KeyringBackend

SIGNING_KEY = "signing-key"


def private_bytes(profile: str) -> bytes:
    """The private key that a profile signs with, 32 bytes."""
    return hashlib.sha256(f"profile {profile}".encode()).digest()


class Ring(KeyringBackend):
    """What stands in for the desktop's keyring."""

    priority: ClassVar[float] = 1
    kept: ClassVar[dict[tuple[str, str], str]] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """The secret, or a signing key of its profile."""
        known = self.kept.get((service, username))
        if known is None and username == SIGNING_KEY:
            return base64.b64encode(private_bytes(service.rpartition("/")[2])).decode("ascii")
        return known

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.kept.pop((service, username), None)
