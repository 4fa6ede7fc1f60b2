from __future__ import annotations

import asyncio
import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.infra.keys import SECRET_NAME, SigningKey, is_signed, key_id, own_key
from console.infra.secrets import Ring, Secrets
from tests.infra.rings import MemoryRing, no_ring


def secrets(ring: Ring) -> Secrets:
    return Secrets("clearance-test", open_ring=lambda: ring)


def test_a_key_is_made_once_and_found_again() -> None:
    ring = MemoryRing()
    first = asyncio.run(own_key(secrets(ring)))
    again = asyncio.run(own_key(secrets(ring)))
    assert first.is_kept
    assert again.is_kept
    assert first.public == again.public


def test_without_a_keyring_the_key_lasts_for_the_session_and_says_so() -> None:
    async def journey() -> tuple[SigningKey, SigningKey]:
        session = Secrets("clearance-test", open_ring=no_ring)
        return await own_key(session), await own_key(session)

    key, again = asyncio.run(journey())
    assert not key.is_kept
    assert key.reason
    assert key.public == again.public
    assert not again.is_kept


def test_a_kept_key_that_cannot_be_read_is_replaced() -> None:
    ring = MemoryRing()
    ring.kept[SECRET_NAME] = "no key"
    key = asyncio.run(own_key(secrets(ring)))
    assert ring.kept[SECRET_NAME] != "no key"
    assert asyncio.run(own_key(secrets(ring))).public == key.public


def test_what_is_signed_is_the_canonical_form() -> None:
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))), is_kept=False)
    signature = key.sign({"b": 1, "a": [True, "é"]})
    assert key.private.public_key().verify(base64.b64decode(signature), '{"a":[true,"é"],"b":1}'.encode()) is None
    assert is_signed(key.public, {"a": [True, "é"], "b": 1.0}, signature)
    assert not is_signed(key.public, {"a": [True, "e"], "b": 1}, signature)
    assert not is_signed(key.public, {"a": [True, "é"], "b": 1}, "nonsense")


def test_a_key_is_named_by_its_hash_and_never_shown() -> None:
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))), is_kept=False)
    assert key.key_id == key_id(key.public) == hashlib.sha256(key.public).hexdigest()[:16]
    assert repr(key) == f"SigningKey({key.key_id})"
