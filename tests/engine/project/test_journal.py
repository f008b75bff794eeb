"""The crash journal: whatever happens to the program, the last edit is there."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import DataSetup
from engine.errors import ProjectError
from engine.graph import Edge, Graph
from engine.layers import Dense
from engine.project import Project, journal, write_project
from engine.project.journal import Journal, journal_path, recover
from engine.training.plan import Plan

WORKER = """
import sys
from dataclasses import replace
from pathlib import Path
from engine.graph import Edge
from engine.layers import Dense
from engine.project import read_project
from engine.project.journal import Journal, journal_path

path = Path(sys.argv[1])
project = read_project(path)
journal = Journal(journal_path(path), project, path)
last = "input"
for number in range(1_000_000):
    graph, new = project.graph.add(Dense(units=1 + number % 9))
    graph = graph.connect(Edge(last, new))
    project, last = replace(project, graph=graph, title=f"edit {number}"), new
    journal.note(project)
    if number >= 20:
        print(number, flush=True)
        sys.stdin.readline()
"""


def start() -> Project:
    return Project(graph=Graph.sequential((2,), [Dense(units=3)]))


def test_killing_the_program_loses_no_edit(tmp_path: Path) -> None:
    path = tmp_path / "p.netsmith"
    write_project(start(), path)
    saved = path.read_bytes()
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        last = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    found = recover(journal_path(path))
    assert found.project.title == f"edit {last}"
    assert len(found.project.graph.nodes) == 2 + last + 1
    assert found.path == path
    assert path.read_bytes() == saved


def test_a_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = Journal(path, start(), None)
    writer.note(replace(start(), title="one"))
    writer.note(replace(start(), title="two"))
    content = path.read_bytes()
    for cut in (1, 4, 10):
        path.write_bytes(content[:-cut])
        assert recover(path).project.title == ("two" if cut == 1 else "one")


def test_without_an_edit_there_is_no_file(tmp_path: Path) -> None:
    project = start()
    writer = Journal(tmp_path / "j", project, None)
    writer.note(project)
    assert not list(tmp_path.iterdir())
    writer.note(replace(project, title="x"))
    assert list(tmp_path.iterdir()) == [tmp_path / "j"]
    writer.remove()
    assert not list(tmp_path.iterdir())


def test_a_journal_of_many_edits_starts_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MAX_GROWTH", 2000)
    writer, project = Journal(tmp_path / "j", start(), None), start()
    for number in range(500):
        project = replace(project, title=f"edit {number}")
        writer.note(project)
    assert (tmp_path / "j").stat().st_size < 8000
    assert recover(tmp_path / "j").project == project


def test_an_edit_costs_a_line_not_a_project(tmp_path: Path) -> None:
    project = Project(graph=Graph.sequential((2,), [Dense(units=2)] * 300))
    writer = Journal(tmp_path / "j", project, None)
    writer.note(replace(project, title="x"))
    before = (tmp_path / "j").stat().st_size
    graph = project.graph.change("dense_7", layer=Dense(units=9))
    writer.note(replace(project, title="x", graph=graph))
    assert (tmp_path / "j").stat().st_size - before < 500
    assert recover(tmp_path / "j").project.graph == graph


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"nothing\n", b'{"format": "netsmith"}\n', b"\xff"]
)
def test_what_is_no_journal_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "j").write_bytes(content)
    with pytest.raises(ProjectError, match="no journal"):
        recover(tmp_path / "j")


def test_a_missing_journal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="There is no file"):
        recover(tmp_path / "j")


def edited(project: Project, kind: str, number: int) -> Project:
    graph = project.graph
    ids = list(graph.nodes)
    id = ids[number % len(ids)]
    match kind:
        case "add":
            graph, new = graph.add(Dense(units=1 + number))
            positions = MappingProxyType({**project.positions, new: (float(number), 0.0)})
            return replace(project, graph=graph.connect(Edge(id, new)), positions=positions)
        case "remove" if len(ids) > 1:
            return replace(project, graph=graph.remove([id]))
        case "move":
            moved = MappingProxyType({**project.positions, id: (float(number), 1.0)})
            return replace(project, positions=moved)
        case "forget places":
            return replace(project, positions=MappingProxyType({}))
        case "rename":
            return replace(project, graph=graph.change(id, title=f"node {number}"))
        case "cut":
            return replace(project, graph=graph.disconnect(graph.edges[:1]))
        case "data":
            return replace(project, data=None if project.data else DataSetup())
        case "plan":
            return replace(project, plan=Plan(epochs=1 + number))
        case "title":
            return replace(project, title=f"title {number}")
    return project


KINDS = ["add", "remove", "move", "forget places", "rename", "cut", "data", "plan", "title", "undo"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 20)), max_size=25))
def test_any_history_of_edits_and_undos_comes_back(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("journal") / "j"
    past = [start()]
    writer = Journal(path, past[-1], None)
    for kind, number in edits:
        if kind == "undo":
            past = past[:-1] or past
        else:
            past.append(edited(past[-1], kind, number))
        writer.note(past[-1])
    if path.exists():
        found = recover(path).project
        places = {id: at for id, at in past[-1].positions.items() if id in past[-1].graph.nodes}
        assert found == replace(past[-1], positions=MappingProxyType(places))
        assert list(found.graph.nodes) == list(past[-1].graph.nodes)
