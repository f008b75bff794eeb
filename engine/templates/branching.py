"""Architectures whose data takes several ways."""

from __future__ import annotations

from engine.spec import setting
from engine.templates.base import Sketch, Template


class ResNetLike(Template):
    """Blocks that add to what comes in, so that gradients reach every depth. He et al. 2016."""

    label = "ResNet-like"

    stages: int = setting(3, ge=1, le=5, label="Stages", help="Each halves the pictures.")
    blocks: int = setting(
        1,
        ge=1,
        le=16,
        label="Blocks",
        help="How many each stage has, of two convolutions each.",
    )
    filters: int = setting(
        16, ge=1, le=512, label="Filters", help="Those of the first stage; each later one doubles."
    )

    def draw(self, sketch: Sketch) -> None:
        sketch.convolution(self.filters)
        halvings = sketch.halvings(self.stages - 1)
        channels = self.filters
        for stage in range(self.stages):
            for block in range(self.blocks):
                filters = self.filters * 2**stage
                halves = block == 0 and 0 < stage <= halvings
                self._block(sketch, channels, filters, stride=2 if halves else 1)
                channels = filters
        sketch.then("GlobalAveragePooling2D")

    @staticmethod
    def _block(sketch: Sketch, channels: int, filters: int, stride: int) -> None:
        start = sketch.last
        sketch.convolution(filters, stride=stride)
        sketch.then("Conv2D", filters=filters, padding="same", use_bias=False)
        main = sketch.then("BatchNormalization")
        if stride > 1 or channels != filters:
            # The shortcut has to have the shape of what it is added to.
            start = sketch.then(
                "Conv2D", start, filters=filters, kernel_size=1, strides=stride, use_bias=False
            )
        sketch.then("Add", main, start)
        sketch.then("Activation", activation="relu")


class UNetLike(Template):
    """Halves pictures, doubles them again, and hands details across. Ronneberger et al. 2015.

    The original names the class of every pixel; here the last map is averaged, for data that
    has one target for each picture.
    """

    label = "U-Net-like"

    stages: int = setting(2, ge=1, le=5, label="Stages", help="How often pictures are halved.")
    filters: int = setting(
        16, ge=1, le=512, label="Filters", help="Those of the first stage; each deeper one doubles."
    )

    def draw(self, sketch: Sketch) -> None:
        stages = sketch.halvings(self.stages)
        rests = tuple(-side % 2**stages for side in sketch.shape[:2])
        if any(rests):
            # What is halved and doubled again must meet the details at the same size.
            sketch.then("ZeroPadding2D", padding=(0, rests[0], 0, rests[1]))
        details = []
        for stage in range(stages):
            details.append(sketch.convolution(self.filters * 2**stage))
            sketch.then("MaxPooling2D")
        sketch.convolution(self.filters * 2**stages)
        for stage in reversed(range(stages)):
            up = sketch.then(
                "Conv2DTranspose", filters=self.filters * 2**stage, kernel_size=2, strides=2
            )
            sketch.then("Concatenate", details[stage], up)
            sketch.convolution(self.filters * 2**stage)
        sketch.then("GlobalAveragePooling2D")
