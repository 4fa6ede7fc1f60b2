"""Secrets: in the system's keyring, else in memory until the program ends, and it says which.

Invariant: a secret is never written to a file, never logged, and no call waits for the keyring longer than its
time-out. Once the keyring failed, everything stays in memory for this session: one that answers every other time would
lose a secret without a word. Nothing here raises for a keyring; :attr:`Secrets.reason` tells what was wrong.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection
from typing import Protocol, TypeVar

T = TypeVar("T")

KEYRING_TIMEOUT = 20.0
PROBE = "probe"


class Ring(Protocol):
    """The part of a keyring that is used. Its calls may block, and raise whatever they like."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class Secrets:
    """Named secrets of one profile.

    ``open_ring`` finds the keyring and is called in a thread of its own, at the first use. ``timeout`` is long enough
    for a person to type the keyring's password when the desktop asks for it.
    """

    def __init__(
        self,
        service: str,
        *,
        open_ring: Callable[[], Ring] | None = None,
        timeout: float = KEYRING_TIMEOUT,
    ) -> None:
        self._service = service
        self._open_ring = open_ring or system_ring
        self._timeout = timeout
        self._ring: Ring | None = None
        self._memory: dict[str, str] = {}
        self._reason = ""
        self._turn = asyncio.Lock()

    @property
    def is_kept(self) -> bool:
        """Whether what is set outlives the program; known after the first use."""
        return not self._reason

    @property
    def reason(self) -> str:
        """Why secrets are not kept, in words for a person; empty when they are."""
        return self._reason

    async def try_again(self, kept_first: Collection[str] = ()) -> bool:
        """Ask a keyring that failed once more; whether it answers now.

        What was set meanwhile goes into it; of ``kept_first`` what lies there already stays.
        """
        self._reason, self._ring = "", None
        for name, value in tuple(self._memory.items()) or ((PROBE, ""),):
            known = await self._look(name)
            if name in kept_first and known is not None:
                del self._memory[name]
            elif name in self._memory and not self._reason:
                await self.set(name, value)
        return self.is_kept

    async def get(self, name: str) -> str | None:
        """The secret of that name, or ``None``."""
        if name in self._memory:
            return self._memory[name]
        return await self._look(name)

    async def set(self, name: str, value: str) -> bool:
        """Keep a secret; ``False`` if only until the program ends."""
        done = await self._try(lambda ring: _stored(ring, self._service, name, value))
        if done is None:
            self._memory[name] = value
            return False
        self._memory.pop(name, None)
        return True

    async def delete(self, name: str) -> None:
        """Forget a secret, kept or not."""
        self._memory.pop(name, None)
        if await self._look(name) is not None:
            await self._try(lambda ring: ring.delete_password(self._service, name))

    async def _look(self, name: str) -> str | None:
        return await self._try(lambda ring: ring.get_password(self._service, name))

    async def _try(self, use: Callable[[Ring], T | None]) -> T | None:
        """The result of using the keyring; ``None`` as well when it failed, and then it is not asked again."""
        async with self._turn:
            if self._reason:
                return None
            try:
                async with asyncio.timeout(self._timeout):
                    return await _in_thread(lambda: self._use(use))
            except TimeoutError:
                self._reason = f"The keyring did not answer within {self._timeout:g} seconds."
            except _RingFailed as failed:
                self._reason = failed.reason
            return None

    def _use(self, use: Callable[[Ring], T | None]) -> T | None:
        if self._ring is None:
            self._ring = self._open_ring()
        return use(self._ring)


class _RingFailed(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def system_ring() -> Ring:
    """The system's keyring. Slow to import and to open; raises when there is none to be had."""
    import keyring  # noqa: PLC0415 - a tenth of a second, in the thread, off the start-up path
    from keyring.backends import fail, null  # noqa: PLC0415

    ring = keyring.get_keyring()
    if isinstance(ring, (fail.Keyring, null.Keyring)):
        raise _RingFailed("This system has no keyring.")
    return ring


def _stored(ring: Ring, service: str, name: str, value: str) -> bool:
    ring.set_password(service, name, value)
    return True


async def _in_thread(work: Callable[[], T]) -> T:
    """Run in a daemon thread: one that hangs must not hold up the end of the loop, as a pool's thread would."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        result, error = _outcome(work)
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, done, result, error)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    return await done


def _settle(done: asyncio.Future[T], result: T | None, error: _RingFailed | None) -> None:
    if done.done():
        return
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(result)  # type: ignore[arg-type]  # a result of None is a T here


def _outcome(work: Callable[[], T]) -> tuple[T | None, _RingFailed | None]:
    """What a use of the keyring led to, with its failure put in words."""
    from keyring.errors import InitError, KeyringLocked, NoKeyringError  # noqa: PLC0415

    try:
        return work(), None
    except _RingFailed as failed:
        return None, failed
    except NoKeyringError:
        return None, _RingFailed("This system has no keyring.")
    except (InitError, KeyringLocked):
        return None, _RingFailed("The keyring is locked.")
    except Exception as error:  # noqa: BLE001 - back ends raise D-Bus and system errors of every class
        return None, _RingFailed(f"The keyring failed ({type(error).__name__}).")
