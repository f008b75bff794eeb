"""What a network's output ends in: an activation, seen through layers that keep probabilities."""

from __future__ import annotations

from typing import NamedTuple

from engine.activations import Activation, HardSigmoid, LogSoftmax, Sigmoid, Softmax
from engine.diagnosis import Fix, diagnose
from engine.graph import Edge, Graph, expanded
from engine.layers import Activation as ActivationLayer
from engine.layers import Layer

PROBABILITIES = (Softmax, Sigmoid, HardSigmoid)
"""Activations that give probabilities."""


class Ending(NamedTuple):
    """What comes last that changes numbers for good.

    Attributes:
        activation: what was applied; None for none, or for several that differ.
        node: the layer that applies it, as the network computes it; of several the last.
        is_direct: whether nothing comes after it, so that a loss may take what came in.
    """

    activation: Activation | None
    node: str
    is_direct: bool = True

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
    return _ending(found.graph, found.ends.get(node, node))


def _ending(flat: Graph, node: str) -> Ending:
    layer, into = flat.layer_of(node), flat.into[node]
    assert isinstance(layer, Layer)
    if layer.applied_activation is not None or not into or not layer.keeps_probabilities:
        return Ending(layer.applied_activation, node)
    before = [_ending(flat, edge.source) for edge in into]
    if any(each.activation != before[0].activation for each in before):
        return Ending(None, node)
    return before[-1]._replace(is_direct=False)


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
