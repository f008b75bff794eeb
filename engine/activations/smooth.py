"""Activations without a corner, or with one where the slope comes from a curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.activations.base import Activation, applied, sigmoid, sloped, softplus
from engine.arrays import Array
from engine.compiled import loops_for
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder

_GELU_SCALE = float(np.sqrt(2 / np.pi))

# The fixed point at which mean 0 and variance 1 stay; Klambauer et al. 2017.
_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


class Elu(Activation, kind="elu"):
    """``x`` where positive, else ``alpha * (exp(x) - 1)``. Clevert et al. 2016."""

    alpha: float = setting(
        1.0, gt=0, label="Alpha", help="The output approaches minus this for very negative x."
    )

    def forward(self, x: Array, out: Array | None = None) -> Array:
        negative = np.expm1(np.minimum(x, 0)) * np.asarray(self.alpha, x.dtype)
        y: Array = np.add(np.maximum(x, 0), negative, out=out)
        return y

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        return np.where(y > 0, dy, dy * (y + np.asarray(self.alpha, dy.dtype)))

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("Elu", x, alpha=self.alpha)


class Selu(Activation, kind="selu"):
    """1.0507 times ELU with alpha 1.6733: keeps mean 0 and variance 1. Klambauer et al. 2017.

    Meant for weights that start as LecunNormal.
    """

    def forward(self, x: Array, out: Array | None = None) -> Array:
        negative = np.expm1(np.minimum(x, 0)) * np.asarray(_SELU_ALPHA, x.dtype)
        y: Array = np.add(np.maximum(x, 0), negative, out=out)
        y *= np.asarray(_SELU_SCALE, x.dtype)
        return y

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        scale = np.asarray(_SELU_SCALE, dy.dtype)
        limit = np.asarray(_SELU_SCALE * _SELU_ALPHA, dy.dtype)
        return dy * np.where(y > 0, scale, y + limit)

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("Selu", x, alpha=_SELU_ALPHA, gamma=_SELU_SCALE)


class Sigmoid(Activation, kind="sigmoid"):
    """``1 / (1 + exp(-x))``."""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        loops = loops_for(x, x if out is None else out)
        return sigmoid(x, out) if loops is None else applied(loops.sigmoid, x, out)

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        loops = loops_for(dy, y)
        dx: Array = dy * y * (1 - y) if loops is None else sloped(loops.sigmoid_slope, dy, y)
        return dx

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("Sigmoid", x)


class Tanh(Activation, kind="tanh"):
    """The hyperbolic tangent."""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        loops = loops_for(x, x if out is None else out)
        return np.tanh(x, out=out) if loops is None else applied(loops.tanh, x, out)

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        loops = loops_for(dy, y)
        dx: Array = dy * (1 - y * y) if loops is None else sloped(loops.tanh_slope, dy, y)
        return dx

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("Tanh", x)


class Gelu(Activation, kind="gelu"):
    """``x * Φ(x)``, Φ the normal distribution, by its tanh formula or exactly.

    Hendrycks & Gimpel 2016. Keras' default is the exact form.
    """

    keeps_input = True
    approximate: bool = setting(
        False, label="Approximate", help="Use the tanh formula, which is faster."
    )

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return np.multiply(x, self._share(x), out=out)

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        assert x is not None
        share = self._share(x)
        if self.approximate:
            inner = np.asarray(_GELU_SCALE, x.dtype) * (
                1 + 3 * np.asarray(0.044715, x.dtype) * x * x
            )
            slope = 2 * share * (1 - share) * inner
        else:
            slope = np.exp(-0.5 * x * x) * np.asarray(1 / np.sqrt(2 * np.pi), x.dtype)
        dx: Array = dy * (share + x * slope)
        return dx

    def _share(self, x: Array) -> Array:
        """Φ(x)."""
        if self.approximate:
            cubic = x + np.asarray(0.044715, x.dtype) * x * x * x
            return sigmoid(np.asarray(2 * _GELU_SCALE, x.dtype) * cubic)
        # SciPy comes with scikit-learn; imported late because it takes 0.2 s.
        from scipy.special import ndtr

        share: Array = ndtr(x)
        return share

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("Gelu", x, approximate="tanh" if self.approximate else "none")


class Softplus(Activation, kind="softplus"):
    """``log(1 + exp(x))``."""

    keeps_input = True

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return softplus(x, out)

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        assert x is not None
        return dy * sigmoid(x)

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("Softplus", x)


class Swish(Activation, kind="swish", aliases=("silu",)):
    """``x * sigmoid(x)``. Ramachandran et al. 2017."""

    keeps_input = True

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return np.multiply(x, sigmoid(x), out=out)

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        assert x is not None
        gate = sigmoid(x)
        dx: Array = dy * (gate + y * (1 - gate))
        return dx

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("Mul", x, g.op("Sigmoid", x))


class Softsign(Activation, kind="softsign"):
    """``x / (1 + |x|)``: like tanh, but slower to reach its limits. Bergstra et al. 2009."""

    keeps_input = True

    def forward(self, x: Array, out: Array | None = None) -> Array:
        y: Array = np.divide(x, 1 + np.abs(x), out=out)
        return y

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        assert x is not None
        dx: Array = dy / np.square(1 + np.abs(x))
        return dx

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("Softsign", x)


class Mish(Activation, kind="mish"):
    """``x * tanh(softplus(x))``. Misra 2019."""

    keeps_input = True

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return np.multiply(x, np.tanh(softplus(x)), out=out)

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        assert x is not None
        gate = np.tanh(softplus(x))
        dx: Array = dy * (gate + x * (1 - gate * gate) * sigmoid(x))
        return dx

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("Mul", x, g.op("Tanh", g.op("Softplus", x)))


class Arctan(Activation, kind="arctan", aliases=("atan",)):
    """``arctan(x)``: from -π/2 to π/2, with the slope ``1 / (1 + x²)``. Not in Keras."""

    keeps_input = True

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return np.arctan(x, out=out)

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        assert x is not None
        dx: Array = dy / (1 + x * x)
        return dx

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("Atan", x)


class Exponential(Activation, kind="exponential", aliases=("exp",)):
    """``exp(x)``, for numbers that are never negative.

    Inputs are cut where the result would not be finite any more, which Keras does not do.
    """

    def forward(self, x: Array, out: Array | None = None) -> Array:
        y: Array = np.minimum(x, _largest_exponent(x.dtype), out=out)
        return np.exp(y, out=y)

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        return dy * y

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        # Files compute in single precision.
        largest = _largest_exponent(np.dtype(np.float32))
        return g.op("Exp", g.op("Min", x, g.constant(largest)))


def _largest_exponent(dtype: np.dtype[Any]) -> Array:
    """The whole number below the logarithm of the type's largest number."""
    return np.asarray(np.floor(np.log(float(np.finfo(dtype).max))), dtype)
