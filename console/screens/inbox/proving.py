"""Writes the evidence of a decision into a file that a person chose, for somebody who was not there.

Invariant: what it holds is the desk's to say; stopped or failed, nothing is left of the file, and it is said why.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from console.domain.errors import Denied, RefusalCode, Refused, Uncertain, Unreachable
from console.domain.language import tr
from console.infra.newfile import write_private
from console.screens import OpenKey
from console.screens.inbox.board import Workplace

TOLD = tr("Whoever gets it checks it with: clearance evidence verify")
LOCKED = Refused(
    tr("Your signing key is locked, and the evidence is signed with it."),
    code=RefusalCode.KEY_LOCKED,
    next_action=tr("Unlock it, then export again."),
)


class Proving:
    """The part of the presenter for it."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    @property
    def decision_id(self) -> str:
        """The decision on the open item, whose evidence can be had; empty where there is none."""
        item = self._place.board.state.item
        return item.decision.decision.decision_id if item is not None and item.decision is not None else ""

    def export_evidence(self, decision_id: str, path: Path) -> None:
        """Write it; what became of that is told in a line over the item."""
        self._place.ask(self._write(decision_id, path))

    async def _write(self, decision_id: str, path: Path) -> None:
        try:
            if (await self._place.desk.identity()).is_key_locked:
                self._place.navigate(OpenKey())
                raise LOCKED
            pack = await self._place.desk.evidence(decision_id)
            pieces = (json.dumps(pack, ensure_ascii=True, indent=1).encode(), b"\n")
            await asyncio.to_thread(write_private, path, pieces)
            told = tr(
                "The evidence is in {path}. Only you can read the file. {told} {name}",
                path=path,
                told=TOLD,
                name=path.name,
            )
        except (Unreachable, Uncertain, Denied, Refused) as error:
            told = tr(
                "No evidence: {message} {next_action}", message=tr(error.message), next_action=tr(error.next_action)
            ).strip()
        except OSError as error:
            told = tr("The evidence cannot be written: {strerror}.", strerror=error.strerror or error)
        self._place.board.put(notice=told)
