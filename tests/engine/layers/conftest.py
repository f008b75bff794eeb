"""The table of sample layers that every contract test goes through."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

os.environ["KERAS_BACKEND"] = "jax"

import engine.layers as ns
from engine.layers import Layer, Run

Shape = tuple[int, ...]
PICTURE = (7, 6, 4)


@dataclass(frozen=True)
class Sample:
    """One layer with the shapes that it is fed."""

    layer: Layer
    shapes: tuple[Shape, ...]

    @property
    def name(self) -> str:
        set_here = sorted(self.layer.model_fields_set)
        words = [f"{name}={getattr(self.layer, name)}" for name in set_here]
        return f"{self.layer.kind}({', '.join(words)})-{'+'.join(map(str, self.shapes))}"

    def inputs(self, dtype: Any = np.float32, batch: int = 3, seed: int = 1) -> list[np.ndarray]:
        """Distinct numbers in random order: no ties, and none close to a kink at 0."""
        rng = np.random.default_rng(seed)
        if isinstance(self.layer, ns.Embedding):
            words = [rng.integers(0, self.layer.input_dim, (batch, *each)) for each in self.shapes]
            return [each.astype(dtype) for each in words]
        arrays = []
        for index, shape in enumerate(self.shapes, 1):
            size = batch * int(np.prod(shape))
            # No two inputs of one layer have a number in common either.
            offset = index / (len(self.shapes) + 1) - size // 2
            values = (rng.permutation(size) + offset) * (4 / max(1, size))
            arrays.append(values.reshape(batch, *shape).astype(dtype))
        return arrays

    def weights(self, dtype: Any = np.float32, seed: int = 2) -> dict[str, np.ndarray]:
        """Random weights throughout: zeros and ones would hide what is forgotten."""
        rng = np.random.default_rng(seed)
        return {
            name: rng.uniform(0.5, 1.5, spec.shape).astype(dtype)
            if name in ("gamma", "moving_variance")
            else rng.normal(0, 0.5, spec.shape).astype(dtype)
            for name, spec in self.layer.weights(self.shapes).items()
        }

    def run(self, training: bool, seed: int = 3) -> Run:
        return Run(training=training, rng=np.random.default_rng(seed))

    def forward(self, w: dict[str, np.ndarray], xs: list[np.ndarray], training: bool) -> np.ndarray:
        return self.layer.forward(w, self.run(training), *xs)[0]


def rows(*pairs: tuple[Layer, tuple[Shape, ...]]) -> list[Sample]:
    return [Sample(layer, shapes) for layer, shapes in pairs]


SAMPLES = rows(
    (ns.Dense(units=5), ((4,),)),
    (ns.Dense(units=3, use_bias=False), ((2, 3, 4),)),
    (ns.Dense(units=1, activation="relu"), ((1,),)),
    (ns.Embedding(input_dim=6, output_dim=3), ((5,),)),
    (ns.Embedding(input_dim=40, output_dim=4), ((2, 3),)),
    (ns.Embedding(input_dim=2, output_dim=1), ((),)),
    (ns.Activation(activation="relu"), ((3, 4),)),
    (ns.Activation(activation="softmax"), ((5,),)),
    (ns.PReLU(), ((5,),)),
    (ns.PReLU(), (PICTURE,)),
    (ns.PReLU(shared_axes=(1, 2)), (PICTURE,)),
    (ns.PReLU(shared_axes=(3,)), (PICTURE,)),
    (ns.ReLU(), ((4,),)),
    (ns.ReLU(max_value=1, negative_slope=0.1, threshold=0.3), (PICTURE,)),
    (ns.LeakyReLU(), ((4,),)),
    (ns.ELU(alpha=0.5), ((4,),)),
    (ns.Softmax(), ((4,),)),
    (ns.Softmax(axis=1), (PICTURE,)),
    (ns.Flatten(), (PICTURE,)),
    (ns.Flatten(), ((5,),)),
    (ns.Flatten(), ((),)),
    (ns.Reshape(target_shape=(4, -1)), (PICTURE,)),
    (ns.Reshape(target_shape=(2, 3, 2)), ((12,),)),
    (ns.Conv2D(filters=5), (PICTURE,)),
    (ns.Conv2D(filters=3, kernel_size=5), ((9, 8, 1),)),
    (ns.Conv2D(filters=20, kernel_size=3), ((6, 5, 8),)),
    (ns.Conv2D(filters=2, kernel_size=(2, 3), use_bias=False), ((5, 5, 3),)),
    (ns.Conv2D(filters=3, kernel_size=3, padding="same"), (PICTURE,)),
    (ns.Conv2D(filters=3, kernel_size=(4, 2), padding="same", strides=(2, 3)), (PICTURE,)),
    (ns.Conv2D(filters=3, kernel_size=2, strides=3), (PICTURE,)),
    (ns.Conv2D(filters=3, kernel_size=1, strides=2, padding="same"), (PICTURE,)),
    (ns.Conv2D(filters=3, kernel_size=3, dilation_rate=(2, 1)), (PICTURE,)),
    (ns.Conv2D(filters=2, kernel_size=2, dilation_rate=(2, 3), padding="same"), (PICTURE,)),
    (ns.Conv2D(filters=6, kernel_size=3, groups=2, padding="same"), (PICTURE,)),
    (ns.Conv2D(filters=4, kernel_size=(3, 2), groups=4, strides=2), (PICTURE,)),
    (ns.Conv2D(filters=7, kernel_size=1), ((2, 2, 20),)),
    (ns.Conv2D(filters=2, kernel_size=9, padding="same"), ((3, 2, 2),)),
    (ns.Conv1D(filters=5), ((9, 4),)),
    (ns.Conv1D(filters=20, kernel_size=2, strides=2, padding="same"), ((7, 3),)),
    (ns.Conv1D(filters=4, kernel_size=2, dilation_rate=3, use_bias=False, groups=2), ((9, 4),)),
    (ns.Conv1D(filters=3, padding="causal", dilation_rate=2), ((6, 2),)),
    (ns.Conv1D(filters=3, kernel_size=4, padding="causal", strides=2), ((3, 2),)),
    (ns.MaxPooling1D(), ((9, 4),)),
    (ns.MaxPooling1D(pool_size=3, strides=2, padding="same"), ((8, 4),)),
    (ns.AveragePooling1D(), ((9, 4),)),
    (ns.AveragePooling1D(pool_size=3, strides=1, padding="same"), ((8, 1),)),
    (ns.GlobalAveragePooling1D(), ((9, 4),)),
    (ns.GlobalAveragePooling1D(keepdims=True), ((9, 4),)),
    (ns.GlobalMaxPooling1D(), ((9, 4),)),
    (ns.GlobalMaxPooling1D(keepdims=True), ((1, 4),)),
    (ns.DepthwiseConv2D(), (PICTURE,)),
    (ns.DepthwiseConv2D(kernel_size=(2, 4), padding="same", strides=2), (PICTURE,)),
    (ns.DepthwiseConv2D(depth_multiplier=3, use_bias=False), (PICTURE,)),
    (ns.DepthwiseConv2D(dilation_rate=(2, 1), depth_multiplier=2, padding="same"), (PICTURE,)),
    (ns.SeparableConv2D(filters=5), (PICTURE,)),
    (ns.SeparableConv2D(filters=3, strides=2, depth_multiplier=2, padding="same"), (PICTURE,)),
    (ns.SeparableConv2D(filters=2, kernel_size=(3, 2), dilation_rate=2), (PICTURE,)),
    (ns.SeparableConv2D(filters=2, use_bias=False), ((5, 5, 1),)),
    (ns.Conv2DTranspose(filters=3), ((4, 5, 2),)),
    (ns.Conv2DTranspose(filters=2, strides=2, padding="same"), (PICTURE,)),
    (ns.Conv2DTranspose(filters=2, kernel_size=(2, 1), strides=(3, 2)), ((3, 2, 3),)),
    (ns.Conv2DTranspose(filters=2, kernel_size=2, strides=3, padding="same"), ((3, 2, 3),)),
    (ns.Conv2DTranspose(filters=3, kernel_size=4, strides=2, output_padding=1), ((3, 4, 2),)),
    (
        ns.Conv2DTranspose(filters=2, strides=(2, 3), padding="same", output_padding=(1, 0)),
        ((3, 4, 2),),
    ),
    (ns.Conv2DTranspose(filters=2, dilation_rate=(2, 3), use_bias=False), ((3, 4, 2),)),
    (ns.Conv2DTranspose(filters=2, dilation_rate=2, padding="same"), ((3, 4, 2),)),
    (ns.MaxPooling2D(), (PICTURE,)),
    (ns.MaxPooling2D(padding="same"), (PICTURE,)),
    (ns.MaxPooling2D(pool_size=(3, 2), strides=(1, 2)), (PICTURE,)),
    (ns.MaxPooling2D(pool_size=3, strides=2, padding="same"), (PICTURE,)),
    (ns.MaxPooling2D(pool_size=(1, 2), strides=3), ((7, 7, 1),)),
    (ns.AveragePooling2D(), (PICTURE,)),
    (ns.AveragePooling2D(pool_size=3, strides=(1, 2), padding="same"), (PICTURE,)),
    (ns.AveragePooling2D(pool_size=(2, 3), strides=1), (PICTURE,)),
    (ns.AveragePooling2D(pool_size=9, padding="same"), (PICTURE,)),
    (ns.GlobalAveragePooling2D(), (PICTURE,)),
    (ns.GlobalAveragePooling2D(keepdims=True), ((1, 1, 3),)),
    (ns.GlobalMaxPooling2D(), (PICTURE,)),
    (ns.GlobalMaxPooling2D(keepdims=True), (PICTURE,)),
    (ns.Dropout(), ((40,),)),
    (ns.Dropout(rate=0.2), (PICTURE,)),
    (ns.Dropout(rate=0), ((4,),)),
    (ns.Dropout(rate=1), ((4,),)),
    (ns.BatchNormalization(), ((4,),)),
    (ns.BatchNormalization(), (PICTURE,)),
    (ns.BatchNormalization(momentum=0.5, epsilon=0.1, center=False), ((3, 4),)),
    (ns.BatchNormalization(scale=False), ((3, 4),)),
    (ns.BatchNormalization(scale=False, center=False, momentum=0), ((6,),)),
    (ns.Add(), ((4,), (4,))),
    (ns.Add(), (PICTURE, PICTURE, PICTURE)),
    (ns.Concatenate(), ((4,), (2,), (1,))),
    (ns.Concatenate(), (PICTURE, (7, 6, 1))),
    (ns.Concatenate(axis=1), (PICTURE, (2, 6, 4))),
    (ns.Concatenate(axis=-2), (PICTURE, (7, 3, 4))),
    (ns.ZeroPadding2D(), (PICTURE,)),
    (ns.ZeroPadding2D(padding=(0, 2, 1, 0)), (PICTURE,)),
    (ns.Cropping2D(), (PICTURE,)),
    (ns.Cropping2D(cropping=(1, 0, 2, 3)), (PICTURE,)),
    (ns.UpSampling2D(), (PICTURE,)),
    (ns.UpSampling2D(size=(1, 3)), (PICTURE,)),
    (ns.UpSampling2D(size=(3, 2), interpolation="bilinear"), (PICTURE,)),
    (ns.UpSampling2D(size=4, interpolation="bilinear"), ((1, 2, 1),)),
    (ns.Permute(), ((3, 4),)),
    (ns.Permute(dims=(3, 1, 2)), (PICTURE,)),
    (ns.RepeatVector(n=3), ((4,),)),
    (ns.Subtract(), ((4,), (4,))),
    (ns.Subtract(), (PICTURE, (1, 1, 4))),
    (ns.Multiply(), ((4,), (4,), (4,))),
    (ns.Multiply(), ((1, 1, 4), PICTURE)),
    (ns.Average(), ((3, 4), (3, 4), (3, 1))),
    (ns.Maximum(), ((4,), (4,), (4,))),
    (ns.Maximum(), ((3, 1), (3, 4))),
    (ns.Minimum(), (PICTURE, PICTURE)),
    (ns.Add(), ((1, 4), (3, 1), (3, 4))),
    (ns.Add(), ((3, 1), (3, 1), (1, 3))),
    (ns.Average(), ((3, 1), (3, 1), (1, 3))),
    (ns.Multiply(), ((3, 1), (3, 1), (1, 3))),
    (ns.Maximum(), ((3, 1), (3, 1), (1, 3))),
    (ns.Dot(), ((4,), (4,))),
    (ns.Dot(axes=(2, 1)), ((3, 4), (4, 5))),
    (ns.Dot(axes=1), ((3, 4), (3,))),
    (ns.Dot(axes=(-1, 1), normalize=True), ((2, 3, 4), (4, 5))),
    (ns.Dot(axes=-1, normalize=True), ((4,), (4,))),
    (ns.SpatialDropout1D(), ((5, 8),)),
    (ns.SpatialDropout2D(rate=0.25), (PICTURE,)),
    (ns.GaussianNoise(stddev=0.3), (PICTURE,)),
    (ns.GaussianNoise(stddev=0), ((4,),)),
    (ns.GaussianDropout(rate=0.3), (PICTURE,)),
    (ns.GaussianDropout(rate=0), ((4,),)),
    (ns.BatchNormalization(axis=1), (PICTURE,)),
    (ns.BatchNormalization(trainable=False), (PICTURE,)),
    (ns.BatchNormalization(axis=-2, trainable=False, center=False), ((3, 4),)),
    (ns.LayerNormalization(), ((6,),)),
    (ns.LayerNormalization(epsilon=0.01, center=False), (PICTURE,)),
    (ns.LayerNormalization(axis=(1, 2), scale=False), (PICTURE,)),
    (ns.LayerNormalization(axis=(-2, -1)), (PICTURE,)),
    (ns.GroupNormalization(groups=2), (PICTURE,)),
    (ns.GroupNormalization(groups=-1, scale=False), (PICTURE,)),
    (ns.GroupNormalization(groups=1), ((6,),)),
    (ns.GroupNormalization(groups=3, axis=2, center=False), (PICTURE,)),
    (ns.Rescaling(), (PICTURE,)),
    (ns.Rescaling(scale=2.5, offset=-1), ((4,),)),
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "sample" in metafunc.fixturenames:
        metafunc.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])


@pytest.fixture
def samples() -> list[Sample]:
    return SAMPLES
