"""Paths in a project when it moves from one folder to another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.data import DataSetup
from engine.project.project import Project


def absolute_data(setup: DataSetup | None, folder: Path) -> DataSetup | None:
    """Return the same data with an absolute path, to be compared or remembered.

    Args:
        folder: where a relative path starts from.
    """
    written = getattr(setup.source, "path", "") if setup is not None else ""
    if setup is None or not written:
        return setup
    return setup.changed(source=setup.source.changed(path=str((folder / written).absolute())))


def rebase_data_path(project: Project, folder: Path, new_folder: Path) -> Project:
    """Return the project with the path of its data as seen from another folder.

    Inside the new folder the path is relative, so that both can be moved together;
    elsewhere it is absolute.
    """
    source = project.data.source if project.data else None
    written = getattr(source, "path", "")
    if project.data is None or source is None or not written or folder == new_folder:
        return project
    path = (folder / written).absolute()
    inside = path.is_relative_to(new_folder.absolute())
    told = path.relative_to(new_folder.absolute()).as_posix() if inside else str(path)
    if told == written:
        return project
    return replace(project, data=project.data.changed(source=source.changed(path=told)))
