"""How well typed words fit a text: whole words best, beginnings of words next, then letters in their order.

Needs no Qt. Invariant: every typed word has to be found; both sides are bounded, so a long text costs no frame.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_TYPED = 80
MOST_TEXT = 160
MOST_WORDS = 8
WHOLE, BEGINNING, INSIDE, SCATTERED = 100, 80, 50, 20
AT_FRONT = 15


@dataclass(frozen=True, slots=True)
class Match:
    """How well it fits, and the places of the letters that were found in the text itself."""

    score: int
    places: frozenset[int] = frozenset()


def match(typed: str, text: str, more: str = "") -> Match | None:
    """Whether the typed words fit a text, or words that go with it, which count less; ``None`` where they do not."""
    shown, beside = _folded(text), _folded(more)
    score, places = 0, set[int]()
    for word in _folded(typed[:MOST_TYPED]).split()[:MOST_WORDS]:
        found = _word(word, shown)
        if found is not None:
            score += found.score
            places |= found.places
        elif word in beside:
            score += SCATTERED // 2
        else:
            return None
    return Match(score, frozenset(places))


def _folded(text: str) -> str:
    """Lower case letter by letter, so that places stay places."""
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text[:MOST_TEXT])


def _word(word: str, text: str) -> Match | None:
    """The best place of one word."""
    best: Match | None = None
    at = text.find(word)
    while at >= 0:
        starts = at == 0 or not text[at - 1].isalnum()
        end = at + len(word)
        ends = end == len(text) or not text[end].isalnum()
        score = WHOLE if starts and ends else BEGINNING if starts else INSIDE
        found = Match(score + (AT_FRONT if at == 0 else 0), frozenset(range(at, end)))
        best = found if best is None or found.score > best.score else best
        at = text.find(word, at + 1)
    return best or _scattered(word, text)


def _scattered(word: str, text: str) -> Match | None:
    """Letters in their order, the first of them at the beginning of a word; gaps cost."""
    for start in (at for at in range(len(text)) if text[at] == word[0] and (at == 0 or not text[at - 1].isalnum())):
        places, at = [start], start
        for letter in word[1:]:
            at = text.find(letter, at + 1)
            if at < 0:
                break
            places.append(at)
        if len(places) == len(word):
            gaps = places[-1] - places[0] + 1 - len(word)
            return Match(max(1, SCATTERED - gaps), frozenset(places)) if gaps <= 2 * len(word) + 2 else None
    return None
