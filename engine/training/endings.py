"""What a network's output ends in: an activation, seen through layers that keep probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.activations import Activation, HardSigmoid, LogSoftmax, Sigmoid, Softmax
from engine.activations.vectors import AlongAnAxis
from engine.arrays import Shape
from engine.diagnosis import Fix, diagnose
from engine.graph import Edge, Graph, expanded
from engine.layers import Activation as ActivationLayer
from engine.layers import Layer, Permute

PROBABILITIES = (Softmax, Sigmoid, HardSigmoid)
"""Activations that give probabilities."""


class Ending(NamedTuple):
    """What comes last that changes numbers for good.

    Attributes:
        activation: what was applied; None for none, or for several that differ.
        node: the layer that applies it, as the network computes it; of several the last.
        is_direct: whether nothing comes after it, so that a loss may take what came in.
        keeps_rows: whether it works along the last axis, and what comes after leaves the rows on
            that axis whole: those of a softmax still add up to 1.
    """

    activation: Activation | None
    node: str
    is_direct: bool = True
    keeps_rows: bool = True

    @property
    def name(self) -> str:
        """What people call it: ``softmax``, or ``linear`` for none."""
        return self.activation.kind if self.activation else "linear"

    @property
    def gives_probabilities(self) -> bool:
        return isinstance(self.activation, PROBABILITIES)

    def gives_logits_of(self, name: str) -> bool:
        """Whether a softmax or sigmoid may follow; the logarithms of shares are logits, too."""
        is_log = isinstance(self.activation, LogSoftmax) and name == "softmax"
        return self.activation is None or is_log


def ending_of(graph: Graph, node: str) -> Ending:
    """What an output of a graph without problems ends in."""
    found = expanded(graph)
    return _ending(found.graph, found.ends.get(node, node), diagnose(found.graph).shapes)


def _ending(flat: Graph, node: str, shapes: Mapping[str, Shape]) -> Ending:
    layer, into = flat.layer_of(node), flat.into[node]
    assert isinstance(layer, Layer)
    applied = layer.applied_activation
    if applied is not None or not into or not layer.keeps_probabilities:
        is_along = not isinstance(applied, AlongAnAxis) or applied.is_along_last(shapes[node])
        return Ending(applied, node, keeps_rows=is_along)
    before = [_ending(flat, edge.source, shapes) for edge in into]
    if any(each.activation != before[0].activation for each in before):
        return Ending(None, node)
    keeps = not isinstance(layer, Permute) and all(
        each.keeps_rows and shapes[edge.source][-1:] == shapes[node][-1:]
        for each, edge in zip(before, into, strict=True)
    )
    return before[-1]._replace(is_direct=False, keeps_rows=keeps)


def with_activation(graph: Graph, node: str, activation: str) -> tuple[Fix, ...]:
    """Fixes that let an output end in another activation."""
    last = ending_of(graph, node)
    if not last.is_direct and last.activation is not None:
        # Another one behind it would be a softmax of probabilities, say.
        return _with_other(graph, last.node, activation) if last.node in graph.nodes else ()
    node = graph.computing(node)
    layer = graph.nodes[node].layer
    assert isinstance(layer, Layer)
    if "activation" in type(layer).model_fields:
        return _with_other(graph, node, activation)
    wired, new = graph.add(ActivationLayer.parse({"activation": activation}))
    wired = wired.connect(Edge(node, new))
    return (Fix(f"Add {activation} at the end", graph=wired),)


def _with_other(graph: Graph, node: str, activation: str) -> tuple[Fix, ...]:
    layer = graph.nodes[node].layer
    assert isinstance(layer, Layer)
    if "activation" not in type(layer).model_fields:
        return ()
    mended = graph.change(node, layer=layer.changed(activation=activation))
    label = f"Set its activation to {activation}"
    if len(graph.out_of[node]):
        label = f"Set the activation of {graph.nodes[node].name} to {activation}"
    return (Fix(label, graph=mended),) if not diagnose(mended).problems else ()
