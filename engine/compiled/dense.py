"""The tasks of a chain of Dense layers: pieces of products, and what is done to a piece
while it lies in a core's cache."""

from __future__ import annotations

from typing import Any

from engine.arrays import Array
from engine.compiled.blas import address, multiply
from engine.compiled.jit import Work, fused
from engine.compiled.programs import array_of, program_at, tasks_of
from engine.compiled.register_tiles import multiply_tiles, suits
from engine.compiled.tasks import (
    BATCH,
    BIAS_GRADIENT,
    FEW_INPUT_GRADIENTS,
    FORWARD,
    RELU,
    SGEMM,
    WEIGHT_GRADIENT,
)

FEW_SAMPLES = 2
"""So few that to read the kernel takes longer than to multiply by it."""


@fused
def dense_task(
    task: Any, batch: int, sgemm: int, weights: Array, grads: Array, x: Array, values: Array,
    dy: Array, slopes: Array, dx: Array,
) -> None:  # fmt: skip
    """Do one task.

    Args:
        sgemm: its address.
        weights, grads: the network's flat vectors.
        x: (B * F,) what goes in.
        values: what the layers put out.
        dy: (B * units,) the gradient of the last layer, before its activation.
        slopes: the gradients of the layers between.
        dx: (B * F,) the gradient of what went in.
    """
    if task.kind == FORWARD:
        _forward(task, batch, sgemm, weights, x if task.x < 0 else values[task.x :], values)
        return
    above = dy if task.dy < 0 else slopes[task.dy :]
    if task.kind == WEIGHT_GRADIENT:
        below = x if task.x < 0 else values[task.x :]
        _weight_gradient(task, batch, sgemm, below, above, grads)
    elif task.kind == BIAS_GRADIENT:
        _bias_gradient(task, batch, above, grads)
    else:
        into = dx if task.dx < 0 else slopes[task.dx :]
        _input_gradient(task, batch, sgemm, weights, values, above, slopes, into)


@fused
def _forward(task: Any, batch: int, sgemm: int, weights: Array, x: Array, values: Array) -> None:
    inputs, units, left = task.inputs, task.units, task.left
    width = task.right - left
    from_x, kernel = address(x, task.top * inputs), address(weights, task.kernel + left)
    y = address(values, task.y + task.top * units + left)
    if batch <= FEW_SAMPLES:
        _stream(x[task.top * inputs :], weights[task.kernel + left :], units,
                values[task.y + task.top * units + left :],
                task.bottom - task.top, width, inputs)  # fmt: skip
    elif suits(units, width, batch):
        multiply_tiles(from_x, inputs, 1, kernel, units, y, units,
                       task.bottom - task.top, width, inputs)  # fmt: skip
    else:
        multiply(sgemm, from_x, inputs, 0, kernel, units, 0, 0, y, units,
                 task.bottom - task.top, width, inputs)  # fmt: skip
    is_rectified, zero = task.activation == RELU, weights.dtype.type(0)
    bias = weights[task.bias + left : task.bias + left + width]
    for i in range(task.top, task.bottom):
        begin = task.y + i * units + left
        row = values[begin : begin + width]
        if task.bias < 0:
            if is_rectified:
                for j in range(width):
                    row[j] = zero if row[j] < zero else row[j]
        elif is_rectified:
            for j in range(width):
                total = row[j] + bias[j]
                row[j] = zero if total < zero else total
        else:
            for j in range(width):
                row[j] += bias[j]


@fused
def _stream(
    x: Array, kernel: Array, units: int, y: Array, rows: int, width: int, inputs: int
) -> None:
    """A product that reads the kernel once, row after row, and copies nothing of it."""
    for i in range(rows):
        into = y[i * units : i * units + width]
        into[:] = 0
        for k in range(inputs):
            factor, row = x[i * inputs + k], kernel[k * units : k * units + width]
            for j in range(width):
                into[j] += factor * row[j]


@fused
def _weight_gradient(task: Any, batch: int, sgemm: int, x: Array, dy: Array, grads: Array) -> None:
    inputs, units, width = task.inputs, task.units, task.right - task.left
    from_x, slopes = address(x, task.top), address(dy, task.left)
    into = address(grads, task.kernel + task.top * units + task.left)
    if suits(units, width, batch):
        multiply_tiles(from_x, 1, inputs, slopes, units, into, units,
                       task.bottom - task.top, width, batch)  # fmt: skip
    else:
        multiply(sgemm, from_x, inputs, 1, slopes, units, 0, 0, into, units,
                 task.bottom - task.top, width, batch)  # fmt: skip


@fused
def _bias_gradient(task: Any, batch: int, dy: Array, grads: Array) -> None:
    units = task.units
    total = grads[task.bias : task.bias + units]
    total[:] = 0
    for i in range(batch):
        row = dy[i * units : (i + 1) * units]
        for j in range(units):
            total[j] += row[j]


@fused
def _input_gradient(
    task: Any, batch: int, sgemm: int, weights: Array, values: Array, dy: Array,
    slopes: Array, dx: Array,
) -> None:  # fmt: skip
    inputs, units, top, left = task.inputs, task.units, task.top, task.left
    width = task.right - left
    kernel = address(weights, task.kernel + left * units)
    if task.kind == FEW_INPUT_GRADIENTS:
        # BLAS would transpose the kernel, which is larger than what comes out.
        room = slopes[task.room + left * batch :]
        multiply(sgemm, kernel, units, 0, address(dy, 0), units, 1,
                 0, address(room, 0), batch, width, batch, units)  # fmt: skip
        for i in range(batch):
            for j in range(width):
                dx[i * inputs + left + j] = room[j * batch + i]
    else:
        multiply(sgemm, address(dy, top * units), units, 0, kernel, units, 1,
                 0, address(dx, top * inputs + left), inputs,
                 task.bottom - top, width, units)  # fmt: skip
    if task.activation == RELU:
        one, zero = dx.dtype.type(1), dx.dtype.type(0)
        for i in range(top, task.bottom):
            begin = i * inputs + left
            row, y = dx[begin : begin + width], values[task.x + begin : task.x + begin + width]
            into = slopes[task.sloped + begin : task.sloped + begin + width]
            for j in range(width):
                into[j] = row[j] * (one if y[j] > zero else zero)


@Work
def dense_work(program_address: int, index: int, room: int) -> None:
    """Do one task."""
    program = program_at(program_address)
    task = tasks_of(program)[index]
    first, second = array_of(program, 0), array_of(program, 1)
    third, fourth = array_of(program, 2), array_of(program, 3)
    fifth, sixth = array_of(program, 4), array_of(program, 5)
    seventh = array_of(program, 6)
    dense_task(task, program[BATCH], program[SGEMM],
               first, second, third, fourth, fifth, sixth, seventh)  # fmt: skip
