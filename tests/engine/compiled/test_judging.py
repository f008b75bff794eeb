"""Losses in one compiled pass: against double precision, and against the code that they replace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.losses import (
    BinaryCrossentropy,
    Loss,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)

pytest.importorskip("numba", reason="there is no numba")

Array = np.ndarray[Any, Any]
Case = tuple[Array, Array]
"""The targets and the logits or predictions."""

SHAPES = [(1, 1), (1, 2), (3, 1), (7, 3), (33, 10), (5, 2, 4), (2, 130), (4099, 3)]


def _labels(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    labels: Array = rng.integers(0, shape[-1], shape[:-1])
    labels.reshape(-1)[0] = 0
    labels.reshape(-1)[-1] = shape[-1] - 1
    return labels


def _numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.standard_normal(shape).astype(np.float32)


def _chances(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Some certain, some between."""
    return np.clip(rng.uniform(-0.5, 1.5, shape), 0, 1).astype(np.float32)


def _sparse_exactly(labels: Array, logits: Array) -> Case:
    logits = logits.reshape(-1, logits.shape[-1]).astype(np.float64)
    here = np.arange(len(logits)), labels.reshape(-1)
    above = logits - logits[here][:, np.newaxis]  # by how much the right one is surpassed
    most = above.max(axis=-1, keepdims=True)
    powers = np.exp(above - most)
    total = powers.sum(axis=-1, keepdims=True)
    slopes = powers / total
    slopes[here] -= 1
    others = powers.copy()
    others[here] = 0
    sure = np.log1p(others.sum(axis=-1))
    return np.where(most[:, 0] == 0, sure, most[:, 0] + np.log(total[:, 0])), slopes


def _binary_exactly(y: Array, logits: Array) -> Case:
    y, x = y.astype(np.float64).ravel(), logits.astype(np.float64).ravel()
    far = np.exp(-np.abs(x))
    p, rest = np.where(x >= 0, 1, far) / (1 + far), np.where(x >= 0, far, 1) / (1 + far)
    return np.log1p(far) + (np.maximum(x, 0) - y * x), (1 - y) * p - y * rest


def _squares_exactly(y: Array, y_pred: Array) -> Case:
    off = y_pred.astype(np.float64).ravel() - y.astype(np.float64).ravel()
    return off * off, 2 * off


Exactly = Callable[[Array, Array], Case]
AT_ONCE: dict[type[Loss], tuple[Exactly, Callable[..., Array]]] = {
    SparseCategoricalCrossentropy: (_sparse_exactly, _labels),
    BinaryCrossentropy: (_binary_exactly, _chances),
    MeanSquaredError: (_squares_exactly, _numbers),
}
every_kind = pytest.mark.parametrize("kind", AT_ONCE)


def test_every_loss_that_is_compiled_is_here() -> None:
    assert {kind for kind in Loss.kinds.values() if kind.at_once is not Loss.at_once} == {*AT_ONCE}


def case(kind: type[Loss], shape: tuple[int, ...], scale: float = 1) -> Case:
    rng = np.random.default_rng(0)
    y = AT_ONCE[kind][1](rng, shape)
    return y, _numbers(rng, shape) * np.float32(scale)


def both(kind: type[Loss], y: Array, y_pred: Array) -> tuple[tuple[float, Array], Case]:
    """What the compiled loop says, and terms and slopes as they are."""
    found = kind().at_once(y, y_pred, True)
    assert found is not None
    assert (found[1].shape, found[1].dtype) == (y_pred.shape, np.float32)
    return found, AT_ONCE[kind][0](y, y_pred)


@every_kind
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("scale", [0, 0.1, 3, 30])
def test_it_is_right(kind: type[Loss], shape: tuple[int, ...], scale: float) -> None:
    y, y_pred = case(kind, shape, scale)
    (value, slopes), (terms, exact) = both(kind, y, y_pred)
    assert value == pytest.approx(terms.mean(), rel=1e-6, abs=1.2e-7)
    found, size = slopes.reshape(exact.shape) * terms.size, max(1, scale)
    # A rounded probability minus 1 is off by the rounding.
    np.testing.assert_allclose(found, exact, rtol=2e-6, atol=1.2e-7 * size)


