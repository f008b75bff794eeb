"""Architectures that look at pictures, layer after layer."""

from __future__ import annotations

from engine.spec import setting
from engine.templates.base import Sketch, Template


class LeNet5(Template):
    """The network that read checks: two convolutions, three dense layers. LeCun et al. 1998."""

    label = "LeNet-5"

    def draw(self, sketch: Sketch) -> None:
        for filters, padding in ((6, "same"), (16, "valid")):
            fits = padding == "same" or min(sketch.shape[:2]) >= 12
            sketch.then(
                "Conv2D",
                filters=filters,
                kernel_size=5,
                padding=padding if fits else "same",
                activation="tanh",
            )
            if sketch.halvings(1):
                sketch.then("AveragePooling2D", padding="same")
        sketch.then("Flatten")
        for units in (120, 84):
            sketch.then("Dense", units=units, activation="tanh")


class AlexNetLike(Template):
    """Five convolutions, three poolings, two wide dense layers with dropout.

    Krizhevsky, Sutskever & Hinton 2012, with fewer filters.
    """

    label = "AlexNet-like"

    filters: int = setting(
        32, ge=1, le=512, label="Filters", help="Those of the first convolution; later ones double."
    )
    units: int = setting(
        256, ge=1, le=8192, unit="neurons", label="Dense units", help="Of both dense layers."
    )

    def draw(self, sketch: Sketch) -> None:
        pooled = (0, 1, 4)[: sketch.halvings(3)]
        for index, (factor, size) in enumerate(((1, 5), (2, 5), (4, 3), (4, 3), (2, 3))):
            sketch.then(
                "Conv2D",
                filters=self.filters * factor,
                kernel_size=size,
                padding="same",
                activation="relu",
            )
            if index in pooled:
                sketch.then("MaxPooling2D", pool_size=3, strides=2, padding="same")
        sketch.then("Flatten")
        for _ in range(2):
            sketch.then("Dense", units=self.units, activation="relu")
            sketch.then("Dropout", rate=0.5)


class VGGLike(Template):
    """Stages of 3×3 convolutions, each stage half the size with twice the filters.

    Simonyan & Zisserman 2015, with batch normalization.
    """

    label = "VGG-like"

    stages: int = setting(3, ge=1, le=6, label="Stages", help="How often pictures are halved.")
    depth: int = setting(2, ge=1, le=8, label="Depth", help="How many convolutions each stage has.")
    filters: int = setting(
        32, ge=1, le=512, label="Filters", help="Those of the first stage; each later one doubles."
    )

    def draw(self, sketch: Sketch) -> None:
        for stage in range(max(1, sketch.halvings(self.stages))):
            for _ in range(self.depth):
                sketch.convolution(self.filters * 2**stage)
            if sketch.halvings(stage + 1) > stage:
                sketch.then("MaxPooling2D")
        sketch.then("Flatten")
        sketch.then("Dense", units=128, activation="relu")
        sketch.then("Dropout", rate=0.5)
