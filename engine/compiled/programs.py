"""What lies in a program, as compiled code reads it: see :mod:`engine.compiled.tasks`."""

from __future__ import annotations

from numba import carray

from engine.arrays import Array
from engine.compiled.atomics import floats_at, integers_at, tasks_at
from engine.compiled.jit import exact
from engine.compiled.tasks import ARRAYS, COUNT, TASKS

ENDLESS = 1 << 40
"""The size of an array of which only the address is known."""


@exact
def program_at(address: int) -> Array:
    """The program that lies there."""
    program: Array = carray(integers_at(address), (ENDLESS,))
    return program


@exact
def array_of(program: Array, index: int) -> Array:
    """One of the arrays that a program works on."""
    array: Array = carray(floats_at(program[ARRAYS + index]), (ENDLESS,))
    return array


@exact
def tasks_of(program: Array) -> Array:
    """A program's tasks."""
    tasks: Array = carray(tasks_at(program[TASKS]), (program[COUNT],))
    return tasks
