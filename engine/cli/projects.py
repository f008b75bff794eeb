"""Which project a command means, and what its options change in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from engine.data import Dataset, DataSetup, prepare
from engine.data.suggest import suggest_source
from engine.errors import DataError, ProjectError
from engine.project import SUFFIX, Project, read_project
from engine.project.examples import examples, find_example


@dataclass(frozen=True)
class Opened:
    """A project, and where it belongs.

    Attributes:
        path: its file. That of an example is in the current folder and need not
            exist: what is trained is kept beside it.
        base: the folder that relative paths in it start from.
    """

    project: Project
    path: Path
    base: Path

    def with_options(
        self, epochs: int | None = None, seed: int | None = None, data: Path | None = None
    ) -> Opened:
        """The project as the command's options want it.

        Raises:
            SettingError, DataError: an option's value cannot be used.
        """
        plan, setup = self.project.plan, self.project.data
        if epochs is not None:
            plan = plan.changed(epochs=epochs)
        if seed is not None:
            plan = plan.changed(seed=seed)
        if data is not None:
            setup = _on_other_data(setup or DataSetup(), data.absolute())
        return replace(self, project=replace(self.project, plan=plan, data=setup))

    def dataset(self) -> Dataset:
        """The project's data, read and prepared.

        Raises:
            DataError: it has none, or it cannot be read.
        """
        if self.project.data is None:
            raise DataError("The project has no data.", "Choose some with --data PATH.")
        return prepare(self.project.data, self.base)


def open_project(name: str) -> Opened:
    """The project file of this name, or the example.

    Raises:
        ProjectError: neither exists, or it cannot be read.
    """
    path = Path(name)
    if path.suffix == SUFFIX or path.is_file():
        return Opened(read_project(path), path, path.absolute().parent)
    names = [each.name for each in examples()]
    if name not in names:
        raise ProjectError(
            f"There is no project file and no example called {name!r}.",
            f"Give a {SUFFIX} file, or one of {', '.join(names)}.",
        )
    here = Path.cwd()
    return Opened(read_project(find_example(name).path), here / f"{name}{SUFFIX}", here)


def copy_example(name: str, folder: Path) -> str:
    """Copy an example's file into a folder; where it is then.

    Raises:
        ProjectError: no such example, or the folder cannot be written or has the file already.
    """
    source, target = find_example(name).path, folder / f"{name}{SUFFIX}"
    try:
        with target.open("xb") as file:
            file.write(source.read_bytes())
    except FileExistsError as error:
        raise ProjectError(f"{target} exists already.", "Choose another folder.") from error
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ProjectError(
            f"{target} cannot be written: {reason}.", "Choose another folder."
        ) from error
    return str(target)


def _on_other_data(setup: DataSetup, path: Path) -> DataSetup:
    """The setup with another file: read as before where the kind is the same."""
    found = suggest_source(path)
    if found.kind == setup.source.kind and "path" in type(found).model_fields:
        return setup.changed(source=setup.source.changed(path=str(path)))
    return setup.changed(source=found)
