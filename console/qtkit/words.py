"""Words with emphasis as data: what a label shows instead of rich text.

An engine's text never reaches an interpreter of markup; a screen says itself which part is bold, data or a link. Needs
no Qt, so presenters may build them. Invariant: every text is made visible (`console.domain.display`) when it is taken
in by `spans`, so nothing hidden can reach a widget of the kit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from console.domain.display import visible
from console.qtkit.tokens import Tone


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one manner.

    `is_data` sets it in the data font; `tone` None takes the label's; `link` names what is activated; `icon` is drawn
    before the text, in the same tone.
    """

    text: str = ""
    is_strong: bool = False
    is_data: bool = False
    tone: Tone | None = None
    link: str = ""
    icon: str = ""


Words = str | Span | Sequence[str | Span]


def strong(text: str, tone: Tone | None = None) -> Span:
    """Text in 600."""
    return Span(text, is_strong=True, tone=tone)


def data(text: str, tone: Tone | None = None) -> Span:
    """Text in the data font: an id, a tool, an amount."""
    return Span(text, is_data=True, tone=tone)


def quiet(text: str) -> Span:
    """Text of less weight: an age, a remark."""
    return Span(text, tone=Tone.QUIET)


def link(text: str, target: str) -> Span:
    """Text that can be activated; the widget tells `target`."""
    return Span(text, tone=Tone.ACCENT, link=target)


def spans(words: Words) -> tuple[Span, ...]:
    """Return words as visible spans; empty ones are left out."""
    pieces = (words,) if isinstance(words, (str, Span)) else words
    taken = (Span(piece) if isinstance(piece, str) else piece for piece in pieces)
    return tuple(_made_visible(span) for span in taken if span.text or span.icon)


def plain(words: Words) -> str:
    """Return the bare text, for accessibility and for copying."""
    return "".join(span.text for span in spans(words))


def _made_visible(span: Span) -> Span:
    text = visible(span.text)
    return span if text == span.text else replace(span, text=text)
