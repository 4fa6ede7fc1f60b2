"""What a person set, in one JSON file: who they are, and small values by name. No secrets.

Invariant: the file is replaced as a whole or not at all, and keys this version does not know survive. A damaged file is
set aside under another name, never overwritten, and :attr:`Settings.notice` says so. Fails with :class:`OSError` where
the folder cannot be written.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from console.domain.canonical import Json
from console.domain.identity import Person, Role
from console.infra.paths import DEFAULT_PROFILE

VERSION = 1
PERSON = ("person_id", "name", "role")
Content = dict[str, Json]


class _DamagedError(Exception):
    """The file is not what this program writes."""


class Settings:
    """The settings of one profile. Every change reads the file again first: window and command line may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._notice = ""
        self._content = self._read()

    @property
    def notice(self) -> str:
        """What a person should know about the file, in words; empty when all is well."""
        return self._notice

    def get(self, name: str, default: str) -> str:
        """A value, or the default where it was never set."""
        return _texts(self._content, "values").get(name, default)

    def set(self, name: str, value: str) -> None:
        """Set a value and write the file."""
        self._put("values", {name: value})

    def person(self, login: str, profile: str = DEFAULT_PROFILE) -> Person:
        """Who works here; without a word of theirs, the person logged in.

        Another profile than the default one is another person, of the role that its name may be.
        """
        said = _texts(self._content, "person", PERSON)
        is_default = profile == DEFAULT_PROFILE
        person_id = said.get("person_id", "") or (login if is_default else f"{login}-{profile}")
        role = Role(profile) if profile in set(Role) else Role.SUPERVISOR
        return Person(person_id, said.get("name", "") or person_id, Role(said.get("role", role)))

    def set_person(self, person: Person) -> None:
        """Say who works here."""
        self._put("person", {"person_id": person.person_id, "name": person.name, "role": str(person.role)})

    def _put(self, part: str, changes: dict[str, str]) -> None:
        content = self._read()
        before = content.get(part)
        content[part] = (dict(before) if isinstance(before, dict) else {}) | changes
        self._write({"version": VERSION} | content)

    def _read(self) -> Content:
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        try:
            return _checked(text)
        except _DamagedError:
            aside = _free_name(self._path)
            self._path.rename(aside)
            self._notice = f"The settings could not be read; they were set aside as {aside.name} and start afresh."
            return {}

    def _write(self, content: Content) -> None:
        descriptor, temporary = tempfile.mkstemp(prefix=".settings-", dir=self._path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self._path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        self._content = content


def _free_name(path: Path) -> Path:
    """A name beside a damaged file that is not taken."""
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    return aside


def _checked(text: bytes) -> Content:
    """The file's content, if every part of it that is known here is sound.

    Checked by hand: this is read before the first paint, and pydantic takes a tenth of a second to load.
    """
    try:
        content = json.loads(text)
        if not isinstance(content, dict) or not isinstance(content.get("version", VERSION), int):
            raise _DamagedError
        _texts(content, "values")
        Role(_texts(content, "person", PERSON).get("role", Role.SUPERVISOR))
    except (ValueError, RecursionError) as error:
        raise _DamagedError from error
    return content


def _texts(content: Content, part: str, names: tuple[str, ...] | None = None) -> dict[str, str]:
    """A part of the file: its texts by name, all of them or those of these names."""
    found = content.get(part, {})
    if not isinstance(found, dict):
        raise _DamagedError
    known = {name: value for name, value in found.items() if names is None or name in names}
    texts = {name: value for name, value in known.items() if isinstance(value, str)}
    if len(texts) < len(known):
        raise _DamagedError
    return texts
