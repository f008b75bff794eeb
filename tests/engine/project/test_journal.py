"""The crash journal: whatever happens to the program, the last edit is there."""

from __future__ import annotations

import errno
import os
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
from engine.project.journal import Journal, journal_path, project_of, recover
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
    with pytest.raises(ProjectError, match="not a journal"):
        recover(tmp_path / "j")


def written(path: Path, edits: int = 6) -> Project:
    """A journal of some edits, each of which adds a layer behind the last; what it ends with."""
    writer, project = Journal(path, start(), path.with_name("p.netsmith")), start()
    for number in range(edits):
        last = list(project.graph.nodes)[-1]
        graph, new = project.graph.add(Dense(units=number + 1))
        project = replace(project, graph=graph.connect(Edge(last, new)), title=f"edit {number}")
        writer.note(project)
    return project


def with_damage(path: Path, *lines: int) -> None:
    content = path.read_bytes().split(b"\n")
    for line in lines:
        middle = len(content[line]) // 2
        content[line] = content[line][:middle] + b"\0\xff" + content[line][middle + 2 :]
    path.write_bytes(b"\n".join(content))


@pytest.mark.parametrize("damaged", [0, 1])
def test_damage_at_the_beginning_costs_nothing(tmp_path: Path, damaged: int) -> None:
    path = tmp_path / "j"
    project = written(path)
    with_damage(path, damaged)
    found = recover(path)
    assert found.project == project
    assert found.path == project_of(path) == tmp_path / "p.netsmith"
    assert not found.damage


def test_where_the_beginning_is_lost_edits_are_applied_to_the_saved_project(
    tmp_path: Path,
) -> None:
    path = tmp_path / "j"
    project = written(path)
    with_damage(path, 0, 1)
    found = recover(path, start())
    assert found.project == project
    assert (found.edits, found.has_head) == (6, False)
    assert "beginning is damaged; the 6 edits" in found.damage
    assert project_of(path) is None


def test_an_edit_that_makes_no_sense_ends_what_is_offered(tmp_path: Path) -> None:
    path = tmp_path / "j"
    project = start()
    writer = Journal(path, project, None)
    for number in range(1, 12):
        writer.note(replace(project, title=f"edit {number}"))
    lines = path.read_bytes().splitlines(keepends=True)
    lines[5] = journal._as_line(4, {"plan": {"epochs": "many"}})
    path.write_bytes(b"".join(lines))
    found = recover(path)
    assert (found.project.title, found.edits, found.lost) == ("edit 3", 3, 8)


@pytest.mark.parametrize("damaged", [2, 4, 7])
def test_damage_among_the_edits_is_told(tmp_path: Path, damaged: int) -> None:
    path = tmp_path / "j"
    written(path)
    with_damage(path, damaged)
    found = recover(path)
    assert (found.edits, found.lost) == (damaged - 2, 8 - damaged)
    assert found.project.title == (f"edit {damaged - 3}" if damaged > 2 else "")
    assert "of 6 could not be used" in found.damage


def test_a_line_that_is_gone_and_a_changed_letter_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "j"
    written(path)
    content = path.read_bytes()
    lines = content.split(b"\n")
    path.write_bytes(b"\n".join([*lines[:4], *lines[5:]]))
    assert (recover(path).edits, recover(path).lost) == (2, 4)
    path.write_bytes(content.replace(b'"edit 3"', b'"edit 8"'))
    assert (recover(path).edits, recover(path).lost) == (3, 3)


def test_a_journal_of_the_first_version_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "j"
    project = written(path)
    _, *lines = path.read_bytes().split(b"\n")
    path.write_bytes(
        b"\n".join(line.partition(b"{")[1] + line.partition(b"{")[2] for line in lines)
    )
    assert recover(path).project == project
    assert not recover(path).damage


def full_disk(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """From now on only so many bytes can be written to journals."""
    left = [room]
    write = os.write

    def limited(handle: int, content: bytes) -> int:
        if not content[: left[0]]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = write(handle, content[: left[0]])
        left[0] -= done
        return done

    monkeypatch.setattr(journal.os, "write", limited)


@pytest.mark.parametrize("room", [0, 7])
def test_a_full_disk_costs_nothing_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    writer = Journal(tmp_path / "j", start(), None)
    writer.note(replace(start(), title="one"))
    content = (tmp_path / "j").read_bytes()
    with monkeypatch.context() as patch:
        full_disk(patch, room)
        with pytest.raises(OSError, match="No space left"):
            writer.note(replace(start(), title="two", description="x"))
    assert (tmp_path / "j").read_bytes() == content
    writer.note(replace(start(), title="three", description="x"))
    found = recover(tmp_path / "j")
    assert (found.project.title, found.project.description) == ("three", "x")
    assert (found.edits, found.lost) == (2, 0)


def test_a_journal_that_somebody_deletes_comes_back_whole(tmp_path: Path) -> None:
    writer = Journal(tmp_path / "j", start(), None)
    writer.note(replace(start(), title="one"))
    (tmp_path / "j").unlink()
    writer.note(replace(start(), title="two"))
    writer.note(replace(start(), title="three"))
    assert recover(tmp_path / "j").project.title == "three"


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
