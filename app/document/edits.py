"""What the user can do to a project, as pure functions; no Qt.

Each takes a project and returns the project after the edit. Undo keeps the
project from before, so there is no inverse that could drift.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from app.document.data_name import is_other_data
from app.document.places import COLUMN_WIDTH, ROW_HEIGHT, free_place
from engine.data import DataSetup
from engine.diagnosis import Fix, insert_on_edge, why_not_connect
from engine.errors import SettingError
from engine.graph import Edge, Graph, Group
from engine.layers import Layer
from engine.project import Mark, Project
from engine.project.project import Point


def add_layer(
    project: Project, layer: Layer, at: Point, after: str | None = None
) -> tuple[Project, str]:
    """Put a layer on the canvas, wired to ``after`` where that is possible."""
    graph, new = project.graph.add(layer)
    if after is not None and why_not_connect(graph, Edge(after, new)) is None:
        graph = graph.connect(Edge(after, new))
    return _moved(replace(project, graph=graph), {new: at}), new


def insert_layer(project: Project, layer: Layer, edge: Edge, at: Point) -> tuple[Project, str]:
    """Put a new layer into the middle of a wire; what follows makes room."""
    graph, new = insert_on_edge(project.graph, edge, layer)
    x, y = project.positions.get(edge.source, at)
    if at != (x, y) and abs(at[1] - y) < ROW_HEIGHT:
        at = max(at[0], x + COLUMN_WIDTH), at[1]
    return _put(replace(project, graph=graph), new, at), new


def insert_node(project: Project, node: str, edge: Edge, at: Point) -> Project:
    """Put a node that has no wires into the middle of a wire; what follows makes room."""
    graph = project.graph.connect(Edge(node, edge.target, edge.port))
    graph = graph.connect(Edge(edge.source, node))
    return _put(replace(project, graph=graph), node, at)


def make_room(project: Project, node: str, anywhere: bool = False) -> Project:
    """Push what follows a node to the right, as far as it would lie on the node.

    Args:
        anywhere: what the node is wired to is pushed from other rows as well.
    """
    graph, places = project.graph, project.positions
    x, y = places[node]
    behind = graph.behind(node) & places.keys()
    targets = {edge.target for edge in graph.out_of[node]}
    nearest = min(
        (
            places[id][0]
            for id in behind
            if (anywhere and id in targets)
            or (
                abs(places[id][1] - y) < ROW_HEIGHT
                and (id in targets or abs(places[id][0] - x) < COLUMN_WIDTH)
            )
        ),
        default=x + COLUMN_WIDTH,
    )
    push = x + COLUMN_WIDTH - nearest
    if push <= 0:
        return project
    return _moved(project, {id: (places[id][0] + push, places[id][1]) for id in behind})


def move_nodes(project: Project, to: Mapping[str, Point]) -> Project:
    """Put nodes at new places."""
    return _moved(project, to)


def connect(project: Project, edge: Edge) -> Project:
    """Draw a wire; it replaces what held the input."""
    return replace(project, graph=project.graph.connect(edge))


def disconnect(project: Project, edges: Iterable[Edge]) -> Project:
    """Cut wires."""
    return replace(project, graph=project.graph.disconnect(edges))


def delete(
    project: Project, nodes: Iterable[str], edges: Iterable[Edge] = (), reconnect: bool = True
) -> Project:
    """Delete nodes and wires; where a deleted node had one input and shapes fit, join its ends."""
    gone = set(nodes)
    graph = project.graph.disconnect(edges)
    for id in [each for each in graph.order if each in gone]:
        sources = [edge.source for edge in graph.into[id]]
        targets = graph.out_of[id]
        graph = graph.remove([id])
        if reconnect and len(sources) == 1:
            for edge in targets:
                joined = Edge(sources[0], edge.target, edge.port)
                if edge.target not in gone and why_not_connect(graph, joined) is None:
                    graph = graph.connect(joined)
                elif edge.target in gone:
                    graph = _join_if_wirable(graph, joined)
    return redrawn(project, graph, {})


def redrawn(project: Project, graph: Graph, places: Mapping[str, Point]) -> Project:
    """The project with another graph: what is gone is not drawn any more, what is new stands
    at ``places``."""
    kept = {id: at for id, at in project.positions.items() if id in graph.nodes}
    drawing, insides = project.drawing, project.insides
    if not drawing.collapsed <= graph.nodes.keys():
        drawing = replace(drawing, collapsed=drawing.collapsed & graph.nodes.keys())
    if any(not is_group(graph, id) for id in insides):
        insides = MappingProxyType({id: at for id, at in insides.items() if is_group(graph, id)})
    positions = MappingProxyType({**kept, **places})
    return replace(project, graph=graph, positions=positions, drawing=drawing, insides=insides)


def is_group(graph: Graph, id: str) -> bool:
    """Whether there is a group of this id."""
    return id in graph.nodes and isinstance(graph.nodes[id].layer, Group)


def add_mark(project: Project, mark: Mark) -> tuple[Project, str]:
    """Put a frame or a note on the canvas; its name."""
    marks, number = project.drawing.marks, 1
    while (name := f"{mark.kind.lower()}_{number}") in marks:
        number += 1
    return change_marks(project, {name: mark}), name


def change_marks(project: Project, marks: Mapping[str, Mark | None]) -> Project:
    """Take over frames and notes as they are to be now; None deletes one."""
    merged = {**project.drawing.marks, **marks}
    kept = {name: mark for name, mark in merged.items() if mark is not None}
    drawing = replace(project.drawing, marks=MappingProxyType(kept))
    return replace(project, drawing=drawing)


def collapse(project: Project, nodes: Collection[str]) -> Project:
    """Show nodes small; if all of them are, show them whole again."""
    drawing, some = project.drawing, frozenset(nodes)
    folded = drawing.collapsed - some if some <= drawing.collapsed else drawing.collapsed | some
    return replace(project, drawing=replace(drawing, collapsed=folded))


def _join_if_wirable(graph: Graph, edge: Edge) -> Graph:
    return graph if graph.why_not_wire(edge) else graph.connect(edge)


def change_settings(project: Project, node: str, **settings: Any) -> Project:
    """Change settings of one layer.

    Raises:
        SettingError: a value is outside of its declaration.
    """
    layer = project.graph.nodes[node].layer
    assert isinstance(layer, Layer)
    return replace(project, graph=project.graph.change(node, layer=layer.changed(**settings)))


def replace_layer(project: Project, node: str, kind: str) -> Project:
    """Put a layer of another kind in a node's place; wires and settings of the same name stay."""
    old = project.graph.nodes[node].layer
    layer: Layer = Layer.kind_named(kind)()
    names = layer.settings().keys() & old.settings().keys() if isinstance(old, Layer) else ()
    for name in sorted(names):
        with suppress(SettingError):  # the same name may mean something else there
            layer = layer.changed(**{name: getattr(old, name)})
    return redrawn(project, project.graph.change(node, layer=layer), {})


