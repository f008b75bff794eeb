"""Drawn toy sets, and numbers typed into the project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np

from engine.arrays import Array
from engine.data.samples import Samples
from engine.data.source import Source
from engine.data.targets import detect
from engine.errors import DataError
from engine.progress import Progress, no_progress
from engine.spec import setting

Drawn = tuple[Array, Array]


class Toy(Source):
    """Points drawn from a known shape, for seeing how a network learns.

    spiral, moons, circles, blobs and xor are classes of points on a plane
    between about -1 and 1; noisy_line and noisy_sine have one input and a
    number to predict.
    """

    shape: Literal["spiral", "moons", "circles", "blobs", "xor", "noisy_line", "noisy_sine"] = (
        setting("spiral", label="Shape", help="The shape of the point clouds.")
    )
    count: int = setting(
        600, ge=10, le=1_000_000, unit="samples", label="Count", help="Number of points to draw."
    )
    noise: float = setting(
        0.1, ge=0, le=10, label="Noise", help="Standard deviation of the noise added to each point."
    )
    classes: int = setting(
        2, ge=2, le=10, label="Classes", help="How many arms or blobs; the other shapes have two."
    )
    seed: int = setting(
        0,
        ge=0,
        le=2**32 - 1,
        label="Seed",
        help="A different seed draws different points.",
        advanced=True,
    )

    def load(self, base: Path, progress: Progress = no_progress) -> Samples:
        progress(0, 1, "toy sets")
        rng = np.random.default_rng(self.seed)
        regression = self.shape in ("noisy_line", "noisy_sine")
        varied = self.shape in ("spiral", "blobs")
        classes = self.classes if varied else 2
        x, y = _SHAPES[self.shape](self.count, classes, self.noise, rng)
        progress(1, 1, "toy sets")
        return Samples(
            kind="array",
            x=x.astype(np.float32),
            y=y.astype(np.float64 if regression else np.int64),
            task="regression" if regression else "classification",
            classes=() if regression else tuple(str(i) for i in range(classes)),
            target_name="y" if regression else "class",
            feature_names=("x",) if regression else ("x1", "x2"),
            place=self.shape,
        )


class Points(Source):
    """Pairs of numbers that stand in the project itself."""

    x: tuple[float, ...] = setting((), label="x", help="The inputs, in order.")
    y: tuple[float, ...] = setting((), label="y", help="The number that belongs to each input.")

    def load(self, base: Path, progress: Progress = no_progress) -> Samples:
        if len(self.x) != len(self.y) or not self.x:
            raise DataError(
                f"There are {len(self.x)} numbers for x and {len(self.y)} for y.",
                "Give both the same number of values, at least one.",
            )
        y, classes, task = detect(np.array(self.y, np.float64), "y")
        return Samples(
            kind="array",
            x=np.array(self.x, np.float64)[:, np.newaxis],
            y=y,
            task=task,
            classes=classes,
            target_name="y",
            feature_names=("x",),
            place="The points",
        )


def _labels(count: int, classes: int) -> Array:
    return np.arange(count) % classes


def _spiral(count: int, classes: int, noise: float, rng: np.random.Generator) -> Drawn:
    y = _labels(count, classes)
    radius = np.sqrt(rng.uniform(0.01, 1, count))
    angle = 2 * np.pi * (y / classes + radius)
    x = radius[:, np.newaxis] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return x + rng.normal(0, noise * 0.2, x.shape), y


def _moons(count: int, classes: int, noise: float, rng: np.random.Generator) -> Drawn:
    y = _labels(count, 2)
    angle = rng.uniform(0, np.pi, count)
    up = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], axis=1)
    x = np.where(y[:, np.newaxis] == 0, up, -up) * (2 / 3)
    return x + rng.normal(0, noise, x.shape), y


def _circles(count: int, classes: int, noise: float, rng: np.random.Generator) -> Drawn:
    y = _labels(count, 2)
    angle = rng.uniform(0, 2 * np.pi, count)
    radius = np.where(y == 0, 1.0, 0.5)[:, np.newaxis]
    x = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return x + rng.normal(0, noise, x.shape), y


def _blobs(count: int, classes: int, noise: float, rng: np.random.Generator) -> Drawn:
    y = _labels(count, classes)
    angle = 2 * np.pi * y / classes
    centers = 0.7 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return centers + rng.normal(0, 0.1 + noise, centers.shape), y


def _xor(count: int, classes: int, noise: float, rng: np.random.Generator) -> Drawn:
    x = rng.uniform(-1, 1, (count, 2))
    y = (x[:, 0] > 0) ^ (x[:, 1] > 0)
    # Noise moves the points after they were labeled, so it blurs the borders.
    return x + rng.normal(0, noise, x.shape), y.astype(np.int64)


def _line(count: int, classes: int, noise: float, rng: np.random.Generator) -> Drawn:
    x = rng.uniform(-1, 1, (count, 1))
    return x, 0.8 * x[:, 0] + 0.2 + rng.normal(0, noise, count)


def _sine(count: int, classes: int, noise: float, rng: np.random.Generator) -> Drawn:
    x = rng.uniform(-np.pi, np.pi, (count, 1))
    return x, np.sin(x[:, 0]) + rng.normal(0, noise, count)


_SHAPES: dict[str, Callable[[int, int, float, np.random.Generator], Drawn]] = {
    "spiral": _spiral,
    "moons": _moons,
    "circles": _circles,
    "blobs": _blobs,
    "xor": _xor,
    "noisy_line": _line,
    "noisy_sine": _sine,
}
