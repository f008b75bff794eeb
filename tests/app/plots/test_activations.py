"""The activation view: the right pictures for the right node, live and at rest."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.data_view.scatter import Scatter
from app.plots.activations import ActivationsView
from app.plots.feature_maps import FeatureMaps
from app.plots.pictures import grid_columns
from app.plots.surface import Ground, Surface, labels_below
from engine.data import Dataset, DataSetup, prepare
from engine.data.builtin import BuiltIn
from engine.data.toy import Toy
from engine.graph import Edge, Graph
from engine.layers import Layer
from engine.losses import (
    BinaryCrossentropy,
    Loss,
    Objective,
    SparseCategoricalCrossentropy,
)
from engine.network import Network
from engine.training import Look, Seen
from engine.training.meaning import Learned

TIMEOUT_MS = 30_000


def chain(shape: tuple[int, ...], *layers: object) -> Graph:
    return Graph.sequential(shape, [Layer.parse(each) for each in layers])


@pytest.fixture
def pictures() -> Dataset:
    rng = np.random.default_rng(0)
    x = rng.random((30, 6, 5, 1)).astype(np.float32)
    y = rng.integers(0, 3, 30)
    return Dataset.from_arrays(x[:20], y[:20], validation=(x[20:], y[20:]), classes=("a", "b", "c"))


@pytest.fixture
def view(qtbot: QtBot) -> ActivationsView:
    view = ActivationsView()
    qtbot.addWidget(view)
    view.resize(700, 320)
    with qtbot.waitExposed(view):
        view.show()
    return view


def at_rest(view: ActivationsView, network: Network, loss: Loss | None = None) -> None:
    """Show a network that is trained on the data of the view."""
    assert view._dataset is not None
    view.set_network(network, Learned(network.graph, view._dataset.targets, loss))


CONV = {"type": "Conv2D", "filters": 7, "kernel_size": 3}
CLASSES = {"type": "Dense", "units": 3, "activation": "softmax"}


def test_maps_of_a_convolution_and_bars_of_a_vector(
    view: ActivationsView, pictures: Dataset
) -> None:
    graph = chain((6, 5, 1), CONV, "Flatten", CLASSES)
    _, convolution, _, output = graph.order
    view.set_dataset(pictures)
    view.set_node(convolution)
    at_rest(view, Network(graph))
    assert view.maps.isVisible()
    assert view.maps.count == 7
    assert len(view.maps.places()) == 7
    assert sorted(view.card.outputs[0].scores.names) == ["a", "b", "c"]
    view.set_node(output)
    assert view.bars.isVisible()
    assert view.bars.values.sum() == pytest.approx(1, abs=1e-5)


def test_hints_say_what_to_do(view: ActivationsView, pictures: Dataset) -> None:
    assert view.hint.title.text() == "No data"
    view.set_dataset(pictures)
    assert view.hint.title.text() == "No layer selected"
    view.set_node("dense")
    assert view.hint.title.text() == "Not trained yet"
    at_rest(view, Network(chain((6, 5, 1), "Flatten", CLASSES)))
    view.set_node("nowhere", "Nowhere")
    assert "Nowhere was changed" in view.hint.text.text()


def test_another_sample_is_another_picture(
    qtbot: QtBot, view: ActivationsView, pictures: Dataset
) -> None:
    graph = chain((6, 5, 1), "Flatten", CLASSES)
    view.set_dataset(pictures)
    view.set_node(graph.order[1])
    at_rest(view, Network(graph))
    np.testing.assert_array_equal(view.bars.values, pictures.validation.x[0].reshape(-1))
    qtbot.mouseClick(view.card.after, Qt.MouseButton.LeftButton)
    np.testing.assert_array_equal(view.bars.values, pictures.validation.x[1].reshape(-1))
    assert view.card.picture.image is not None
    view.card.part.setCurrentIndex(view.card.part.findData("train"))
    view.card.part.activated.emit(view.card.part.currentIndex())
    np.testing.assert_array_equal(view.bars.values, pictures.train.x[0].reshape(-1))


def test_a_live_view_asks_only_for_news(
    qtbot: QtBot, view: ActivationsView, pictures: Dataset
) -> None:
    graph = chain((6, 5, 1), CONV, "Flatten", CLASSES)
    network = Network(graph)
    wishes: list[Look] = []
    view.lookWished.connect(wishes.append)
    view.set_dataset(pictures)
    view.set_node(graph.order[1])
    view.set_live(True, Learned(graph, pictures.targets, None))
    qtbot.waitUntil(lambda: len(wishes) == 1, timeout=TIMEOUT_MS)
    assert wishes[0].nodes == (graph.order[1], graph.outputs[0])
    outputs = network.outputs_of(wishes[0].samples, wishes[0].nodes)
    view.show_seen(Seen(1, outputs))
    assert view.maps.count == 7
    view._ask()
    assert len(wishes) == 1
    view.note_progress()
    qtbot.waitUntil(lambda: len(wishes) == 2, timeout=TIMEOUT_MS)


def test_every_output_is_read_and_named(view: ActivationsView) -> None:
    dataset = prepare(DataSetup(source=Toy(shape="moons", count=60)), Path())
    graph, start = Graph().add(Layer.parse({"type": "Input", "shape": (2,)}))
    for id, units in (("raw", 1), ("fine", 2)):
        graph, head = graph.add(Layer.parse({"type": "Dense", "units": units}), id=id)
        graph = graph.connect(Edge(start, head))
    logits = BinaryCrossentropy(from_logits=True)
    loss = Objective(SparseCategoricalCrossentropy(from_logits=True), {"raw": logits})
    view.set_dataset(dataset)
    view.set_node("raw", "raw")
    at_rest(view, Network(graph), loss)
    assert [card.title.text() for card in view.card.outputs] == ["raw", "fine"]
    assert all(card.scores.texts[0].endswith("%") for card in view.card.outputs)
    assert [view.output.itemText(i) for i in range(view.output.count())] == ["raw", "fine"]
    answer = view.surface._answer
    assert answer is not None
    assert answer.meaning.node == "fine"
    view.output.setCurrentIndex(0)
    view.output.activated.emit(0)
    answer = view.surface._answer
    assert answer is not None
    assert answer.meaning.node == "raw"
    view.layer_button.click()
    assert view.facts.text() == "1 · logits"
    assert "sigmoid" in view.facts.toolTip()


def test_nothing_is_predicted_by_a_network_of_other_targets(view: ActivationsView) -> None:
    dataset = prepare(DataSetup(source=Toy(shape="moons", count=60)), Path())
    graph = chain((2,), {"type": "Dense", "units": 2, "activation": "softmax"})
    view.set_dataset(dataset)
    other = dataset.targets.changed(classes=("up", "down"))
    view.set_network(Network(graph), Learned(graph, other, None))
    assert view.card.outputs[0].scores.names == []
    assert not view.surface.has_answer


def test_a_plane_of_classes(view: ActivationsView) -> None:
    dataset = prepare(DataSetup(source=Toy(shape="spiral", count=90, classes=3)), Path())
    graph = chain((2,), {"type": "Dense", "units": 4}, CLASSES)
    view.set_dataset(dataset)
    assert view.plane_button.isVisible()
    assert view.surface.isVisible()
    assert not view.surface.has_answer
    view.set_node(None)
    at_rest(view, Network(graph))
    assert view.surface.has_answer
    assert not view.grab().isNull()


def test_a_curve_over_the_data(view: ActivationsView) -> None:
    dataset = prepare(DataSetup(source=Toy(shape="noisy_sine", count=60)), Path())
    graph = chain((1,), {"type": "Dense", "units": 1})
    view.set_dataset(dataset)
    view.set_node(None)
    at_rest(view, Network(graph))
    assert view.surface.has_answer
    assert "Predicted" in view.card.outputs[0].answer.text()
    assert not view.grab().isNull()


def test_tables_show_their_cells_and_no_plane(view: ActivationsView) -> None:
    dataset = Dataset.from_arrays(np.arange(40.0).reshape(10, 4), np.arange(10.0))
    view.set_dataset(dataset)
    assert not view.plane_button.isVisible()
    assert "x1" in view.card.cells.text()


def test_a_network_for_other_data_is_not_asked(view: ActivationsView, pictures: Dataset) -> None:
    graph = chain((2,), CLASSES)
    view.set_dataset(pictures)
    view.set_node(graph.outputs[0])
    at_rest(view, Network(graph))
    assert view.hint.isVisible()


def test_the_grid_of_a_ground_covers_its_data() -> None:
    dataset = prepare(DataSetup(source=Toy(shape="moons", count=50)), Path())
    ground = Ground.of(dataset)
    assert ground is not None
    grid = ground.grid()
    assert (grid.min(axis=0) <= dataset.train.x.min(axis=0)).all()
    assert (grid.max(axis=0) >= dataset.train.x.max(axis=0)).all()


@pytest.mark.parametrize("count", [1, 2, 7, 32, 256])
def test_maps_fit_into_their_widget(qtbot: QtBot, count: int) -> None:
    maps = FeatureMaps()
    qtbot.addWidget(maps)
    maps.resize(500, 200)
    maps.show_maps(np.zeros((8, 8, count)))
    assert len(maps.places()) == count
    assert all(maps.rect().contains(place) for place in maps.places())
    assert 1 <= grid_columns(count, 500, 200, 1.0) <= count


def test_a_class_has_one_color_in_data_and_surface(qtbot: QtBot, view: ActivationsView) -> None:
    dataset = prepare(DataSetup(source=Toy(shape="spiral", count=90, classes=3)), Path())
    scatter = Scatter()
    qtbot.addWidget(scatter)
    scatter.show_samples(dataset.samples)
    drawn = [QColor(item.opts["symbolBrush"]) for item in scatter.plot.listDataItems()]
    view.set_dataset(dataset)
    graph = chain((2,), CLASSES)
    view.set_node(None)
    at_rest(view, Network(graph))
    seen = view.surface.grab().toImage()
    pixels = {
        seen.pixelColor(x, y).name() for x in range(seen.width()) for y in range(seen.height())
    }
    for color in drawn:
        assert color.name() in pixels


def test_numbers_below_an_axis_never_overlap(qapp: QApplication) -> None:
    metrics = QFontMetrics(qapp.font())
    for room in range(20, 400, 3):
        labels = labels_below(metrics, (-12.25, 1048.5), "flipper_length_mm", room)
        places = sorted((at, at + width) for _, at, width in labels)
        assert places[0][0] == 0
        assert all(end <= start for (_, end), (start, _) in pairwise(places)), room
        assert len(labels) == 1 or places[-1][1] <= room
        for words, _, width in labels:
            assert metrics.horizontalAdvance(words) <= width
    assert [words for words, *_ in labels] == ["-12.2", "1.05e+03", "flipper_length_mm"]


def test_a_surface_is_not_stretched_tall(qtbot: QtBot) -> None:
    surface = Surface()
    qtbot.addWidget(surface)
    surface.set_ground(Ground.of(prepare(DataSetup(source=Toy(shape="spiral", count=90)), Path())))
    for size in ((180, 600), (400, 300)):
        surface.resize(*size)
        area = surface.area()
        assert area.height() <= area.width()
        assert area.width() > 0.6 * size[0]


def test_scaled_outputs_say_so(qtbot: QtBot, view: ActivationsView) -> None:
    dataset = prepare(DataSetup(source=BuiltIn(name="diabetes")), Path())
    graph = chain(dataset.input_shape, {"type": "Dense", "units": 4}, {"type": "Dense", "units": 1})
    view.set_dataset(dataset)
    view.set_node(graph.outputs[0])
    at_rest(view, Network(graph))
    assert view.facts.text() == "1 · standardized"
    assert view.card.outputs[0].answer.text().removeprefix("Predicted ") in view.facts.toolTip()
    view.set_node(graph.order[1])
    assert "standardized" not in view.facts.text()
