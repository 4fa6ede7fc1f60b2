"""The item that is open: reading it, unfolding it, seeing it change, claiming it, commenting on it.

Invariant: what is shown is always one version of one item as the desk gave it; when another version comes the banner
says so and the arming begins anew. Refusals of the desk become notices; anything else is a bug and goes to the top.
"""

from __future__ import annotations

from datetime import timedelta

from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.language import tr
from console.domain.links import item_link
from console.domain.pauses import pause_of
from console.engines.port import Ability
from console.infra.errand import Errand
from console.screens import OpenRun, OpenRuns
from console.screens.inbox import receipt
from console.screens.inbox.arming import ARM_AFTER, Arming, Painted
from console.screens.inbox.board import Workplace
from console.screens.inbox.context import can_comment, context
from console.screens.inbox.deciding import Deciding
from console.screens.inbox.difference import difference
from console.screens.inbox.header import header
from console.screens.inbox.review import review
from console.screens.inbox.values import brief
from console.services.views import ItemView

RENEW_BEFORE = timedelta(minutes=10)
SETTLE = 0.02
NAME = 60
ENGINE_ERRORS = (Refused, Denied, Unreachable, Uncertain)


class Reading:
    """The review pane's part of the presenter."""

    def __init__(self, place: Workplace, deciding: Deciding) -> None:
        self._place = place
        self._board = place.board
        self._deciding = deciding
        self._arming = Arming(place.clock.monotonic)
        self._unfolded: frozenset[str] = frozenset()
        self._renewing: str = ""
        self.again = Errand(place.ask, self._read)

    def open(self) -> None:
        """Read the selected item and show it."""
        with self._board.together():
            self._arming.disarm()
            self._deciding.back()
            if not self._board.state.listing.selected_id:
                self._board.put(item=None, is_armed=False, changed="", context=(), can_comment=False)
            else:
                self._board.put(is_armed=False)
            self.again.request()

    def show(self, item: ItemView) -> None:
        """Show an item, or another version of the one that is shown."""
        with self._board.together():
            before = self._board.state.item
            is_same = before is not None and before.item_id == item.item_id
            has_changed = False
            if is_same and before is not None and before.escalation is not None and item.escalation is not None:
                has_changed = before.digest != item.digest
                if has_changed:
                    self._board.put(changed=difference(before.escalation, item.escalation))
            if not is_same or has_changed:
                self._unfolded = frozenset()
            if not is_same:
                self._board.put(changed="", notice="", is_assigning=False, assignees=())
            self._draw(item)
            self._deciding.on_item(is_same=is_same, has_changed=has_changed)

    def tick(self) -> None:
        """Let ages go on, and keep a claim of one's own alive while the item is on screen."""
        state = self._board.state
        if state.item is None or state.item.escalation is None:
            return
        self._draw(state.item)
        claim = state.item.escalation.row.claim
        is_ending = claim is not None and claim.until - self._place.clock.now() < RENEW_BEFORE
        if state.is_mine and is_ending and self._renewing != state.item.item_id:
            self._renewing = state.item.item_id
            self._place.ask(self._renew(state.item.item_id))

    def unfold(self, fold: str) -> None:
        """Show what is folded under a name."""
        self._unfolded |= {fold}
        self._arming.disarm()
        self._board.put(is_armed=False)
        if self._board.state.item is not None:
            with self._board.together():
                self._draw(self._board.state.item)
                self._deciding.draw()

    def on_painted(self, item_id: str, digest: str) -> None:
        """The view painted this version of this item just now."""
        state = self._board.state
        if state.item is None or state.is_turning or (state.item.item_id, state.item.digest) != (item_id, digest):
            return
        if state.item.escalation is not None and self._arming.on_painted(Painted(item_id, digest)):
            self._board.put(is_armed=False)
            self._place.ask(self._arm())

    def is_armed(self) -> bool:
        """Whether decision keys work now."""
        item = self._board.state.item
        return item is not None and self._is_armed_for(item)

    def _is_armed_for(self, item: ItemView) -> bool:
        is_selected = item.item_id == self._board.state.listing.selected_id
        return is_selected and self._arming.is_armed(Painted(item.item_id, item.digest))

    def open_run(self) -> None:
        """Go to the run of the open item; from a pause to the runs that it holds."""
        item = self._board.state.item
        waiting = item.escalation.row if item and item.escalation else item.row.waiting if item and item.row else None
        if waiting is None:
            return
        pause = pause_of(waiting)
        if pause is None:
            self._place.navigate(OpenRun(waiting.key.run, waiting.title))
        else:
            # It stands in the book of what is paused; a person wants what that holds.
            self._place.navigate(OpenRuns(pause.query) if pause.is_wide else OpenRun(pause.target, pause.name))

    def copied(self) -> str:
        """The id of the open item, which is about to be copied; says what it is good for."""
        item = self._board.state.item
        if item is None:
            return ""
        self._board.put(
            notice=tr("Copied {item_id}. Whoever searches for it in their inbox finds this item.", item_id=item.item_id)
        )
        return item.item_id

    def copied_link(self) -> str:
        """A link to the open item, which is about to be copied; says what it is good for. Empty before it was read."""
        item = self._board.state.item
        if item is None:
            return ""
        shown = item.escalation.row if item.escalation is not None else item.row.waiting if item.row else None
        if shown is None:
            return ""
        self._board.put(notice=tr("Copied a link. It opens this item at every desk that is connected to its server."))
        return item_link(shown.key.run.server, item.item_id)

    def copied_receipt(self) -> str:
        """The receipt of the open item's decision as text, which is about to be copied; empty where there is none."""
        item = self._board.state.item
        if item is None or item.decision is None:
            return ""
        self._board.put(notice=tr("Copied the receipt, with the whole digest and all ids."))
        return receipt.text(item.decision)

    def open_side(self, place: int) -> None:
        """Go to the run of one side of the open conflict."""
        item = self._board.state.item
        sides = item.escalation.sides if item is not None and item.escalation is not None else ()
        if place < len(sides):
            self._place.navigate(OpenRun(sides[place].run, sides[place].title))

    def dismiss(self) -> None:
        """Take the banner and the notice away."""
        self._board.put(changed="", notice="")

    def claim(self) -> None:
        """Say "I am on it", or take that back."""
        state = self._board.state
        if state.item is None:
            return
        if not state.can_claim:
            capabilities = state.item.connection.capabilities
            reason = capabilities.lacks.get(Ability.CLAIM, "") if capabilities is not None else ""
            self._board.put(notice=tr("This engine cannot hold claims. {reason}", reason=reason).strip())
            return
        self._place.ask(self._claim(state.item.item_id, is_mine=state.is_mine))

    def comment(self, text: str) -> None:
        """Keep a comment with the item."""
        item = self._board.state.item
        if item is not None and text.strip():
            self._place.ask(self._comment(item.item_id, text.strip()))

    def _draw(self, item: ItemView) -> None:
        now = self._place.clock.now()
        person = self._board.state.person
        claim = item.escalation.row.claim if item.escalation is not None else None
        is_claimed = claim is not None and claim.until > now
        capabilities = item.connection.capabilities
        self._board.put(
            now=now,
            item=item,
            header=header(item, person, now),
            reviewed=review(item, self._unfolded, now),
            context=context(item, person, now, self._unfolded),
            can_comment=can_comment(item),
            can_claim=item.is_open and capabilities is not None and Ability.CLAIM in capabilities.abilities,
            is_mine=is_claimed and claim is not None and claim.by.person_id == person.person_id,
            is_armed=self._is_armed_for(item),
        )

    async def _read(self) -> None:
        item_id = self._board.state.listing.selected_id
        if not item_id:
            return
        item = await self._place.desk.item(item_id)
        if item is not None and self._board.state.listing.selected_id == item_id:
            self.show(item)

    async def _arm(self) -> None:
        await self._place.clock.sleep(ARM_AFTER + SETTLE)
        self._board.put(is_armed=self.is_armed())

    async def _renew(self, item_id: str) -> None:
        try:
            await self._place.desk.claim(item_id)
        except ENGINE_ERRORS:
            return
        finally:
            self._renewing = ""

    async def _claim(self, item_id: str, *, is_mine: bool) -> None:
        item = self._board.state.item
        taken_from = self._claimed_by_another(item) if item is not None and not is_mine else ""
        try:
            await (self._place.desk.release(item_id) if is_mine else self._place.desk.claim(item_id))
        except ENGINE_ERRORS as error:
            self._board.put(notice=f"{tr(error.message)} {tr(error.next_action)}")
            return
        if taken_from:
            self._board.put(notice=tr("You took it over from {taken_from}, who was on it.", taken_from=taken_from))

    def _claimed_by_another(self, item: ItemView) -> str:
        claim = item.escalation.row.claim if item.escalation is not None else None
        is_held = claim is not None and claim.until > self._place.clock.now()
        if claim is None or not is_held or claim.by.person_id == self._board.state.person.person_id:
            return ""
        return brief(claim.by.name, NAME)

    async def _comment(self, item_id: str, text: str) -> None:
        try:
            await self._place.desk.comment(item_id, text)
        except ENGINE_ERRORS as error:
            self._board.put(notice=f"{tr(error.message)} {tr(error.next_action)}")
