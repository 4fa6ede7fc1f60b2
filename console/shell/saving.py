"""A line below a text that saves it: where to, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from console.domain.display import one_line
from console.domain.language import tr
from console.infra.outfile import write_new
from console.qtkit.buttons import Button, Kind
from console.qtkit.fields import Field
from console.qtkit.panes import Edge, Ground, Pane, row
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone

TOLD = tr("A saved file is readable by you alone. Nothing is sent anywhere.")


class SaveBar(Pane):
    """Copies or saves ``text()``."""

    def __init__(self, text: Callable[[], str], path: Path) -> None:
        super().__init__(
            Ground.SUNKEN, Edge.TOP, margins=(Space.PANE, Space.CARD, Space.PANE, Space.CARD), spacing=Space.GRID
        )
        self._text = text
        self.path = Field(tr("File to save to"), prefix=tr("File"), is_data=True)
        self.path.setText(str(path))
        self.copy = Button(tr("Copy"), "copy")
        self.save = Button(tr("Save"), "save", kind=Kind.PRIMARY)
        self.told = Text(TOLD, Style.SMALL, Tone.SECOND, max_lines=2)
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(self._save)
        self.path.returnPressed.connect(self._save)
        line = row()
        line.addWidget(self.path, 1)
        line.addWidget(self.save)
        line.addWidget(self.copy)
        self.box.addLayout(line)
        self.box.addWidget(self.told)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._text())
        self.told.set_words(tr("Copied."), Tone.SECOND)

    def _save(self) -> None:
        path = Path(self.path.text().strip()).expanduser()
        try:
            write_new(path, self._text())
        except FileExistsError:
            self.told.set_words(tr("There is a file of that name. Choose another."), Tone.HIGH)
        except OSError as error:
            self.told.set_words(tr("It cannot be saved there: {strerror}.", strerror=error.strerror), Tone.HIGH)
        else:
            self.told.set_words(one_line(tr("Saved as {path}, readable by you alone.", path=path)), Tone.OK)
