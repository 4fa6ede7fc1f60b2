"""A row of the trail as a card: what stands in its head, and the blocks under it. Pure, so that it is tested as data.

Invariant: a card is bounded whatever its entry holds: folded it has a few lines, unfolded at most ``LIMIT`` characters
of each part, and it says when there is more. Everything an engine wrote is plain, visible text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from console.domain.ages import clock
from console.domain.canonical import Json
from console.domain.display import clip, one_line
from console.domain.language import tr
from console.domain.run import TrailEntry, TrailKind
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, data, quiet, strong
from console.screens.run.blocks import (
    Block,
    Columns,
    Grid,
    Label,
    Note,
    Paragraph,
    text_blocks,
    value_blocks,
)
from console.screens.run.hand_off_card import hand_off_blocks, lost, lost_words
from console.screens.run.trail import Row
from console.screens.run.values import BRIEF, brief, is_list, size_word

GRID_ROWS = 3
GRID_CELLS = 3
NAME_LIMIT = 40
HEAD_LIMIT = 160
KILO = 1_000
HUNDREDTH = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is painted for one row. ``can_unfold`` when there is more than the folded card shows."""

    icon: str
    tone: Tone
    head: tuple[Span, ...]
    right: tuple[Span, ...]
    blocks: tuple[Block, ...]
    can_unfold: bool
    is_dashed: bool = False

    @property
    def is_single_line(self) -> bool:
        """Whether it is a head only."""
        return not self.blocks


_K = TrailKind
LOOKS: dict[TrailKind, tuple[str, str, Tone]] = {
    _K.PROMPT: (tr("Prompt"), "message-square", Tone.SECOND),
    _K.RESPONSE: (tr("Response"), "bot", Tone.SECOND),
    _K.REASONING: (tr("Reasoning"), "brain", Tone.SECOND),
    _K.TOOL_CALL: (tr("Tool call"), "wrench", Tone.SECOND),
    _K.STATE_CHANGE: (tr("State change"), "database", Tone.SECOND),
    _K.HAND_OFF: (tr("Hand-off"), "arrow-left-right", Tone.SECOND),
    _K.GUARDRAIL: (tr("Guardrail"), "shield-check", Tone.SECOND),
    _K.RETRY: (tr("Retry"), "rotate-ccw", Tone.HIGH),
    _K.FAILED_ATTEMPT: (tr("Failed attempt"), "circle-x", Tone.CRITICAL),
    _K.ESCALATION: (tr("Escalation"), "hourglass", Tone.PERSON),
    _K.DECISION: (tr("Decision"), "gavel", Tone.PERSON),
    _K.EFFECT: (tr("Effect"), "check-check", Tone.OK),
    _K.NOTE: (tr("Note"), "info", Tone.SECOND),
}
QUOTED = frozenset({_K.REASONING})
CALLS = frozenset({_K.TOOL_CALL, _K.EFFECT})
ARGUMENTS = ("arguments", "args", "input")
RESULT = ("result", "output")
ERROR = "error"


def card(row: Row, *, is_unfolded: bool = False) -> Card:
    """The card of a row."""
    if row.is_folded:
        return _attempts(row, is_unfolded=is_unfolded)
    entry = row.entry
    word, icon, tone = LOOKS[entry.kind]
    if entry.is_failed and entry.kind is not _K.FAILED_ATTEMPT:
        icon, tone = ("shield-x" if entry.kind is _K.GUARDRAIL else "octagon-x"), Tone.CRITICAL
    if row.hand_off is not None:
        tone = Tone.HIGH if any(lost(row.hand_off)) else tone
    blocks, can_unfold = _blocks(row, is_unfolded=is_unfolded)
    if entry.whole is not None:
        words = tr("The beginning of {size}. Copying asks the run for all of it.", size=size(entry.whole.size))
        blocks = (*blocks, Note((Span(words),), Tone.MEDIUM, "info"))
    return Card(
        icon=icon,
        tone=tone,
        head=(strong(word), *_head(row)),
        right=_right(row),
        blocks=blocks,
        can_unfold=can_unfold,
        is_dashed=entry.kind is _K.FAILED_ATTEMPT,
    )


