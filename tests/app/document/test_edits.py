"""Edits are functions from project to project."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from app.document import edits
from engine.data import DataSetup
from engine.data.sources import CsvFile
from engine.diagnosis import diagnose
from engine.errors import SettingError
from engine.graph import Edge, Graph
from engine.layers import Add, BatchNormalization, Dense, Flatten, Input
from engine.project import Project
from engine.project.moving import rebase_data_path


@pytest.fixture
def project() -> Project:
    graph = Graph.sequential((8,), [Dense(units=4), Dense(units=3), Dense(units=2)])
    return edits.move_nodes(Project(graph=graph), edits.places_for_new(Project(graph=graph)))


def test_deleting_joins_the_ends_where_shapes_fit(project: Project) -> None:
    after = edits.delete(project, ["dense_1"])
    assert after.graph.edges[-1] in (Edge("dense", "dense_2"), Edge("input", "dense"))
    assert Edge("dense", "dense_2") in after.graph.edges
    assert "dense_1" not in after.positions


def test_deleting_several_in_a_row_joins_across_all_of_them(project: Project) -> None:
    after = edits.delete(project, ["dense", "dense_1"])
    assert set(after.graph.edges) == {Edge("input", "dense_2")}


def test_deleting_only_leaves_the_ends_apart(project: Project) -> None:
    after = edits.delete(project, ["dense_1"], reconnect=False)
    assert set(after.graph.edges) == {Edge("input", "dense")}


def test_deleting_does_not_join_what_cannot_be(project: Project) -> None:
    graph, add = project.graph.add(Add())
    graph = graph.connect(Edge("dense", add, 0)).connect(Edge("dense_1", add, 1))
    after = edits.delete(replace(project, graph=graph), ["dense_1"])
    # dense would feed both inputs of Add.
    assert [edge for edge in after.graph.edges if edge.target == add] == [Edge("dense", add, 0)]


def test_a_layer_is_wired_to_the_one_before_where_that_is_possible(project: Project) -> None:
    after, new = edits.add_layer(project, Dense(units=1), (0.0, 0.0), after="dense_2")
    assert after.graph.into[new] == (Edge("dense_2", new),)
    apart, new = edits.add_layer(project, Input(), (0.0, 0.0), after="dense_2")
    assert apart.graph.into[new] == ()


def test_inserting_keeps_the_wire_at_both_ends(project: Project) -> None:
    after, new = edits.insert_layer(
        project, BatchNormalization(), Edge("dense", "dense_1"), (0.0, 0.0)
    )
    assert after.graph.into[new] == (Edge("dense", new),)
    assert after.graph.into["dense_1"] == (Edge(new, "dense_1"),)
    assert not diagnose(after.graph).problems


def test_bad_settings_change_nothing(project: Project) -> None:
    with pytest.raises(SettingError, match="-1"):
        edits.change_settings(project, "dense", units=-1)


def test_new_nodes_get_places_of_their_own(project: Project) -> None:
    graph, _ = project.graph.add(Flatten())
    graph, _ = graph.add(Flatten())
    after = edits.adopt_graph(project, graph)
    assert len(set(after.positions.values())) == len(after.graph.nodes)


def test_titles_are_trimmed_and_an_empty_one_takes_it_back(project: Project) -> None:
    assert edits.rename(project, "dense", "  eyes ").graph.nodes["dense"].name == "eyes"
    assert edits.rename(project, "dense", " ").graph.nodes["dense"].name == "dense"


def test_a_data_file_is_still_found_after_saving_elsewhere(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    project = Project(data=DataSetup(source=CsvFile(path="table.csv")))

    def path_of(project: Project) -> str:
        assert project.data is not None
        assert isinstance(project.data.source, CsvFile)
        return project.data.source.path

    moved = rebase_data_path(project, old, new)
    assert path_of(moved) == str(old / "table.csv")
    assert path_of(rebase_data_path(moved, new, old)) == "table.csv"
    assert rebase_data_path(project, old, old) is project
    assert path_of(rebase_data_path(project, new, tmp_path)) == "new/table.csv"


def test_a_layer_put_between_by_a_fix_pushes_what_follows(project: Project) -> None:
    graph, flat = project.graph.add(Flatten())
    graph = graph.connect(Edge(flat, "dense")).connect(Edge("input", flat))
    after = edits.adopt_graph(project, graph)
    places = [after.positions[id] for id in ("input", flat, "dense", "dense_1", "dense_2")]
    assert {y for _, y in places} == {places[0][1]}
    steps = [b[0] - a[0] for a, b in pairwise(places)]
    assert all(step >= edits.COLUMN_WIDTH for step in steps)


def test_making_room_walks_through_the_network_a_fixed_number_of_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once for each node, it took a minute to put a layer before 5,000 others."""
    walks: list[str] = []
    walk = Graph._from
    monkeypatch.setattr(Graph, "_from", lambda *args: walks.append(args[1]) or walk(*args))
    counts = []
    for length in (5, 50):
        graph = Graph.sequential((4,), [Dense(units=4) for _ in range(length)])
        places = {id: (220.0 * at, 0.0) for at, id in enumerate(graph.order)}
        walks.clear()
        edits.insert_layer(Project(graph=graph, positions=places), Dense(), graph.edges[0], (0, 0))
        counts.append(len(walks))
    assert counts[0] == counts[1] < 20
