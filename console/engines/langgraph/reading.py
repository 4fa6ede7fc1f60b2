"""One item of a thread, read now: the thread and its state together, since a list may tell what is no longer so.

The state is believed, not the list: a thread that says it is interrupted may have been cancelled, or edited. Raises
:class:`Refused` where the item is not open.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from console.domain.errors import RefusalCode, Refused, Uncertain, Unreachable
from console.domain.escalation import Escalation, EscalationKey, Target
from console.engines.langgraph import threads, waits
from console.engines.langgraph.line import Line, Node
from console.engines.langgraph.threads import Thread
from console.engines.langgraph.waits import Wait

BY_ITSELF = frozenset({waits.FAILED, waits.STOPPED})
GONE = "This no longer waits for anybody."
MOVED = "The run has moved since, and asks anew."


@dataclass(frozen=True, slots=True)
class Found:
    """An item with what it was read from. ``wait`` is the part of an interrupt, if it is one, among ``all_waits``."""

    item: Escalation
    thread: Thread
    state: Node
    wait: Wait | None = None
    all_waits: tuple[Wait, ...] = ()

    @property
    def siblings(self) -> tuple[Wait, ...]:
        """All parts of the same interrupt, in their order."""
        if self.wait is None:
            return ()
        return tuple(one for one in self.all_waits if one.interrupt_id == self.wait.interrupt_id)


async def found(line: Line, key: EscalationKey) -> Found:
    """An open item, decided parts of an interrupt included."""
    thread, state = await thread_and_state(line, key.run.run_id)
    if key.native_id in BY_ITSELF:
        return await _by_itself(line, key, thread, state)
    by_task, steps = waits.state_tasks(state)
    everything = tuple(waits.waits(thread, by_task, steps))
    for wait in everything:
        if wait.native_id == key.native_id:
            if wait.key(line.identity) != key:
                raise Refused(MOVED, code=RefusalCode.CHANGED)
            targets = await targets_of(line, thread)
            return Found(waits.item(wait, line.identity, targets), thread, state, wait, everything)
    raise Refused(GONE, code=RefusalCode.CLOSED)


async def thread_and_state(line: Line, thread_id: str) -> tuple[Thread, Node]:
    """A thread and its state, of one moment: read again if it moved in between."""
    for _ in range(3):
        before = await threads.read(line, thread_id)
        state = threads.node(await line.get(threads.path(thread_id, "state")))
        after = await threads.read(line, thread_id)
        if (before.moment, before.status) == (after.moment, after.status):
            return after, state
        await asyncio.sleep(0)
    raise Unreachable("The run moves too fast to be read.")


async def targets_of(line: Line, thread: Thread) -> tuple[Target, ...]:
    """Where the run can be sent to; nowhere where its graph is not told."""
    try:
        return waits.targets_of(await line.graph(thread.assistant_id))
    except (Refused, Unreachable, Uncertain):
        return ()


async def _by_itself(line: Line, key: EscalationKey, thread: Thread, state: Node) -> Found:
    """A failure, or a stop at which nothing is asked."""
    expected = waits.ERROR if key.native_id == waits.FAILED else waits.WAITING
    interrupts, _ = waits.state_tasks(state)
    if thread.status != expected or (key.native_id == waits.STOPPED and interrupts):
        raise Refused(GONE, code=RefusalCode.CLOSED)
    if thread.moment != key.occurrence:
        raise Refused(MOVED, code=RefusalCode.CHANGED)
    targets, step = await targets_of(line, thread), waits.next_step(state)
    if key.native_id == waits.STOPPED:
        return Found(waits.stop(thread, line.identity, step, targets), thread, state)
    words = thread.error or waits.error_in(state) or "It gives no reason."
    if waits.is_poisoned(state):
        words = f"{words}\n\n{waits.POISONED}"
    return Found(waits.failure(thread, line.identity, step, words, targets), thread, state)
