"""The key registry: one workflow that holds the log of keys, so that all workers and consoles see the same.

Invariant: the log only grows, by entries that a worker has checked against its own root key; whoever reads it checks it
again. An entry that is there already is not added twice, so that a lost reply can be asked for again.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from console.domain.errors import RefusalCode
    from console.tower import wire
    from console.tower.messages import ADMIT_ACTIVITY, AdmitCall, RegistryStart
    from console.verify.trust import Doubt

CHECK_WITHIN = timedelta(seconds=20)


@workflow.defn(name=wire.REGISTRY_WORKFLOW)
class KeyRegistry:
    """One execution of the registry's chain; it never ends by itself."""

    @workflow.init
    def __init__(self, start: RegistryStart) -> None:
        self._entries = list(start.entries)
        self._turn = asyncio.Lock()

    @workflow.run
    async def run(self, _start: RegistryStart) -> None:
        """Hold the log; go on as a new execution when the history has grown long."""
        await workflow.wait_condition(workflow.info().is_continue_as_new_suggested)
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(RegistryStart(entries=tuple(self._entries)))

    @workflow.update(name=wire.UPDATE_ADMIT)
    async def admit(self, request: wire.AdmitRequest) -> int:
        """Add an entry, if a worker finds it in order; returns its number."""
        async with self._turn:
            if request.entry in self._entries:
                return request.entry.number
            call = AdmitCall(entries=tuple(self._entries), entry=request.entry)
            try:
                problem = await workflow.execute_activity(
                    ADMIT_ACTIVITY, call, result_type=str, schedule_to_close_timeout=CHECK_WITHIN
                )
            except ActivityError as error:
                text = "No worker could check the entry."
                raise ApplicationError(text, type=RefusalCode.BUSY, non_retryable=True) from error
            if problem:
                raise ApplicationError(problem, type=Doubt.REGISTRY, non_retryable=True)
            self._entries.append(request.entry)
            return request.entry.number

    @workflow.query(name=wire.QUERY_KEYS)
    def keys(self, known: int = 0) -> wire.KeysReply:
        """The entries after those known."""
        return wire.KeysReply(entries=self._entries[max(0, known) :])
