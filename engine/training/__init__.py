"""Training: the plan, the loop, what it tells and how it is steered."""

from engine.training.control import Control, Look
from engine.training.events import BatchDone, EpochDone, Event, Finished, Outcome, Seen
from engine.training.plan import Plan
from engine.training.state import RunState, read_checkpoint, write_checkpoint
from engine.training.train import assess, evaluate, train

__all__ = [
    "BatchDone",
    "Control",
    "EpochDone",
    "Event",
    "Finished",
    "Look",
    "Outcome",
    "Plan",
    "RunState",
    "Seen",
    "assess",
    "evaluate",
    "read_checkpoint",
    "train",
    "write_checkpoint",
]
