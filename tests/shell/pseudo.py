"""Opens every screen in a language that nobody speaks, and prints, a line each, what is shown in another.

Run as a program: the language is chosen before anything that speaks is loaded, so no test of this process hears it.
"""

# ruff: noqa: E402 - the language is chosen first

from __future__ import annotations

import ast
import asyncio
import enum
import gettext
import html
import re
import string
import sys
from typing import Any

from console.domain import language

OPEN, SHUT = "⟦", "⟧"


class Pseudo(gettext.NullTranslations):
    """Every text in brackets, and a third longer; placeholders stay."""

    def gettext(self, message: str) -> str:
        if message.startswith(OPEN):
            return message
        parts = string.Formatter().parse(message)
        letters = sum(len(text) for text, *_ in parts)
        edge = len(message) - len(message.rstrip())
        kept = message[: len(message) - edge]
        lead = kept[: len(kept) - len(kept.lstrip())]
        return f"{lead}{OPEN}{kept.lstrip()}{'·' * (letters * 3 // 10)}{SHUT}{message[len(message) - edge :]}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


language.speak(Pseudo())
given: set[str] = set()


def noting_values(said: str, /, **values: object) -> str:
    """As `tr`, and notes the texts that it is given to put in."""
    given.update(each for each in values.values() if isinstance(each, str) and not isinstance(each, enum.Enum))
    return language_tr(said, **values)


language_tr = language.tr
vars(language)["tr"] = noting_values

from console.qtkit import layout, paint
from console.qtkit.words import plain

drawn: set[str] = set()


def noting(paint_it: Any, place: int) -> Any:  # noqa: ANN401 - takes and returns whatever paints
    """What paints, and notes beforehand what it is given to paint."""

    def noted(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        drawn.add(plain(args[place]))
        return paint_it(*args, **kwargs)

    return noted


# Before the others take them by name.
for module, name, place in ((paint, "draw_text", 3), (layout, "lay_out", 0)):
    setattr(module, name, noting(getattr(module, name), place))

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAccessible, QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QTabBar,
    QWidget,
)

from console import samples
from console.engines import fake
from console.engines.fake.worlds import WORLDS, World
from console.qtkit.resources import resource
from console.qtkit.theme import Theme
from console.screens.inbox.reasons import OFFERED
from console.shell.matrix import Matrix
from console.shell.settings_parts import PARTS
from console.shell.window import MainWindow

MOST_ROWS = 40
# From how many characters on a piece may be a part of a longer text.
CUT = 12
MOST_LOOKS, ENOUGH_LOOKS, LOOK_AGAIN = 12, 2, 0.03
READING = f"{OPEN}Reading"
EDGES = " .!?-–—+*'\"`{}#"
# What the matrix says of a demo, examples of addresses, and what a service says with a name in it and also stores.
GIVEN = ("A server, a worker and sample runs", "About ten seconds", "temporal.example.com", "default", "is away")
BRACKETED = re.compile(f"{OPEN}[^{OPEN}{SHUT}]*{SHUT}")
SEPARATOR = re.compile(r"[·,.:;|…“”‘’()\[\]\n\t↵→–×/=<>&+]|\s{2,}")
# Names, units, and signs that are the same in every language, and what is an input of the keyboard.
SAME = re.compile(
    r"(?:Clearance|Temporal|LangGraph|TLS|JSON|API|PEM|HTML|Ctrl|Shift|Alt|Esc|Enter|Space|Del|Tab|F\d+|[A-Z]|UTC|ms|min|h|s|m|d|k|kB|KB|MB|B"
    r"|EUR|USD|[0-9a-f]{4}|[0-9a-f]{8}|null|\d+|[%.+\-!?'\"*↑↓←→⇧⌃ ])+"
)


def texts_of(held: object, seen: set[int]) -> Iterator[str]:
    """Every text that an object holds, however deep."""
    if isinstance(held, (str, bytes)):
        yield held if isinstance(held, str) else held.decode(errors="replace")
        return
    if id(held) in seen or isinstance(held, (type, enum.Enum)) or callable(held):
        return
    seen.add(id(held))
    if isinstance(held, Mapping):
        for key, value in list(held.items()):
            yield from texts_of(key, seen)
            yield from texts_of(value, seen)
    elif isinstance(held, (list, tuple, set, frozenset)):
        for each in list(held):
            yield from texts_of(each, seen)
    else:
        for name in (*getattr(held, "__dict__", {}), *getattr(type(held), "__slots__", ())):
            yield from texts_of(getattr(held, name, None), seen)


def words_of(widget: QWidget) -> Iterator[str]:
    """What a person reads on one widget, or hears of it."""
    said = QAccessible.queryAccessibleInterface(widget)
    yield from (widget.toolTip(), widget.windowTitle(), said.text(QAccessible.Text.Name))
    yield said.text(QAccessible.Text.Description)
    match widget:
        case QAbstractButton() | QLabel():
            yield widget.text()
        case QLineEdit():
            yield widget.placeholderText()
        case QAbstractSpinBox():
            yield widget.suffix() if hasattr(widget, "suffix") else ""
        case QComboBox():
            yield from (widget.itemText(place) for place in range(widget.count()))
        case QMenu():
            yield widget.title()
        case QTabBar():
            yield from (widget.tabText(place) for place in range(widget.count()))
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        children = (said.child(place) for place in range(min(said.childCount(), MOST_ROWS)))
        yield from (each.text(QAccessible.Text.Name) for each in children)