def _head(row: Row) -> tuple[Span, ...]:
    """What comes after the kind: its title or its ends, who, which attempt, tokens and cost, how large."""
    entry, hand_off = row.entry, row.hand_off
    title = _title(entry) if hand_off is None else one_line(f"{hand_off.from_step} → {hand_off.to_step}"[:HEAD_LIMIT])
    is_name = entry.kind in CALLS and " " not in title
    told = [data(title) if is_name else quiet(title)] if title else []
    agent = one_line(entry.agent[:HEAD_LIMIT])
    said = [agent] if agent and not title.endswith(agent) else []
    if entry.attempt > 1:
        said.append(tr("attempt {attempt}", attempt=entry.attempt))
    if entry.tokens:
        said.append(tr("{tokens:,} token{said}", tokens=entry.tokens, said="" if entry.tokens == 1 else "s"))
    if entry.cost:
        said.append(tr("cost {cost}", cost=cost(entry.cost)))
    if hand_off is not None and hand_off.size:
        said.append(size(hand_off.size))
    spans = [*told, *(quiet(part) for part in said)]
    return tuple(piece for span in spans for piece in (quiet("  " if span is spans[0] else " · "), span))


def _title(entry: TrailEntry) -> str:
    """The title without the word of its kind, which stands before it anyway."""
    title = one_line(entry.title[:HEAD_LIMIT]).strip()
    word = LOOKS[entry.kind][0]
    if title.casefold() == word.casefold():
        return ""
    return title[len(word) :].lstrip(" :") if title.casefold().startswith(f"{word.casefold()} ") else title


def size(count: int) -> str:
    """A number of bytes: ``340 B``, ``8.4 KB``, ``5.0 MB``."""
    if count >= KILO * KILO:
        return tr("{count:,.1f} MB", count=count / KILO / KILO)
    return tr("{count:,} B", count=count) if count < KILO else tr("{count:,.1f} KB", count=count / KILO)


def cost(amount: float) -> str:
    """An amount in the engine's own unit: two decimals, four where it is less than a hundredth."""
    return f"{amount:,.2f}" if amount >= HUNDREDTH else f"{amount:.4f}"


def _right(row: Row) -> tuple[Span, ...]:
    entry = row.entry
    pieces: list[Span] = []
    took = entry.data.get("took_ms")
    if entry.kind in CALLS:
        state = tr("failed") if entry.is_failed else tr("ok")
        timed = (
            tr("{state}, {took:,.0f} ms", state=state, took=took)
            if isinstance(took, int | float) and not isinstance(took, bool)
            else state
        )
        pieces = [Span(timed, tone=Tone.CRITICAL, icon="octagon-x")] if entry.is_failed else []
        pieces = pieces or [Span(timed, tone=Tone.OK, icon="circle-check")]
    if row.hand_off is not None:
        words = lost_words(row.hand_off)
        pieces = [Span(words, is_strong=True, tone=Tone.HIGH, icon="triangle-alert")] if words else []
    if entry.at is not None:
        pieces += [quiet(" · ")] if pieces else []
        pieces.append(data(clock(entry.at), Tone.QUIET))
    return tuple(pieces)


def _blocks(row: Row, *, is_unfolded: bool) -> tuple[tuple[Block, ...], bool]:
    """The blocks of a card, and whether it can be folded out."""
    entry = row.entry
    if row.hand_off is not None or entry.kind is _K.HAND_OFF:
        return _hand_off(row, is_unfolded=is_unfolded)
    arguments, result, rest = _parts(entry)
    text, is_more = text_blocks(entry.text, is_unfolded=is_unfolded, is_quoted=entry.kind in QUOTED)
    if is_unfolded:
        values = ((tr("Arguments"), arguments), (tr("Result"), result), (tr("Data"), rest))
        return (*text, *(block for label, value in values for block in value_blocks(label, value))), True
    if arguments is not None and result is not None:
        columns = Columns(_grid(tr("Arguments"), arguments), _grid(tr("Result"), result))
        is_deep = _is_deep(arguments, NAME_LIMIT) or _is_deep(result, NAME_LIMIT)
        return (*text, columns), is_more or is_deep or bool(rest)
    for label, value in ((tr("Arguments"), arguments), (tr("Result"), result)):
        if value is not None:
            return (*text, _grid(label, value)), is_more or _is_deep(value, BRIEF) or bool(rest)
    if rest and not text:
        return (_grid("", rest),), _is_deep(rest, BRIEF)
    return text, is_more or bool(rest)


