"""The course of a run, kept small enough to plot however long the run is."""

from __future__ import annotations

import copy
import csv
from array import array
from collections.abc import Iterable, Sequence
from io import StringIO
from math import isnan
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.errors import ProjectError, SettingError
from engine.spec import plain_name
from engine.training.events import BatchDone, EpochDone
from engine.training.record import RunRecord

MAX_BATCH_POINTS = 20_000
MAX_JSON_EPOCHS = 1_000_000
MAX_NOTES, MAX_NOTE = 20, 1000


class LossTrail:
    """The loss of every batch, thinned to a bounded number of means.

    Attributes:
        stride: how many batches one point stands for; doubles when it is full.
    """

    def __init__(self, limit: int = MAX_BATCH_POINTS) -> None:
        self.stride = 1
        self._limit = limit
        self._steps = array("d")
        self._losses = array("d")
        self._waiting: Array = np.empty((0, 2))

    def __len__(self) -> int:
        return len(self._steps)

    def extend(self, steps: Array, losses: Array) -> None:
        """Record the losses (N,) of some batches; ``steps`` (N,) count over the whole run."""
        rows = np.concatenate([self._waiting, np.stack([steps, losses], axis=1)])
        while len(rows) >= self.stride:
            count = min(len(rows) // self.stride, self._limit - len(self))
            taken = rows[: count * self.stride].reshape(count, self.stride, 2)
            self._steps.extend(taken[:, -1, 0])
            self._losses.extend(taken[:, :, 1].mean(axis=1))
            rows = rows[count * self.stride :]
            if len(self) >= self._limit:
                self._halve()
        self._waiting = rows

    def _halve(self) -> None:
        pairs = len(self._steps) // 2 * 2
        losses = np.array(self._losses)[:pairs].reshape(-1, 2).mean(axis=1)
        steps = np.array(self._steps)[1:pairs:2]
        self._losses, self._steps = array("d", losses), array("d", steps)
        self.stride *= 2

    @property
    def steps(self) -> Array:
        """At which step each point ends, (N,), counted from 1."""
        return np.array(self._steps)

    @property
    def losses(self) -> Array:
        """The mean loss of the batches of each point, (N,)."""
        return np.array(self._losses)


class History:
    """Batch losses, and for each epoch the loss and metrics on both parts of the data.

    A run that goes on from another fills one made by :meth:`going_on`: epochs, steps and
    seconds of its events count on from those of the first.

    Attributes:
        test: loss and metrics on the test part; empty until a run is complete.
        record: what the run was made from.
        notes: what was wrong and accepted when the run was started, in words.
    """

    def __init__(self, record: RunRecord | None = None) -> None:
        self.record = record or RunRecord()
        self.trail = LossTrail()
        self.test: dict[str, float] = {}
        self.notes: tuple[str, ...] = ()
        self._columns: dict[str, array[float]] = {
            name: array("d") for name in ("epoch", "step", "seconds", "samples_per_second")
        }
        self._last_step = 0
        self._batches = 0

    def __len__(self) -> int:
        return len(self._columns["epoch"])

    @property
    def is_empty(self) -> bool:
        return not len(self) and not len(self.trail)

    @property
    def batches_per_epoch(self) -> int:
        """How many steps an epoch has; 0 before the first."""
        return self._batches

    @property
    def last_step(self) -> int:
        """The number of the last step; 0 before the first."""
        return self._last_step

    def going_on(self, record: RunRecord) -> History:
        """Return a copy, without test scores, for a run that goes on from here."""
        new = copy.deepcopy(self)
        new.test, new.record = {}, record.going_on(self.record)
        return new

    def add_batches(self, batches: Sequence[BatchDone]) -> None:
        if not batches:
            return
        steps = np.array([each.step for each in batches], float)
        self.trail.extend(steps, np.array([each.loss for each in batches], float))
        self._last_step = int(steps[-1])
        self._batches = batches[-1].batches

    def add_epoch(self, done: EpochDone) -> None:
        row = {
            "epoch": done.epoch,
            "step": done.step,
            "seconds": done.seconds,
            "samples_per_second": done.samples_per_second,
            **{f"train/{name}": value for name, value in done.train.items()},
            **{f"validation/{name}": value for name, value in done.validation.items()},
        }
        count = len(self)
        for name in row.keys() - self._columns.keys():
            self._columns[name] = array("d", [float("nan")] * count)
        for name, column in self._columns.items():
            column.append(row.get(name, float("nan")))
        self._last_step = max(self._last_step, done.step)

    # Reading

    @property
    def columns(self) -> tuple[str, ...]:
        """The four about the course itself, then ``train/loss``, ``validation/loss`` and so on."""
        first = ["epoch", "step", "seconds", "samples_per_second"]
        return (*first, *sorted((self._columns.keys() - set(first)), key=_train_first))

    def column(self, name: str) -> Array:
        """One number per epoch, (epochs,); NaN where it was not measured."""
        return np.array(self._columns.get(name, array("d")))

    def last(self, name: str) -> float | None:
        """The newest value of a column, if there is one."""
        column = self._columns.get(name)
        return None if not column or np.isnan(column[-1]) else column[-1]

    def best(self, name: str, higher: bool) -> float | None:
        """The best value of a column so far."""
        column = self.column(name)
        column = column[np.isfinite(column)]
        return None if not len(column) else float(column.max() if higher else column.min())

    @property
    def measures(self) -> tuple[str, ...]:
        """``loss``, and each metric by its name."""
        names = (name.partition("/")[2] for name in self.columns if "/" in name)
        return tuple(dict.fromkeys(names))

    def csv(self) -> str:
        """The text of a CSV file: a header, then one row per epoch."""
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        for row in zip(*(self._columns[name] for name in self.columns), strict=True):
            writer.writerow("" if isnan(value) else f"{value:.9g}" for value in row)
        return text.getvalue()

    # On disk

    def to_json(self) -> Any:
        """Plain data; NaN becomes None, which JSON can hold."""
        return {
            "columns": {name: _plain(self._columns[name]) for name in self.columns},
            "batches_per_epoch": self._batches,
            "batch_steps": [int(step) for step in self.trail.steps],
            "batch_losses": _plain(self.trail.losses),
            "stride": self.trail.stride,
            "test": {name: _finite(value) for name, value in self.test.items()},
            "record": self.record.to_json(),
            **({"notes": list(self.notes)} if self.notes else {}),
        }

    @classmethod
    def parse(cls, value: object) -> History:
        """Read what :meth:`to_json` wrote.

        Raises:
            ProjectError: it is something else.
        """
        history = cls()
        try:
            history._read(value)
        except (TypeError, ValueError, KeyError, OverflowError, SettingError) as error:
            raise ProjectError(
                f"The history of the last run cannot be read ({error}).", "Train again."
            ) from error
        return history

    def _read(self, value: Any) -> None:
        columns = {str(name): _numbers(each) for name, each in dict(value["columns"]).items()}
        lengths = {len(each) for each in columns.values()}
        if not self._columns.keys() <= columns.keys() or len(lengths) != 1:
            raise ValueError("columns are missing or differ in length")
        steps, losses = _numbers(value["batch_steps"]), _numbers(value["batch_losses"])
        if len(steps) != len(losses) or len(steps) > MAX_BATCH_POINTS:
            raise ValueError("batch steps and losses do not go together")
        self._columns = columns
        self._batches = max(0, int(value["batches_per_epoch"]))
        self.trail.stride = max(1, int(value["stride"]))
        self.trail._steps, self.trail._losses = steps, losses
        ends = [each[-1] for each in (steps, columns["step"]) if len(each)]
        self._last_step = int(max(ends, default=0))
        self.record = RunRecord.parse(value.get("record", {}))
        test = dict(value.get("test", {}))
        self.test = {str(name): float(each) for name, each in test.items() if each is not None}
        notes = list(value.get("notes", ()))
        self.notes = tuple(str(each)[:MAX_NOTE] for each in notes[:MAX_NOTES])


def _numbers(values: Any) -> array[float]:
    if not isinstance(values, list) or len(values) > MAX_JSON_EPOCHS:
        raise ValueError("a list of numbers is missing or too long")
    return array("d", [float("nan") if each is None else float(each) for each in values])


def _plain(values: Iterable[float]) -> list[float | None]:
    return [_finite(each) for each in values]


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _train_first(name: str) -> tuple[bool, bool, str, str]:
    part, _, measure = name.partition("/")
    return measure != "loss", part != "train", plain_name(measure), name
