"""Warnings of NumPy that are false: BLAS computes with numbers that no result depends on.

On processors of AMD's, kernels of OpenBLAS read beyond the edge of a matrix what they
do not use, and the processor's flag for invalid operations is set where that is NaN by
chance. NumPy finds the flag and warns, although every number that it returns is right.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from engine.arrays import Array


@contextmanager
def true_warnings(*results: Array) -> Iterator[None]:
    """Warn of invalid values only if there are any in these arrays when the block ends.

    What the caller wants of such warnings (``np.errstate``) is kept, in helping threads too.
    """
    wanted = np.geterr()["invalid"]
    if wanted == "ignore":
        yield
        return
    flagged = []
    with np.errstate(invalid="call", call=lambda kind, flag: flagged.append(kind)):
        yield
    if flagged and any(np.isnan(each).any() for each in results):
        text = "invalid value encountered in matmul"
        if wanted == "raise":
            raise FloatingPointError(text)
        warnings.warn(text, RuntimeWarning, stacklevel=3)
