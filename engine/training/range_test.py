"""The learning-rate range test: a rate that grows with every batch, and what the loss does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.compiled.path import one_path
from engine.data import Dataset
from engine.diagnosis import blocking
from engine.errors import PlanError
from engine.layers import Run
from engine.network import Network
from engine.parallel import available_cores, one_blas_thread, using_threads
from engine.training.feeding import places_taken
from engine.training.fitting import plan_problems
from engine.training.plan import Plan
from engine.training.train import targets_of
from engine.training.weighting import sample_weights, weights_of_classes

LOWEST, HIGHEST, STEPS = 1e-6, 10.0, 120
SMOOTHING = 0.9
"""How much of the smoothed loss stays from one batch to the next."""
TOO_HIGH = 4.0
"""The test ends where the smoothed loss is so many times the best one."""
FEWEST = 10


@dataclass(frozen=True, slots=True)
class RatePoint:
    """One batch of the test.

    Attributes:
        rate: the learning rate of its step.
        loss: the batch's loss before the step; NaN or infinite where it diverged.
        smoothed: the loss so far, recent batches counting more.
    """

    step: int
    rate: float
    loss: float
    smoothed: float


def find_rate(
    network: Network,
    data: Dataset,
    plan: Plan,
    lowest: float = LOWEST,
    highest: float = HIGHEST,
    steps: int = STEPS,
) -> Iterator[RatePoint]:
    """Train a copy of the network with a rate that grows from batch to batch.

    Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3, with
    exponential growth. Ends after ``steps`` batches, or as soon as the loss diverges; the network
    itself stays as it is, and the same seed gives the same points.

    Raises:
        PlanError: network, data and plan do not go together.
    """
    problems = blocking(plan_problems(network.graph, data, plan))
    if problems:
        raise PlanError(problems[0].what, problems[0].todo, node=problems[0].node)
    with one_path(), one_blas_thread(), using_threads(plan.threads or available_cores()):
        yield from _points(network, data, plan, np.geomspace(lowest, highest, steps).tolist())


def _points(
    network: Network, data: Dataset, plan: Plan, rates: Sequence[float]
) -> Iterator[RatePoint]:
    copy = Network(network.graph, places=places_taken(network.graph, data.preprocessing))
    copy.load_weights(network.weights)
    moments = plan.optimizer.start(copy.trained)
    rng, part = np.random.default_rng(plan.seed), data.train
    of_classes = weights_of_classes(plan.class_weights, part, len(data.targets.classes))
    order: list[int] = []
    total, weight, best = 0.0, 0.0, float("inf")
    for step, rate in enumerate(rates, 1):
        if len(order) < plan.batch_size:
            order += rng.permutation(len(part)).tolist()
        chosen, order = np.array(order[: plan.batch_size]), order[plan.batch_size :]
        targets = targets_of(copy, part.y[chosen], plan, data.targets)
        run, weights = Run(training=True, rng=rng), sample_weights(part, chosen, of_classes)
        with np.errstate(all="ignore"):
            loss = copy.loss_and_gradients(
                part.x[chosen], targets, plan.objective, run, weights
            ).loss
            # The mean of all so far where few came yet: a start at 0 would drag it down.
            total, weight = SMOOTHING * total + loss, SMOOTHING * weight + 1
            smoothed = total / weight
            yield RatePoint(step, rate, loss, smoothed)
            best = min(best, smoothed)
            if not np.isfinite(smoothed) or smoothed > TOO_HIGH * best:
                return
            plan.optimizer.step(
                copy.trained, copy.gradients, moments, step, rate, copy.slices, copy.factors
            )
            copy.constrain()


def suggested_rate(points: Sequence[RatePoint]) -> float | None:
    """A tenth of the rate at which the loss was lowest: large, and well before it rises.

    The usual reading of the test (Howard & Gugger 2020, "Deep Learning for Coders", chapter 5).

    Returns:
        The rate with two digits; None where the loss never fell or the test was too short.
    """
    found = [each for each in points if np.isfinite(each.smoothed)]
    if len(found) < FEWEST:
        return None
    lowest = min(found, key=lambda each: each.smoothed)
    if lowest.smoothed >= 0.98 * found[0].smoothed or lowest.rate < 10 * found[0].rate:
        return None
    return float(f"{lowest.rate / 10:.1e}")
