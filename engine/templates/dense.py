"""Architectures of fully connected layers, for data of any shape."""

from __future__ import annotations

from math import prod
from typing import Annotated

from pydantic import Field

from engine.spec import setting
from engine.templates.base import Sketch, Template

Widths = tuple[Annotated[int, Field(ge=1, le=65_536)], ...]


class MLP(Template):
    """Fully connected layers one after the other: for tables, and to begin with.

    Rumelhart, Hinton & Williams 1986.
    """

    label, pictures = "Multilayer perceptron", False

    hidden: Widths = setting(
        (128, 64), label="Hidden layers", help="The neurons of each hidden layer."
    )
    dropout: float = setting(
        0.0, ge=0, lt=1, label="Dropout", help="The dropout rate after each hidden layer."
    )

    def draw(self, sketch: Sketch) -> None:
        if len(sketch.shape) > 1:
            sketch.then("Flatten")
        for units in self.hidden:
            sketch.then("Dense", units=units, activation="relu")
            if self.dropout:
                sketch.then("Dropout", rate=self.dropout)


class Autoencoder(Template):
    """Squeezes each sample into a few numbers and draws it again from these.

    Its target is the input itself. Hinton & Salakhutdinov 2006.
    """

    label, pictures, learns = "Autoencoder", False, "inputs"

    hidden: Widths = setting(
        (128,), label="Hidden layers", help="The units of the encoder; the decoder mirrors them."
    )
    code: int = setting(
        16,
        ge=1,
        le=65_536,
        unit="numbers",
        label="Code",
        help="The size of the code in the middle.",
    )

    def draw(self, sketch: Sketch) -> None:
        if len(sketch.shape) > 1:
            sketch.then("Flatten")
        for units in (*self.hidden, self.code, *reversed(self.hidden)):
            sketch.then("Dense", units=units, activation="relu")
        sketch.then("Dense", units=prod(sketch.shape))
        if len(sketch.shape) > 1:
            sketch.then("Reshape", target_shape=sketch.shape)
