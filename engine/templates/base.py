"""What a template is: a known architecture that is drawn to the size of the data."""

from __future__ import annotations

from math import log2
from typing import Any, ClassVar, Literal

from engine.arrays import Shape, shape_text
from engine.data import Dataset, Targets
from engine.errors import ShapeError
from engine.graph import Edge, Graph
from engine.layers import Layer
from engine.spec import Family

Learns = Literal["targets", "inputs"]


class Template(Family, root=True):
    """A known architecture with its few settings.

    Attributes:
        label: its name for people.
        pictures: whether it is for pictures (height, width, channels) only.
        learns: what its output is compared with: the data's targets, or the inputs themselves.
    """

    label: ClassVar[str] = ""
    pictures: ClassVar[bool] = True
    learns: ClassVar[Learns] = "targets"

    def graph(self, data: Dataset) -> Graph:
        """The network, from an Input of the data's shape to an output that fits its task.

        Raises:
            ShapeError: the architecture is for pictures, and the data holds none.
        """
        shape = data.input_shape
        if self.pictures and len(shape) != 3:
            raise ShapeError(
                f"{self.label} looks at pictures of height × width × channels; "
                f"one sample of this data is {shape_text(shape)}.",
                "Choose the multilayer perceptron, or data with pictures.",
            )
        sketch = Sketch(shape)
        self.draw(sketch)
        if self.learns == "targets":
            sketch.end_for(data.targets)
        return sketch.graph

    def draw(self, sketch: Sketch) -> None:
        """Add everything between the input and the output layer."""
        raise NotImplementedError


class Sketch:
    """A graph that grows layer by layer.

    Attributes:
        graph: what is drawn so far.
        last: the node that the next layer follows.
        shape: the shape of one input sample.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.graph, self.last = Graph().add(Layer.parse({"type": "Input", "shape": shape}))

    def then(self, kind: str, *after: str, **settings: Any) -> str:
        """Add a layer behind some nodes, or else behind the last; its id."""
        self.graph, node = self.graph.add(Layer.parse({"type": kind, **settings}))
        for port, source in enumerate(after or (self.last,)):
            self.graph = self.graph.connect(Edge(source, node, port))
        self.last = node
        return node

    def end_for(self, targets: Targets) -> None:
        """Add an output for these targets."""
        activation = "softmax" if targets.task == "classification" else "linear"
        self.then("Dense", units=targets.size, activation=activation)
        if targets.shape:
            self.then("Reshape", target_shape=targets.shape)

    def convolution(self, filters: int, size: int = 3, *, after: str = "", stride: int = 1) -> str:
        """A convolution that keeps the picture's size (but for the stride), normalized, ReLU."""
        self.then(
            "Conv2D",
            *([after] if after else []),
            filters=filters,
            kernel_size=size,
            strides=stride,
            padding="same",
            use_bias=False,
        )
        self.then("BatchNormalization")
        return self.then("Activation", activation="relu")

    def halvings(self, wanted: int, least: int = 2) -> int:
        """How often pictures can be halved, at most ``wanted``, and stay ``least`` pixels wide."""
        return max(0, min(wanted, int(log2(max(1, min(self.shape[:2]) / least)))))
