"""The data sets that come with scikit-learn."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Literal

import numpy as np

from engine.data.samples import Column, Samples
from engine.data.source import Source
from engine.progress import Progress, no_progress
from engine.spec import setting


class BuiltIn(Source):
    """A data set that comes with scikit-learn, so it needs no file.

    digits: 1,797 pictures 8 × 8 × 1 with values 0 to 16. iris, wine and
    breast_cancer: tables with classes. diabetes: a table with a number to predict.
    """

    name: Literal["digits", "iris", "wine", "breast_cancer", "diabetes"] = setting(
        "digits", label="Data set", help="One of the data sets included with Netsmith."
    )

    def load(self, base: Path, progress: Progress = no_progress) -> Samples:
        progress(0, 1, "data sets")
        loader = getattr(import_module("sklearn.datasets"), f"load_{self.name}")
        # diabetes is scaled already unless one asks for the original units.
        bunch = loader(scaled=False) if self.name == "diabetes" else loader()
        samples = _digits(bunch) if self.name == "digits" else _table(bunch, self.name)
        progress(1, 1, "data sets")
        return samples


def _digits(bunch: dict[str, np.ndarray]) -> Samples:
    return Samples(
        kind="picture",
        x=np.asarray(bunch["images"], np.uint8)[..., np.newaxis],
        y=np.asarray(bunch["target"], np.int64),
        task="classification",
        classes=tuple(str(digit) for digit in range(10)),
        target_name="digit",
        value_range=(0.0, 16.0),
        place="digits",
    )


_TARGETS = {
    "iris": "species",
    "wine": "cultivar",
    "breast_cancer": "diagnosis",
    "diabetes": "progression",
}


def _table(bunch: dict[str, np.ndarray], name: str) -> Samples:
    import polars as pl

    features = [str(each) for each in bunch["feature_names"]]
    data = np.asarray(bunch["data"], np.float64)
    regression = name == "diabetes"
    return Samples(
        kind="table",
        table=pl.DataFrame({each: data[:, i] for i, each in enumerate(features)}),
        columns=tuple(Column(each, "number") for each in features),
        y=np.asarray(bunch["target"], np.float64 if regression else np.int64),
        task="regression" if regression else "classification",
        classes=() if regression else tuple(str(each) for each in bunch["target_names"]),
        target_name=_TARGETS[name],
        place=name,
    )
