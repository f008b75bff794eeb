"""Networks of small whole numbers, which both precisions add up exactly, in any order.

So a chain in single precision must give, number by number, what the layers give one by one in
double precision, where there are no compiled loops: no tolerance hides a wrong index.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.graph import Graph
from engine.layers import Run
from engine.network import Network
from engine.network.chain import Chain

Array = np.ndarray[Any, Any]
Told = dict[tuple[str, str], Array]
"""The gradients that a watcher is told, by the wires that they went back over."""

EXACT = 2**24
"""Up to here single precision holds every whole number."""


class Watching:
    """A watcher that keeps copies."""

    def __init__(self) -> None:
        self.told: Told = {}

    def saw_forward(self, steps: Any, tape: Any) -> None:
        pass

    def saw_gradient(self, source: str, target: str, dx: Array) -> None:
        assert (source, target) not in self.told
        self.told[source, target] = dx.copy()


def chains(network: Network) -> list[list[str]]:
    """The nodes of each chain of a network."""
    return [[step.id for step in part._steps] for part in network._parts if isinstance(part, Chain)]


def network_of(graph: Graph, rng: np.random.Generator) -> Network:
    """In single precision; each unit adds two of its inputs, or subtracts them."""
    network = Network(graph)
    for name, weight in network.weights.items():
        if name.endswith("kernel"):
            weight[...] = 0
            inputs, units = weight.shape
            for _ in range(2):
                weight[rng.integers(0, inputs, units), np.arange(units)] = rng.choice([-1, 1])
        else:
            weight[...] = rng.integers(-1, 2, weight.shape)
    return network


def twin(network: Network) -> Network:
    """The same in double precision, without chains."""
    found = Network(network.graph, dtype=np.float64)
    found.load_weights(network.weights)
    assert not chains(found)
    return found


def passed(
    network: Network,
    x: Array,
    dys: Mapping[str, Array],
    drops: int | None = None,
    watcher: Watching | None = None,
) -> dict[str, Array]:
    """What every node puts out, and every gradient, by name.

    Args:
        dys: the gradients of the outputs.
        drops: the seed of what is dropped; None while predicting.
    """
    run = Run() if drops is None else Run(training=True, rng=np.random.default_rng(drops))
    network.gradients.fill(np.nan)  # nothing may be left as it is
    network.watcher = watcher
    tape = network.forward(x.astype(network.dtype), run)
    network.backward(tape, [(id, dy.astype(network.dtype), False) for id, dy in dys.items()])
    network.watcher = None
    found = {id: tape.values[network._place[id]] for id in network.graph.order}
    return {**found, "gradients": network.gradients.copy()}


def check(
    network: Network, batch: int, rng: np.random.Generator, asked: Any = None, **more: Any
) -> None:
    """That a network gives what it gives in double precision.

    Args:
        asked: the outputs whose gradient is there; all by default.
    """
    x = rng.integers(-2, 3, (batch, *network.shapes[network.graph.inputs[0]]))
    outputs = network.graph.outputs if asked is None else asked
    dys = {id: rng.integers(-2, 3, (batch, *network.shapes[id])) for id in outputs}
    ours, theirs = Watching(), Watching()
    exact = twin(network)
    expected = passed(exact, x, dys, **more, watcher=theirs)
    assert np.abs(exact.gradients).max(initial=0) < EXACT
    same(passed(network, x, dys, **more), expected)
    same(passed(network, x, dys, **more, watcher=ours), expected)
    same(ours.told, theirs.told)


def same(found: Mapping[Any, Array], expected: Mapping[Any, Array]) -> None:
    """That these are the same numbers, in single precision."""
    assert found.keys() == expected.keys()
    for name, each in expected.items():
        assert found[name].dtype == np.float32
        np.testing.assert_array_equal(found[name], each, err_msg=str(name))
