"""All compiled loops, by name."""

from engine.compiled.blas import sgemm_address
from engine.compiled.crew import give_way_address, lead, serve
from engine.compiled.curves import sigmoid, sigmoid_slope, softmax, tanh, tanh_slope
from engine.compiled.elementwise import adam, rectified_slope
from engine.compiled.judging import binary_crossentropy, sparse_crossentropy, squared_error
from engine.compiled.normalizing import both_sums, moments, pulled, scaled
from engine.compiled.pooling import pool_pairs, spread_pairs
from engine.compiled.winograd import correlate_tiles, tile_gradients

__all__ = [
    "adam",
    "binary_crossentropy",
    "both_sums",
    "correlate_tiles",
    "give_way_address",
    "lead",
    "moments",
    "pool_pairs",
    "pulled",
    "rectified_slope",
    "scaled",
    "serve",
    "sgemm_address",
    "sigmoid",
    "sigmoid_slope",
    "softmax",
    "sparse_crossentropy",
    "spread_pairs",
    "squared_error",
    "tanh",
    "tanh_slope",
    "tile_gradients",
]
