"""Ten training steps of a whole network: each optimizer, beside Keras, from the same weights."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine.graph import Graph
from engine.layers import Conv2D, Dense, Flatten, Run
from engine.losses import CategoricalCrossentropy
from engine.network import Network
from engine.optimizers import Optimizer
from tests.engine.test_optimizers import VARIANTS

Array = np.ndarray[Any, Any]
STEPS, BATCH = 10, 8

GRAPH = Graph.sequential(
    (6, 5, 2),
    [
        Conv2D(filters=3, kernel_size=(3, 2), activation="tanh"),
        Flatten(),
        Dense(units=6, activation="sigmoid"),
        Dense(units=4, activation="softmax"),
    ],
)
LEARNED = [
    f"{node}/{name}" for node in ("conv2d", "dense", "dense_1") for name in ("kernel", "bias")
]


@pytest.fixture(scope="module")
def batches() -> tuple[Array, Array]:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(STEPS, BATCH, 6, 5, 2)).astype(np.float32)
    return x, np.eye(4, dtype=np.float32)[rng.integers(0, 4, (STEPS, BATCH))]


@pytest.fixture(scope="module")
def keras_gradients(keras: ModuleType) -> Callable[..., list[Any]]:
    """Keras' gradients of the network's loss by its weights, compiled once."""
    import jax

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((6, 5, 2)),
            layers.Conv2D(3, (3, 2), activation="tanh"),
            layers.Flatten(),
            layers.Dense(6, "sigmoid"),
            layers.Dense(4, "softmax"),
        ]
    )
    loss = keras.losses.CategoricalCrossentropy()

    def value(weights: list[Any], x: Any, y: Any) -> Any:
        outputs, _ = model.stateless_call(weights, [], x)
        return loss(y, outputs)

    return jax.jit(jax.grad(value))  # type: ignore[no-any-return]


@pytest.mark.parametrize("optimizer", VARIANTS, ids=repr)
def test_ten_steps_follow_keras(
    optimizer: Optimizer,
    keras: ModuleType,
    keras_gradients: Callable[..., list[Any]],
    batches: tuple[Array, Array],
) -> None:
    # Adadelta's default hardly moves; steps of 1 would multiply what rounding leaves.
    bold = 1.0 if optimizer.kind == "Adadelta" else min(optimizer.learning_rate, 0.1)
    optimizer = optimizer.changed(learning_rate=bold)
    net = Network(GRAPH, seed=3)
    settings = {name: getattr(optimizer, name) for name in type(optimizer).settings()}
    theirs = getattr(keras.optimizers, optimizer.kind)(**settings)
    variables = [keras.Variable(net.weights[name]) for name in LEARNED]
    moments = optimizer.start(net.trained)
    (output,) = net.graph.outputs
    before = net.trained.copy()
    for step, (x, y) in enumerate(zip(*batches, strict=True), 1):
        theirs.apply(keras_gradients([each.value for each in variables], x, y), variables)
        net.loss_and_gradients(x, {output: y}, CategoricalCrossentropy(), Run(training=True))
        rate = optimizer.learning_rate
        optimizer.step(net.trained, net.gradients, moments, step, rate, net.slices)
        for name, variable in zip(LEARNED, variables, strict=True):
            np.testing.assert_allclose(
                net.weights[name], variable.value, rtol=1e-5, atol=1e-5, err_msg=f"{name}, {step}"
            )
    assert np.abs(net.trained - before).max() > 1e-4, "something was learned"
