"""A thousand sequences of edits of every kind: undo and redo give the same text, byte by byte."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.canvas import snippet
from app.canvas.scene import places_of
from app.document import Document, edits, grouping
from app.document.blocks import Blocks
from engine.diagnosis import diagnose
from engine.errors import EngineError
from engine.graph import Edge, Graph
from engine.layers import Activation, Add, Conv2D, Dense, Dropout, Flatten, Input, Layer
from engine.project import Frame, Note, Project, project_from_text, project_to_text
from engine.training import Plan

SEQUENCES, PARTS, EDITS = 1000, 8, 7
Random = random.Random
Edit = Callable[[Random, Project, Blocks], Project]


def layer(rng: Random) -> Layer:
    kinds: list[Callable[[], Layer]] = [
        lambda: Dense(units=rng.randrange(1, 6)),
        lambda: Conv2D(filters=4, padding="same"),
        Activation,
        Add,
        Dropout,
        Flatten,
        lambda: Input(shape=(6, 6, 2)),
    ]
    return rng.choice(kinds)()


def place(rng: Random) -> tuple[float, float]:
    return rng.randrange(-50, 50) * 10.0, rng.randrange(-50, 50) * 10.0


def node(rng: Random, project: Project) -> str:
    return rng.choice(list(project.graph.nodes))


def some(rng: Random, project: Project) -> list[str]:
    nodes = list(project.graph.nodes)
    return rng.sample(nodes, min(len(nodes), rng.randrange(1, 4)))


def add(rng: Random, project: Project, blocks: Blocks) -> Project:
    after = rng.choice([None, *project.graph.nodes])
    return edits.add_layer(project, layer(rng), place(rng), after)[0]


def insert(rng: Random, project: Project, blocks: Blocks) -> Project:
    edge = rng.choice(project.graph.edges)
    return edits.insert_layer(project, Activation(), edge, place(rng))[0]


def block(rng: Random, project: Project, blocks: Blocks) -> Project:
    made = blocks.make(rng.choice(blocks.keys), rng.choice([None, (6, 6, 2), (5,)]))
    project, new = edits.add_layer(project, made.layer, place(rng), node(rng, project))
    return made.dressed(project, new)


def connect(rng: Random, project: Project, blocks: Blocks) -> Project:
    edge = Edge(node(rng, project), node(rng, project), rng.randrange(3))
    return edits.connect(project, edge)


def mend(rng: Random, project: Project, blocks: Blocks) -> Project:
    fixes = [fix for problem in diagnose(project.graph).problems for fix in problem.fixes]
    return edits.adopt(project, rng.choice(fixes))


def disconnect(rng: Random, project: Project, blocks: Blocks) -> Project:
    return edits.disconnect(project, [rng.choice(project.graph.edges)])


def delete(rng: Random, project: Project, blocks: Blocks) -> Project:
    return edits.delete(project, some(rng, project), (), rng.random() < 0.5)


def move(rng: Random, project: Project, blocks: Blocks) -> Project:
    return edits.move_nodes(project, {id: place(rng) for id in some(rng, project)})


def rename(rng: Random, project: Project, blocks: Blocks) -> Project:
    return edits.rename(project, node(rng, project), rng.choice(["", "Köpfe ×2", "eyes"]))


def swap(rng: Random, project: Project, blocks: Blocks) -> Project:
    kinds = ["Dense", "Dropout", "Add", "Input"]
    return edits.replace_layer(project, node(rng, project), rng.choice(kinds))


def settings(rng: Random, project: Project, blocks: Blocks) -> Project:
    id = node(rng, project)
    values = {
        "Dense": ("units", 7),
        "Group": ("repeat", rng.randrange(1, 4)),
        "Dropout": ("rate", 0.1),
    }
    name, value = values.get(project.graph.nodes[id].layer.kind, ("", 0))
    return edits.change_settings(project, id, **{name: value}) if name else project


def fold(rng: Random, project: Project, blocks: Blocks) -> Project:
    return edits.collapse(project, some(rng, project))


def mark(rng: Random, project: Project, blocks: Blocks) -> Project:
    made = rng.choice([Frame, Note])(x=rng.randrange(99), text="words")
    known = project.drawing.marks
    if known and rng.random() < 0.5:
        return edits.change_marks(project, {rng.choice(list(known)): rng.choice([made, None])})
    return edits.add_mark(project, made)[0]


def paste(rng: Random, project: Project, blocks: Blocks) -> Project:
    text = snippet.cut_out(project, places_of(project), some(rng, project))
    return snippet.paste(project, text, wired=rng.random() < 0.5).project


def group(rng: Random, project: Project, blocks: Blocks) -> Project:
    return grouping.group(project, some(rng, project))[0]


def ungroup(rng: Random, project: Project, blocks: Blocks) -> Project:
    groups = [id for id in project.graph.nodes if edits.is_group(project.graph, id)]
    return grouping.ungroup(project, rng.choice(groups))[0]


def share(rng: Random, project: Project, blocks: Blocks) -> Project:
    return grouping.share(project, node(rng, project), place(rng))[0]


def bypass(rng: Random, project: Project, blocks: Blocks) -> Project:
    return grouping.bypass(project, some(rng, project))


def plan(rng: Random, project: Project, blocks: Blocks) -> Project:
    return replace(project, plan=Plan(epochs=rng.randrange(1, 9)), title=rng.choice(["a", "b"]))


def fit(rng: Random, project: Project, blocks: Blocks) -> Project:
    graph = project.graph
    for id in graph.inputs:
        graph = graph.change(id, layer=Input(shape=(6, 6, rng.randrange(1, 4))))
    return replace(project, graph=graph)


EVERY: list[Edit] = [
    add, insert, block, connect, mend, disconnect, delete, move, rename, swap, settings, fold,
    mark, paste, group, group, ungroup, share, bypass, plan, fit,
]  # fmt: skip


def start() -> Project:
    graph = Graph.sequential(
        (6, 6, 2), [Conv2D(filters=2, padding="same"), Activation(), Flatten()]
    )
    project = Project(graph=graph)
    return grouping.group(edits.move_nodes(project, edits.places_for_new(project)), ["conv2d"])[0]


def wander(rng: Random, document: Document) -> None:
    """Look into a group, or out of one."""
    groups = [
        id for id in document.project.graph.nodes if edits.is_group(document.project.graph, id)
    ]
    if groups and rng.random() < 0.6:
        document.go_to((*document.level, rng.choice(groups)))
    else:
        document.go_to(document.level[:-1])


@pytest.mark.parametrize("part", range(PARTS))
def test_any_sequence_is_undone_and_redone_to_the_byte(part: int) -> None:
    blocks = Blocks()
    done: set[str] = set()
    deepest = 0
    for seed in range(part, SEQUENCES, PARTS):
        rng = Random(seed)
        document = Document(start())
        texts = [project_to_text(document.whole)]
        for _ in range(EDITS):
            if rng.random() < 0.4:
                wander(rng, document)
            edit = rng.choice(EVERY)
            try:
                project = edit(rng, document.project, blocks)
                grouping.check_depth(project, len(document.level))
            except (EngineError, IndexError):
                continue  # refused, or there is nothing to work on
            before = document.whole
            document.do(edit.__name__, project)
            if document.whole is not before:
                done.add(edit.__name__)
                deepest = max(deepest, len(document.level))
                texts.append(project_to_text(document.whole))
        for text in reversed(texts[:-1]):
            document.undo_stack.undo()
            assert project_to_text(document.whole) == text, seed
        for text in texts[1:]:
            document.undo_stack.redo()
            assert project_to_text(document.whole) == text, seed
        assert not document.undo_stack.canRedo()
        assert project_to_text(project_from_text(texts[-1])) == texts[-1], seed
    assert done == {edit.__name__ for edit in EVERY}
    assert deepest > 1
