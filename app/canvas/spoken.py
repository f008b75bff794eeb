"""What the canvas shows, in words that are read aloud; no Qt."""

from __future__ import annotations

from app.canvas.face import parameters_text, settings_text
from app.document import Document
from engine.arrays import Shape, shape_text
from engine.graph import Edge
from engine.layers import Layer
from engine.project import Frame, Mark


def node_words(document: Document, id: str) -> str:
    """A node: what it is, its output, what it is wired to, what is wrong with it."""
    graph, found = document.project.graph, document.diagnosis
    node = graph.nodes[id]
    layer = node.layer
    parts = [f"{node.title}, {layer.kind}" if node.title else f"{layer.kind} {id}"]
    if isinstance(layer, Layer) and settings_text(layer):
        parts.append(settings_text(layer).replace("×", " by ").replace(" · ", ", "))
    if node.bypassed:
        parts.append("bypassed")
    shape = found.shapes.get(id)
    parts.append("no shape yet" if shape is None else f"output {_shape(shape)}")
    count = parameters_text(found.parameters(id))
    if count:
        parts.append(count.replace("params", "parameters"))
    sources = [graph.nodes[edge.source].name for edge in graph.into[id]]
    targets = [graph.nodes[edge.target].name for edge in graph.out_of[id]]
    parts.append(f"from {_listed(sources)}" if sources else "no input wire")
    parts.append(f"to {_listed(targets)}" if targets else "no output wire")
    parts += [f"problem: {each.what} {each.todo}" for each in document.problems_of(id)]
    return ", ".join(parts)


def port_words(document: Document, id: str, port: int | None) -> str:
    """A port; None is the output."""
    graph = document.project.graph
    name = graph.nodes[id].name
    if port is None:
        count = len(graph.out_of[id])
        return f"Output of {name}, {count} wire{'s' * (count != 1)}"
    source = next((edge.source for edge in graph.into[id] if edge.port == port), None)
    fed = "free" if source is None else f"from {graph.nodes[source].name}"
    return f"Input {port + 1} of {name}, {fed}"


def wire_words(document: Document, edge: Edge) -> str:
    """A wire: from where to where, and what flows in it."""
    graph = document.project.graph
    source, target = graph.nodes[edge.source].name, graph.nodes[edge.target].name
    shape = document.diagnosis.shapes.get(edge.source)
    words = f"Wire from {source} to input {edge.port + 1} of {target}"
    return words if shape is None else f"{words}, {_shape(shape)}"


def mark_words(mark: Mark) -> str:
    """A frame or a note."""
    kind = "Frame" if isinstance(mark, Frame) else "Note"
    return f"{kind}: {mark.text or 'empty'}, {mark.color}"


def selection_words(document: Document) -> str:
    """What is selected."""
    selection, marks = document.selection, document.project.drawing.marks
    if selection.node is not None and not selection.edges and not selection.marks:
        return node_words(document, selection.node)
    parts = [wire_words(document, edge) for edge in sorted(selection.edges)[:1]]
    parts += [mark_words(marks[name]) for name in sorted(selection.marks)[:1]]
    count = len(selection.nodes) + len(selection.edges) + len(selection.marks)
    if count == 1 and parts:
        return parts[0]
    return f"{count} selected" if count else "Nothing is selected"


def _shape(shape: Shape) -> str:
    return shape_text(shape).replace("×", "by")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
