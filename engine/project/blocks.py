"""Groups that the user keeps for other projects, as JSON texts. What is read is not trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.errors import ProjectError
from engine.graph import Graph, Group
from engine.layers import Layer
from engine.project.files import insides_from_json, insides_to_json, json_from_text
from engine.project.layout import to_lines
from engine.project.project import Inside

FORMAT = "netsmith block"
VERSION = 1
MAX_BYTES = 4 * 2**20
MAX_NAME = 80
_PARTS = ("format", "version", "name", "group", "insides")
_NODE = "block"


@dataclass(frozen=True)
class SavedBlock:
    """A group with its name and how it is laid out."""

    name: str
    group: Group
    inside: Inside = field(default_factory=Inside)


def block_to_text(block: SavedBlock) -> str:
    """The text of a block's file."""
    data = {
        "format": FORMAT,
        "version": VERSION,
        "name": block.name,
        "group": block.group.to_json(),
        **insides_to_json({_NODE: block.inside}),
    }
    return to_lines(data)


def block_from_text(text: str) -> SavedBlock:
    """The block that a file's text describes.

    Raises:
        ProjectError, WiringError, SettingError: what is wrong.
    """
    if len(text) > MAX_BYTES:
        raise ProjectError("The file is too large for a block.", "Keep smaller groups.")
    data: Any = json_from_text(text)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ProjectError("This is not a block of Netsmith.", "Remove the file.")
    if data.get("version") != VERSION:
        raise ProjectError(
            f"The block has version {str(data.get('version'))[:20]}; {VERSION} can be read.",
            "Save it again in this version of Netsmith.",
        )
    unknown = [str(key)[:40] for key in data if key not in _PARTS]
    if unknown:
        raise ProjectError(f"The block has a part called {unknown[0]!r}.", "Remove it.")
    name = checked_name(data.get("name"))
    group: Layer = Layer.parse(data.get("group"))
    if not isinstance(group, Group):
        raise ProjectError(f"The block {name!r} is not a group.", "Save a group as a block.")
    graph, _ = Graph().add(group, _NODE)
    insides = insides_from_json(data.get("insides", {}), graph)
    return SavedBlock(name, group, insides.get(_NODE, Inside()))


def checked_name(name: Any) -> str:
    """A name for a block, trimmed.

    Raises:
        ProjectError: it is none.
    """
    good = isinstance(name, str) and name.strip() and len(name) <= MAX_NAME
    if not good or not name.isprintable() or name.encode(errors="ignore").decode() != name:
        raise ProjectError(
            f"{str(name)[:40]!r} cannot be the name of a block.",
            f"Give a name of up to {MAX_NAME} letters.",
        )
    return str(name).strip()
