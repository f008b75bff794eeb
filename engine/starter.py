"""A small network that suits some data: where a user with an empty canvas can begin."""

from __future__ import annotations

from engine.data import Dataset
from engine.graph import Graph
from engine.layers import Layer

HIDDEN_UNITS = 64
PICTURE_SIDE = 16
"""Pictures at least this wide and high get a convolution."""


def starter_graph(data: Dataset) -> Graph:
    """An Input of the data's shape, one or two hidden layers, and an output that fits the task."""
    shape, layers = data.input_shape, list[Layer]()
    if len(shape) == 3 and min(shape[:2]) >= PICTURE_SIDE:
        for filters in (16, 32):
            layers.append(_layer("Conv2D", filters=filters, kernel_size=3, activation="relu"))
            layers.append(_layer("MaxPooling2D"))
    if len(shape) > 1:
        layers.append(_layer("Flatten"))
    layers.append(_layer("Dense", units=HIDDEN_UNITS, activation="relu"))
    activation = "softmax" if data.targets.task == "classification" else "linear"
    layers.append(_layer("Dense", units=data.output_size, activation=activation))
    if data.targets.shape:
        layers.append(_layer("Reshape", target_shape=data.targets.shape))
    return Graph.sequential(shape, layers)


def _layer(kind: str, **settings: object) -> Layer:
    return Layer.parse({"type": kind, **settings})
