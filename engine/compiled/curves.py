"""The exponential and its relatives, of which compilers make code that takes many numbers
at once; the C library's take one."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled.jit import fused, reordered

_single = np.float32
_LOG2_E, _LN2_HIGH, _LN2_LOW = _single(1.44269504), _single(0.693359375), _single(-2.12194440e-4)
_LEAST, _MOST = _single(-87.3), _single(88.37)
"""Between these the exponential is a normal number of single precision."""
_E2, _E3, _E4, _E5, _E6, _E7 = (
    _single(each)
    for each in (0.50000001201, 0.16666665459, 4.1665795894e-2, 8.3334519073e-3,
                 1.3981999507e-3, 1.9875691500e-4)
)  # fmt: skip
_HALF, _ONE = _single(0.5), _single(1)

_FLAT = _single(7.90531110763549805)
"""From here on tanh is 1 in single precision."""
_T1, _T3, _T5, _T7, _T9, _T11, _T13 = (
    _single(each)
    for each in (4.89352455891786e-3, 6.37261928875436e-4, 1.48572235717979e-5,
                 5.12229709037114e-8, -8.60467152213735e-11, 2.00018790482477e-13,
                 -2.76076847742355e-16)
)  # fmt: skip
_D0, _D2, _D4, _D6 = (
    _single(each)
    for each in (4.89352518554385e-3, 2.26843463243900e-3, 1.18534705686654e-4,
                 1.19825839466702e-6)
)  # fmt: skip


@fused
def exponential(x: Any) -> Any:
    """``exp(x)`` in single precision, to 2 units in the last place; between 1e-38 and 2e38.

    Moshier's Cephes library: a power of two times a polynomial of what is left.
    """
    x = _LEAST if x < _LEAST else x
    x = _MOST if x > _MOST else x
    power = np.floor(x * _LOG2_E + _HALF)
    rest = x - power * _LN2_HIGH - power * _LN2_LOW
    curve = ((((_E7 * rest + _E6) * rest + _E5) * rest + _E4) * rest + _E3) * rest + _E2
    bits = np.int32((np.int32(power) + np.int32(127)) << np.int32(23))
    return (curve * rest * rest + rest + _ONE) * bits.view(np.float32)


@fused
def logistic(x: Any) -> Any:
    """``1 / (1 + exp(-x))``."""
    return _ONE / (_ONE + exponential(-x))


@fused
def hyperbolic(x: Any) -> Any:
    """``tanh(x)``, by one polynomial over another: as in Eigen's ``ptanh``."""
    s = x * x
    odd = (((((_T13 * s + _T11) * s + _T9) * s + _T7) * s + _T5) * s + _T3) * s + _T1
    even = ((_D6 * s + _D4) * s + _D2) * s + _D0
    y = x * odd / even
    y = _ONE if x >= _FLAT else y  # not what the polynomials make of it, which is a little less
    return -_ONE if x <= -_FLAT else y


@fused
def sigmoid(x: Array, out: Array) -> None:
    """:func:`logistic` of flat arrays."""
    for i in range(len(x)):
        out[i] = logistic(x[i])


@fused
def sigmoid_slope(dy: Array, y: Array, out: Array) -> None:
    """``dy * y * (1 - y)`` of flat arrays."""
    for i in range(len(y)):
        out[i] = dy[i] * y[i] * (_ONE - y[i])


@fused
def tanh(x: Array, out: Array) -> None:
    """:func:`hyperbolic` of flat arrays."""
    for i in range(len(x)):
        out[i] = hyperbolic(x[i])


@fused
def tanh_slope(dy: Array, y: Array, out: Array) -> None:
    """``dy * (1 - y * y)`` of flat arrays."""
    for i in range(len(y)):
        out[i] = dy[i] * (_ONE - y[i] * y[i])


@fused
def softmax(x: Array, out: Array) -> None:
    """``exp(x) / sum(exp(x))`` over each row of (N, C); ``out`` may be ``x``."""
    exponentials(x, out)
    for i in range(len(out)):
        row = out[i]
        total = added_up(row)
        for j in range(len(row)):
            row[j] /= total


@fused
def exponentials(x: Array, out: Array) -> None:
    """``exp(x - max(x))`` of each row of (N, C)."""
    for i in range(len(x)):
        row, into = x[i], out[i]
        most = largest(row)
        for j in range(len(row)):
            into[j] = row[j] - most
    flat = out.reshape(-1)  # rows may be shorter than what a processor takes at once
    for i in range(len(flat)):
        flat[i] = exponential(flat[i])


@reordered
def added_up(row: Array) -> Any:
    """The sum of a row."""
    total = _single(0)
    for j in range(len(row)):
        total += row[j]
    return total


@fused
def largest(row: Array) -> Any:
    """The largest of a row; not a number if one is none."""
    most = row[0]
    for j in range(1, len(row)):
        most = row[j] if row[j] > most or row[j] != row[j] else most
    return most
