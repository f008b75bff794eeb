"""What the program remembers between starts; nothing of a project."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from app.theme import Scheme

RECENT_LIMIT = 10


class Settings:
    """A typed face of QSettings.

    Args:
        file: where to keep them; None for the system's place for this program.
    """

    def __init__(self, file: Path | None = None) -> None:
        if file is None:
            self._store = QSettings("Netsmith", "Netsmith")
        else:
            self._store = QSettings(str(file), QSettings.Format.IniFormat)

    @property
    def recent_files(self) -> tuple[Path, ...]:
        """Projects that were open, the latest first; those that are gone are left out."""
        stored = self._store.value("recent_files", [])
        # A list of one comes back from the file as its only entry.
        paths = [stored] if isinstance(stored, str) else stored if isinstance(stored, list) else []
        found = (Path(str(path)) for path in paths if path)
        return tuple(path for path in found if _is_file(path))[:RECENT_LIMIT]

    def add_recent_file(self, path: Path) -> None:
        """Put a project at the head of the recent ones."""
        path = path.absolute()
        self._set_recent([path, *(each for each in self.recent_files if each != path)])

    def forget_recent_files(self) -> None:
        """Empty the list of recent projects."""
        self._set_recent([])

    def _set_recent(self, paths: Iterable[Path]) -> None:
        self._store.setValue("recent_files", [str(path) for path in paths][:RECENT_LIMIT])

    @property
    def recent_commands(self) -> tuple[str, ...]:
        """Names of commands that were chosen in the palette, the latest first."""
        stored = self._store.value("recent_commands", [])
        names = [stored] if isinstance(stored, str) else stored if isinstance(stored, list) else []
        return tuple(str(name) for name in names if name)[:RECENT_LIMIT]

    def add_recent_command(self, name: str) -> None:
        """Put a command at the head of the recent ones."""
        names = [name, *(each for each in self.recent_commands if each != name)]
        self._store.setValue("recent_commands", names[:RECENT_LIMIT])

    @property
    def scheme(self) -> Scheme:
        """Light, dark, or as the desktop has it."""
        stored = str(self._store.value("scheme", Scheme.SYSTEM))
        return Scheme(stored) if stored in set(Scheme) else Scheme.SYSTEM

    @scheme.setter
    def scheme(self, scheme: Scheme) -> None:
        self._store.setValue("scheme", str(scheme))

    @property
    def reduce_motion(self) -> bool:
        """Whether nothing is to glide or flash."""
        return bool(self._store.value("reduce_motion", False, type=bool))

    @reduce_motion.setter
    def reduce_motion(self, reduce: bool) -> None:
        self._store.setValue("reduce_motion", reduce)

    def is_shown(self, what: str) -> bool:
        """Whether a switch of the View menu is on, by the name of its command."""
        return bool(self._store.value(f"view/{what}", True, type=bool))

    def set_shown(self, what: str, shown: bool) -> None:
        """Remember a switch of the View menu."""
        self._store.setValue(f"view/{what}", shown)

    @property
    def last_folder(self) -> Path:
        """Where the last dialog about a project ended; the folder of documents at first."""
        documents = QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.DocumentsLocation
        )
        return self._folder("last_folder") or _folder_or_none(documents) or Path.home()

    @last_folder.setter
    def last_folder(self, folder: Path) -> None:
        self._store.setValue("last_folder", str(folder.absolute()))

    @property
    def data_folder(self) -> Path:
        """Where data was opened last; where projects are at first."""
        return self._folder("data_folder") or self.last_folder

    @data_folder.setter
    def data_folder(self, folder: Path) -> None:
        self._store.setValue("data_folder", str(folder.absolute()))

    def _folder(self, key: str) -> Path | None:
        return _folder_or_none(str(self._store.value(key, "")))

    @property
    def geometry(self) -> QByteArray:
        """The window's place and size; empty at the first start."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._store.setValue("window/geometry", geometry)

    @property
    def window_state(self) -> QByteArray:
        """Where the window's panels are; empty at the first start."""
        return self._bytes("window/state")

    @window_state.setter
    def window_state(self, state: QByteArray) -> None:
        self._store.setValue("window/state", state)

    def forget_window(self) -> None:
        """Let the next start lay the window out as at first."""
        self._store.remove("window")

    def flush(self) -> None:
        """Write everything now."""
        self._store.sync()

    def _bytes(self, key: str) -> QByteArray:
        stored = self._store.value(key)
        return stored if isinstance(stored, QByteArray) else QByteArray()


def _folder_or_none(path: str) -> Path | None:
    folder = Path(path)
    return folder if folder.is_absolute() and folder.is_dir() else None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
