"""The style sheet for Qt's own widgets: what Fusion draws with bevels is drawn flat, in the tokens' colours.

Invariant: written from `Colours` only. The kit's own widgets paint themselves and are not named here. A push button
takes a dynamic property ``kind`` (primary, danger, flat) and ``size`` (small); a plain one is normal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.qtkit.resources import resource
from console.qtkit.tokens import Height, Radius

if TYPE_CHECKING:
    from console.qtkit.tokens import Colours


def stylesheet(c: Colours) -> str:
    """Return the application's style sheet in these colours."""
    return "\n".join((_buttons(c), _fields(c), _choices(c), _menus(c), _bars(c), _tables(c)))


def _art(name: str) -> str:
    return f'url("{(resource("theme") / name).as_posix()}.svg")'


def _shade(c: Colours) -> str:
    return "dark" if c.is_dark else "light"


def _buttons(c: Colours) -> str:
    tall, small = Height.CONTROL - 2, Height.SMALL_CONTROL - 2
    primary = f"background: {c.accentfill}; color: {c.onfill}; border-color: {c.accentfill}; font-weight: 600;"
    disabled = f"background: transparent; color: {c.ink3}; border: 1px dashed {c.control};"
    # A class selector spares the kit's own buttons, which paint themselves; Qt drops a list that has a second one.
    return f"""
.QPushButton {{ background: {c.surface}; color: {c.ink}; border: 1px solid {c.control};
  border-radius: {Radius.CONTROL}px; min-height: {tall}px; max-height: {tall}px; padding: 0 12px; font-weight: 500; }}
.QPushButton:hover {{ background: {c.hover}; }}
.QPushButton:pressed {{ background: {c.hover}; }}
.QPushButton:focus {{ border: 2px solid {c.accent}; padding: 0 11px; min-height: {tall - 2}px;
  max-height: {tall - 2}px; }}
.QPushButton:default {{ {primary} }}
.QPushButton:disabled {{ {disabled} }}
QPushButton[kind="primary"] {{ {primary} }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {c.ink}; }}
QPushButton[kind="danger"] {{ color: {c.crit}; border-color: {c.crit}; }}
QPushButton[kind="flat"] {{ background: transparent; border-color: transparent; color: {c.accent}; }}
QPushButton[kind]:disabled {{ {disabled} }}
QPushButton[size="small"] {{ min-height: {small}px; max-height: {small}px; padding: 0 8px; }}
QToolButton {{ background: transparent; color: {c.ink}; border: 1px solid transparent; padding: 3px;
  border-radius: {Radius.CONTROL}px; }}
QToolButton:hover, QToolButton:checked {{ background: {c.hover}; }}
QToolButton:focus {{ border: 2px solid {c.accent}; padding: 2px; }}
"""


def _fields(c: Colours) -> str:
    tall, small = Height.CONTROL - 2, Height.SMALL_CONTROL - 2
    lines = "QLineEdit, QAbstractSpinBox, QComboBox"
    texts = "QPlainTextEdit, QTextEdit"
    return f"""
{lines}, {texts} {{ background: {c.surface}; color: {c.ink}; border: 1px solid {c.control};
  border-radius: {Radius.CONTROL}px; selection-background-color: {c.accentfill}; selection-color: {c.onfill};
  placeholder-text-color: {c.ink3}; }}
{lines} {{ min-height: {tall}px; max-height: {tall}px; padding: 0 10px; }}
{texts} {{ padding: 5px 6px; }}
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {{ border: 2px solid {c.accent}; padding: 0 9px;
  min-height: {tall - 2}px; max-height: {tall - 2}px; }}
QLineEdit[isSmall="true"] {{ min-height: {small}px; max-height: {small}px; }}
QLineEdit[isSmall="true"]:focus {{ min-height: {small - 2}px; max-height: {small - 2}px; }}
QPlainTextEdit:focus, QTextEdit:focus {{ border: 2px solid {c.accent}; padding: 4px 5px; }}
QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"], QComboBox[invalid="true"],
QPlainTextEdit[invalid="true"] {{ border-color: {c.crit}; }}
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled, QPlainTextEdit:disabled {{
  background: {c.sunken}; color: {c.ink3}; border-style: dashed; }}
QLineEdit:read-only, QPlainTextEdit:read-only {{ background: {c.sunken}; }}
QAbstractItemView QLineEdit, QAbstractItemView QAbstractSpinBox, QAbstractItemView QComboBox {{
  border-radius: 0; min-height: 0; max-height: 999px; padding: 0 4px; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ border: none; background: transparent; padding: 0 0 0 8px;
  min-height: 0; max-height: 999px; }}
QComboBox::drop-down {{ border: none; width: 26px; }}
QComboBox::down-arrow {{ image: {_art(f"down-{_shade(c)}")}; width: 16px; height: 16px; }}
QComboBox QAbstractItemView {{ background: {c.surface}; color: {c.ink}; border: 1px solid {c.control};
  padding: 4px; selection-background-color: {c.selected}; selection-color: {c.ink}; outline: none; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 22px; border: none; background: transparent; }}
QAbstractSpinBox::up-arrow {{ image: {_art(f"up-{_shade(c)}")}; width: 14px; height: 14px; }}
QAbstractSpinBox::down-arrow {{ image: {_art(f"down-{_shade(c)}")}; width: 14px; height: 14px; }}
QComboBox::down-arrow:disabled, QAbstractSpinBox::up-arrow:disabled, QAbstractSpinBox::down-arrow:disabled {{
  image: none; }}
"""


