"""Dense layers one after another, computed in one compiled call.

Between the products of a small network, calls of NumPy and threads that wait for each other
take longer than the products. So a chain of Dense layers is written down as a list of tasks,
once for each batch size, and compiled code works through it on every core.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from types import ModuleType

import numpy as np

from engine.activations import Relu
from engine.arrays import Array, Shape, aligned
from engine.compiled import loops_for
from engine.compiled.program import Program
from engine.compiled.tasks import LINEAR, RELU
from engine.layers import Dense, Run
from engine.network.chain_tasks import Link, backward_tasks, forward_tasks
from engine.network.passes import Due, Part, Step, Tape
from engine.parallel import Later

Place = tuple[slice, tuple[int, int]]
"""Where a matrix lies in a flat array, and its shape."""

BATCH_SIZES = 8
"""For how many sizes of batches the tasks are kept."""


def with_chains(
    steps: Sequence[Step], shapes: Mapping[str, Shape], weights: Array, grads: Array
) -> list[Part]:
    """The steps, chains in place of the Dense layers that make one.

    Args:
        shapes: of one output sample, by node.
        weights, grads: the network's flat vectors, of which the steps hold views.
    """
    loops = loops_for(weights, grads)
    if loops is None or not loops.sgemm_address():
        return list(steps)
    fed = Counter(source for step in steps for source in step.sources)
    chains: dict[int, list[Step]] = {}
    for step in steps:
        if type(step.layer) is not Dense or len(shapes[step.id]) > 1:
            continue
        if not step.grads or not all(
            np.may_share_memory(each, grads) for each in step.grads.values()
        ):
            continue  # frozen, or another's weights
        (source,) = step.sources
        before = chains.get(source)
        if before is not None and fed[source] == 1 and _may_go_on(before[-1]):
            before.append(step)
            chains[step.index] = before
        else:
            chains[step.index] = [step]
    return [
        Chain(chains[step.index], weights, grads, loops) if step.index in chains else step
        for step in steps
        if step.index not in chains or chains[step.index][0] is step
    ]


def _may_go_on(step: Step) -> bool:
    """Whether a chain may go on behind it: all that is asked of it is done piece by piece."""
    is_penalized = getattr(step.layer, "activity_regularizer", None) is not None
    return not is_penalized and not step.is_output and _activation(step) is not None


def _activation(step: Step) -> int | None:
    """What stands for its activation in a task; None for one that is not done there."""
    if step.activation is None:
        return LINEAR
    return RELU if step.activation == Relu() and not step.is_output else None


class Chain:
    """Some Dense layers, each fed by the one before alone.

    Args:
        steps: from the first to the last.
        weights, grads: the network's flat vectors.
        loops: the compiled ones.
    """

    def __init__(
        self, steps: Sequence[Step], weights: Array, grads: Array, loops: ModuleType
    ) -> None:
        self._steps, self._weights, self._grads = steps, weights, grads
        (self._source,) = steps[0].sources
        self._passes_back = steps[0].passes_back
        self._rest_is_outside = _activation(steps[-1]) is None
        links = tuple(_link(step, weights) for step in steps)
        # Of functions, not of methods: a cache must not hold on to what holds on to it.
        self._forward = lru_cache(BATCH_SIZES)(partial(_forward_program, loops, links))
        self._backward = lru_cache(BATCH_SIZES)(
            partial(_backward_program, loops, links, self._passes_back)
        )

    def forward(self, tape: Tape, run: Run, keep: bool) -> None:
        """Record what each layer puts out."""
        x = np.ascontiguousarray(tape.values[self._source])
        program, room, parts = self._forward(len(x))
        values = aligned((room,))
        program.run(self._weights, self._grads, x.reshape(-1), values)
        for step, (part, shape) in zip(self._steps, parts, strict=True):
            tape.values[step.index] = values[part].reshape(shape)
        last = self._steps[-1]
        if self._rest_is_outside:
            last.activate(tape, tape.values[last.index], ())
        if keep:
            tape.kept[last.index] = x, values

    def backward(self, tape: Tape, due: Due, later: Later) -> None:
        """Fill the gradients of the weights, and give back that of what went in."""
        last = self._steps[-1].index
        dy = due.take(last, tape)
        if dy is None:
            for step in self._steps[:-1]:
                due.take(step.index, tape)
            return
        (x, values), tape.kept[last] = tape.kept[last], None
        program, room, parts = self._backward(len(x), due.watcher is not None)
        slopes = aligned((room,))
        dx = np.empty(x.shape if self._passes_back else 0, np.float32)
        dy = np.ascontiguousarray(dy).reshape(-1)
        given = self._weights, self._grads, x.reshape(-1), values, dy, slopes, dx.reshape(-1)
        program.run(*given)
        if due.watcher is not None:
            for before, step, (part, shape) in zip(
                self._steps, self._steps[1:], parts, strict=False
            ):
                due.tell(before.index, step.index, slopes[part].reshape(shape))
        if self._passes_back:
            due.give_back(self._source, self._steps[0].index, dx)


def _link(step: Step, weights: Array) -> Link:
    kernel, bias = step.weights["kernel"], step.weights.get("bias")
    inputs, units = kernel.shape
    return Link(
        inputs,
        units,
        _place(kernel, weights),
        -1 if bias is None else _place(bias, weights),
        _activation(step) or LINEAR,
    )


def _place(part: Array, whole: Array) -> int:
    """How many numbers of ``whole`` lie before ``part``, a view of it."""
    return (part.ctypes.data - whole.ctypes.data) // whole.itemsize


def _forward_program(
    loops: ModuleType, links: Sequence[Link], batch: int
) -> tuple[Program, int, list[Place]]:
    """What to do with so many samples, how many numbers come out, and which are whose."""
    tasks = forward_tasks(links, batch)
    program = Program(loops, loops.dense_work, tasks.rows, tasks.groups, batch, tasks.is_large)
    return program, tasks.room, _places(batch, [link.units for link in links])


def _backward_program(
    loops: ModuleType, links: Sequence[Link], passes_back: bool, batch: int, is_watched: bool
) -> tuple[Program, int, list[Place]]:
    """What to do with their gradients, how many numbers come back, and which are whose."""
    tasks = backward_tasks(links, passes_back, batch, is_watched)
    program = Program(loops, loops.dense_work, tasks.rows, tasks.groups, batch, tasks.is_large)
    return program, tasks.room, _places(batch, [link.inputs for link in links[1:]])


def _places(batch: int, widths: Sequence[int]) -> list[Place]:
    """Where matrices of these widths lie, one after the other, and their shapes."""
    ends = [batch * sum(widths[: i + 1]) for i in range(len(widths))]
    return [
        (slice(end - batch * width, end), (batch, width))
        for end, width in zip(ends, widths, strict=True)
    ]
