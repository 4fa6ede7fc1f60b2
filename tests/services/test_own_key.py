"""The key of a desk without a keyring: locked in its file it decides nothing; unlocked it signs; it is kept once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import EscalationKey, Verdict
from console.engines.fake.server import FakeServer
from console.infra.keyfile import FILE_NAME, save_key
from console.infra.keys import Vault, key_id
from console.services.desk import Desk
from console.services.views import Event, IdentityChanged
from tests.infra.rings import no_ring
from tests.screens.stage import stage, until
from tests.services.office import GATE

PASSPHRASE = "correct horse battery"


@asynccontextmanager
async def desk_without_keyring(
    folder: Path, ask: Callable[[], str] = lambda: ""
) -> AsyncIterator[tuple[Desk, EscalationKey]]:
    """A desk with a key file, on one item that waits."""
    server = FakeServer("eu")
    key = server.open(server.start_run(), GATE)
    async with stage(folder, [server], open_ring=no_ring, vault=Vault(folder / FILE_NAME, ask)) as made:
        assert await made.desk.refresh(key.item_id)
        yield made.desk, key


async def approve(desk: Desk, key: EscalationKey) -> str:
    """Approve what waits; the id of the key that signed."""
    item = await desk.item(key.item_id)
    assert item is not None
    return (await desk.decide(key.item_id, Verdict.APPROVE, item.digest, {})).decision.key_id


def test_nothing_is_decided_while_the_key_is_locked_and_no_other_key_takes_its_place(tmp_path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    own = key_id(private.public_key().public_bytes_raw())
    save_key(tmp_path / FILE_NAME, private, PASSPHRASE)

    async def story() -> None:
        told: list[Event] = []
        async with desk_without_keyring(tmp_path) as (desk, key):
            desk.subscribe(told.append)
            identity = await desk.identity()
            assert (identity.is_key_locked, identity.key_reason) == (True, "This system has no keyring.")
            for refused in (approve(desk, key), desk.unlock_key("another one")):
                with pytest.raises(Refused) as caught:
                    await refused
                assert caught.value.code == RefusalCode.KEY_LOCKED
                assert caught.value.next_action
            assert await desk.decisions() == ()
            assert await desk.key_standings() == ()
            await desk.unlock_key(PASSPHRASE)
            await until(lambda: IdentityChanged() in told)
            assert await approve(desk, key) == own
            identity = await desk.identity()
            assert (identity.key_id, identity.is_key_kept, identity.is_key_in_file) == (own, True, True)
            assert (await desk.audit_check()).is_whole
        async with desk_without_keyring(tmp_path, lambda: PASSPHRASE) as (desk, key):
            assert not (await desk.identity()).is_key_locked
            assert (await desk.audit_check()).is_whole

    asyncio.run(story())


def test_a_key_is_kept_in_a_file_once_and_never_replaced(tmp_path: Path) -> None:
    async def story() -> None:
        async with desk_without_keyring(tmp_path) as (desk, _):
            made = (await desk.identity()).key_id
            with pytest.raises(Refused, match="at least 8 characters"):
                await desk.keep_key("short")
            assert not (await desk.identity()).is_key_kept
            await desk.keep_key(PASSPHRASE)
            identity = await desk.identity()
            assert (identity.key_id, identity.is_key_kept, identity.is_key_locked) == (made, True, False)
            before = (tmp_path / FILE_NAME).read_bytes()
            with pytest.raises(Refused, match="a key already"):
                await desk.keep_key("another passphrase")
            assert (tmp_path / FILE_NAME).read_bytes() == before
        async with desk_without_keyring(tmp_path) as (desk, _):
            with pytest.raises(Refused, match="a key already"):
                await desk.keep_key("another passphrase")
            with pytest.raises(Refused, match="no keyring"):
                await desk.ask_keyring()
            assert (await desk.identity()).is_key_locked
            await desk.unlock_key(PASSPHRASE)
            assert (await desk.identity()).key_id == made

    asyncio.run(story())
