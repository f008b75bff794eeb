"""What a trained network says, in the words of its data: probabilities, classes, numbers."""

from __future__ import annotations

from collections.abc import Collection

from engine.activations import Activation, Sigmoid, Softmax
from engine.arrays import Array
from engine.data import Targets
from engine.network import Network, has_logits

FromLogits = bool | Collection[str]
"""Whether losses were computed from logits, or the output nodes whose was."""


def closing_activation(
    network: Network, node: str, targets: Targets | None, from_logits: FromLogits
) -> Activation | None:
    """What has to follow an output node so that it gives probabilities; often nothing.

    A network trained from logits may end without softmax or sigmoid: the loss
    applied it, and whoever uses the network has to as well.
    """
    is_raw = from_logits if isinstance(from_logits, bool) else node in from_logits
    if targets is None or targets.task == "regression" or not is_raw:
        return None
    applied = network.layer_of(node).applied_activation
    if has_logits(applied, network.shapes[node]):
        return None
    return Sigmoid() if network.shapes[node][-1] == 1 else Softmax()


def answers(
    network: Network,
    x: Array | tuple[Array, ...],
    targets: Targets | None,
    from_logits: FromLogits,
) -> dict[str, Array]:
    """Probabilities, or numbers in their own unit, of every output node: each (N, ...)."""
    found = network.outputs_of(x, network.graph.outputs)
    for node, y in found.items():
        closing = closing_activation(network, node, targets, from_logits)
        if closing is not None:
            found[node] = closing.forward(y)
        elif targets is not None:
            found[node] = targets.in_units(y)
    return found
