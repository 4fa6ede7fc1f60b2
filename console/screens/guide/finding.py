"""Where on the demo's live runs a moment can be seen now. Reads only.

Invariant: what is found is of the demo's own connection; a run is asked once for its hand-offs, and again only when
something else waits in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.domain.escalation import Escalation, Kind, TargetKind, Verdict
from console.domain.identity import Person
from console.domain.risk import Risk
from console.domain.rules import permission
from console.screens.guide.state import Act, Found
from console.services.views import InboxQuery, InboxRow

if TYPE_CHECKING:
    from console.services.desk import Desk

LIGHT = frozenset({Risk.LOW, Risk.MEDIUM})


class Finder:
    """Finds on one connection."""

    def __init__(self, desk: Desk, connection_id: str) -> None:
        self._desk = desk
        self._connection_id = connection_id
        self._asked: set[str] = set()

    async def find(self, act: Act) -> Found | None:
        """What shows this, if anything does. Raises the four errors."""
        if act is Act.CONFLICT:
            rows = await self._rows(Kind.CONFLICT)
            return Found(item_id=rows[0].item_id) if rows else None
        if act is Act.HAND_OFF:
            return await self._with_a_loss()
        if act in {Act.RACE, Act.KILL}:
            return await self._light_one()
        return None

    async def _rows(self, *kinds: Kind, risks: frozenset[Risk] = frozenset()) -> tuple[InboxRow, ...]:
        query = InboxQuery(
            kinds=frozenset(kinds), risks=risks, connection_ids=frozenset({self._connection_id}), limit=50
        )
        return (await self._desk.inbox(query)).rows

    async def _with_a_loss(self) -> Found | None:
        """A run in which a caveat was not read by the one who took up the work."""
        for row in await self._rows():
            if row.item_id in self._asked:
                continue
            ref = row.waiting.key.run
            if any(one.dropped_caveats for one in await self._desk.hand_offs(ref)):
                return Found(ref=ref, title=row.waiting.business_key)
            self._asked.add(row.item_id)
        return None

    async def _light_one(self) -> Found | None:
        """A checkpoint that one person approves by a key or two, and that another agent could take over."""
        person = (await self._desk.identity()).person
        for row in await self._rows(Kind.CHECKPOINT, risks=LIGHT):
            view = await self._desk.item(row.item_id)
            if view is not None and view.escalation is None:
                view = await self._desk.refresh(row.item_id)
            shown = view.escalation if view is not None and view.is_open else None
            if shown is not None and _is_light(shown, person):
                return Found(item_id=row.item_id)
        return None


def _is_light(shown: Escalation, person: Person) -> bool:
    """Whether this person alone decides it, and another agent could take it over."""
    is_alone = shown.row.required_approvals == 1 and permission(shown, Verdict.APPROVE, person).is_allowed
    return is_alone and any(target.kind is TargetKind.AGENT for target in shown.targets)
