"""Saved views: what of the inbox a person comes back to, under a name and a figure key.

Invariant: the first three are always there and mean the same for everybody; a person's own come after them, as many as
there are figures left. They outlive the session; what cannot be read back is forgotten.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass

from console.domain.escalation import Kind
from console.domain.language import tr
from console.domain.risk import Risk
from console.screens import Memory
from console.services.views import InboxQuery

NAME = "inbox.views"
MOST = 9
LONGEST_NAME = 24
LONGEST_TEXT = 1_000
FLAGS = ("is_mine", "is_unclaimed", "needs_signature")


@dataclass(frozen=True, slots=True)
class SavedView:
    """A name and what it asks for; ``query`` has the page size of every first page."""

    name: str
    query: InboxQuery


BUILT_IN = (
    SavedView(tr("All"), InboxQuery()),
    SavedView(tr("Mine"), InboxQuery(is_mine=True)),
    SavedView(tr("2nd signature"), InboxQuery(needs_signature=True)),
)


@dataclass(frozen=True, slots=True)
class ViewTab:
    """A view as a tab: its figure is its place, ``count`` what matches it, if that is known."""

    view: SavedView
    is_active: bool = False
    is_own: bool = False
    count: int | None = None


class SavedViews:
    """All views, in the order of their keys."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._own = _read(memory.get(NAME, "[]"))

    @property
    def own(self) -> tuple[SavedView, ...]:
        """A person's own."""
        return self._own

    @property
    def all(self) -> tuple[SavedView, ...]:
        """The first three, then a person's own."""
        return (*BUILT_IN, *self._own)

    def active(self, query: InboxQuery) -> SavedView | None:
        """The view that asks for just this."""
        plain = _plain(query)
        return next((view for view in self.all if view.query == plain), None)

    def can_save(self, query: InboxQuery) -> bool:
        """Whether this is no view yet, and there is a figure left."""
        return not self.why_not(query)

    def why_not(self, query: InboxQuery) -> str:
        """Why what is asked for cannot be kept as a view; empty where it can."""
        active = self.active(query)
        if active is not None:
            return tr("This is the view “{name}” already; search or filter first, then save.", name=active.name)
        return tr("There are {most} views already; remove one first.", most=MOST) if len(self.all) >= MOST else ""

    def save(self, name: str, query: InboxQuery) -> SavedView | None:
        """Keep what is asked for under a name; one of the same name is replaced. Nothing without a name."""
        name = " ".join(name.split())[:LONGEST_NAME]
        if not name or name in {view.name for view in BUILT_IN} or len(self.all) >= MOST:
            return None
        made = SavedView(name, _plain(query))
        self._keep((*(view for view in self._own if view.name != name), made))
        return made

    def remove(self, name: str) -> SavedView | None:
        """Forget a person's own view; what it was, so that it can be saved again."""
        gone = next((view for view in self._own if view.name == name), None)
        self._keep(tuple(view for view in self._own if view.name != name))
        return gone

    def _keep(self, own: tuple[SavedView, ...]) -> None:
        self._own = own
        self._memory.set(NAME, json.dumps([_written(view) for view in own]))


def _plain(query: InboxQuery) -> InboxQuery:
    """The query without how far the list was read."""
    return dataclasses.replace(query, limit=InboxQuery().limit)


def _written(view: SavedView) -> dict[str, object]:
    query = view.query
    return {
        "name": view.name,
        "text": query.text,
        "risks": sorted(risk.word for risk in query.risks),
        "kinds": sorted(str(kind) for kind in query.kinds),
        "connections": sorted(query.connection_ids),
        **{flag: getattr(query, flag) for flag in FLAGS},
    }


def _read(text: str) -> tuple[SavedView, ...]:
    try:
        rows = json.loads(text)
    except ValueError:
        return ()
    if not isinstance(rows, list):
        return ()
    found = (_view(row) for row in rows if isinstance(row, dict))
    return tuple(view for view in found if view is not None)[: MOST - len(BUILT_IN)]


def _view(row: Mapping[str, object]) -> SavedView | None:
    name, text = row.get("name"), row.get("text", "")
    if not isinstance(name, str) or not name or not isinstance(text, str):
        return None
    risks = {risk.word: risk for risk in Risk}
    kinds = {str(kind): kind for kind in Kind}
    query = InboxQuery(
        text=text[:LONGEST_TEXT],
        risks=frozenset(risks[word] for word in _texts(row.get("risks")) if word in risks),
        kinds=frozenset(kinds[word] for word in _texts(row.get("kinds")) if word in kinds),
        connection_ids=frozenset(_texts(row.get("connections"))),
        is_mine=row.get("is_mine") is True,
        is_unclaimed=row.get("is_unclaimed") is True,
        needs_signature=row.get("needs_signature") is True,
    )
    return SavedView(name[:LONGEST_NAME], query)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
