"""Project files, ``.netsmith``: one JSON text each. What is read is not trusted.

A project can also be saved with its trained weights in one file. That is a file of
weights (safetensors), with the project's text among its metadata under ``project``;
see :mod:`engine.project.trained`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from engine.atomic import replace_file
from engine.data import DataSetup
from engine.errors import EngineError, ProjectError, reason_of
from engine.graph import Graph, Group
from engine.project.drawing import MAX_PIXELS, Drawing
from engine.project.layout import to_lines
from engine.project.migrations import VERSION, up_to_date
from engine.project.project import Inside, Point, Project
from engine.reading import open_file, read_file
from engine.training.plan import Plan

SUFFIX = ".netsmith"
FORMAT = "netsmith"
MAX_BYTES = 64 * 2**20
MAX_DEPTH = 64
"""Of brackets in each other; a group in a group takes four."""
MAX_TITLE, MAX_DESCRIPTION = 200, 20_000

_PARTS = (
    "format",
    "version",
    "title",
    "description",
    "graph",
    "positions",
    "drawing",
    "insides",
    "data",
    "plan",
    "trained",
)


def read_project(path: Path) -> Project:
    """Read a project file.

    Raises:
        ProjectError: it is missing, damaged, too large, newer than this program,
            or no project; names the file.
    """
    content = _text_beside_weights(path) if holds_weights(path) else None
    content = read_file(path, MAX_BYTES, ProjectError) if content is None else content
    try:
        # Editors on Windows begin a text with a byte order mark.
        return project_from_text(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ProjectError(
            f"{path.name} is not text: byte {error.start} is not UTF-8.",
            "Choose a file that Netsmith has saved.",
        ) from error
    except EngineError as error:
        raise ProjectError(f"{path.name}: {error.what}", error.fix, node=error.node) from error


def holds_weights(path: Path) -> bool:
    """Return whether a project file is one of those that hold trained weights, too.

    Raises:
        ProjectError: it is missing, or no regular file.
    """
    with open_file(path, error=ProjectError) as file:
        start = file.read(9)
    # Weights begin with the length of a JSON header, 8 bytes; no text has zeros in it.
    return len(start) == 9 and b"\0" in start[:8] and start[8:] == b"{"


def _text_beside_weights(path: Path) -> bytes:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            text = (file.metadata() or {}).get("project")
    except (SafetensorError, OSError, ValueError) as error:
        raise ProjectError(
            f"{path.name} is damaged: {error}.",
            "Download or copy the file again, or open an earlier version.",
        ) from error
    if text is None:
        raise ProjectError(
            f"{path.name} holds weights without a project.",
            f"Open the project instead, a file that ends in {SUFFIX}.",
        )
    content = str(text).encode("utf-8", "replace")
    if len(content) > MAX_BYTES:
        raise ProjectError(
            f"The project in {path.name} has {len(content) / 2**20:,.0f} MiB.",
            f"At most {MAX_BYTES // 2**20} MiB can be read; choose another file.",
        )
    return content


def text_to_write(project: Project) -> str:
    """Return the text of a project's file.

    Raises:
        ProjectError: the file could not be opened again.
    """
    text = _checked_text(project)
    size = len(text.encode("utf-8"))
    if size > MAX_BYTES:
        raise ProjectError(
            f"The project takes {size / 2**20:,.0f} MiB.",
            f"A project file holds at most {MAX_BYTES // 2**20} MiB; remove some layers.",
        )
    return text


def write_project(project: Project, path: Path) -> None:
    """Save a project; the file is replaced as a whole or not at all.

    Raises:
        ProjectError: it cannot be written there, or could not be opened again.
    """
    content = text_to_write(project).encode("utf-8")
    try:
        replace_file(path, content)
    except OSError as error:
        raise ProjectError(
            f"{path.name} cannot be written to {path.parent}: {reason_of(error)}.",
            "Choose another folder, or make room there.",
        ) from error


def project_to_text(project: Project) -> str:
    """The project as the text of its file."""
    return to_lines(project_to_json(project))


def _checked_text(project: Project) -> str:
    """The text of the project's file, once what a file can hold is checked.

    Raises:
        ProjectError: the file could not be opened again.
    """
    for part, most in (("title", MAX_TITLE), ("description", MAX_DESCRIPTION)):
        _words({part: getattr(project, part)}, part, most)
    for id, at in project.positions.items():
        _point(id, at)
    data = project_to_json(project)
    if _is_deeper_than(data, MAX_DEPTH):
        raise ProjectError(
            f"The project's groups are nested more than {MAX_DEPTH} brackets deep.",
            "Ungroup some of them.",
        )
    return to_lines(data)


def project_from_text(text: str) -> Project:
    """The project that a file's text describes.

    Raises:
        ProjectError, WiringError, SettingError: what is wrong, and where.
    """
    return project_from_json(json_from_text(text))


def project_to_json(project: Project) -> dict[str, Any]:
    """The project as plain data, in the order in which it stands in the file."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": project.title,
        "description": project.description,
        "graph": project.graph.to_json(),
        **layout_to_json(project),
        "data": None if project.data is None else project.data.to_json(),
        "plan": project.plan.to_json(),
        # Left out where it is not so, as files of old had no such part.
        **({"trained": True} if project.was_trained else {}),
    }


