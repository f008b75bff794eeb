"""Shapes and parameter counts that the course printed, layer by layer.

Each network is written as its summary: every line a layer, the shape it puts
out, and how many parameters it holds. Where the course printed a total only,
the counts of the lines are left open (None).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.data import DataSetup, prepare
from engine.data.idx import IdxFiles
from engine.data.split import Split
from engine.diagnosis import diagnose
from engine.graph import Edge, Graph
from engine.layers import (
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    Input,
    Layer,
    MaxPooling2D,
    ReLU,
)
from engine.layers.base import TrainableLayer
from engine.network import Network
from engine.regularizers import L1L2
from engine.training import Finished, Plan, train

Line = tuple[Layer, tuple[int, ...], int | None]


def conv(filters: int, size: int, strides: int = 1, padding: str = "valid") -> Layer:
    return Conv2D.parse(
        {
            "filters": filters,
            "kernel_size": (size, size),
            "strides": (strides, strides),
            "padding": padding,
            "activation": "relu",
        }
    )


def dense(units: int, activation: str = "linear", penalty: bool = False) -> Layer:
    return Dense(units=units, activation=activation, kernel_regularizer=L1L2() if penalty else None)


def pool(padding: str = "valid") -> Layer:
    return MaxPooling2D(padding=padding)


# MNIST: E12 with Dropout, E13 without.
MNIST: list[Line] = [
    (conv(32, 3), (26, 26, 32), 320),
    (pool(), (13, 13, 32), 0),
    (conv(64, 3), (11, 11, 64), 18_496),
    (pool(), (5, 5, 64), 0),
    (Flatten(), (1600,), 0),
    (dense(10, "sigmoid"), (10,), 16_010),
]

# Cats and dogs with regularization, E10.
CATS_AND_DOGS: list[Line] = [
    (conv(32, 3, 3, "same"), (75, 75, 32), None),
    (BatchNormalization(), (75, 75, 32), None),
    (pool("same"), (38, 38, 32), 0),
    (Dropout(rate=0.25), (38, 38, 32), 0),
    (conv(64, 3, 3, "same"), (13, 13, 64), None),
    (pool("same"), (7, 7, 64), 0),
    (conv(128, 3, 3, "same"), (3, 3, 128), None),
    (pool("same"), (2, 2, 128), 0),
    (Flatten(), (512,), 0),
    (dense(512, "relu", penalty=True), (512,), None),
    (Dropout(rate=0.25), (512,), 0),
    (dense(1, "sigmoid"), (1,), None),
]

# Letters and digits, E14.
ALPHA_DIGITS: list[Line] = [
    (conv(32, 2, 2, "same"), (10, 8, 32), 160),
    (BatchNormalization(), (10, 8, 32), 128),
    (pool(), (5, 4, 32), 0),
    (conv(32, 2, 2, "same"), (3, 2, 32), 4_128),
    (pool("same"), (2, 1, 32), 0),
    (Flatten(), (64,), 0),
    (dense(36, "sigmoid"), (36,), 2_340),
]

# Bean leaves, E15.
BEANS: list[Line] = [
    (conv(32, 3, 3, "same"), (75, 75, 32), 896),
    (BatchNormalization(), (75, 75, 32), 128),
    (pool("same"), (38, 38, 32), 0),
    (Dropout(rate=0.25), (38, 38, 32), 0),
    (conv(64, 3, 3, "same"), (13, 13, 64), 18_496),
    (pool("same"), (7, 7, 64), 0),
    (conv(64, 3, 3, "same"), (3, 3, 64), 36_928),
    (pool("same"), (2, 2, 64), 0),
    (Flatten(), (256,), 0),
    (dense(512, "relu", penalty=True), (512,), 131_584),
    (Dropout(rate=0.25), (512,), 0),
    (dense(64, "relu", penalty=True), (64,), 32_832),
    (dense(3, "sigmoid"), (3,), 195),
]

# Caltech 101, E17.
CALTECH: list[Line] = [
    (conv(32, 2, 2, "same"), (128, 128, 32), 416),
    (BatchNormalization(), (128, 128, 32), 128),
    (pool("same"), (64, 64, 32), 0),
    (Dropout(rate=0.25), (64, 64, 32), 0),
    (conv(64, 2, 2, "same"), (32, 32, 64), 8_256),
    (pool("same"), (16, 16, 64), 0),
    (conv(128, 2, 2, "same"), (8, 8, 128), 32_896),
    (pool("same"), (4, 4, 128), 0),
    (Flatten(), (2048,), 0),
    (dense(1024, "relu", penalty=True), (1024,), 2_098_176),
    (Dropout(rate=0.25), (1024,), 0),
    (dense(512, "relu"), (512,), 524_800),
    (dense(101, "sigmoid"), (101,), 51_813),
]

# Side effects by age, E18.
AGES: list[Line] = [
    (dense(16, "relu"), (16,), 32),
    (dense(32, "relu"), (32,), 544),
    (dense(2, "softmax"), (2,), 66),
]

# The head on 1,280 features of a pretrained network, E19.
TRANSFER: list[Line] = [(dense(2), (2,), 2_562)]

# Fashion articles, E3; its sizes are those of the layers.
FASHION: list[Line] = [
    (Flatten(), (784,), 0),
    (dense(128, "relu"), (128,), 100_480),
    (dense(10), (10,), 1_290),
]

# Film reviews, E4, from the numbers of their words on.
REVIEWS: list[Line] = [
    (Embedding(input_dim=10_001, output_dim=16), (250, 16), 160_016),
    (Dropout(rate=0.2), (250, 16), 0),
    (GlobalAveragePooling1D(), (16,), 0),
    (Dropout(rate=0.2), (16,), 0),
    (dense(1), (1,), 17),
]

# Wine, E5, and iris flowers, E6: as they were drawn, with an output that cannot work.
WINE: list[Line] = [
    (dense(12, "relu"), (12,), 156),
    (dense(12, "relu"), (12,), 156),
    (dense(1, "softmax"), (1,), 13),
]
IRIS: list[Line] = [(dense(2, "relu"), (2,), 10), (dense(1, "sigmoid", penalty=True), (1,), 3)]


def cats_and_dogs(sizes: list[tuple[int, int]], strides: int, padding: str) -> list[Line]:
    """Five convolutions, each with pooling, and three layers behind them: E7 and E8."""
    lines: list[Line] = []
    for filters, (side, pooled) in zip((32, 64, 128, 256, 256), sizes, strict=True):
        lines.append((conv(filters, 3, strides, padding), (side, side, filters), None))
        lines.append((pool(padding), (pooled, pooled, filters), 0))
    flat = sizes[-1][1] ** 2 * 256
    lines.append((Flatten(), (flat,), 0))
    lines += [(dense(units, "relu"), (units,), None) for units in (1024, 256, 32)]
    return [*lines, (dense(1, "sigmoid"), (1,), 33)]


PLAIN = cats_and_dogs([(222, 111), (109, 54), (52, 26), (24, 12), (10, 5)], 1, "valid")
STRIDED = cats_and_dogs([(75, 38), (13, 7), (3, 2), (1, 1), (1, 1)], 3, "same")

# With augmentation, E9.
AUGMENTED: list[Line] = [
    (conv(32, 3, 3, "same"), (75, 75, 32), 896),
    (pool("same"), (38, 38, 32), 0),
    (conv(64, 3, 3, "same"), (13, 13, 64), 18_496),
    (pool("same"), (7, 7, 64), 0),
    (conv(128, 3, 3, "same"), (3, 3, 128), 73_856),
    (pool("same"), (2, 2, 128), 0),
    (Flatten(), (512,), 0),
    (dense(1, "sigmoid"), (1,), 513),
]

NETWORKS = {
    "E3": ((28, 28), FASHION, 101_770, 0),
    "E4": ((250,), REVIEWS, 160_033, 0),
    "E5": ((12,), WINE, 325, 0),
    "E6": ((4,), IRIS, 13, 0),
    "E7": ((224, 224, 3), PLAIN, 7_803_777, 0),
    "E8": ((224, 224, 3), STRIDED, 1_512_321, 0),
    "E9": ((224, 224, 3), AUGMENTED, 93_761, 0),
    "E10": ((224, 224, 3), CATS_AND_DOGS, 356_545, 64),
    "E12": ((28, 28, 1), [*MNIST[:5], (Dropout(rate=0.5), (1600,), 0), MNIST[5]], 34_826, 0),
    "E13": ((28, 28, 1), MNIST, 34_826, 0),
    "E14": ((20, 16, 1), ALPHA_DIGITS, 6_756, 64),
    "E15": ((224, 224, 3), BEANS, 221_059, 64),
    "E17": ((256, 256, 3), CALTECH, 2_716_485, 64),
    "E18": ((1,), AGES, 642, 0),
    "E19": ((1280,), TRANSFER, 2_562, 0),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_shapes_and_counts_are_those_printed(name: str) -> None:
    shape, lines, total, not_trained = NETWORKS[name]
    graph = Graph.sequential(shape, [layer for layer, _, _ in lines])
    found = diagnose(graph)
    assert not found.problems
    for id, (layer, expected, count) in zip(graph.order[1:], lines, strict=True):
        assert found.shapes[id] == expected, layer.kind
        if count is not None:
            assert found.parameters(id) == count, layer.kind
    assert found.total_parameters == total
    assert found.total_parameters - found.total_trainable == not_trained


def test_the_convolutions_of_e13_alone() -> None:
    graph = Graph.sequential((28, 28, 1), [layer for layer, _, _ in MNIST[:4]])
    assert diagnose(graph).total_parameters == 18_816


def mobile_net(graph: Graph, last: str) -> tuple[Graph, str]:
    """MobileNetV2 without its head; Sandler et al. 2018, table 2."""

    def then(layer: Layer, *sources: str) -> str:
        nonlocal graph
        graph, new = graph.add(layer)
        for port, source in enumerate(sources):
            graph = graph.connect(Edge(source, new, port))
        return new

    def unit(
        filters: int, source: str, size: int = 1, strides: int = 1, bounded: bool = True
    ) -> str:
        settings = {"filters": filters, "kernel_size": size, "strides": strides, "use_bias": False}
        new = then(Layer.parse({"type": "Conv2D", "padding": "same", **settings}), source)
        new = then(BatchNormalization(), new)
        return then(ReLU(max_value=6), new) if bounded else new

    last = unit(32, last, 3, 2)
    channels = 32
    stages = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)]
    stages += [(6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    for wider, filters, count, strides in stages:
        for index in range(count):
            start = last
            if wider > 1:
                last = unit(wider * channels, last)
            step = strides if index == 0 else 1
            settings = {"strides": step, "padding": "same", "use_bias": False}
            last = then(Layer.parse({"type": "DepthwiseConv2D", **settings}), last)
            last = then(ReLU(max_value=6), then(BatchNormalization(), last))
            last = unit(filters, last, bounded=False)
            if step == 1 and channels == filters:
                last = then(Add(), start, last)
            channels = filters
    features = then(GlobalAveragePooling2D(), unit(1280, last))
    return graph, features


def test_the_transferred_network_of_e19() -> None:
    graph, start = Graph().add(Input(shape=(224, 224, 3)))
    graph, features = mobile_net(graph, start)
    body = diagnose(graph)
    assert not body.problems
    assert body.shapes[features] == (1280,)
    assert body.total_parameters == 2_257_984
    frozen = graph
    for id, node in graph.nodes.items():
        if isinstance(node.layer, TrainableLayer):
            frozen = frozen.change(id, layer=node.layer.changed(trainable=False))
    frozen, head = frozen.add(dense(2))
    found = diagnose(frozen.connect(Edge(features, head)))
    assert found.total_parameters == 2_260_546
    assert found.total_trainable == found.parameters(head) == 2_562


def score_on_mnist(folder: Path, layers: list[Layer], plan: Plan, flat: bool) -> float:
    # The part has test pictures of its own; all others are for learning.
    split = Split(train=1, validation=0, test=0)
    data = prepare(DataSetup(source=IdxFiles(path=str(folder / "mnist")), split=split))
    graph = Graph.sequential((28, 28, 1), [Flatten(), *layers] if flat else layers)
    network = Network(graph, seed=plan.seed)
    for event in train(network, data, plan):
        if isinstance(event, Finished):
            assert event.outcome == "completed"
            return event.test["accuracy"]
    raise AssertionError("a run ends with Finished")


def test_a_perceptron_reads_mnist(shared_data: Path) -> None:
    layers = [dense(128, "relu"), dense(10, "softmax")]
    plan = Plan(epochs=5, threads=1)
    scores = [score_on_mnist(shared_data, layers, plan, flat=True) for _ in range(2)]
    assert scores[0] >= 0.93
    assert scores[0] == scores[1]


@pytest.mark.timeout(400)
def test_the_network_of_e13_reads_mnist(shared_data: Path) -> None:
    # Its sigmoid output was trained by a categorical cross-entropy "from logits",
    # for which Keras takes the values before the sigmoid; so do we.
    loss = {"type": "SparseCategoricalCrossentropy", "from_logits": True}
    plan = Plan.parse({"loss": loss, "epochs": 5, "seed": 1, "threads": 1})
    layers = [layer for layer, _, _ in MNIST]
    assert score_on_mnist(shared_data, layers, plan, flat=False) >= 0.97
