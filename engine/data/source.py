"""What a source of data is."""

from __future__ import annotations

from pathlib import Path

from engine.data.samples import Samples
from engine.errors import DataError
from engine.progress import Progress, no_progress
from engine.spec import Family


class Source(Family, root=True):
    """Where data comes from. Kinds differ in what they read."""

    def load(self, base: Path, progress: Progress = no_progress) -> Samples:
        """Read all of it.

        Args:
            base: the folder that relative paths start from: the project's.
            progress: told now and then how far it is.

        Raises:
            DataError: names the file, row and column and says what to do.
            Cancelled: ``progress`` asked for it.
        """
        raise NotImplementedError

    def column_names(self, base: Path) -> tuple[str, ...]:
        """All columns that the file has, whether they are used or not; none for no table.

        Raises:
            DataError: the file cannot be read at all.
        """
        return ()


def resolve(path: str, base: Path) -> Path:
    """The file or folder a source means.

    Raises:
        DataError: no path given, or nothing there.
    """
    if not path:
        raise DataError("No file is chosen.", "Choose a file or a folder.")
    full = base / path
    try:
        exists = full.exists()
    except (OSError, ValueError):
        exists = False
    if not exists:
        raise DataError(
            f"{path!r} does not exist.",
            "Choose the file again, or move it back to where it was.",
        )
    return full
