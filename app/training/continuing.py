"""What Continue would do with the fit at hand, in words."""

from __future__ import annotations

from dataclasses import dataclass

from app.training.fit import Fit
from engine.graph import Graph
from engine.network import Adopted, adoptable, listed
from engine.training import Plan
from engine.training.resuming import keeps_moments

OPTIMIZER_ANEW = "The optimizer starts over."


@dataclass(frozen=True)
class Continuing:
    """What of a fit goes on in a network, which may have been edited since.

    Attributes:
        adopted: which layers keep their weights.
        keeps_moments: whether the optimizer goes on where it was.
    """

    adopted: Adopted
    keeps_moments: bool

    @property
    def is_possible(self) -> bool:
        """Whether anything of the fit would go on."""
        return bool(self.adopted.kept) or not self.adopted.drawn

    @property
    def in_words(self) -> str:
        """What to know before going on; empty where all goes on as it was."""
        if not self.is_possible:
            return "No weights of the last fit match this network, so only Start can train it."
        if self.adopted.same_trained:
            return "" if self.keeps_moments else "Continue starts the optimizer over."
        drawn = listed(self.adopted.drawn)
        new = f" and draws new weights for {drawn}" if drawn else ""
        return f"Continue keeps {listed(self.adopted.kept)}{new}. {OPTIMIZER_ANEW}"

    @property
    def at_start(self) -> str:
        """The same once it has begun."""
        parts = [self.adopted.in_words] if not self.adopted.same_trained else []
        return " ".join([*parts, *[OPTIMIZER_ANEW] * (not self.keeps_moments)])


def continuing(fit: Fit, graph: Graph, plan: Plan) -> Continuing:
    """Return what of a fit goes on in a graph without problems."""
    weights = {name: weight.shape for name, weight in fit.network.weights.items()}
    if graph.computes_as(fit.network.graph):
        found = Adopted(tuple(weights), same_trained=True)
    else:
        found = adoptable(graph, weights, fit.network.graph)
    if fit.state is None or fit.run is None:
        return Continuing(found, keeps_moments=False)
    return Continuing(found, keeps_moments(fit.run.plan, plan, found.same_trained))
