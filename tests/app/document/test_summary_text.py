"""The network as a table of text."""

from __future__ import annotations

from app.document.summary_text import summary_text
from engine.graph import Edge, Graph
from engine.layers import Add, Conv2D, Dense, Flatten


def test_every_layer_has_a_line_with_its_numbers() -> None:
    graph = Graph.sequential(
        (8, 8, 1), [Conv2D(filters=4, kernel_size=3), Flatten(), Dense(units=10)]
    ).change("dense", title="Head")
    lines = summary_text(graph).splitlines()
    assert lines[0].split() == ["Layer", "Output", "Parameters", "From"]
    assert "conv2d (Conv2D)" in lines[3]
    assert "6 × 6 × 4" in lines[3]
    assert lines[3].split()[-2:] == ["40", "input"]
    assert lines[5].startswith("Head (Dense)")
    assert lines[-1] == "Parameters: 1,490 (1,490 trainable)"


def test_what_is_wrong_is_told() -> None:
    graph, add = Graph.sequential((4,), [Dense(units=3)]).add(Add())
    text = summary_text(graph.connect(Edge("dense", add)))
    assert next(line for line in text.splitlines() if "(Add)" in line).split()[2] == "?"
    what, todo = "add has 1 of at least 2 inputs.", "Drag more wires to its left side."
    assert text.endswith(f"\nProblem: {what} {todo}\n")


def test_columns_stand_below_one_another() -> None:
    text = summary_text(Graph.sequential((784,), [Dense(units=300), Dense(units=10)]))
    table = text.splitlines()[2:5]
    counts = ("235,500", "3,010")
    ends = {row.index(count) + len(count) for row, count in zip(table[1:], counts, strict=True)}
    assert len(ends) == 1
