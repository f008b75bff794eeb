"""The whole network as a text table, as Keras prints it; no Qt."""

from __future__ import annotations

from engine.arrays import shape_text
from engine.diagnosis import diagnose
from engine.graph import Graph

_HEADS = ("Layer", "Output", "Parameters", "From")


def summary_text(graph: Graph) -> str:
    """A row for each layer in the order of the data, totals and problems; lines end alike."""
    found = diagnose(graph)
    rows = [_HEADS]
    for id in graph.order:
        node = graph.nodes[id]
        shape = found.shapes.get(id)
        rows.append(
            (
                f"{node.name} ({node.layer.kind})",
                "?" if shape is None else shape_text(shape),
                f"{found.parameters(id):,}",
                ", ".join(graph.nodes[edge.source].name for edge in graph.into[id]),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "-" * max(map(len, lines)))
    lines += [
        lines[1],
        f"Parameters: {found.total_parameters:,} ({found.total_trainable:,} trainable)",
    ]
    lines += [f"Problem: {problem}" for problem in found.problems]
    return "\n".join(lines) + "\n"


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    name, shape, count, sources = row
    cells = (
        name.ljust(widths[0]),
        shape.ljust(widths[1]),
        count.rjust(widths[2]),
        sources,
    )
    return "  ".join(cells).rstrip()
