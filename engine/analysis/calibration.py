"""A short measurement of the machine, from which the time of any training step is predicted.

The engine's own layers are timed on a few shapes, and each family gets the rates that
explain its times best. So a faster kernel or another machine needs no new numbers here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations
from math import prod
from statistics import median
from time import perf_counter
from typing import TypeVar

import numpy as np

from engine.activations import Activation, activate, slope
from engine.analysis.speed import (
    FALLBACK,
    Pass,
    Prediction,
    Rate,
    Speed,
    Work,
    family_of,
    work_of,
)
from engine.arrays import Array, Shape
from engine.compiled.path import one_path
from engine.data import Dataset
from engine.diagnosis import diagnose
from engine.graph import Graph
from engine.layers import (
    Add,
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
    Rescaling,
    Run,
    SeparableConv2D,
    Softmax,
    ZeroPadding2D,
)
from engine.layers.activation_layers import ReLU
from engine.network import Given, Network
from engine.optimizers import Optimizer, State
from engine.parallel import Later, one_blas_thread, using_threads
from engine.progress import Progress, no_progress
from engine.training import BatchDone, Plan, train

LEAST, MOST, ENOUGH_S = 3, 20, 0.001
"""How often something is timed: at most until it took so long together."""
ROUND_S, LONGEST_S, NETWORK_S = 0.3, 0.03, 0.06
"""How long the layers of a network are timed at a stretch, and about how long the way through
one of them, and through all of them, may be."""
MOST_CROWDED = 3.0
PARAMETERS = (1_000, 100_000)

Kind = TypeVar("Kind")
_Reference = tuple[Layer, tuple[Shape, ...], int]

LAYERS: tuple[_Reference, ...] = (
    (Dense(units=1), ((1,),), 1),
    (Dense(units=16), ((4,),), 16),
    (Dense(units=64), ((64,),), 32),
    (Dense(units=256), ((784,),), 16),
    (Dense(units=256), ((256,),), 128),
    (Conv2D(filters=16, kernel_size=1), ((8, 8, 16),), 8),
    (Conv2D(filters=64, kernel_size=1), ((14, 14, 32),), 16),
    (Conv2D(filters=16, kernel_size=3), ((8, 8, 1),), 32),
    (Conv2D(filters=32, kernel_size=3), ((6, 6, 16),), 32),
    (Conv2D(filters=32, kernel_size=3), ((28, 28, 1),), 8),
    (Conv2D(filters=32, kernel_size=3), ((14, 14, 32),), 16),
    (Conv2D(filters=8, kernel_size=5), ((8, 8, 1),), 16),
    (Conv2D(filters=16, kernel_size=5), ((28, 28, 1),), 8),
    (Conv2D(filters=32, kernel_size=5), ((12, 12, 16),), 8),
    (Conv2D(filters=64, kernel_size=3), ((8, 8, 64),), 16),
    (DepthwiseConv2D(kernel_size=3), ((8, 8, 4),), 8),
    (DepthwiseConv2D(kernel_size=3), ((14, 14, 32),), 16),
    (SeparableConv2D(filters=8, kernel_size=3), ((8, 8, 4),), 8),
    (SeparableConv2D(filters=32, kernel_size=3), ((14, 14, 32),), 16),
    (Conv2DTranspose(filters=8, kernel_size=2, strides=2), ((4, 4, 4),), 8),
    (Conv2DTranspose(filters=32, kernel_size=2, strides=2), ((7, 7, 32),), 32),
    (MaxPooling2D(), ((4, 4, 4),), 8),
    (MaxPooling2D(), ((14, 14, 32),), 16),
    (GlobalAveragePooling2D(), ((4, 4, 4),), 8),
    (GlobalAveragePooling2D(), ((14, 14, 32),), 16),
    (BatchNormalization(), ((16,),), 16),
    (BatchNormalization(), ((14, 14, 32),), 16),
    (Dropout(), ((16,),), 16),
    (Dropout(), ((14, 14, 32),), 16),
    (ReLU(), ((16,),), 16),
    (ReLU(), ((14, 14, 32),), 16),
    (Softmax(), ((10,),), 32),
    (Add(), ((16,), (16,)), 16),
    (Add(), ((14, 14, 32), (14, 14, 32)), 16),
    (ZeroPadding2D(), ((4, 4, 4),), 8),
    (ZeroPadding2D(), ((14, 14, 32),), 16),
    (Flatten(), ((14, 14, 32),), 16),
    (Rescaling(), ((16,),), 16),
    (Rescaling(), ((14, 14, 32),), 16),
    (Embedding(input_dim=1000, output_dim=32), ((16,),), 32),
)
"""What is timed: small and large ones of each family, so that rates and overhead part."""

NETWORKS: tuple[tuple[Shape, tuple[Layer, ...]], ...] = (
    (
        (8, 8, 1),
        (
            Conv2D(filters=16, kernel_size=3, padding="same", activation="relu"),
            MaxPooling2D(),
            Conv2D(filters=32, kernel_size=3, padding="same", activation="relu"),
            Flatten(),
            Dense(units=64, activation="relu"),
        ),
    ),
    (
        (14, 14, 8),
        (
            Conv2D(filters=16, kernel_size=3, activation="relu"),
            Conv2D(filters=32, kernel_size=3, activation="relu"),
            MaxPooling2D(),
            Flatten(),
        ),
    ),
)
"""Networks that are timed as a whole."""

SIZES: tuple[tuple[int, int], ...] = ((16, 16), (3136, 16))
"""Numbers per sample and samples for which activations are timed."""


def measure_speed(threads: int, progress: Progress = no_progress) -> Speed:
    """Time the engine's layers, activations and optimizers; takes a few hundred milliseconds.

    Args:
        threads: over how many a training step is spread.

    Raises:
        Cancelled: ``progress`` raised it, which is called before each measurement.
    """
    with _as_in_a_step(threads):
        layers = _measure_layers(progress)
        activations = {
            kind: _fitted(_activation_times(made()))
            for kind, made in _each(Activation.kinds, "activations", progress)
            if kind != "linear"
        }
        optimizers = {
            kind: _fitted(_optimizer_times(made()))
            for kind, made in _each(Optimizer.kinds, "optimizers", progress)
        }
        return _with_steps(Speed(layers, activations, optimizers), threads, progress)


def measure_layers(
    speed: Speed, graph: Graph, plan: Plan, threads: int, progress: Progress = no_progress
) -> Speed:
    """Time the layers of a network themselves, the costliest first, for a short while.

    Their families' rates are good for a first guess; how the engine goes about a layer
    depends on its sizes in more ways than a rate knows.

    Returns:
        What is known then; the same object once there is nothing more to find out.

    Raises:
        Cancelled: ``progress`` raised it, which is called before each measurement.
    """
    batch = plan.batch_size
    unknown = {
        each
        for each in Prediction(graph, plan, speed).passes()
        if (each, batch) not in speed.factors
    }
    costly = sorted(unknown, key=lambda each: speed.guess(each, batch), reverse=True)
    factors, deadline = dict(speed.factors), perf_counter() + ROUND_S
    with _as_in_a_step(threads):
        for done, each in enumerate(costly):
            progress(done, len(costly), "layers")
            if perf_counter() > deadline:
                break
            # A guess may be as wrong as it likes: what is timed only must not take for ever.
            share = min(1.0, LONGEST_S / max(speed.guess(each, batch), 1e-9))
            samples = max(1, round(batch * share))
            guess = max(speed.guess(each, samples), 1e-9)
            factors[each, batch] = _pass_seconds(each, samples) / guess
    return speed if len(factors) == len(speed.factors) else replace(speed, factors=factors)


def measure_network(speed: Speed, graph: Graph, plan: Plan, threads: int) -> Speed:
    """Time the way through a whole network: what layers take there is more than alone, as
    they find memory less fresh in the caches, or less, where several are computed in one.

    Returns:
        The same object where the network has problems, is empty, or would take too long.
    """
    if diagnose(graph).problems or not graph.outputs:
        return speed
    if not 0 < _alone(speed, graph, plan) < NETWORK_S:
        return speed
    with _as_in_a_step(threads):
        return replace(speed, crowding=_crowding(speed, graph, plan))


@contextmanager
def _as_in_a_step(threads: int) -> Iterator[None]:
    with one_path(), one_blas_thread(), using_threads(threads), np.errstate(all="ignore"):
        yield


def _each(
    kinds: Mapping[str, type[Kind]], what: str, progress: Progress
) -> Iterator[tuple[str, type[Kind]]]:
    for done, (kind, made) in enumerate(kinds.items()):
        progress(done, len(kinds), what)
        yield kind, made


def _measure_layers(progress: Progress) -> dict[str, Rate]:
    times: dict[str, list[tuple[Work, int, float]]] = {}
    for done, (layer, inputs, batch) in enumerate(LAYERS):
        progress(done, len(LAYERS), "layers")
        seconds = _pass_seconds(Pass(layer, inputs, True, True), batch)
        times.setdefault(family_of(layer), []).append((work_of(layer, inputs), batch, seconds))
    rates = {family: _fitted(each) for family, each in times.items()}
    # Data is picked from the training part, number by number.
    return rates | {"Input": Rate(per_number=_picking_seconds()), "Structure": rates[FALLBACK]}


def _pass_seconds(way: Pass, batch: int) -> float:
    """What a batch takes, forward and as far back as it goes."""
    layer, inputs = way.layer, way.inputs
    rng = np.random.default_rng(0)
    weights, grads = {}, {}
    for name, spec in layer.weight_specs(inputs).items():
        weights[name] = spec.initializer.draw(spec.shape, rng).astype(np.float32)
        if spec.trainable:
            grads[name] = np.zeros_like(weights[name])
    top = layer.input_dim if isinstance(layer, Embedding) else 0
    xs = [_numbers(rng, (batch, *shape), top) for shape in inputs]
    dy = _numbers(rng, (batch, *layer.output_shape(inputs)))

    def step() -> None:
        _, kept = layer.forward(weights, Run(training=True, rng=rng), *xs)
        if way.returns:
            with Later() as later:
                layer.fill_gradients(weights, kept, dy, grads, way.passes_back, later)

    return _seconds(step)


def _numbers(rng: np.random.Generator, shape: Shape, top: int = 0) -> Array:
    if top:
        return rng.integers(0, top, shape).astype(np.float32)
    return rng.standard_normal(shape, np.float32)


def _picking_seconds() -> float:
    """What it takes to pick one number of a batch."""
    rng = np.random.default_rng(0)
    x, chosen = _numbers(rng, (512, 784)), rng.permutation(512)[:64]
    return _seconds(lambda: x[chosen]) / (64 * 784) / 2  # an Input counts as in and out


def _activation_times(activation: Activation) -> Iterator[tuple[Work, int, float]]:
    rng = np.random.default_rng(0)
    for size, batch in SIZES:
        x, dy = _numbers(rng, (batch, size)), _numbers(rng, (batch, size))

        def step(x: Array = x, dy: Array = dy) -> None:
            y = activate(activation, x, None)
            slope(activation, dy, x, y)

        yield Work(numbers=size), batch, _seconds(step)


def _optimizer_times(optimizer: Optimizer) -> Iterator[tuple[Work, int, float]]:
    rng = np.random.default_rng(0)
    for size in PARAMETERS:
        weights, grads = _numbers(rng, (size,)), _numbers(rng, (size,))
        state = optimizer.start(weights)

        def step(weights: Array = weights, grads: Array = grads, state: State = state) -> None:
            optimizer.step(weights, grads, state, 1, 1e-6)

        yield Work(numbers=size), 1, _seconds(step)


def _with_steps(bare: Speed, threads: int, progress: Progress) -> Speed:
    """What real steps take beside their layers, and what layers take in a network."""
    progress(0, 1, "steps")
    last, plan = Dense(units=3, activation="softmax"), Plan(batch_size=16)
    small = Graph.sequential((4,), [last])
    steps, crowdings = [_training_seconds(small, 16)], []
    for done, (shape, layers) in enumerate(NETWORKS):
        progress(done, len(NETWORKS), "networks")
        graph = Graph.sequential(shape, [*layers, last])
        known = measure_layers(bare, graph, plan, threads, progress)
        crowdings.append(_crowding(known, graph, plan))
        # Again and again: in a few milliseconds something else may have had its turn.
        steps.append(_training_seconds(small, 16))
    step = min(steps) - _network_seconds(small, 16) - bare.step_base(plan)
    crowding = prod(crowdings) ** (1 / len(crowdings))
    return replace(bare, step=max(0.0, step), crowding=crowding)


def _crowding(speed: Speed, graph: Graph, plan: Plan) -> float:
    """By how much longer the layers of a network take together than alone."""
    alone = _alone(speed, graph, plan)
    measured = _network_seconds(graph, plan.batch_size)
    return min(MOST_CROWDED, max(1 / MOST_CROWDED, measured / max(alone, 1e-9)))


def _alone(speed: Speed, graph: Graph, plan: Plan) -> float:
    """What all layers take, each timed or guessed alone."""
    found = Prediction(graph, plan, replace(speed, crowding=1.0, optimizers={}))
    return sum(found.of(id) or 0.0 for id in graph.nodes if id not in graph.inputs)


def _network_seconds(graph: Graph, batch: int) -> float:
    """What a batch takes through a whole network, forward and back."""
    network, rng = Network(graph), np.random.default_rng(0)
    # Below 1, so that an Embedding has them as well.
    xs = tuple(rng.random((batch, *network.shapes[id]), np.float32) for id in graph.inputs)
    dys = [Given(id, _numbers(rng, (batch, *network.shapes[id]))) for id in graph.outputs]

    def step() -> None:
        network.backward(network.forward(xs, Run(training=True, rng=rng)), dys)

    return _seconds(step)


def _training_seconds(graph: Graph, batch: int, count: int = 40) -> float:
    """The median of the steps of a real run on random data."""
    rng = np.random.default_rng(0)
    x = _numbers(rng, (count * batch, *diagnose(graph).shapes[graph.inputs[0]]))
    data = Dataset.from_arrays(x, rng.integers(0, 3, count * batch))
    ends = [
        event.seconds
        for event in train(Network(graph), data, Plan(epochs=1, batch_size=batch))
        if isinstance(event, BatchDone)
    ]
    return median(np.diff(ends).tolist())


def _seconds(step: Callable[[], object]) -> float:
    """What a call takes after one to warm up, other work on the machine left out."""
    step()
    times: list[float] = []
    while len(times) < LEAST or (sum(times) < ENOUGH_S and len(times) < MOST):
        before = perf_counter()
        step()
        times.append(perf_counter() - before)
    return sorted(times)[len(times) // 4]


def _fitted(times: Iterable[tuple[Work, int, float]]) -> Rate:
    """The rates, none below zero, that explain some times with the least relative error."""
    found = list(times)
    seconds = np.array([each for _, _, each in found])
    rows = np.array([(1.0, *(batch * each for each in work.row)) for work, batch, _ in found])
    rows /= seconds[:, None]
    columns = [i for i in range(rows.shape[1]) if rows[:, i].any()]
    best, least = Rate(base=float(seconds.min())), np.inf
    for size in range(1, min(len(columns), len(found)) + 1):
        for chosen in combinations(columns, size):
            rates, error = _solved(rows[:, chosen])
            # Another unknown must explain more, not the noise of two measurements.
            if rates.min() >= 0 and error < 0.9 * least:
                every = np.zeros(rows.shape[1])
                every[list(chosen)] = rates
                best, least = Rate(*every.tolist()), error
    return best


def _solved(rows: Array) -> tuple[Array, float]:
    """Rates with ``rows @ rates`` near 1, and the remaining square error."""
    scale = np.abs(rows).max(axis=0)
    rates = np.linalg.lstsq(rows / scale, np.ones(len(rows)), rcond=None)[0] / scale
    return rates, float(((rows @ rates - 1) ** 2).sum()) + 1e-9
