"""New, open, save, recent files, and what a crash has left."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.document.data_name import is_other_data, source_name
from app.document.dialogs import Choice, FileDialogs, Rescue
from app.document.document import Document
from app.document.safety import LeftOver, Safety, default_state_folder
from app.messages import Messages
from app.settings import Settings
from engine.errors import EngineError, ProjectError
from engine.project import SUFFIX, Project, read_project, write_project
from engine.project.journal import recover, remove, trained_path
from engine.project.moving import rebase_data_path
from engine.project.trained import (
    TrainedModel,
    model_path,
    place_of_weights,
    write_with_weights,
)

UNTITLED = "Untitled"


class DocumentFiles(QObject):
    """Where the document comes from and goes to. Never loses work without asking.

    Signals:
        opened(Path): a project was opened; its trained network would lie there.
        saved(Path): the document was saved there.
        leaving(): it is about to be saved for the last time; end what is under way.

    Attributes:
        model: what was trained last or opened with the project; None for nothing.
        in_one_file: whether the document's file holds the weights, too.
    """

    opened = Signal(object)
    saved = Signal(object)
    leaving = Signal()

    def __init__(
        self,
        document: Document,
        settings: Settings,
        messages: Messages,
        parent: QObject | None = None,
        *,
        dialogs: FileDialogs | None = None,
        state_folder: Path | None = None,
    ) -> None:
        """Watch over a document.

        Args:
            dialogs: who asks the user.
            state_folder: where journals of unsaved projects lie; None for the system's.
        """
        super().__init__(parent)
        self._document, self._settings, self._messages = document, settings, messages
        window = parent if isinstance(parent, QWidget) else None
        self._saved_data = document.whole.data
        self.model: TrainedModel | None = None
        self.in_one_file = False
        self.dialogs = dialogs or FileDialogs(window)
        self.safety = Safety(document, state_folder or default_state_folder(), self)
        self.safety.failed.connect(messages.warn)
        self.safety.restored.connect(messages.calm)
        self.safety.begin()

    @property
    def title(self) -> str:
        """What the window is called: the file's name, else the project's title."""
        path, whole = self._document.path, self._document.whole
        if path and not self.has_other_data:
            return path.stem
        if whole.title or whole.data is None:
            return whole.title or UNTITLED
        return Path(source_name(whole.data.source)).stem

    @property
    def has_other_data(self) -> bool:
        """Whether the project turned to other data since it was saved: it is another by now."""
        return self._document.path is not None and is_other_data(
            self._document.whole.data, self._saved_data
        )

    @property
    def folder(self) -> Path:
        """Where files that belong to the project are suggested: beside it, once it has a file."""
        path = self._document.path
        return path.parent if path else self._settings.last_folder

    # Opening

    def new(self) -> bool:
        """Start with an empty project; whether it was done."""
        if not self.may_lose_work():
            return False
        self._show(Project(), None)
        return True

    def open(self) -> bool:
        """Ask for a project and open it; whether it was done."""
        path = self.dialogs.path_to_open(self._settings.last_folder)
        return path is not None and self.open_path(path)

    def open_path(self, path: Path) -> bool:
        """Open a project file; whether it was done. Offers what a crash has left of it."""
        path = path.absolute()
        project, error = _read(path)
        left = self.safety.left_over_of(path)
        if project is None and not left:
            assert error is not None
            self._messages.error(error)
            return False
        if not self.may_lose_work():
            return False
        worries: list[EngineError] = [] if error is None else [error]
        rescue = Rescue.DISCARD
        for each in left:
            rescue = self._recover(each, worries)
            if rescue is not Rescue.DISCARD:
                break
        if rescue is Rescue.DISCARD and project is not None:
            self._show(project, path)
            self._tell_opened(path)
        is_open = rescue is Rescue.OPEN or (rescue is Rescue.DISCARD and project is not None)
        if is_open:
            self._remember(path)
        # Said last: opening a project hides what was said before.
        for worry in worries:
            self._messages.error(worry)
        return is_open

    def open_copy(self, path: Path) -> bool:
        """Open what is in a file as a new project without a file; whether it was done."""
        project, error = _read(path)
        if error is not None:
            self._messages.error(error)
        if project is None or not self.may_lose_work():
            return False
        self._show(project, None)
        return True

    def offer_recovery(self) -> bool:
        """At the start of the program: offer what a crash has left; whether it was taken."""
        worries: list[EngineError] = []
        rescue = Rescue.DISCARD
        for each in self.safety.left_over(self._settings.recent_files):
            rescue = self._recover(each, worries)
            if rescue is not Rescue.DISCARD:
                break
        for worry in worries:
            self._messages.error(worry)
        return rescue is Rescue.OPEN

    # Saving

    def save(self) -> bool:
        """Save to the document's file; whether it was done.

        Asks where to if it has no file, or turned to other data: saving that under the
        old name would destroy the project of the data before.
        """
        path = self._document.path
        if path is None or self.has_other_data:
            return self.save_as()
        return self._save_to(path, in_one_file=self.in_one_file)

    def save_as(self) -> bool:
        """Ask where to and save there, the weights beside it; whether it was done."""
        path = self.dialogs.path_to_save(self.folder / f"{self.title}{SUFFIX}")
        return path is not None and self._save_to(path.absolute(), in_one_file=False)

    def save_with_weights(self) -> bool:
        """Ask where to and save project and trained network as one file; whether it was done."""
        if self.model is None:
            self._messages.error(
                ProjectError("There are no weights to save.", "Train the network first.")
            )
            return False
        path = self.dialogs.path_to_save(self.folder / f"{self.title} with weights{SUFFIX}")
        return path is not None and self._save_to(path.absolute(), in_one_file=True)

    def may_lose_work(self) -> bool:
        """Whether the document may be replaced or closed; asks if it is not saved."""
        if self._document.is_clean:
            return True
        choice = self.dialogs.about_unsaved(self.title, self._unsaved_work())
        if choice is Choice.SAVE:
            self.leaving.emit()
            return self.save()
        return choice is Choice.DISCARD

    def _unsaved_work(self) -> str:
        """Return what would be lost, in words."""
        document = self._document
        work = [] if document.undo_stack.isClean() else ["changes"]
        if document.has_other_work:
            work.append("changes" if self.model is None else "a trained network")
        return " and ".join(dict.fromkeys(work))

    def close(self) -> None:
        """The program ends and the user was asked: the journal is needed no more."""
        self.safety.end()

    def _tell_opened(self, path: Path, weights: Path | None = None) -> None:
        saved = place_of_weights(path)
        self.in_one_file = saved == path
        self.opened.emit(weights or saved)

    def _show(self, project: Project, path: Path | None) -> None:
        # The journal of what was open ends first: its work is saved or given up.
        self.safety.end()
        self._saved_data, self.in_one_file = project.data, False
        self._document.open(project, path)
        self.safety.begin()

    def _save_to(self, path: Path, *, in_one_file: bool) -> bool:
        moved = rebase_data_path(self._document.whole, self._document.base, path.parent)
        self._document.do_whole("Update the path of the data", moved)
        try:
            self._write(path, in_one_file)
        except ProjectError as error:
            self._messages.error(error)
            return False
        self.in_one_file = in_one_file
        self._saved_data = self._document.whole.data
        self._document.set_path(path)
        self._document.mark_saved()
        self.saved.emit(path)
        if self._document.is_clean:
            self.safety.begin()
        else:
            self.safety.keep()
        self._remember(path)
        self._messages.info(self._saved_text(path))
        return True

    def _write(self, path: Path, in_one_file: bool) -> None:
        whole = self._document.whole
        was_trained = whole.was_trained and not self.has_other_data
        project = replace(whole, was_trained=was_trained or self.model is not None)
        if in_one_file and self.model is not None:
            write_with_weights(project, self.model, path)
        else:
            write_project(project, path)

    def _saved_text(self, path: Path) -> str:
        if self.model is None:
            return f"Saved {path.name}."
        if self.in_one_file:
            return f"Saved {path.name} with its weights."
        return (
            f"Saved {path.name}; its weights are in {model_path(path).parent.name}. "
            "File › Save with weights puts both into one file."
        )

    def _remember(self, path: Path) -> None:
        self._settings.add_recent_file(path)
        self._settings.last_folder = path.parent

    # Recovery

    def _recover(self, left: LeftOver, worries: list[EngineError]) -> Rescue:
        """Offer one journal. One that cannot be used is set aside, one that is refused deleted.

        Args:
            worries: what is to be told when this is done; is added to.
        """
        journal, path = left
        saved, error = (None, None) if path is None or not path.exists() else _read(path)
        try:
            found = recover(journal, saved)
        except EngineError as problem:
            worries.append(self._set_aside(journal, problem.what))
            return Rescue.DISCARD
        if found.project == saved and not trained_path(journal).is_file():
            if found.damage:
                worries.append(self._set_aside(journal, found.damage))
            else:
                self._delete(journal)
            return Rescue.DISCARD
        title = path.stem if path else found.project.title or UNTITLED
        damage = " ".join(each for each in (found.damage, error.what if error else "") if each)
        rescue = self.dialogs.about_recovery(title, _when(journal), saved is not None, damage)
        if rescue is Rescue.OPEN:
            if found.damage:
                worries.append(self._set_aside(journal, found.damage))
            self._show_recovered(found.project, saved, path, journal)
        elif rescue is Rescue.DISCARD:
            self._delete(journal)
        return rescue

    def _show_recovered(
        self, project: Project, saved: Project | None, path: Path | None, journal: Path
    ) -> None:
        self.safety.end()
        self._saved_data = saved.data if saved is not None else project.data
        self._document.open(project, path)
        self._document.mark_unsaved()
        self.safety.begin()
        self.safety.take_over()
        trained = trained_path(journal)
        if path is not None:
            self._tell_opened(path, trained if trained.is_file() else None)
        else:
            self.opened.emit(trained)
        if self.safety.path != journal:
            self._delete(journal)
        self._messages.info("Recovered. Save it to keep it.")

    def _set_aside(self, journal: Path, what: str) -> EngineError:
        """Keep a copy of a damaged journal that is not asked about again; what to say of it."""
        aside = journal.with_name(f"{journal.name}.damaged")
        number = 1
        while aside.exists():
            number += 1
            aside = journal.with_name(f"{journal.name}.damaged-{number}")
        try:
            journal.replace(aside)
        except OSError:
            aside = journal
        return ProjectError(what, f"It is kept as {aside}.")

    def _delete(self, journal: Path) -> None:
        with suppress(OSError):
            remove(journal)


def _read(path: Path) -> tuple[Project | None, EngineError | None]:
    """The project in a file, or why it cannot be read."""
    try:
        return read_project(path), None
    except EngineError as error:
        return None, error


def _when(journal: Path) -> str:
    try:
        changed = datetime.fromtimestamp(journal.stat().st_mtime)
    except OSError:
        return "some time ago"
    return f"on {changed:%d %B} at {changed:%H:%M}"
