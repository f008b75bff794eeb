"""Optimizers against Keras, and block by block against all at once."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine.errors import SettingError
from engine.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Ftrl,
    Lion,
    Nadam,
    Optimizer,
    RMSprop,
    base,
)

Array = np.ndarray[Any, Any]
STEPS = 10
# The arrays that the first 50 numbers belong to; the rest are one more.
SLICES = (slice(0, 8), slice(8, 20), slice(20, 50), slice(50, None))

VARIANTS = [
    SGD(),
    SGD(momentum=0.9),
    SGD(momentum=0.9, nesterov=True),
    SGD(nesterov=True),
    RMSprop(),
    RMSprop(momentum=0.8),
    RMSprop(centered=True),
    RMSprop(momentum=0.8, centered=True, rho=0.7, epsilon=1e-3),
    Adam(),
    Adam(learning_rate=0.05, beta_1=0.5, beta_2=0.9, epsilon=1e-2),
    Adam(beta_1=0),
    Adam(amsgrad=True, beta_2=0.5),
    AdamW(),
    AdamW(learning_rate=0.1, weight_decay=0.5, beta_2=0.9, amsgrad=True),
    Adamax(),
    Adamax(learning_rate=0.05, beta_1=0.5, beta_2=0.7, epsilon=1e-2),
    Nadam(),
    Nadam(learning_rate=0.05, beta_1=0.5, beta_2=0.9, epsilon=1e-2),
    Adagrad(),
    Adagrad(learning_rate=1, initial_accumulator_value=0.01, epsilon=1e-3),
    Adadelta(),
    Adadelta(learning_rate=1, rho=0.5, epsilon=1e-3),
    Ftrl(),
    Ftrl(learning_rate=0.5, l1_regularization_strength=0.2, l2_regularization_strength=0.1),
    Ftrl(learning_rate=0.5, l2_shrinkage_regularization_strength=0.1, beta=0.3),
    Ftrl(learning_rate=0.1, learning_rate_power=-0.3, initial_accumulator_value=0.5),
    Lion(),
    Lion(learning_rate=0.05, beta_1=0.5, beta_2=0.8),
    SGD(momentum=0.9, clipvalue=0.5),
    SGD(clipnorm=2.0),
    SGD(global_clipnorm=2.0),
    SGD(global_clipnorm=1e6),
    SGD(learning_rate=0.1, weight_decay=0.2, momentum=0.5),
    Adam(weight_decay=0.1, clipnorm=0.3),
]
# What the published versions take where Keras' default rate is too small to get anywhere.
BOLD = {"Adagrad": 1.0, "Adadelta": 1.0, "Ftrl": 1.0}


def start_and_grads(size: int = 50, dtype: Any = np.float32) -> tuple[Array, Array]:
    rng = np.random.default_rng(7)
    spread = np.exp(rng.normal(size=size) * 2)
    return rng.normal(size=size).astype(dtype), (rng.normal(size=(STEPS, size)) * spread).astype(
        dtype
    )


def run(optimizer: Optimizer, weights: Array, grads: Array) -> Array:
    weights = weights.copy()
    state = optimizer.start(weights)
    for step, grad in enumerate(grads, start=1):
        optimizer.step(weights, grad.copy(), state, step, optimizer.learning_rate, SLICES)
    return weights


def test_every_optimizer_is_tried() -> None:
    assert {type(each) for each in VARIANTS} == set(Optimizer.kinds.values())


@pytest.mark.parametrize(
    "optimizer", [each for each in VARIANTS if each.global_clipnorm is None], ids=str
)
def test_a_factor_is_a_learning_rate_of_its_own(optimizer: Optimizer) -> None:
    weights, grads = start_and_grads(dtype=np.float64)
    slices, factors = [slice(0, 20), slice(20, 35), slice(35, 50)], [1.0, 0.25, 0.25]
    alone = []
    for part, factor in zip(slices, factors, strict=True):
        w = weights[part].copy()
        state = optimizer.start(w)
        for step, g in enumerate(grads, 1):
            optimizer.step(w, g[part].copy(), state, step, 0.05 * factor)
        alone.append(w)
    together = weights.copy()
    state = optimizer.start(together)
    for step, g in enumerate(grads, 1):
        optimizer.step(together, g.copy(), state, step, 0.05, slices, factors)
    np.testing.assert_allclose(together, np.concatenate(alone), rtol=1e-12)


@pytest.mark.parametrize("optimizer", VARIANTS, ids=repr)
def test_ten_steps_are_those_of_keras(optimizer: Optimizer, keras: ModuleType) -> None:
    weights, grads = start_and_grads()
    settings = {name: getattr(optimizer, name) for name in type(optimizer).settings()}
    theirs = getattr(keras.optimizers, optimizer.kind)(**settings)
    variables = [keras.Variable(weights[part]) for part in SLICES[:-1]]
    for grad in grads:
        parts = [keras.ops.convert_to_tensor(grad[part]) for part in SLICES[:-1]]
        theirs.apply(parts, variables)
    moved = np.concatenate([np.asarray(variable.value) for variable in variables])
    np.testing.assert_allclose(run(optimizer, weights, grads), moved, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", Optimizer.kinds.values(), ids=lambda kind: kind.kind)
def test_defaults_are_those_of_keras(kind: type[Optimizer], keras: ModuleType) -> None:
    theirs = inspect.signature(getattr(keras.optimizers, kind.kind)).parameters
    for name, setting in kind.settings().items():
        assert setting.default == theirs[name].default, name


@pytest.mark.parametrize("optimizer", VARIANTS, ids=repr)
def test_blocks_give_the_same_bits_as_all_at_once(
    optimizer: Optimizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights, grads = start_and_grads(1000)
    monkeypatch.setattr(base, "BLOCK", 10**9)
    whole = run(optimizer, weights, grads)
    for block in (999, 64, 1):
        monkeypatch.setattr(base, "BLOCK", block)
        np.testing.assert_array_equal(run(optimizer, weights, grads), whole)


@pytest.mark.parametrize("optimizer", VARIANTS, ids=repr)
def test_single_precision_stays(optimizer: Optimizer) -> None:
    weights, _ = start_and_grads()
    assert all(moment.dtype == np.float32 for moment in optimizer.start(weights).values())
    assert all(moment.shape == weights.shape for moment in optimizer.start(weights).values())


@pytest.mark.parametrize("optimizer", VARIANTS, ids=repr)
def test_the_rate_given_to_a_step_counts(optimizer: Optimizer) -> None:
    """A schedule will change it; the setting is only where it starts."""
    weights, grads = start_and_grads()
    faster = optimizer.changed(learning_rate=optimizer.learning_rate * 2)
    moved = weights.copy()
    optimizer.step(moved, grads[0].copy(), optimizer.start(moved), 1, faster.learning_rate, SLICES)
    np.testing.assert_array_equal(moved, run(faster, weights, grads[:1]))


@pytest.mark.parametrize("optimizer", VARIANTS, ids=repr)
def test_it_goes_downhill(optimizer: Optimizer) -> None:
    weights = np.array([1.0, -2.0, 3.0])
    state = optimizer.start(weights)
    for step in range(1, 4001):
        rate = BOLD.get(optimizer.kind, 0.01)
        optimizer.step(weights, 2 * weights, state, step, rate)
    assert np.abs(weights).max() < 0.05


def test_a_network_without_weights_is_no_obstacle() -> None:
    for optimizer in VARIANTS:
        run(optimizer, np.zeros(0, np.float32), np.zeros((2, 0), np.float32))


def test_gradients_are_clipped_in_one_way_only() -> None:
    with pytest.raises(SettingError, match="one way only"):
        SGD.parse({"clipvalue": 1, "clipnorm": 1})


def test_a_gradient_of_zero_is_not_clipped_to_nothing_finite() -> None:
    for clip in ({"clipnorm": 1.0}, {"global_clipnorm": 1.0}):
        weights = np.ones(3)
        SGD(**clip).step(weights, np.zeros(3), {}, 1, 0.1)
        np.testing.assert_array_equal(weights, 1)


def test_ftrl_leaves_weights_alone_that_never_had_a_gradient() -> None:
    ftrl = Ftrl(initial_accumulator_value=0)
    moved = run(ftrl, np.ones(3), np.array([[0.0, 0.0, 1.0]]))
    np.testing.assert_array_equal(moved[:2], 1)
    assert np.isfinite(moved).all()


def test_ftrl_makes_weights_exactly_zero() -> None:
    weights = np.array([0.5, -0.5])
    state = Ftrl(l1_regularization_strength=1).start(weights)
    for step in range(1, 20):
        Ftrl(l1_regularization_strength=1).step(weights, weights * 0.01, state, step, 0.1)
    np.testing.assert_array_equal(weights, 0)


def test_ftrl_is_the_rule_as_printed() -> None:
    """Its λ2 is twice the setting, as Keras computes it."""
    alpha, beta, l1, l2 = 0.3, 0.4, 0.2, 0.1
    ftrl = Ftrl(
        learning_rate=alpha,
        beta=beta,
        l1_regularization_strength=l1,
        l2_regularization_strength=l2,
    )
    start, grads = start_and_grads(dtype=np.float64)
    w, n, z = start.copy(), np.full(len(start), 0.1), np.zeros(len(start))
    for g in grads:
        before = n
        n = n + g**2
        sigma = (np.sqrt(n) - np.sqrt(before)) / alpha
        z = z + g - sigma * w
        moved = (np.sign(z) * l1 - z) / ((beta + np.sqrt(n)) / alpha + 2 * l2)
        w = np.where(np.abs(z) < l1, 0, moved)
    np.testing.assert_allclose(run(ftrl, start, grads), w, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("way", ["clipnorm", "global_clipnorm", "clipvalue"])
@pytest.mark.parametrize("kind", Optimizer.kinds.values())
@pytest.mark.parametrize("size", [1e19, 1e25, 3e38])
def test_clipping_takes_gradients_whose_squares_are_too_large(
    kind: type[Optimizer], way: str, size: float
) -> None:
    """The step is that of the same gradient in double precision, where squares fit."""
    optimizer = kind.parse({way: 0.5})
    found = []
    for dtype in (np.float32, np.float64):
        weights, grads = start_and_grads(dtype=dtype)
        state = optimizer.start(weights)
        with np.errstate(over="ignore"):
            for step, grad in enumerate(grads, 1):
                huge = (grad / np.abs(grad).max()).astype(dtype) * dtype(size)
                assert optimizer.can_take(huge)
                optimizer.step(weights, huge, state, step, 0.01, SLICES)
        found.append(weights)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-4, atol=1e-5)


def test_what_nothing_clips_must_have_squares() -> None:
    huge = np.array([1, 1e20], np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        assert not Adam().can_take(huge)
        for grads in (np.array([1, np.nan]), np.array([np.inf, 1])):
            assert not Adam(clipvalue=1).can_take(grads)
    assert Adam().can_take(np.array([1, 1e18], np.float32))


@pytest.mark.parametrize("optimizer", VARIANTS, ids=repr)
def test_a_rate_of_zero_moves_nothing(optimizer: Optimizer) -> None:
    """As at the start of a warm-up, or for a layer with the factor 0."""
    weights, grads = start_and_grads()
    all_still, some = weights.copy(), weights.copy()
    state, other = optimizer.start(all_still), optimizer.start(some)
    for step, grad in enumerate(grads, 1):
        optimizer.step(all_still, grad.copy(), state, step, 0.0, SLICES)
        optimizer.step(some, grad.copy(), other, step, 0.1, SLICES, [0, 1, 0, 1])
    np.testing.assert_array_equal(all_still, weights)
    np.testing.assert_array_equal(some[SLICES[0]], weights[SLICES[0]])
    assert np.isfinite(some).all()
    assert (some[SLICES[1]] != weights[SLICES[1]]).any()
