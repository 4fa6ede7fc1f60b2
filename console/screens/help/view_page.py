"""One page of the help, set in the product's type.

Invariant: a page ships with the product, and still nothing is loaded for it but the pictures beside it, and no link
leads out: every other resource is an empty picture, and a link is only told. Text can be selected and copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QImage,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QWidget

from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.fonts import font
from console.qtkit.resources import resource
from console.qtkit.tokens import Style

HEADINGS = {1: (Style.TITLE, 0, 12), 2: (Style.SCREEN, 22, 8), 3: (Style.STRONG, 16, 4)}
LINE = 21
PARAGRAPH_GAP = 10
ITEM_GAP = 4
CELL = 7
PICTURE = re.compile(r"pictures/[a-z0-9-]+\.png")
FIXED_LINE = QTextBlockFormat.LineHeightTypes.MinimumHeight.value


class Page(QTextBrowser):
    """A page in Markdown. `anchorClicked` tells a link."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setStyleSheet("QTextBrowser, QTextBrowser:focus { border: none; background: transparent; padding: 0; }")
        self.setAccessibleName(tr("Page"))
        self._text = ""

    def loadResource(self, kind: int, name: QUrl | str) -> QImage:
        """Give a picture of the help, as wide as there is room; for everything else an empty one."""
        path = QUrl(name).path()
        if PICTURE.fullmatch(path) and (picture := QImage(str(resource("help") / path))).width():
            return self._fitting(picture)
        empty = QImage(1, 1, QImage.Format.Format_ARGB32)
        empty.fill(Qt.GlobalColor.transparent)
        return empty

    def _fitting(self, picture: QImage) -> QImage:
        ratio = self.devicePixelRatioF()
        width = min(self.viewport().width(), round(picture.width() / picture.devicePixelRatioF()))
        made = picture.scaledToWidth(round(width * ratio), Qt.TransformationMode.SmoothTransformation)
        made.setDevicePixelRatio(ratio)
        return made

    def show_text(self, text: str) -> None:
        """Show a page from its beginning."""
        self._text = text
        document = self.document()
        document.setDefaultFont(font(Style.BODY))
        document.setDocumentMargin(0)
        feature = QTextDocument.MarkdownFeature
        document.setMarkdown(text, feature.MarkdownDialectGitHub | feature.MarkdownNoHTML)
        for number in range(document.blockCount()):
            _set_block(document.findBlockByNumber(number))
        for table in document.rootFrame().childFrames():
            if isinstance(table, QTextTable):
                _set_table(table)
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._text:
            at = self.verticalScrollBar().value()
            self.show_text(self._text)
            self.verticalScrollBar().setValue(at)


def _set_block(block: QTextBlock) -> None:
    """Give a block its type, its line and the room around it."""
    cursor = QTextCursor(block)
    shape = block.blockFormat()
    level = shape.headingLevel()
    if level:
        style, above, below = HEADINGS[min(level, max(HEADINGS))]
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.setCharFormat(_face(style))
        shape.setTopMargin(above)
        shape.setBottomMargin(below)
    else:
        is_item, is_cell = block.textList() is not None, cursor.currentTable() is not None
        shape.setTopMargin(0)
        shape.setBottomMargin(0 if is_cell else ITEM_GAP if is_item else PARAGRAPH_GAP)
        if not is_cell:
            shape.setLineHeight(LINE, FIXED_LINE)
        _set_pieces(block)
    cursor.setBlockFormat(shape)


def _set_pieces(block: QTextBlock) -> None:
    """Set what is written as code in the data font, and links in the accent."""
    for start, length, face in list(_pieces(block)):
        cursor = QTextCursor(block)
        cursor.setPosition(start)
        cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        if face.fontFixedPitch():
            cursor.mergeCharFormat(_face(Style.DATA))
        if face.isAnchor():
            link = QTextCharFormat()
            link.setForeground(QColor(colours().accent))
            link.setFontUnderline(False)
            cursor.mergeCharFormat(link)


def _pieces(block: QTextBlock) -> Iterator[tuple[int, int, QTextCharFormat]]:
    part = block.begin()
    while not part.atEnd():
        piece = part.fragment()
        yield piece.position(), piece.length(), piece.charFormat()
        part += 1


def _face(style: Style) -> QTextCharFormat:
    face = QTextCharFormat()
    face.setFont(font(style))
    face.setForeground(QColor(colours().ink))
    return face


def _set_table(table: QTextTable) -> None:
    shape = table.format()
    shape.setBorderCollapse(True)
    shape.setBorder(1)
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setBorderBrush(QColor(colours().line))
    shape.setCellPadding(CELL)
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    shape.setTopMargin(PARAGRAPH_GAP)
    shape.setBottomMargin(PARAGRAPH_GAP)
    table.setFormat(shape)
