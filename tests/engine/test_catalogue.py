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
from engine.graph import Graph
from engine.layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPooling2D,
)
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

NETWORKS = {
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
