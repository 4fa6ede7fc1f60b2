"""Reading the key registry: as of the moment of asking, and once for all who ask while it is slow."""

from __future__ import annotations

import asyncio

from console.domain.registry import RegistryEntry
from console.tower.authority import Authority
from console.verify.entries import enrol, open_log
from console.verify.registry import Registry, admitted
from tests.signing import ROOT_PUBLIC
from tests.verify.people import ANA, BEN, MORNING, ROOT, SERVER, key_of, public_of

ASKING = 20


def entries() -> list[RegistryEntry]:
    """A log that opens, enrols Ana, then Ben."""
    registry = Registry(root=ROOT_PUBLIC, server=SERVER)
    log = [open_log(registry, ROOT, MORNING, is_demo=False)]
    registry = admitted(registry, log[0])
    for person in (ANA, BEN):
        log.append(enrol(registry, ROOT, MORNING, person=person, public=public_of(key_of(person))))
        registry = admitted(registry, log[-1])
    return log


def test_all_who_ask_while_it_is_slow_share_one_read_that_began_after_they_asked() -> None:
    async def story() -> tuple[int, set[int]]:
        whole = entries()
        log, reads, answers = whole[:2], 0, asyncio.Event()

        async def read(known: int) -> list[RegistryEntry]:
            nonlocal reads
            reads += 1
            found = log[known:]
            await answers.wait()
            return found

        authority = Authority(read, ROOT_PUBLIC, SERVER)
        async with asyncio.TaskGroup() as group:
            group.create_task(authority.registry(), name="first")
            await asyncio.sleep(0)
            log.append(whole[2])
            later = [group.create_task(authority.registry(), name="later") for _ in range(ASKING)]
            await asyncio.sleep(0)
            answers.set()
        return reads, {len(task.result().keys) for task in later}

    reads, keys = asyncio.run(story())
    assert reads == 2
    assert keys == {2}


def test_a_read_that_fails_is_that_of_its_asker_alone() -> None:
    async def story() -> list[object]:
        log, failures = entries(), [ConnectionError("away")]

        async def read(known: int) -> list[RegistryEntry]:
            await asyncio.sleep(0)
            if failures:
                raise failures.pop()
            return log[known:]

        authority = Authority(read, ROOT_PUBLIC, SERVER)
        return [*await asyncio.gather(authority.registry(), authority.registry(), return_exceptions=True)]

    first, second = asyncio.run(story())
    assert isinstance(first, ConnectionError)
    assert isinstance(second, Registry)
    assert len(second.keys) == 2
