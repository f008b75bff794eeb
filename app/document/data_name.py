"""What data is called, and whether a project has turned to other data."""

from __future__ import annotations

from pathlib import Path

from app.widgets.fields import choice_text
from engine.data import DataSetup, Source


def source_name(source: Source) -> str:
    """Return what people call this data: "breast cancer", "titanic.csv"."""
    for setting in ("path", "name", "shape"):
        value = getattr(source, setting, "")
        if isinstance(value, str) and value:
            return Path(value).name if setting == "path" else choice_text(value)
    return source.kind


def is_other_data(now: DataSetup | None, before: DataSetup | None) -> bool:
    """Return whether other data was chosen, and not only the same read in another way.

    A file that lies in another folder by now is the same; so is a drawn toy set of
    another shape.
    """
    if now is None or before is None:
        return False
    return _identity(now.source) != _identity(before.source)


def _identity(source: Source) -> tuple[str, str]:
    is_drawn = not hasattr(source, "path") and not hasattr(source, "name")
    return source.kind, "" if is_drawn else source_name(source)
