"""Gradients against central differences in float64, along random directions."""

from __future__ import annotations

import numpy as np
import pytest

STEP = 1e-6


@pytest.mark.parametrize("training", [False, True])
def test_gradients_are_slopes(sample, training):
    layer, w, xs = sample.layer, sample.weights(np.float64), sample.inputs(np.float64)
    rng = np.random.default_rng(4)
    y, kept = layer.forward(w, sample.run(training), *xs)
    dy = rng.normal(size=y.shape)
    dxs, grads = layer.backward(w, kept, dy)

    for index, dx in enumerate(dxs):
        along = rng.normal(size=dx.shape)

        def moved(step, index=index, along=along):
            points = list(xs)
            points[index] = xs[index] + step * along
            return (sample.forward(w, points, training) * dy).sum()

        slope = (moved(STEP) - moved(-STEP)) / (2 * STEP)
        assert slope == pytest.approx((dx * along).sum(), rel=1e-6, abs=1e-6)

    for name, grad in grads.items():
        along = rng.normal(size=grad.shape)

        def moved(step, name=name, along=along):
            return (sample.forward({**w, name: w[name] + step * along}, xs, training) * dy).sum()

        slope = (moved(STEP) - moved(-STEP)) / (2 * STEP)
        assert slope == pytest.approx((grad * along).sum(), rel=1e-6, abs=1e-6)
