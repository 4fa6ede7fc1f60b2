"""Links that lead to an item from outside: they name a server by its own identity, and do nothing but navigate."""

from __future__ import annotations

from urllib.parse import quote

SCHEME = "clearance"


def item_link(server: str, item_id: str) -> str:
    """The link to an item of a server, as ``clearance://item/SERVER/ID`` with the identity percent-encoded."""
    return f"{SCHEME}://item/{quote(server, safe='')}/{quote(item_id, safe='')}"
