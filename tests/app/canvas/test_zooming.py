"""Many nodes while the zoom goes on: stretched pictures first, sharp ones when it rests."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.canvas import CanvasView
from app.document import Document
from engine.arrays import Array
from engine.graph import Edge, Graph, Node
from engine.layers import Dense, Input
from engine.project import Project

COUNT = 100


@pytest.fixture
def view(qtbot: QtBot) -> CanvasView:
    """A hundred layers in rows, wired, one of them selected."""
    nodes = {"n0": Node("n0", Input(shape=(4,)))}
    nodes |= {f"n{i}": Node(f"n{i}", Dense(units=4)) for i in range(1, COUNT)}
    edges = tuple(Edge(f"n{i}", f"n{i + 1}") for i in range(COUNT - 1))
    places = {f"n{i}": (240.0 * (i % 10), 110.0 * (i // 10)) for i in range(COUNT)}
    document = Document(Project(graph=Graph(nodes, edges), positions=places))
    canvas = CanvasView(document)
    document.setParent(canvas)
    qtbot.addWidget(canvas)
    canvas.resize(900, 700)
    canvas.show()
    canvas.fit_all()
    rest(qtbot, canvas)
    return canvas


def rest(qtbot: QtBot, view: CanvasView) -> None:
    """Wait until everything is sharp."""
    qtbot.waitUntil(
        lambda: not rough(view) and not view.canvas_scene.sharpening.is_active, timeout=10_000
    )


def rough(view: CanvasView) -> set[str]:
    return {id for id, node in view.canvas_scene.nodes.items() if node.is_rough}


def shot(view: CanvasView) -> Array:
    image = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return pixels[:, :, :3].astype(np.int16)


def far_from(one: Array, other: Array) -> float:
    """The mean difference of colors, of 255."""
    return float(np.abs(one - other).mean())


@pytest.mark.parametrize("zoom", [0.3, 0.5, 0.8, 1.3])
def test_the_rough_picture_is_nearly_the_sharp_one(
    qtbot: QtBot, view: CanvasView, zoom: float
) -> None:
    view.document.selection.set({"n44", "n45"})
    view.navigation.zoom_to(zoom * 0.97)
    rest(qtbot, view)
    view.navigation.zoom_to(zoom)
    assert rough(view) == set(view.canvas_scene.nodes)
    stretched = shot(view)
    shown = [item for item in view.canvas_scene.items() if item.isVisible()]
    for item in shown:
        item.setVisible(False)
    without = shot(view)
    for item in shown:
        item.setVisible(True)
    rest(qtbot, view)
    sharp = shot(view)
    assert far_from(stretched, sharp) < 6
    assert far_from(stretched, sharp) < 0.4 * far_from(without, sharp)


def test_what_is_sharp_already_is_stretched_again_when_the_zoom_goes_on(
    qtbot: QtBot, view: CanvasView
) -> None:
    view.navigation.zoom_to(0.7)
    qtbot.waitUntil(lambda: view.canvas_scene.sharpening.is_active, timeout=10_000)
    view.canvas_scene.nodes["n0"].sharpen(0.7, 1.0)
    view.navigation.zoom_to(0.71)
    assert rough(view) == set(view.canvas_scene.nodes)


def test_what_changes_while_it_is_stretched_is_seen(view: CanvasView) -> None:
    view.navigation.zoom_to(0.5)
    before = shot(view)
    view.document.selection.set({"n33"})
    selected = shot(view)
    assert far_from(before, selected) > 0
    view.canvas_scene.nodes["n12"].show_flash(1.0)
    assert far_from(selected, shot(view)) > 0


def test_a_node_that_is_new_while_others_are_stretched_is_seen(view: CanvasView) -> None:
    view.navigation.zoom_to(0.5)
    before = shot(view)
    project = view.document.project
    graph = Graph(project.graph.nodes | {"new": Node("new", Dense(units=4))}, project.graph.edges)
    middle = view.mapToScene(view.viewport().rect().center())
    places = {**project.positions, "new": (middle.x(), middle.y())}
    view.document.do("Add", Project(graph=graph, positions=places))
    assert "new" in rough(view)
    assert far_from(before, shot(view)) > 0


def test_nobody_points_at_what_draws_them(view: CanvasView) -> None:
    view.navigation.zoom_to(0.5)
    scene = view.canvas_scene
    between = scene.nodes["n44"].card.bottomRight() + QPointF(20, 10)
    assert scene.items(QRectF(between, between + QPointF(4, 4))) == []
