"""The first layout: no panel over another, and what is used most in sight."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication

from engine.project.examples import find_example

SIZES = [(1048, 700), (1100, 700), (1280, 800), (1920, 1080)]


def opened(new_window, qtbot, size):
    window = new_window()
    window.resize(*size)
    window.open_example(find_example("two-branches"))
    qtbot.waitUntil(lambda: window.data.state == "ready", timeout=20_000)
    window.docks.lay_out()
    QApplication.processEvents()
    return window


def place(window, widget):
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


@pytest.mark.parametrize("size", SIZES)
def test_no_panel_covers_another(new_window, qtbot, size):
    window = opened(new_window, qtbot, size)
    assert (window.width(), window.height()) == size
    shown = [window.canvas, *(window.docks[n] for n in ("palette", "inspector"))]
    shown += [window.docks[name] for name in ("training", "curves", "activations")]
    whole = place(window, window.workspace)
    for each in shown:
        assert whole.contains(place(window, each)), each.objectName()
        assert each.width() >= each.minimumSizeHint().width(), each.objectName()
    for one, other in combinations(shown, 2):
        assert not place(window, one).intersects(place(window, other))


def test_no_panel_needs_more_room_while_a_run_is_watched(new_window, qtbot):
    window = opened(new_window, qtbot, (1048, 700))
    before = window.workspace.minimumSizeHint().width()
    project = window.document.project
    window.document.do("Shorten", replace(project, plan=project.plan.changed(epochs=2)))
    with qtbot.waitSignal(window.session.finished, timeout=60_000):
        window.workbench.start()
    qtbot.waitUntil(lambda: not window.session.is_active)
    QApplication.processEvents()
    assert window.workspace.minimumSizeHint().width() <= max(before, 1000)
    for one, other in combinations(("training", "curves", "activations"), 2):
        first, second = (place(window, window.docks[name]) for name in (one, other))
        assert not first.intersects(second)


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_the_most_used_settings_are_seen_without_scrolling(new_window, qtbot, size):
    window = opened(new_window, qtbot, size)
    form, scroll = window.training_panel.form, window.training_panel.plan_area
    fields = [form.field(name).editor for name in ("epochs", "batch_size", "optimizer", "loss")]
    fields.append(form.field("optimizer").form.field("learning_rate").editor)
    seen = place(window, scroll.viewport())
    for each in fields:
        assert seen.contains(place(window, each)), each.accessibleName()
    # Its label is beside it, and its name is whole.
    loss = form.field("loss").combo
    assert place(window, loss).left() == place(window, form.field("epochs").editor).left()
    words = loss.fontMetrics().horizontalAdvance(loss.currentText())
    assert words + 30 <= loss.width()
