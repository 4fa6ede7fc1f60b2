"""Hostile text made fit to be looked at: nothing invisible, nothing too long to paint.

Agents write this text, and what agents read can write it through them. Invariant: what comes out of `visible` has no
character that a person cannot see and that could change the order or the meaning of those they can; what comes out of
`clip` has a bounded length and bounded lines, and says how much is left out. Neither fails for any string.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LIMIT = 20_000
LINE_LIMIT = 1_000
LINE_BREAK_MARK = "↩"
NEWLINE_MARK = "↵"

HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Co", "Cn", "Cs"})
JOINERS = "\u200c\u200d"
ZERO_WIDTH_JOINER = "\u200d"
PLAIN = "\n\t"

# Marks stacked higher than any language needs paint over the lines around them.
MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
STACKED = re.compile(f"(?<={MARKS}{{8}}){MARKS}+")

NUMBER_END = re.compile(r"[€$£]?\d[\d.,]*$")
NUMBER_GOES_ON = re.compile(r"[.,]?\d")

# Scripts in which a joiner changes the shape of letters: Arabic to Mongolian, the Indic ones, and their extensions.
JOINING = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u0fff\u1000-\u109f\u1780-\u18af\ua840-\ua87f\ufb50-\ufdff\ufe70-\ufefe]"
)


@dataclass(frozen=True, slots=True)
class Clipped:
    """Text short enough to show.

    `left_out` counts the characters of the original that are not in it; 0 means that all of it is shown.
    """

    text: str
    left_out: int = 0


def visible(text: str) -> str:
    """Return the text with every invisible character written out as ``‹U+XXXX›``.

    Written out are control, format, separator, private, unassigned and surrogate characters. Newline, tab and the
    newline pair CR LF stay, as do the joiners U+200C and U+200D inside emoji and joining scripts. Combining marks
    beyond the eighth on one letter are written out as well. Applying it twice changes nothing more.
    """
    if text.isprintable() and (text.isascii() or STACKED.search(text) is None):
        return text
    text = STACKED.sub(lambda run: "".join(map(_written_out, run.group())), text.replace("\r\n", "\n"))
    if text.isprintable():
        return text
    return "".join(
        _written_out(character) if _is_hidden(text, position, character) else character
        for position, character in enumerate(text)
    )


def one_line(text: str) -> str:
    """Return visible text for a place that has one line: newlines become ``↵``, tabs a space."""
    shown = visible(text)
    if "\n" in shown or "\t" in shown:
        shown = shown.replace("\n", NEWLINE_MARK).replace("\t", " ")
    return shown


def clip(text: str, limit: int = LIMIT, line_limit: int = LINE_LIMIT) -> Clipped:
    """Cut visible text out of the first `limit` characters, with no line longer than `line_limit`.

    A line that had to be broken ends in ``↩``. One line of a million characters would freeze a text widget for
    half a minute.
    """
    kept = visible(text[:limit])
    lines = [piece for line in kept.split("\n") for piece in _broken(line, line_limit)]
    return Clipped("\n".join(lines), max(0, len(text) - limit))


def whole_cut(text: str, at: int) -> int:
    """Return where to cut the text, at `at` or before it, so that no number is cut in two: €4,2… is a wrong amount.

    A number that begins the text cannot be avoided and is cut.
    """
    number = NUMBER_END.search(text[:at])
    if number is None or number.start() == 0 or NUMBER_GOES_ON.match(text, at) is None:
        return at
    return number.start()


def _broken(line: str, line_limit: int) -> list[str]:
    """Cut one line into pieces of at most `line_limit`, each but the last with the mark."""
    if len(line) <= line_limit:
        return [line]
    step = line_limit - 1
    pieces = [line[start : start + step] for start in range(0, len(line), step)]
    return [piece + LINE_BREAK_MARK for piece in pieces[:-1]] + pieces[-1:]


def _written_out(character: str) -> str:
    return f"‹U+{ord(character):04X}›"


def _is_hidden(text: str, position: int, character: str) -> bool:
    if character in PLAIN or unicodedata.category(character) not in HIDDEN:
        return False
    return character not in JOINERS or not _joins(text, position)


def _joins(text: str, position: int) -> bool:
    """Whether the joiner at this position stands inside an emoji or between letters of a joining script."""
    if position == 0 or position + 1 >= len(text):
        return False
    before, after = text[position - 1], text[position + 1]
    if JOINING.match(before) and JOINING.match(after):
        return True
    is_emoji = unicodedata.category(before) in {"So", "Sk"} or before == "\ufe0f"
    return text[position] == ZERO_WIDTH_JOINER and is_emoji and unicodedata.category(after) == "So"
