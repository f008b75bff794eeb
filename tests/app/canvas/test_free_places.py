"""What is dropped, added or pasted covers no other node."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest

from app.document.places import GAP, NODE_HEIGHT, NODE_WIDTH, free_place
from app.widgets.layer_drag import mime_of
from engine.graph import Edge

CTRL = Qt.KeyboardModifier.ControlModifier
K = Qt.Key


def assert_clear(hands):
    cards = {id: item.card for id, item in hands.scene.nodes.items()}
    for one, other in combinations(cards, 2):
        assert not cards[one].intersects(cards[other]), f"{one} covers {other}"


def outside(hands):
    QCursor.setPos(hands.view.mapToGlobal(hands.view.rect().bottomRight()).x() + 50, 5)


def test_a_free_place_is_taken_as_it_is():
    assert free_place((103.0, 98.0), []) == (100.0, 100.0)
    assert free_place((0.0, 0.0), [(500.0, 0.0)]) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ((0, 10), (0, 100)),
        ((0, 0), (0, 100)),
        ((0, -10), (0, -100)),
        ((180, 0), (210, 0)),
        ((-180, 0), (-210, 0)),
    ],
)
def test_the_nearest_free_place_is_beside_what_is_in_the_way(at, found):
    assert free_place(at, [(0.0, 0.0)]) == found


def test_a_gap_that_is_wide_enough_is_used():
    width, height = NODE_WIDTH + GAP, 110.0
    taken = [(0.0, 0.0), (2 * width, 0.0), (0.0, -height), (0.0, height), (2 * width, height)]
    assert free_place((width - 30, 5.0), taken) == (width, 0.0)
    narrower = [(x * 0.9, y) for x, y in taken]
    assert free_place((width - 30, 5.0), narrower) != (width, 0.0)


def test_hundreds_in_the_way_leave_a_place_at_the_rim():
    taken = [(97.0 * i, 41.0 * j) for i in range(20) for j in range(20)]
    x, y = free_place((900.0, 400.0), taken)
    assert all(abs(x - a) >= NODE_WIDTH or abs(y - b) >= NODE_HEIGHT for a, b in taken)
    assert (x, y) == free_place((900.0, 400.0), list(reversed(taken)))


def test_a_layer_dropped_on_a_node_goes_beside_it(hands):
    hands.drop(mime_of("Dense"), hands.scene.nodes["conv2d"].card.center())
    assert hands.doc.project.positions["dense_1"] == (240.0, 100.0)
    assert_clear(hands)


def test_a_layer_inserted_where_others_stand_covers_none(hands):
    wire = hands.scene.wires[Edge("input", "conv2d")]
    start = hands.middle("add")
    hands.drag(start, start + QPointF(-240, -200 + 60))
    hands.drop(mime_of("Dropout"), wire.middle())
    assert Edge("dropout", "conv2d") in hands.graph.edges
    assert_clear(hands)


def test_layers_added_one_after_another_cover_none(hands):
    for _ in range(6):
        hands.doc.selection.set(["flatten"])
        hands.key(K.Key_Tab)
        hands.type("dropout")
        QTest.keyClick(hands.view.adding.box.field, K.Key_Return)
    assert sum(id.startswith("dropout") for id in hands.graph.nodes) == 6
    assert_clear(hands)


def test_a_paste_at_the_cursor_covers_none(hands):
    hands.doc.selection.set(["conv2d", "flatten"])
    hands.key(K.Key_C, CTRL)
    QCursor.setPos(hands.view.viewport().mapToGlobal(hands.at(QPointF(300, 30))))
    hands.key(K.Key_V, CTRL)
    hands.key(K.Key_V, CTRL)
    assert len(hands.graph.nodes) == 9
    assert_clear(hands)
    assert hands.doc.undo_stack.count() == 2


def test_pastes_with_the_pointer_outside_step_on(hands):
    hands.doc.selection.set(["add"])
    hands.key(K.Key_C, CTRL)
    outside(hands)
    for _ in range(3):
        hands.key(K.Key_V, CTRL)
    at = hands.doc.project.positions
    steps = [at["add"], at["add_1"], at["add_2"], at["add_3"]]
    assert len(set(steps)) == 4
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(steps))
    assert_clear(hands)
    # Another text on the clipboard starts anew.
    hands.doc.selection.set(["dense"])
    hands.key(K.Key_C, CTRL)
    hands.key(K.Key_V, CTRL)
    assert hands.doc.project.positions["dense_1"][0] == at["dense"][0] + 30
