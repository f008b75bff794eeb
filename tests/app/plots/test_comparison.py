"""The confusion matrix: of the chosen part, in colors, by keyboard, and of every output."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import thread_time

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from app import theme
from app.plots.comparison import ComparisonView
from app.plots.matrix import MatrixView
from engine.data import Dataset, DataSetup, prepare
from engine.data.toy import Toy
from engine.graph import Edge, Graph
from engine.layers import Layer
from engine.metrics import ConfusionMatrix
from engine.network import Network
from engine.training.meaning import Learned

TIMEOUT = 30_000
COUNTS = np.array([[8, 1, 0], [2, 5, 3], [0, 0, 0]])


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ComparisonView]:
    view = ComparisonView()
    qtbot.addWidget(view)
    view.resize(420, 300)
    with qtbot.waitExposed(view):
        view.show()
    yield view
    view.shutdown()


@pytest.fixture
def dataset() -> Dataset:
    return prepare(DataSetup(source=Toy(shape="spiral", count=120, classes=3)), Path())


def classifier(seed: int = 0) -> Network:
    layers = ({"type": "Dense", "units": 3, "activation": "softmax"},)
    return Network(Graph.sequential((2,), [Layer.parse(each) for each in layers]), seed)


def learned(network: Network, data: Dataset) -> Learned:
    return Learned(network.graph, data.targets, None)


def test_hints_say_what_to_do(view: ComparisonView, dataset: Dataset) -> None:
    assert view.hint.title.text() == "No data"
    view.set_dataset(dataset)
    assert view.hint.title.text() == "Not trained yet"
    network = classifier()
    other = dataset.targets.changed(classes=("a", "b", "c"))
    view.set_network(network, Learned(network.graph, other, None))
    assert view.hint.title.text() == "Trained on other data"


def test_the_matrix_is_of_the_chosen_part(
    qtbot: QtBot, view: ComparisonView, dataset: Dataset
) -> None:
    network = classifier()
    view.set_dataset(dataset)
    view.set_network(network, learned(network, dataset))
    for index in range(view.part.count()):
        view.part.setCurrentIndex(index)
        view.part.activated.emit(index)
        name = view.part.currentData()
        qtbot.waitUntil(
            lambda name=name: view.matrix.matrix is not None and view.matrix.matrix.part == name,
            timeout=TIMEOUT,
        )
        part, matrix = dataset.part(name), view.matrix.matrix
        assert matrix is not None
        predicted = network.predict(part.x).argmax(axis=1)
        expected = np.zeros((3, 3), int)
        np.add.at(expected, (part.y, predicted), 1)
        np.testing.assert_array_equal(matrix.counts, expected)
        assert matrix.classes == dataset.targets.classes
        assert view.summary.text().startswith(f"{np.trace(expected)} of {len(part)} right")
    assert view.part.count() == 3


def test_every_output_has_one(qtbot: QtBot, view: ComparisonView, dataset: Dataset) -> None:
    graph, start = Graph().add(Layer.parse({"type": "Input", "shape": (2,)}))
    for id in ("first", "second"):
        head = Layer.parse({"type": "Dense", "units": 3, "activation": "softmax"})
        graph, end = graph.add(head, id=id)
        graph = graph.connect(Edge(start, end))
    network = Network(graph, 3)
    view.set_dataset(dataset)
    view.set_network(network, learned(network, dataset))
    assert view.output.isVisible()
    qtbot.waitUntil(lambda: view.matrix.matrix is not None, timeout=TIMEOUT)
    first = view.matrix.matrix
    view.output.setCurrentIndex(1)
    view.output.activated.emit(1)
    assert view.matrix.matrix is not None
    assert view.matrix.matrix != first


def test_numbers_are_points(qtbot: QtBot, view: ComparisonView) -> None:
    data = prepare(DataSetup(source=Toy(shape="noisy_sine", count=60)), Path())
    network = Network(Graph.sequential((1,), [Layer.parse({"type": "Dense", "units": 1})]))
    view.set_dataset(data)
    view.set_network(network, learned(network, data))
    qtbot.waitUntil(lambda: view.scatter.words != "", timeout=TIMEOUT)
    assert view.scatter.isVisible()
    assert "off by" in view.summary.text()
    assert not view.grab().isNull()


def matrix_view(qtbot: QtBot, size: tuple[int, int] = (360, 300)) -> MatrixView:
    view = MatrixView()
    qtbot.addWidget(view)
    view.resize(*size)
    with qtbot.waitExposed(view):
        view.show()
    view.show_matrix(ConfusionMatrix(COUNTS, ("ant", "bee", "cat"), "test"))
    return view


def test_cells_are_reached_by_keyboard_and_said(qtbot: QtBot) -> None:
    view = matrix_view(qtbot)
    assert view.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert view.accessibleDescription() == "13 of 19 right (68.4%)"
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right):
        qtbot.keyClick(view, key)
    assert view.accessibleDescription() == "True bee, predicted bee: 5 of 10 (50.0%)"
    for _ in range(4):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.accessibleDescription() == "True bee, predicted cat: 3 of 10 (30.0%)"
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.cell_rect(0, 1).center().toPoint())
    assert view.words == "True ant, predicted bee: 1 of 9 (11.1%)"


def test_cells_have_the_colors_of_the_theme(qtbot: QtBot) -> None:
    view = matrix_view(qtbot)
    image = view.grab().toImage()

    def seen(row: int, column: int) -> tuple[int, int, int]:
        rect = view.cell_rect(row, column)
        color = image.pixelColor((rect.topLeft() + QPointF(3, 3)).toPoint())
        return color.red(), color.green(), color.blue()

    good, bad = theme.color("good"), theme.color("bad")
    assert seen(0, 0) != seen(1, 1), "shares of 8/9 and 5/10"

    def distance(cell, tone):
        return sum(abs(a - b) for a, b in zip(cell, tone.getRgb()[:3], strict=True))

    assert distance(seen(0, 0), good) < distance(seen(0, 0), bad)
    assert distance(seen(1, 2), bad) < distance(seen(1, 2), good)


@pytest.mark.parametrize("count", [2, 7, 40, 300])
@pytest.mark.parametrize("size", [(130, 110), (420, 280), (900, 700)])
def test_any_number_of_classes_fits(qtbot: QtBot, count: int, size: tuple[int, int]) -> None:
    view = matrix_view(qtbot, size)
    names = tuple(f"a class with a long name {i}" for i in range(count))
    view.show_matrix(ConfusionMatrix(np.eye(count, dtype=int) * 1234, names, "test"))
    assert not view.grab().isNull()
    inside = view.rect().toRectF()
    assert inside.contains(view.cell_rect(0, count - 1).center())
    assert inside.contains(view.cell_rect(count - 1, 0).center())
    cell = (count // 2, count - 1)
    assert view.cell_at(view.cell_rect(*cell).center()) == cell


def test_a_thousand_classes_are_painted_at_once(qtbot: QtBot) -> None:
    view = matrix_view(qtbot, (900, 700))
    names = tuple(map(str, range(1000)))
    view.show_matrix(ConfusionMatrix(np.eye(1000, dtype=int), names, "test"))
    view.grab()
    clock = thread_time()
    view.grab()
    assert thread_time() - clock < 0.05
