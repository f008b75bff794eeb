"""Losses, optimizers and schedules with random settings against Keras."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.losses import Loss
from engine.optimizers import Optimizer
from engine.schedules import Schedule

Array = np.ndarray[Any, Any]
STEPS = 10

seeds, flags = st.integers(0, 2**31), st.booleans()
drawn_often = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)

# Losses

# Few, because JAX compiles for each shape anew.
SHAPES = [(5, 1), (4, 3), (1, 5), (3, 2, 4)]
SMOOTHING = {"label_smoothing": st.floats(0, 0.9)}
LOSSES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "BinaryCrossentropy": SMOOTHING,
    "BinaryFocalCrossentropy": {
        **SMOOTHING,
        "gamma": st.floats(0, 4),
        "alpha": st.floats(0, 1),
        "apply_class_balancing": flags,
    },
    "CategoricalCrossentropy": SMOOTHING,
    "SparseCategoricalCrossentropy": {},  # smoothing is ours alone
    "KLDivergence": {},
    "Hinge": {},
    "SquaredHinge": {},
    "CategoricalHinge": {},
    "MeanSquaredError": {},
    "MeanAbsoluteError": {},
    "MeanAbsolutePercentageError": {},
    "MeanSquaredLogarithmicError": {},
    "Huber": {"delta": st.floats(0.1, 5)},
    "LogCosh": {},
    "Poisson": {},
    "CosineSimilarity": {},
}
POSITIVE = {"MeanSquaredLogarithmicError", "Poisson"}


def batch(loss: Loss, from_logits: bool, shape: tuple[int, ...], seed: int) -> tuple[Array, Array]:
    """Targets and predictions of this shape, float32; kinks are met by chance only."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=shape) * 2
    shares = rng.uniform(0.05, 0.95, shape)
    labels = rng.integers(0, shape[-1], shape[:-1])
    match loss.target:
        case "numbers" if loss.kind in POSITIVE:
            return rng.uniform(0.5, 5, shape), rng.uniform(0.5, 5, shape)
        case "numbers":
            return rng.normal(size=shape) * 2, logits
        case "binary":
            y: Array = rng.integers(0, 2, shape)
        case "one_hot":
            y = np.eye(shape[-1])[labels]
        case _:
            y = labels
    is_raw = from_logits or "linear" in loss.suits
    return y, logits if is_raw else shares


def test_every_loss_is_drawn() -> None:
    assert LOSSES.keys() == Loss.kinds.keys()


@pytest.mark.parametrize("kind", LOSSES)
@drawn_often
@given(data=st.data())
def test_any_loss_is_that_of_keras(kind: str, data: st.DataObject, keras: ModuleType) -> None:
    import jax

    cls = Loss.kinds[kind]
    given_here = {name: data.draw(each) for name, each in LOSSES[kind].items()}
    from_logits = cls.takes_logits and data.draw(flags)
    # Over a single class nothing can be wrong, and Keras warns of it.
    is_shared_out = cls.target in ("one_hot", "labels")
    shape = data.draw(st.sampled_from(SHAPES[1:] if is_shared_out else SHAPES))
    loss = cls(**given_here)
    y, p = batch(loss, from_logits, shape, data.draw(seeds))
    p = p.astype(np.float32)
    y = y if loss.target == "labels" else y.astype(np.float32)
    theirs = getattr(keras.losses, kind)(
        **given_here, **({"from_logits": from_logits} if cls.takes_logits else {})
    )
    expected, slopes = jax.value_and_grad(lambda p: theirs(y, p))(p)
    value, grad = loss.value_and_grad(y, p.copy(), from_logits)
    assert value == pytest.approx(float(expected), rel=1e-5, abs=1e-6)
    size = max(1.0, float(np.abs(slopes).max()))
    np.testing.assert_allclose(grad, slopes, rtol=1e-5, atol=1e-6 * size)


# Optimizers

shares, small = st.floats(0, 0.99), st.floats(1e-7, 0.1)
MOMENTS = {"beta_1": shares, "beta_2": st.floats(0.3, 0.999), "epsilon": small}
OPTIMIZERS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "SGD": {"momentum": shares, "nesterov": flags},
    "Adagrad": {"initial_accumulator_value": st.floats(0.01, 2), "epsilon": small},
    "Adadelta": {"rho": shares, "epsilon": small},
    "RMSprop": {"rho": shares, "momentum": shares, "epsilon": small, "centered": flags},
    "Adam": {**MOMENTS, "amsgrad": flags},
    "AdamW": {**MOMENTS, "amsgrad": flags, "weight_decay": st.floats(0, 0.5)},
    "Adamax": MOMENTS,
    "Nadam": MOMENTS,
    "Ftrl": {
        "learning_rate_power": st.floats(-1, 0),
        "initial_accumulator_value": st.floats(0.05, 2),
        "l1_regularization_strength": st.floats(0, 0.5),
        "l2_regularization_strength": st.floats(0, 0.5),
        "l2_shrinkage_regularization_strength": st.floats(0, 0.5),
        "beta": st.floats(0, 1),
    },
    "Lion": {"beta_1": st.floats(0.1, 0.99), "beta_2": shares},
}
COMMON = {
    "learning_rate": st.floats(1e-4, 0.5),
    "weight_decay": st.none() | st.floats(0, 0.5),
}
CLIPS = ["clipvalue", "clipnorm", "global_clipnorm", None]
PARTS = (slice(0, 6), slice(6, 7), slice(7, 19))


