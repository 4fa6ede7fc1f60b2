"""The bundled fonts: Inter for text, JetBrains Mono for data.

Invariant: figures are tabular everywhere, and no ligature or contextual form replaces characters, since what a person
signs must look like what it is. Raises FileNotFoundError when the fonts are missing from the installation.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

from console.qtkit.resources import resource
from console.qtkit.tokens import Style

FEATURES = {"tnum": 1, "calt": 0, "liga": 0}

# Large text set solid looks loose: from this size on letters stand closer, by this share of the size.
TIGHT_FROM_PX = 18
TIGHT = -0.015


@cache
def load_fonts() -> tuple[str, ...]:
    """Register the bundled files with Qt, once. Needs an application. Returns the families found in them."""
    families: list[str] = []
    for file in sorted(resource("fonts").glob("*.[ot]tf")):
        number = QFontDatabase.addApplicationFont(str(file))
        families.extend(QFontDatabase.applicationFontFamilies(number))
    return tuple(families)


@cache
def font(style: Style) -> QFont:
    """Return the font of a style. It is shared: copy it before changing it."""
    load_fonts()
    made = QFont(style.family)
    made.setPixelSize(style.px)
    made.setWeight(QFont.Weight(style.weight))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setStyleHint(QFont.StyleHint.Monospace if style.is_mono else QFont.StyleHint.SansSerif)
    if style.px >= TIGHT_FROM_PX:
        made.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, TIGHT * style.px)
    for feature, value in FEATURES.items():
        made.setFeature(QFont.Tag(feature), value)
    return made


@cache
def metrics(style: Style) -> QFontMetricsF:
    """Return the metrics of a style, made once since making them is slow."""
    return QFontMetricsF(font(style))


def text_width(text: str, style: Style) -> float:
    """Return how many px this text takes on one line."""
    return metrics(style).horizontalAdvance(text)
