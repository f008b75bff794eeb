"""The project: everything the user decides, as one value and one JSON text."""

from engine.project.drawing import COLORS, Drawing, Frame, Mark, Note
from engine.project.files import (
    SUFFIX,
    project_from_text,
    project_to_text,
    read_project,
    write_project,
)
from engine.project.project import Project

__all__ = [
    "COLORS",
    "SUFFIX",
    "Drawing",
    "Frame",
    "Mark",
    "Note",
    "Project",
    "project_from_text",
    "project_to_text",
    "read_project",
    "write_project",
]
