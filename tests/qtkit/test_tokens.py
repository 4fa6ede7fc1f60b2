"""The colours keep their promises of contrast."""

from __future__ import annotations

import itertools

import pytest

from console.qtkit.tokens import DARK, LIGHT, Colours, Tone

THEMES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG 2.2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@THEMES
@pytest.mark.parametrize("tone", Tone)
def test_text_is_readable_on_every_background(colours: Colours, tone: Tone) -> None:
    assert min(contrast(colours.text(tone), ground) for ground in colours.backgrounds) >= 4.5


@THEMES
@pytest.mark.parametrize("tone", Tone)
def test_text_is_readable_on_its_soft_fill(colours: Colours, tone: Tone) -> None:
    assert contrast(colours.text(tone), colours.soft(tone)) >= 4.5
    assert contrast(colours.ink, colours.soft(tone)) >= 4.5


@THEMES
def test_a_link_is_readable_on_every_note(colours: Colours) -> None:
    assert min(contrast(colours.accent, colours.soft(tone)) for tone in Tone) >= 4.5


@THEMES
def test_outlines_of_controls_can_be_seen(colours: Colours) -> None:
    assert min(contrast(colours.control, ground) for ground in colours.backgrounds) >= 3
    assert min(contrast(colours.accent, ground) for ground in colours.backgrounds) >= 3


@THEMES
def test_white_is_readable_on_fills(colours: Colours) -> None:
    assert contrast(colours.onfill, colours.accentfill) >= 4.5
    assert contrast(colours.onfill, colours.critfill) >= 4.5


@THEMES
def test_the_selected_row_differs_from_the_hovered(colours: Colours) -> None:
    pairs = itertools.combinations({colours.sunken, colours.hover, colours.selected}, 2)
    assert all(one != other for one, other in pairs)
