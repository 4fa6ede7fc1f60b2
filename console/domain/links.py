"""Links that lead to an item or a run from outside: they name a server by its own identity, and only navigate.

    clearance://SERVER/item/ID
    clearance://SERVER/run/ID[/CHAIN]

Each part is percent-encoded. Invariant: what is read is bounded and holds nothing that a screen would hide; a link
carries no verdict, no text and no address, and whoever follows one reads everything else from the server itself.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from console.domain.display import visible
from console.domain.run import RunRef

SCHEME = "clearance"
LONGEST = 2_000
LONGEST_PART = 500
PART = re.compile(r"(?:[A-Za-z0-9._~!$'()*,;:@+=-]|%[0-9A-Fa-f]{2})+")
ITEM_ID = re.compile(r"[0-9a-f]{12}")
CHANGED = "It was cut or changed on its way. Copy it again from where it came."


class BadLinkError(ValueError):
    """A text is no link that can be followed. Its message says why, in words for a person."""


class Kind(enum.StrEnum):
    """What a link leads to."""

    ITEM = "item"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link leads: an item by its id, or a run by the engine's name for it and, where it was told, its chain."""

    server: str
    kind: Kind
    target: str
    chain_id: str = ""

    def __str__(self) -> str:
        parts = [self.server, str(self.kind), self.target, *([self.chain_id] if self.chain_id else [])]
        return f"{SCHEME}://" + "/".join(quote(part, safe="") for part in parts)

    @property
    def run(self) -> RunRef:
        """The run that it leads to. Raises ``ValueError`` for a link to an item."""
        if self.kind is not Kind.RUN:
            raise ValueError("it leads to an item")
        return RunRef(self.server, self.target, self.chain_id)


def item_link(server: str, item_id: str) -> str:
    """The link to an item of a server."""
    return str(Link(server, Kind.ITEM, item_id))


def run_link(ref: RunRef) -> str:
    """The link to a run."""
    return str(Link(ref.server, Kind.RUN, ref.run_id, ref.chain_id))


def read_link(text: str) -> Link:
    """What a link says. Raises `BadLinkError` for anything else, whoever made it up."""
    if len(text) > LONGEST:
        raise BadLinkError(f"A link has {LONGEST} characters at the most. {CHANGED}")
    scheme, separator, rest = text.strip().partition("://")
    if not separator or scheme.lower() != SCHEME:
        raise BadLinkError(f"A link of Clearance begins with {SCHEME}://")
    parts = [_part(each) for each in rest.removesuffix("/").split("/")]
    if len(parts) == 3 and parts[0] in set(Kind):  # noqa: PLR2004 - kind, server, target: how links were written first
        parts[:2] = parts[1], parts[0]
    if len(parts) not in {3, 4} or parts[1] not in set(Kind):
        raise BadLinkError(f"The link leads to no item and no run. {CHANGED}")
    link = Link(parts[0], Kind(parts[1]), *parts[2:])
    if link.kind is Kind.ITEM and (link.chain_id or ITEM_ID.fullmatch(link.target) is None):
        raise BadLinkError(f"The link leads to no item: their ids have twelve digits. {CHANGED}")
    return link


def _part(text: str) -> str:
    if PART.fullmatch(text) is None:
        raise BadLinkError(f"The link has a character that no link has. {CHANGED}")
    try:
        part = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise BadLinkError(f"The link has a character that no link has. {CHANGED}") from None
    if len(part) > LONGEST_PART or part != visible(part) or not part.isprintable():
        raise BadLinkError(f"The link has a part that is too long, or that cannot be shown. {CHANGED}")
    return part
