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


class Rescue(Enum):
    """What to do with work that a crash has left."""

    OPEN = auto()
    DISCARD = auto()
    LATER = auto()


class FileDialogs:
    """Asks by dialogs. Whoever has nobody to ask takes a class of the same shape."""

    def __init__(self, window: QWidget | None = None) -> None:
        self._window = window

    def about_unsaved(self, title: str, work: str) -> Choice:
        """Ask before losing work.

        Args:
            work: what would be lost, in words.
        """
        button = QMessageBox.StandardButton
        answer = QMessageBox.warning(
            self._window,
            "Unsaved work",
            f"“{title}” has {work} that you have not saved.\nSave now?",
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

    def about_recovery(self, title: str, edited: str, has_file: bool, damage: str = "") -> Rescue:
        """Ask about unsaved work that a crash left.

        Args:
            has_file: whether the project has a file that can be read.
            damage: what is damaged and may be missing, in sentences.
        """
        stays = "Your saved file stays as it is until you save."
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Recover unsaved work")
        box.setText(f"Netsmith ended without saving “{title}”, last edited {edited}.")
        box.setInformativeText(
            f"{damage}\n\nOpen what could be read? {stays}"
            if damage
            else f"Open it as it was? {stays if has_file else 'It was never saved to a file.'}"
        )
        role = QMessageBox.ButtonRole
        take = box.addButton("Open", role.AcceptRole)
        drop = box.addButton("Discard", role.DestructiveRole)
        later = box.addButton("Later", role.RejectRole)
        box.setDefaultButton(take)
        box.setEscapeButton(later)
        box.exec()
        box.deleteLater()
        if box.clickedButton() == take:
            return Rescue.OPEN
        return Rescue.DISCARD if box.clickedButton() == drop else Rescue.LATER