@every_kind
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_it_is_what_the_code_says_that_it_replaces(
    kind: type[Loss], shape: tuple[int, ...]
) -> None:
    """Weights of 1 keep to NumPy."""
    y, y_pred = case(kind, shape, 2)
    value, slopes = kind().value_and_grad(y, y_pred, True)
    assert value == kind().at_once(y, y_pred, True)[0]  # type: ignore[index]
    expected, grad = kind().value_and_grad(y, y_pred, True, np.ones(len(y), np.float32))
    assert value == pytest.approx(expected, rel=2e-6)
    np.testing.assert_allclose(slopes * y.size, grad * y.size, rtol=1e-5, atol=5e-7)


@every_kind
def test_nothing_that_comes_in_is_written_to(kind: type[Loss]) -> None:
    y, y_pred = case(kind, (7, 3), 2)
    before = y.copy(), y_pred.copy()
    kind().at_once(y, y_pred, True)
    np.testing.assert_array_equal(y, before[0])
    np.testing.assert_array_equal(y_pred, before[1])


@every_kind
def test_weights_of_zero_leave_nothing(kind: type[Loss]) -> None:
    y, y_pred = case(kind, (7, 3), 2)
    value, slopes = kind().value_and_grad(y, y_pred, True, np.zeros(7, np.float32))
    assert (value, np.abs(slopes).max()) == (0, 0)


@every_kind
def test_a_weight_of_zero_is_a_sample_that_is_not_there(kind: type[Loss]) -> None:
    y, y_pred = case(kind, (8, 3), 2)
    weights = np.array([1, 1, 1, 0] * 2, np.float32)
    value, slopes = kind().value_and_grad(y, y_pred, True, weights)
    kept = weights > 0
    alone, grad = kind().value_and_grad(y[kept], y_pred[kept], True)
    assert value == pytest.approx(alone * 6 / 8, rel=1e-6)
    np.testing.assert_allclose(slopes[kept], grad * 6 / 8, rtol=1e-5, atol=1e-7)
    assert not slopes[~kept].any()


@every_kind
def test_no_samples_have_no_loss(kind: type[Loss]) -> None:
    y, y_pred = case(kind, (2, 3))
    value, slopes = kind().value_and_grad(y[:0], y_pred[:0], True)
    assert (value, slopes.shape) == (0, (0, 3))


@every_kind
def test_what_lies_scattered_in_memory_is_taken_too(kind: type[Loss]) -> None:
    y, y_pred = case(kind, (8, 3), 2)
    expected, grad = kind().value_and_grad(y, y_pred, True)
    turned, wide = np.asfortranarray(y_pred), np.repeat(y, 2, axis=0)[::2]
    for targets, predictions in ((y, turned), (wide, y_pred)):
        value, slopes = kind().value_and_grad(targets, predictions, True)
        assert value == pytest.approx(expected, rel=1e-6)
        np.testing.assert_allclose(slopes, grad, rtol=1e-5, atol=1e-7)


@every_kind
def test_what_may_not_be_written_to_is_taken_too(kind: type[Loss]) -> None:
    y, y_pred = case(kind, (8, 3), 2)
    expected = kind().at_once(y, y_pred, True)
    y.flags.writeable = y_pred.flags.writeable = False
    found = kind().at_once(y, y_pred, True)
    assert found is not None
    assert expected is not None
    assert (found[0], found[1].tobytes()) == (expected[0], expected[1].tobytes())


@every_kind
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_shows(kind: type[Loss], bad: float) -> None:
    """In the loss, or in the slope; and in no other row's slope."""
    y, y_pred = case(kind, (5, 3))
    clean = kind().at_once(y, y_pred, True)
    y_pred[2, 1] = bad
    found = kind().at_once(y, y_pred, True)
    assert found is not None
    assert clean is not None
    if not np.isneginf(bad) or kind is not SparseCategoricalCrossentropy:
        assert not np.isfinite([found[0], *found[1][2]]).all()
    kept = [0, 1, 3, 4]
    assert found[1][kept].tobytes() == clean[1][kept].tobytes()


# Cross-entropies


