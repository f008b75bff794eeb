"""What a network costs before it is trained: work, memory, parameters."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from engine.diagnosis import diagnose
from engine.graph import Graph
from engine.layers import Layer

NUMBER_BYTES = 4  # single precision


@dataclass(frozen=True, slots=True)
class Cost:
    """What one node, or a whole network, costs.

    Attributes:
        multiply_adds: of the matrix products of one forward pass, per sample. A training step
            takes three times as many: those of the inputs' and weights' gradients come on top.
        outputs: how many numbers come out, per sample; they are kept for the backward pass.
        parameters: how many numbers it holds.
        trained: how many of these are learned; each has a gradient and, with Adam, two moments.
    """

    multiply_adds: int = 0
    outputs: int = 0
    parameters: int = 0
    trained: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.multiply_adds + other.multiply_adds,
            self.outputs + other.outputs,
            self.parameters + other.parameters,
            self.trained + other.trained,
        )

    def activation_bytes(self, batch: int) -> int:
        """The memory of its outputs for a batch."""
        return NUMBER_BYTES * self.outputs * batch

    def gradient_bytes(self) -> int:
        """The memory of the gradients of its weights."""
        return NUMBER_BYTES * self.trained


def cost_of(graph: Graph, id: str) -> Cost:
    """What a node with a known shape costs; nothing where data passes it by."""
    if graph.nodes[id].bypassed:
        return Cost()
    found = diagnose(graph)
    layer = graph.layer_of(id)
    assert isinstance(layer, Layer)
    inputs = tuple(found.shapes[edge.source] for edge in graph.into[id])
    return Cost(
        layer.multiply_adds(inputs),
        prod(found.shapes[id]),
        found.parameters(id),
        found.trainable_parameters(id),
    )


def costs(graph: Graph) -> dict[str, Cost]:
    """What each node costs, by id; nodes whose shape is unknown are left out."""
    return {id: cost_of(graph, id) for id in diagnose(graph).shapes}


def total_cost(graph: Graph) -> Cost:
    """What the whole network costs."""
    return sum(costs(graph).values(), Cost())
