"""The key that this desk signs with: found at the start, and then unlocked, kept or looked for again by its person.

Invariant: while the key is locked no decision is signed, with it or with any other; heads of the audit are, so that no
line stays unsigned. A passphrase is used and forgotten. Raises :class:`Refused` with what to do next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.errors import RefusalCode, Refused
from console.domain.identity import Identity, Person
from console.infra.keyfile import WrongPassphrase
from console.infra.keys import SigningKey, Vault, asked_again, keep_key, kept_in_file, own_key, unlocked
from console.infra.secrets import Secrets
from console.infra.tasks import Tasks

UNLOCK_IT = "Unlock it, then decide again."
NO_FILE = Refused(
    "This desk keeps no key in a file.", code=RefusalCode.NOT_ALLOWED, next_action="Use the system’s keyring."
)


class OwnKey:
    """The key of one person. ``on_changed`` is awaited when it is another one, or kept elsewhere, from now on."""

    def __init__(
        self,
        tasks: Tasks,
        secrets: Secrets,
        vault: Vault | None,
        person: Person,
        on_changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._tasks = tasks
        self._secrets = secrets
        self._vault = vault
        self._person = person
        self._on_changed = on_changed
        # A keyring may ask a person for its password; nobody waits for that but who signs.
        self._key = tasks.start("the signing key", own_key(secrets, vault))

    @property
    def is_at_hand(self) -> bool:
        """Whether nobody would wait for it."""
        return self._key.done() and not self._key.cancelled() and self._key.exception() is None

    async def key(self) -> SigningKey:
        """The key, once the keyring has answered or was given up; while it is locked, one that signs no decision."""
        return await asyncio.shield(self._key)

    async def signer(self) -> SigningKey:
        """The key, for what counts as its person's word. Raises ``Refused`` (``key-locked``)."""
        return unlocked_key(await self.key())

    async def identity(self) -> Identity:
        """Who works here, and with which key."""
        key = await self.key()
        return Identity(
            self._person,
            key.key_id,
            key.is_kept,
            is_key_locked=key.is_locked,
            is_key_in_file=key.is_in_file,
            key_reason=self._secrets.reason,
        )

    async def take(self, making: Awaitable[SigningKey]) -> SigningKey:
        """Sign with another key from now on."""
        key = await making
        self._key = self._tasks.start("another signing key", _given(key))
        await self._on_changed()
        return key

    async def unlock(self, passphrase: str) -> None:
        """Open the key file. A wrong passphrase may be tried again as often as one likes."""
        vault = self._own_vault()
        if not (await self.key()).is_locked:
            return
        try:
            await self.take(unlocked(vault, passphrase, self._secrets.reason))
        except WrongPassphrase as error:
            raise Refused(
                "This passphrase does not open the key.",
                code=RefusalCode.KEY_LOCKED,
                next_action="Try again; as often as you like.",
            ) from error
        except OSError as error:
            raise _unusable(vault, error) from error

    async def keep_in_file(self, passphrase: str) -> None:
        """Keep the key of this session in a file, so that the next one signs with it too; none is ever replaced."""
        vault, key = self._own_vault(), await self.key()
        if key.is_kept or vault.path.exists():
            raise Refused(
                "There is a key already.", code=RefusalCode.NOT_ALLOWED, next_action="Close this, and go on with that."
            )
        try:
            await self.take(kept_in_file(vault, key, passphrase))
        except ValueError as error:
            raise Refused(str(error), code=RefusalCode.INVALID_PAYLOAD, next_action="Take a longer one.") from error
        except OSError as error:
            raise _unusable(vault, error) from error

    async def renew(self, passphrase: str) -> None:
        """Sign with a new key from now on, kept where the one before was: in a file under this passphrase.

        For one that ended: nobody can sign with that again.
        """
        key = await self.key()
        private = Ed25519PrivateKey.generate()
        if not key.is_in_file:
            await self.take(keep_key(self._secrets, private))
            return
        vault = self._own_vault()
        try:
            await self.take(kept_in_file(vault, replace(key, private=private), passphrase))
        except ValueError as error:
            raise Refused(str(error), code=RefusalCode.INVALID_PAYLOAD, next_action="Take a longer one.") from error
        except OSError as error:
            raise _unusable(vault, error) from error

    async def ask_keyring(self) -> None:
        """Ask a keyring that failed once more, for the key that lies there."""
        found = await asked_again(self._secrets)
        if found is None:
            raise Refused(
                self._secrets.reason,
                code=RefusalCode.NOT_ALLOWED,
                next_action="Unlock the keyring in your desktop’s settings, then ask it again.",
            )
        await self.take(_given(found))

    def _own_vault(self) -> Vault:
        if self._vault is None:
            raise NO_FILE
        return self._vault


def unlocked_key(key: SigningKey) -> SigningKey:
    """The key, if it is the person's own. Raises ``Refused`` (``key-locked``) for one that only stands in for it."""
    if key.is_locked:
        raise Refused("Your signing key is locked.", code=RefusalCode.KEY_LOCKED, next_action=UNLOCK_IT)
    return key


def _unusable(vault: Vault, error: OSError) -> Refused:
    words = f"The key file {vault.path.name} cannot be used: {error.strerror or type(error).__name__}."
    return Refused(words, code=RefusalCode.NOT_ALLOWED, next_action="Look at the file and its folder, then try again.")


async def _given(key: SigningKey) -> SigningKey:
    return key
