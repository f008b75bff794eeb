"""Data: where it comes from, how it is prepared and shared out."""

from __future__ import annotations

from engine.data.dataset import Dataset, DataSetup, Part, prepare
from engine.data.sources import Source, suggest_source
from engine.data.split import Split
from engine.data.steps import Step
from engine.data.targets import Targets

__all__ = [
    "DataSetup",
    "Dataset",
    "Part",
    "Source",
    "Split",
    "Step",
    "Targets",
    "prepare",
    "suggest_source",
]
