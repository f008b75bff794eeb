"""The networks whose training step is measured, each declared once.

A workload's graph is Netsmith's own; the peers in ``benchmarks/peers`` make the same
network of it, and all must have the same number of trained parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from engine.arrays import Array, Shape
from engine.diagnosis import diagnose
from engine.graph import Edge, Graph
from engine.layers import Activation as ActivationLayer
from engine.layers import (
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    Layer,
    MaxPooling2D,
)
from engine.losses import Loss

RATE = 1e-7
"""The learning rate: small, so that networks stay as they are. Thousands of steps on one batch
would memorize it, and then measure how slow a processor is at gradients close to zero."""


@dataclass(frozen=True)
class Workload:
    """One training step: a network, a loss by its Keras name, and how many samples."""

    name: str
    graph: Graph
    batch_size: int
    loss_name: str = "sparse_categorical_crossentropy"

    @property
    def input_shape(self) -> Shape:
        return diagnose(self.graph).shapes[self.graph.inputs[0]]

    @property
    def output(self) -> str:
        """The node at the end."""
        return self.graph.outputs[0]

    @property
    def loss(self) -> Loss:
        return Loss.parse(self.loss_name)

    @cached_property
    def batch(self) -> tuple[Array, Array]:
        """Inputs (B, ...) and targets, the same for every peer."""
        rng = np.random.default_rng(0)
        x = rng.random((self.batch_size, *self.input_shape), np.float32)
        outputs = diagnose(self.graph).shapes[self.output]
        if self.loss.target == "labels":
            return x, rng.integers(0, outputs[-1], self.batch_size)
        if self.loss.target == "binary":
            return x, rng.integers(0, 2, (self.batch_size, *outputs)).astype(np.float32)
        return x, rng.random((self.batch_size, *outputs), np.float32)

    @property
    def multiply_adds(self) -> int:
        """Those of the matrix products of one step.

        Forward, by the weights, and by the input, which the first layer does not need.
        """
        total, shapes = 0, diagnose(self.graph).shapes
        for id, node in self.graph.nodes.items():
            if isinstance(node.layer, Dense | Conv2D):
                (edge,) = self.graph.into[id]
                kernel = diagnose(self.graph).weights[id]["kernel"].shape
                places = prod(shapes[id][:-1])
                is_first = edge.source in self.graph.inputs
                total += places * prod(kernel) * (2 if is_first else 3)
        return total * self.batch_size


def perceptron(*sizes: int, last: str = "softmax") -> Graph:
    """Dense layers of these sizes, the first being the input's."""
    first, *hidden, outputs = sizes
    layers = [_dense(units) for units in hidden]
    return Graph.sequential((first,), [*layers, _dense(outputs, last)])


def small_cnn(window: int) -> Graph:
    """Two convolutions on 28 × 28 pictures, of which the second is pooled; LeNet pools both."""
    first, second = _conv(32, window), _conv(64, window)
    pools = [MaxPooling2D()] if window == 5 else []
    end = [MaxPooling2D(), Flatten(), _dense(128), _dense(10, "softmax")]
    return Graph.sequential((28, 28, 1), [first, *pools, second, *end])


def deep_cnn(stages: Sequence[int] = (32, 64, 128)) -> Graph:
    """Two convolutions a stage, the second with a way around it, and batch normalization."""
    graph, last = Graph().add(Input(shape=(32, 32, 3)))

    def then(*layers: Layer) -> None:
        nonlocal graph, last
        for each in layers:
            graph, new = graph.add(each)
            graph, last = graph.connect(Edge(last, new)), new

    for stage, filters in enumerate(stages):
        if stage:
            then(MaxPooling2D())
        then(_plain_conv(filters), BatchNormalization(), ActivationLayer(activation="relu"))
        around = last
        then(_plain_conv(filters), BatchNormalization(), Add())
        graph = graph.connect(Edge(around, last, 1))
        then(ActivationLayer(activation="relu"))
    then(GlobalAveragePooling2D(), _dense(10, "softmax"))
    return graph


def _dense(units: int, activation: str = "relu") -> Dense:
    return Dense.parse({"units": units, "activation": activation})


def _conv(filters: int, window: int) -> Conv2D:
    return Conv2D.parse({"filters": filters, "kernel_size": window, "activation": "relu"})


def _plain_conv(filters: int) -> Conv2D:
    return Conv2D(filters=filters, kernel_size=(3, 3), padding="same", use_bias=False)


TINY = Workload("tiny 2-8-8-1, batch 32", perceptron(2, 8, 8, 1, last="sigmoid"), 32,
                "binary_crossentropy")  # fmt: skip
DEEP_CNN = Workload("deep CNN, batch 64", deep_cnn(), 64)

WORKLOADS = (
    Workload("MLP 784-512-256-10, batch 128", perceptron(784, 512, 256, 10), 128),
    Workload("MLP 784-512-256-10, batch 32", perceptron(784, 512, 256, 10), 32),
    Workload("LeNet, batch 64", small_cnn(5), 64),
    Workload("CNN 3x3, batch 64", small_cnn(3), 64),
    Workload("wide MLP 784-2048-2048-10, batch 256", perceptron(784, 2048, 2048, 10), 256),
    DEEP_CNN,
    TINY,
    Workload(
        "autoencoder 784-256-64-256-784, batch 128",
        perceptron(784, 256, 64, 256, 784, last="sigmoid"),
        128,
        "mean_squared_error",
    ),
)


def named(name: str) -> Workload:
    """The workload of this name."""
    return next(each for each in WORKLOADS if each.name == name)
