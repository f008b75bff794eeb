"""Losses, optimizers and a schedule against PyTorch; and where the two are meant to differ."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine.losses import Loss
from engine.optimizers import Optimizer
from engine.schedules import OneCycle

Array = np.ndarray[Any, Any]
STEPS, SIZE = 10, 30
K = 4

LOSSES: list[tuple[dict[str, Any], bool, str, dict[str, Any]]] = [
    ({"type": "MeanSquaredError"}, False, "mse_loss", {}),
    ({"type": "MeanAbsoluteError"}, False, "l1_loss", {}),
    ({"type": "Huber", "delta": 0.7}, False, "huber_loss", {"delta": 0.7}),
    ({"type": "BinaryCrossentropy"}, True, "binary_cross_entropy_with_logits", {}),
    ({"type": "BinaryCrossentropy"}, False, "binary_cross_entropy", {}),
    ({"type": "SparseCategoricalCrossentropy"}, True, "cross_entropy", {}),
    (
        {"type": "SparseCategoricalCrossentropy", "label_smoothing": 0.2},
        True,
        "cross_entropy",
        {"label_smoothing": 0.2},
    ),
    ({"type": "CategoricalCrossentropy"}, True, "cross_entropy", {}),
    ({"type": "Poisson"}, False, "poisson_nll_loss", {"log_input": False, "eps": 1e-7}),
]


@pytest.mark.parametrize(("given", "from_logits", "name", "more"), LOSSES, ids=str)
def test_losses(
    given: dict[str, Any], from_logits: bool, name: str, more: dict[str, Any], torch: ModuleType
) -> None:
    loss = Loss.parse(given)
    rng = np.random.default_rng(1)
    p = rng.normal(size=(6, K)) if from_logits else rng.uniform(0.05, 0.95, (6, K))
    p = p.astype(np.float32)
    y: Array = rng.uniform(0, 2, (6, K)).astype(np.float32)
    if loss.target == "binary":
        y = rng.integers(0, 2, (6, K)).astype(np.float32)
    elif loss.target in ("labels", "one_hot"):
        y = rng.integers(0, K, 6)
        y = np.eye(K, dtype=np.float32)[y] if loss.target == "one_hot" else y
    value, grad = loss.value_and_grad(y, p, from_logits)
    p_t = torch.tensor(p, requires_grad=True)
    theirs = getattr(torch.nn.functional, name)(p_t, torch.tensor(y), **more)
    theirs.backward()
    assert value == pytest.approx(theirs.item(), rel=1e-5)
    np.testing.assert_allclose(grad, p_t.grad.numpy(), rtol=1e-5, atol=1e-6)


def start_and_grads() -> tuple[Array, Array]:
    rng = np.random.default_rng(7)
    return rng.normal(size=SIZE).astype(np.float32), rng.normal(size=(STEPS, SIZE)).astype(
        np.float32
    )


def ours(optimizer: Optimizer) -> Array:
    weights, grads = start_and_grads()
    state = optimizer.start(weights)
    for step, grad in enumerate(grads, 1):
        optimizer.step(weights, grad.copy(), state, step, optimizer.learning_rate)
    return weights


def theirs(torch: ModuleType, name: str, **settings: Any) -> Array:
    weights, grads = start_and_grads()
    parameter = torch.nn.Parameter(torch.tensor(weights))
    optimizer = getattr(torch.optim, name)([parameter], **settings)
    for grad in grads:
        parameter.grad = torch.tensor(grad)
        optimizer.step()
    found: Array = parameter.detach().numpy()
    return found


# Each with settings in which both have the same rule.
SAME: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"type": "SGD"}, "SGD", {"lr": 0.01}),
    ({"type": "SGD", "momentum": 0.9}, "SGD", {"lr": 0.01, "momentum": 0.9}),
    (
        {"type": "SGD", "momentum": 0.9, "nesterov": True},
        "SGD",
        {"lr": 0.01, "momentum": 0.9, "nesterov": True},
    ),
    ({"type": "Adam", "epsilon": 1e-12}, "Adam", {"lr": 0.001, "eps": 1e-12}),
    (
        {"type": "AdamW", "epsilon": 1e-12, "weight_decay": 0.1},
        "AdamW",
        {"lr": 0.001, "eps": 1e-12, "weight_decay": 0.1},
    ),
    ({"type": "Adamax", "epsilon": 1e-12}, "Adamax", {"lr": 0.001, "eps": 1e-12}),
    # Momentum grows by 0.96 ** t, as Dozat has it; PyTorch's own default is 0.96 ** (0.004 t).
    (
        {"type": "Nadam", "epsilon": 1e-12},
        "NAdam",
        {"lr": 0.001, "eps": 1e-12, "momentum_decay": 1.0},
    ),
    ({"type": "Adadelta", "learning_rate": 1}, "Adadelta", {"lr": 1, "rho": 0.95, "eps": 1e-7}),
    (
        {"type": "Adagrad", "epsilon": 1e-12},
        "Adagrad",
        {"lr": 0.001, "initial_accumulator_value": 0.1, "eps": 1e-12},
    ),
    ({"type": "RMSprop", "epsilon": 1e-12}, "RMSprop", {"lr": 0.001, "alpha": 0.9, "eps": 1e-12}),
    (
        {"type": "RMSprop", "epsilon": 1e-12, "centered": True, "momentum": 0.8},
        "RMSprop",
        {"lr": 0.001, "alpha": 0.9, "eps": 1e-12, "centered": True, "momentum": 0.8},
    ),
]


@pytest.mark.parametrize(("given", "name", "settings"), SAME, ids=str)
def test_optimizers(
    given: dict[str, Any], name: str, settings: dict[str, Any], torch: ModuleType
) -> None:
    moved = ours(Optimizer.parse(given))
    np.testing.assert_allclose(moved, theirs(torch, name, **settings), rtol=1e-5, atol=1e-5)
    assert np.abs(moved - start_and_grads()[0]).max() > 1e-4


def test_epsilon_of_adam_stands_elsewhere(torch: ModuleType) -> None:
    """Keras adds it before the correction of the second moment, PyTorch after it."""
    adam = Optimizer.parse({"type": "Adam", "epsilon": 0.1, "learning_rate": 0.1})
    found = theirs(torch, "Adam", lr=0.1, eps=0.1)
    assert np.abs(ours(adam) - found).max() > 0.01
    weights, grads = start_and_grads()
    weights, mean, square = weights.astype(np.float64), np.zeros(SIZE), np.zeros(SIZE)
    for step, g in enumerate(grads.astype(np.float64), 1):
        mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g * g
        corrected = mean / (1 - 0.9**step)
        weights -= 0.1 * corrected / (np.sqrt(square / (1 - 0.999**step)) + 0.1)
    np.testing.assert_allclose(found, weights, rtol=1e-5, atol=1e-5)


def test_amsgrad_agrees_but_for_epsilon(torch: ModuleType) -> None:
    """Both take the peak of the uncorrected square, and correct it afterwards."""
    adam = Optimizer.parse({"type": "Adam", "epsilon": 1e-12, "amsgrad": True, "beta_2": 0.5})
    found = theirs(torch, "Adam", lr=0.001, eps=1e-12, amsgrad=True, betas=(0.9, 0.5))
    np.testing.assert_allclose(ours(adam), found, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("name", "extra"), [("Adagrad", {}), ("RMSprop", {"rho": 0.9})])
def test_epsilon_of_adagrad_and_rmsprop_stands_in_the_root(
    name: str, extra: dict[str, Any], torch: ModuleType
) -> None:
    moved = ours(Optimizer.parse({"type": name, "epsilon": 0.1, "learning_rate": 0.1, **extra}))
    start = {"initial_accumulator_value": 0.1} if name == "Adagrad" else {"alpha": 0.9}
    assert np.abs(moved - theirs(torch, name, lr=0.1, eps=0.1, **start)).max() > 0.01
    # Of a root, epsilon squared is nearly as much as epsilon beside it only where it is tiny.
    weights, grads = start_and_grads()
    total = np.full(SIZE, 0.1 if name == "Adagrad" else 0.0)
    for g in grads.astype(np.float64):
        total = total + g * g if name == "Adagrad" else 0.9 * total + 0.1 * g * g
        weights -= (0.1 * g / np.sqrt(total + 0.1)).astype(np.float32)
    np.testing.assert_allclose(moved, weights, rtol=1e-5, atol=1e-5)


def test_weight_decay_of_adam_does_not_pass_through_the_moments(torch: ModuleType) -> None:
    """Adam with ``weight_decay`` is PyTorch's AdamW; its Adam adds L2 to the gradient."""
    adam = Optimizer.parse({"type": "Adam", "epsilon": 1e-12, "weight_decay": 0.5})
    settings = {"lr": 0.001, "eps": 1e-12, "weight_decay": 0.5}
    np.testing.assert_allclose(ours(adam), theirs(torch, "AdamW", **settings), rtol=1e-5, atol=1e-5)
    assert np.abs(ours(adam) - theirs(torch, "Adam", **settings)).max() > 1e-4


