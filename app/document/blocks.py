"""The blocks that can be put on the canvas: those of the program, and the user's own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from PySide6.QtCore import QObject, QStandardPaths, Signal

from app.document.layering import layered
from app.widgets.offers import block_in, block_key
from engine.arrays import Shape
from engine.atomic import replace_file
from engine.blocks import BLOCKS, block_named
from engine.errors import EngineError, ProjectError, reason_of
from engine.graph import Group
from engine.layers import Layer
from engine.project import Inside, Project
from engine.project.blocks import (
    MAX_BYTES,
    SavedBlock,
    block_from_text,
    block_to_text,
    checked_name,
)
from engine.reading import read_file

MOST_READ = 500
_SUFFIX = ".json"


def default_blocks_folder() -> Path:
    """Where the user's blocks lie."""
    place = QStandardPaths.StandardLocation.GenericDataLocation
    return Path(QStandardPaths.writableLocation(place)) / "netsmith" / "blocks"


@dataclass(frozen=True)
class Made:
    """A layer that is about to be put on the canvas.

    Attributes:
        title: what a block is called there; empty for a layer.
        inside: how a block is laid out.
    """

    layer: Layer
    title: str = ""
    inside: Inside = field(default_factory=Inside)

    @property
    def name(self) -> str:
        return self.title or self.layer.kind

    def dressed(self, project: Project, node: str) -> Project:
        """The project in which the layer was added, with title and layout of its own."""
        if self.title:
            project = replace(project, graph=project.graph.change(node, title=self.title))
        if self.inside:
            insides = MappingProxyType({**project.insides, node: self.inside})
            project = replace(project, insides=insides)
        return project


class Blocks(QObject):
    """Knows all blocks, and keeps the user's as files of a folder.

    Signals:
        changed(): there are others now.

    Attributes:
        own: the user's by name.
        errors: why files of the folder could not be read.
    """

    changed = Signal()

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        """Read the user's blocks.

        Args:
            folder: where they lie; None for having none.
        """
        super().__init__(parent)
        self._folder = folder
        self.own: dict[str, SavedBlock] = {}
        self._files: dict[str, Path] = {}
        self.errors: list[EngineError] = []
        self._read()

    @property
    def keys(self) -> list[str]:
        """All blocks as the palette offers them, the program's first."""
        return [block_key(name) for name in (*(each.name for each in BLOCKS), *self.own)]

    def fitting(self, shape: Shape | None) -> list[str]:
        """The blocks that can take data of a shape; all where it is not known."""
        return [key for key in self.keys if shape is None or self._takes(key, shape)]

    def make(self, key: str, shape: Shape | None = None) -> Made:
        """The group for a block that was chosen, for what arrives.

        Raises:
            EngineError: it is not for such data, or is no more.
        """
        name = block_in(key)
        assert name is not None
        own, block = self.own.get(name), block_named(name)
        if own is not None:
            return Made(own.group, name, own.inside)
        if block is None:
            raise ProjectError(f"There is no block called {name!r} any more.", "Choose another.")
        group = block.group(shape)
        places = layered(group.body, group.body.nodes)
        return Made(group, name, Inside(MappingProxyType(places)))

    def save(self, name: str, group: Group, inside: Inside) -> None:
        """Keep a group under a new name.

        Raises:
            ProjectError: the name is none or taken, or the file cannot be written.
        """
        name = self._new_name(name)
        self._write(SavedBlock(name, group, inside), self._free_file(name))
        self.changed.emit()

    def rename(self, name: str, new: str) -> None:
        """Give one of the user's blocks another name.

        Raises:
            ProjectError: as :meth:`save`.
        """
        if new.strip() == name:
            return
        new = self._new_name(new)
        block, path = self.own[name], self._files[name]
        self._write(replace(block, name=new), path)
        del self.own[name], self._files[name]
        self.changed.emit()

    def remove(self, name: str) -> None:
        """Delete one of the user's blocks and its file; what was built with it stays.

        Raises:
            ProjectError: the file cannot be deleted.
        """
        try:
            self._files[name].unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(self._files[name], error) from error
        del self.own[name], self._files[name]
        self.changed.emit()

    def _takes(self, key: str, shape: Shape) -> bool:
        try:
            self.make(key, shape).layer.output_shape((shape,))
        except (EngineError, ValueError):  # ValueError: it has several inputs
            return False
        return True

    def _new_name(self, name: str) -> str:
        name = checked_name(name)
        taken = {each.casefold() for each in (*self.own, *(block.name for block in BLOCKS))}
        if name.casefold() in taken:
            raise ProjectError(f"There is a block called {name!r}.", "Choose another name.")
        return name

    def _free_file(self, name: str) -> Path:
        if self._folder is None:
            raise ProjectError("There is no folder for blocks.", "Save the project instead.")
        stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "block"
        path, number = self._folder / f"{stem}{_SUFFIX}", 1
        while path.exists():
            number += 1
            path = self._folder / f"{stem}-{number}{_SUFFIX}"
        return path

    def _write(self, block: SavedBlock, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, block_to_text(block).encode("utf-8"))
        except OSError as error:
            raise _unwritable(path, error) from error
        self.own[block.name], self._files[block.name] = block, path

    def _read(self) -> None:
        if self._folder is None or not self._folder.is_dir():
            return
        for path in sorted(self._folder.glob(f"*{_SUFFIX}"))[:MOST_READ]:
            try:
                block = _read_block(path)
                name = self._new_name(block.name)
            except EngineError as error:
                self.errors.append(ProjectError(f"{path.name}: {error.what}", error.fix))
            else:
                self.own[name], self._files[name] = block, path


def _read_block(path: Path) -> SavedBlock:
    try:
        return block_from_text(read_file(path, MAX_BYTES, ProjectError).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ProjectError("The file is not UTF-8 text.", "Remove it.") from error


def _unwritable(path: Path, error: OSError) -> ProjectError:
    return ProjectError(
        f"{path.name} cannot be written to {path.parent}: {reason_of(error)}.",
        "Make that folder writable.",
    )
