"""All that the inbox shows, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from console.domain.escalation import Target
from console.domain.identity import Identity, Person, Role
from console.qtkit.rowdata import HandledRow
from console.qtkit.words import Words
from console.screens import OpenRun
from console.screens.inbox.conflict import Ruling
from console.screens.inbox.content import FormBlock, SectionContent
from console.screens.inbox.decision_bar import Bar
from console.screens.inbox.header import Header
from console.screens.inbox.listing import Emptiness, Listing
from console.screens.inbox.reasons import Templates
from console.screens.inbox.review import Reviewed
from console.screens.inbox.rows import Lines
from console.screens.inbox.saved import ViewTab
from console.services.views import ConnectionView, DecisionView, Health, ItemView

NOBODY = Person("", "", Role.VIEWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxState:
    """One picture of the screen.

    ``item`` may for a moment still be the one before ``listing.selected_id``: it is shown, and nothing can be decided,
    until the other one is read. ``changed`` is the banner over an item that changed while it was on screen; ``notice``
    tells what happened to something else. ``is_armed`` follows `Arming`. ``form`` is what an open edit or answer shows.
    ``is_quiet`` says that nothing handled needs to be seen, ``since`` what happened while nobody was here; with
    ``has_note`` there is a hand-over note to read. ``too_early`` names a key that was pressed before it counted,
    ``back`` is the run from which a person steps in.
    ``ruling`` is what can be chosen about an open conflict.
    """

    now: datetime
    identity: Identity | None = None
    connections: tuple[ConnectionView, ...] = ()
    are_connections_read: bool = False
    listing: Listing = field(default_factory=Listing)
    lines: Lines = field(default_factory=Lines)
    item: ItemView | None = None
    header: Header = field(default_factory=Header)
    reviewed: Reviewed = field(default_factory=Reviewed)
    context: tuple[SectionContent, ...] = ()
    can_comment: bool = False
    can_claim: bool = False
    is_mine: bool = False
    changed: Words = ""
    bar: Bar = field(default_factory=Bar)
    is_armed: bool = False
    decisions: tuple[DecisionView, ...] = ()
    handled: tuple[HandledRow, ...] = ()
    is_quiet: bool = True
    can_undo: bool = False
    notice: str = ""
    templates: Templates = field(default_factory=Templates)
    form: FormBlock | None = None
    ruling: Ruling | None = None
    since: str = ""
    has_note: bool = False
    views: tuple[ViewTab, ...] = ()
    can_save_view: bool = False
    is_picking: bool = False
    back: OpenRun | None = None
    assignees: tuple[Target, ...] = ()
    is_assigning: bool = False
    too_early: str = ""

    @property
    def person(self) -> Person:
        """Who sits here; a viewer without a name until that is known."""
        return self.identity.person if self.identity is not None else NOBODY

    @property
    def emptiness(self) -> Emptiness | None:
        """Why there are no rows; nothing when there are some."""
        if self.listing.rows:
            return None
        if self.are_connections_read and not self.connections:
            return Emptiness.NO_CONNECTION
        if not self.listing.is_loaded or not self.are_connections_read or self._is_first_reading:
            return Emptiness.LOADING
        if self.listing.is_to_sign:
            return Emptiness.NOTHING_TO_SIGN
        if self.listing.is_put_off:
            return Emptiness.NOTHING_PUT_OFF
        return Emptiness.NO_MATCH if self.listing.is_filtered else Emptiness.NOTHING_WAITS

    @property
    def _is_first_reading(self) -> bool:
        read = {Health.CONNECTING, Health.LIVE, Health.SLOW}
        return any(each.newest_at is None and each.health in read for each in self.connections)

    @property
    def is_turning(self) -> bool:
        """Whether the item shown is not the one selected yet."""
        return self.item is not None and self.item.item_id != self.listing.selected_id
