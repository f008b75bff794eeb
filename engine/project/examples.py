"""The example projects that come with the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.errors import ProjectError
from engine.project.files import SUFFIX, json_from_text

FOLDER = Path(__file__).parents[2] / "resources" / "examples"

# As the start page shows them: what is easiest to understand comes first.
ORDER = ("linear-regression", "spiral", "iris", "digits", "digits-cnn", "two-branches", "diabetes")


@dataclass(frozen=True)
class Example:
    """One example project.

    Attributes:
        name: its file's name without the ending; what the command line calls it.
    """

    name: str
    title: str
    description: str
    path: Path


def examples() -> tuple[Example, ...]:
    """All of them, the simplest first."""
    paths = sorted(FOLDER.glob(f"*{SUFFIX}"), key=_place)
    return tuple(_example(path) for path in paths)


def find_example(name: str) -> Example:
    """The example of this name.

    Raises:
        ProjectError: there is none; names those that exist.
    """
    found = {each.name: each for each in examples()}
    if name not in found:
        raise ProjectError(
            f"There is no example called {name!r}.", f"Choose one of {', '.join(found)}."
        )
    return found[name]


def _place(path: Path) -> tuple[int, str]:
    return (ORDER.index(path.stem) if path.stem in ORDER else len(ORDER), path.stem)


def _example(path: Path) -> Example:
    # Title and description only: a start page need not build every network.
    data = json_from_text(path.read_text("utf-8"))
    return Example(path.stem, str(data["title"]), str(data["description"]), path)