def _parts(entry: TrailEntry) -> tuple[Json, Json, dict[str, Json]]:
    """Arguments, result and what else there is in the data."""
    names = {name: value for name, value in entry.data.items() if name != "took_ms"}
    arguments = next((names.pop(name) for name in ARGUMENTS if name in names), None)
    result = next((names.pop(name) for name in RESULT if name in names), None)
    if result is None and ERROR in names:
        result = {ERROR: names.pop(ERROR)}
    return arguments, result, names


def _grid(label: str, value: Json) -> Grid:
    """The first rows of a value as a table: names and values, or the rows of a list."""
    if isinstance(value, Mapping):
        pairs = [(brief(name, NAME_LIMIT), _cell(inner)) for name, inner in islice(value.items(), GRID_ROWS)]
        return Grid(_of(label, len(pairs), len(value), "values"), tuple(pairs))
    if isinstance(value, Sequence) and not isinstance(value, str):
        listed = [_cells(inner) for inner in islice(value, GRID_ROWS)]
        return Grid(_of(label, len(listed), len(value), "rows"), tuple(listed), is_named=False)
    return Grid(label, ((brief(value),),), is_named=False)


def _cells(value: Json) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return tuple(_cell(inner) for inner in list(value.values())[:GRID_CELLS])
    return (_cell(value),)


def _cell(value: Json) -> str:
    shown = brief(value)
    return shown if not is_list(value) or shown == "[]" or len(shown) < NAME_LIMIT else size_word(value)


def _of(label: str, shown: int, total: int, what: str) -> str:
    return (
        label
        if shown == total
        else tr("{label}, {shown} of {total:,} {what}", label=label, shown=shown, total=total, what=what).lstrip(", ")
    )


def _is_deep(value: Json, room: int) -> bool:
    """Whether a folded card with room for so many characters leaves something of the value out."""
    if isinstance(value, Mapping):
        return len(value) > GRID_ROWS or any(len(brief(inner, room + 1)) > room for inner in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return True
    return len(brief(value, room + 1)) > room


def _hand_off(row: Row, *, is_unfolded: bool) -> tuple[tuple[Block, ...], bool]:
    entry, hand_off = row.entry, row.hand_off
    text, is_more = text_blocks(entry.text, is_unfolded=is_unfolded)
    if hand_off is not None:
        return (*text, *hand_off_blocks(hand_off, is_unfolded=is_unfolded)), is_more or bool(hand_off.keys)
    rest = {name: value for name, value in entry.data.items() if name not in {"from", "to"}}
    return (*text, *(value_blocks(tr("Data"), rest) if is_unfolded else ())), is_more or bool(rest)


def _attempts(row: Row, *, is_unfolded: bool) -> Card:
    first, last = row.entries[0], row.entries[-1]
    title = one_line((last.text or last.title)[:HEAD_LIMIT])
    begin, end = (clock(each.at) if each.at is not None else "" for each in (first, last))
    when = data(f"{begin} – {end}" if begin and end and begin != end else begin or end, Tone.QUIET)
    blocks: tuple[Block, ...] = ()
    if is_unfolded:
        blocks = tuple(block for entry in row.entries for block in _attempt(entry))
    return Card(
        icon="circle-x",
        tone=Tone.CRITICAL,
        head=(strong(tr("{count} failed attempts", count=len(row.entries))), quiet("  "), quiet(title)),
        right=(when,),
        blocks=blocks,
        can_unfold=True,
        is_dashed=True,
    )


def _attempt(entry: TrailEntry) -> tuple[Block, ...]:
    at = clock(entry.at) if entry.at is not None else ""
    name = tr("Attempt {attempt}", attempt=entry.attempt) if entry.kind is _K.FAILED_ATTEMPT else LOOKS[entry.kind][0]
    title = one_line(entry.title[:HEAD_LIMIT])
    told = (at, title) if title.startswith(name) else (at, name, title)
    head = Label(" · ".join(part for part in told if part))
    text = (Paragraph((Span(clip(entry.text, 2_000).text),)),) if entry.text else ()
    return (head, *text, *value_blocks(tr("Data"), entry.data or None))
