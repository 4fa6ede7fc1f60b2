"""Adding, changing, testing and removing connections.

Invariants: secrets go to the keyring (or stay in memory) and nowhere else; a test changes nothing and reads little;
every line of a test says what was found and, if it is bad, what to do.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from datetime import timedelta

from console.domain.decision import DecisionState
from console.domain.errors import RefusalCode, Refused, Unreachable
from console.domain.escalation import Waiting
from console.domain.language import tr
from console.engines.port import Ability, Capabilities, Engine, Server
from console.infra.secrets import Secrets
from console.services import outcomes
from console.services.link import FOUR, Link
from console.services.links import Links, secret_name
from console.services.means import Means
from console.services.pictures import stored_of
from console.services.transitions import Transitions
from console.services.views import Check, CheckResult, ConnectionConfig
from console.services.watch import OPEN_TIMEOUT, let_go

MOST_SKEW = timedelta(minutes=2)
MOST_DAYS = 3_650
NOT_SENT = frozenset({DecisionState.HELD, DecisionState.QUEUED})
UNDETERMINED = frozenset({DecisionState.SENDING, DecisionState.UNCERTAIN})


class Connections:
    """The connections, to be changed."""

    def __init__(self, means: Means, links: Links, secrets: Secrets, transitions: Transitions) -> None:
        self._means = means
        self._links = links
        self._secrets = secrets
        self._transitions = transitions

    async def put(self, config: ConnectionConfig, secrets: Mapping[str, str]) -> Link:
        """Add a connection or change it. A secret that is not given stays as it is; one given empty is forgotten."""
        kept = {name for name in config.secret_names if secrets.get(name, "kept")}
        given = {name for name, value in secrets.items() if value}
        config = dataclasses.replace(config, secret_names=tuple(sorted(kept | given)))
        for name, value in secrets.items():
            if value:
                await self._secrets.set(secret_name(config.connection_id, name), value)
            else:
                await self._secrets.delete(secret_name(config.connection_id, name))
        self._means.store.connections.put(stored_of(config), self._means.clock.now())
        await self._links.restart(config.connection_id)
        link = self._links.get(config.connection_id)
        if link is None:
            raise Refused(tr("The connection was removed meanwhile."), code=RefusalCode.UNKNOWN)
        return link

    def retention(self) -> dict[str, int]:
        """For how many days content of each connection is kept."""
        return self._means.store.connections.retention()

    def keep_for(self, connection_id: str, days: int) -> None:
        """Keep content of a connection for so many days. Raises ``Refused`` for none, or more than ten years."""
        if not 1 <= days <= MOST_DAYS:
            raise Refused(
                tr("Content is kept for 1 to {most_days} days.", most_days=MOST_DAYS), code=RefusalCode.NOT_ALLOWED
            )
        self._means.store.connections.keep_for(connection_id, days, self._means.clock.now())

    async def remove(self, connection_id: str) -> None:
        """Remove a connection with what waits there. Raises ``Refused`` (``busy``) while an outcome is not known."""
        outbox = self._means.store.outbox
        if any(stored.connection_id == connection_id for stored in outbox.in_states(UNDETERMINED)):
            raise Refused(
                tr("A decision is on its way there, and its outcome is not known yet."),
                code=RefusalCode.BUSY,
                next_action=tr("Wait until it is settled, then remove the connection."),
            )
        for stored in outbox.in_states(NOT_SENT):
            if stored.connection_id == connection_id:
                self._transitions.end(stored, outcomes.CONNECTION_REMOVED)
        link = self._links.get(connection_id)
        self._means.store.connections.remove(connection_id, self._means.clock.now())
        await self._links.follow_store()
        for name in link.config.secret_names if link is not None else ():
            await self._secrets.delete(secret_name(connection_id, name))

    async def pause(self, connection_id: str, *, is_paused: bool) -> None:
        """Pause a connection, or let it go on."""
        self._means.store.connections.set_paused(connection_id, self._means.clock.now(), is_paused=is_paused)
        await self._links.follow_store()

    async def test(self, config: ConnectionConfig, secrets: Mapping[str, str]) -> tuple[Check, ...]:
        """Try a configuration and say what was found. Changes nothing; may be cancelled."""
        link = Link(config, self._means.log)
        try:
            with link.fenced("set itself up"):
                engine = await self._links.make_engine(
                    config, {name: value for name, value in secrets.items() if value}
                )
        except FOUR as error:
            return (Check(CheckResult.BAD, error.message, error.next_action),)
        try:
            return await self._try(link, engine)
        finally:
            await let_go(link, engine)

    async def _try(self, link: Link, engine: Engine) -> tuple[Check, ...]:
        began = self._means.clock.monotonic()
        try:
            with link.fenced("connect"):
                async with asyncio.timeout(OPEN_TIMEOUT):
                    server = await engine.open()
        except FOUR as error:
            return (Check(CheckResult.BAD, error.message, error.next_action),)
        except TimeoutError:
            silence = Unreachable(tr("Nothing answered within {open_timeout:g} s.", open_timeout=OPEN_TIMEOUT))
            return (Check(CheckResult.BAD, silence.message, tr("Check the address, and whether it can be reached.")),)
        checks = [self._reached(server, began), *self._about(server, link), *_abilities(engine.capabilities)]
        checks.append(await self._first_page(link, engine))
        return tuple(checks)

    def _reached(self, server: Server, began: float) -> Check:
        took = round((self._means.clock.monotonic() - began) * 1_000)
        space = f", {server.space}" if server.space else ""
        return Check(
            CheckResult.GOOD,
            tr("Reached {kind} {version}{space}.", kind=server.kind, version=server.version, space=space),
            took_ms=took,
        )

    def _about(self, server: Server, link: Link) -> list[Check]:
        found = [Check(CheckResult.WARNING, notice) for notice in server.notices]
        if server.hands.missing:
            found.append(Check(CheckResult.BAD, server.hands.missing, server.hands.next_action))
        if other := self._means.store.connections.other_with(server.identity, link.config.connection_id):
            found.append(
                Check(
                    CheckResult.BAD,
                    tr("“{other}” leads to the same server already.", other=other),
                    tr("Use that connection instead."),
                )
            )
        if abs(server.skew) > MOST_SKEW:
            minutes = abs(server.skew).total_seconds() / 60
            found.append(
                Check(
                    CheckResult.WARNING,
                    tr("Its clock differs from this one by {minutes:.0f} min.", minutes=minutes),
                    tr("Set the clocks."),
                )
            )
        return found

    async def _first_page(self, link: Link, engine: Engine) -> Check:
        try:
            with link.fenced("list what waits"):
                async with asyncio.timeout(OPEN_TIMEOUT):
                    page = await _first(engine)
        except FOUR as error:
            return Check(CheckResult.BAD, error.message, error.next_action)
        except TimeoutError:
            return Check(
                CheckResult.BAD, tr("It was reached, and did not list what waits in time."), tr("Try again later.")
            )
        if not page:
            return Check(CheckResult.GOOD, tr("Nothing waits for a person there now."))
        unreadable = sum(bool(row.problem) for row in page)
        if unreadable:
            return Check(
                CheckResult.WARNING,
                tr(
                    "{count} items listed; {unreadable} of them could not be read fully.",
                    count=len(page),
                    unreadable=unreadable,
                ),
            )
        what = tr("One item waits") if len(page) == 1 else tr("{count} items wait", count=len(page))
        return Check(CheckResult.GOOD, tr("{what} there for a person, or more.", what=what))


async def _first(engine: Engine) -> tuple[Waiting, ...]:
    # Not `anext` with a default: one that is a tuple ends in a SystemError on Python 3.11.
    async for page in engine.waiting():
        return page
    return ()


def _abilities(able: Capabilities) -> list[Check]:
    verdicts = ", ".join(sorted(str(verdict) for verdict in able.verdicts)) or "none"
    found = [Check(CheckResult.GOOD, tr("Takes these verdicts: {verdicts}.", verdicts=verdicts))]
    if can := sorted(str(ability) for ability in able.abilities):
        found.append(Check(CheckResult.GOOD, tr("Can {listed}.", listed=", ".join(can))))
    for ability, reason in sorted(able.lacks.items()):
        words = (
            tr("Decisions are recorded, not enforced")
            if ability is Ability.ENFORCE
            else tr("Cannot {ability}", ability=ability)
        )
        found.append(Check(CheckResult.WARNING, f"{words}: {reason}"))
    if able.race_window:
        seconds = able.race_window.total_seconds()
        found.append(
            Check(
                CheckResult.WARNING,
                tr("Two decisions within {seconds:g} s could both be applied there.", seconds=seconds),
            )
        )
    return found