@pytest.mark.parametrize(
    ("logits", "label", "loss"),
    [
        ([1e4, 0, -1e4], 0, 0),
        ([1e4, 0, -1e4], 1, 1e4),
        ([1e4, 0, -1e4], 2, 2e4),
        ([1e4, 1e4 - 1, 0], 0, np.log1p(np.exp(-1))),
        ([-1e4, -1e4, -1e4], 2, np.log(3)),
        ([3e38, -3e38, 0], 0, 0),
        ([17, 2, 2], 0, np.log1p(2 * np.exp(-15))),
    ],
)
def test_extreme_logits_of_classes(logits: list[float], label: int, loss: float) -> None:
    y, z = np.array([label]), np.array([logits], np.float32)
    (value, slopes), (_, exact) = both(SparseCategoricalCrossentropy, y, z)
    assert value == pytest.approx(loss, rel=1e-6, abs=1.2e-7)
    np.testing.assert_allclose(slopes, exact, atol=1.2e-7)


@pytest.mark.parametrize("logit", [0, 8, 17, 40, 88, 1e4, -8, -17, -1e4])
@pytest.mark.parametrize("y", [0, 1, 0.25])
def test_extreme_logits_of_yes_and_no(logit: float, y: float) -> None:
    given = np.array([[y]], np.float32), np.array([[logit]], np.float32)
    (value, slopes), (terms, exact) = both(BinaryCrossentropy, *given)
    assert value == pytest.approx(terms[0], rel=1e-6, abs=2e-38)
    np.testing.assert_allclose(slopes[0], exact, rtol=1e-6, atol=2e-38)
    # So is what it replaces.
    plain, _ = BinaryCrossentropy().terms(*given, True)
    assert plain[0, 0] == pytest.approx(terms[0], rel=1e-6, abs=2e-38)


@pytest.mark.parametrize("label", [-1, 3, 2**40])
def test_a_label_that_is_no_class_is_an_error(label: int) -> None:
    y, z = case(SparseCategoricalCrossentropy, (4, 3))
    y[2] = label
    with pytest.raises(IndexError):
        SparseCategoricalCrossentropy().value_and_grad(y, z, True)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.uint64, np.float32, np.bool_])
def test_labels_of_any_kind_of_number(kind: Any) -> None:
    y, z = np.array([0, 1, 1, 0]), case(SparseCategoricalCrossentropy, (4, 2))[1]
    expected = SparseCategoricalCrossentropy().at_once(y, z, True)
    found = SparseCategoricalCrossentropy().at_once(y.astype(kind), z, True)
    assert found is not None
    assert expected is not None
    assert (found[0], found[1].tobytes()) == (expected[0], expected[1].tobytes())


@pytest.mark.parametrize("kind", [BinaryCrossentropy, MeanSquaredError])
@pytest.mark.parametrize("shape", [(6,), (6, 1)])
@pytest.mark.parametrize("number", [np.bool_, np.int64, np.float64])
def test_targets_of_any_kind_of_number(
    kind: type[Loss], shape: tuple[int, ...], number: Any
) -> None:
    y, y_pred = np.array([0, 1, 1, 0, 1, 0]), case(kind, (6, 1))[1]
    expected = kind().at_once(y.astype(np.float32).reshape(6, 1), y_pred, True)
    found = kind().at_once(y.astype(number).reshape(shape), y_pred, True)
    assert found is not None
    assert expected is not None
    assert (found[0], found[1].tobytes()) == (expected[0], expected[1].tobytes())


@pytest.mark.parametrize("kind", [SparseCategoricalCrossentropy, BinaryCrossentropy])
def test_smoothing_and_probabilities_keep_to_numpy(kind: type[Loss]) -> None:
    y, z = case(kind, (7, 3))
    assert kind().at_once(y, np.full((7, 3), 0.25, np.float32), False) is None
    assert kind.parse({"type": kind.kind, "label_smoothing": 0.1}).at_once(y, z, True) is None
    assert kind().at_once(y, z.astype(np.float64), True) is None


def test_many_small_squares_are_not_lost() -> None:
    """Added up in single precision from first to last, half of these would be."""
    y_pred = np.full((4_000_000, 1), 1e-4, np.float32)
    found = MeanSquaredError().at_once(np.zeros_like(y_pred), y_pred, False)
    assert found is not None
    assert found[0] == pytest.approx(1e-8, rel=1e-6)
