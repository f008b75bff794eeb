"""What is seen: pixels of the canvas at rest, after changes, and while the zoom goes on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import theme
from app.canvas import CanvasView
from app.canvas.node_item import BOUNDS
from app.canvas.tile_grid import SIDE
from app.canvas.wire_item import DRAFT_LAYER, Look, WireItem
from app.document import Document, edits
from engine.arrays import Array
from engine.graph import Edge, Graph, Node
from engine.layers import Add, Dense, Input
from engine.project import Frame, Project
from engine.training.health import Health

COUNT, PER_ROW = 100, 10
ZOOMS = [0.12, 0.3, 0.5, 0.8, 1.0, 1.7]
MIDDLE = "n45"


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[CanvasView]:
    """A hundred layers in rows, wired; one has a problem."""
    nodes = {"n0": Node("n0", Input(shape=(4,)))}
    nodes |= {f"n{i}": Node(f"n{i}", Dense(units=4)) for i in range(1, COUNT)}
    nodes["bad"] = Node("bad", Add())
    edges = tuple(Edge(f"n{i}", f"n{i + 1}") for i in range(COUNT - 1))
    places = {f"n{i}": (240.0 * (i % PER_ROW), 110.0 * (i // PER_ROW)) for i in range(COUNT)}
    places["bad"] = (240.0 * 5, 110.0 * PER_ROW)
    document = Document(Project(graph=Graph(nodes, edges), positions=places))
    canvas = CanvasView(document)
    document.setParent(canvas)
    qtbot.addWidget(canvas)
    canvas.resize(900, 700)
    canvas.show()
    look_at(qtbot, canvas, 1.0)
    yield canvas
    theme.apply(theme.Scheme.SYSTEM)


def rest(qtbot: QtBot, view: CanvasView) -> None:
    """Wait until everything is sharp."""
    view.viewport().repaint()
    qtbot.waitUntil(lambda: view.canvas_scene.tiles.is_at_rest, timeout=20_000)
    assert not view.canvas_scene.tiles.is_stretched


def look_at(qtbot: QtBot, view: CanvasView, zoom: float, node: str = MIDDLE) -> None:
    view.navigation.zoom_to(zoom)
    view.centerOn(view.canvas_scene.nodes[node].card.center())
    rest(qtbot, view)


def image_of(view: CanvasView) -> QImage:
    return view.viewport().grab().toImage()


def shot(view: CanvasView) -> Array:
    """Colors of all pixels of the device, (height, width, 3)."""
    return colors_of(image_of(view))


def colors_of(image: QImage) -> Array:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return pixels[:, :, 2::-1].astype(np.int16)


def color_at(view: CanvasView, scene: QPointF) -> QColor:
    at, ratio = view.navigation.to_view(scene), view.devicePixelRatioF()
    return image_of(view).pixelColor(int(at.x() * ratio), int(at.y() * ratio))


def near(
    view: CanvasView, scene: QPointF, color: QColor, reach: float = 3.0, share: float = 0.6
) -> bool:
    """Whether a pixel close to a point of the scene has this color, be it half transparent."""
    image, ratio = image_of(view), view.devicePixelRatioF()
    at = view.navigation.to_view(scene) * ratio
    steps = range(-round(reach * ratio), round(reach * ratio) + 1)
    found = [image.pixelColor(round(at.x()) + x, round(at.y()) + y) for x in steps for y in steps]
    ground = distance(color, theme.color("canvas"))
    return min(distance(each, color) for each in found) <= share * ground


def distance(one: QColor, other: QColor) -> int:
    parts = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)
    return sum(abs(a - b) for a, b in parts)


def far_from(one: Array, other: Array) -> float:
    """The mean difference of colors, of 255."""
    return float(np.abs(one - other).mean())


def box(view: CanvasView, node: str) -> QPointF:
    """A point of a node that has the color of its category from near and afar."""
    return view.canvas_scene.nodes[node].card.topLeft() + QPointF(2.5, 18)


def ring(view: CanvasView, node: str) -> QPointF:
    card = view.canvas_scene.nodes[node].card
    return QPointF(card.center().x(), card.bottom())


@pytest.mark.parametrize("zoom", ZOOMS)
def test_nodes_wires_rings_and_badges_are_where_they_belong(
    qtbot: QtBot, view: CanvasView, zoom: float
) -> None:
    look_at(qtbot, view, zoom)
    scene, c = view.canvas_scene, theme.colors()
    category = c.category("Core")
    assert near(view, box(view, MIDDLE), category, 1.0)
    assert near(view, scene.wires[Edge("n44", MIDDLE)].middle(), QColor(c.wire), 2.0)
    assert not near(view, ring(view, MIDDLE), QColor(c.accent), share=0.06)
    view.document.selection.set([MIDDLE], [Edge("n44", MIDDLE)])
    assert near(view, ring(view, MIDDLE), QColor(c.accent), share=0.06)
    assert near(view, scene.wires[Edge("n44", MIDDLE)].middle(), QColor(c.accent), 2.0)
    view.document.selection.clear()
    assert not near(view, ring(view, MIDDLE), QColor(c.accent), share=0.06)
    look_at(qtbot, view, zoom, "bad")
    card = scene.nodes["bad"].card
    assert near(view, card.topRight() + QPointF(-15, 15), QColor(c.bad), 5.0)


@pytest.mark.parametrize("zoom", ZOOMS)
def test_what_is_kept_is_what_would_be_painted_anew(
    qtbot: QtBot, view: CanvasView, zoom: float
) -> None:
    """After edits, moves, hovering, deletion and a pan no stain is left."""
    document, scene = view.document, view.canvas_scene
    look_at(qtbot, view, zoom)
    document.selection.set([MIDDLE, "n46"])
    document.do("move", edits.move_nodes(document.project, {"n34": (1000.0, 371.0)}))
    document.do("units", edits.change_settings(document.project, "n55", units=77))
    document.do("delete", edits.delete(document.project, ["n54", "n46"], [], True))
    document.do("frame", edits.add_mark(document.project, Frame(x=900, y=300, text="Stem"))[0])
    scene.nodes["n44"].show_hovered(True, frozenset([None]))
    scene.nodes["n56"].show_flash(1.0)
    scene.wires[Edge("n56", "n57")].show_look(Look.HOVERED)
    view.navigation.pan(37, -21)
    scene.nodes["n44"].show_hovered(False)
    scene.nodes["n56"].show_flash(0.0)
    scene.wires[Edge("n56", "n57")].show_look(Look.PLAIN)
    rest(qtbot, view)
    kept = shot(view)
    scene.tiles.clear()
    assert far_from(kept, shot(view)) == 0


def test_a_name_is_where_it_was_when_painted_by_itself(qtbot: QtBot, view: CanvasView) -> None:
    """A card on the canvas is, pixel for pixel, the card as it paints itself."""
    look_at(qtbot, view, 1.0)
    card, ratio = view.canvas_scene.nodes[MIDDLE], view.devicePixelRatioF()
    image = QImage(QSize(210, 100) * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(theme.color("canvas"))
    painter = QPainter(image)
    painter.translate(-BOUNDS.topLeft())
    card._paint_card(painter)
    painter.end()
    corner = view.navigation.to_view(card.pos() + BOUNDS.topLeft()) * ratio
    inside = QRect(round(32 * ratio), round(22 * ratio), round(140 * ratio), round(40 * ratio))
    seen, known = image_of(view), colors_of(image.copy(inside))
    # Where a pixel of the screen is one and a half of the device, the next one is as good.
    near = [corner.toPoint() + QPoint(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    assert min(far_from(colors_of(seen.copy(inside.translated(at))), known) for at in near) == 0


@pytest.mark.parametrize("zoom", [0.3, 0.5, 0.8, 1.3])
def test_the_rough_picture_is_nearly_the_sharp_one(
    qtbot: QtBot, view: CanvasView, zoom: float
) -> None:
    view.document.selection.set({"n44", MIDDLE})
    look_at(qtbot, view, zoom * 0.97)
    view.navigation.zoom_to(zoom)
    stretched = shot(view)
    assert view.canvas_scene.tiles.is_stretched
    rest(qtbot, view)
    sharp = shot(view)
    nothing = np.broadcast_to(sharp[0, 0], sharp.shape)
    assert 0 < far_from(stretched, sharp) < 8
    assert far_from(stretched, sharp) < 0.5 * far_from(nothing, sharp)


def test_nothing_is_missing_while_the_zoom_goes_far(qtbot: QtBot, view: CanvasView) -> None:
    look_at(qtbot, view, 1.0)
    while view.zoom > 0.3:
        view.zoom_out()
        stretched = shot(view)
    rest(qtbot, view)
    sharp = shot(view)
    for node in ("n0", "n9", "n90", "n99", MIDDLE):
        at = view.navigation.to_view(view.canvas_scene.nodes[node].card.center()).toPoint()
        if view.viewport().rect().adjusted(20, 20, -20, -20).contains(at):
            part = slice(at.y() - 9, at.y() + 9), slice(at.x() - 24, at.x() + 24)
            assert far_from(stretched[part], sharp[part]) < 40


def test_what_changes_while_it_is_stretched_is_seen(view: CanvasView) -> None:
    view.navigation.zoom_to(0.8)
    before = shot(view)
    view.document.selection.set({MIDDLE})
    selected = shot(view)
    assert view.canvas_scene.tiles.is_stretched
    assert far_from(before, selected) > 0
    view.canvas_scene.nodes["n44"].show_flash(1.0)
    assert far_from(selected, shot(view)) > 0


def test_a_drawing_that_is_panned_while_stretched_moves_as_a_whole(view: CanvasView) -> None:
    view.navigation.zoom_to(0.8)
    before = shot(view)
    view.navigation.pan(40, 24)
    across, down = round(40 * view.devicePixelRatioF()), round(24 * view.devicePixelRatioF())
    assert far_from(before[:-down, :-across], shot(view)[down:, across:]) < 3


def test_colors_change_at_once(qtbot: QtBot, view: CanvasView) -> None:
    for scheme in (theme.Scheme.LIGHT, theme.Scheme.DARK):
        theme.apply(scheme)
        QApplication.processEvents()
        assert near(view, box(view, MIDDLE), theme.colors().category("Core"), 1.0)
        corner = view.canvas_scene.nodes[MIDDLE].card.bottomRight() + QPointF(13, 13)
        assert near(view, corner, theme.color("canvas"), 2.0)


def test_a_picture_of_a_run_is_shown_anew(qtbot: QtBot, view: CanvasView) -> None:
    look_at(qtbot, view, 1.0)
    live, graph = view.canvas_scene.live, view.document.project.graph
    card = view.canvas_scene.nodes[MIDDLE].card
    strip = QPointF(card.center().x(), card.bottom() + 15)
    before = shot(view)
    shots = []
    for values in (np.zeros(4), np.ones(4)):
        live.show_run(graph, {MIDDLE: values.astype(np.float32)}, None)
        live.paint_due(60)
        rest(qtbot, view)
        shots.append(shot(view))
    assert far_from(before, shots[0]) > 0
    assert far_from(shots[0], shots[1]) > 0
    assert near(view, strip, theme.color("train"), 4.0)
    live.clear()
    assert far_from(shot(view), before) == 0


def test_news_of_all_wires_are_seen_within_some_turns(qtbot: QtBot, view: CanvasView) -> None:
    look_at(qtbot, view, 0.5)
    graph = view.document.project.graph
    health = Health({}, dict.fromkeys(graph.nodes, 1.0), {})
    view.canvas_scene.live.show_run(graph, {}, health)
    rest(qtbot, view)
    kept = shot(view)
    view.canvas_scene.tiles.clear()
    rest(qtbot, view)
    assert far_from(kept, shot(view)) == 0
    wire = view.canvas_scene.wires[Edge("n44", MIDDLE)].middle()
    assert near(view, wire, theme.color("validation"), 4.0)


def test_a_wire_taken_up_is_hidden_and_one_that_would_go_is_faint(
    qtbot: QtBot, view: CanvasView
) -> None:
    wire = view.canvas_scene.wires[Edge("n44", MIDDLE)]
    before, color = shot(view), color_at(view, wire.middle())
    wire.setVisible(False)
    assert distance(color_at(view, wire.middle()), color) > 60
    wire.setVisible(True)
    assert far_from(before, shot(view)) == 0
    wire.setOpacity(0.25)
    assert distance(color_at(view, wire.middle()), color) > 10
    wire.setOpacity(1.0)
    assert far_from(before, shot(view)) == 0


def test_a_wire_that_is_being_drawn_lies_above_what_is_kept(view: CanvasView) -> None:
    scene, before = view.canvas_scene, shot(view)
    card = scene.nodes[MIDDLE].card
    draft = WireItem(None, DRAFT_LAYER)
    scene.addItem(draft)
    draft.lay(card.topLeft() + QPointF(20, 36), card.topRight() + QPointF(-20, 36))
    assert draft not in scene.kept_in(card)
    assert near(view, card.center() + QPointF(0, -2), theme.color("wire"), 2.0)
    scene.removeItem(draft)
    assert far_from(shot(view), before) == 0


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("zoom", [0.3, 1.0])
def test_dense_screens_show_the_same_with_more_detail(
    qtbot: QtBot, view: CanvasView, ratio: float, zoom: float
) -> None:
    look_at(qtbot, view, zoom)
    size = view.viewport().size()
    seen = QRectF(view.seen)
    dense = QImage(size * ratio, QImage.Format.Format_RGB32)
    dense.setDevicePixelRatio(ratio)
    painter = QPainter(dense)
    painter.setWorldTransform(view.viewportTransform())
    view.canvas_scene.tiles.paint(painter, seen, seen)
    painter.end()
    small, known = (
        each.scaled(size, mode=Qt.TransformationMode.SmoothTransformation)
        for each in (dense, image_of(view))
    )
    assert far_from(colors_of(small), colors_of(known)) < 4


def test_memory_is_bounded(qtbot: QtBot, view: CanvasView) -> None:
    look_at(qtbot, view, 4.0)
    for x in range(0, 2400, 40):
        for y in range(0, 1100, 60):
            view.centerOn(x, y)
            view.viewport().repaint()
    grid = view.canvas_scene.tiles._grid
    assert grid is not None
    assert len(grid.tiles) * 4 * SIDE**2 <= 64 * 2**20
