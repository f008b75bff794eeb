"""How long a training step will take on a machine that was measured, before it is taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

from engine.arrays import Shape
from engine.diagnosis import diagnose
from engine.graph import Graph, expanded
from engine.layers import Input, Layer
from engine.training.plan import Plan

FALLBACK = "Merging"
"""The family whose speed is taken for a layer of none that was measured: it moves numbers."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a layer does for one sample.

    Attributes:
        multiply_adds: those of its matrix products, forward.
        numbers: how many go in and come out.
        gathered: how many are copied together to be multiplied.
    """

    multiply_adds: float = 0.0
    numbers: float = 0.0
    gathered: float = 0.0

    @property
    def row(self) -> tuple[float, float, float]:
        """As a row of an equation."""
        return self.multiply_adds, self.numbers, self.gathered


@dataclass(frozen=True, slots=True)
class Rate:
    """Seconds that a family of layers takes, forward and backward.

    Attributes:
        base: whatever the batch; Python's own work.
        per_multiply_add, per_number, per_gathered: for each unit of :class:`Work`.
    """

    base: float = 0.0
    per_multiply_add: float = 0.0
    per_number: float = 0.0
    per_gathered: float = 0.0

    def seconds(self, work: Work, samples: int = 1) -> float:
        """For so many samples."""
        each = (
            work.multiply_adds * self.per_multiply_add
            + work.numbers * self.per_number
            + work.gathered * self.per_gathered
        )
        return self.base + samples * each


@dataclass(frozen=True)
class Speed:
    """What was measured of a machine: see :func:`engine.analysis.calibration.measure_speed`.

    Attributes:
        layers: by family; see :func:`family_of`.
        activations: those that a layer applies itself, by kind.
        optimizers: by kind; a number is a parameter.
        step: seconds that a step takes besides its layers: the loss, metrics, bookkeeping.
        crowding: by how much longer, or shorter, a layer takes among others than alone.
    """

    layers: Mapping[str, Rate]
    activations: Mapping[str, Rate]
    optimizers: Mapping[str, Rate]
    step: float = 0.0
    crowding: float = 1.0

    def step_base(self, plan: Plan) -> float:
        """What a step takes whatever the network."""
        return self.step + self.optimizers.get(plan.optimizer.kind, Rate()).base


def family_of(layer: Layer) -> str:
    """What kind of work a layer is, where speed is concerned."""
    if layer.kind in ("Conv1D", "Conv2D"):
        size = getattr(layer, "kernel_size", 0)
        sides = set(size) if isinstance(size, tuple) else {size}
        strides = getattr(layer, "strides", 1)
        dense = set(strides) if isinstance(strides, tuple) else {strides}
        if sides == {1}:
            return "1×1"
        return "3×3" if sides == {3} and dense == {1} and layer.kind == "Conv2D" else "Convolution"
    own = {"Dense", "Embedding", "Input", "DepthwiseConv2D", "Conv2DTranspose", "SeparableConv2D"}
    if layer.kind in own:
        return layer.kind
    if layer.kind.startswith("Global"):
        return "Global pooling"
    return "Flatten" if layer.kind in ("Flatten", "Reshape") else layer.category


def work_of(layer: Layer, inputs: tuple[Shape, ...]) -> Work:
    """What a layer does for one sample of these inputs."""
    multiply_adds = layer.multiply_adds(inputs)
    numbers = sum(prod(shape) for shape in inputs) + prod(layer.output_shape(inputs))
    gathered = 0.0
    if multiply_adds and family_of(layer) == "Convolution":
        gathered = multiply_adds / layer.weights(inputs)["kernel"].shape[-1]
    return Work(float(multiply_adds), float(numbers), gathered)


class Prediction:
    """How long the parts of a training step will take.

    Args:
        is_behind: whether something before the graph learns, as where it is a group's.
    """

    def __init__(self, graph: Graph, plan: Plan, speed: Speed, is_behind: bool = False) -> None:
        self._graph, self._plan, self._speed = graph, plan, speed
        self._is_behind = is_behind
        self._found = diagnose(graph)

    @cached_property
    def _learning(self) -> frozenset[str]:
        """The nodes that learn or stand behind one that does."""
        learning: set[str] = set()
        for id in self._graph.order:
            behind = any(edge.source in learning for edge in self._graph.into[id])
            if behind or self._is_behind or self._found.trainable_parameters(id):
                learning.add(id)
        return frozenset(learning)

    def facts(self, id: str) -> tuple[Any, ...]:
        """All that decides what a node takes: while they are equal, so is :meth:`of`."""
        layer, into = self._graph.layer_of(id), self._graph.into[id]
        inputs = tuple(self._found.shapes.get(edge.source) for edge in into)
        back = self._passes_back(id)
        return layer, inputs, back, self._plan.batch_size, self._plan.optimizer.kind, self._speed

    def of(self, id: str) -> float | None:
        """The seconds that a node adds to a step: forward, backward, and moving its weights.

        Returns:
            None where its shape is unknown.
        """
        layer, found, plan = self._graph.layer_of(id), self._found, self._plan
        if id not in found.shapes or not isinstance(layer, Layer):
            return None
        inputs = tuple(found.shapes[edge.source] for edge in self._graph.into[id])
        back, trained = self._passes_back(id), found.trainable_parameters(id)
        body = getattr(layer, "body", None)
        if isinstance(body, Graph):
            repeat: int = getattr(layer, "repeat", 1)
            return repeat * self._inside(body, inputs, back)
        # The optimizer's own base is part of what a step takes anyway.
        moving = replace(self._speed.optimizers.get(plan.optimizer.kind, Rate()), base=0.0)
        seconds = moving.seconds(Work(numbers=float(trained)))
        parts = sum(self._parts(layer, inputs, back, back or trained > 0))
        return seconds + self._speed.crowding * parts

    def _passes_back(self, id: str) -> bool:
        into = self._graph.into[id]
        return self._is_behind or any(edge.source in self._learning for edge in into)

    def _parts(
        self, layer: Layer, inputs: tuple[Shape, ...], back: bool, learns: bool
    ) -> Iterator[float]:
        """The layer's own work, and that of the activation which it applies."""
        layers, batch = self._speed.layers, self._plan.batch_size
        rate = layers.get(family_of(layer), layers.get(FALLBACK, Rate()))
        work = work_of(layer, inputs)
        seconds = rate.seconds(work, batch)
        both = 1.0 if learns or isinstance(layer, Input) else 0.5
        # Forward, the gradient of the inputs and that of the weights take about a third each.
        yield seconds * ((1 + back + learns) / 3 if work.multiply_adds else both)
        activation = layer.applied_activation
        if activation is not None:
            rate = self._speed.activations.get(activation.kind, layers.get(FALLBACK, Rate()))
            numbers = Work(numbers=float(prod(layer.output_shape(inputs))))
            yield rate.seconds(numbers, batch) * both

    def _inside(self, body: Graph, inputs: tuple[Shape, ...], back: bool) -> float:
        """What the layers in a group take, for the shapes that arrive there."""
        for id, shape in zip(body.inputs, inputs, strict=False):
            body = body.change(id, layer=Input(shape=shape))
        inner = Prediction(expanded(body).graph, self._plan, self._speed, back)
        nodes = (id for id in inner._graph.nodes if id not in body.inputs)
        return sum(inner.of(id) or 0.0 for id in nodes)


def step_seconds(graph: Graph, plan: Plan, speed: Speed) -> float | None:
    """What a whole training step takes; None while the graph has problems."""
    if diagnose(graph).problems or not graph.nodes:
        return None
    found = Prediction(graph, plan, speed)
    return speed.step_base(plan) + sum(found.of(id) or 0.0 for id in graph.nodes)
