"""A hand-off as blocks of a card: what the next step used, and first of all what it lost.

Invariant: a caveat or a question that did not reach the next step is a note of its own; a fact that was merely not used
is named in passing.
"""

from __future__ import annotations

from console.domain.display import clip
from console.domain.language import counted, tr
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
    used, count = parts_used(hand_off)
    if count:
        what = (
            Span(tr("{to_step} used ", to_step=brief(hand_off.to_step))),
            strong(tr("{used} of {count}", used=used, count=count)),
            Span(tr(" parts")),
        )
        blocks.append(Share(used / count, what))
    lost_caveats, lost_questions = lost(hand_off)
    kept_caveats = [caveat for caveat in hand_off.caveats if caveat not in lost_caveats]
    kept_questions = [asked for asked in hand_off.open_questions if asked not in lost_questions]
    blocks += [_remark(tr("Caveat dropped:"), caveat, Tone.HIGH) for caveat in lost_caveats]
    blocks += [_remark(tr("Question dropped:"), asked, Tone.HIGH) for asked in lost_questions]
    blocks += [_remark(tr("Caveat handed over:"), caveat, Tone.MEDIUM) for caveat in kept_caveats]
    blocks += [_remark(tr("Question handed over:"), asked, Tone.MEDIUM) for asked in kept_questions]
    named = [brief(name, NAME_LIMIT) for name in parts_dropped(hand_off)]
    if named:
        more = tr(" and {more} more", more=len(named) - NAMES_SHOWN) if len(named) > NAMES_SHOWN else ""
        blocks.append(Paragraph((quiet(tr("Not used: ")), Span(", ".join(named[:NAMES_SHOWN]) + more)), FOLDED_LINES))
    if is_unfolded:
        used_names = set(hand_off.used)
        blocks += value_blocks(
            tr("Parts"), {key: tr("used") if key in used_names else tr("not used") for key in hand_off.keys}
        )
    return tuple(blocks)


def lost(hand_off: HandOff) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The caveats and the questions that did not reach the next step: named one by one, or all of a kind."""
    gone = {*hand_off.dropped, *hand_off.dropped_caveats, *hand_off.dropped_questions}
    caveats = tuple(text for text in hand_off.caveats if text in gone or LOSABLE[0] in gone)
    questions = tuple(text for text in hand_off.open_questions if text in gone or LOSABLE[1] in gone)
    return caveats, questions


def parts_dropped(hand_off: HandOff) -> tuple[str, ...]:
    """The facts that the next step did not read."""
    told = {*hand_off.caveats, *hand_off.open_questions, *LOSABLE}
    return tuple(name for name in hand_off.dropped if name not in told)


def parts_used(hand_off: HandOff) -> tuple[int, int]:
    """How many of the facts, caveats and questions handed over the next step read, and how many there were."""
    gone_caveats, gone_questions = lost(hand_off)
    remarks = len(hand_off.caveats) + len(hand_off.open_questions)
    facts = [key for key in hand_off.keys if key not in LOSABLE]
    used = sum(key in hand_off.used for key in facts)
    return used + remarks - len(gone_caveats) - len(gone_questions), len(facts) + remarks


def lost_words(hand_off: HandOff) -> str:
    """What was lost, counted: ``2 caveats, 1 question dropped``; empty where nothing was."""
    caveats, questions = map(len, lost(hand_off))
    told = [
        *([counted(caveats, "caveat")] if caveats else ()),
        *([counted(questions, "question")] if questions else ()),
    ]
    return tr("{listed} dropped", listed=", ".join(told)) if told else ""


def used_words(hand_off: HandOff) -> str:
    """How much was used, in words: ``3 of 5 parts used``; empty where nothing was handed over."""
    used, count = parts_used(hand_off)
    return tr("{used} of {counted} used", used=used, counted=counted(count, "part")) if count else ""


def _remark(word: str, text: str, tone: Tone) -> Note:
    icon = "triangle-alert" if tone is Tone.HIGH else "info"
    return Note((strong(f"{word} "), Span(clip(text, REMARK_LIMIT).text)), tone, icon)
