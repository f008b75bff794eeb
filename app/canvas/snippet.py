"""Part of a graph as readable text, for the clipboard: JSON both ways, Keras code in; no Qt."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from types import MappingProxyType
from typing import Any

from app.canvas.measures import LIMIT
from app.document import edits
from app.document.places import GRID, bounds, free_place
from engine.diagnosis import why_not_connect
from engine.errors import WiringError
from engine.graph import Edge, Graph
from engine.keras_text import PlanText, read_keras
from engine.layers import Layer, Shared
from engine.project import Inside, Project
from engine.project.files import insides_from_json, insides_to_json
from engine.project.project import Point

FORMAT = "netsmith-layers"
VERSION = 1
MAX_CHARACTERS = 2_000_000
MAX_NODES = 2_000
MAX_WIRES = 10_000
OFFSET = 3 * GRID
_NOT_OURS = 'Copy layers on the canvas, or text such as Dense(64, activation="relu"), then paste.'
_CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_TRAINING = re.compile(r"\.(compile|fit)\s*\(")
_FENCE = re.compile(r"\A\s*```\w*\n(.*?)\n?```\s*\Z", re.DOTALL)
"""What chats and notes put around code."""


def cut_out(project: Project, places: Mapping[str, Point], nodes: Collection[str]) -> str:
    """These nodes, the wires among them and where they stand, as JSON text."""
    graph = project.graph
    part = graph.remove([id for id in graph.nodes if id not in nodes])
    data = {
        "format": FORMAT,
        "version": VERSION,
        "graph": part.to_json(),
        "incoming": [
            list(edge)
            for edge in graph.edges
            if edge.target in part.nodes and edge.source not in part.nodes
        ],
        "positions": {id: list(places[id]) for id in part.nodes},
        **insides_to_json({id: project.insides[id] for id in part.nodes if id in project.insides}),
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


@dataclass(frozen=True)
class Snippet:
    """What was copied.

    Attributes:
        places: where nodes stood.
        incoming: wires into it from nodes that were not copied.
        insides: how groups are laid out.
        plan: what code said of training.
        words: what of code was skipped or read freely, in sentences.
    """

    graph: Graph
    places: Mapping[str, Point]
    incoming: tuple[Edge, ...]
    insides: Mapping[str, Inside]
    plan: PlanText = field(default_factory=PlanText)
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pasted:
    """A project after pasting.

    Attributes:
        nodes: the ids of the new nodes.
        has_plan: whether the plan, or the split of the data, was set as well.
        words: what was skipped or read freely, in sentences.
    """

    project: Project
    nodes: list[str]
    has_plan: bool = False
    words: tuple[str, ...] = ()


def read(text: str) -> Snippet:
    """Read untrusted text: what :func:`cut_out` has written, or layers as Keras code.

    Raises:
        EngineError: the text is something else, is damaged or too large.
    """
    if len(text) > MAX_CHARACTERS:
        raise WiringError("The text on the clipboard is too long to be layers.", _NOT_OURS)
    text = _unfenced(text)
    if _names_layers(text) and FORMAT not in text[:200]:
        code = read_keras(text)
        places = edits.draw_anew(Project(), code.graph).positions
        return Snippet(code.graph, places, (), {}, code.plan, code.words)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WiringError("There are no layers on the clipboard.", _NOT_OURS) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise WiringError("There are no layers on the clipboard.", _NOT_OURS)
    if data.get("version") != VERSION:
        raise WiringError(
            f"The copied layers come from version {str(data.get('version'))[:20]!r}.",
            "Copy them in this version of Netsmith.",
        )
    graph = Graph.from_json(data.get("graph"))
    if len(graph.nodes) > MAX_NODES:
        raise WiringError(
            f"The clipboard holds {len(graph.nodes):,} layers.",
            f"Copy at most {MAX_NODES:,} at a time.",
        )
    raw = data.get("positions")
    places = _points(raw if isinstance(raw, dict) else {}, graph)
    insides = insides_from_json(data.get("insides", {}), graph)
    return Snippet(graph, places, _edges(data.get("incoming"), graph), insides)


def paste(project: Project, text: str, at: Point | None = None, *, wired: bool = False) -> Pasted:
    """Return the project with the nodes in ``text`` added under free ids.

    What code says of training is put into the plan, and into the split of the data.

    Args:
        at: where the top left corner of the whole is wanted, None a little right of
            and below where it was; it goes to the nearest place where it covers no node.
        wired: whether the wires into it are drawn too, from the nodes that they came from.

    Raises:
        EngineError: as :func:`read`, or the graph grows too large.
    """
    snippet = read(text)
    part, places = snippet.graph, snippet.places
    dx, dy = 0.0, 0.0
    if places:
        (left, top), size = bounds(places.values())
        wanted = (left + OFFSET, top + OFFSET) if at is None else at
        x, y = free_place(wanted, project.positions.values(), size)
        dx, dy = x - left, y - top
    graph, new = project.graph, {}
    for id, node in part.nodes.items():
        new[id] = graph.free_id(node.layer.kind)
        graph = graph.put(replace(node, id=new[id]))
    for id, node in part.nodes.items():
        # A copy shares with the copy where that came along.
        if isinstance(node.layer, Shared) and node.layer.of in new:
            graph = graph.change(new[id], layer=node.layer.changed(of=new[node.layer.of]))
    for edge in part.edges:
        graph = graph.connect(Edge(new[edge.source], new[edge.target], edge.port))
    for edge in snippet.incoming if wired else ():
        joined = edge._replace(target=new[edge.target])
        if edge.source in project.graph.nodes and why_not_connect(graph, joined) is None:
            graph = graph.connect(joined)
    moved = {new[id]: (x + dx, y + dy) for id, (x, y) in places.items()}
    positions = MappingProxyType({**project.positions, **moved})
    insides = {new[id]: inside for id, inside in snippet.insides.items()}
    if insides:
        insides = {**project.insides, **insides}
    pasted = replace(
        project,
        graph=graph,
        positions=positions,
        insides=MappingProxyType(insides) if insides else project.insides,
    )
    pasted = edits.move_nodes(pasted, edits.places_for_new(pasted))
    pasted, words = _with_plan(pasted, snippet.plan)
    has_plan = (pasted.plan, pasted.data) != (project.plan, project.data)
    return Pasted(pasted, list(new.values()), has_plan, (*snippet.words, *words))


def _with_plan(project: Project, said: PlanText) -> tuple[Project, tuple[str, ...]]:
    """The project trained as code says, and words about what could not be set."""
    project = replace(project, plan=said.applied(project.plan))
    if said.validation_split is None:
        return project, ()
    if project.data is None:
        return project, ("The validation share is not set: there is no data yet.",)
    data = project.data.changed(split=said.split(project.data.split))
    word = "The validation part is drawn at random; Keras takes the last samples."
    return replace(project, data=data), (word,)


def may_hold_layers(text: str) -> bool:
    """Whether text looks as if it could be pasted; reading it says so for sure."""
    return FORMAT in text[:200] or (len(text) <= MAX_CHARACTERS and _names_layers(text))


def _unfenced(text: str) -> str:
    text = text.removeprefix("\ufeff")
    found = _FENCE.match(text)
    return found[1] if found else text


def _names_layers(text: str) -> bool:
    """Whether a layer, a model of layers or its training is called in the first lines."""
    kinds = {*Layer.kinds, "Sequential", "InputLayer", "Conv", "Convolution2D"}
    start = text[:20_000]
    return any(call[1] in kinds for call in _CALL.finditer(start)) or bool(_TRAINING.search(start))


def _edges(raw: Any, graph: Graph) -> tuple[Edge, ...]:
    found = []
    for each in raw if isinstance(raw, list) else ():
        match each:
            case [str(source), str(target), int(port)] if target in graph.nodes:
                found.append(Edge(source, target, port))
    return tuple(found[:MAX_WIRES])


def _points(raw: Mapping[str, Any], graph: Graph) -> dict[str, Point]:
    places: dict[str, Point] = {}
    for id in graph.nodes:
        match raw.get(id):
            case [int() | float() as x, int() | float() as y]:
                if isfinite(x) and isfinite(y) and max(abs(x), abs(y)) < LIMIT:
                    places[id] = float(x), float(y)
    return places
