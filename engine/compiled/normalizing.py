"""Batch normalization's passes over rows of features, a block of rows at a time."""

from __future__ import annotations

from typing import Any

from engine.arrays import Array
from engine.compiled.jit import Work, exact, fused
from engine.compiled.programs import array_of, program_at, tasks_of
from engine.compiled.tasks import BOTH_SUMS, MOMENTS, SCALE


@exact
def rows_task(
    task: Any, first: Array, second: Array, third: Array, fourth: Array, fifth: Array,
    sixth: Array, seventh: Array,
) -> None:  # fmt: skip
    """Do a task for the rows from ``top`` to ``bottom``, of ``units`` numbers each.

    Args:
        first, ..., seventh: as the functions below take them, but flat; sums are those of every
            block of rows, one kind after the other.
    """
    width, height = task.units, task.bottom - task.top
    begin, end = task.top * width, task.bottom * width
    rows = first[begin:end].reshape(height, width)
    if task.kind == MOMENTS:
        moments(rows, second[:width], third[task.y : task.y + width],
                third[task.dy : task.dy + width])  # fmt: skip
    elif task.kind == BOTH_SUMS:
        both_sums(rows, second[begin:end].reshape(height, width), third[:width],
                  fourth[task.y : task.y + width],
                  fourth[task.dy : task.dy + width])  # fmt: skip
    elif task.kind == SCALE:
        scale(rows, second[:width], third[:width], fourth[:width],
              fifth[begin:end].reshape(height, width))  # fmt: skip
    else:
        pull(rows, second[begin:end].reshape(height, width), third[:width], fourth[:width],
             fifth[:width], sixth[:width],
             seventh[begin:end].reshape(height, width))  # fmt: skip


@fused
def moments(rows: Array, center: Array, sums: Array, squares: Array) -> None:
    """The sums over rows (N, F) of ``rows - center``, (F,), and of its square."""
    sums[:] = 0
    squares[:] = 0
    for i in range(rows.shape[0]):
        row = rows[i]
        for j in range(row.size):
            far = row[j] - center[j]
            sums[j] += far
            squares[j] += far * far


@fused
def both_sums(rows: Array, grad: Array, center: Array, sums: Array, along: Array) -> None:
    """The sums over rows (N, F) of ``grad``, (F,), and of ``(rows - center) * grad``."""
    sums[:] = 0
    along[:] = 0
    for i in range(rows.shape[0]):
        row, slope = rows[i], grad[i]
        for j in range(row.size):
            sums[j] += slope[j]
            along[j] += (row[j] - center[j]) * slope[j]


@exact
def scale(rows: Array, center: Array, factor: Array, shift: Array, out: Array) -> None:
    """``(rows - center) * factor + shift``."""
    for i in range(rows.shape[0]):
        row, into = rows[i], out[i]
        for j in range(row.size):
            into[j] = (row[j] - center[j]) * factor[j] + shift[j]


@exact
def pull(
    rows: Array, grad: Array, center: Array, slope: Array, shift: Array, factor: Array, out: Array
) -> None:
    """``((rows - center) * slope + shift + grad) * factor``."""
    for i in range(rows.shape[0]):
        row, by, into = rows[i], grad[i], out[i]
        for j in range(row.size):
            into[j] = ((row[j] - center[j]) * slope[j] + shift[j] + by[j]) * factor[j]


@Work
def rows_work(address: int, index: int, room: int) -> None:
    """Do one task."""
    program = program_at(address)
    task = tasks_of(program)[index]
    first, second = array_of(program, 0), array_of(program, 1)
    third, fourth = array_of(program, 2), array_of(program, 3)
    fifth, sixth = array_of(program, 4), array_of(program, 5)
    seventh = array_of(program, 6)
    rows_task(task, first, second, third, fourth, fifth, sixth, seventh)
