"""What every test may use."""

from __future__ import annotations

import os
from pathlib import Path

# Before NumPy is imported: BLAS' threads of several test processes wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder shared/data with real data is not beside the project")
    return folder