def test_the_first_step_of_momentum_is_the_same_but_not_a_changed_rate(torch: ModuleType) -> None:
    """Keras' velocity holds the rate, PyTorch's does not: they part where the rate changes."""
    sgd = Optimizer.parse({"type": "SGD", "momentum": 0.9})
    weights, grads = start_and_grads()
    moved, state = weights.copy(), sgd.start(weights)
    parameter = torch.nn.Parameter(torch.tensor(weights))
    other = torch.optim.SGD([parameter], lr=0.1, momentum=0.9)
    for step, (grad, rate) in enumerate(zip(grads[:2], (0.1, 0.01), strict=True), 1):
        sgd.step(moved, grad.copy(), state, step, rate)
        other.param_groups[0]["lr"] = rate
        parameter.grad = torch.tensor(grad)
        other.step()
        found = parameter.detach().numpy()
        if step == 1:
            np.testing.assert_allclose(moved, found, rtol=1e-5, atol=1e-6)
    assert np.abs(moved - found).max() > 0.01


@pytest.mark.parametrize("total", [7, 100])
@pytest.mark.parametrize("rise", [0.3, 0.5])
def test_one_cycle(total: int, rise: float, torch: ModuleType) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.1, total_steps=total, pct_start=rise
    )
    schedule = OneCycle(rise=rise)
    for step in range(total):
        assert schedule.rate(0.1, step, total) == pytest.approx(
            optimizer.param_groups[0]["lr"], rel=1e-5, abs=1e-9
        )
        optimizer.step()
        if step < total - 1:
            cycle.step()
