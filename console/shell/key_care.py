"""Looking after the signing key at the window: opens the dialog, and carries to the desk what a person does in it.

Invariant: one dialog at a time; what the desk refuses is said in it, in the desk's own words, and it stays open.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import shiboken6

from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.language import tr
from console.infra.keys import enrol_command
from console.screens import Ask
from console.shell.key_words import KeyCard, key_card
from console.shell.overview import Overview

if TYPE_CHECKING:
    from console.services.desk import Desk
    from console.shell.key_dialog import KeyDialog
    from console.shell.window import MainWindow


class KeyCare:
    """The one dialog, when it is open."""

    def __init__(self, window: MainWindow, desk: Desk, ask: Ask, overview: Overview) -> None:
        self._window = window
        self._desk = desk
        self._ask = ask
        self._overview = overview
        self._dialog: KeyDialog | None = None
        self._is_opening = False

    @property
    def dialog(self) -> KeyDialog | None:
        """The dialog, while it is open."""
        dialog = self._dialog
        return dialog if dialog is not None and shiboken6.isValid(dialog) and dialog.isVisible() else None

    def open(self) -> None:
        """Show how it is with the key, and what helps."""
        if self.dialog is None and not self._is_opening:
            self._is_opening = True
            self._ask(self._open())

    async def _open(self) -> None:
        from console.shell.key_dialog import KeyDialog  # noqa: PLC0415 - after the first paint

        try:
            self._dialog = dialog = KeyDialog(await self._card(), self._window)
        finally:
            self._is_opening = False
        dialog.opened_with.connect(lambda said: self._do(self._desk.unlock_key(said), is_end=True))
        dialog.kept_under.connect(lambda said: self._do(self._desk.keep_key(said)))
        dialog.renewed.connect(lambda said: self._do(self._desk.renew_key(said)))
        dialog.keyring_asked.connect(lambda: self._do(self._desk.ask_keyring()))
        dialog.again_asked.connect(lambda: self._do(self._nothing()))
        dialog.open()

    async def _card(self) -> KeyCard:
        identity, standings = await self._desk.identity(), await self._desk.key_standings()
        command = enrol_command(identity.person, await self._desk.public_key())
        return key_card(identity, standings, command)

    def _do(self, work: Coroutine[Any, Any, None], *, is_end: bool = False) -> None:
        self._ask(self._done(work, is_end=is_end))

    async def _done(self, work: Coroutine[Any, Any, None], *, is_end: bool) -> None:
        """Do it, and show what is so then; an unlocked key needs no dialog any more."""
        try:
            await work
        except (Refused, Unreachable, Uncertain, Denied) as error:
            if (dialog := self.dialog) is not None:
                dialog.tell(f"{tr(error.message)} {tr(error.next_action)}")
            return
        self._overview.read_key()
        card = await self._card()
        if (dialog := self.dialog) is None:
            return
        if is_end:
            dialog.accept()
        else:
            dialog.show_card(card)

    async def _nothing(self) -> None:
        """Only look again."""
