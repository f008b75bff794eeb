"""What every test may use."""

from __future__ import annotations

import gc
import os
from pathlib import Path

# Before NumPy is imported: BLAS' threads of several test processes wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest


def pytest_collection_finish() -> None:
    """Leave out what every module has imported when garbage is collected after each test.

    Keras, JAX and all test modules are a million objects, which took longer to look
    through than most tests do.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder shared/data with real data is not beside the project")
    return folder
