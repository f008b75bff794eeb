"""The main job through the real window, with real mouse and key events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from app.data_view.gallery import SourceCard
from app.exporting.dialog import ExportDialog
from app.main_window import MainWindow
from app.training.session import State
from app.widgets.layer_drag import mime_of
from engine.graph import Edge
from engine.project import project_to_text

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
LONG_MS = 30_000


def test_draw_train_watch_save_export(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    graph_of = _Graph(window)
    click(button(window.start_page, "New project"))
    drag_layer(window, "Input", QPointF(0, 0))
    drag_layer(window, "Dense", QPointF(260, 0))
    drag_layer(window, "Dense", QPointF(520, 0))
    graph_of.must_be(nodes=["input", "dense", "dense_1"], edges=[])
    wire(window, "input", "dense")
    wire(window, "dense", "dense_1")
    graph_of.must_be(edges=[Edge("input", "dense"), Edge("dense", "dense_1")])

    select(window, "dense")
    type_setting(window, "units", "32")
    select(window, "dense_1")
    type_setting(window, "units", "10")
    choose_setting(window, "activation", "softmax")
    assert graph_of.setting("dense", "units") == 32
    assert graph_of.setting("dense_1", "units") == 10

    window.docks["data"].raise_()
    click(source_card(window, "digits"))
    qtbot.waitUntil(lambda: window.data.dataset is not None, timeout=LONG_MS)
    qtbot.waitUntil(lambda: graph_of.setting("input", "shape") == (8, 8, 1), timeout=LONG_MS)
    # Dense on a picture works per pixel: the output does not fit, and a fix is offered.
    qtbot.waitUntil(lambda: len(window.document.problems) == 1, timeout=LONG_MS)
    assert not window.training_panel.start_action.isEnabled()
    window.docks["problems"].raise_()
    qtbot.waitUntil(button(window.problems_panel, "Insert Flatten").isVisible, timeout=LONG_MS)
    click(button(window.problems_panel, "Insert Flatten"))
    qtbot.waitUntil(lambda: not window.document.problems, timeout=LONG_MS)

    type_plan(window, "epochs", "100000")  # longer than any machine takes to press Pause
    QTest.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: len(window.session.history) >= 2, timeout=LONG_MS)
    qtbot.waitUntil(lambda: curve_points(window) >= 2, timeout=LONG_MS)
    qtbot.waitUntil(window.activations.bars.isVisible, timeout=LONG_MS)

    QTest.keyClick(window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.session.state is State.PAUSED, timeout=LONG_MS)
    QTest.keyClick(window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.session.state is State.RUNNING, timeout=LONG_MS)
    QTest.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: window.session.network is not None, timeout=LONG_MS)

    undo_and_redo_everything(window)
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    saved = tmp_path / "work.netsmith"
    qtbot.waitUntil(saved.is_file, timeout=LONG_MS)
    assert not window.isWindowModified()
    before = window.document.project
    trained = window.session.network.copy_weights()
    window.files.new()
    assert not window.document.project.graph.nodes
    QTest.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert window.document.project == before
    reopened = window.session.network
    assert reopened is not None
    assert all((reopened.weights[name] == value).all() for name, value in trained.items())
    qtbot.waitUntil(lambda: window.data.dataset is not None, timeout=LONG_MS)

    check_export(qtbot, window, tmp_path / "work.onnx")


def check_export(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    """Export through the dialog, and compare ONNX Runtime with the engine on test samples."""
    import onnxruntime

    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = window.findChildren(ExportDialog)
    dialog.path_field.setText(str(path))
    click(dialog.export_button)
    qtbot.waitUntil(path.is_file, timeout=LONG_MS)
    qtbot.waitUntil(lambda: not dialog.is_working, timeout=LONG_MS)
    assert "Verified" in dialog.outcome.text()
    dialog.close()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    data, network = window.data.dataset, window.session.network
    assert data is not None
    assert network is not None
    raw = np.stack([data.raw("test", i) for i in range(20)]).astype(np.float32)
    found = dict(
        zip(
            [output.name for output in session.get_outputs()],
            session.run(None, {session.get_inputs()[0].name: raw.reshape(-1, 8, 8, 1)}),
            strict=True,
        )
    )
    expected = network.predict(data.test.x[:20])
    assert np.abs(found["probabilities"] - expected).max() <= 1e-5
    assert list(found["label"]) == [data.targets.classes[i] for i in expected.argmax(axis=1)]


def undo_and_redo_everything(window: MainWindow) -> None:
    """Back to the empty project and forth again, by keys; the text is the same to the byte."""
    text, control = project_to_text(window.document.project), Qt.KeyboardModifier.ControlModifier
    steps = window.document.undo_stack.count()
    assert steps >= 10
    for _ in range(steps):
        QTest.keyClick(window, Qt.Key.Key_Z, control)
    assert not window.document.project.graph.nodes
    for _ in range(steps):
        QTest.keyClick(window, Qt.Key.Key_Z, control | Qt.KeyboardModifier.ShiftModifier)
    assert project_to_text(window.document.project) == text


# Hands


class _Graph:
    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def must_be(self, nodes: list[str] | None = None, edges: list[Edge] | None = None) -> None:
        graph = self._window.document.project.graph
        assert nodes is None or list(graph.nodes) == nodes
        assert edges is None or list(graph.edges) == edges

    def setting(self, node: str, name: str) -> object:
        return getattr(self._window.document.project.graph.nodes[node].layer, name)


def click(widget: QWidget) -> None:
    assert widget.isVisible(), f"{widget} cannot be seen"
    assert widget.isEnabled(), f"{widget} cannot be used"
    QTest.mouseClick(widget, LEFT)


def button(inside: QWidget, text: str) -> QAbstractButton:
    found = [each for each in inside.findChildren(QAbstractButton) if text in each.text()]
    assert found, f"no button says {text!r}"
    return found[0]


def source_card(window: MainWindow, name: str) -> SourceCard:
    cards = window.data_panel.findChildren(SourceCard)
    return next(card for card in cards if card.text() == name)


def drag_layer(window: MainWindow, kind: str, to: QPointF) -> None:
    """Drop a layer from the palette at a place of the canvas, by the events that Qt sends."""
    window.canvas.zoom_reset()
    port, at = window.canvas.viewport(), window.canvas.mapFromScene(to)
    buttons = (Qt.DropAction.CopyAction, mime_of(kind), LEFT, NONE)
    QApplication.sendEvent(port, QDragEnterEvent(at, *buttons))
    QApplication.sendEvent(port, QDragMoveEvent(at, *buttons))
    QApplication.sendEvent(port, QDropEvent(QPointF(at), *buttons))


def wire(window: MainWindow, source: str, target: str) -> None:
    """Drag from the output port of one node to the input port of another."""
    window.canvas.fit_all()
    nodes = window.canvas.canvas_scene.nodes
    drag(window, nodes[source].output, nodes[target].input(0))


def select(window: MainWindow, node: str) -> None:
    card = window.canvas.canvas_scene.nodes[node].card
    at = window.canvas.mapFromScene(card.center())
    QTest.mouseClick(window.canvas.viewport(), LEFT, NONE, at)
    assert window.document.selection.node == node


def drag(window: MainWindow, start: QPointF, end: QPointF) -> None:
    port = window.canvas.viewport()
    QTest.mousePress(port, LEFT, NONE, window.canvas.mapFromScene(start))
    for share in (0.2, 0.6, 1.0):
        at = QPointF(window.canvas.mapFromScene(start + (end - start) * share))
        move = QMouseEvent(
            QMouseEvent.Type.MouseMove,
            at,
            port.mapToGlobal(at),
            Qt.MouseButton.NoButton,
            LEFT,
            NONE,
        )
        QApplication.sendEvent(port, move)
    QTest.mouseRelease(port, LEFT, NONE, window.canvas.mapFromScene(end))


def type_setting(window: MainWindow, name: str, text: str) -> None:
    window.docks["inspector"].raise_()
    type_into(window.inspector.node_view.form.field(name).editor, text)


def type_plan(window: MainWindow, name: str, text: str) -> None:
    type_into(window.training_panel.form.field(name).editor, text)


def type_into(editor: QWidget, text: str) -> None:
    editor.setFocus()
    QTest.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def choose_setting(window: MainWindow, name: str, kind: str) -> None:
    combo = window.inspector.node_view.form.field(name).findChild(QComboBox)
    assert combo is not None
    combo.setFocus()
    QTest.keyClicks(combo, kind)
    assert combo.currentText() == kind


def curve_points(window: MainWindow) -> int:
    """How many epochs the loss chart has drawn."""
    (line,) = [each for each in window.curves.loss_chart.lines if each.name == "train"]
    return len(line.x)
