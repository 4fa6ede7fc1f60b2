"""What is shown in another language, whatever its catalogue holds; and what never is."""

from __future__ import annotations

import gettext
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from console.domain import language
from console.domain.language import choose, counted, speak, tr
from console.domain.risk import Risk
from console.domain.run import RunStatus

PLURAL = "Plural-Forms: nplurals=2; plural=(n != 1);\nContent-Type: text/plain; charset=UTF-8\n"


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    speak(None)


def compiled(words: Mapping[str, str]) -> bytes:
    """A catalogue as `msgfmt` writes it."""
    entries = [(key.encode(), value.encode()) for key, value in sorted({"": PLURAL, **words}.items())]
    start = 28 + 16 * len(entries)
    table, data = b"", b""
    for place in (0, 1):
        for entry in entries:
            table += struct.pack("<II", len(entry[place]), start + len(data))
            data += entry[place] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(entries), 28, 28 + 8 * len(entries), 0, start)
    return head + table + data


def install(folder: Path, words: Mapping[str, str], name: str = "de") -> None:
    place = folder / name / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "clearance.mo").write_bytes(compiled(words))


def test_english_is_spoken_without_a_catalogue_and_values_are_never_templates() -> None:
    assert tr("Close {what}") == "Close {what}"
    assert tr("{name} waits {times:,} times", name="{name} {0} {x.__class__}", times=1_200) == (
        "{name} {0} {x.__class__} waits 1,200 times"
    )
    assert [counted(n, "item") for n in (0, 1, 1_200)] == ["0 items", "1 item", "1,200 items"]
    assert counted(2, "entry", "entries") == "2 entries"
    assert tr("It is {state}", state=RunStatus.WAITS) == f"It is {RunStatus.WAITS}"


def test_the_environment_names_the_language_and_an_unknown_one_is_english(tmp_path: Path) -> None:
    install(
        tmp_path,
        {
            "Close": "Schließen",
            "{name} waits {age}": "Seit {age} wartet {name}",
            "{number:,} item\0{number:,} items": "{number:,} Sache\0{number:,} Sachen",
            str(RunStatus.WAITS): "wartet",
        },
    )
    choose({language.VARIABLE: "de"}, (tmp_path / "none", tmp_path))
    assert tr("Close") == "Schließen"
    assert tr("{name} waits {age}", name="{age}", age="3 m") == "Seit 3 m wartet {age}"
    assert [counted(n, "item") for n in (1, 1_200)] == ["1 Sache", "1,200 Sachen"]
    assert tr("{what}: {state}", what="waits", state=RunStatus.WAITS) == "waits: wartet"
    assert tr("") == ""
    choose({language.VARIABLE: "xx"}, (tmp_path,))
    assert tr("Close") == "Close"


@pytest.mark.parametrize(
    "bad",
    ["{name.__class__} {times}", "{0}", "{name", "{other}", "{times:>1000000000}", "{name!r}", "{name:{times}}", "{}"],
)
def test_a_translation_that_asks_for_something_else_gives_way_to_the_english(tmp_path: Path, bad: str) -> None:
    install(tmp_path, {"{name} waits {times:,}": bad})
    choose({language.VARIABLE: "de"}, (tmp_path,))
    assert tr("{name} waits {times:,}", name="A", times=2) == "A waits 2"


def test_a_broken_file_and_a_plural_that_cannot_be_reckoned_are_english(tmp_path: Path) -> None:
    for name, content in (("de", b"\xde\x12\x04\x95broken"), ("fr", b"nothing"), ("it", compiled({})[:40])):
        install(tmp_path, {}, name)
        (tmp_path / name / "LC_MESSAGES" / "clearance.mo").write_bytes(content)
        choose({language.VARIABLE: name}, (tmp_path,))
        assert tr("Close") == "Close"

    class Crooked(gettext.NullTranslations):
        def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
            raise ZeroDivisionError((msgid1, msgid2, n))

    speak(Crooked())
    assert counted(2, "item") == "2 items"


def test_what_is_compared_stored_and_signed_stays_english(tmp_path: Path) -> None:
    install(tmp_path, {"high": "hoch", str(RunStatus.WAITS): "wartet"})
    choose({language.VARIABLE: "de"}, (tmp_path,))
    assert tr(Risk.HIGH.word) == "hoch"
    assert Risk.HIGH.word == "high"
    assert {str(RunStatus.WAITS), f"{RunStatus.WAITS}"} == {RunStatus.WAITS.value}
    assert tr(RunStatus.WAITS) == "wartet"
