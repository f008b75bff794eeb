"""A graph with weights."""

from engine.network.adopting import Adopted, adoptable, listed, weight_shapes
from engine.network.network import Judgment, Network, has_logits
from engine.network.passes import Given, Step, Tape, Watcher

__all__ = [
    "Adopted",
    "Given",
    "Judgment",
    "Network",
    "Step",
    "Tape",
    "Watcher",
    "adoptable",
    "has_logits",
    "listed",
    "weight_shapes",
]
