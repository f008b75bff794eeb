"""Project files: what is written can be read, and what comes from outside is not trusted."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import DataSetup
from engine.errors import EngineError, ProjectError
from engine.graph import Graph, Group, UnknownLayer
from engine.layers import Dense, Flatten
from engine.losses import MeanSquaredError
from engine.project import (
    Project,
    project_from_text,
    project_to_text,
    read_project,
    write_project,
)
from engine.project.files import MAX_BYTES
from engine.project.migrations import VERSION, up_to_date
from engine.training.plan import Plan

OLD_FILES = Path(__file__).parents[2] / "data"


def sample() -> Project:
    graph = Graph.sequential((4, 4, 1), [Flatten(), Dense(units=3, activation="softmax")])
    graph = graph.change("dense", title="Ausgang ü")
    return Project(
        graph=graph,
        positions=MappingProxyType({"input": (0.0, 0.0), "flatten": (220.0, 10.5)}),
        data=DataSetup(),
        plan=Plan(loss=MeanSquaredError(), epochs=7),
        title="A sample",
        description="Two lines,\none project.",
    )


def broken(**parts: Any) -> str:
    return json.dumps({**json.loads(project_to_text(sample())), **parts})


def test_text_gives_the_same_project_and_the_same_text() -> None:
    text = project_to_text(sample())
    assert project_from_text(text) == sample()
    assert project_to_text(project_from_text(text)) == text


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "p.netsmith"
    write_project(sample(), path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_project(path) == sample()


@pytest.mark.parametrize(
    "parts",
    [
        {"title": "x" * 300},
        {"title": "half \udcff"},
        {"description": "y" * 30_000},
        {"positions": MappingProxyType({"input": (float("nan"), 0.0)})},
        {"positions": MappingProxyType({"input": (1e300, 0.0)})},
    ],
)
def test_nothing_is_written_that_could_not_be_opened_again(
    tmp_path: Path, parts: dict[str, Any]
) -> None:
    with pytest.raises(ProjectError) as caught:
        write_project(replace(sample(), **parts), tmp_path / "p.netsmith")
    assert caught.value.fix
    assert not list(tmp_path.iterdir())


def test_groups_too_deep_for_a_file_are_not_written(tmp_path: Path) -> None:
    graph = Graph.sequential((4,), [Dense(units=4)])
    for _ in range(30):
        graph = Graph.sequential((4,), [Group(body=graph)])
    with pytest.raises(ProjectError, match="nested"):
        write_project(Project(graph=graph), tmp_path / "p.netsmith")


def test_half_a_character_in_a_file_is_refused() -> None:
    with pytest.raises(ProjectError, match="half of a surrogate pair"):
        project_from_text(broken(title="x").replace('"x"', '"\\udcff"'))
    assert project_from_text(broken(title="\U0001f600")).title == "\U0001f600"


def test_an_empty_project_too() -> None:
    assert project_from_text(project_to_text(Project())) == Project()


def test_a_small_change_makes_a_small_difference() -> None:
    project = sample()
    moved = MappingProxyType({**project.positions, "flatten": (300.0, 10.0)})
    before, after = (
        project_to_text(each).splitlines() for each in (project, replace(project, positions=moved))
    )
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
    assert all(len(line) <= 100 for line in before)


def test_a_layer_of_the_future_is_kept(tmp_path: Path) -> None:
    raw = {"type": "HyperAttention", "heads": 8}
    project = Project(graph=Graph().add(UnknownLayer("HyperAttention", raw))[0])
    write_project(project, tmp_path / "p.netsmith")
    back = read_project(tmp_path / "p.netsmith")
    layer = next(iter(back.graph.nodes.values())).layer
    assert isinstance(layer, UnknownLayer)
    assert layer.to_json() == raw


def test_saving_replaces_the_file_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "p.netsmith"
    path.write_text("before")
    path.chmod(0o640)
    write_project(sample(), path)
    assert read_project(path) == sample()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["p.netsmith"]


def test_saving_follows_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.netsmith", tmp_path / "link.netsmith"
    link.symlink_to(real)
    write_project(sample(), link)
    assert link.is_symlink()
    assert read_project(real) == sample()


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.netsmith"
    write_project(Project(title="old"), path)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ProjectError, match="no space left on device"):
        write_project(sample(), path)
    assert read_project(path).title == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["p.netsmith"]


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"p\.netsmith cannot be written"):
        write_project(sample(), tmp_path / "missing" / "p.netsmith")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Line 1, column 1 is not JSON"),
        ("{", "is not JSON"),
        ("[]", "not a Netsmith project"),
        ("null", "not a Netsmith project"),
        ('{"format": "other"}', "not a Netsmith project"),
        ('{"format": "netsmith"}', "version is None"),
        ('{"format": "netsmith", "version": true}', "version is True"),
        ('{"format": "netsmith", "version": 99}', "has version 99; this Netsmith reads"),
        ('{"format": "netsmith", "version": NaN}', "holds NaN"),
        ("[" * 100_000, "nested too deeply"),
        ("[" * 80 + "]" * 80, "nested more than 64 deep"),
        ('{"a": 1, "a": 2}', "holds 'a' twice"),
        ('{"format": "netsmith", "version": ' + "9" * 5000 + "}", "too many digits"),
    ],
)
def test_what_is_no_project_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ProjectError, match=words) as caught:
        project_from_text(text)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"surprise": 1}, "a part called 'surprise'"),
        ({"graph": 3}, 'no "nodes"'),
        ({"graph": {"nodes": {"a": 3}}}, "Node 'a'"),
        ({"graph": {"nodes": {"a": {"layer": {"type": "Dense", "units": -1}}}}}, "(?i)units is -1"),
        ({"graph": {"nodes": {}, "edges": [["a", "b", 0]]}}, "no node called 'a'"),
        ({"graph": {"nodes": {}, "edges": ["ab"]}}, "'ab' is not an edge"),
        ({"positions": []}, "positions are not a table"),
        ({"positions": {"input": [1]}}, "position of 'input'"),
        ({"positions": {"input": [1, "2"]}}, "position of 'input'"),
        ({"positions": {"input": [1, 1e300]}}, "position of 'input'"),
        ({"plan": {"epochs": 0}}, "Epochs is 0"),
        ({"plan": []}, "Plan cannot be"),
        ({"data": {"source": {"type": "Moon"}}}, "no source called 'Moon'"),
        ({"title": 3}, "The title is '3'"),
        ({"title": "x" * 5000}, "at most 200"),
    ],
)
def test_a_part_that_is_wrong_is_named(tmp_path: Path, parts: dict[str, Any], words: str) -> None:
    path = tmp_path / "p.netsmith"
    path.write_text(broken(**parts))
    with pytest.raises(ProjectError, match=words) as caught:
        read_project(path)
    assert caught.value.what.startswith("p.netsmith: ")
    assert caught.value.fix


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="There is no file"):
        read_project(tmp_path / "none.netsmith")
    with pytest.raises(ProjectError, match="is a folder, not a file"):
        read_project(tmp_path)
    binary = tmp_path / "b.netsmith"
    binary.write_bytes(b"\x89PNG\xff")
    with pytest.raises(ProjectError, match="byte 0 is not UTF-8"):
        read_project(binary)
    huge = tmp_path / "h.netsmith"
    with huge.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ProjectError, match="has 67,108,865 bytes; at most 67,108,864"):
        read_project(huge)


def test_steps_bring_an_old_file_up_to_date() -> None:
    def to_two(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "name": data["titel"]}

    def to_three(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "name": data["name"].upper()}

    old = {"version": 1, "titel": "x"}
    new = up_to_date(old, {1: to_two, 2: to_three}, 3)
    assert new == {"version": 3, "titel": "x", "name": "X"}
    assert old == {"version": 1, "titel": "x"}
    assert up_to_date({"version": 2, "name": "y"}, {1: to_two, 2: to_three}, 3)["name"] == "Y"


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_a_file_of_every_version_opens(version: int) -> None:
    project = read_project(OLD_FILES / f"project-version-{version}.netsmith")
    assert project.title == "Two ways"
    assert len(project.graph.nodes) == 6
    assert project.graph.outputs == ("dense_2",)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    part=st.sampled_from(["title", "description", "graph", "positions", "data", "plan", "version"]),
    value=values,
)
def test_no_value_anywhere_is_more_than_refused(part: str, value: Any) -> None:
    with suppress(EngineError):
        project_from_text(broken(**{part: value}))
