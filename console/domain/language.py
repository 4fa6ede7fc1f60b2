"""Words for people in their language: one catalogue for the process, and English where it has none.

Invariant: English is the key, so it is what is stored, signed, sent and searched; only what is shown goes through here,
and only the window chooses a language: workers, the command line and what others verify stay English. A value is never
taken for a template. A translation may use the placeholders of its English and no others, each as it is written there;
one that does not, or that fails with the values, gives way to the English. Nothing here raises for a bad catalogue.

A catalogue is chosen once, before what speaks is imported: words of modules are looked up as these are loaded.
"""

from __future__ import annotations

import enum
import gettext
import os
import string
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

VARIABLE = "CLEARANCE_LANGUAGE"
CATALOGUE = "clearance"

_PACKAGE = Path(__file__).resolve().parent.parent
# Inside an installed or bundled product, and beside the package in a checkout.
FOLDERS = (_PACKAGE / "resources" / "translations", _PACKAGE.parent / "resources" / "translations")

_english = gettext.NullTranslations()
_catalogue: gettext.NullTranslations = _english


def tr(words: str, /, **values: object) -> str:
    """``words`` in the language of this process, with ``values`` in their places; without values they stand as written.

    A value that is a word of ours (a text of an enumeration) is translated too.
    """
    said = _catalogue.gettext(words) if words else words
    return _filled(said, words, values) if values else said


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: ``1 item``, ``1,200 items``. ``many`` is for nouns that do not end in s."""
    single, several = f"{{number:,}} {one}", f"{{number:,}} {many or one + 's'}"
    try:
        said = _catalogue.ngettext(single, several, number)
    except ArithmeticError:
        said = _english.ngettext(single, several, number)
    return _filled(said, single if number == 1 else several, {"number": number})


def choose(environment: Mapping[str, str] = os.environ, folders: Sequence[Path] = FOLDERS) -> None:
    """Speak the language that ``CLEARANCE_LANGUAGE`` names, else the system's, as far as there is a catalogue of it."""
    wanted = environment.get(VARIABLE, "")
    speak(_found([wanted] if wanted else None, folders))


def speak(catalogue: gettext.NullTranslations | None) -> None:
    """Take the words from this catalogue; without one they are English."""
    global _catalogue  # noqa: PLW0603 - one language per process
    _catalogue = catalogue or _english


def places(words: str) -> frozenset[tuple[str, str]]:
    """The placeholders of a text with their forms. Raises ValueError for one that is no plain name, or is no text."""
    found = set()
    for _text, name, form, conversion in string.Formatter().parse(words):
        if name is None:
            continue
        if not name.isidentifier() or conversion or "{" in (form or ""):
            raise ValueError(name)
        found.add((name, form or ""))
    return frozenset(found)


def _filled(said: str, english: str, values: Mapping[str, object]) -> str:
    shown = {name: _shown(value) for name, value in values.items()}
    if said != english and _fits(said, english):
        return said.format(**shown)
    return english.format(**shown)


@lru_cache(maxsize=4096)
def _fits(said: str, english: str) -> bool:
    try:
        return places(said) <= places(english)
    except ValueError:
        return False


def _shown(value: object) -> object:
    return _catalogue.gettext(value) if isinstance(value, str) and isinstance(value, enum.Enum) and value else value


def _found(languages: list[str] | None, folders: Sequence[Path]) -> gettext.NullTranslations | None:
    for folder in folders:
        try:
            return gettext.translation(CATALOGUE, folder, languages)
        except (OSError, ValueError, LookupError, struct.error):
            continue
    return None
