"""All compiled loops, by name."""

from engine.compiled.blas import sgemm_address
from engine.compiled.crew import give_way_address
from engine.compiled.dense import work
from engine.compiled.elementwise import adam, rectified_slope
from engine.compiled.normalizing import both_sums, moments, pulled, scaled
from engine.compiled.pooling import pool_pairs, spread_pairs
from engine.compiled.tiles import read_answers, read_pixels, write_answers, write_pixels

__all__ = [
    "adam",
    "both_sums",
    "give_way_address",
    "moments",
    "pool_pairs",
    "pulled",
    "read_answers",
    "read_pixels",
    "rectified_slope",
    "scaled",
    "sgemm_address",
    "spread_pairs",
    "work",
    "write_answers",
    "write_pixels",
]
