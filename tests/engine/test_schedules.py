"""Schedules against Keras, and against what their names promise."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine.errors import SettingError
from engine.schedules import (
    Constant,
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    OneCycle,
    PolynomialDecay,
    ReduceOnPlateau,
    Schedule,
    StepDecay,
    Warmup,
)
from engine.training.callbacks import EarlyStopping
from engine.training.plan import Plan

TOTAL = 100
SAME_AS_KERAS: list[tuple[Schedule, str, dict[str, Any]]] = [
    (
        StepDecay(every=7, factor=0.3),
        "ExponentialDecay",
        {"decay_steps": 7, "decay_rate": 0.3, "staircase": True},
    ),
    (
        ExponentialDecay(decay_steps=7, decay_rate=0.3),
        "ExponentialDecay",
        {"decay_steps": 7, "decay_rate": 0.3},
    ),
    (PolynomialDecay(), "PolynomialDecay", {"decay_steps": TOTAL}),
    (
        PolynomialDecay(decay_steps=30, power=2.5, end_learning_rate=0.01),
        "PolynomialDecay",
        {"decay_steps": 30, "power": 2.5, "end_learning_rate": 0.01},
    ),
    (
        PolynomialDecay(decay_steps=30, cycle=True),
        "PolynomialDecay",
        {"decay_steps": 30, "cycle": True},
    ),
    (CosineDecay(), "CosineDecay", {"decay_steps": TOTAL}),
    (CosineDecay(decay_steps=40, alpha=0.2), "CosineDecay", {"decay_steps": 40, "alpha": 0.2}),
    (
        CosineDecay(decay_steps=40, warmup_steps=9),
        "CosineDecay",
        {"decay_steps": 40, "warmup_steps": 9, "warmup_target": 0.1, "initial_learning_rate": 0.0},
    ),
    (
        CosineDecayRestarts(first_decay_steps=11, t_mul=2.5, m_mul=0.7, alpha=0.1),
        "CosineDecayRestarts",
        {"first_decay_steps": 11, "t_mul": 2.5, "m_mul": 0.7, "alpha": 0.1},
    ),
    (
        CosineDecayRestarts(first_decay_steps=11, t_mul=1),
        "CosineDecayRestarts",
        {"first_decay_steps": 11, "t_mul": 1.0},
    ),
]


def rates(schedule: Schedule, total: int = TOTAL, base: float = 0.1) -> list[float]:
    return [schedule.rate(base, step, total) for step in range(total)]


@pytest.mark.parametrize(("ours", "name", "settings"), SAME_AS_KERAS, ids=repr)
def test_rates_are_those_of_keras(
    ours: Schedule, name: str, settings: dict[str, Any], keras: ModuleType
) -> None:
    settings = {"initial_learning_rate": 0.1, **settings}
    theirs = getattr(keras.optimizers.schedules, name)(**settings)
    # Not where a period ends: in single precision that may fall on either side.
    steps = [0, 1, 6, 7, 8, 10, 12, 29, 31, 39, 41, 62, 99]
    expected = [float(theirs(step)) for step in steps]
    np.testing.assert_allclose(np.array(rates(ours))[steps], expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("kind", Schedule.kinds.values(), ids=lambda kind: kind.kind)
@pytest.mark.parametrize("total", [1, 2, 3, 1000])
def test_every_rate_is_usable(kind: type[Schedule], total: int) -> None:
    found = rates(kind(), total)
    assert all(0 <= rate <= 0.1 + 1e-12 for rate in found)
    # A later step needs no earlier one.
    assert kind().rate(0.1, total - 1, total) == found[-1]


def test_constant_is_the_rate_itself() -> None:
    assert set(rates(Constant())) == {0.1}


def test_warm_up_rises_and_stays() -> None:
    found = rates(Warmup(steps=10, start_share=0.1))
    np.testing.assert_allclose(found[:11], np.linspace(0.01, 0.1, 11))
    assert set(found[10:]) == {0.1}


def test_one_cycle_is_that_of_pytorch() -> None:
    """Start, peak and end as ``OneCycleLR(max_lr=0.1, total_steps=100)`` has them."""
    found = rates(OneCycle())
    assert found[0] == pytest.approx(0.004)
    assert found[29] == max(found) == pytest.approx(0.1)
    assert found[-1] == pytest.approx(0.1 / 25 / 1e4)
    # Halfway down from step 29 to step 99.
    assert found[64] == pytest.approx((0.1 + 4e-7) / 2)
    assert np.all(np.diff(found[:30]) > 0)
    assert np.all(np.diff(found[29:]) < 0)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize(
    "settings",
    [
        {"patience": 2},
        {"patience": 1, "cooldown": 2, "factor": 0.5},
        {"patience": 3, "min_delta": 0.3},
        {"patience": 1, "min_rate": 0.02, "factor": 0.5},
    ],
    ids=repr,
)
def test_plateau_lowers_the_rate_when_keras_does(
    settings: dict[str, Any], keras: ModuleType
) -> None:
    values = np.round(np.random.default_rng(3).random(40), 1).tolist()
    theirs = dict(settings)
    if "min_rate" in theirs:
        theirs["min_lr"] = theirs.pop("min_rate")
    callback = keras.callbacks.ReduceLROnPlateau(monitor="loss", mode="min", **theirs)
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    callback.set_model(model)
    callback.on_train_begin()
    schedule = ReduceOnPlateau(**settings)
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"loss": value})
        ours = schedule.rate(0.1, 0, 100, values[: epoch + 1])
        assert ours == pytest.approx(float(model.optimizer.learning_rate), rel=1e-5)


@pytest.mark.parametrize(
    "settings",
    [{"patience": 2}, {"patience": 3, "min_delta": 0.3}, {"patience": 1}],
    ids=repr,
)
def test_early_stopping_ends_when_keras_does(settings: dict[str, Any], keras: ModuleType) -> None:
    for seed in range(5):
        values = [1.0, *np.round(np.random.default_rng(seed).random(40), 1).tolist()]
        callback = keras.callbacks.EarlyStopping(monitor="loss", mode="min", **settings)
        model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        callback.set_model(model)
        callback.on_train_begin()
        model.stop_training = False
        ours = EarlyStopping(**settings)
        for epoch, value in enumerate(values):
            callback.on_epoch_end(epoch, {"loss": value})
            assert bool(ours.stop_reason(values[: epoch + 1])) == model.stop_training
            if model.stop_training:
                break
        assert model.stop_training


@pytest.mark.parametrize("where", ["schedule", "callbacks"])
def test_a_plan_takes_keras_names(where: str) -> None:
    lower = {"type": "ReduceLROnPlateau", "monitor": "val_loss", "factor": 0.2, "patience": 3}
    lower |= {"min_delta": 0.01, "cooldown": 1, "min_lr": 1e-5}
    stop = {"type": "EarlyStopping", "monitor": "val_accuracy", "restore_best_weights": False}
    given = {"schedule": lower} if where == "schedule" else {"callbacks": [stop, lower]}
    plan = Plan.parse(given)
    assert plan.schedule == ReduceOnPlateau(
        monitor="val_loss", factor=0.2, patience=3, min_delta=0.01, cooldown=1, min_rate=1e-5
    )
    stops = [EarlyStopping(monitor="val_accuracy", restore_best=False)]
    assert list(plan.callbacks) == (stops if where == "callbacks" else [])
    assert Plan.parse(plan.to_json()) == plan


def test_two_things_cannot_change_the_rate() -> None:
    given = {"schedule": "CosineDecay", "callbacks": ["ReduceLROnPlateau"]}
    with pytest.raises(SettingError, match="changes the learning rate, and so does"):
        Plan.parse(given)