class Reader(Matrix):
    """Takes no pictures: notes what stands on each screen in words that were not translated."""

    known: Known

    def __init__(self, worlds: Iterable[str], found: dict[str, str]) -> None:
        super().__init__(Path(), worlds, samples.open_world, self._miss, settle=0.01)
        self._found = found

    def _miss(self, said: str) -> None:
        sys.stderr.write(f"{said}\n")

    async def _picture(self, theme: Theme, window: MainWindow, name: str) -> None:  # noqa: ARG002 - as it is called
        over = QApplication.activeModalWidget()
        await self._note(name, over or window)
        if over is not None:
            over.close()
        if name.startswith("settings-"):
            for part in PARTS:
                dialog = window.open_settings(part.part_id)
                await self._note(f"{name}, {part.part_id}", dialog)
                dialog.close()

    async def _note(self, name: str, top: QWidget) -> None:
        """Read what is there once nothing is being read by it any more, and nothing new has come."""
        before, quiet = 0, 0
        for _ in range(MOST_LOOKS):
            await asyncio.sleep(LOOK_AGAIN)
            drawn.clear()
            top.grab()
            is_same = len(drawn) == before and not any(READING in text for text in drawn)
            before, quiet = len(drawn), quiet + 1 if is_same else 0
            if quiet == ENOUGH_LOOKS:
                break
        for text in drawn | said_by(top) | given:
            for piece in untranslated(text, self.known):
                self._found.setdefault(piece, f"{name}: {text[:160]!r}")


def said_by(top: QWidget) -> set[str]:
    """What the parts of a window say of themselves."""
    said: set[str] = set()
    for widget in (top, *top.findChildren(QWidget)):
        if widget.isVisible():
            said.update(words_of(widget))
    for action in top.findChildren(QAction):
        said.update((action.text().partition("\t")[0].replace("&", ""), action.toolTip()))
    return said


def untranslated(text: str, known: Known) -> Iterator[str]:
    """The pieces of a text that are outside of brackets and are neither the engine's nor the same in every language."""
    rest = html.unescape(re.sub(r"^<span>(.*)</span>$", r"\1", text))
    while rest != (less := BRACKETED.sub("\n", rest)):
        rest = less
    # What was cut has lost its end.
    rest = re.sub(f"{OPEN}[^{OPEN}{SHUT}]*…$", "", rest)
    for piece in SEPARATOR.split(rest):
        word = re.sub(r"^[AB] (?!server)", "", piece.strip(EDGES))
        if (
            re.search(r"[A-Za-z]{2,}", word)
            and not SAME.fullmatch(word)
            and not known.has(word, is_cut=f"{word}…" in text)
        ):
            yield word


class Known:
    """What is said by others than the program: what engines hold and tell, and what a person keeps."""

    def __init__(self, texts: Iterable[str]) -> None:
        held = [text.casefold() for text in texts]
        self._whole = "\n".join(held)
        self._pieces = {piece.strip(EDGES) for text in held for piece in SEPARATOR.split(text)}
        self._pieces |= {word for piece in self._pieces for word in piece.split(" ") if re.search(r"[\d_.-]", word)}

    def has(self, piece: str, *, is_cut: bool = False) -> bool:
        """Whether this is one of their texts, a part of one that stands by itself, or the beginning of a long one."""
        said = piece.casefold()
        is_part = (is_cut or len(said) >= CUT) and said in self._whole
        # Names and values of arguments stand one after the other, in one line; a fingerprint has # for its numbers.
        is_listed = bool(re.search(r"[\d#-]", said)) and all(
            word in self._whole for word in said.split(" ") if word != "#"
        )
        return said in self._pieces or is_part or is_listed


def made(name: str) -> World:
    """A world; from now on what it holds is known."""
    world = WORLDS[name]()
    sources = [ast.parse(module.read_text()) for module in Path(fake.__file__).parent.glob("*.py")]
    engine = [str(each.value) for tree in sources for each in ast.walk(tree) if isinstance(each, ast.Constant)]
    pages = [page.read_text().partition("\n")[0] for page in resource("help").glob("*.md")]
    told = [
        *texts_of(world.servers, set()),
        *texts_of(samples.DANA, set()),
        *(text for text in engine if " " in text and text.endswith((".", "…", ">"))),
    ]
    Reader.known = Known([*told, *GIVEN, *OFFERED, *pages])
    return world


def main() -> int:
    """Print what is left; 0 if nothing is."""
    vars(samples)["WORLDS"] = {name: partial(made, name) for name in sys.argv[1:]}
    found: dict[str, str] = {}
    Reader(sys.argv[1:], found).run()
    for piece, where in sorted(found.items()):
        sys.stdout.write(f"{piece!r} in {where}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
