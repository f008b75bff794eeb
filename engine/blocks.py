"""Blocks that networks are often built of, drawn to the shape that arrives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.arrays import Shape, shape_text
from engine.errors import ShapeError
from engine.graph import Group
from engine.templates.base import Sketch

USUAL_SHAPE: Shape = (32, 32, 16)
"""What a block is drawn for while nothing arrives."""
_KINDS = {1: "vectors", 2: "sequences of steps × features", 3: "pictures of any channels"}


@dataclass(frozen=True)
class Block:
    """Some layers that are put on the canvas as a group.

    Attributes:
        name: what it is called in the palette.
        about: one sentence that says what it does.
        axes: how many axes a sample may have for it.
        draw: adds its layers behind the Input of a sketch.
    """

    name: str
    about: str
    axes: tuple[int, ...]
    draw: Callable[[Sketch], None]

    def group(self, shape: Shape | None = None) -> Group:
        """The block for what arrives; None where that is not known yet.

        Raises:
            ShapeError: it is not for such data.
        """
        shape = USUAL_SHAPE if shape is None else shape
        if len(shape) not in self.axes:
            takes = " or ".join(_KINDS[each] for each in self.axes)
            raise ShapeError(
                f"{self.name} takes {takes}; what arrives here is {shape_text(shape)}.",
                "Put it elsewhere, or insert a Reshape before it.",
            )
        sketch = Sketch(shape)
        self.draw(sketch)
        return Group(body=sketch.graph)


def _channels(sketch: Sketch) -> int:
    return max(16, sketch.shape[-1])


def _step(sketch: Sketch, width: int, *, active: bool = True, size: int = 3) -> str:
    """A layer of this width that keeps all other axes, normalized, and ReLU if ``active``."""
    axes = len(sketch.shape)
    if axes == 1:
        sketch.then("Dense", units=width, use_bias=False)
    else:
        kind = "Conv1D" if axes == 2 else "Conv2D"
        sketch.then(kind, filters=width, kernel_size=size, padding="same", use_bias=False)
    node = sketch.then("BatchNormalization")
    return sketch.then("Activation", activation="relu") if active else node


def _normalized(sketch: Sketch) -> None:
    _step(sketch, 2 * _channels(sketch) if len(sketch.shape) > 1 else 64)


def _residual(sketch: Sketch) -> None:
    start, arriving = sketch.last, sketch.shape[-1]
    width = arriving if len(sketch.shape) == 1 else _channels(sketch)
    _step(sketch, width)
    main = _step(sketch, width, active=False)
    if width != arriving:
        # The shortcut has to have the shape of what it is added to.
        sketch.last = start
        start = _step(sketch, width, active=False, size=1)
    sketch.then("Add", main, start)
    sketch.then("Activation", activation="relu")


def _inception(sketch: Sketch) -> None:
    start, width = sketch.last, max(8, sketch.shape[-1] // 4)
    ends = []
    for size in (1, 3, 5):
        sketch.last = start
        sketch.then("Conv2D", filters=width, kernel_size=1, padding="same", activation="relu")
        if size > 1:
            sketch.then(
                "Conv2D", filters=width, kernel_size=size, padding="same", activation="relu"
            )
        ends.append(sketch.last)
    sketch.then("MaxPooling2D", start, pool_size=3, strides=1, padding="same")
    ends.append(sketch.then("Conv2D", filters=width, kernel_size=1, activation="relu"))
    sketch.then("Concatenate", *ends)


def _squeeze_and_excite(sketch: Sketch) -> None:
    start, channels = sketch.last, sketch.shape[-1]
    sketch.then("GlobalAveragePooling2D")
    sketch.then("Dense", units=max(1, channels // 4), activation="relu")
    sketch.then("Dense", units=channels, activation="sigmoid")
    scale = sketch.then("Reshape", target_shape=(1, 1, channels))
    sketch.then("Multiply", start, scale)


def _encoder_half(sketch: Sketch) -> None:
    halvings = sketch.halvings(2, least=1)
    if not halvings:
        raise ShapeError(
            f"The encoder half halves pictures; {shape_text(sketch.shape)} cannot be halved.",
            "Give it larger pictures.",
        )
    for stage in range(halvings):
        sketch.convolution(_channels(sketch) * 2**stage)
        sketch.then("MaxPooling2D")


def _decoder_half(sketch: Sketch) -> None:
    width = sketch.shape[-1]
    for _ in range(2):
        width = max(8, width // 2)
        sketch.then("Conv2DTranspose", filters=width, kernel_size=2, strides=2)
        sketch.convolution(width)


BLOCKS: tuple[Block, ...] = (
    Block(
        "Conv, norm, activation",
        "A convolution (for vectors a Dense layer), batch normalization and ReLU.",
        (1, 2, 3),
        _normalized,
    ),
    Block(
        "Residual",
        "Two convolutions whose result is added to their input. He et al. 2016.",
        (1, 2, 3),
        _residual,
    ),
    Block(
        "Inception-like",
        "Kernels of 1, 3 and 5 pixels and a pooling in parallel. Szegedy et al. 2015.",
        (3,),
        _inception,
    ),
    Block(
        "Squeeze and excite",
        "Weights channels by their averages. Hu et al. 2018.",
        (3,),
        _squeeze_and_excite,
    ),
    Block(
        "Encoder half",
        "Convolutions and poolings that make pictures smaller and deeper.",
        (3,),
        _encoder_half,
    ),
    Block(
        "Decoder half",
        "Transposed convolutions that make pictures larger again.",
        (3,),
        _decoder_half,
    ),
)
"""Those that come with the program."""


def block_named(name: str) -> Block | None:
    """The block of this name that comes with the program."""
    return next((each for each in BLOCKS if each.name == name), None)
