"""The layer that turns whole numbers into vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.arrays import Array, Shape
from engine.constraints import Constraint
from engine.errors import ShapeError
from engine.initializers import Initializer, Uniform
from engine.layers.base import Kept, Run, TrainableLayer, Weights, WeightSpec, layer
from engine.layers.held import limit, penalty
from engine.regularizers import Regularizer
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


@layer(category="Core")
class Embedding(TrainableLayer):
    """Looks up a learned vector for each whole number, such as that of a word.

    Input (...) of numbers from 0 to input_dim - 1, output (..., output_dim).
    embeddings (input_dim, output_dim). Numbers arrive as floats and are
    rounded. ``keras.layers.Embedding``; Bengio et al. 2003.
    """

    input_dim: int = setting(
        1000,
        ge=1,
        le=10_000_000,
        label="Vocabulary",
        help="The number of different indices: the largest plus 1.",
    )
    output_dim: int = setting(
        16,
        ge=1,
        le=65_536,
        unit="features",
        label="Features",
        help="The size of each vector.",
    )
    embeddings_initializer: Initializer = setting(
        Uniform(), label="Initial vectors", help="How vectors are initialized.", advanced=True
    )
    embeddings_regularizer: Regularizer | None = penalty("Vector", "vectors")
    embeddings_constraint: Constraint | None = limit("Vector", "vectors")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (*inputs[0], self.output_dim)

    def weights(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        shape = (self.input_dim, self.output_dim)
        spec = WeightSpec(
            shape,
            self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )
        return {"embeddings": spec}

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        """Look the vectors up.

        Raises:
            ShapeError: a number has no vector.
        """
        (x,) = xs
        rounded = np.rint(x)
        fits = (rounded >= 0) & (rounded < self.input_dim)  # false for NaN as well
        if not fits.all():
            bad = x[~fits][0]
            raise ShapeError(
                f"Embedding has vectors for 0 to {self.input_dim - 1}, "
                f"but the number {bad:g} came in.",
                "Enlarge its vocabulary, or make sure that the data holds unscaled indices of "
                "words or categories.",
            )
        numbers = rounded.astype(np.intp)
        return w["embeddings"][numbers], (numbers, x.dtype)

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        numbers, dtype = kept
        # A number of a word does not move by a little: no gradient.
        return (np.zeros(numbers.shape, dtype),), self.weight_gradients(w, kept, dy)

    def weight_gradients(self, w: Weights, kept: Kept, dy: Array) -> Weights:
        numbers = kept[0].reshape(-1)
        grad = np.zeros(w["embeddings"].shape, dy.dtype)
        if len(numbers):
            # Sorted, so that the shares of each vector lie together and are added in order.
            order = np.argsort(numbers, kind="stable")
            found, starts = np.unique(numbers[order], return_index=True)
            rows = dy.reshape(-1, self.output_dim)[order]
            grad[found] = np.add.reduceat(rows, starts, axis=0)
        return {"embeddings": grad}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        from onnx import TensorProto

        numbers = g.op("Cast", g.op("Round", xs[0]), to=TensorProto.INT64)
        return g.op("Gather", g.weight("embeddings", w["embeddings"]), numbers, axis=0)
