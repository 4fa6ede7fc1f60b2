"""Who else works on what a connection holds: whom an item can be handed to.

Invariant: nobody is made up. They hold a key there that counts now, or they signed, claimed or wrote something on the
item itself; the person of this desk is not among them.
"""

from __future__ import annotations

import contextlib

from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.escalation import Escalation
from console.domain.identity import Person, Role
from console.engines.port import Ability
from console.services.links import Links
from console.services.means import Means
from console.services.registrar import Registrar


class Colleagues:
    """The others, as one person sees them."""

    def __init__(self, means: Means, links: Links, registrar: Registrar, person: Person) -> None:
        self._means = means
        self._links = links
        self._registrar = registrar
        self._person = person

    async def of(self, item_id: str) -> tuple[Person, ...]:
        """Whom an item can be handed to, by name; where its connection does not answer, those seen on the item."""
        row = self._means.store.inbox.find(item_id, self._means.clock.now())
        if row is None:
            return ()
        found = await self._enrolled(row.connection_id)
        stored = self._means.store.items.find(item_id)
        if stored is not None:
            found += _seen(stored.escalation)
        others = {one.person_id: one for one in reversed(found) if one.person_id != self._person.person_id}
        return tuple(sorted(others.values(), key=lambda one: (one.name.casefold(), one.person_id)))

    async def _enrolled(self, connection_id: str) -> list[Person]:
        link = self._links.get(connection_id)
        if link is None or link.engine is None or Ability.ENFORCE not in link.engine.capabilities.abilities:
            return []
        with contextlib.suppress(Unreachable, Uncertain, Denied, Refused):
            now = self._means.clock.now()
            keys = (await self._registrar.read(connection_id)).registry.keys.values()
            return [
                key.person
                for key in keys
                if key.is_valid(now) and not key.is_revoked and key.person.role is not Role.VIEWER
            ]
        return []


def _seen(escalation: Escalation) -> list[Person]:
    claim = escalation.row.claim
    return [
        *(approval.by for approval in escalation.approvals),
        *(comment.by for comment in escalation.comments),
        *((claim.by,) if claim is not None else ()),
    ]
