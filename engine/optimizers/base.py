"""What all optimizers share: settings, clipping, weight decay, the pass over memory.

An optimizer holds settings only. Its moments live in a dictionary of flat
arrays, as long as the network's flat vector of trained weights, so that a step
is a few passes over memory and a checkpoint is a few arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import inf, isfinite, sqrt
from typing import Self

import numpy as np
from pydantic import model_validator

from engine.arrays import Array
from engine.compiled.program import square_length
from engine.parallel import for_each_shard, shards
from engine.spec import Family, setting

State = dict[str, Array]

BLOCK = 131_072
"""How many weights are moved at a time, at most.

Few enough to stay in a core's cache from the first operation to the last, and enough that
threads seldom wait for each other between two operations: of blocks of 32,768 two threads
were no faster than one.
"""


class Optimizer(Family, root=True):
    """How weights move along their gradients.

    As in Keras, gradients are clipped first, by at most one of the three ways; then weights
    decay, all of them, biases too; then they move.
    """

    learning_rate: float = setting(
        0.001, gt=0, le=100, label="Learning rate", help="The size of each step."
    )
    clipvalue: float | None = setting(
        None,
        gt=0,
        le=1e9,
        label="Clip by value",
        help="Limit every number of the gradient to this.",
        advanced=True,
    )
    clipnorm: float | None = setting(
        None,
        gt=0,
        le=1e9,
        label="Clip by norm",
        help="Limit the norm of each weight array's gradient to this.",
        advanced=True,
    )
    global_clipnorm: float | None = setting(
        None,
        gt=0,
        le=1e9,
        label="Clip by global norm",
        help="Limit the norm of the whole gradient to this.",
        advanced=True,
    )
    weight_decay: float | None = setting(
        None,
        ge=0,
        le=1,
        label="Weight decay",
        help="The share of each weight, times the rate, that is subtracted at each step.",
        advanced=True,
    )

    @model_validator(mode="after")
    def _clip_in_one_way(self) -> Self:
        ways = (self.clipvalue, self.clipnorm, self.global_clipnorm)
        if sum(way is not None for way in ways) > 1:
            raise ValueError("Gradients can be clipped in one way only, but several are set.")
        return self

    def start(self, weights: Array) -> State:
        """The moments before the first step, each in the shape of ``weights`` (P,)."""
        return {}

    def step(
        self,
        weights: Array,
        grads: Array,
        state: State,
        step: int,
        rate: float,
        slices: Sequence[slice] = (slice(None),),
        factors: Sequence[float] = (),
    ) -> None:
        """Move ``weights`` (P,) in place; ``step`` counts from 1, ``rate`` is the learning rate.

        ``grads`` may be overwritten. ``slices`` says where each weight array lies in the vector,
        and ``factors``, if any, by how much the rate of each is multiplied.
        """
        self._clip(grads, slices)
        runs = _runs(slices, factors) if factors else ((slice(0, len(weights)), 1.0),)
        for part, factor in runs:
            if self.weight_decay:
                weights[part] *= 1 - rate * factor * self.weight_decay
            moments = {name: each[part] for name, each in state.items()}
            self.move_all(weights[part], grads[part], moments, self.scales(step, rate * factor))

    def can_take(self, grads: Array) -> bool:
        """Whether ``grads`` (P,) makes a step: it is finite, and so are the squares of its numbers,
        unless it is clipped before anything is squared."""
        if isfinite(square_length(grads)):
            return True
        clips = (self.clipvalue, self.clipnorm, self.global_clipnorm)
        return any(each is not None for each in clips) and bool(np.isfinite(grads).all())

    def _clip(self, grads: Array, slices: Sequence[slice]) -> None:
        if self.clipvalue is not None:
            grads.clip(-self.clipvalue, self.clipvalue, out=grads)
        if self.clipnorm is not None:
            for part in slices:
                _shorten(grads[part], self.clipnorm)
        if self.global_clipnorm is not None:
            _shorten(grads, self.global_clipnorm)

    def scales(self, step: int, rate: float) -> tuple[float, ...]:
        """What is the same for every weight in this step."""
        return (rate,)

    def move_all(self, w: Array, g: Array, state: State, scales: tuple[float, ...]) -> None:
        """One step for weights that move at one rate, in place."""
        blocks = _blocks(len(w))

        def work(index: int) -> None:
            part = blocks[index]
            moments = {name: each[part] for name, each in state.items()}
            self.move(w[part], g[part], moments, scales)

        for_each_shard(work, len(blocks))

    def move(self, w: Array, g: Array, state: State, scales: tuple[float, ...]) -> None:
        """One step for one block of weights, in place."""
        raise NotImplementedError


def _runs(slices: Sequence[slice], factors: Sequence[float]) -> list[tuple[slice, float]]:
    """The parts of the vector that move at one rate, as long as possible, with their factor."""
    runs = [(slices[0], factors[0])]
    for part, factor in zip(slices[1:], factors[1:], strict=True):
        last, of_last = runs[-1]
        if factor == of_last:
            runs[-1] = slice(last.start, part.stop), factor
        else:
            runs.append((part, factor))
    return runs


@lru_cache(64)
def _blocks(size: int) -> list[slice]:
    """An even number of blocks, so that no core waits for another one's last."""
    pairs = -(-size // (2 * BLOCK))
    return shards(size, 2 * pairs if size > BLOCK // 2 else 1)


def _shorten(grads: Array, length: float) -> None:
    norm = sqrt(float(grads @ grads))
    if norm == inf:  # Only the squares are too large; the direction is all that is left of it.
        grads /= np.abs(grads).max()
        norm = sqrt(float(grads @ grads))
        grads *= length / norm
    elif norm > length:
        grads *= length / norm
