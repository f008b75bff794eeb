"""After Fit everything is seen, and no node lies under what stands in the corners."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.canvas import CanvasView
from app.document import Document
from engine.graph import Graph, Node
from engine.layers import Dense
from engine.project import Project
from engine.training.health import Health


def view_of(
    qtbot: QtBot, columns: int, rows: int, size: tuple[int, int] = (1000, 600)
) -> CanvasView:
    """Layers in a grid that leaves no room in the corners."""
    count = columns * rows
    nodes = {f"n{i}": Node(f"n{i}", Dense(units=4)) for i in range(count)}
    places = {f"n{i}": (240.0 * (i % columns), 110.0 * (i // columns)) for i in range(count)}
    document = Document(Project(graph=Graph(nodes), positions=places))
    canvas = CanvasView(document)
    document.setParent(canvas)
    qtbot.addWidget(canvas)
    canvas.resize(*size)
    canvas.show()
    return canvas


def show_all_corners(view: CanvasView) -> list[QWidget]:
    graph = view.document.project.graph
    view.canvas_scene.live.show_run(graph, {}, Health({}, dict.fromkeys(graph.nodes, 1e-3), {}))
    view.show_legend()
    view.set_running(True)
    if not view.overlaid.map.isVisible():
        view.minimap()
    view.levels.crumbs.show_way(["Network", "Block"])
    return [view.overlaid.legend, view.overlaid.map, view.levels.crumbs, view.overlaid._mark]


def covered(view: CanvasView, corners: list[QWidget]) -> set[str]:
    """The nodes of which a part is under one of these."""
    found: set[str] = set()
    for corner in corners:
        if corner.isVisible():
            rect = QRectF(corner.geometry())
            at = view.navigation.to_scene
            found |= view.canvas_scene.nodes_in(QRectF(at(rect.topLeft()), at(rect.bottomRight())))
    return found


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (4, 1), (12, 3), (3, 12), (6, 6), (20, 20)])
@pytest.mark.parametrize("size", [(1000, 600), (700, 900), (1900, 900)])
def test_no_node_is_covered_after_fit(
    qtbot: QtBot, columns: int, rows: int, size: tuple[int, int]
) -> None:
    view = view_of(qtbot, columns, rows, size)
    corners = show_all_corners(view)
    view.fit_all()
    assert view.seen.contains(view.canvas_scene.everything)
    assert not covered(view, corners)


def test_fit_does_not_shrink_for_corners_that_are_empty(qtbot: QtBot) -> None:
    view = view_of(qtbot, 4, 1)
    view.fit_all()
    before = view.zoom, view.seen.center()
    show_all_corners(view)
    view.fit_all()
    assert view.zoom == before[0]
    assert (view.seen.center() - before[1]).manhattanLength() < 2


def test_a_selection_is_not_covered_by_the_minimap_that_comes_with_it(qtbot: QtBot) -> None:
    view = view_of(qtbot, 20, 20)
    view.fit_all()
    assert not view.overlaid.map.isVisible()
    some = {f"n{20 * row + column}" for row in range(5, 12) for column in range(6, 12)}
    view.document.selection.set(some)
    view.fit_selection()
    assert view.overlaid.map.isVisible()
    assert not covered(view, [view.overlaid.map]) & some


def test_where_there_is_no_room_at_all_everything_is_shown(qtbot: QtBot) -> None:
    view = view_of(qtbot, 12, 3, (260, 200))
    show_all_corners(view)
    view.fit_all()
    assert view.zoom > 0
    assert view.seen.contains(view.canvas_scene.everything.center())
