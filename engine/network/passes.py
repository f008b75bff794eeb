"""How a batch goes through a network and its gradients come back, a layer at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from engine.activations import Activation, activate, slope
from engine.adding import added
from engine.arrays import Array
from engine.layers import Layer, Run
from engine.layers.base import Weights
from engine.parallel import Later


class Tape:
    """What a forward pass leaves, by the nodes' places in the order.

    Attributes:
        values: what each put out.
        kept: what its backward pass needs.
        before_activation: the values before its activation, where that or a loss needs them.
    """

    __slots__ = ("before_activation", "kept", "values")

    def __init__(self, count: int) -> None:
        self.values: list[Any] = [None] * count
        self.kept: list[Any] = [None] * count
        self.before_activation: list[Array | None] = [None] * count

    @property
    def size(self) -> int:
        """How many samples went through; 1 for none, since penalties are divided by it."""
        return max(1, len(self.values[0]))


class Watcher(Protocol):
    """Looks on while a network works out its gradients; it must write to nothing."""

    def saw_forward(self, steps: Sequence[Step], tape: Tape) -> None:
        """The batch went through."""

    def saw_gradient(self, source: str, target: str, dx: Array) -> None:
        """The gradient ``dx`` by what ``source`` put out went back to it from ``target``."""


class Given(NamedTuple):
    """A gradient that a backward pass begins with.

    Attributes:
        node: whose.
        dy: (B, ...).
        is_before: whether it is by the values before the node's activation, not by its output.
    """

    node: str
    dy: Array
    is_before: bool = False


class Due:
    """The gradients that nodes still have to pass back.

    Args:
        watcher: who is told what goes back, if anybody.
    """

    def __init__(self, steps: Sequence[Step], watcher: Watcher | None) -> None:
        self.watcher = watcher
        self._steps = steps
        self._dys: list[Array | None] = [None] * len(steps)
        self._before: list[Array | None] = [None] * len(steps)

    def ask(self, index: int, dy: Array, is_before: bool) -> None:
        """One more gradient of what a node put out, or of the values before its activation."""
        _add(self._before if is_before else self._dys, index, dy)

    def give_back(self, source: int, target: int, dx: Array) -> None:
        """A node's gradient by what the node at ``source`` put out."""
        self.tell(source, target, dx)
        _add(self._dys, source, dx)

    def tell(self, source: int, target: int, dx: Array) -> None:
        """Let the watcher see a gradient."""
        if self.watcher is not None:
            self.watcher.saw_gradient(self._steps[source].id, self._steps[target].id, dx)

    def take(self, index: int, tape: Tape) -> Array | None:
        """A node's gradient before its activation; None where nothing that it feeds is asked for,
        or nothing learns from it."""
        step, dy, before = self._steps[index], self._dys[index], self._before[index]
        self._dys[index] = self._before[index] = None
        if (dy is None and before is None) or not step.learns:
            for grad in step.grads.values():
                grad.fill(0)
            return None
        if dy is None:
            return before
        if step.activation is not None:
            dy = slope(step.activation, dy, tape.before_activation[index], tape.values[index])
        return dy if before is None else added(dy, before)


def _add(gradients: list[Array | None], index: int, more: Array) -> None:
    known = gradients[index]
    gradients[index] = more if known is None else added(known, more)


class Part(Protocol):
    """One node or several, run at once."""

    def forward(self, tape: Tape, run: Run, keep: bool) -> None:
        """Record what they put out."""

    def backward(self, tape: Tape, due: Due, later: Later) -> None:
        """Fill the gradients of their weights, and give back those of what they got."""


@dataclass(frozen=True, slots=True)
class Step:
    """One node, ready to run: its place in the order, and views of its weights.

    Attributes:
        passes_back: whether something before it learns and so needs its gradient.
        learns: whether it or something before it does.
    """

    id: str
    index: int
    layer: Layer
    activation: Activation | None
    sources: tuple[int, ...]
    weights: Weights
    grads: Weights
    is_output: bool
    passes_back: bool
    learns: bool

    def forward(self, tape: Tape, run: Run, keep: bool) -> None:
        """Record what the node puts out."""
        xs = [tape.values[source] for source in self.sources]
        y, kept = self.layer.forward(self.weights, run, *xs)
        if run.updates:
            for name, value in run.updates.items():
                # Statistics of a batch that overflowed would spoil the network for good.
                if np.isfinite(value).all():
                    self.weights[name][...] = value
            run.updates.clear()
        self.activate(tape, y, xs)
        if keep:
            tape.kept[self.index] = kept

    def activate(self, tape: Tape, y: Array, xs: Sequence[Array]) -> None:
        """Record the activation of ``y``; in its place, if that can be spared.

        Args:
            xs: what must stay as it is.
        """
        if self.activation is not None:
            if self.activation.keeps_input or self.is_output:
                tape.before_activation[self.index] = y
                y = activate(self.activation, y, None)
            else:
                spare = not any(np.may_share_memory(y, x) for x in xs)
                y = activate(self.activation, y, y if spare else None)
        tape.values[self.index] = y

    def backward(self, tape: Tape, due: Due, later: Later) -> None:
        """Fill the gradients of the node's weights, and give back those of what it got."""
        dy = due.take(self.index, tape)
        if dy is None:
            return
        kept, tape.kept[self.index] = tape.kept[self.index], None
        dxs = self.layer.fill_gradients(self.weights, kept, dy, self.grads, self.passes_back, later)
        for source, dx in zip(self.sources, dxs, strict=self.passes_back):
            due.give_back(source, self.index, dx)
