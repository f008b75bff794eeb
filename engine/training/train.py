"""The training loop: a generator of events that knows no thread and no window."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from math import isfinite
from time import perf_counter

import numpy as np

from engine.arrays import Array
from engine.compiled.path import one_path
from engine.data import Dataset, Part, Targets
from engine.data.samples import PartName
from engine.diagnosis import Problem, blocking
from engine.errors import PlanError
from engine.layers import Run
from engine.network import Network
from engine.parallel import available_cores, one_blas_thread, using_threads
from engine.training.callbacks import Callback
from engine.training.comparing import Comparing, compared_part
from engine.training.control import Control, Look
from engine.training.encoding import encode_targets
from engine.training.events import (
    BatchDone,
    Comparisons,
    EpochDone,
    Event,
    Finished,
    Outcome,
    Seen,
)
from engine.training.feeding import places_taken
from engine.training.fitting import plan_problems
from engine.training.glances import glances_of
from engine.training.health import Health, Probe
from engine.training.meaning import meanings_of
from engine.training.monitoring import (
    measured_names,
    named,
    resolved,
    watched,
    where_it_began,
)
from engine.training.plan import Plan
from engine.training.record import present_path
from engine.training.state import RunState
from engine.training.tally import Tally
from engine.training.weighting import sample_weights, weights_of_classes

EVALUATION_BATCH = 256


def train(
    network: Network,
    data: Dataset,
    plan: Plan,
    control: Control | None = None,
    state: RunState | None = None,
    epochs: int | None = None,
    *,
    anyway: bool = False,
) -> Iterator[Event]:
    """Train ``network`` in place, telling what happens.

    Stop and pause are honored between batches. The same network, data and plan give the same
    numbers, bit for bit, on any number of threads; loops that are compiled and those that are
    not round differently (see :class:`engine.training.record.RunRecord`).

    Args:
        state: where to go on from, kept up to date; with the weights of that moment the run
            equals one that was never interrupted, bit for bit.
        epochs: the epoch to train to; None for the plan's. The schedule is that of a run
            of so many.
        anyway: train even though something is wrong, where it can be computed; what comes of it
            is said by :attr:`engine.diagnosis.Problem.anyway`.

    Raises:
        PlanError: network, data and plan do not go together; before anything is trained.
    """
    refuse(plan_problems(network.graph, data, plan), anyway)
    network.places = places_taken(network.graph, data.preprocessing)
    # Products are spread by engine.products; BLAS' own threads would come on top.
    threads = plan.threads or available_cores()
    with one_path(), one_blas_thread(), using_threads(threads):
        network.take_path()
        state = state or RunState()
        state.loops = present_path()
        run = _Run(network, data, plan, control or Control(), state)
        run.epochs = epochs or plan.epochs
        yield from run.events()


def refuse(problems: Sequence[Problem], anyway: bool, how: str = "train it anyway") -> None:
    """Raise what stands against training.

    Args:
        anyway: whether what can be computed is accepted.
        how: how to accept it, in words.

    Raises:
        PlanError: says the first problem that cannot be computed, else the first at all.
    """
    for problem in (*blocking(problems), *(() if anyway else problems)):
        more = f" Or {how}: {problem.anyway}" if problem.anyway else ""
        raise PlanError(problem.what, f"{problem.todo}{more}", node=problem.node)


def evaluate(
    network: Network,
    part: Part,
    plan: Plan,
    targets: Targets,
    comparing: Comparing | None = None,
) -> dict[str, float]:
    """Loss (penalties included, as in Keras) and metrics of a part of the data.

    Metrics of numbers are in the target's own unit, the loss is that of scaled ones.

    Args:
        targets: what the part's targets are.
        comparing: is shown each batch, too.

    Returns:
        ``"loss"`` and each metric by its name; empty for an empty part.
    """
    if not len(part):
        return {}
    meanings = meanings_of(network.graph, targets, plan.objective)
    tally = Tally(plan.metrics, meanings)
    for start in range(0, len(part), EVALUATION_BATCH):
        chosen = slice(start, start + EVALUATION_BATCH)
        x, y, weights = part.x[chosen], part.y[chosen], sample_weights(part, chosen, None)
        compared = targets_of(network, y, plan, targets)
        # A network about to diverge overflows; its loss says so without warnings.
        with np.errstate(all="ignore"):
            judgment = network.loss(x, compared, plan.objective, weights)
        tally.add(judgment, compared, y)
        if comparing is not None:
            comparing.add(judgment.outputs, y)
    return tally.result(network.penalty())


def assess(
    network: Network, data: Dataset, plan: Plan, part: PartName | None = None
) -> tuple[dict[str, float], Comparisons]:
    """Return scores on a part of the data, and true against predicted there.

    Args:
        part: without it, the test part, else the validation part.

    Returns:
        What :func:`evaluate` gives for the part, and a comparison for each output, by node;
        both empty where the part is, or where there is none.
    """
    name = part or compared_part(data)
    if name is None or not len(data.part(name)):
        return {}, {}
    meanings = meanings_of(network.graph, data.targets, plan.objective)
    comparing = Comparing(network, meanings, data, name)
    scores = evaluate(network, data.part(name), plan, data.targets, comparing)
    return scores, comparing.result()


def targets_of(network: Network, y: Array, plan: Plan, meaning: Targets) -> dict[str, Array]:
    """What each output is compared with, as its loss wants it.

    Args:
        y: (B, ...) targets of a part of the data.
    """
    classes, objective = len(meaning.classes), plan.objective
    return {
        node: encode_targets(y, objective.loss_of(node).target, classes, network.shapes[node])
        for node in network.graph.outputs
    }


class _Run:
    """One run: what it works on, and where it stands."""

    def __init__(
        self, network: Network, data: Dataset, plan: Plan, control: Control, state: RunState
    ) -> None:
        self.network, self.data, self.plan, self.control = network, data, plan, control
        self.state = state
        self.epochs = plan.epochs
        classes = len(data.targets.classes)
        self.class_weights = weights_of_classes(plan.class_weights, data.train, classes)
        self.batches = -(-len(data.train) // plan.batch_size)
        if not state.moment_steps:
            state.moments = plan.optimizer.start(network.trained)
        if state.drops is None:
            # A run that goes on without its generator must not draw the first masks again.
            place = [state.step] if state.step else []
            state.drops = np.random.default_rng([plan.seed, 1, *place])
        self.drops = state.drops
        self.meanings = meanings_of(network.graph, data.targets, plan.objective)
        self.names = measured_names(network.graph.outputs, plan.metrics)
        self.is_watching = False
        self.health: Health | None = None
        self.watching_seconds = 0.0

    def events(self) -> Iterator[Event]:
        outcome: Outcome = "completed"
        note = self._stop_reason()
        while self.state.epoch < self.epochs and not note:
            failure = yield from self._epoch()
            if failure is not None:
                outcome, note = failure
                break
            note = self._stop_reason()
        # A run that was stopped may go on, so it keeps the weights it has.
        if outcome != "stopped":
            self._restore_best()
        test: dict[str, float] = {}
        comparisons: Comparisons = {}
        if outcome == "completed":
            part = compared_part(self.data)
            scores, comparisons = assess(self.network, self.data, self.plan, part)
            test = scores if part == "test" else {}
        epoch = self.state.epoch + (outcome != "completed")
        state = self.state
        yield Finished(outcome, epoch, state.step, state.seconds, test, note, comparisons)

    def _epoch(self) -> Generator[Event, None, tuple[Outcome, str] | None]:
        state, part, size = self.state, self.data.train, self.plan.batch_size
        epoch = state.epoch + 1
        order = np.arange(len(part))
        if self.plan.shuffle:
            np.random.default_rng([self.plan.seed, 0, epoch]).shuffle(order)
        tally = Tally(self.plan.metrics, self.meanings, state.sums)
        rate = self._rate()
        while state.batch < self.batches:
            if not (yield from self._leave()):
                return "stopped", ""
            clock = perf_counter()
            chosen = order[state.batch * size : (state.batch + 1) * size]
            x, y, rate = part.x[chosen], part.y[chosen], self._rate()
            weights = sample_weights(part, chosen, self.class_weights)
            loss, is_sound = self._take_step(x, y, weights, tally, rate)
            state.step, state.batch, state.sums = state.step + 1, state.batch + 1, tally.sums
            state.moment_steps += 1
            state.seconds += perf_counter() - clock
            yield BatchDone(
                state.step,
                epoch,
                state.batch,
                self.batches,
                len(chosen),
                state.seconds,
                loss,
                rate,
            )
            if not is_sound:
                return "diverged", self._why_diverged(x, loss)
            yield from self._look()
        speed = len(part) / max(state.seconds - state.epoch_began, 1e-9)
        clock = perf_counter()
        validation = evaluate(self.network, self.data.validation, self.plan, self.data.targets)
        state.seconds += perf_counter() - clock
        found = tally.result()
        self._note_epoch(found, validation)
        yield EpochDone(
            epoch,
            self.epochs,
            state.step,
            found,
            validation,
            state.seconds,
            speed,
            rate,
        )
        return None

    def _note_epoch(self, train: dict[str, float], validation: dict[str, float]) -> None:
        """The epoch is over: remember what it gave, and the weights if they are the best."""
        state = self.state
        state.history.append(named(train, validation))
        state.epoch, state.batch, state.sums = state.epoch + 1, 0, None
        state.epoch_began = state.seconds
        for place, callback in enumerate(self.plan.callbacks):
            if callback.keeps_best and callback.is_best(self._seen_by(callback)):
                state.best[place] = self.network.copy_weights()

    def _seen_by(self, callback: Callback) -> list[float]:
        """What a callback has watched so far."""
        state = self.state
        skipped = len(state.history) - (state.epoch - state.watched_from)
        return self._watched(callback.monitor)[max(0, skipped) :]

    def _watched(self, monitor: str) -> list[float]:
        outputs, metrics = self.network.graph.outputs, self.plan.metrics
        name = resolved(monitor, outputs, metrics)
        assert name is not None, "plan_problems lets no other pass"
        return watched(name, self.state.history, self.names)

    def _rate(self) -> float:
        """The learning rate of the next step."""
        plan = self.plan
        monitor = getattr(plan.schedule, "monitor", "")
        seen = self._watched(monitor) if monitor else ()
        total = self.batches * self.epochs
        return plan.schedule.rate(plan.optimizer.learning_rate, self.state.step, total, seen)

    def _stop_reason(self) -> str:
        reasons = (each.stop_reason(self._seen_by(each)) for each in self.plan.callbacks)
        return next(filter(None, reasons), "")

    def _restore_best(self) -> None:
        if self.state.best:
            self.network.load_weights(self.state.best[min(self.state.best)])

    def _take_step(
        self, x: Array, y: Array, weights: Array | None, tally: Tally, rate: float
    ) -> tuple[float, bool]:
        """The batch's loss, and whether it could be learned from; else weights stay."""
        network, plan = self.network, self.plan
        targets = targets_of(network, y, plan, self.data.targets)
        run = Run(training=True, rng=self.drops)
        probe = network.watcher = Probe(network) if self.is_watching else None
        # A run that diverges overflows; it is told in words, not in warnings.
        with np.errstate(all="ignore"):
            judgment = network.loss_and_gradients(x, targets, plan.objective, run, weights)
            tally.add(judgment, targets, y)
            loss = judgment.loss
            is_sound = isfinite(loss) and plan.optimizer.can_take(network.gradients)
            if is_sound:
                plan.optimizer.step(
                    network.trained,
                    network.gradients,
                    self.state.moments,
                    self.state.moment_steps + 1,
                    rate,
                    network.slices,
                    network.factors,
                )
                network.constrain()
            if probe is not None:
                self._note_health(probe)
        return loss, is_sound

    def _note_health(self, probe: Probe) -> None:
        self.health = probe.result()
        self.watching_seconds = probe.seconds
        self.network.watcher, self.is_watching = None, False

    def _why_diverged(self, x: Array, loss: float) -> str:
        what = "gradient grew without limit" if np.isfinite(loss) else f"loss became {loss}"
        where = where_it_began(self.network, x)
        return (
            f"The {what} in epoch {self.state.epoch + 1}, batch {self.state.batch}{where}. "
            "Lower the learning rate, or scale the data."
        )

    def _leave(self) -> Generator[Event, None, bool]:
        """Wait while paused; whether to go on."""
        while (leave := self.control.wait_for_leave()) is None:
            yield from self._look()
        return leave

    def _look(self) -> Iterator[Event]:
        wish = self.control.take_look()
        if wish is not None:
            yield self._seen(wish)

    def _seen(self, wish: Look) -> Seen:
        clock = perf_counter()
        outputs = {}
        known = self.network.shapes
        if len(wish.samples):
            nodes = dict.fromkeys(id for id in (*wish.nodes, *wish.glances) if id in known)
            outputs = self.network.outputs_of(wish.samples, nodes)
        glances = glances_of(
            {id: outputs[id] for id in wish.glances if id in outputs}, self.meanings
        )
        prediction = None
        if wish.points is not None:
            last = wish.predicted or self.network.graph.outputs[-1]
            prediction = self.network.outputs_of(wish.points, (last,), 4096)[last]
        seconds = self.watching_seconds if wish.health else 0.0
        self.is_watching |= wish.health
        return Seen(
            self.state.step,
            {id: np.array(outputs[id]) for id in wish.nodes if id in outputs},
            prediction,
            glances,
            self.health if wish.health else None,
            wish.asker,
            seconds + perf_counter() - clock,
        )
