"""The arithmetic of windows that slide over pictures: sizes, padding, views.

Pictures are (B, height, width, channels). ``same`` pads as Keras does: the
output has ``ceil(size / stride)`` places, and where the padding is odd the
larger half comes last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from engine.arrays import Array, Shape, shape_text
from engine.errors import ShapeError

# ONNX wants (B, channels, height, width); these are the axes of its Transpose.
TO_CHANNELS_FIRST, TO_CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]

Padding = Literal["valid", "same"]
Pixels = Annotated[int, Field(ge=1, le=1024)]


def _as_pair(value: Any) -> Any:
    """One number stands for both directions, as in Keras."""
    return (value, value) if isinstance(value, int) else value


Pair = Annotated[tuple[Pixels, Pixels], BeforeValidator(_as_pair)]
"""Height and width; one number sets both."""

Borders = Annotated[
    tuple[Annotated[int, Field(ge=0, le=1024)], Annotated[int, Field(ge=0, le=1024)]],
    BeforeValidator(_as_pair),
]
"""Pixels at the bottom and right, or none; one number sets both."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Where the windows of one layer lie on pictures of one size.

    Attributes:
        size, strides, dilation: height and width each, in pixels.
        before, after: padding at the top and left, and at the bottom and right.
        places: how many windows fit below and beside each other.
    """

    size: tuple[int, int]
    strides: tuple[int, int]
    dilation: tuple[int, int]
    before: tuple[int, int]
    after: tuple[int, int]
    places: tuple[int, int]

    @property
    def offsets(self) -> Iterator[tuple[int, int]]:
        """Each place inside a window, row by row."""
        return product(range(self.size[0]), range(self.size[1]))

    @property
    def pads(self) -> bool:
        return any(self.before) or any(self.after)

    @property
    def onnx_pads(self) -> list[int]:
        """The padding as ONNX' attribute ``pads``, which says it in full.

        SAME_UPPER would not: runtimes refuse it with dilation, and take strides larger
        than the window for a negative padding.
        """
        return [*self.before, *self.after]

    @property
    def overlap(self) -> bool:
        """Whether a pixel can lie in several windows."""
        return any(
            (size - 1) * gap >= stride
            for size, gap, stride in zip(self.size, self.dilation, self.strides, strict=True)
        )

    def padded_shape(self, shape: Shape) -> Shape:
        """The shape of pictures (B, height, width, channels) with their padding."""
        batch, height, width, channels = shape
        return (
            batch,
            height + self.before[0] + self.after[0],
            width + self.before[1] + self.after[1],
            channels,
        )

    def pad(self, x: Array, value: float = 0) -> Array:
        """The pictures with padding around them; ``x`` itself where none is due."""
        if not self.pads:
            return x
        padded = np.full(self.padded_shape(x.shape), value, x.dtype)
        self.inner(padded)[...] = x
        return padded

    def inner(self, padded: Array) -> Array:
        """The view of padded pictures without their padding."""
        (top, left), (bottom, right) = self.before, self.after
        return padded[:, top : padded.shape[1] - bottom, left : padded.shape[2] - right]

    def at(self, padded: Array, row: int, column: int) -> Array:
        """The view of what lies at one offset of every window: (B, *places, C)."""
        down, across = (
            slice(start * gap, start * gap + (places - 1) * stride + 1, stride)
            for start, gap, places, stride in zip(
                (row, column), self.dilation, self.places, self.strides, strict=True
            )
        )
        return padded[:, down, across]


def windows_on(
    kind: str,
    shape: Shape,
    size: tuple[int, int],
    strides: tuple[int, int],
    padding: Padding,
    dilation: tuple[int, int] = (1, 1),
) -> Windows:
    """The windows of a layer on pictures of ``shape`` (height, width, channels).

    Args:
        kind: the layer's name, for messages.

    Raises:
        ShapeError: the input is no picture, or smaller than one window.
    """
    picture_axes(kind, shape)
    spans = [(each - 1) * gap + 1 for each, gap in zip(size, dilation, strict=True)]
    before, after, places = [], [], []
    for axis, name in enumerate(("high", "wide")):
        length, span, stride = shape[axis], spans[axis], strides[axis]
        if padding == "same":
            count = -(-length // stride)
            total = max((count - 1) * stride + span - length, 0)
        else:
            if span > length:
                raise ShapeError(
                    f"{kind}'s window is {span} pixels {name}, but its input only {length} "
                    f"({shape_text(shape)}).",
                    'Choose a smaller window, or the padding "same".',
                    needs=f"at least {spans[0]} × {spans[1]} × channels",
                )
            count, total = (length - span) // stride + 1, 0
        before.append(total // 2)
        after.append(total - total // 2)
        places.append(count)
    return Windows(size, strides, dilation, _pair(before), _pair(after), _pair(places))


def picture_axes(kind: str, shape: Shape) -> None:
    """Check that a sample is a picture: height, width, channels.

    Raises:
        ShapeError: it has another number of axes.
    """
    if len(shape) == 3:
        return
    fix = (
        f"Put a Reshape to {shape_text((*shape, 1))} before it, which makes one channel."
        if len(shape) == 2
        else "Put a Reshape layer before it."
    )
    raise ShapeError(
        f"{kind} needs pictures of height × width × channels; this input is {shape_text(shape)}.",
        fix,
        needs="height × width × channels",
    )


def check_dilation(
    kind: str, strides: tuple[int, int], dilation: tuple[int, int], per_side: bool = True
) -> None:
    """Refuse strides and dilation together, which Keras does not define.

    Raises:
        ShapeError: both are more than 1.
    """
    if strides == (1, 1) or dilation == (1, 1):
        return
    stride, gap = (
        f"{pair[0]} × {pair[1]}" if per_side else str(pair[1]) for pair in (strides, dilation)
    )
    raise ShapeError(
        f"{kind} has the stride {stride} and the dilation {gap}; "
        "only one of them can be more than 1.",
        "Set one of them to 1.",
    )


def _pair(values: list[int]) -> tuple[int, int]:
    return values[0], values[1]
