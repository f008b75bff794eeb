"""Samples to predict on, as read from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from engine.arrays import Array

What = Literal["row", "file", "sample"]
Cell = str | float | None


@dataclass(frozen=True, eq=False)
class Batch:
    """Samples ready for a network, with what the file says about them.

    Attributes:
        x: float32 (N, *input shape), prepared.
        place: the name of the file or folder.
        what: how samples are told apart: rows of a table, files, or numbers from 1.
        labels: the row, file or number of each.
        columns: the columns of a table as text, in the file's order; None where a cell is missing.
        truth: the target of each sample as the file has it, the name of a class or a number, and
            None where it has none; None where the file holds no targets at all.
        notes: what the user should know about how it was read.
    """

    x: Array
    place: str
    what: What = "sample"
    labels: Sequence[str] = ()
    columns: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    truth: Sequence[str | None] | Array | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.x)

    @property
    def with_truth(self) -> Array:
        """Indices of the samples that have a target, int64."""
        if self.truth is None:
            return np.empty(0, np.int64)
        if isinstance(self.truth, np.ndarray):
            return np.arange(len(self))
        return np.flatnonzero([each is not None for each in self.truth])
