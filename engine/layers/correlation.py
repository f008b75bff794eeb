"""What a convolution computes, in the way that is quickest for its sizes.

All functions take pictures (B, H, W, C) without padding, and kernels in Keras'
layout (height, width, C / groups, filters).
"""

from __future__ import annotations

from engine.arrays import Array
from engine.layers.columns import correlate_columns, input_gradient, kernel_gradient
from engine.layers.windows import Windows
from engine.layers.winograd import correlate_tiles, pays, tile_gradients


def correlate(x: Array, kernel: Array, bias: Array | None, windows: Windows, groups: int) -> Array:
    """The sum of window times kernel at every place, (B, *places, filters)."""
    if pays(windows, x.shape[-1], kernel.shape[-1], groups):
        return correlate_tiles(x, kernel, bias, windows)
    return correlate_columns(x, kernel, bias, windows, groups)


def gradients(
    x: Array, dy: Array, kernel: Array, windows: Windows, groups: int, passes_back: bool
) -> tuple[Array | None, Array, Array]:
    """The gradients for the pictures, where they are passed back, the kernel and the bias."""
    if pays(windows, x.shape[-1], kernel.shape[-1], groups):
        return tile_gradients(x, dy, kernel, windows, passes_back)
    dx = input_gradient(x.shape, dy, kernel, windows, groups) if passes_back else None
    return dx, *kernel_gradient(x, dy, kernel, windows, groups)
