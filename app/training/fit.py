"""What a run came to: all that the next run replaces, and undo brings back."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

from engine.data import Dataset, DataSetup
from engine.graph import Graph
from engine.network import Network
from engine.project.trained import TrainedModel
from engine.training import BatchDone, Finished, Plan, RunState
from engine.training.history import History
from engine.training.resuming import resumed, state_after


@dataclass(frozen=True)
class Run:
    """What a run was started with.

    Attributes:
        epochs: the epoch to which it goes; more than the plan's where it goes on from another.
    """

    graph: Graph
    plan: Plan
    setup: DataSetup | None
    epochs: int


@dataclass(frozen=True, eq=False)
class Fit:
    """A trained network with the course of its training; nothing in it changes any more.

    Attributes:
        network: each run trains one of its own, so this one stays as it is.
        model: the same as it is saved.
        run: how it was trained; None for one that was read from a file, as are all below.
        result: how its last run ended.
        last: the last batch.
        state: where its last run stands; None where it diverged, since nothing good
            comes of going on with those moments.
        dataset: what it was trained on, as long as somebody else needs that, too.
    """

    network: Network
    model: TrainedModel
    history: History
    run: Run | None = None
    result: Finished | None = None
    last: BatchDone | None = None
    state: RunState | None = None
    dataset: weakref.ref[Dataset] | None = None

    @classmethod
    def of(
        cls,
        network: Network,
        dataset: Dataset,
        run: Run,
        history: History,
        result: Finished,
        last: BatchDone | None,
        state: RunState | None,
    ) -> Fit:
        """Return what a run has just come to."""
        model = TrainedModel.of(network, dataset, run.plan, history)
        kept = None if result.outcome == "diverged" else state
        return cls(network, model, history, run, result, last, kept, weakref.ref(dataset))

    @classmethod
    def read(cls, model: TrainedModel) -> Fit:
        """Return the fit of a model that was read from a file.

        Raises:
            ShapeError: its weights and its graph do not go together.
        """
        return cls(model.network(), model, model.history)

    @property
    def epochs(self) -> int:
        """How many epochs are completed."""
        return self.state.epoch if self.state is not None else state_after(self.history).epoch

    @property
    def seconds(self) -> float:
        """How long it was trained."""
        if self.state is not None:
            return self.state.seconds
        return self.history.last("seconds") or 0.0

    @property
    def nbytes(self) -> int:
        """The memory that its arrays take; data is not its own."""
        network = self.network
        arrays = [network.trained, network.gradients, *self.model.weights.values()]
        arrays += [each for each in network.weights.values() if not network.is_trained(each)]
        if self.state is not None:
            arrays += self.state.moments.values()
            arrays += [each for best in self.state.best.values() for each in best.values()]
        return sum(each.nbytes for each in arrays)

    def hand_over(self, network: Network, dataset: Dataset, plan: Plan) -> RunState:
        """Give a network the weights that fit it, and return the state to train it from."""
        found = network.adopt(self.network.weights, self.network.graph)
        if self.state is None or self.run is None:
            return state_after(self.history)
        return resumed(
            self.state,
            self.run.plan,
            plan,
            was_over=self.result is not None and self.result.outcome == "completed",
            same_data=self._is_trained_on(dataset),
            same_trained=found.same_trained,
        )

    def _is_trained_on(self, dataset: Dataset) -> bool:
        """Whether this is the same data, loaded once or again."""
        if self.dataset is not None and self.dataset() is dataset:
            return True
        return (
            self.run is not None and self.run.setup is not None and self.run.setup == dataset.setup
        )
