"""The crash journal: what is not saved yet, in a file of its own.

The first line says which project it is and how it was when the journal began; the
second repeats it, in case the first is damaged. Each further line holds only what an
edit changed. A line begins with a checksum and its number, so that damage and gaps
are noticed. Lines are handed to the operating system at once, so killing the program
loses nothing. The journal never touches the user's own file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from engine.amounts import counted
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
from engine.reading import open_file, read_file

FORMAT = "netsmith journal"
VERSION = 2
"""Version 1 had the first line once, and neither checksums nor numbers."""
SUFFIX = ".netsmith-journal"
MAX_GROWTH = 8 * 2**20
"""After this many bytes of edits the journal starts over with the whole project."""
_MAX_JOURNAL = 2 * (MAX_BYTES + MAX_GROWTH)
_DAMAGED = "Save the project itself again, or remove this file."


@dataclass(frozen=True)
class Recovered:
    """What a journal held.

    Attributes:
        project: as it was after the last edit that could be read.
        path: the project's own file; None if it was never saved.
        edits: how many edits were read.
        lost: how many lines after them are damaged, missing or no longer usable.
        has_head: whether it is known what the edits were made on.
        on_saved: where it is not, whether they were applied to the saved file.
    """

    project: Project
    path: Path | None
    edits: int
    lost: int = 0
    has_head: bool = True
    on_saved: bool = False

    @property
    def damage(self) -> str:
        """What is wrong with the journal, in one sentence; empty if nothing is."""
        if not self.has_head:
            base = "the saved file" if self.on_saved else "an empty project"
            return (
                f"The journal’s beginning is damaged; the {counted(self.edits, 'edit')} that could "
                f"be read were applied to {base}."
            )
        if self.lost:
            return (
                f"The journal is damaged: the last {counted(self.lost, 'edit')} of "
                f"{self.edits + self.lost} could not be used."
            )
        return ""


def journal_path(project: Path) -> Path:
    """Where the journal of a project file lies: beside it, hidden."""
    return project.with_name(f".{project.stem}{SUFFIX}")


def trained_path(journal: Path) -> Path:
    """Where a trained network that is not saved yet lies: beside the journal."""
    return journal.with_name(f"{journal.name}.safetensors")


class Journal:
    """Writes down each new state of a project. The file appears with the first edit.

    An edit that could not be written is written with the next one. Raises, in every
    method: OSError where the folder is full or cannot be written.
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
        self._edits = 0

    def note(self, project: Project) -> None:
        """Write down that the project has become this one."""
        changes = _changes(self._before, project)
        if not changes:
            return
        if not self._is_started or self._grown > MAX_GROWTH:
            self.start()
        line = _as_line(self._edits + 1, changes)
        try:
            self._append(line)
        except FileNotFoundError:  # somebody has deleted it
            self.start()
            line = _as_line(1, changes)
            self._append(line)
        self._edits += 1
        self._grown += len(line)
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
        replace_file(self.path, 2 * _as_line(0, head))
        self._is_started, self._grown, self._edits = True, 0, 0

    def _append(self, content: bytes) -> None:
        # Opened for each line: then no handle is left where the program forgets to end it.
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        try:
            size, written = os.fstat(handle).st_size, 0
            try:
                while written < len(content):
                    written += os.write(handle, content[written:])
            except OSError:
                # Half a line would spoil the next one.
                with suppress(OSError):
                    os.ftruncate(handle, size)
                raise
        finally:
            os.close(handle)


def remove(journal: Path) -> None:
    """Delete a journal and the network beside it.

    Raises:
        OSError: the folder cannot be written.
    """
    journal.unlink(missing_ok=True)
    trained_path(journal).unlink(missing_ok=True)


def recover(path: Path, saved: Project | None = None) -> Recovered:
    """The last project that a journal knows. A line cut short by the crash is left out.

    Edits after a damaged or missing line are not used: they may build on it.

    Args:
        saved: what edits are applied to if the journal's beginning is damaged; None for
            an empty project.

    Raises:
        ProjectError: it is missing, too large, no journal, or nothing in it can be read.
    """
    lines = _lines(read_file(path, _MAX_JOURNAL, ProjectError))
    head, edits = _head(lines), [line for line in lines if line and line.number]
    if head is None and not edits:
        raise ProjectError(f"{path.name} is not a journal, or is damaged.", _DAMAGED)
    base = project_to_json(saved or Project()) if head is None else head["project"]
    whole = [line.data for number, line in enumerate(edits, 1) if line.number == number]
    try:
        project, used = _longest(base, whole)
    except EngineError as error:
        raise ProjectError(f"{path.name}: {error.what}", error.fix) from error
    own = None if head is None else head.get("path")
    return Recovered(
        project,
        Path(own) if isinstance(own, str) else None,
        used,
        _count(lines) - used,
        head is not None,
        saved is not None,
    )


def _longest(base: dict[str, Any], edits: list[dict[str, Any]]) -> tuple[Project, int]:
    """The project after as many edits as make sense together, and how many these are."""

    def after(count: int) -> Project:
        return project_from_json(reduce(_applied, edits[:count], base))

    try:
        return after(len(edits)), len(edits)
    except EngineError:
        good, bad = after(0), len(edits)
    used = 0
    while bad - used > 1:
        middle = (used + bad) // 2
        try:
            good, used = after(middle), middle
        except EngineError:
            bad = middle
    return good, used


def project_of(path: Path) -> Path | None:
    """The project file that a journal belongs to; None if it has none, or is damaged."""
    try:
        with open_file(path, _MAX_JOURNAL, ProjectError) as file:
            content = file.readline(_MAX_JOURNAL) + file.readline(_MAX_JOURNAL)
    except (EngineError, OSError):
        return None
    own = (_head(_lines(content)) or {}).get("path")
    return Path(own) if isinstance(own, str) else None


class _Line(NamedTuple):
    """A line that could be read: 0 is the beginning, edits are counted from 1."""

    number: int
    data: dict[str, Any]


def _as_line(number: int, data: dict[str, Any]) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    content = f"{number} {text}".encode()
    return b"%08x %b\n" % (crc32(content), content)


def _lines(content: bytes) -> list[_Line | None]:
    """Each line; None for one that is damaged."""
    *whole, last = content.split(b"\n")
    lines = [_line(index, each) for index, each in enumerate(whole)]
    # What is cut short at the end was being written when the program died: no damage.
    cut = _line(len(lines), last)
    return lines if cut is None else [*lines, cut]


def _line(index: int, content: bytes) -> _Line | None:
    number = index  # as in version 1
    if not content.startswith(b"{"):
        checksum, _, content = content.partition(b" ")
        digits, _, text = content.partition(b" ")
        if checksum != b"%08x" % crc32(content) or not digits.isdigit():
            return None
        number, content = int(digits), text
    try:
        data = json_from_text(content.decode("utf-8"))
    except (UnicodeDecodeError, ProjectError):
        return None
    return _Line(number, data) if isinstance(data, dict) else None


def _head(lines: list[_Line | None]) -> dict[str, Any] | None:
    """What the beginning says, in the first of its copies that can be read."""
    heads = (line.data for line in lines if line is not None and line.number == 0)
    whole = (
        each
        for each in heads
        if each.get("format") == FORMAT and isinstance(each.get("project"), dict)
    )
    return next(whole, None)


def _count(lines: list[_Line | None]) -> int:
    """How many edits were written, whether they can be read or not."""
    count = 0
    for index, line in enumerate(lines):
        # The first two lines are the beginning.
        count = max(count, line.number) if line is not None else count + (index > 1)
    return count


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
