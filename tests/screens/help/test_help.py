"""The help: complete, closed in itself, and read from nowhere but its folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.decision import DecisionState
from console.domain.escalation import Kind
from console.domain.run import Standing
from console.qtkit.resources import resource
from console.qtkit.theme import Mode, Theme
from console.screens import OpenInbox, Request
from console.screens.help.presenter import HelpPresenter
from console.screens.help.view import HelpView
from console.verify.trust import Doubt

pytestmark = pytest.mark.usefixtures("theme")
PAGES = {path.stem.partition("-")[2]: path for path in resource("help").glob("*.md")}
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)]*)\)")
PICTURE = re.compile(r"!\[[^]]+\]\(pictures/[a-z0-9-]+\.png\)")


@pytest.fixture
def went() -> list[Request]:
    return []


@pytest.fixture
def view(qtbot: QtBot, went: list[Request]) -> HelpView:
    made = HelpView(HelpPresenter(resource("help"), went.append))
    qtbot.addWidget(made)
    made.resize(1_200, 800)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_page_has_a_title_and_leads_nowhere_else(name: str) -> None:
    text = PAGES[name].read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert "://" not in text
    assert len(PICTURE.findall(text)) == text.count("![")
    for target in LINK.findall(text):
        assert target.removesuffix(".md") in PAGES


def test_every_state_of_a_decision_and_every_standing_is_explained() -> None:
    decisions = PAGES["decisions"].read_text(encoding="utf-8")
    assert [state for state in DecisionState if f"| {state} |" not in decisions] == []
    runs = PAGES["runs"].read_text(encoding="utf-8")
    assert [standing for standing in Standing if f"| {standing} |" not in runs] == []


def test_every_kind_that_can_wait_is_explained() -> None:
    text = PAGES["clearance"].read_text(encoding="utf-8")
    assert [kind for kind in Kind if f"| {kind} |" not in text] == [Kind.CONFLICT, Kind.COMMAND]


def test_every_reason_to_distrust_and_each_example_is_explained() -> None:
    text = PAGES["steps"].read_text(encoding="utf-8")
    doubts = {value for name, value in vars(Doubt).items() if name.isupper()}
    assert {doubt for doubt in doubts if f"| {doubt} |" not in text} == set()
    assert {path.name for path in resource("examples").glob("*.py") if f"`{path.name}`" not in text} == set()


def test_pages_are_chosen_with_keys_and_links(view: HelpView) -> None:
    first = view.presenter.state.topic
    QTest.keyClick(view.list, Qt.Key.Key_Down)
    assert view.presenter.state.topic != first
    view.page.anchorClicked.emit(QUrl("decisions.md"))
    assert view.presenter.state.topic.name == "decisions"
    assert "half-granted" in view.page.toPlainText()
    assert view.list.current_id() == "decisions"


@pytest.mark.parametrize("target", ["https://example.com", "file:///etc/passwd", "nowhere.md", "../secret"])
def test_a_link_never_leads_out(view: HelpView, target: str) -> None:
    shown = view.page.toPlainText()
    view.page.anchorClicked.emit(QUrl(target))
    assert view.page.toPlainText() == shown


def test_nothing_is_loaded_for_a_page(view: HelpView, tmp_path: Path) -> None:
    picture = QImage(40, 40, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    file = tmp_path / "picture.png"
    assert picture.save(str(file))
    view.page.show_text(f"# Title\n\n![a picture](file://{file})\n\n<img src='file://{file}'>")
    kind = QTextDocument.ResourceType.ImageResource.value
    loaded = view.page.document().resource(kind, QUrl.fromLocalFile(str(file)))
    assert isinstance(loaded, QImage)
    assert loaded.width() == 1
    assert view.page.grab().toImage().pixelColor(20, 60) != picture.pixelColor(0, 0)


def test_both_themes_and_the_way_back(view: HelpView, theme: Theme, went: list[Request]) -> None:
    view.page.verticalScrollBar().setValue(100)
    theme.set_mode(Mode.DARK)
    QApplication.processEvents()
    assert not view.grab().isNull()
    theme.set_mode(Mode.LIGHT)
    view.actions()[0].run()
    assert went == [OpenInbox()]


def test_a_missing_folder_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        HelpPresenter(tmp_path, lambda _: None)
