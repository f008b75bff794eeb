"""What hangs on nodes and wires while a network learns."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest

from app import theme
from app.canvas import CanvasView
from app.canvas.health import (
    Pace,
    chip_text,
    node_words,
    pace_of,
    percent,
    short_ratio,
    wire_health,
)
from app.canvas.live_pictures import chip_picture, glance_picture
from app.canvas.measures import BOX_BELOW
from app.document import edits
from engine.analysis.speed import Rate, Speed
from engine.graph import Edge
from engine.layers import Dense
from engine.training.health import Health

pytestmark = pytest.mark.usefixtures("qapp")  # pictures need one even without a window

CONV, FLAT, DENSE = "conv2d", "flatten", "dense"
HEALTH = Health(
    gradients={(CONV, FLAT): 2e-3, (FLAT, DENSE): 2e-5},
    updates={CONV: 2.1e-5, DENSE: 8e-2},
    dead={CONV: 0.25},
)
GLANCES = {
    CONV: np.random.default_rng(0).random((6, 6, 4), dtype=np.float32),
    DENSE: np.linspace(-1, 1, 10, dtype=np.float32),
}


@pytest.fixture
def learning(view: CanvasView) -> CanvasView:
    """The canvas in the middle of a run."""
    tell(view)
    return view


def tell(view, glances=GLANCES, health=HEALTH):
    live = view.canvas_scene.live
    live.show_run(view.document.project.graph, glances, health)
    view.show_legend()
    live.paint_due(10)


def wire(view, source, target):
    return view.canvas_scene.wires[Edge(source, target)]


# Words and degrees


def test_paces_lie_around_a_thousandth():
    assert pace_of(None) is None
    assert [pace_of(each) for each in (0.0, 9e-5, 1e-4, 1e-3, 1e-2, 2e-2)] == [
        Pace.SLOW,
        Pace.SLOW,
        Pace.HEALTHY,
        Pace.HEALTHY,
        Pace.HEALTHY,
        Pace.FAST,
    ]


def test_health_is_told_in_words():
    said = node_words(HEALTH, CONV)
    assert "update/weight 2.1e-05: too small, about 1e-3 is healthy" in said
    assert "25 % of its relu units were zero" in said
    assert "too large" in node_words(HEALTH, DENSE)
    assert node_words(HEALTH, FLAT) == ""
    assert chip_text(HEALTH, CONV) == "▼ 2e-5 · 25 % dead"
    assert chip_text(HEALTH, FLAT) == ""
    assert short_ratio(8.4e-4) == "8e-4"
    assert [percent(each) for each in (0.0, 0.004, 0.123)] == ["0 %", "< 1 %", "12 %"]


def test_gradients_are_compared_with_the_largest():
    edges = [Edge("input", CONV), Edge(CONV, FLAT), Edge(FLAT, DENSE)]
    found = wire_health(HEALTH, edges)
    first, second, third = (found[edge] for edge in edges)
    assert first.strength is None
    assert "No gradient" in first.words
    assert second.strength == 1
    assert third.strength == pytest.approx(0.5)  # two of four decades
    assert "1 % of the largest" in third.words
    assert f"{CONV}: update/weight" in second.words
    assert third.pace is None


def test_a_gradient_that_vanished_is_thin_and_said():
    edge = Edge(CONV, FLAT)
    found = wire_health(Health({(CONV, FLAT): 0.0}), [edge])[edge]
    assert found.strength == 0
    assert "zero" in found.words


# On the canvas


def test_wires_show_size_and_pace(learning):
    strong, weak = wire(learning, CONV, FLAT), wire(learning, FLAT, DENSE)
    assert strong.pen().widthF() > weak.pen().widthF()
    assert strong.pen().color() == theme.color(Pace.SLOW.value)
    assert strong.pen().style() == Qt.PenStyle.CustomDashLine
    assert weak.pen().color() == theme.color("wire")
    assert weak.pen().style() == Qt.PenStyle.SolidLine


def test_paces_differ_without_color(view):
    pens = []
    for ratio in (1e-6, 1e-3, 1.0):
        tell(view, {}, Health({(CONV, FLAT): 1.0}, {CONV: ratio}))
        pen = wire(view, CONV, FLAT).pen()
        pens.append((pen.style(), tuple(pen.dashPattern())))
    assert len(set(pens)) == 3
    assert len({pace.mark for pace in Pace}) == 3


def test_a_selected_wire_still_looks_selected(learning):
    learning.document.selection.set(edges=[Edge(CONV, FLAT)])
    assert wire(learning, CONV, FLAT).pen().color() == theme.color("accent")


def test_pictures_hang_below_their_cards(learning):
    live = learning.canvas_scene.live
    assert live.pictured == {CONV, DENSE}
    strip = live._strips[CONV]
    card = learning.canvas_scene.nodes[CONV].card
    assert strip.sceneBoundingRect().top() > card.bottom()
    assert strip.sceneBoundingRect().bottom() < card.bottom() + 34  # the gap between rows
    assert strip.isVisible()


def test_pictures_move_with_their_cards(learning, hands):
    strip = learning.canvas_scene.live._strips[CONV]
    before = strip.scenePos()
    hands.drag(hands.middle(CONV), hands.middle(CONV) + QPoint(0, 200))
    assert strip.scenePos().y() > before.y() + 150


def test_pictures_follow_a_card_that_folds(learning):
    live, document = learning.canvas_scene.live, learning.document
    strip, chip = live._strips[CONV], live._chips[CONV]
    places = strip.pos(), chip.pos()
    document.do("Hide", edits.collapse(document.project, [CONV]))
    live.paint_due(10)
    assert strip.pos().y() < places[0].y()
    assert chip.pos().y() > places[1].y()
    document.undo_stack.undo()
    live.paint_due(10)
    assert (strip.pos(), chip.pos()) == places


def test_what_stays_the_same_is_not_painted_again(learning):
    strip = learning.canvas_scene.live._strips[CONV]
    before = strip.pixmap().cacheKey()
    tell(learning, {})
    assert strip.pixmap().cacheKey() == before
    tell(learning, {CONV: GLANCES[CONV] + 1})
    assert strip.pixmap().cacheKey() != before


def test_from_afar_there_are_neither_pictures_nor_chips(learning):
    live = learning.canvas_scene.live
    items = [*live._strips.values(), *live._chips.values()]
    assert len(items) == 4
    learning.navigation.zoom_to(BOX_BELOW - 0.1)
    assert not any(item.isVisible() for item in items)
    learning.navigation.zoom_to(1.0)
    assert all(item.isVisible() for item in items)


def test_what_comes_while_afar_is_there_when_near(view):
    live = view.canvas_scene.live
    view.navigation.zoom_to(BOX_BELOW - 0.1)
    tell(view)
    assert not live.pictured
    view.navigation.zoom_to(1.0)
    live.paint_due(10)
    assert live.pictured == {CONV, DENSE}


def test_a_changed_layer_shows_nothing_of_before(learning):
    live, document = learning.canvas_scene.live, learning.document
    document.do("Change", edits.change_settings(document.project, DENSE, units=7))
    live.paint_due(10)
    assert live.pictured == {CONV}
    assert DENSE not in live._chips
    assert wire(learning, FLAT, DENSE).toolTip() == ""
    assert wire(learning, CONV, FLAT).toolTip()
    document.undo_stack.undo()
    live.paint_due(10)
    assert live.pictured == {CONV, DENSE}
    assert DENSE in live._chips


def test_a_deleted_layer_takes_all_with_it(learning):
    document, scene = learning.document, learning.canvas_scene
    document.do("Delete", edits.delete(document.project, [CONV]))
    assert scene.live.pictured == {DENSE}
    document.undo_stack.undo()
    scene.live.paint_due(10)
    assert scene.live.pictured == {CONV, DENSE}
    assert len(scene.live._strips) == 2


def test_another_project_clears_everything(learning):
    scene = learning.canvas_scene
    project = learning.document.project
    learning.document.open(project, None)
    assert not scene.live.pictured
    assert scene.live.health is None
    assert all(not each.toolTip() for each in scene.wires.values())


def test_a_new_run_begins_from_nothing(learning):
    live, graph = learning.canvas_scene.live, learning.document.project.graph
    graph, _ = graph.add(Dense())
    live.show_run(graph, {CONV: GLANCES[CONV]})
    live.paint_due(10)
    assert live.pictured == {CONV}
    assert not live._chips


def test_switches_take_off_and_put_back(learning):
    live = learning.canvas_scene.live
    asked: list[bool] = []
    learning.liveWanted.connect(lambda: asked.append(True))
    learning.show_pictures(False)
    assert not live.pictured
    learning.show_pictures(True)
    live.paint_due(10)
    assert live.pictured == {CONV, DENSE}
    assert asked == [True]
    learning.show_health(False)
    assert not live._chips
    assert wire(learning, CONV, FLAT).pen().style() == Qt.PenStyle.SolidLine
    assert not learning.overlaid.legend.isVisible()
    learning.show_health(True)
    live.paint_due(10)
    assert set(live._chips) == {CONV, DENSE}
    assert learning.overlaid.legend.isVisible()


def test_the_legend_is_there_only_with_something_to_explain(view):
    assert not view.overlaid.legend.isVisible()
    tell(view)
    assert view.overlaid.legend.isVisible()
    assert view.overlaid.legend.geometry().bottom() <= view.rect().bottom()
    said = view.overlaid.legend.accessibleDescription()
    assert all(pace.mark in said for pace in Pace)


def test_tips_tell_the_numbers(learning):
    node = learning.canvas_scene.nodes[CONV]
    assert "too small, about 1e-3 is healthy" in node.toolTip()
    chip = learning.canvas_scene.live._chips[CONV]
    assert "25 % of its relu units" in chip.toolTip()
    assert "Gradient 2.0e-03" in wire(learning, CONV, FLAT).toolTip()


def test_a_click_on_a_picture_edits_nothing(learning):
    strip = learning.canvas_scene.live._strips[CONV]
    at = learning.navigation.to_view(strip.sceneBoundingRect().center()).toPoint()
    QTest.mouseClick(learning.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert learning.document.undo_stack.count() == 0


def test_a_drawing_leaves_the_run_out(view):
    def drawn() -> QImage:
        area = view.drawn_area()
        image = QImage(1200, 600, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        painter.translate(-area.topLeft())
        view.paint_drawing(painter)
        painter.end()
        return image

    view.navigation.zoom_to(1.0)
    before = drawn()
    tell(view)
    assert drawn() == before
    assert wire(view, CONV, FLAT).pen().style() == Qt.PenStyle.CustomDashLine


def test_pictures_are_painted_a_little_at_a_time(view):
    live = view.canvas_scene.live
    live.show_run(view.document.project.graph, GLANCES, HEALTH)
    assert live._work.isActive()
    live.paint_due(0.0)
    live.paint_due(0.0)
    assert live._work.isActive()
    live.paint_due(10)
    assert not live._work.isActive()


# Pictures


def colors_of(picture) -> set[str]:
    image = picture.toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_bars_of_both_signs_are_told_apart():
    found = colors_of(glance_picture(np.array([1.0, -1.0, 0.5], np.float32)))
    assert {theme.colors().train, theme.colors().validation} <= found


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((5, 5, 3), np.float32),
        np.full((28, 28, 6), np.nan, np.float32),
        np.array([np.inf, 1.0], np.float32),
        np.zeros(0, np.float32),
        np.ones((1, 1, 1), np.float32),
        np.random.default_rng(0).random((28, 2, 6)).astype(np.float32),
        np.random.default_rng(0).random((2, 28, 6)).astype(np.float32),
    ],
)
def test_anything_can_be_pictured(values):
    assert not glance_picture(values).isNull()


def test_maps_show_their_greatest_value_bright():
    values = np.zeros((4, 4, 1), np.float32)
    values[0, 0] = 1
    found = colors_of(glance_picture(values))
    assert QColor(253, 231, 37).name() in found  # viridis' end


def test_chips_of_equal_text_are_painted_once():
    one, other = (chip_picture("● 1e-3", Pace.HEALTHY) for _ in range(2))
    assert one.cacheKey() == other.cacheKey()
    assert chip_picture("● 1e-3", Pace.FAST).cacheKey() != one.cacheKey()


# Costs on cards


def test_cards_tell_costs_once_the_machine_is_known(view):
    face = view.canvas_scene.nodes[DENSE].face
    assert "MAC" in face.cost
    assert " ms" not in face.cost
    view.document.costs.set_speed(Speed({"Dense": Rate(base=2e-3)}, {}, {}))
    face = view.canvas_scene.nodes[DENSE].face
    assert face.cost.endswith("≈ 2 ms")


def test_costs_follow_batch_size_and_layer(view):
    document, scene = view.document, view.canvas_scene
    lines = [scene.nodes[DENSE].face.cost]
    plan = document.project.plan.changed(batch_size=64)
    document.do("Change", edits.replace(document.project, plan=plan))
    lines.append(scene.nodes[DENSE].face.cost)
    document.do("Change", edits.change_settings(document.project, DENSE, units=100))
    lines.append(scene.nodes[DENSE].face.cost)
    assert all(one != other for one, other in pairwise(lines))
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert scene.nodes[DENSE].face.cost == lines[0]


def test_costs_can_be_switched_off(view):
    scene = view.canvas_scene
    scene.show_costs(False)
    assert not any(item.face.cost for item in scene.nodes.values())
    scene.show_costs(True)
    assert scene.nodes[DENSE].face.cost
