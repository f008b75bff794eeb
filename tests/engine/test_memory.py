"""Memory of large arrays is used again instead of being fetched anew."""

from __future__ import annotations

import subprocess
import sys

import pytest

COUNT_FAULTS = """
import resource
import numpy as np
from engine.memory import keep_memory

keep_memory()

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def work():
    for _ in range(20):
        first = np.ones(3_000_000, np.float32)
        second = first + 1
        del first, second

work()
before = faults()
work()
print(faults() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator only")
def test_arrays_of_a_step_touch_no_new_pages():
    # In a process of its own: settings of the allocator are the process' own.
    run = [sys.executable, "-c", COUNT_FAULTS]
    found = subprocess.run(run, capture_output=True, text=True, check=True)
    # 24 MB anew for each of 20 times would be thousands of pages, even large ones.
    assert int(found.stdout) < 50
