"""A hand-off as blocks of a card: what the next step used, and first of all what it lost.

Invariant: a caveat or a question that did not reach the next step is a note of its own; a fact that was merely not used
is named in passing.
"""

from __future__ import annotations

from console.domain.display import clip
from console.domain.run import HandOff
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, quiet, strong
from console.screens.run.blocks import FOLDED_LINES, Block, Note, Paragraph, Share, value_blocks
from console.screens.run.values import brief

LOSABLE = ("caveats", "open questions")
NAMES_SHOWN = 8
NAME_LIMIT = 40
REMARK_LIMIT = 600


def hand_off_blocks(hand_off: HandOff, *, is_unfolded: bool) -> tuple[Block, ...]:
    """The blocks of a hand-off."""
    blocks: list[Block] = []
    used, keys = len(hand_off.used), len(hand_off.keys)
    if keys:
        what = (Span(f"{brief(hand_off.to_step)} used "), strong(f"{used} of {keys}"), Span(" parts"))
        blocks.append(Share(min(1.0, used / keys), what))
    lost_caveats, lost_questions = lost(hand_off)
    kept_caveats = [caveat for caveat in hand_off.caveats if caveat not in lost_caveats]
    kept_questions = [asked for asked in hand_off.open_questions if asked not in lost_questions]
    blocks += [_remark("Caveat dropped:", caveat, Tone.HIGH) for caveat in lost_caveats]
    blocks += [_remark("Question dropped:", asked, Tone.HIGH) for asked in lost_questions]
    blocks += [_remark("Caveat handed over:", caveat, Tone.MEDIUM) for caveat in kept_caveats]
    blocks += [_remark("Question handed over:", asked, Tone.MEDIUM) for asked in kept_questions]
    told = {*hand_off.caveats, *hand_off.open_questions, *LOSABLE}
    named = [brief(name, NAME_LIMIT) for name in hand_off.dropped if name not in told]
    if named:
        more = f" and {len(named) - NAMES_SHOWN} more" if len(named) > NAMES_SHOWN else ""
        blocks.append(Paragraph((quiet("Not used: "), Span(", ".join(named[:NAMES_SHOWN]) + more)), FOLDED_LINES))
    if is_unfolded:
        used_names = set(hand_off.used)
        blocks += value_blocks("Parts", {key: "used" if key in used_names else "not used" for key in hand_off.keys})
    return tuple(blocks)


def lost(hand_off: HandOff) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The caveats and the questions that did not reach the next step: named one by one, or all of a kind."""
    gone = set(hand_off.dropped)
    caveats = tuple(text for text in hand_off.caveats if text in gone or LOSABLE[0] in gone)
    questions = tuple(text for text in hand_off.open_questions if text in gone or LOSABLE[1] in gone)
    return caveats, questions


def _remark(word: str, text: str, tone: Tone) -> Note:
    icon = "triangle-alert" if tone is Tone.HIGH else "info"
    return Note((strong(f"{word} "), Span(clip(text, REMARK_LIMIT).text)), tone, icon)
