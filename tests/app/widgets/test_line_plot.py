"""The small plot: round ticks, values under the pointer, a place to choose by click or key."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app import theme
from app.widgets.line_plot import Curve, LinePlot
from app.widgets.ticks import powers, tick_text, ticks

X = np.linspace(-1, 1, 101)


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-5, 5, 5, [-4, -2, 0, 2, 4]),
        (3.2, 3.9, 2, [3.5]),
        (1, 1, 5, []),
        (0, float("inf"), 5, []),
    ],
)
def test_ticks_are_round(low: float, high: float, most: int, expected: list[float]) -> None:
    assert ticks(low, high, most) == pytest.approx(expected)


def test_powers_of_ten() -> None:
    assert powers(1e-6, 10, 8) == pytest.approx([10.0**i for i in range(-6, 2)])
    assert powers(1e-6, 10, 4) == pytest.approx([1e-6, 1e-4, 1e-2, 1])
    assert powers(0, 1, 4) == []


def test_ticks_are_written_short() -> None:
    assert [tick_text(x) for x in (0, 0.1 + 0.2, -2.0, 1e-6, 0.01, 250_000)] == [
        "0",
        "0.3",
        "-2",
        "1e-6",
        "0.01",
        "2e5",
    ]


def plot(qtbot: QtBot, *, log: bool = False, choosable: bool = False) -> LinePlot:
    shown = LinePlot("rate", log=log, choosable=choosable)
    qtbot.addWidget(shown)
    x = 10 ** (3 * X) if log else X
    curves = (Curve("rise", x, X, "accent"), Curve("behind", x, -X, "bad", faint=True))
    shown.show_curves(curves, (float(x[0]), float(x[-1])), (-1, 1))
    shown.resize(320, 200)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def middle(shown: LinePlot) -> QPoint:
    return shown._area().center().toPoint()


def test_the_pointer_reads_values_off(qtbot: QtBot) -> None:
    shown = plot(qtbot)
    assert shown.readout == ("rise",)
    at = middle(shown)
    QTest.mouseMove(shown, at)
    place, value = shown.readout
    assert float(place.split()[-1]) == pytest.approx(0, abs=0.02)
    assert float(value.split()[-1]) == pytest.approx(0, abs=0.02)
    QTest.mouseMove(shown, QPoint(at.x(), 2))
    QTest.mouseMove(shown, QPoint(1, at.y()))
    assert shown.readout == ("rise",), "beside the plot there is nothing to read"


def test_a_click_chooses_a_place_and_keys_move_it(qtbot: QtBot) -> None:
    shown = plot(qtbot, log=True, choosable=True)
    with qtbot.waitSignal(shown.chosen) as heard:
        QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=middle(shown))
    assert heard.args[0] == pytest.approx(1, rel=0.1)
    assert shown.marker == heard.args[0]
    with qtbot.waitSignal(shown.chosen) as further:
        QTest.keyClick(shown, Qt.Key.Key_Right)
    assert further.args[0] == pytest.approx(heard.args[0] * 10 ** (6 / 60))
    for _ in range(70):
        QTest.keyClick(shown, Qt.Key.Key_Left)
    assert shown.marker == pytest.approx(1e-3), "it stops at the end"


def test_without_a_choice_a_click_does_nothing(qtbot: QtBot) -> None:
    shown = plot(qtbot)
    with qtbot.assertNotEmitted(shown.chosen):
        QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=middle(shown))
    assert shown.marker is None


def test_curves_are_painted_in_the_colors_in_force(qtbot: QtBot) -> None:
    shown = plot(qtbot)
    for scheme in (theme.Scheme.LIGHT, theme.Scheme.DARK):
        theme.apply(scheme)
        picture = shown.grab().toImage()
        wanted = theme.color("accent")
        colors = {
            QColor(picture.pixel(x, y)).name()
            for x in range(picture.width())
            for y in range(picture.height())
        }
        assert wanted.name() in colors
    theme.apply(theme.Scheme.SYSTEM)


def test_gaps_and_no_curves_are_no_obstacle(qtbot: QtBot) -> None:
    shown = plot(qtbot)
    y = X.copy()
    y[40:50], y[60] = np.nan, np.inf
    shown.show_curves((Curve("broken", X, y, "bad"),), (-1, 1), (-1, 1))
    shown.grab()
    shown.show_curves((), (0, 1), (0, 1))
    shown.resize(4, 4)
    shown.grab()
    assert Curve("none", np.empty(0), np.empty(0), "bad").at(0) is None
    assert Curve("broken", X, y, "bad").at(X[45]) is None
