"""A text that a pattern takes, for a person who cannot read patterns.

Invariant: what is returned was matched; a pattern with groups, choices or anything rare has none. Never slow: a pattern
is read once, from the left, and what is made of it is short.
"""

from __future__ import annotations

import re

from console.infra.patterns import TooLongError, is_matched

LONGEST_PATTERN = 200
MOST_REPEATED = 12
LIKED = "1aA-"
KINDS = {"d": "1", "w": "a", "s": " "}
ATOM = re.compile(r"\[(?P<set>\^?(?:\\.|[^\]\\])+)\]|\\(?P<escaped>.)|(?P<plain>[^\\()\[\]|?*+{}^$])")
COUNT = re.compile(r"\{(?P<least>\d+)(?:,\d*)?\}|(?P<sign>[?*+])")


def example_of(pattern: str) -> str:
    """A short text that fits; empty where none was found."""
    body = pattern[:LONGEST_PATTERN].removeprefix("^").removesuffix("$")
    made, at = "", 0
    while at < len(body):
        atom = ATOM.match(body, at)
        if atom is None:
            return ""
        letter, at = _letter(atom), atom.end()
        count = COUNT.match(body, at)
        at = count.end() if count is not None else at
        made += letter * _times(count)
    try:
        return made if made and is_matched(pattern, made) else ""
    except TooLongError:
        return ""


def _letter(atom: re.Match[str]) -> str:
    if atom["plain"] is not None:
        return "a" if atom["plain"] == "." else atom["plain"]
    if atom["escaped"] is not None:
        return KINDS.get(atom["escaped"], atom["escaped"])
    one_of = re.compile(f"[{atom['set']}]")
    return next((each for each in (*LIKED, *map(chr, range(33, 127))) if one_of.fullmatch(each)), "")


def _times(count: re.Match[str] | None) -> int:
    if count is None:
        return 1
    return max(1, min(int(count["least"]), MOST_REPEATED)) if count["least"] else 1
