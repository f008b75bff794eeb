"""Where a network begins, and the layers that every network uses."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from engine.activations import Activation as Function
from engine.activations import Linear, Relu
from engine.arrays import Array, Shape, shape_text
from engine.constraints import Constraint
from engine.errors import ShapeError
from engine.initializers import GlorotUniform, Initializer, Zeros
from engine.layers.base import Kept, Layer, Run, TrainableLayer, Weights, WeightSpec, layer
from engine.layers.held import limit, output_penalty, penalty
from engine.parallel import Later
from engine.products import multiply_later, product
from engine.regularizers import Regularizer
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder

MAX_AXES = 8
Axis = Annotated[int, Field(ge=1, le=65_536)]


@layer(category="Core")
class Input(Layer):
    """Where data enters: ``keras.Input``.

    Output: ``shape``, that of one sample, or of the columns of it that are named. So several
    Inputs share a table between them; without names each takes the whole sample.
    """

    arity = (0, 0)

    shape: Annotated[tuple[Axis, ...], Field(max_length=MAX_AXES)] = setting(
        (2,), label="Shape", help="The shape of one sample; it follows the data you choose."
    )
    columns: tuple[str, ...] = setting(
        (),
        label="Columns",
        help="The columns of the data that this Input takes; none takes all.",
        column="all",
        advanced=True,
    )

    @property
    def brief(self) -> str:
        return ", ".join(self.columns)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return self.shape


FEW_ROWS = 64
"""Up to how many rows the gradient for an input is computed the other way around."""


@layer(category="Core")
class Dense(TrainableLayer):
    """Fully connected layer: ``y = activation(x @ kernel + bias)``.

    Input (..., F), output (..., units). kernel (F, units), bias (units,).
    ``keras.layers.Dense``; Glorot & Bengio 2010 for the default initializer.
    """

    units: int = setting(
        64,
        ge=1,
        le=65_536,
        unit="neurons",
        label="Units",
        help="The number of outputs.",
    )
    activation: Function = setting(Linear(), label="Activation", help="Applied to the output.")
    use_bias: bool = setting(
        True, label="Bias", help="Add a learned bias to each output.", advanced=True
    )
    kernel_initializer: Initializer = setting(
        GlorotUniform(), label="Initial weights", help="How weights are initialized.", advanced=True
    )
    bias_initializer: Initializer = setting(
        Zeros(), label="Initial bias", help="How biases are initialized.", advanced=True
    )
    kernel_regularizer: Regularizer | None = penalty("Weight", "weights")
    bias_regularizer: Regularizer | None = penalty("Bias", "constants")
    activity_regularizer: Regularizer | None = output_penalty()
    kernel_constraint: Constraint | None = limit("Weight", "weights")
    bias_constraint: Constraint | None = limit("Bias", "constants")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        if not x:
            raise ShapeError(
                "Dense needs at least one axis; this input is a single number.",
                "Put a Reshape layer before it.",
                needs="at least one axis",
            )
        shape = (*x[:-1], self.units)
        self.activation.check(shape)
        return shape

    def weights(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        (x,) = inputs
        kernel = WeightSpec(
            (x[-1], self.units),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        if not self.use_bias:
            return {"kernel": kernel}
        bias = WeightSpec(
            (self.units,),
            self.bias_initializer,
            regularizer=self.bias_regularizer,
            constraint=self.bias_constraint,
        )
        return {"kernel": kernel, "bias": bias}

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        # One flat product: NumPy would otherwise loop over the leading axes.
        y = product(x.reshape(-1, x.shape[-1]), w["kernel"], w.get("bias"))
        return y.reshape(*x.shape[:-1], self.units), x

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        return self._input_gradient(w, kept, dy), self.weight_gradients(w, kept, dy)

    def weight_gradients(self, w: Weights, kept: Kept, dy: Array) -> Weights:
        grads = {name: np.empty_like(weight) for name, weight in w.items()}
        with Later() as later:
            self.fill_gradients(w, kept, dy, grads, False, later)
        return grads

    def fill_gradients(
        self, w: Weights, kept: Kept, dy: Array, grads: Weights, passes_back: bool, later: Later
    ) -> tuple[Array, ...]:
        flat_x, flat_dy = kept.reshape(-1, kept.shape[-1]), dy.reshape(-1, self.units)
        if "kernel" in grads:
            multiply_later(later, flat_x.T, flat_dy, grads["kernel"])
        if "bias" in grads:
            flat_dy.sum(axis=0, out=grads["bias"])
        return self._input_gradient(w, kept, dy) if passes_back else ()

    def _input_gradient(self, w: Weights, kept: Kept, dy: Array) -> tuple[Array]:
        flat_dy = dy.reshape(-1, self.units)
        if len(flat_dy) > FEW_ROWS:
            return (product(flat_dy, w["kernel"].T).reshape(kept.shape),)
        # BLAS would transpose the kernel, which is larger than what comes out.
        return (np.ascontiguousarray(product(w["kernel"], flat_dy.T).T).reshape(kept.shape),)

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        (x,) = xs
        y = g.op("MatMul", x, g.weight("kernel", w["kernel"]))
        return g.op("Add", y, g.weight("bias", w["bias"])) if self.use_bias else y


@layer(category="Activation")
class Activation(Layer):
    """Applies an activation function; any shape: ``keras.layers.Activation``."""

    keeps_probabilities = True

    activation: Function = setting(Relu(), label="Function", help="Applied to each number.")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        self.activation.check(x)
        return x

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        return xs[0], None

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        return (dy,), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        return xs[0]


@layer(category="Shape")
class Flatten(Layer):
    """Any shape to one axis: ``keras.layers.Flatten``."""

    keeps_probabilities = True

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (prod(inputs[0]),)

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        # The size is written out because -1 cannot be worked out for an empty batch.
        return x.reshape(len(x), prod(x.shape[1:])), x.shape

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        return (dy.reshape(kept),), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        return g.op("Reshape", xs[0], g.constant(np.array([0, -1], np.int64)))


@layer(category="Shape")
class Reshape(Layer):
    """The same numbers in another shape: ``keras.layers.Reshape``.

    One size may be -1: it is worked out from the rest.
    """

    keeps_probabilities = True

    target_shape: Annotated[
        tuple[Annotated[int, Field(ge=-1, le=65_536)], ...], Field(max_length=MAX_AXES)
    ] = setting(
        (-1,), label="Target shape", help="The new shape of one sample; one size may be -1."
    )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        size, known = prod(x), prod(each for each in self.target_shape if each != -1)
        free = self.target_shape.count(-1)
        fits = free <= 1 and 0 not in self.target_shape
        fits = fits and (known == size if not free else size % known == 0)
        if not fits:
            raise ShapeError(
                f"Reshape cannot fill {shape_text(self.target_shape)} with the {size} numbers "
                f"of its input ({shape_text(x)}).",
                "Choose sizes whose product is that number, or -1 for one of them.",
                needs=f"{known:,} numbers" if not free else f"a multiple of {known:,} numbers",
            )
        return tuple(size // known if each == -1 else each for each in self.target_shape)

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        return x.reshape(len(x), *self.output_shape((x.shape[1:],))), x.shape

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        return (dy.reshape(kept),), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        return g.op("Reshape", xs[0], g.constant(np.array([0, *self.target_shape], np.int64)))
