"""Light and dark: what is switched looks like what was made so, and edges can be seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from app import theme
from app.theme import DARK, LIGHT, Colors, Scheme
from engine.project.examples import find_example
from engine.training import BatchDone, EpochDone
from engine.training.history import History


@pytest.fixture(autouse=True)
def _back_to_system(qapp: QApplication) -> Iterator[None]:
    yield
    theme.apply(Scheme.SYSTEM)


def luminance(color: str) -> float:
    """The relative luminance of WCAG 2."""
    seen = QColor(color)
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in (seen.redF(), seen.greenF(), seen.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_the_edges_of_fields_can_be_seen(colors: Colors) -> None:
    for ground in (colors.window, colors.field):
        assert contrast(colors.edge, ground) >= 3, ground


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_classes_can_be_told_apart(colors: Colors) -> None:
    tones = [colors.of_class(i).name() for i in range(len(theme.CLASS_TONES))]
    assert len(set(tones)) == len(tones)
    assert set(theme.CLASS_TONES) == {name for name, _ in colors.categories}


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_the_style_draws_edges_in_the_color_for_them(qtbot, scheme: Scheme) -> None:
    theme.apply(scheme)
    for kind in theme.EDGED:
        window = QApplication.palette(kind).color(QPalette.ColorRole.Window)
        drawn = window.darker(theme.FUSION_OUTLINE)
        assert contrast(drawn.name(), theme.colors().window) >= 2.9, kind


def course() -> History:
    """Two epochs of a run."""
    history = History()
    for epoch in (1, 2):
        history.add_batches([BatchDone(epoch, epoch, 1, 1, 8, 0.1, 1 / epoch)])
        scores = {"loss": 1 / epoch, "accuracy": 1 - 0.5 / epoch}
        history.add_epoch(EpochDone(epoch, 2, epoch, scores, scores, 0.1, 1e4))
    return history


def pictures(window) -> dict[str, QImage]:
    """How each part of a window looks, by name."""
    window.canvas.clearFocus()
    QApplication.processEvents()  # what was laid out anew is laid out now
    parts: dict[str, QWidget] = {"bar": window.findChild(QWidget, "toolbar")}
    parts |= {"menu": window.menuBar(), "status": window.statusBar(), "page": window.pages}
    QApplication.processEvents()
    return {
        name: part.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        for name, part in parts.items()
    }


def looks(new_window, qtbot, scheme: Scheme, *, other_first: bool) -> dict[str, QImage]:
    """The start page and the workspace in a scheme, perhaps after a switch."""
    before = Scheme.LIGHT if scheme is Scheme.DARK else Scheme.DARK
    theme.apply(before if other_first else scheme)
    window = new_window()
    folder = Path("/projects")
    window.start_page.set_recent([folder / "one.netsmith", folder / "two.netsmith"])
    window.pages.show_workspace()
    window.open_example(find_example("iris"))
    qtbot.waitUntil(lambda: window.data.state == "ready", timeout=20_000)
    qtbot.waitUntil(window.training_panel.start_action.isEnabled, timeout=20_000)
    window.session.history = course()
    window.curves.begin(window.session.history)
    window.curves.redraw()
    QApplication.processEvents()
    if other_first:
        theme.apply(scheme)
    found = {f"workspace {name}": picture for name, picture in pictures(window).items()}
    window.pages.setCurrentWidget(window.start_page)
    found |= {f"start {name}": picture for name, picture in pictures(window).items()}
    return found


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_a_switch_leaves_no_color_behind(new_window, qtbot, scheme: Scheme) -> None:
    born = looks(new_window, qtbot, scheme, other_first=False)
    switched = looks(new_window, qtbot, scheme, other_first=True)
    assert [name for name, picture in born.items() if switched[name] != picture] == []


def the_system_turns_dark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme, "_system_is_dark", lambda: True)
    QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    QApplication.processEvents()  # widgets are told of another palette later


def test_the_system_is_followed_while_the_program_runs(new_window, monkeypatch, qtbot) -> None:
    theme.apply(Scheme.SYSTEM)
    monkeypatch.setattr(theme, "_system_is_dark", lambda: False)
    window = new_window()
    assert window.palette().window().color().name() == LIGHT.window
    the_system_turns_dark(monkeypatch)
    assert window.palette().window().color().name() == DARK.window
    assert window.start_page.palette().text().color().name() == DARK.text


def test_the_system_is_none_of_our_business_where_a_scheme_was_chosen(
    new_window, monkeypatch, qtbot
) -> None:
    theme.apply(Scheme.LIGHT)
    window = new_window()
    the_system_turns_dark(monkeypatch)
    assert window.palette().window().color().name() == LIGHT.window


def test_no_part_of_the_window_has_a_style_sheet(new_window) -> None:
    """A style sheet keeps the colors that were in force when it was set."""
    window = new_window()
    assert [each for each in window.findChildren(QWidget) if each.styleSheet()] == []
