"""HTML made of words: what is not markup of our own is escaped, by construction.

Invariant: only :class:`Markup` goes through as it is, and only `tag` and `joined` make it. Text is made visible and cut
first; names of tags and attributes are our own words, never an engine's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from console.domain.display import LIMIT, clip

VOID = frozenset({"meta", "line", "rect", "polyline", "polygon", "circle"})


@dataclass(frozen=True, slots=True)
class Markup:
    """HTML that is safe to write."""

    html: str


Part = Markup | str


def text(words: str, limit: int = LIMIT) -> Markup:
    """Words of anybody as HTML, cut to ``limit`` characters with the number of those left out."""
    shown = clip(words, limit)
    more = f" … {shown.left_out:,} more characters are left out" if shown.left_out else ""
    return Markup(escape(shown.text + more, quote=True))


def tag(name: str, /, *parts: Part, **attributes: str | float) -> Markup:
    """An element. An attribute's underscores become hyphens, one at its end goes (``class_``)."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value), quote=True)}"'
        for key, value in attributes.items()
    )
    if name in VOID:
        return Markup(f"<{name}{said}>") if name == "meta" else Markup(f"<{name}{said}/>")
    return Markup(f"<{name}{said}>{joined(parts).html}</{name}>")


def joined(parts: Iterable[Part]) -> Markup:
    """Parts one after the other."""
    return Markup("".join(part.html if isinstance(part, Markup) else text(part).html for part in parts))


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
