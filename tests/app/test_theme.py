"""Every text can be read, and colors differ for color-blind people."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtGui import QColor

from app.canvas.health import Pace
from app.theme import DARK, LIGHT, Colors

SCHEMES = pytest.mark.parametrize("c", [LIGHT, DARK], ids=["light", "dark"])
TEXT, LARGE = 4.5, 3.0
"""What WCAG asks for: of text, and of lines and signs."""

# Viénot, Brettel & Mollon 1999, in linear RGB.
_BLINDNESS = {
    "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


def linear(color: str) -> list[float]:
    made = QColor(color)
    return [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in (made.redF(), made.greenF(), made.blueF())
    ]


def luminance(color: str) -> float:
    red, green, blue = linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: list[float]) -> list[float]:
    """CIE L*a*b* of linear RGB, under D65."""
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    scaled = [
        sum(a * max(0.0, b) for a, b in zip(row, rgb, strict=True)) / w
        for row, w in zip(rows, white, strict=True)
    ]
    x, y, z = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in scaled)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


def difference(one: str, other: str, blindness: str = "") -> float:
    """How far apart two colors are for somebody; about 2.3 can just be told apart."""
    seen = []
    for color in (one, other):
        rgb = linear(color)
        if blindness:
            rgb = [
                sum(a * b for a, b in zip(row, rgb, strict=True)) for row in _BLINDNESS[blindness]
            ]
        seen.append(lab(rgb))
    return float(sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5)


def test_the_contrast_is_computed_as_wcag_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@SCHEMES
@pytest.mark.parametrize("text", ["text", "muted", "accent", "good", "bad", "warning"])
@pytest.mark.parametrize("ground", ["window", "panel", "field", "canvas", "node"])
def test_text_can_be_read(c: Colors, text: str, ground: str):
    assert contrast(getattr(c, text), getattr(c, ground)) >= TEXT


@SCHEMES
def test_text_on_colored_grounds_can_be_read(c: Colors):
    assert contrast(c.on_accent, c.accent) >= TEXT
    for name, color in c.categories:
        assert contrast(c.on_accent, color) >= TEXT, name


@SCHEMES
def test_the_footer_of_a_card_can_be_read(c: Colors):
    # It is mixed of node and canvas; muted on either can be read, and so on what lies between.
    for ground in (c.node, c.canvas):
        assert contrast(c.muted, ground) >= TEXT


@SCHEMES
def test_lines_can_be_seen(c: Colors):
    for name in ("wire", "train", "validation", "good", "bad", "accent"):
        assert contrast(getattr(c, name), c.canvas) >= LARGE, name
        assert contrast(getattr(c, name), c.node) >= LARGE, name


@SCHEMES
@pytest.mark.parametrize("blindness", ["", *_BLINDNESS])
def test_paces_are_told_apart_by_everybody(c: Colors, blindness: str):
    for one, other in combinations(Pace, 2):
        colors = getattr(c, one.value), getattr(c, other.value)
        assert difference(*colors, blindness) > 15, (one, other)


@SCHEMES
@pytest.mark.parametrize("blindness", ["", *_BLINDNESS])
def test_categories_are_told_apart_by_everybody(c: Colors, blindness: str):
    for (one, first), (other, second) in combinations(c.categories, 2):
        assert difference(first, second, blindness) > 15, (one, other)
