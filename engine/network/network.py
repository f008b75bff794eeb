"""A graph with weights: forward, backward, predict.

All trained weights lie in one flat vector, and ``weights`` holds views of it,
so that an optimizer's step is a few passes over contiguous memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from engine.activations import Activation, Sigmoid, Softmax
from engine.arrays import Array, Shape, aligned, shape_text
from engine.compiled import is_compiled
from engine.constraints import Constraint
from engine.diagnosis import diagnose
from engine.errors import PlanError, ShapeError
from engine.graph import Graph, expanded
from engine.layers import Input, Layer, Run, Shared
from engine.layers.base import Weights
from engine.losses import Loss, Objective
from engine.memory import keep_memory
from engine.network.adopting import Adopted, adoptable
from engine.network.chain import with_chains
from engine.network.passes import Due, Given, Part, Step, Tape, Watcher
from engine.parallel import Later
from engine.regularizers import Regularizer

NO_PLACES: Mapping[str, Sequence[int]] = MappingProxyType({})
"""Every Input takes the whole sample."""


def has_logits(activation: Activation | None, shape: Shape) -> bool:
    """Whether cross-entropies use this activation's input instead of its output, of ``shape``.

    Classes lie on the last axis, so a softmax along another gives no probabilities of them.
    """
    if isinstance(activation, Softmax):
        return activation.is_along_last(shape)
    return isinstance(activation, Sigmoid)


class Judgment(NamedTuple):
    """How a batch did.

    Attributes:
        loss: what is made small: the weighted sum of the outputs' losses, and penalties.
        outputs: what each output node put out.
        parts: the loss of each output by itself, not weighted.
    """

    loss: float
    outputs: dict[str, Array]
    parts: dict[str, float]


class Network:
    """A graph with weights.

    Attributes:
        graph: the graph; it is a value, so later edits elsewhere do not touch it.
        weights: every weight by ``node/name``, views of one vector where trained.
        trained, gradients: the flat vectors of trained weights and their
            gradients, each (parameters,).
        slices: where each weight array lies in these vectors.
        factors: by how much the learning rate of each is multiplied; empty where all are alike.
        expansion: the graph without groups, as it is computed.
        regularized: the weights with a penalty, each with its gradient.
        constrained: the weights that are held to something.
        watcher: who looks on at present, if anybody.
        places: for Inputs that take a part of each sample only, where it lies on the last axis.
    """

    def __init__(
        self,
        graph: Graph,
        seed: int = 0,
        dtype: Any = np.float32,
        places: Mapping[str, Sequence[int]] = NO_PLACES,
    ) -> None:
        """Draw the weights.

        Raises:
            PlanError: the graph has a problem; says the first.
        """
        found = diagnose(graph)
        if found.problems or not graph.outputs:
            problem = next(iter(found.problems), None)
            what = problem.what if problem else "The network has no layers."
            todo = problem.todo if problem else "Drag some from the palette."
            raise PlanError(what, todo, node=problem.node if problem else None)
        keep_memory()
        self.graph = graph
        self.places = places
        self._input_names = graph.inputs
        self.expansion = expanded(graph)
        flat, ends = self.expansion.graph, self.expansion.ends
        found = diagnose(flat)
        if found.problems:
            problem = found.problems[0]
            raise PlanError(problem.what, problem.todo, node=problem.node)
        self.shapes = {**found.shapes, **{group: found.shapes[end] for group, end in ends.items()}}
        self.dtype = np.dtype(dtype)
        size = found.total_trainable
        self.trained = aligned((size,), self.dtype)
        self.gradients = aligned((size,), self.dtype)
        self.gradients.fill(0)
        self.slices: list[slice] = []
        self.factors: list[float] = []
        self.weights: Weights = {}
        self.regularized: list[tuple[Regularizer, Array, Array]] = []
        self.constrained: list[tuple[Constraint, Array]] = []
        self._place = {id: index for index, id in enumerate(flat.order)}
        self._place |= {group: self._place[end] for group, end in ends.items()}
        self._steps: list[Step] = []
        self._shared: list[tuple[Weights, Weights]] = []
        self.watcher: Watcher | None = None
        self._used = 0
        made = {
            id: self._make_weights(id, np.random.default_rng([seed, index]))
            for index, id in enumerate(flat.order)
        }
        if all(factor == 1 for factor in self.factors):
            self.factors = []
        outputs = {ends.get(id, id) for id in graph.outputs}
        for id in flat.order:
            layer = flat.nodes[id].layer
            if isinstance(layer, Shared):
                weights, grads = made[layer.of]
                # Each use has gradients of its own; they are added up when all are there.
                made[id] = weights, {name: np.zeros_like(each) for name, each in grads.items()}
                self._shared.append((made[id][1], grads))
            self._add_step(id, *made[id], id in outputs)
        self._output_penalties = [
            (step.id, regularizer)
            for step in self._steps
            if (regularizer := getattr(step.layer, "activity_regularizer", None)) is not None
        ]
        self._is_compiled = False
        self._parts: list[Part] = [
            step for step in self._steps if not isinstance(step.layer, Input)
        ]
        self.take_path()

    def take_path(self) -> None:
        """Compute by the loops that are in use now: compiled ones or plain ones.

        Every run does so at its start; the loops may have become ready since the last.
        """
        if self._is_compiled == is_compiled():
            return
        self._is_compiled = is_compiled()
        running = [step for step in self._steps if not isinstance(step.layer, Input)]
        self._parts = with_chains(running, self.shapes, self.trained, self.gradients)

    def _make_weights(self, id: str, rng: np.random.Generator) -> tuple[Weights, Weights]:
        weights, grads = Weights(), Weights()
        factor = getattr(self.expansion.graph.nodes[id].layer, "learning_rate_factor", 1.0)
        for name, spec in diagnose(self.expansion.graph).weights[id].items():
            value = spec.initializer.draw(spec.shape, rng)
            if spec.trainable:
                part = slice(self._used, self._used + prod(spec.shape))
                self._used = part.stop
                self.slices.append(part)
                self.factors.append(factor)
                weights[name] = self.trained[part].reshape(spec.shape)
                grads[name] = self.gradients[part].reshape(spec.shape)
                weights[name][...] = value
                if spec.constraint is not None:
                    self.constrained.append((spec.constraint, weights[name]))
                if spec.regularizer is not None:
                    self.regularized.append((spec.regularizer, weights[name], grads[name]))
            else:
                weights[name] = value.astype(self.dtype)
            self.weights[f"{id}/{name}"] = weights[name]
        return weights, grads

    def _add_step(self, id: str, weights: Weights, grads: Weights, is_output: bool) -> None:
        flat = self.expansion.graph
        layer = flat.layer_of(id)
        assert isinstance(layer, Layer)
        sources = tuple(self._place[edge.source] for edge in flat.into[id])
        activation = layer.applied_activation
        passes_back = any(self._steps[source].learns for source in sources)
        learns = passes_back or bool(grads)
        self._steps.append(
            Step(
                id,
                self._place[id],
                layer,
                activation,
                sources,
                weights,
                grads,
                is_output,
                passes_back,
                learns,
            )
        )

    def layer_of(self, node: str) -> Layer:
        """The layer that computes a node's output: of a group the last one inside."""
        return self._steps[self._place[node]].layer

    @property
    def parameter_count(self) -> int:
        """How many numbers the network holds, trained or not."""
        return sum(weight.size for weight in self.weights.values())

    @property
    def trainable_count(self) -> int:
        """How many numbers are learned."""
        return len(self.trained)

    def is_trained(self, weight: Array) -> bool:
        """Whether this one of :attr:`weights` is learned."""
        return np.may_share_memory(weight, self.trained)

    # Running

    def forward(self, x: Array | tuple[Array, ...], run: Run, keep: bool = True) -> Tape:
        """Send a batch through.

        Args:
            x: (B, ...) for every Input, of which each takes its :attr:`places`; or one array for
                each Input in order.
            keep: whether :meth:`backward` will be called.
        """
        tape = Tape(len(self._steps))
        for step, each in zip(self._steps, self._inputs(x), strict=False):
            tape.values[step.index] = each  # inputs come first in the order
        for part in self._parts:
            part.forward(tape, run, keep)
        return tape

    def backward(self, tape: Tape, dys: Iterable[Given]) -> None:
        """Fill :attr:`gradients` from gradients of what nodes put out.

        Args:
            dys: those of one node are added up; so are those of nodes with one output between
                them, as a group and its last layer, or a bypassed layer and the one before.
        """
        due = Due(self._steps, self.watcher)
        for id, dy, is_before in dys:
            due.ask(self._place[id], dy, is_before)
        with Later() as later:
            for part in reversed(self._parts):
                part.backward(tape, due, later)
        for own, shared in self._shared:
            for name, grad in shared.items():
                grad += own[name]

    def loss_and_gradients(
        self,
        x: Array | tuple[Array, ...],
        targets: Mapping[str, Array],
        loss: Loss | Objective,
        run: Run,
        weights: Array | None = None,
    ) -> Judgment:
        """The batch's loss, penalties included; fills :attr:`gradients`.

        Args:
            targets: for each output node what the loss compares with.
            weights: (B,) how much each sample counts; None counts all alike.
        """
        tape = self.forward(x, run)
        if self.watcher is not None:
            self.watcher.saw_forward(self._steps, tape)
        value, parts, dys = self._judge(tape, targets, Objective.of(loss), weights)
        self.backward(tape, (*dys, *self._slopes_of_penalties(tape)))
        for regularizer, weight, grad in self.regularized:
            value += regularizer.penalty(weight)
            grad += regularizer.gradient(weight)
        return Judgment(value, {id: tape.values[self._place[id]] for id in targets}, parts)

    def loss(
        self,
        x: Array | tuple[Array, ...],
        targets: Mapping[str, Array],
        loss: Loss | Objective,
        weights: Array | None = None,
    ) -> Judgment:
        """The loss without penalties on weights, and the outputs, as when predicting."""
        tape = self.forward(x, Run(), keep=False)
        value, parts, _ = self._judge(tape, targets, Objective.of(loss), weights)
        return Judgment(value, {id: tape.values[self._place[id]] for id in targets}, parts)

    def _judge(
        self,
        tape: Tape,
        targets: Mapping[str, Array],
        objective: Objective,
        weights: Array | None,
    ) -> tuple[float, dict[str, float], list[Given]]:
        """The loss with penalties on outputs; the loss of each output, and its gradient."""
        value, parts, dys = 0.0, dict[str, float](), list[Given]()
        for id, y_true in targets.items():
            loss, share = objective.loss_of(id), objective.weight_of(id)
            y, is_logits, is_before = self._for_loss(tape, id, loss)
            parts[id], dy = loss.value_and_grad(y_true, y, is_logits, weights)
            if share != 1:
                dy *= share
            value += share * parts[id]
            dys.append(Given(id, dy, is_before))
        for id, regularizer in self._output_penalties:
            value += regularizer.penalty(tape.values[self._place[id]]) / tape.size
        return value, parts, dys

    def penalty(self) -> float:
        """What the regularizers of weights add to the loss at present."""
        return sum(regularizer.penalty(weight) for regularizer, weight, _ in self.regularized)

    def _slopes_of_penalties(self, tape: Tape) -> Iterator[Given]:
        """The gradients of penalties on outputs."""
        for id, regularizer in self._output_penalties:
            y = tape.values[self._place[id]]
            yield Given(id, regularizer.gradient(y) / np.asarray(tape.size, y.dtype), False)

    def constrain(self) -> None:
        """Hold weights to their constraints; to be called after each step."""
        for constraint, weight in self.constrained:
            weight[...] = constraint.applied(weight)

    def _for_loss(self, tape: Tape, id: str, loss: Loss) -> tuple[Array, bool, bool]:
        """What a loss looks at: the array, whether it is logits, and whether it comes
        from before the activation."""
        index = self._place[id]
        activation, before = self._steps[index].activation, tape.before_activation[index]
        if loss.takes_logits and has_logits(activation, self.shapes[id]):
            assert before is not None
            return before, True, True
        return tape.values[index], loss.expects_logits, False

    def predict(self, x: Array | tuple[Array, ...], batch_size: int = 256) -> Any:
        """What the network puts out: (N, ...), or a tuple of these for several outputs."""
        found = self.outputs_of(x, self.graph.outputs, batch_size)
        arrays = tuple(found[id] for id in self.graph.outputs)
        return arrays[0] if len(arrays) == 1 else arrays

    def outputs_of(
        self, x: Array | tuple[Array, ...], nodes: Iterable[str], batch_size: int = 256
    ) -> dict[str, Array]:
        """Copies of what the named nodes put out, each (N, ...)."""
        xs = self._inputs(x)
        wanted = list(nodes)
        parts: dict[str, list[Array]] = {id: [] for id in wanted}
        for start in range(0, max(1, len(xs[0])), batch_size):
            tape = self.forward(tuple(x[start : start + batch_size] for x in xs), Run(), keep=False)
            for id in wanted:
                parts[id].append(tape.values[self._place[id]])
        return {id: np.concatenate(each) for id, each in parts.items()}

    def _inputs(self, x: Array | tuple[Array, ...]) -> tuple[Array, ...]:
        names = self._input_names
        xs = x if isinstance(x, tuple) else tuple(self._part_of(x, name) for name in names)
        if len(xs) != len(names):
            raise ShapeError(
                f"The network has {len(names)} inputs, but {len(xs)} arrays came.",
                "Give one array for each Input.",
            )
        cast = []
        for name, each in zip(names, xs, strict=True):
            array = np.asarray(each, self.dtype)
            if array.shape[1:] != self.shapes[name]:
                raise ShapeError(
                    f"{name} takes samples of {shape_text(self.shapes[name])}, "
                    f"but these are {shape_text(array.shape[1:])}.",
                    "Change the Input's shape or choose other data.",
                    node=name,
                )
            cast.append(array)
        return tuple(cast)

    def _part_of(self, x: Array, name: str) -> Array:
        """What an Input takes of samples (B, ...)."""
        places = self.places.get(name)
        if places is None:
            return x
        if self._shape_of_part(np.shape(x)[1:], name) is None:
            raise ShapeError(
                f"{name} takes place {max(places) + 1} of the last axis, but samples are "
                f"{shape_text(np.shape(x)[1:])}.",
                "Choose data that has the columns it was trained on.",
                node=name,
            )
        return np.take(x, places, axis=-1)

    def takes(self, shape: Shape) -> bool:
        """Whether samples of this shape can be given to every Input."""
        names = self._input_names
        return all(self.shapes[name] == self._shape_of_part(shape, name) for name in names)

    def _shape_of_part(self, shape: Shape, name: str) -> Shape | None:
        """The shape of what an Input takes of samples of this shape; None if that is not there."""
        places = self.places.get(name)
        if places is None:
            return shape
        return (*shape[:-1], len(places)) if max(places, default=-1) < (0, *shape)[-1] else None

    def load_weights(self, weights: Mapping[str, Array]) -> None:
        """Take over weights, by ``node/name``.

        Raises:
            ShapeError: one is missing, unknown, or of another shape; nothing is changed then.
        """
        for name in sorted({*weights, *self.weights}):
            if name not in weights or name not in self.weights:
                place = "file" if name not in weights else "network"
                raise ShapeError(f"The {place} has no weight {name!r}.", "Train the network again.")
            if weights[name].shape != self.weights[name].shape:
                raise ShapeError(
                    f"Weight {name!r} is {shape_text(weights[name].shape)}, "
                    f"but the network needs {shape_text(self.weights[name].shape)}.",
                    "Train the network again.",
                )
        for name, value in weights.items():
            self.weights[name][...] = value

    def adopt(self, weights: Mapping[str, Array], trained: Graph | None = None) -> Adopted:
        """Take over those of some weights that fit, by layer and shape; the others stay as drawn.

        Args:
            weights: by ``node/name``.
            trained: the graph they were trained in, so that layers of another type since then
                are told apart.

        Returns:
            What was kept and what was drawn.
        """
        shapes = {name: weight.shape for name, weight in weights.items()}
        found = adoptable(self.graph, shapes, trained)
        for name in found.weights:
            self.weights[name][...] = weights[name]
        return found

    def copy_weights(self) -> dict[str, Array]:
        """A copy of every weight, by ``node/name``."""
        return {name: weight.copy() for name, weight in self.weights.items()}
