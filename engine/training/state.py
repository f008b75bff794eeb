"""Where a run stands: all that it needs, besides network, data and plan, to go on."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.arrays import Array
from engine.atomic import replace_file
from engine.compiled.path import Loops
from engine.errors import EngineError, ProjectError
from engine.network import Network
from engine.reading import check_file
from engine.training.tally import Sums

FORMAT = "netsmith-checkpoint"


@dataclass
class RunState:
    """Kept up to date by the run that it is given to; whole whenever an event was told.

    Attributes:
        step, epoch, batch: steps taken, epochs completed, batches of the present epoch.
        seconds, epoch_began: how long was computed, and when the present epoch began.
        sums: the present epoch's loss, samples and metrics so far, as a tally keeps them.
        history: what was measured after each epoch, by names like ``validation loss``.
        moments: the optimizer's, each (P,); they are made anew where ``moment_steps`` is 0.
        moment_steps: how many steps the moments have seen.
        watched_from: the epoch after which callbacks began to watch.
        best: per callback (by its place in the plan) the best weights so far, by ``node/name``.
        drops: the generator that layers such as Dropout draw from.
        loops: the path that the arithmetic takes, from the start of the run to its end.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0
    epoch_began: float = 0.0
    sums: Sums | None = None
    history: list[dict[str, float]] = field(default_factory=list)
    moments: dict[str, Array] = field(default_factory=dict)
    moment_steps: int = 0
    watched_from: int = 0
    best: dict[int, dict[str, Array]] = field(default_factory=dict)
    drops: np.random.Generator | None = None
    loops: Loops | None = None

    def copy(self) -> RunState:
        """A state that stays as this one is now."""
        return copy.deepcopy(self)


PLAIN = ("step", "epoch", "batch", "seconds", "epoch_began", "history")
LATER = {"moment_steps": "step", "watched_from": None}
"""Facts that older checkpoints lack, and which other fact stands for them."""


def write_checkpoint(path: Path, network: Network, state: RunState) -> None:
    """Save weights and state; the file is replaced as a whole or not at all.

    Raises:
        ProjectError: it cannot be written.
    """
    from safetensors.numpy import save

    arrays = {f"weights/{name}": each for name, each in network.weights.items()}
    arrays |= {f"moments/{name}": each for name, each in state.moments.items()}
    for place, weights in state.best.items():
        arrays |= {f"best{place}/{name}": each for name, each in weights.items()}
    loss, samples, metrics, outputs = state.sums or (0.0, 0, (), {})
    for place, metric in enumerate(metrics):
        arrays |= {f"sums{place}/{i}": each for i, each in enumerate(metric)}
    facts = {name: getattr(state, name) for name in (*PLAIN, *LATER)}
    # How many arrays each metric has; none at all is one that saw nothing yet.
    facts["sums"] = state.sums and (loss, samples, [len(each) for each in metrics], outputs)
    facts["drops"] = state.drops.bit_generator.state if state.drops else None
    about = {"format": FORMAT, "state": json.dumps(facts)}
    arrays = {name: np.ascontiguousarray(each) for name, each in arrays.items()}
    try:
        replace_file(path, save(arrays, about))
    except OSError as error:
        raise ProjectError(
            f"{path} cannot be written ({error.strerror}).", "Choose another folder."
        ) from error


def read_checkpoint(path: Path, network: Network) -> RunState:
    """Load the weights into ``network`` and return the state to go on from.

    Raises:
        ProjectError: the file is missing or something else.
        ShapeError: it is of another network.
    """
    from safetensors import SafetensorError, safe_open

    parts: dict[str, dict[str, Array]] = {"weights": {}, "moments": {}}
    check_file(path, error=ProjectError)
    try:
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
            if about.get("format") != FORMAT:
                raise ProjectError(f"{path.name} is not a checkpoint.", "Choose another file.")
            facts = json.loads(about["state"])
            for key in file.keys():  # noqa: SIM118 - it is no mapping
                part, _, name = key.partition("/")
                parts.setdefault(part, {})[name] = file.get_tensor(key)
        plain = {name: facts[name] for name in PLAIN}
        for name, instead in LATER.items():
            plain[name] = int(facts.get(name, facts[instead] if instead else 0))
        state = RunState(**plain, moments=parts.pop("moments"))
        if facts["drops"] is not None:
            state.drops = np.random.default_rng()
            state.drops.bit_generator.state = facts["drops"]
        weights = parts.pop("weights")
        if facts["sums"] is not None:
            loss, samples, sizes, outputs = facts["sums"]
            found = [parts.pop(f"sums{i}", {}) for i in range(len(sizes))]
            metrics = tuple(
                tuple(each[str(i)] for i in range(size))
                for each, size in zip(found, sizes, strict=True)
            )
            state.sums = float(loss), int(samples), metrics, dict(outputs)
        state.best = {int(part.removeprefix("best")): each for part, each in parts.items()}
    except EngineError:
        raise
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise ProjectError(
            f"The checkpoint {path.name} cannot be read ({error}).", "Start training again."
        ) from error
    for name, moment in state.moments.items():
        if moment.shape != network.trained.shape:
            raise ProjectError(
                f"The checkpoint's {name} has {moment.size} numbers, "
                f"but the network learns {network.trained.size}.",
                "Choose the checkpoint of this network.",
            )
    network.load_weights(weights)
    return state
