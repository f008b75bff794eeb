"""The questions about files that the user is asked."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.project import SUFFIX

FILTER = f"Netsmith projects (*{SUFFIX})"


class Choice(Enum):
    """What to do with unsaved work."""

    SAVE = auto()
    DISCARD = auto()
    CANCEL = auto()


class FileDialogs:
    """Asks by dialogs. Whoever has nobody to ask takes a class of the same shape."""

    def __init__(self, window: QWidget | None = None) -> None:
        self._window = window

    def about_unsaved(self, title: str) -> Choice:
        """Ask before losing work."""
        button = QMessageBox.StandardButton
        answer = QMessageBox.warning(
            self._window,
            "Unsaved changes",
            f"“{title}” has changes that are not saved.\nSave them first?",
            button.Save | button.Discard | button.Cancel,
            button.Save,
        )
        known = {button.Save: Choice.SAVE, button.Discard: Choice.DISCARD}
        return known.get(answer, Choice.CANCEL)

    def path_to_open(self, folder: Path) -> Path | None:
        """Which project to open; None for none."""
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Open project", str(folder), f"{FILTER};;All files (*)"
        )
        return Path(name) if name else None

    def path_to_save(self, suggested: Path) -> Path | None:
        """Where to save; None for nowhere. The dialog asks before replacing a file."""
        name, _ = QFileDialog.getSaveFileName(self._window, "Save project", str(suggested), FILTER)
        if not name:
            return None
        path = Path(name)
        return path if path.suffix == SUFFIX else path.with_name(f"{path.name}{SUFFIX}")

    def path_to_draw(self, suggested: Path, filters: str) -> Path | None:
        """Where to write a drawing; None for nowhere."""
        name, chosen = QFileDialog.getSaveFileName(
            self._window, "Export drawing", str(suggested), filters
        )
        if not name:
            return None
        path = Path(name)
        # "Pictures (*.png)" names the ending that the user did not type.
        return path if path.suffix else path.with_suffix(chosen[chosen.index(".") : -1])

    def wants_recovery(self, title: str, edited: str) -> bool:
        """Whether to take back unsaved work that a crash left; else it is thrown away."""
        button = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            "Recover unsaved work",
            f"Netsmith ended without saving “{title}”, last edited {edited}.\n"
            "Open it as it was? Your saved file stays as it is until you save.",
            button.Open | button.Discard,
            button.Open,
        )
        return answer == button.Open
