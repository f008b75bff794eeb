"""PyTorch as the third opinion; it comes with the extra ``bench``."""

from __future__ import annotations

import warnings
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """PyTorch; skips where it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: ModuleType = pytest.importorskip(
            "torch", reason='PyTorch comes with pip install -e ".[bench]"'
        )
    return found
