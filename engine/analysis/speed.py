"""How long a training step will take on a machine that was measured, before it is taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from types import MappingProxyType
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
class Pass:
    """The way of a batch through a layer in a training step.

    Attributes:
        inputs: the shapes of a sample.
        passes_back: whether something before the layer wants its gradient.
        returns: whether there is a way back at all.
    """

    layer: Layer
    inputs: tuple[Shape, ...]
    passes_back: bool
    returns: bool

    @property
    def share(self) -> float:
        """How much it is of a way forward and back with every gradient."""
        if self.layer.multiply_adds(self.inputs):
            # Forward, the gradient of the inputs and that of the weights take a third each.
            return (1 + self.passes_back + self.returns) / 3
        return 1.0 if self.returns or isinstance(self.layer, Input) else 0.5


@dataclass(frozen=True)
class Speed:
    """What was measured of a machine: see :func:`engine.analysis.calibration.measure_speed`.

    Attributes:
        layers: by family; see :func:`family_of`.
        activations: those that a layer applies itself, by kind.
        optimizers: by kind; a number is a parameter.
        step: seconds that a step takes besides its layers: the loss, metrics, bookkeeping.
        crowding: by how much longer, or shorter, layers take in a network than alone; that
            of the network which was timed last.
        factors: by how much longer, or shorter, layers that were timed themselves take
            than their family's rate says, for so many samples.
    """

    layers: Mapping[str, Rate]
    activations: Mapping[str, Rate]
    optimizers: Mapping[str, Rate]
    step: float = 0.0
    crowding: float = 1.0
    factors: Mapping[tuple[Pass, int], float] = field(default_factory=lambda: MappingProxyType({}))

    def seconds(self, of: Pass, samples: int) -> float:
        """What a layer takes alone, without the activation that it applies."""
        return self.guess(of, samples) * self.factors.get((of, samples), 1.0)

    def guess(self, of: Pass, samples: int) -> float:
        """What it takes by its family's rate."""
        rate = self.layers.get(family_of(of.layer), self.layers.get(FALLBACK, Rate()))
        return rate.seconds(work_of(of.layer, of.inputs), samples) * of.share

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
        way = self._way(id)
        if way is None:
            return None
        inner = self._inside(way)
        if inner is not None:
            repeat: int = getattr(way.layer, "repeat", 1)
            return repeat * sum(inner.of(each) or 0.0 for each in inner._worked_on)
        # The optimizer's own base is part of what a step takes anyway.
        moving = replace(self._speed.optimizers.get(self._plan.optimizer.kind, Rate()), base=0.0)
        trained = float(self._found.trainable_parameters(id))
        alone = self._speed.seconds(way, self._plan.batch_size) + self._applied(way)
        return moving.seconds(Work(numbers=trained)) + self._speed.crowding * alone

    def passes(self) -> Iterator[Pass]:
        """The ways through all layers but inputs, those in groups as well; some are equal."""
        for id in self._worked_on:
            way = self._way(id)
            if way is not None:
                inner = self._inside(way)
                yield from (way,) if inner is None else inner.passes()

    @property
    def _worked_on(self) -> list[str]:
        return [id for id in self._graph.nodes if id not in self._graph.inputs]

    def _passes_back(self, id: str) -> bool:
        into = self._graph.into[id]
        return self._is_behind or any(edge.source in self._learning for edge in into)

    def _way(self, id: str) -> Pass | None:
        """The way through a node; None where its shape is unknown."""
        layer, shapes = self._graph.layer_of(id), self._found.shapes
        if id not in shapes or not isinstance(layer, Layer):
            return None
        inputs = tuple(shapes[edge.source] for edge in self._graph.into[id])
        back = self._passes_back(id)
        return Pass(layer, inputs, back, back or self._found.trainable_parameters(id) > 0)

    def _applied(self, way: Pass) -> float:
        """What the activation takes that a layer applies."""
        activation = way.layer.applied_activation
        if activation is None:
            return 0.0
        fallback = self._speed.layers.get(FALLBACK, Rate())
        rate = self._speed.activations.get(activation.kind, fallback)
        numbers = Work(numbers=float(prod(way.layer.output_shape(way.inputs))))
        both = 1.0 if way.returns else 0.5
        return rate.seconds(numbers, self._plan.batch_size) * both

    def _inside(self, way: Pass) -> Prediction | None:
        """What is predicted of the layers in a group, for the shapes that arrive there."""
        body = getattr(way.layer, "body", None)
        if not isinstance(body, Graph):
            return None
        for id, shape in zip(body.inputs, way.inputs, strict=False):
            body = body.change(id, layer=Input(shape=shape))
        return Prediction(expanded(body).graph, self._plan, self._speed, way.passes_back)


def step_seconds(graph: Graph, plan: Plan, speed: Speed) -> float | None:
    """What a whole training step takes; None while the graph has problems."""
    if diagnose(graph).problems or not graph.nodes:
        return None
    found = Prediction(graph, plan, speed)
    return speed.step_base(plan) + sum(found.of(id) or 0.0 for id in graph.nodes)
