"""The inside of a group as a project, so that what edits a network edits a group as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from engine.diagnosis import arriving_at, inside_of
from engine.graph import Group, body_at, with_body
from engine.project.project import Inside, Project

Level = tuple[str, ...]
"""The groups that one has gone into, the outermost first; empty for the whole network."""


def has_level(project: Project, level: Sequence[str]) -> bool:
    """Whether these groups lie in each other."""
    return body_at(project.graph, level) is not None


def project_at(project: Project, level: Sequence[str]) -> Project:
    """What a group holds as a project; its Inputs have the shapes that arrive there."""
    for id in level:
        inside = project.insides.get(id, Inside())
        project = replace(
            project,
            graph=inside_of(project.graph, id),
            positions=inside.positions,
            drawing=inside.drawing,
            insides=inside.insides,
        )
    return project


def with_level(project: Project, level: Sequence[str], changed: Project) -> Project:
    """The project in which a group holds what :func:`project_at` gave, after an edit."""
    if not level:
        return changed
    inner = with_level(project_at(project, level[:1]), level[1:], changed)
    id, graph = level[0], project.graph
    group = graph.nodes[id].layer
    assert isinstance(group, Group)
    body = group.as_drawn(arriving_at(graph, id), inner.graph)
    insides = project.insides
    inside = Inside(inner.positions, inner.drawing, inner.insides)
    if inside != insides.get(id, Inside()):
        insides = MappingProxyType({**insides, id: inside})
    return replace(
        inner,
        graph=with_body(graph, id, body),
        positions=project.positions,
        drawing=project.drawing,
        insides=insides,
    )
