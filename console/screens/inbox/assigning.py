"""Handing the open item to somebody else.

Invariant: it is a claim in their name, which lapses like any other, so that nothing waits for somebody who is away; it
decides nothing. The choice closes when another item is open.
"""

from __future__ import annotations

from console.domain.ages import short_clock
from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.escalation import Target, TargetKind
from console.domain.identity import Person
from console.domain.language import tr
from console.screens.inbox.board import Workplace
from console.screens.inbox.values import brief

NAME = 60
NOBODY_ELSE = tr("Nobody else is known there: who has a key, or wrote something on the item, can be chosen.")


class Assigning:
    """The part of the presenter for whose item it is."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._people: tuple[Person, ...] = ()
        self._item_id = ""

    def begin(self) -> None:
        """Offer whom the open item can be handed to, or put the offer away."""
        state = self._place.board.state
        if state.is_assigning:
            self.back()
        elif state.item is not None and state.can_claim:
            self._place.ask(self._offer(state.item.item_id))

    def back(self) -> None:
        """Put the offer away."""
        self._place.board.put(is_assigning=False, assignees=())

    def choose(self, target: Target) -> None:
        """Hand the item to this one."""
        person = next((one for one in self._people if one.person_id == target.target_id), None)
        self.back()
        if person is not None:
            self._place.ask(self._assign(self._item_id, person))

    async def _offer(self, item_id: str) -> None:
        people = await self._place.desk.colleagues(item_id)
        state = self._place.board.state
        if state.item is None or state.item.item_id != item_id:
            return
        if not people:
            self._place.board.put(notice=NOBODY_ELSE)
            return
        self._people, self._item_id = people, item_id
        targets = tuple(Target(TargetKind.PERSON, one.person_id, f"{one.name}, {one.role}") for one in people)
        self._place.board.put(is_assigning=True, assignees=targets)

    async def _assign(self, item_id: str, person: Person) -> None:
        name = brief(person.name, NAME)
        try:
            until = await self._place.desk.assign(item_id, person)
        except (Refused, Denied, Unreachable, Uncertain) as error:
            self._place.board.put(notice=f"{tr(error.message)} {tr(error.next_action)}")
            return
        words = tr(
            "Handed to {name}, until {until}: then it is anybody's again.",
            name=name,
            until=short_clock(until, self._place.clock.now()),
        )
        self._place.board.put(notice=words)
