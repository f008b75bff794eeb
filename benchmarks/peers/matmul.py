"""The limit: how fast NumPy multiplies two large matrices with all of BLAS' threads."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.base import Prepared

SIZE = 1536
MULTIPLY_ADDS = SIZE**3


def prepare(workload: object) -> Prepared:
    a = np.random.default_rng(0).random((SIZE, SIZE), np.float32)
    out = np.empty_like(a)

    def steps(count: int) -> None:
        for _ in range(count):
            np.matmul(a, a, out=out)

    return Prepared(0, steps)
