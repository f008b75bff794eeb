"""Frames, notes and small nodes in a file, which is not trusted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from engine.errors import EngineError
from engine.graph import Graph
from engine.layers import Dense
from engine.project import Drawing, Frame, Note, Project, project_from_text, project_to_text
from engine.project.drawing import MAX_MARKS
from engine.project.journal import Journal, recover

GRAPH = Graph.sequential((4,), [Dense(units=2)])
DRAWING = Drawing(
    MappingProxyType(
        {
            "frame_1": Frame(text="Stem", color="blue", x=-20, y=-40.5, width=300, height=200),
            "note_1": Note(text="Two\nlines – and “quotes”", color="pink"),
        }
    ),
    frozenset(["dense"]),
)
PROJECT = Project(graph=GRAPH, drawing=DRAWING)


def changed(drawing: Any) -> str:
    data = json.loads(project_to_text(PROJECT))
    return json.dumps({**data, "drawing": drawing})


def test_a_drawing_comes_back_equal() -> None:
    text = project_to_text(PROJECT)
    assert project_from_text(text) == PROJECT
    assert project_to_text(project_from_text(text)) == text


def test_without_one_the_file_is_as_before() -> None:
    assert '"drawing"' not in project_to_text(Project(graph=GRAPH))
    assert project_from_text(project_to_text(Project(graph=GRAPH))).drawing == Drawing()


def test_nodes_that_are_not_there_are_not_small() -> None:
    read = project_from_text(changed({"marks": {}, "collapsed": ["dense", "gone", 3, "dense"]}))
    assert read.drawing.collapsed == {"dense"}


FRAME = Frame(text="x").to_json()


BAD: list[Any] = [
    None,
    [],
    {},
    {"marks": {}},
    {"marks": [], "collapsed": []},
    {"marks": {}, "collapsed": [], "more": 1},
    {"marks": {"": FRAME}, "collapsed": []},
    {"marks": {"a" * 101: FRAME}, "collapsed": []},
    {"marks": {"\ud800": FRAME}, "collapsed": []},
    {"marks": {"a": "Circle"}, "collapsed": []},
    {"marks": {"a": {**FRAME, "color": "beige"}}, "collapsed": []},
    {"marks": {"a": {**FRAME, "width": 0}}, "collapsed": []},
    {"marks": {"a": {**FRAME, "x": 1e300}}, "collapsed": []},
    {"marks": {"a": {**FRAME, "text": "x" * 5_001}}, "collapsed": []},
    {"marks": {"a": {**FRAME, "text": "\ud800"}}, "collapsed": []},
    {"marks": {"a": {**FRAME, "text": 3}}, "collapsed": []},
    {"marks": dict.fromkeys(map(str, range(MAX_MARKS + 1)), FRAME), "collapsed": []},
]


@pytest.mark.parametrize("drawing", BAD, ids=map(str, range(len(BAD))))
def test_what_is_wrong_is_said_in_two_sentences(drawing: Any) -> None:
    with pytest.raises(EngineError) as caught:
        project_from_text(changed(drawing))
    assert caught.value.what
    assert caught.value.fix


def test_the_journal_keeps_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", Project(graph=GRAPH), None)
    journal.note(PROJECT)
    assert recover(journal.path).project == PROJECT
    journal.note(replace(PROJECT, drawing=Drawing()))
    assert recover(journal.path).project.drawing == Drawing()
