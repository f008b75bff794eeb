"""How the process deals with memory for large arrays."""

from __future__ import annotations

import ctypes
import sys
from functools import cache

# What glibc calls these settings in malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

# Arrays up to the first size come from memory that is kept, up to the second.
LARGEST_ARRAY, MOST_KEPT = 256 << 20, 1 << 30

# What older versions of glibc take at most for an array.
_SAFE_ARRAY = 32 << 20


@cache
def keep_memory() -> None:
    """Have freed arrays' memory used again rather than given back; on Linux.

    A training step allocates the same arrays again and again. By default glibc
    gives large ones back to the system at once and asks for new pages, zeroed
    one by one at first touch: half of a convolutional network's step was
    measured to go there.
    """
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return
    if not mallopt(_MMAP_THRESHOLD, LARGEST_ARRAY):
        mallopt(_MMAP_THRESHOLD, _SAFE_ARRAY)
    mallopt(_TRIM_THRESHOLD, MOST_KEPT)
