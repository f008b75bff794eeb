"""What is drawn besides the network: frames, notes, and which nodes are shown small."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from pydantic import StringConstraints

from engine.errors import ProjectError
from engine.spec import Family, setting, short_text

MAX_MARKS = 2_000
MAX_NAME = 100
MAX_TEXT = 5_000
MAX_PIXELS = 10_000_000.0

Color = Literal["gray", "blue", "orange", "green", "purple", "pink", "yellow", "teal"]
COLORS: tuple[Color, ...] = get_args(Color)


class Mark(Family, root=True):
    """Something on the canvas that computes nothing; in pixels at 100 % zoom."""

    text: Annotated[str, StringConstraints(max_length=MAX_TEXT)] = setting(
        "", label="Text", help="The title of a frame; what a note says."
    )
    color: Color = setting("gray", label="Color", help="What it is drawn in.")
    x: float = setting(0.0, ge=-MAX_PIXELS, le=MAX_PIXELS, label="Left", help="Its left edge.")
    y: float = setting(0.0, ge=-MAX_PIXELS, le=MAX_PIXELS, label="Top", help="Its upper edge.")
    width: float = setting(240.0, ge=40, le=MAX_PIXELS, label="Width", help="How wide it is.")
    height: float = setting(120.0, ge=30, le=MAX_PIXELS, label="Height", help="How high it is.")


class Frame(Mark):
    """A titled rectangle around nodes; it takes them along when it is moved."""


class Note(Mark):
    """A text on the canvas."""


@dataclass(frozen=True)
class Drawing:
    """What the canvas shows besides nodes and wires.

    Attributes:
        marks: frames and notes by name, the lowest first.
        collapsed: the nodes that are shown small.
    """

    marks: Mapping[str, Mark] = field(default_factory=lambda: MappingProxyType({}))
    collapsed: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.marks or self.collapsed)

    def to_json(self) -> dict[str, Any]:
        """Plain data that :meth:`parse` reads back."""
        return {
            "marks": {name: mark.to_json() for name, mark in self.marks.items()},
            "collapsed": sorted(self.collapsed),
        }

    @classmethod
    def parse(cls, data: Any, nodes: Collection[str]) -> Drawing:
        """Read it from untrusted plain data; what is said of other nodes is left out.

        Raises:
            ProjectError, SettingError: what is wrong, and where.
        """
        marks, collapsed = _parts(data)
        if len(marks) > MAX_MARKS:
            raise ProjectError(
                f"The drawing has {len(marks):,} frames and notes.",
                f"At most {MAX_MARKS:,} can be read; delete some from the file.",
            )
        for name in marks:
            if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME or not _is_text(name):
                raise ProjectError(
                    f"{short_text(name)} cannot be the name of a frame or note.",
                    f"A name is a text of up to {MAX_NAME} characters.",
                )
        return cls(
            MappingProxyType({name: Mark.parse(mark) for name, mark in marks.items()}),
            frozenset(id for id in collapsed if isinstance(id, str) and id in nodes),
        )


def _parts(data: Any) -> tuple[dict[Any, Any], list[Any]]:
    match data:
        case {"marks": dict() as marks, "collapsed": list() as collapsed, **rest} if not rest:
            return marks, collapsed
    raise ProjectError(
        f"The drawing is {short_text(data)}.",
        'Write {"marks": {}, "collapsed": []}, or leave it out of the file.',
    )


def _is_text(name: str) -> bool:
    """Whether it can be written to a file again."""
    return name.encode(errors="ignore").decode() == name
