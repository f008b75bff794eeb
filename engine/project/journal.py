"""The crash journal: what is not saved yet, in a file of its own.

The first line says which project it is and how it was when the journal began;
each further line holds only what an edit changed. Lines are handed to the
operating system at once, so killing the program loses nothing. The journal
never touches the user's own file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from engine.atomic import replace_file
from engine.errors import EngineError, ProjectError
from engine.project.files import (
    MAX_BYTES,
    insides_to_json,
    json_from_text,
    project_from_json,
    project_to_json,
)
from engine.project.project import Project
from engine.reading import read_file

FORMAT = "netsmith journal"
VERSION = 1
SUFFIX = ".netsmith-journal"
MAX_GROWTH = 8 * 2**20
"""After this many bytes of edits the journal starts over with the whole project."""


@dataclass(frozen=True)
class Recovered:
    """What a journal held.

    Attributes:
        project: as it was after the last edit.
        path: the project's own file; None if it was never saved.
        edits: how many entries were read.
    """

    project: Project
    path: Path | None
    edits: int


def journal_path(project: Path) -> Path:
    """Where the journal of a project file lies: beside it, hidden."""
    return project.with_name(f".{project.stem}{SUFFIX}")


def trained_path(journal: Path) -> Path:
    """Where a trained network that is not saved yet lies: beside the journal."""
    return journal.with_name(f"{journal.name}.safetensors")


class Journal:
    """Writes down each new state of a project. The file appears with the first edit.

    Raises, in every method: OSError where the folder cannot be written.
    """

    def __init__(self, path: Path, project: Project, project_path: Path | None) -> None:
        """Begin with what is saved.

        Args:
            path: of the journal.
            project: as it is in its own file at present.
            project_path: that file; None if it was never saved.
        """
        self.path = path
        self._before = project
        self._project_path = project_path
        self._is_started = False
        self._grown = 0

    def note(self, project: Project) -> None:
        """Write down that the project has become this one."""
        changes = _changes(self._before, project)
        if not changes:
            return
        if not self._is_started or self._grown > MAX_GROWTH:
            self.start()
        self._grown += self._write(changes)
        self._before = project

    def remove(self) -> None:
        """End it: everything is saved, or the user wants to lose it."""
        self._is_started = False
        remove(self.path)

    def start(self) -> None:
        """Write down the whole project now, in place of what was in the file before."""
        own = self._project_path
        head = {
            "format": FORMAT,
            "version": VERSION,
            "path": None if own is None else str(own.resolve()),
            "project": project_to_json(self._before),
        }
        # In one piece, so that an older journal is only replaced by a complete one.
        replace_file(self.path, _as_line(head))
        self._is_started, self._grown = True, 0

    def _write(self, line: dict[str, Any]) -> int:
        content, written = _as_line(line), 0
        # Opened for each line: then no handle is left where the program forgets to end it.
        with FileIO(self.path, "a") as file:
            while written < len(content):
                written += file.write(content[written:]) or 0
        return written


def remove(journal: Path) -> None:
    """Delete a journal and the network beside it.

    Raises:
        OSError: the folder cannot be written.
    """
    journal.unlink(missing_ok=True)
    trained_path(journal).unlink(missing_ok=True)


def recover(path: Path) -> Recovered:
    """The last project that a journal knows. A line cut short by the crash is left out.

    Raises:
        ProjectError: it is missing, too large, or no journal.
    """
    lines = read_file(path, MAX_BYTES + 2 * MAX_GROWTH, ProjectError).split(b"\n")
    head = _line(lines[0])
    if head is None or head.get("format") != FORMAT or not isinstance(head.get("project"), dict):
        raise ProjectError(f"{path.name} is no journal.", "Open the project itself.")
    own = head.get("path")
    found = head["project"]
    edits = 0
    for content in lines[1:]:
        changes = _line(content)
        if changes is None:
            break
        found = _applied(found, changes)
        edits += 1
    try:
        project = project_from_json(found)
    except EngineError as error:
        raise ProjectError(f"{path.name}: {error.what}", error.fix) from error
    return Recovered(project, Path(own) if isinstance(own, str) else None, edits)


def _as_line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"


def _line(content: bytes) -> dict[str, Any] | None:
    try:
        data = json_from_text(content.decode("utf-8"))
    except (UnicodeDecodeError, ProjectError):
        return None
    return data if isinstance(data, dict) else None


def _changes(before: Project, after: Project) -> dict[str, Any]:
    """What became different, told apart by identity: an edit shares what it left alone."""
    changes: dict[str, Any] = {}
    old, new = before.graph, after.graph
    if old.nodes is not new.nodes:
        changes["nodes"] = {
            id: None if id not in new.nodes else new.nodes[id].to_json()
            for id in {**old.nodes, **new.nodes}
            if old.nodes.get(id) is not new.nodes.get(id)
        }
        if _merged(old.nodes, changes["nodes"]) != list(new.nodes):
            changes["order"] = list(new.nodes)
    if old.edges != new.edges:
        changes["edges"] = [list(edge) for edge in new.edges]
    if before.positions is not after.positions:
        changes["positions"] = {
            id: None if id not in after.positions else list(after.positions[id])
            for id in {**before.positions, **after.positions}
            if before.positions.get(id) != after.positions.get(id)
        }
    if before.drawing is not after.drawing:
        changes["drawing"] = after.drawing.to_json()
    if before.insides is not after.insides:
        changes["insides"] = insides_to_json(after.insides).get("insides", {})
    if before.data is not after.data:
        changes["data"] = None if after.data is None else after.data.to_json()
    if before.plan is not after.plan:
        changes["plan"] = after.plan.to_json()
    for part in ("title", "description"):
        if getattr(before, part) != getattr(after, part):
            changes[part] = getattr(after, part)
    return {name: each for name, each in changes.items() if each != {} or name == "insides"}


def _merged(names: Mapping[str, Any], changes: Mapping[str, Any]) -> list[str]:
    """The order in which nodes stand after changes were applied to them."""
    kept = [name for name in names if changes.get(name, True) is not None]
    return kept + [name for name in changes if name not in names and changes[name] is not None]


def _applied(project: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    graph = dict(project.get("graph") or {})
    graph["nodes"] = _updated(graph.get("nodes"), changes.get("nodes"))
    order = changes.get("order")
    if isinstance(order, list):
        nodes = graph["nodes"]
        graph["nodes"] = {id: nodes[id] for id in map(str, order) if id in nodes}
    if "edges" in changes:
        graph["edges"] = changes["edges"]
    whole = ("drawing", "insides", "data", "plan", "title", "description")
    parts: dict[str, Any] = {each: changes[each] for each in whole if each in changes}
    positions = _updated(project.get("positions"), changes.get("positions"))
    return {**project, "graph": graph, "positions": positions, **parts}


def _updated(table: Any, changes: Any) -> dict[str, Any]:
    merged = dict(table) if isinstance(table, dict) else {}
    for name, value in (changes if isinstance(changes, dict) else {}).items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = value
    return merged