def _choices(c: Colours) -> str:
    return f"""
QCheckBox, QRadioButton {{ color: {c.ink}; spacing: 8px; min-height: 22px; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {c.ink3}; }}
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator, QGroupBox::indicator {{
  width: 14px; height: 14px; background: {c.surface}; border: 1px solid {c.control}; }}
QCheckBox::indicator, QAbstractItemView::indicator, QGroupBox::indicator {{ border-radius: {Radius.KEY}px; }}
QRadioButton::indicator {{ border-radius: 8px; }}
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked, QGroupBox::indicator:checked {{
  background: {c.accentfill}; border-color: {c.accentfill}; image: {_art("check")}; }}
QCheckBox::indicator:indeterminate {{ background: {c.accentfill}; border-color: {c.accentfill};
  image: {_art("minus")}; }}
QRadioButton::indicator:checked {{ background: {c.accentfill}; border-color: {c.accentfill}; image: {_art("dot")}; }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border: 2px solid {c.accent}; width: 12px;
  height: 12px; }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ background: {c.sunken}; border-style: dashed; }}
QTabBar::tab {{ background: transparent; color: {c.ink2}; border: none; border-bottom: 2px solid transparent;
  min-height: {Height.TAB - 4}px; padding: 0 2px; margin-right: 20px; }}
QTabBar::tab:selected {{ color: {c.ink}; font-weight: 600; border-bottom-color: {c.accent}; }}
QTabBar::tab:focus {{ color: {c.accent}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {c.line}; }}
QProgressBar {{ background: {c.line}; border: none; border-radius: 3px; max-height: 6px; text-align: right; }}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 3px; }}
QSlider::groove:horizontal {{ background: {c.line}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {c.accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ background: {c.surface}; border: 2px solid {c.accent}; width: 12px; margin: -6px 0;
  border-radius: 8px; }}
QSlider::handle:horizontal:focus {{ background: {c.accent}; }}
"""


def _menus(c: Colours) -> str:
    return f"""
QMenuBar {{ background: {c.app}; color: {c.ink2}; border: none; spacing: 0; }}
QMenuBar::item {{ background: transparent; padding: 6px 9px; margin: 1px 0; border-radius: {Radius.CONTROL}px; }}
QMenuBar::item:selected, QMenuBar::item:pressed {{ background: {c.hover}; color: {c.ink}; }}
QMenu {{ background: {c.surface}; color: {c.ink}; border: 1px solid {c.control}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 10px; min-height: 18px; border-radius: {Radius.KEY}px; }}
QMenu::item:selected {{ background: {c.selected}; }}
QMenu::item:disabled {{ color: {c.ink3}; background: transparent; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::indicator {{ width: 16px; height: 16px; left: 7px; }}
QMenu::indicator:checked {{ image: {_art(f"tick-{_shade(c)}")}; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 6px; }}
QMenu::right-arrow {{ image: {_art(f"right-{_shade(c)}")}; width: 14px; height: 14px; margin-right: 4px; }}
QToolTip {{ background: {c.ink}; color: {c.app}; border: 1px solid {c.ink}; padding: 4px 6px; }}
"""


def _bars(c: Colours) -> str:
    return f"""
QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar:vertical {{ width: 10px; }}
QScrollBar:horizontal {{ height: 10px; }}
QScrollBar::handle {{ background: {c.line}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover, QScrollBar::handle:pressed {{ background: {c.control}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; border: none; background: none; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollArea {{ background: transparent; border: none; }}
QSplitter::handle {{ background: {c.line}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QSplitter::handle:hover {{ background: {c.accent}; }}
QStatusBar {{ background: {c.app}; color: {c.ink2}; border: none; }}
QStatusBar::item {{ border: none; }}
QSizeGrip {{ image: none; width: 0; height: 0; }}
"""


def _tables(c: Colours) -> str:
    return f"""
QAbstractItemView {{ background: {c.surface}; alternate-background-color: {c.surface}; color: {c.ink};
  border: 1px solid {c.line}; outline: none; gridline-color: {c.line};
  selection-background-color: {c.selected}; selection-color: {c.ink}; }}
QAbstractItemView::item:hover {{ background: {c.hover}; }}
QAbstractItemView::item:selected {{ background: {c.selected}; color: {c.ink}; }}
QAbstractItemView[frameless="true"] {{ border: none; background: transparent;
  selection-background-color: transparent; }}
QAbstractItemView[frameless="true"]::item:hover {{ background: transparent; }}
QAbstractItemView[frameless="true"]::item:selected {{ background: transparent; }}
QTableView:focus, QTreeView:focus, QListView:focus {{ border-color: {c.accent}; }}
QAbstractItemView[frameless="true"]:focus {{ border: none; }}
QHeaderView {{ background: {c.sunken}; border: none; }}
QHeaderView::section {{ background: {c.sunken}; color: {c.ink3}; border: none; border-bottom: 1px solid {c.line};
  padding: 0 8px; min-height: {Height.TABLE_HEADER - 1}px; font-size: 11px; font-weight: 500; }}
QTableCornerButton::section {{ background: {c.sunken}; border: none; }}
QTreeView::item {{ padding: 3px 0; }}
QTreeView::branch {{ background: transparent; }}
QTreeView::branch:has-children:closed {{ image: {_art(f"right-{_shade(c)}")}; }}
QTreeView::branch:has-children:open {{ image: {_art(f"down-{_shade(c)}")}; }}
QDialog, QMessageBox {{ background: {c.surface}; }}
"""
