"""All compiled loops, by name."""

from engine.compiled.elementwise import adam, rectified_slope
from engine.compiled.normalizing import both_sums, moments, pulled, scaled
from engine.compiled.pooling import pool_pairs, spread_pairs
from engine.compiled.tiles import read_answers, read_pixels, write_answers, write_pixels

__all__ = [
    "adam",
    "both_sums",
    "moments",
    "pool_pairs",
    "pulled",
    "read_answers",
    "read_pixels",
    "rectified_slope",
    "scaled",
    "spread_pairs",
    "write_answers",
    "write_pixels",
]
