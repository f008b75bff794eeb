"""What is compiled is tested where it is used at all."""

import pytest

from engine.compiled import is_compiled


@pytest.fixture(autouse=True)
def compiled() -> None:
    if not is_compiled():
        pytest.skip("there is no numba, or it is switched off")