def test_every_optimizer_is_drawn() -> None:
    assert OPTIMIZERS.keys() == Optimizer.kinds.keys()
    declared = {name for kind in Optimizer.kinds.values() for name in kind.settings()}
    drawn = {name for each in OPTIMIZERS.values() for name in each}
    assert declared == drawn | COMMON.keys() | {each for each in CLIPS if each}


@pytest.mark.parametrize("kind", OPTIMIZERS)
@settings(drawn_often, max_examples=6)
@given(data=st.data())
def test_ten_steps_of_any_optimizer_are_those_of_keras(
    kind: str, data: st.DataObject, keras: ModuleType
) -> None:
    given_here = {n: data.draw(each) for n, each in (COMMON | OPTIMIZERS[kind]).items()}
    clip = data.draw(st.sampled_from(CLIPS))
    if clip:
        given_here[clip] = data.draw(st.floats(0.1, 5))
    ours = Optimizer.kinds[kind](**given_here)
    rng = np.random.default_rng(data.draw(seeds))
    weights = rng.normal(size=19).astype(np.float32)
    grads = rng.normal(size=(STEPS, 19)).astype(np.float32)
    theirs = getattr(keras.optimizers, kind)(**given_here)
    variables = [keras.Variable(weights[part]) for part in PARTS]
    moments = ours.start(weights)
    for step, grad in enumerate(grads, 1):
        theirs.apply([keras.ops.convert_to_tensor(grad[part]) for part in PARTS], variables)
        ours.step(weights, grad.copy(), moments, step, ours.learning_rate, PARTS)
    moved = np.concatenate([np.asarray(variable.value) for variable in variables])
    size = max(1.0, float(np.abs(moved).max()))
    np.testing.assert_allclose(weights, moved, rtol=1e-5, atol=1e-5 * size)


# Schedules

lengths, factors = st.integers(1, 200), st.floats(0.05, 1)
SCHEDULES: dict[str, tuple[str, dict[str, st.SearchStrategy[Any]]]] = {
    "StepDecay": ("ExponentialDecay", {"every": lengths, "factor": factors}),
    "ExponentialDecay": ("ExponentialDecay", {"decay_steps": lengths, "decay_rate": factors}),
    "PolynomialDecay": (
        "PolynomialDecay",
        {
            "decay_steps": lengths,
            "end_learning_rate": st.floats(0, 0.05),
            "power": st.floats(0.5, 3),
            "cycle": flags,
        },
    ),
    "CosineDecay": (
        "CosineDecay",
        {
            "decay_steps": lengths,
            "alpha": st.floats(0, 1),
            "warmup_steps": st.just(0) | lengths,
        },
    ),
    "CosineDecayRestarts": (
        "CosineDecayRestarts",
        {
            "first_decay_steps": lengths,
            "t_mul": st.sampled_from([1.0, 1.5, 2.0]),
            "m_mul": factors,
            "alpha": st.floats(0, 1),
        },
    ),
}
# Keras has none of their kind; ReduceOnPlateau is a callback there, compared elsewhere.
OURS_ALONE = {"Constant", "Warmup", "OneCycle", "ReduceOnPlateau"}


def test_every_setting_is_drawn() -> None:
    for kind, cls in Loss.kinds.items():
        # Keras has no smoothing for labels as numbers; it is that of one-hot rows, tried elsewhere.
        alone = {"label_smoothing"} if cls.target == "labels" else set()
        assert set(cls.settings()) - alone == {*LOSSES[kind], *["from_logits"] * cls.takes_logits}
    for name, optimizer in Optimizer.kinds.items():
        assert set(optimizer.settings()) == {*OPTIMIZERS[name], *COMMON, *filter(None, CLIPS)}
    for name, (_, drawn) in SCHEDULES.items():
        assert drawn.keys() == Schedule.kinds[name].settings().keys()


def test_every_schedule_is_drawn() -> None:
    assert SCHEDULES.keys() | OURS_ALONE == Schedule.kinds.keys()


@pytest.mark.parametrize("kind", SCHEDULES)
@drawn_often
@given(data=st.data())
def test_any_schedule_is_that_of_keras(kind: str, data: st.DataObject, keras: ModuleType) -> None:
    name, strategies = SCHEDULES[kind]
    given_here = {each: data.draw(strategy) for each, strategy in strategies.items()}
    ours = Schedule.kinds[kind](**given_here)
    if kind == "StepDecay":
        given_here = {
            "decay_steps": given_here["every"],
            "decay_rate": given_here["factor"],
            "staircase": True,
        }
    start = 0.1
    if given_here.get("warmup_steps"):  # there it rises from one rate to another
        start, given_here = 0.0, {**given_here, "warmup_target": 0.1}
    theirs = getattr(keras.optimizers.schedules, name)(initial_learning_rate=start, **given_here)
    step = data.draw(st.integers(0, 400))
    # Where a period ends, rounding in single precision may fall on either side.
    assume(kind != "CosineDecayRestarts" or not near_a_restart(step, **given_here))
    assert ours.rate(0.1, step, 400) == pytest.approx(float(theirs(step)), rel=1e-5, abs=2e-7)


def near_a_restart(step: int, first_decay_steps: int, t_mul: float, **_: Any) -> bool:
    end, length = 0.0, float(first_decay_steps)
    while end < step + 1:
        if abs(end - step) < 1e-3 * max(1, step):
            return True
        end, length = end + length, length * t_mul
    return abs(end - step) < 1e-3 * max(1, step)
