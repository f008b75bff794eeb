"""Whether a file that is dropped on a trained project suits it: to predict on, or to train on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.data.inputs import read_like
from engine.data.preprocessing import Preprocessing
from engine.data.suggest import is_table_name
from engine.data.targets import Targets, short_list
from engine.errors import Cancelled, EngineError
from engine.predicting.reading import read_batch
from engine.progress import Progress, no_progress


@dataclass(frozen=True)
class Fit:
    """What a file would be good for.

    Attributes:
        can_predict: whether the trained network can be asked about it.
        has_targets: whether it also holds what the network predicts.
        text: why, in a sentence or two.
    """

    can_predict: bool
    has_targets: bool
    text: str


def fit_of(
    path: Path,
    preprocessing: Preprocessing,
    targets: Targets,
    progress: Progress = no_progress,
) -> Fit:
    """Look into a file, and say how it goes together with a trained network.

    Raises:
        Cancelled: ``progress`` asked for it.
    """
    try:
        if preprocessing.kind == "table" and path.is_file() and is_table_name(path):
            return _fit_of_table(path, preprocessing, targets)
        batch = read_batch(path, preprocessing, targets, progress)
    except Cancelled:
        raise
    except EngineError as error:
        return Fit(False, False, f"It cannot be used for predictions: {error.what}")
    count = f"{len(batch):,} sample{'s'[: len(batch) != 1]}"
    has_targets = batch.truth is not None
    also = "with" if has_targets else "without"
    return Fit(True, has_targets, f"It has {count} of the right shape, {also} targets.")


def _fit_of_table(path: Path, preprocessing: Preprocessing, targets: Targets) -> Fit:
    columns = read_like(path, preprocessing).frame.columns
    missing = [each for each in preprocessing.columns if each not in columns]
    has_targets = targets.names[0] in columns and not targets.are_inputs
    if missing:
        return Fit(
            False,
            has_targets,
            "It cannot be used for predictions: it lacks the "
            f"column{'s'[: len(missing) != 1]} {short_list(missing, 4)}.",
        )
    if targets.are_inputs:
        return Fit(True, False, "It has all the columns that the network needs.")
    also = "and" if has_targets else "but not"
    target = f"the target, {targets.names[0]}"
    return Fit(
        True, has_targets, f"It has all the columns that the network needs, {also} {target}."
    )