def project_from_json(data: Any) -> Project:
    """The project that plain data describes.

    Raises:
        ProjectError, WiringError, SettingError: what is wrong, and where.
    """
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ProjectError(
            "This is not a Netsmith project.", f"Choose a file that ends in {SUFFIX}."
        )
    data = up_to_date(data)
    unknown = [str(key) for key in data if key not in _PARTS]
    if unknown:
        raise ProjectError(
            f"The project has a part called {unknown[0]!r}.",
            f"Remove it from the file; its parts are {', '.join(_PARTS)}.",
        )
    graph = Graph.from_json(data.get("graph", {"nodes": {}}))
    setup = data.get("data")
    return Project(
        graph=graph,
        **_layout(data, graph),
        data=None if setup is None else DataSetup.parse(setup),
        plan=Plan.parse(data.get("plan", {})),
        title=_words(data, "title", MAX_TITLE),
        description=_words(data, "description", MAX_DESCRIPTION),
        was_trained=data.get("trained") is True,
    )


def json_from_text(text: str) -> Any:
    """Plain data from untrusted JSON: strict, of limited depth, each key once.

    Raises:
        ProjectError: with line and column where the text is damaged.
    """
    try:
        data = json.loads(text, parse_constant=_no_number, object_pairs_hook=_each_key_once)
    except json.JSONDecodeError as error:
        raise ProjectError(
            f"Line {error.lineno}, column {error.colno} is not JSON: {error.msg}.",
            "Correct the file there, or open an earlier copy.",
        ) from error
    except (RecursionError, ValueError) as error:
        raise ProjectError(
            "A number has too many digits, or brackets are nested too deeply.",
            "Open a file that Netsmith has saved.",
        ) from error
    if "\\ud" in text.lower() and not _is_text(json.dumps(data, ensure_ascii=False)):
        raise ProjectError(
            "The file contains half of a surrogate pair (\\ud800 to \\udfff), which is not text.",
            "Remove it from the file.",
        )
    if _is_deeper_than(data, MAX_DEPTH):
        raise ProjectError(
            f"Brackets are nested more than {MAX_DEPTH} deep.",
            "Open a file that Netsmith has saved.",
        )
    return data


def _no_number(word: str) -> NoReturn:
    raise ProjectError(
        f"The file holds {word}, which is not a number.", "Replace it with a number."
    )


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ProjectError(
            f"The file holds {twice!r} twice in one place.", "Remove one of them from the file."
        )
    return found


def _is_deeper_than(data: Any, limit: int) -> bool:
    level, depth = [data], 0
    while level:
        depth += 1
        if depth > limit + 1:
            return True
        inside: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inside.extend(each.values())
            elif isinstance(each, list):
                inside.extend(each)
        level = inside
    return False


def layout_to_json(laid_out: Project | Inside) -> dict[str, Any]:
    """Where everything is and what is drawn besides, groups included, as plain data."""
    return {
        "positions": {id: list(at) for id, at in laid_out.positions.items()},
        # Left out where there is nothing in it, as files of old had none.
        **({"drawing": laid_out.drawing.to_json()} if laid_out.drawing else {}),
        **insides_to_json(laid_out.insides),
    }


def insides_to_json(insides: Mapping[str, Inside]) -> dict[str, Any]:
    """How groups are laid out, as the part of a file; empty where there is nothing to say."""
    found = {id: layout_to_json(each) for id, each in insides.items() if each}
    return {"insides": found} if found else {}


def insides_from_json(data: Any, graph: Graph) -> Mapping[str, Inside]:
    """How groups are laid out, from untrusted plain data; what is no group is left out.

    Raises:
        ProjectError, SettingError: what is wrong, and where.
    """
    if not isinstance(data, dict):
        raise ProjectError(
            f"The insides are {str(data)[:60]}.", 'Write {"group": {"positions": {}}}, or nothing.'
        )
    insides: dict[str, Inside] = {}
    for id, part in data.items():
        layer = graph.nodes[id].layer if id in graph.nodes else None
        if not isinstance(layer, Group):
            continue
        if not isinstance(part, dict) or part.keys() - {"positions", "drawing", "insides"}:
            raise ProjectError(
                f"The inside of {id!r} is {str(part)[:60]}.",
                "Its parts are positions, drawing and insides.",
                node=id,
            )
        inside = Inside(**_layout(part, layer.body))
        if inside:
            insides[id] = inside
    return MappingProxyType(insides)


def _layout(data: dict[str, Any], graph: Graph) -> dict[str, Any]:
    """What a Project and an Inside have in common."""
    return {
        "positions": _positions(data.get("positions", {}), graph),
        "drawing": Drawing.parse(data["drawing"], graph.nodes) if "drawing" in data else Drawing(),
        "insides": insides_from_json(data.get("insides", {}), graph),
    }


def _positions(data: Any, graph: Graph) -> MappingProxyType[str, Point]:
    if not isinstance(data, dict):
        raise ProjectError(
            "The positions are not a table of nodes.", 'Write {"node": [x, y]} for each node.'
        )
    return MappingProxyType({id: _point(id, at) for id, at in data.items() if id in graph.nodes})


def _point(id: str, at: Any) -> Point:
    match at:
        case [int() | float() as x, int() | float() as y]:
            fits = all(math.isfinite(each) and abs(each) <= MAX_PIXELS for each in (x, y))
            if fits and not isinstance(x, bool) and not isinstance(y, bool):
                return float(x), float(y)
    raise ProjectError(
        f"The position of {id!r} is {str(at)[:60]}.",
        f"A position is two numbers of at most {MAX_PIXELS:,.0f} pixels.",
        node=id,
    )


def _words(data: dict[str, Any], part: str, most: int) -> str:
    value = data.get(part, "")
    if not isinstance(value, str) or len(value) > most or not _is_text(value):
        raise ProjectError(
            f"The {part} is {str(value)[:40]!r}…", f"It is a text of at most {most:,} characters."
        )
    return value


def _is_text(value: str) -> bool:
    """Whether it can be written as UTF-8; names of files may hold bytes that are no text."""
    return value.encode(errors="ignore").decode() == value
