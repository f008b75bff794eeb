"""The inside of a group as a project, and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from engine.errors import EngineError
from engine.graph import Edge, Graph, Group, depth_of, grouped, names_along, with_body
from engine.layers import Add, Dense, Input
from engine.project import (
    Inside,
    Project,
    has_level,
    project_at,
    project_from_text,
    project_to_text,
    with_level,
)
from engine.project.journal import Journal, recover


@pytest.fixture
def project() -> Project:
    """input → outer(group(dense) → dense_1) → dense_2"""
    graph = Graph.sequential((8,), [Dense(units=4), Dense(units=3), Dense(units=2)])
    graph, inner = grouped(graph, ["dense"])
    graph, outer = grouped(graph, [inner, "dense_1"])
    assert (inner, outer) == ("group", "group")
    return Project(graph=graph)


def test_shapes_arrive_on_every_level(project: Project) -> None:
    for level in (("group",), ("group", "group")):
        inner = project_at(project, level)
        (name,) = inner.graph.inputs
        layer = inner.graph.nodes[name].layer
        assert isinstance(layer, Input)
        assert layer.shape == (8,)
        # The same objects each time, so that what is known of them is kept.
        assert project_at(project, level).graph is inner.graph
        assert with_level(project, level, inner) == project
        assert with_level(project, level, inner).graph is project.graph
    assert has_level(project, ("group", "group"))
    assert not has_level(project, ("group", "dense_1"))
    assert not has_level(project, ("dense_2",))
    assert names_along(project.graph, ("group", "group", "dense")) == ["group", "group", "dense"]
    assert depth_of(project.graph) == 2


def test_edits_inside_become_edits_of_the_whole(project: Project) -> None:
    level = ("group", "group")
    inner = project_at(project, level)
    changed = replace(
        inner,
        graph=inner.graph.change("dense", title="eyes"),
        positions=MappingProxyType({"dense": (10.0, 20.0)}),
        title="all of it",
    )
    after = with_level(project, level, changed)
    assert after.title == "all of it"
    assert after.positions == project.positions
    assert after.insides["group"].insides["group"].positions == {"dense": (10.0, 20.0)}
    again = project_from_text(project_to_text(after))
    assert again == after
    assert project_at(again, level).graph.nodes["dense"].title == "eyes"
    # The Inputs inside are saved as they were drawn, not as what arrives at present.
    outer = after.graph.nodes["group"].layer
    assert isinstance(outer, Group)
    drawn = outer.body.nodes["input"].layer
    assert isinstance(drawn, Input)
    assert drawn.shape == (1,)


def test_wires_follow_the_inputs(project: Project) -> None:
    body, first = Graph().add(Input(shape=(2,)), "a")
    body, second = body.add(Input(shape=(2,)), "b")
    body, add = body.add(Add())
    body = body.connect(Edge(first, add, 0)).connect(Edge(second, add, 1))
    graph = Graph.sequential((2,), [Dense(units=2)])
    graph, group = graph.add(Group(body=body))
    graph = graph.connect(Edge("input", group, 0)).connect(Edge("dense", group, 1))
    rest = with_body(graph, group, body.remove(["a"]))
    assert rest.into[group] == (Edge("dense", group, 0),)
    more, _ = body.add(Input(shape=(2,)), "c")
    assert with_body(graph, group, more).into[group] == graph.into[group]
    assert with_body(graph, group, body) is graph


def test_where_things_are_inside_is_journaled(project: Project, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", project, None)
    inside = Inside(positions=MappingProxyType({"dense_1": (5.0, 5.0)}))
    moved = replace(project, insides=MappingProxyType({"group": inside}))
    journal.note(moved)
    assert recover(tmp_path / "j").project == moved
    journal.note(replace(moved, insides=MappingProxyType({})))
    assert recover(tmp_path / "j").project.insides == {}


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("[]", "insides are"),
        ('{"group": 3}', "inside of 'group'"),
        ('{"group": {"plan": {}}}', "inside of 'group'"),
        ('{"group": {"positions": {"dense_1": [1]}}}', "position of 'dense_1'"),
        ('{"group": {"drawing": 1}}', "drawing is"),
    ],
)
def test_damaged_insides_are_refused(project: Project, part: str, words: str) -> None:
    text = project_to_text(project).replace('"data"', f'"insides": {part}, "data"')
    with pytest.raises(EngineError, match=words):
        project_from_text(text)


def test_what_is_said_of_no_group_is_left_out(project: Project) -> None:
    part = '{"nobody": {"positions": {}}, "dense_2": {"positions": {"x": [0, 0]}}, "group": {}}'
    text = project_to_text(project).replace('"data"', f'"insides": {part}, "data"')
    assert project_from_text(text) == project
