"""New, open, save, recent files, and what a crash has left."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.document.data_name import is_other_data, source_name
from app.document.dialogs import Choice, FileDialogs, Rescue
from app.document.document import Document
from app.document.edits import tell_path_from
from app.document.safety import Safety, default_state_folder
from app.messages import Messages
from app.settings import Settings
from engine.errors import EngineError, ProjectError
from engine.project import SUFFIX, Project, read_project, write_project
from engine.project.journal import recover, remove, trained_path
from engine.project.trained import model_path

UNTITLED = "Untitled"


class DocumentFiles(QObject):
    """Where the document comes from and goes to. Never loses work without asking.

    Signals:
        opened(Path): a project was opened; its trained network would lie there.
        saved(Path): the document was saved there.
        leaving(): it is about to be saved for the last time; end what is under way.
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
        self.dialogs = dialogs or FileDialogs(window)
        self.safety = Safety(document, state_folder or default_state_folder(), self)
        self.safety.failed.connect(messages.info)
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
        """Open a project file; whether it was done. Offers what a crash left beside it."""
        project = self._read(path)
        if project is None or not self.may_lose_work():
            return False
        path = path.absolute()
        left = self.safety.left_over([path])
        mine = [each for each in left if each.parent == path.parent]
        rescue = self._recover(mine[0], project, path) if mine else Rescue.DISCARD
        if rescue is Rescue.LATER:
            return False
        if rescue is Rescue.DISCARD:
            self._show(project, path)
            self.opened.emit(model_path(path))
        self._remember(path)
        return True

    def open_copy(self, path: Path) -> bool:
        """Open what is in a file as a new project without a file; whether it was done."""
        project = self._read(path)
        if project is None or not self.may_lose_work():
            return False
        self._show(project, None)
        return True

    def offer_recovery(self) -> bool:
        """At the start of the program: offer what a crash has left; whether it was taken."""
        for journal in self.safety.left_over(self._settings.recent_files):
            rescue = self._recover(journal)
            if rescue is not Rescue.DISCARD:
                return rescue is Rescue.OPEN
        return False

    # Saving

    def save(self) -> bool:
        """Save to the document's file; whether it was done.

        Asks where to if it has no file, or turned to other data: saving that under the
        old name would destroy the project of the data before.
        """
        path = self._document.path
        return self.save_as() if path is None or self.has_other_data else self._save_to(path)

    def save_as(self) -> bool:
        """Ask where to and save there; whether it was done."""
        path = self.dialogs.path_to_save(self.folder / f"{self.title}{SUFFIX}")
        return path is not None and self._save_to(path.absolute())

    def may_lose_work(self) -> bool:
        """Whether the document may be replaced or closed; asks if it is not saved."""
        if self._document.is_clean:
            return True
        choice = self.dialogs.about_unsaved(self.title)
        if choice is Choice.SAVE:
            self.leaving.emit()
            return self.save()
        return choice is Choice.DISCARD

    def close(self) -> None:
        """The program ends and the user was asked: the journal is needed no more."""
        self.safety.end()

    def _read(self, path: Path) -> Project | None:
        try:
            return read_project(path)
        except EngineError as error:
            self._messages.error(error)
            return None

    def _show(self, project: Project, path: Path | None) -> None:
        # The journal of what was open ends first: its work is saved or given up.
        self.safety.end()
        self._saved_data = project.data
        self._document.open(project, path)
        self.safety.begin()

    def _save_to(self, path: Path) -> bool:
        moved = tell_path_from(self._document.whole, self._document.base, path.parent)
        self._document.do_whole("Tell the data's path anew", moved)
        try:
            write_project(self._document.whole, path)
        except ProjectError as error:
            self._messages.error(error)
            return False
        self._saved_data = self._document.whole.data
        self._document.set_path(path)
        self._document.mark_saved()
        self.safety.begin()
        self._remember(path)
        self.saved.emit(path)
        self._messages.info(f"Saved {path.name}.")
        return True

    def _remember(self, path: Path) -> None:
        self._settings.add_recent_file(path)
        self._settings.last_folder = path.parent

    # Recovery

    def _recover(
        self, journal: Path, saved: Project | None = None, path: Path | None = None
    ) -> Rescue:
        """Offer one journal. One that is damaged is set aside, one that is refused deleted."""
        try:
            found = recover(journal)
        except EngineError as error:
            self._set_aside(journal)
            self._messages.error(error)
            return Rescue.DISCARD
        path = path or found.path
        has_file = path is not None and path.is_file()
        if saved is None and path is not None and has_file:
            with suppress(EngineError):
                saved = read_project(path)
        title = path.stem if path else found.project.title or UNTITLED
        rescue = Rescue.DISCARD
        if found.project != saved or trained_path(journal).is_file():
            rescue = self.dialogs.about_recovery(title, _when(journal), has_file)
        if rescue is Rescue.OPEN:
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
        if trained.is_file() or path is None:
            self.opened.emit(trained)
        else:
            self.opened.emit(model_path(path))
        if self.safety.path != journal:
            self._delete(journal)
        self._messages.info("Recovered. Save it to keep it.")

    def _set_aside(self, journal: Path) -> None:
        # It may still be of use to somebody, but not be asked about at each start.
        with suppress(OSError):
            journal.replace(journal.with_name(f"{journal.name}.damaged"))

    def _delete(self, journal: Path) -> None:
        with suppress(OSError):
            remove(journal)


def _when(journal: Path) -> str:
    try:
        changed = datetime.fromtimestamp(journal.stat().st_mtime)
    except OSError:
        return "some time ago"
    return f"on {changed:%d %B} at {changed:%H:%M}"
