"""How well a network is learning: gradients on its wires, how fast weights move, dead units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from engine.activations import Relu
from engine.arrays import Array
from engine.network import Network, Step, Tape

Wire = tuple[str, str]
"""The node that a wire comes from, and the one that it leads to."""


@dataclass(frozen=True, slots=True)
class Health:
    """What one training step did, by nodes and wires.

    Nodes inside a group are called ``group/node``; the group itself stands for all in it.

    Attributes:
        gradients: the length of the loss's gradient by what flows on a wire, over the batch.
        updates: how far a node's weights moved, relative to their length; healthy near 1e-3.
        dead: the share of a node's relu units that were zero for the whole batch.
    """

    gradients: Mapping[Wire, float] = field(default_factory=dict)
    updates: Mapping[str, float] = field(default_factory=dict)
    dead: Mapping[str, float] = field(default_factory=dict)

    def within(self, prefix: str) -> Health:
        """What is told of nodes whose names begin so, by the rest of their names."""
        if not prefix:
            return self
        wires = {
            (a.removeprefix(prefix), b.removeprefix(prefix)): value
            for (a, b), value in self.gradients.items()
            if a.startswith(prefix) and b.startswith(prefix)
        }
        return Health(wires, _within(self.updates, prefix), _within(self.dead, prefix))


class Probe:
    """Watches one training step of a network; see :attr:`Network.watcher`.

    Attributes:
        seconds: how long the watching itself took.
    """

    def __init__(self, network: Network) -> None:
        clock = perf_counter()
        self._network = network
        self._before = network.trained.copy()
        self._squares: dict[Wire, float] = {}
        self._dead: dict[str, list[int]] = {}
        self._ends: dict[str, list[str]] = {}
        for name, end in network.expansion.ends.items():
            self._ends.setdefault(end, []).append(name)
        self.seconds = perf_counter() - clock

    def saw_forward(self, steps: Sequence[Step], tape: Tape) -> None:
        """The batch went through."""
        clock = perf_counter()
        for step, y in zip(steps, tape.values, strict=True):
            if _is_relu(step):
                units = y.reshape(-1, y.shape[-1])
                dead, count = int((units.max(axis=0) <= 0).sum()), units.shape[-1]
                for name in _levels(step.id):
                    known = self._dead.setdefault(name, [0, 0])
                    known[0] += dead
                    known[1] += count
        self.seconds += perf_counter() - clock

    def saw_gradient(self, source: str, target: str, dx: Array) -> None:
        """A gradient went back over a wire."""
        clock = perf_counter()
        flat = dx.reshape(-1)
        square = float(np.dot(flat, flat))
        for wire in self._wires(source, target):
            self._squares[wire] = self._squares.get(wire, 0.0) + square
        self.seconds += perf_counter() - clock

    def result(self) -> Health:
        """What was seen, once the weights have moved."""
        clock = perf_counter()
        updates = self._updates()
        self.seconds += perf_counter() - clock
        return Health(
            {wire: float(np.sqrt(square)) for wire, square in self._squares.items()},
            updates,
            {name: dead / count for name, (dead, count) in self._dead.items()},
        )

    def _wires(self, source: str, target: str) -> Iterator[Wire]:
        """The wire itself, and those between groups which it is a part of."""
        yield source, target
        for one in self._names(source):
            for other in _levels(target):
                same = one.rpartition("/")[0] == other.rpartition("/")[0]
                if same and (one, other) != (source, target):
                    yield one, other

    def _names(self, source: str) -> Iterator[str]:
        """A node, and all that is drawn whose output is the node's."""
        yield source
        yield from self._ends.get(source, ())

    def _updates(self) -> dict[str, float]:
        network = self._network
        arrays = [name for name, each in network.weights.items() if network.is_trained(each)]
        moved: dict[str, float] = {}
        length: dict[str, float] = {}
        for name, part in zip(arrays, network.slices, strict=True):
            before = self._before[part]
            way = network.trained[part] - before
            for node in _levels(name.rpartition("/")[0]):
                moved[node] = moved.get(node, 0.0) + float(np.dot(way, way))
                length[node] = length.get(node, 0.0) + float(np.dot(before, before))
        return {
            node: float(np.sqrt(moved[node] / length[node])) for node in moved if length[node] > 0
        }


def _within(table: Mapping[str, float], prefix: str) -> dict[str, float]:
    return {
        name.removeprefix(prefix): value for name, value in table.items() if name.startswith(prefix)
    }


def _is_relu(step: Step) -> bool:
    """Whether its output is cut off at zero, so that a unit can die."""
    return isinstance(step.activation, Relu) and not step.activation.negative_slope


def _levels(id: str) -> Iterator[str]:
    """A node, and every group that it is in."""
    yield id
    while "/" in id:
        id = id.rpartition("/")[0]
        yield id
