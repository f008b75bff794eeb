"""The project: everything the user decides, as one value and one JSON text."""

from engine.project.drawing import COLORS, Drawing, Frame, Mark, Note
from engine.project.files import (
    SUFFIX,
    project_from_text,
    project_to_text,
    read_project,
    write_project,
)
from engine.project.levels import Level, has_level, project_at, with_level
from engine.project.project import Inside, Project

__all__ = [
    "COLORS",
    "SUFFIX",
    "Drawing",
    "Frame",
    "Inside",
    "Level",
    "Mark",
    "Note",
    "Project",
    "has_level",
    "project_at",
    "project_from_text",
    "project_to_text",
    "read_project",
    "with_level",
    "write_project",
]
