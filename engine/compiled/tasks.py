"""What a program is: a list of tasks that threads share, and the arrays that they work on.

:mod:`engine.compiled.crew` says how they share it, :func:`engine.compiled.crew.lead` what
each kind of task does.
"""

from __future__ import annotations

import numpy as np

(
    FORWARD,
    INPUT_GRADIENT,
    FEW_INPUT_GRADIENTS,
    WEIGHT_GRADIENT,
    BIAS_GRADIENT,
    ADAM,
    SQUARE,
    ADD,
    RECTIFY,
    RECTIFIED_SLOPE,
    MOMENTS,
    BOTH_SUMS,
    SCALE,
    PULL,
    POOL_PAIRS,
    SPREAD_PAIRS,
    KERNEL_NUMBERS,
    TURNED_KERNEL_NUMBERS,
    CORRELATE,
    TILE_GRADIENTS,
    KERNEL_GRADIENT,
) = range(21)
"""What a task does. All tasks of a program are of kinds that one file knows: five for chains of
Dense layers, five for flat arrays, four for rows of features, two for pooling, and five for
Winograd's tiles."""

LINEAR, RELU = range(2)
"""The activations that are applied piece by piece."""

OUTSIDE = -1
"""For a place: it is in the array from outside the chain."""

TASK = np.dtype(
    [
        (name, np.int64)
        for name in (
            "kind", "done",  # the counter that it counts up
            "needs", "least",  # the counter that it waits for, and for how much
            "top", "bottom", "left", "right",  # its piece of what comes out
            "inputs", "units", "kernel", "bias",  # the layer; its weights' places, bias -1 for none
            "x", "y", "dy", "dx", "room",  # places of values and of gradients
            "activation",  # of the layer; for its input's gradient that of the layer before
            "sloped",  # the place of the input's gradient after the slope of that activation
        )
    ]
)  # fmt: skip

GEOMETRY = np.dtype(
    [
        (name, np.int64)
        for name in (
            "step",  # how far tiles step
            "top", "left",  # padding, in pixels
            "across",  # tiles beside each other
            "side",  # the kernel's
            "channels", "filters",
            "batch", "high", "wide",  # the pictures
            "down", "over",  # rows and columns of answers
            "most",  # how many rows of tiles a piece has, its pictures' together
            "parts",  # how many tasks add up gradients of the kernel
        )
    ]
)  # fmt: skip
"""Of a convolution by Winograd's tiles."""

NEXT, TASKS, COUNT, BATCH, WORK, SGEMM, GIVE_WAY, SIZES, ROOMS, ARRAYS = range(10)
"""Where things lie in a program, an array of int64: the next task, the tasks' address and how
many they are, the samples, the addresses of what threads do with it and of other calls, that of
the sizes of what is worked on, how many threads have a room of their own to work in, and the
addresses of the arrays."""

ARRAY_COUNT = 8
COUNTERS = ARRAYS + ARRAY_COUNT
"""Where the counters begin."""
