"""Whether a network's gradients are the slopes of its loss: central differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from engine.activations import BinaryStep
from engine.arrays import Array
from engine.data import Part, Targets
from engine.layers import Layer, Run
from engine.network import Network
from engine.progress import Progress, no_progress
from engine.training.plan import Plan
from engine.training.train import targets_of

SAMPLES = 8
STEPS = (1e-5, 1e-6, 1e-4)
"""How far weights are moved; another step where the first one crossed a kink."""
GOOD, DOUBTFUL = 1e-5, 1e-3
SHAKE = 1e-3
SINGLES = 4
"""So many single weights of an array are checked besides a random direction of all."""


@dataclass(frozen=True)
class LayerCheck:
    """What the check found about one layer.

    Attributes:
        node: the layer, as ``group/dense`` where it is in a group.
        weights: how many weights it learns.
        error: the largest relative difference of a slope and the gradient.
        worst: the weight array with that difference, and which of its numbers or ``"all"``.
        note: why the difference need not be a mistake; empty where it would be one.
    """

    node: str
    weights: int
    error: float
    worst: str
    note: str = ""

    @property
    def verdict(self) -> str:
        """``"right"``, ``"doubtful"`` or ``"wrong"``."""
        if self.error <= GOOD:
            return "right"
        return "doubtful" if self.error <= DOUBTFUL or self.note else "wrong"


def check_gradients(
    network: Network,
    part: Part,
    meaning: Targets,
    plan: Plan,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Iterator[LayerCheck]:
    """Compare the gradients of each layer that learns with central differences, layer by layer.

    The network itself stays as it is: a copy in double precision, its weights shaken a little to
    get away from kinks, is checked on a few samples, in training mode, with the same random
    numbers for every look at the loss. Each array of weights is moved along a random direction,
    since an upstream of ones makes mistakes in softmax and normalization cancel, and in some
    single places.

    Args:
        part: of this the first samples are taken; sample weights count.
        meaning: what the targets are.
        plan: its loss, or losses, are checked; class weights and schedules play no part.
        progress: is told how many arrays of weights are done.

    Raises:
        Cancelled: ``progress`` asked for it.
    """
    copy = Network(network.graph, dtype=np.float64, places=network.places)
    copy.load_weights(network.weights)
    rng = np.random.default_rng(seed)
    # Biases of zero leave dark pixels exactly at the kink of a ReLU, which has no slope there.
    copy.trained += rng.normal(0, SHAKE, copy.trained.shape)
    few = slice(0, SAMPLES)
    targets = targets_of(copy, part.y[few], plan, meaning)
    weights = None if part.weights is None else part.weights[few]
    start = copy.copy_weights()

    done, arrays = 0, [name for name, each in copy.weights.items() if copy.is_trained(each)]

    def loss() -> float:
        progress(done, len(arrays), "weights")
        # Batch normalization moves its statistics in the forward pass: begin alike each time.
        for name, value in start.items():
            if not copy.is_trained(copy.weights[name]):
                copy.weights[name][...] = value
        run = Run(training=True, rng=np.random.default_rng(seed))
        with np.errstate(all="ignore"):
            return copy.loss_and_gradients(
                part.x[few].astype(np.float64), targets, plan.objective, run, weights
            ).loss

    loss()
    gradients = copy.gradients.copy()
    by_node: dict[str, list[tuple[str, slice]]] = {}
    for name, place in zip(arrays, copy.slices, strict=True):
        by_node.setdefault(name.rpartition("/")[0], []).append((name, place))
    for node, places in by_node.items():
        found = []
        for name, place in places:
            label = name.rpartition("/")[2]
            found += [
                (error, f"{label}, {where}")
                for error, where in _errors(copy.trained, gradients, place, loss, rng)
            ]
            done += 1
        error, worst = max(found, key=lambda each: each[0])
        size = sum(place.stop - place.start for _, place in places)
        yield LayerCheck(node, size, error, worst, _note(copy, node))


def _errors(
    trained: Array,
    gradients: Array,
    place: slice,
    loss: Callable[[], float],
    rng: np.random.Generator,
) -> Iterator[tuple[float, str]]:
    """The relative errors along a random direction, and in single numbers of one array."""
    size = place.stop - place.start
    direction = rng.normal(size=size)
    directions = [(direction / np.linalg.norm(direction), "all")]
    for index in sorted(rng.choice(size, min(size, SINGLES), replace=False).tolist()):
        single = np.zeros(size)
        single[index] = 1.0
        directions.append((single, f"number {index + 1:,}"))
    scale = float(np.abs(gradients).max(initial=0.0))
    for direction, where in directions:
        expected = float(gradients[place] @ direction)
        errors = []
        for step in STEPS:
            kept = trained[place].copy()
            ends = []
            for sign in (1, -1):
                trained[place] = kept + sign * step * direction
                ends.append(loss())
            trained[place] = kept
            slope = (ends[0] - ends[1]) / (2 * step)
            size_of_both = max(abs(slope), abs(expected), 1e-4 * scale, 1e-10)
            difference = abs(slope - expected) / size_of_both
            errors.append(difference if np.isfinite(difference) else float("inf"))
            if errors[-1] <= GOOD:
                break
        yield min(errors), where


def _note(network: Network, node: str) -> str:
    """Why differences are due at this layer: something behind it has no true slope."""
    graph = network.expansion.graph
    behind = graph.behind(node) | {node}
    estimated = [id for id in graph.order if id in behind and _is_estimated(network.layer_of(id))]
    if not estimated:
        return ""
    return f"{estimated[0]} steps: it has no slope, and training uses an estimate."


def _is_estimated(layer: Layer) -> bool:
    """Whether its gradient is meant to differ from its slope."""
    applied = layer.applied_activation
    return isinstance(applied, BinaryStep) and applied.gradient != "zero"
