"""What tests of the engine share: Keras as the second opinion, and central differences."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

Array = np.ndarray[Any, Any]


@pytest.fixture(scope="session")
def keras() -> ModuleType:
    """Keras 3 on JAX; skips where the extra ``test`` is not installed."""
    os.environ["KERAS_BACKEND"] = "jax"
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras = pytest.importorskip("keras", reason='Keras comes with pip install -e ".[test]"')
        import jax

        # Quicker to compile; what is computed here is small.
        jax.config.update("jax_disable_most_optimizations", True)
        return keras


@pytest.fixture(scope="session")
def slopes() -> Callable[[Callable[[], float], Array], Array]:
    """Central differences of a function by each number of a float64 array.

    The function reads the array itself, which is put back as it was.
    """

    def measure(function: Callable[[], float], at: Array, h: float = 1e-6) -> Array:
        assert at.dtype == np.float64
        found = np.empty_like(at)
        for place in np.ndindex(at.shape):
            value = at[place]
            at[place] = value + h
            above = function()
            at[place] = value - h
            below = function()
            at[place] = value
            found[place] = (above - below) / (2 * h)
        return found

    return measure
