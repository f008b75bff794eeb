"""Every source of data by name: importing this registers them all."""

from __future__ import annotations

from engine.data.builtin import BuiltIn
from engine.data.csv_file import CsvFile
from engine.data.idx import IdxFiles
from engine.data.npz import NpzFile
from engine.data.pictures import PictureFolder
from engine.data.source import Source
from engine.data.suggest import suggest_source
from engine.data.toy import Points, Toy

__all__ = [
    "BuiltIn",
    "CsvFile",
    "IdxFiles",
    "NpzFile",
    "PictureFolder",
    "Points",
    "Source",
    "Toy",
    "suggest_source",
]
