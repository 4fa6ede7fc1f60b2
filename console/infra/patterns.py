"""Regular expressions from engines: refused where they could run for ever, bounded where they could be slow.

Python's matcher backtracks and cannot be interrupted. Invariant: a pattern that `slow_pattern` lets through has no
repeat within a repeat and at most `MOST_OPEN` open ones, so matching takes at most about (length of the text) to the
power of their number; `is_matched` refuses texts for which that is more than `MOST_STEPS`.
"""

from __future__ import annotations

import re

MOST_CHARACTERS = 200
MOST_OPEN = 3
MOST_STEPS = 1e8
BOUNDED_REPEAT = 10

ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)")
CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
REPEAT = re.compile(r"[*+?]\??|\{\d*,?\d*\}\??")
BACKREFERENCE = re.compile(r"\\[1-9]|\(\?P=")


class TooLongError(ValueError):
    """The text is too long for its pattern."""


def slow_pattern(pattern: str) -> str:
    """Why a pattern is refused, in words; empty when it is not."""
    if len(pattern) > MOST_CHARACTERS:
        return f"A pattern has {len(pattern)} characters; {MOST_CHARACTERS} are the most."
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"The pattern {pattern[:60]} cannot be used: {error}."
    if BACKREFERENCE.search(pattern) or _repeats_within_repeat(pattern):
        return f"The pattern {pattern[:60]} repeats within a repeat and could run for ever."
    if open_repeats(pattern) > MOST_OPEN:
        return f"The pattern {pattern[:60]} has more than {MOST_OPEN} open repeats and could run for ever."
    return ""


def is_matched(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text. Raises TooLongError where finding out could take seconds."""
    power = open_repeats(pattern) + (0 if pattern.startswith("^") else 1)
    if power > 1 and len(text) > MOST_STEPS ** (1 / power):
        raise TooLongError
    return re.search(pattern, text) is not None


def open_repeats(pattern: str) -> int:
    """How many repeats have no bound, or a large one."""
    return sum(1 for repeat in REPEAT.finditer(_bare(pattern)) if _is_open(repeat.group()))


def _bare(pattern: str) -> str:
    """The pattern with every escape and class as one letter, so that only its structure is left."""
    return CLASS.sub("x", ESCAPE.sub("x", pattern)).replace("(?", "(")


def _is_open(repeat: str) -> bool:
    if repeat[0] in "*+":
        return True
    low, comma, high = repeat.strip("{}?+").partition(",")
    return bool(comma and not high) or int(high or low or 0) > BOUNDED_REPEAT


def _repeats_within_repeat(pattern: str) -> bool:
    """Whether a repeated group holds a repeat or a choice, as (a+)+ and (a|a)* do."""
    bare = _bare(pattern)
    inner: list[bool] = []
    for place, character in enumerate(bare):
        if character == "(":
            inner.append(False)
        elif character == ")" and inner:
            has_repeat = inner.pop()
            repeat = REPEAT.match(bare, place + 1)
            if has_repeat and repeat is not None and repeat.group()[0] != "?":
                return True
            if inner:
                inner[-1] = inner[-1] or has_repeat or repeat is not None
        elif inner and character in "*+{|":
            inner[-1] = True
    return False
