"""From a source to arrays that a network can train on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from engine.arrays import Array, Shape
from engine.data.builtin import BuiltIn
from engine.data.preprocessing import CategoryColumn, Preprocessing
from engine.data.raw_arrays import labels_or_numbers
from engine.data.samples import (
    PARTS,
    PartName,
    Samples,
    check_finite,
    check_size,
    check_weights,
    without_unusable,
)
from engine.data.source import Source
from engine.data.split import Split, check_classes, divide
from engine.data.steps import DivideBy255, Impute, OneHot, Standardize, StandardizeTarget, Step
from engine.data.targets import Targets, Task, first_unusable
from engine.data.toy import Points, Toy
from engine.errors import DataError, TextColumnError
from engine.progress import Progress, no_progress
from engine.spec import Spec, setting

MOST_NAMED = 3
"""Notes name so many columns and count more of them."""


class DataSetup(Spec):
    """Where data comes from and how it is prepared; saved in the project."""

    source: Source = setting(BuiltIn(), label="Source", help="Where the data comes from.")
    task: Literal["auto"] | Task | Literal["reconstruction"] = setting(
        "auto",
        label="Task",
        help="Predict a class or a number; auto decides by the target. Reconstruction learns to "
        "reproduce the input, as an autoencoder does.",
    )
    steps: Literal["auto"] | tuple[Step, ...] = setting(
        "auto", label="Steps", help="What is done to the data; auto chooses by its kind."
    )
    split: Split = setting(
        Split(), label="Split", help="The shares of training, validation and test."
    )
    unusable: Literal["refuse", "leave_out"] = setting(
        "refuse",
        label="Unusable samples",
        help="How to handle samples with NaN, infinity or a number too large for float32.",
        advanced=True,
    )


@dataclass(frozen=True, eq=False)
class Part:
    """Samples as a network sees them.

    Attributes:
        x: float32 (N, ...).
        y: int64 (N,) classes, or float32 (N, targets) numbers, scaled as the targets say; the
            same array as x where inputs are to be drawn again.
        weights: float32 (N,) how much each sample counts in the loss; None counts all alike.
    """

    x: Array
    y: Array
    weights: Array | None = None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Data ready for training, with the way it came to be.

    Attributes:
        validation, test: may be empty.
        samples: all samples as read, for looking at.
        indices: which of ``samples`` each part holds, in the part's order.
        notes: what was done that the user should know.
        setup: what it was prepared by; None where it was made from arrays.
    """

    train: Part
    validation: Part
    test: Part
    preprocessing: Preprocessing
    targets: Targets
    samples: Samples
    indices: Mapping[PartName, Array] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    setup: DataSetup | None = None

    @classmethod
    def from_arrays(
        cls,
        x: Array,
        y: Array,
        *,
        validation: tuple[Array, Array] | None = None,
        test: tuple[Array, Array] | None = None,
        classes: tuple[str, ...] = (),
        weights: Array | None = None,
    ) -> Dataset:
        """A data set from arrays that are prepared already, for scripts.

        Args:
            x: (N, ...); cast to float32.
            y: classes as integers, truth values or texts (N,) or (N, 1), or one-hot (N, classes);
                else numbers (N,), (N, targets) or of any shape (N, ...). Whole numbers of type
                float are classes where ``classes`` names them.
            classes: their names; without them "0", "1", …, or the texts in order.
            weights: (N,) how much each of the N training samples counts.

        Raises:
            DataError: lengths that differ, a class without a name, a number that is not finite,
                or a weight that is none.
        """
        given = [(x, y), validation or (x[:0], y[:0]), test or (x[:0], y[:0])]
        for name, (xs, ys) in zip(PARTS, given, strict=True):
            if len(xs) != len(ys):
                raise DataError(
                    f"The {name} part has {len(xs)} inputs and {len(ys)} targets.",
                    "Give one target for each input.",
                )
        xs = np.concatenate([each[0] for each in given])
        if xs.dtype.kind not in "biuf":
            raise DataError(f"The inputs are of type {xs.dtype}.", "Give real numbers.")
        ys, classes, task = labels_or_numbers(np.concatenate([each[1] for each in given]), classes)
        if weights is not None:
            if np.shape(weights) != (len(x),):
                raise DataError(
                    f"There are weights of shape {np.shape(weights)} for {len(x)} samples.",
                    "Give one number for each of them.",
                )
            weights = np.concatenate([weights, np.ones(len(xs) - len(x))]).astype(np.float64)
        with np.errstate(over="ignore"):  # infinite ones are refused below
            xs = xs.astype(np.float32, copy=False)
        samples = Samples(
            weights=weights,
            kind="picture" if xs.ndim == 4 else "array",
            x=xs,
            y=ys,
            task=task,
            classes=classes,
            place="The arrays",
        )
        check_weights(samples)
        ends = np.cumsum([0, *(len(each[0]) for each in given)])
        indices = {name: np.arange(ends[i], ends[i + 1]) for i, name in enumerate(PARTS)}
        identity = Preprocessing.identity(samples)
        return _assembled(samples, indices, identity, _targets(samples), samples.notes)

    def part(self, name: PartName) -> Part:
        """The part of this name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    @cached_property
    def flaw(self) -> str:
        """What no network could learn from, in words; empty where there is nothing.

        Prepared data has none; a data set that a script put together may.
        """
        for name in PARTS:
            part = self.part(name)
            for array, what in ((part.x, "input"), (part.y, "target")):
                bad = first_unusable(array)
                if bad is not None:
                    return f"Sample {bad + 1} of the {name} part has no finite number as {what}."
            if self.targets.task == "classification" and len(part):
                outside = part.y[(part.y < 0) | (part.y >= self.output_size)]
                if len(outside):
                    return (
                        f"The {name} part has a sample of class {outside[0]}, but classes are "
                        f"numbered from 0 to {self.output_size - 1}."
                    )
        return ""

    @cached_property
    def input_range(self) -> tuple[float, float, bool]:
        """The least and the greatest input of all parts, and whether all are whole numbers."""
        return self.range_of(None)

    def range_of(self, places: Sequence[int] | None) -> tuple[float, float, bool]:
        """:attr:`input_range` of some places on the last axis; None takes all."""
        parts = (self.part(name).x for name in PARTS if len(self.part(name)))
        inputs = [x if places is None else np.take(x, places, axis=-1) for x in parts]
        return (
            float(min(x.min() for x in inputs)),
            float(max(x.max() for x in inputs)),
            all(bool((np.rint(x) == x).all()) for x in inputs),
        )

    @property
    def input_shape(self) -> Shape:
        """The shape of one sample as the network sees it."""
        return self.train.x.shape[1:]

    @property
    def output_size(self) -> int:
        """How many outputs a network needs: one per class, or one per number."""
        return self.targets.size

    @property
    def class_counts(self) -> dict[PartName, dict[str, int]]:
        """For each part, how many samples each class has; empty for regression."""
        names = self.targets.classes
        return {
            part: dict(
                zip(
                    names,
                    np.bincount(self.part(part).y, minlength=len(names)).tolist(),
                    strict=True,
                )
            )
            if names
            else {}
            for part in PARTS
        }

    def raw(self, part: PartName, i: int) -> Array | dict[str, object]:
        """Sample ``i`` of a part as it was read: an array, or cells by column."""
        return self.samples.sample(int(self.indices[part][i]))


def default_steps(source: Source, samples: Samples) -> tuple[Step, ...]:
    """The steps that ``auto`` stands for.

    Pictures are divided by the largest value of a pixel, or standardized where it is
    unknown; tables are filled, encoded and standardized, other arrays standardized; so
    are numbers to predict. Toy sets and typed numbers stay as they are: their values are what
    one wants to see.
    """
    if isinstance(source, Toy | Points):
        return ()
    steps = list[Step]()
    if samples.kind == "picture":
        if samples.value_range:
            steps.append(DivideBy255(value=samples.value_range[1]))
        elif not np.abs(samples.array).max(initial=0.0, where=np.isfinite(samples.array)) <= 1:
            steps.append(Standardize())
    else:
        steps += [Impute(), OneHot()] if samples.kind == "table" else []
        steps.append(Standardize())
    return (*steps, *[StandardizeTarget()] * (samples.task == "regression"))


def prepare(setup: DataSetup, base: Path = Path(), progress: Progress = no_progress) -> Dataset:
    """Read, split, fit the steps on the training part, and apply them to all parts.

    The same files and setup always give the same arrays.

    Args:
        base: the folder that relative paths start from: the project's.

    Raises:
        DataError: names the file, row and column and says what to do.
        Cancelled: ``progress`` asked for it.
    """
    samples = _loaded(setup.source, base, progress)
    if setup.unusable == "leave_out":
        samples = without_unusable(samples)
    check_finite(samples)
    draws_again = setup.task == "reconstruction"
    check_weights(samples)
    if setup.task != "reconstruction":
        samples = samples.with_task(setup.task)
        check_classes(samples)
    indices, notes = divide(samples, setup.split)
    train = samples.take(indices["train"])
    preprocessing = Preprocessing.identity(samples)
    targets = Targets(task="regression", are_inputs=True) if draws_again else _targets(samples)
    steps = default_steps(setup.source, samples) if setup.steps == "auto" else setup.steps
    for done, step in enumerate(steps):
        progress(done, len(steps), "steps")
        preprocessing = step.fit(preprocessing, train)
        targets = step.fit_targets(targets, train)
    if draws_again:
        targets = _inputs_as_targets(preprocessing)
    _check_encoded(preprocessing, samples)
    check_size(len(samples) * int(np.prod(preprocessing.output_shape)), samples.place)
    filled = _filled_note(samples, preprocessing)
    said = (*samples.notes, *filled, *notes)
    data = replace(_assembled(samples, indices, preprocessing, targets, said), setup=setup)
    # Looked for here, in the thread that loads: with much data it takes a while.
    assert not data.flaw, data.flaw
    return data


def _loaded(source: Source, base: Path, progress: Progress) -> Samples:
    try:
        return source.load(base, progress)
    except OSError as error:
        name = Path(str(error.filename)).name if error.filename else "The file"
        raise DataError(
            f"{name} cannot be read: {error.strerror or error}.",
            "Check that it is still there and that you may read it.",
        ) from error
    except MemoryError as error:
        raise DataError(
            "There is not enough memory for this data.",
            "Choose fewer samples or smaller pictures.",
        ) from error


def _targets(samples: Samples) -> Targets:
    """What the samples are to be told by, not scaled."""
    width = samples.y.shape[1] if samples.y.ndim == 2 else 1
    name = samples.target_name
    return Targets(
        task=samples.task,
        classes=samples.classes,
        names=(name,) if width == 1 else tuple(f"{name}_{i + 1}" for i in range(width)),
        shape=samples.y.shape[1:] if samples.y.ndim > 2 else (),
        reading=samples.target_reading,
    )


def _inputs_as_targets(preprocessing: Preprocessing) -> Targets:
    """The inputs themselves, as the network sees them; in their own unit as they were read."""
    shape, offset, scale = preprocessing.output_shape, preprocessing.offset, preprocessing.scale
    names = preprocessing.output_names or preprocessing.feature_names
    if preprocessing.kind == "table":
        numbers, encoded = preprocessing.numbers, len(names) - len(preprocessing.numbers)
        offset = (*(each.offset for each in numbers), *[0.0] * encoded)
        scale = (*(each.scale for each in numbers), *[1.0] * encoded)
    elif len(offset) == 1:
        offset, scale = offset * shape[-1], scale * shape[-1]
    if len(shape) > 1:
        names = ("input",)
    elif not names:
        names = tuple(f"x{i + 1}" for i in range(shape[0]))
    is_scaled = any(offset) or any(each != 1 for each in scale)
    return Targets(
        task="regression",
        names=names,
        shape=shape if len(shape) > 1 else (),
        are_inputs=True,
        offset=offset if is_scaled else (),
        scale=scale if is_scaled else (),
    )


def _assembled(
    samples: Samples,
    indices: Mapping[PartName, Array],
    preprocessing: Preprocessing,
    targets: Targets,
    notes: tuple[str, ...],
) -> Dataset:
    parts: dict[PartName, Part] = {}
    for part in PARTS:
        chosen = samples.take(indices[part])
        weights = None if chosen.weights is None else chosen.weights.astype(np.float32)
        x = preprocessing.apply(chosen)
        parts[part] = Part(x, x if targets.are_inputs else targets.encode(chosen.y), weights)
    return Dataset(
        parts["train"],
        parts["validation"],
        parts["test"],
        preprocessing=preprocessing,
        targets=targets,
        samples=samples,
        indices=indices,
        notes=notes,
    )


def _filled_note(samples: Samples, preprocessing: Preprocessing) -> tuple[str, ...]:
    """What became of empty cells, of numbers and of categories, and of rare categories."""
    if samples.kind != "table":
        return ()
    numbers = [each.name for each in preprocessing.numbers if each.fill is not None]
    categories = [each.name for each in preprocessing.categories if each.values]
    notes = []
    if count := _missing(samples, numbers):
        many, where = _counted(count, "missing number")
        notes.append(f"Filled {many}, in {where}, from the training part.")
    notes += [_others_note(samples, each) for each in preprocessing.categories if each.has_other]
    if count := _missing(samples, categories):
        many, where = _counted(count, "missing category")
        each = "they are" if sum(count.values()) > 1 else "it is"
        notes.append(f"Kept {many}, in {where}: {each} encoded as none of the values.")
    return tuple(notes)


def _others_note(samples: Samples, column: CategoryColumn) -> str:
    cells = samples.frame[column.name].drop_nulls()
    rare = cells.filter(~cells.is_in(list(column.values)))
    share = len(rare) / max(1, len(cells))
    return (
        f"Column {column.name} has {cells.n_unique():,} values: the {len(column.values):,} most "
        f"frequent get a number each, the other {rare.n_unique():,} ({share:.0%} of the rows) "
        "share one. “At most” in the step OneHot changes that."
    )


def _missing(samples: Samples, names: list[str]) -> dict[str, int]:
    """How many cells are empty in those of the columns that have any."""
    counts = {name: samples.frame[name].null_count() for name in names}
    return {name: count for name, count in counts.items() if count}


def _counted(missing: dict[str, int], what: str) -> tuple[str, str]:
    """``3 missing numbers`` and ``columns a and b``."""
    total, names = sum(missing.values()), list(missing)
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    if len(names) == 1:
        where = f"column {names[0]}"
    elif len(names) <= MOST_NAMED:
        where = f"columns {', '.join(names[:-1])} and {names[-1]}"
    else:
        where = f"{len(names)} columns"
    return f"{total:,} {plural if total > 1 else what}", where


def _check_encoded(preprocessing: Preprocessing, samples: Samples) -> None:
    text = [each.name for each in preprocessing.categories if not each.values]
    encoded = any(each.values for each in preprocessing.categories)
    if text and not encoded:
        raise TextColumnError(
            f"{samples.place}, column {text[0]!r} contains text, which no network takes as input.",
            "Add the step OneHot, or ignore the column.",
        )
