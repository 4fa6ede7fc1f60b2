"""Whether this desk's key counts at each connection: known at any time, and read again when that may have changed.

Invariant: what is known of a connection is what its registry proved last for the key of now; one that does not answer
keeps it. `ConnectionChanged` is told only where something is other than before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from console.domain.decision import DecisionState
from console.domain.identity import Person
from console.infra.keys import SigningKey
from console.services.alarm import Alarm
from console.services.links import Links
from console.services.means import Means
from console.services.registrar import Registrar
from console.services.views import ConnectionChanged, KeyStanding

READ_EVERY = 60.0


class Standings:
    """Keeps `Link.standing` of every connection up to date."""

    def __init__(
        self,
        means: Means,
        links: Links,
        registrar: Registrar,
        person: Person,
        key: Callable[[], Awaitable[SigningKey]],
    ) -> None:
        self._means = means
        self._links = links
        self._registrar = registrar
        self._person = person
        self._key = key
        self._read_for = ""
        self._alarm = Alarm(means.clock, means.tasks, "the standing of the key")

    def nudge(self) -> None:
        """Read soon: a connection is back, or the key is another one."""
        self._alarm.nudge()

    def on_decision(self, decision_id: str) -> None:
        """A decision moved; one that was refused may have been for its key."""
        stored = self._means.store.outbox.find(decision_id)
        if stored is not None and stored.state is DecisionState.REFUSED:
            self._alarm.nudge()

    async def run(self) -> None:
        """Read now and then, until cancelled."""
        while True:
            await self.read()
            await self._alarm.sleep(READ_EVERY)

    async def read(self) -> tuple[KeyStanding, ...]:
        """How the key stands wherever that is checked and answered now; nothing while it is locked."""
        key = await self._key()
        found = () if key.is_locked else await self._registrar.standings(self._person, key)
        answered = {each.connection_id: each for each in found}
        is_other_key, self._read_for = key.key_id != self._read_for, key.key_id
        for link in self._links.all():
            connection_id = link.config.connection_id
            known = None if is_other_key or key.is_locked else link.standing
            standing = answered.get(connection_id, known)
            if standing != link.standing:
                link.standing = standing
                self._means.events.publish(ConnectionChanged(connection_id))
        return found
