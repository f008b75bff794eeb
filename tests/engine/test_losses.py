"""Losses against central differences and against Keras."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine import layers, losses
from engine.graph import Graph
from engine.layers import Run
from engine.losses import Loss, target_shape
from engine.network import Network

Array = np.ndarray[Any, Any]
B, K = 5, 4


def pair(loss: Loss, from_logits: bool, dtype: Any = np.float64) -> tuple[Array, Array]:
    """Targets and predictions away from kinks and from where Keras clips."""
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(B, K)) * 2
    match loss.target:
        case _ if loss.kind in ("MeanSquaredLogarithmicError", "Poisson"):
            return rng.uniform(0.5, 5, (B, K)), rng.uniform(0.5, 5, (B, K)).astype(dtype)
        case _ if "linear" in loss.suits:  # hinges: outputs on both sides of the margin
            right = np.eye(K)[rng.integers(0, K, B)]
            return right if loss.target == "one_hot" else right[:, ::-1], logits
        case "numbers":
            return logits + rng.choice([-1, 1], (B, K)) * rng.uniform(0.5, 2, (B, K)), logits
        case "binary":
            y = rng.integers(0, 2, (B, K)).astype(dtype)
            p = rng.uniform(0.05, 0.95, (B, K))
        case "one_hot":
            y = np.eye(K, dtype=dtype)[rng.integers(0, K, B)]
            p = rng.uniform(0.05, 0.95, (B, K))
        case "labels":
            y = rng.integers(0, K, B)
            p = rng.uniform(0.05, 0.95, (B, K))
    return y, (logits if from_logits else p).astype(dtype)


MORE: dict[str, tuple[dict[str, Any], ...]] = {
    "BinaryCrossentropy": ({"label_smoothing": 0.2},),
    "CategoricalCrossentropy": ({"label_smoothing": 0.2},),
    "SparseCategoricalCrossentropy": ({"label_smoothing": 0.2},),
    "BinaryFocalCrossentropy": (
        {"gamma": 0.5, "label_smoothing": 0.2},
        {"gamma": 3.0, "apply_class_balancing": True, "alpha": 0.1},
        {"gamma": 0.0},
    ),
    "Huber": ({"delta": 0.7}, {"delta": 10.0}),
}


def _cases() -> Iterator[Any]:
    for name, kind in Loss.kinds.items():
        for settings in ({}, *MORE.get(name, ())):
            words = "-".join(f"{key}={value}" for key, value in settings.items())
            for from_logits in (False, True)[: 1 + kind.takes_logits]:
                yield pytest.param(
                    kind(**settings), from_logits, id=f"{name}-{from_logits}-{words}"
                )


CASES = list(_cases())


def keras_loss(keras: ModuleType, loss: Loss, from_logits: bool) -> Any:
    settings = {name: getattr(loss, name) for name in type(loss).model_fields}
    if loss.takes_logits:
        settings["from_logits"] = from_logits
    if loss.kind == "SparseCategoricalCrossentropy" and settings.pop("label_smoothing"):
        smoothed = keras.losses.CategoricalCrossentropy(
            from_logits=from_logits,
            label_smoothing=loss.label_smoothing,  # type: ignore[attr-defined]
        )
        return lambda y, p, weights=None: smoothed(np.eye(K)[y], p, weights)
    return getattr(keras.losses, loss.kind)(**settings)


@pytest.mark.parametrize(("loss", "from_logits"), CASES)
def test_gradient_is_the_slope_of_the_displayed_value(
    loss: Loss, from_logits: bool, slopes: Callable[..., Array]
) -> None:
    y, p = pair(loss, from_logits)
    _, grad = loss.value_and_grad(y, p, from_logits)
    expected = slopes(lambda: loss.value_and_grad(y, p, from_logits)[0], p)
    np.testing.assert_allclose(grad, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("loss", "from_logits"), CASES)
def test_value_is_that_of_keras(loss: Loss, from_logits: bool, keras: ModuleType) -> None:
    y, p = pair(loss, from_logits, np.float32)
    value, _ = loss.value_and_grad(y, p.astype(np.float32), from_logits)
    assert value == pytest.approx(float(keras_loss(keras, loss, from_logits)(y, p)), rel=1e-5)


@pytest.mark.parametrize(("loss", "from_logits"), CASES)
def test_gradient_is_that_of_keras(loss: Loss, from_logits: bool, keras: ModuleType) -> None:
    import jax

    y, p = pair(loss, from_logits, np.float32)
    p = p.astype(np.float32)
    theirs = jax.grad(lambda p: keras_loss(keras, loss, from_logits)(y, p))(p)
    _, ours = loss.value_and_grad(y, p, from_logits)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("loss", "from_logits"), CASES)
def test_weights_of_samples_are_those_of_keras(
    loss: Loss, from_logits: bool, keras: ModuleType
) -> None:
    import jax

    y, p = pair(loss, from_logits, np.float32)
    p, weights = p.astype(np.float32), np.array([0, 1, 0.5, 3, 2], np.float32)
    theirs, slopes = jax.value_and_grad(
        lambda p: keras_loss(keras, loss, from_logits)(y, p, weights)
    )(p)
    ours, grad = loss.value_and_grad(y, p, from_logits, weights)
    assert ours == pytest.approx(float(theirs), rel=1e-5)
    np.testing.assert_allclose(grad, slopes, rtol=1e-5, atol=1e-7)
    plain, slope = loss.value_and_grad(y, p, from_logits)
    same, alike = loss.value_and_grad(y, p, from_logits, np.ones(B))
    assert same == pytest.approx(plain, rel=1e-6)
    np.testing.assert_allclose(alike, slope, rtol=1e-6)


def test_labels_of_many_places_are_weighted_by_sample() -> None:
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(3, 4, 5)), rng.integers(0, 5, (3, 4))
    weights = np.array([0.0, 1.0, 4.0])
    loss = losses.SparseCategoricalCrossentropy()
    value, grad = loss.value_and_grad(labels, logits, True, weights)
    each = [loss.value_and_grad(labels[i : i + 1], logits[i : i + 1], True)[0] for i in range(3)]
    assert value == pytest.approx(np.dot(weights, each) / 3)
    assert not grad[0].any()


@pytest.mark.parametrize(("loss", "from_logits"), CASES)
def test_single_precision_stays_and_nothing_is_written_to(loss: Loss, from_logits: bool) -> None:
    y, p = (each.copy() for each in pair(loss, from_logits, np.float32))
    p = p.astype(np.float32)
    y.flags.writeable = p.flags.writeable = False
    value, grad = loss.value_and_grad(y, p, from_logits)
    assert type(value) is float
    assert grad.dtype == np.float32
    assert grad.shape == p.shape


@pytest.mark.parametrize("size", [1e3, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [kind for kind in Loss.kinds.values() if kind.takes_logits])
def test_extreme_logits_give_finite_values(kind: type[Loss], dtype: Any, size: float) -> None:
    loss = kind()
    y, p = pair(loss, True, dtype)
    value, grad = loss.value_and_grad(y, (p * size).astype(dtype), True)
    assert np.isfinite(value)
    assert np.isfinite(grad).all()
    assert np.abs(grad).max() > 1e-3, "a confident mistake must still teach"


@pytest.mark.parametrize("size", [0.0, 1e-30, 1e3, 1e10])
@pytest.mark.parametrize("kind", [kind for kind in Loss.kinds.values() if not kind.takes_logits])
def test_extreme_outputs_give_finite_values(kind: type[Loss], size: float) -> None:
    loss = kind()
    y, p = pair(loss, False)
    for sign in (1, -1):
        value, grad = loss.value_and_grad(y, (sign * p * size).astype(np.float32), False)
        assert np.isfinite(value)
        assert np.isfinite(grad).all()


@pytest.mark.parametrize("name", ["Hinge", "SquaredHinge"])
def test_hinges_take_zeros_for_minus_one(name: str) -> None:
    loss = Loss.parse(name)
    y, p = pair(loss, False)
    value, grad = loss.value_and_grad(y, p, False)
    other, slope = loss.value_and_grad(2 * y - 1, p, False)
    assert value == other
    np.testing.assert_array_equal(grad, slope)


@pytest.mark.parametrize("kind", [kind for kind in Loss.kinds.values() if kind.takes_logits])
def test_certain_probabilities_give_finite_values(kind: type[Loss], keras: ModuleType) -> None:
    loss = kind()
    y, _ = pair(loss, False)
    p = np.eye(K, dtype=np.float32)[np.arange(B) % K]
    value, grad = loss.value_and_grad(y, p, False)
    assert value == pytest.approx(float(keras_loss(keras, loss, False)(y, p)), rel=1e-4)
    assert np.isfinite(grad).all()


def test_labels_and_one_hot_rows_say_the_same() -> None:
    labels, p = pair(losses.SparseCategoricalCrossentropy(), False)
    rows = np.eye(K)[labels]
    for from_logits in (False, True):
        one = losses.SparseCategoricalCrossentropy().value_and_grad(labels, p, from_logits)
        other = losses.CategoricalCrossentropy().value_and_grad(rows, p, from_logits)
        assert one[0] == pytest.approx(other[0], rel=1e-12)
        np.testing.assert_allclose(one[1], other[1], rtol=1e-9, atol=1e-12)


def test_labels_for_each_place_of_a_map(keras: ModuleType) -> None:
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, K, (B, 3, 2)), rng.normal(size=(B, 3, 2, K)).astype(np.float32)
    loss = losses.SparseCategoricalCrossentropy()
    value, grad = loss.value_and_grad(y, p, True)
    assert value == pytest.approx(float(keras_loss(keras, loss, True)(y, p)), rel=1e-5)
    assert grad.shape == p.shape


def one_layer(activation: str, units: int = K) -> Network:
    dense = layers.Dense.parse({"units": units, "activation": activation})
    return Network(Graph.sequential((3,), [dense]), seed=1, dtype=np.float64)


# What an output ends in, and the loss of its values before the activation that is trained.
RECOGNIZED = [
    ("softmax", losses.SparseCategoricalCrossentropy),
    ("softmax", losses.CategoricalCrossentropy),
    ("sigmoid", losses.BinaryCrossentropy),
    ("sigmoid", losses.CategoricalCrossentropy),
    ("sigmoid", losses.SparseCategoricalCrossentropy),
    ("softmax", losses.BinaryCrossentropy),
]


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize(("activation", "kind"), RECOGNIZED)
def test_the_values_before_a_final_softmax_or_sigmoid_are_used(
    activation: str, kind: type[Loss], from_logits: bool
) -> None:
    net, bare = one_layer(activation), one_layer("linear")
    loss = kind.parse({"from_logits": from_logits})
    x = np.random.default_rng(5).normal(size=(B, 3))
    y, _ = pair(loss, True)
    value, outputs, _ = net.loss_and_gradients(x, {"dense": y}, loss, Run())
    logits = bare.predict(x)
    expected, dy = loss.value_and_grad(y, logits, True)
    assert value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(net.gradients[: 3 * K].reshape(3, K), x.T @ dy, rtol=1e-12)
    np.testing.assert_allclose(outputs["dense"], net.predict(x), rtol=1e-12)
    assert net.loss(x, {"dense": y}, loss)[0] == value


@pytest.mark.parametrize("from_logits", [False, True])
def test_other_outputs_go_by_the_setting(from_logits: bool) -> None:
    net = one_layer("linear")
    loss = losses.CategoricalCrossentropy(from_logits=from_logits)
    net.weights["dense/kernel"][...] = np.abs(net.weights["dense/kernel"])
    x = np.random.default_rng(5).uniform(0.5, 1, size=(B, 3))
    y, _ = pair(loss, True)
    value, _, _ = net.loss_and_gradients(x, {"dense": y}, loss, Run())
    assert value == loss.value_and_grad(y, net.predict(x), from_logits)[0]


def test_a_sure_and_wrong_softmax_still_learns() -> None:
    """Its probability rounds to 0, where a loss of the probability would have no slope."""
    net = Network(
        Graph.sequential((1,), [layers.Dense.parse({"units": 2, "activation": "softmax"})])
    )
    net.weights["dense/kernel"][...] = [[500, -500]]
    loss = losses.SparseCategoricalCrossentropy()
    x = np.ones((1, 1), np.float32)
    value, _, _ = net.loss_and_gradients(x, {"dense": np.array([1])}, loss, Run())
    assert value == pytest.approx(1000)
    np.testing.assert_allclose(net.gradients, [1, -1, 1, -1])


def test_target_shapes() -> None:
    assert target_shape(losses.SparseCategoricalCrossentropy(), (8, 8, 3)) == (8, 8)
    assert target_shape(losses.MeanSquaredError(), (8, 8, 3)) == (8, 8, 3)
