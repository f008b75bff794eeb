"""All compiled loops, by name."""

from engine.compiled.blas import sgemm_address
from engine.compiled.crew import give_way_address, lead, serve
from engine.compiled.curves import sigmoid, sigmoid_slope, softmax, tanh, tanh_slope
from engine.compiled.dense import dense_work
from engine.compiled.elementwise import flat_work
from engine.compiled.judging import binary_crossentropy, sparse_crossentropy, squared_error
from engine.compiled.normalizing import rows_work
from engine.compiled.pooling import pool_work
from engine.compiled.rooms import room_sizes
from engine.compiled.winograd import tiles_work

__all__ = [
    "binary_crossentropy",
    "dense_work",
    "flat_work",
    "give_way_address",
    "lead",
    "pool_work",
    "room_sizes",
    "rows_work",
    "serve",
    "sgemm_address",
    "sigmoid",
    "sigmoid_slope",
    "softmax",
    "sparse_crossentropy",
    "squared_error",
    "tanh",
    "tanh_slope",
    "tiles_work",
]
