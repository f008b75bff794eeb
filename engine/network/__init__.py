"""A graph with weights."""

from engine.network.network import Judgment, Network, has_logits
from engine.network.passes import Given, Step, Tape, Watcher

__all__ = ["Given", "Judgment", "Network", "Step", "Tape", "Watcher", "has_logits"]
