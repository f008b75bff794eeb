"""Edits of groups, of layers that are used again, and of layers that are bypassed; no Qt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from app.document.edits import redrawn
from app.document.places import COLUMN_WIDTH, bounds, free_place, snapped
from engine.arrays import shape_text
from engine.diagnosis import diagnose
from engine.errors import EngineError, ShapeError, WiringError
from engine.graph import MAX_DEPTH, Group, UnknownLayer, depth_of, grouped, ungrouped
from engine.layers import Input, Layer, Shared
from engine.project import Inside, Project
from engine.project.project import Point


def check_depth(project: Project, above: int) -> None:
    """Check that a project can be read again.

    Args:
        above: how many groups it lies in.

    Raises:
        WiringError: groups would lie in each other too deeply.
    """
    if above + depth_of(project.graph) > MAX_DEPTH:
        raise WiringError(
            f"Groups would be nested more than {MAX_DEPTH} deep.", "Ungroup some of them first."
        )


def group(project: Project, nodes: Collection[str]) -> tuple[Project, str]:
    """Put nodes into a group, which stands in their middle; inside they keep their places.

    Raises:
        WiringError: they cannot be one layer.
    """
    graph, new = grouped(project.graph, nodes, diagnose(project.graph).shapes)
    places = {id: project.positions[id] for id in nodes if id in project.positions}
    collapsed = project.drawing.collapsed & set(nodes)
    inside = Inside(
        MappingProxyType(places),
        replace(Inside().drawing, collapsed=collapsed),
        MappingProxyType({id: each for id, each in project.insides.items() if id in nodes}),
    )
    at = {new: _middle(places.values())} if places else {}
    return _with_insides(redrawn(project, graph, at), {new: inside}), new


def ungroup(project: Project, node: str) -> tuple[Project, list[str]]:
    """Put a group's layers in its place as they stand inside, repeats side by side.

    Raises:
        WiringError: the node is no group that can be taken apart.
    """
    group = project.graph.nodes[node].layer
    graph, new = ungrouped(project.graph, node)
    assert isinstance(group, Group)
    inner = [id for id in group.body.nodes if id not in group.body.inputs]
    inside = project.insides.get(node, Inside())
    if not inner:
        return redrawn(project, graph, {}), new
    stand = {id: inside.positions[id] for id in inner if id in inside.positions}
    if len(stand) < len(inner):
        stand = _in_columns(group, inner)
    (left, top), size = bounds(stand.values())
    middle = _middle(stand.values())
    at = project.positions.get(node, (0.0, 0.0))
    wide = size[0] + (group.repeat - 1) * (size[0] + COLUMN_WIDTH), size[1]
    taken = [place for id, place in project.positions.items() if id in graph.nodes]
    corner = free_place((at[0] + left - middle[0], at[1] + top - middle[1]), taken, wide)
    places: dict[str, Point] = {}
    insides: dict[str, Inside] = {}
    collapsed: set[str] = set()
    for index, name in enumerate(new):
        number, old = index // len(inner), inner[index % len(inner)]
        x = stand[old][0] - left + number * (size[0] + COLUMN_WIDTH)
        places[name] = corner[0] + x, corner[1] + stand[old][1] - top
        if old in inside.insides:
            insides[name] = inside.insides[old]
        if old in inside.drawing.collapsed:
            collapsed.add(name)
    after = _with_insides(redrawn(project, graph, places), insides)
    if collapsed:
        drawing = replace(after.drawing, collapsed=after.drawing.collapsed | collapsed)
        after = replace(after, drawing=drawing)
    return after, new


def share(project: Project, node: str, at: Point) -> tuple[Project, str]:
    """Use a layer once more, with the same weights."""
    layer = project.graph.nodes[node].layer
    origin = layer.of if isinstance(layer, Shared) else node
    graph, new = project.graph.add(Shared(of=origin))
    return redrawn(project, graph, {new: at}), new


def bypass(project: Project, nodes: Collection[str]) -> Project:
    """Let data pass layers by; if all of them are bypassed, use them again.

    Raises:
        WiringError, ShapeError: one of them cannot be left out; says why.
    """
    graph = project.graph
    back = all(graph.nodes[id].bypassed for id in nodes)
    if not back:
        for id in nodes:
            _check_bypass(project, id, nodes)
    for id in sorted(nodes):
        if graph.nodes[id].bypassed is back:
            graph = graph.change(id, bypassed=not back)
    return replace(project, graph=graph)


def _check_bypass(project: Project, id: str, nodes: Collection[str]) -> None:
    graph, shapes = project.graph, diagnose(project.graph).shapes
    node, layer = graph.nodes[id], graph.layer_of(id)
    if isinstance(layer, Input):
        raise WiringError(
            f"{node.name} is where data enters, so it cannot be bypassed.",
            "Leave it out of the selection.",
        )
    for other in graph.nodes.values():
        user = other.layer
        if isinstance(user, Shared) and user.of == id and other.id not in nodes:
            raise WiringError(
                f"{other.name} uses the weights of {node.name}.", "Bypass both, or neither."
            )
    inputs = tuple(shapes[edge.source] for edge in graph.into[id] if edge.source in shapes)
    if not inputs:
        raise WiringError(f"{node.name} has no input that could be passed on.", "Wire it first.")
    if isinstance(layer, UnknownLayer) or node.bypassed:
        return
    assert isinstance(layer, Layer)
    try:
        shape = layer.output_shape(inputs)
    except EngineError:
        return  # what it puts out is not known: leaving it out may be what helps
    if shape != inputs[0]:
        raise ShapeError(
            f"{node.name} turns {shape_text(inputs[0])} into {shape_text(shape)}; what follows "
            "would get another shape.",
            "Only layers that keep the shape of their first input can be bypassed.",
        )


def _middle(places: Iterable[Point]) -> Point:
    some = list(places)
    x, y = (sum(each) / len(some) for each in zip(*some, strict=True))
    return snapped(x), snapped(y)


def _in_columns(group: Group, inner: Collection[str]) -> dict[str, Point]:
    """Places for layers that have none, in columns from left to right."""
    graph = group.body
    depth: dict[str, int] = {}
    places: dict[str, Point] = {}
    for id in (each for each in graph.order if each in inner):
        before = [depth[edge.source] for edge in graph.into[id] if edge.source in depth]
        depth[id] = max(before, default=-1) + 1
        places[id] = free_place((depth[id] * COLUMN_WIDTH, 0.0), places.values())
    return places


def _with_insides(project: Project, more: Mapping[str, Inside]) -> Project:
    """The project with groups laid out so; those about which nothing is said are left out."""
    told = {id: inside for id, inside in more.items() if inside}
    if not told:
        return project
    return replace(project, insides=MappingProxyType({**project.insides, **told}))