def rename(project: Project, node: str, title: str) -> Project:
    """Give a node a title; empty shows its type again."""
    return replace(project, graph=project.graph.change(node, title=title.strip()[:80]))


def adopt_graph(project: Project, graph: Graph) -> Project:
    """Take over a graph that the engine made (a fix); new nodes get a place near their wires."""
    adopted = redrawn(project, graph, {})
    for id in graph.order:
        if id not in adopted.positions:
            adopted = _put_between(adopted, id)
    return _moved(adopted, places_for_new(adopted))


def draw_anew(project: Project, graph: Graph) -> Project:
    """Put another graph in the place of the one on the canvas."""
    nothing = MappingProxyType[str, Any]({})
    return adopt_graph(replace(project, positions=nothing, insides=nothing), graph)


def _put_between(project: Project, node: str) -> Project:
    """Place a node behind its source and push what follows it; only where it has both."""
    graph, places = project.graph, project.positions
    sources = [places[edge.source] for edge in graph.into[node] if edge.source in places]
    if not sources or not graph.out_of[node]:
        return project
    x, y = max(sources)
    return make_room(_put(project, node, (x + COLUMN_WIDTH, y)), node, anywhere=True)


def _put(project: Project, node: str, at: Point) -> Project:
    """Place a node clear of all but what follows it, which makes room."""
    behind = project.graph.behind(node)
    others = [place for id, place in project.positions.items() if id != node and id not in behind]
    return make_room(_moved(project, {node: free_place(at, others)}), node)


def adopt(project: Project, fix: Fix) -> Project:
    """Carry out a fix that the engine proposed."""
    if fix.plan is not None:
        project = replace(project, plan=fix.plan)
    if fix.data is not None:
        project = choose_data(project, fix.data)
    return project if fix.graph is None else adopt_graph(project, fix.graph)


def choose_data(project: Project, setup: DataSetup | None) -> Project:
    """Take other data, or prepare it in another way; None takes it away.

    Title and description told of the data before, so other data does without them.
    """
    if setup == project.data:
        return project
    if is_other_data(setup, project.data):
        return replace(project, data=setup, title="", description="")
    return replace(project, data=setup)


def places_for_new(project: Project) -> dict[str, Point]:
    """Positions for the nodes that have none: beside their source, in a free spot."""
    graph, places = project.graph, dict(project.positions)
    new: dict[str, Point] = {}
    for id in graph.order:
        if id in places:
            continue
        sources = [places[edge.source] for edge in graph.into[id] if edge.source in places]
        targets = [places[edge.target] for edge in graph.out_of[id] if edge.target in places]
        if sources and targets:
            (ax, ay), (bx, by) = sources[0], targets[0]
            beside = ROW_HEIGHT if bx - ax < 1.8 * COLUMN_WIDTH else 0.0
            at = ((ax + bx) / 2, (ay + by) / 2 + beside)
        elif sources:
            at = (max(x for x, _ in sources) + COLUMN_WIDTH, sources[0][1])
        elif targets:
            at = (targets[0][0] - COLUMN_WIDTH, targets[0][1])
        else:
            at = (0.0, 0.0)
        new[id] = places[id] = free_place(at, places.values())
    return new


def placed(project: Project) -> Project:
    """The project with a place for every node, so that an edit moves no other node."""
    missing = places_for_new(project)
    return move_nodes(project, missing) if missing else project


def free_spot(project: Project, at: Point) -> Point:
    """The place nearest to ``at`` where a node covers no other."""
    return free_place(at, project.positions.values())


def _moved(project: Project, to: Mapping[str, Point]) -> Project:
    return replace(project, positions=MappingProxyType({**project.positions, **to}))
