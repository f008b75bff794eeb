"""Which edits mend a complaint: many candidates, of which only those that succeed are kept."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from engine.graph import Graph, Group, Node, with_body
from engine.inference import Complaint, infer, infer_like
from engine.layers import Layer, Shared
from engine.mending.adapters import insertions
from engine.mending.fix import Candidates, Fix
from engine.mending.kinds import other_kinds
from engine.mending.settings import other_settings
from engine.mending.upstream import channels_before, sizes_before, without_one_before
from engine.mending.wires import other_wires

MOST_OFFERED = 6
_MOST_WIRES = 3
_MOST_TRIED = 24
"""Each trial sends shapes through the part of the graph that changes."""


def mends(graph: Graph, complaint: Complaint) -> tuple[Fix, ...]:
    """Edits after which the complaint is gone and no node has a new one, the likeliest first.

    Args:
        complaint: one of those that :func:`engine.inference.infer` has of the graph.
    """
    if "/" in complaint.node:
        return tuple(islice(_inside(graph, complaint), MOST_OFFERED))
    tried = islice(_candidates(graph, complaint), _MOST_TRIED)
    good: dict[str, Fix] = {}
    for fix in tried:
        if fix.label not in good and _mends(fix, graph, complaint):
            good[fix.label] = fix
            if len(good) == (MOST_OFFERED if complaint.inputs else _MOST_WIRES):
                break
    return tuple(good.values())


def _inside(graph: Graph, complaint: Complaint) -> Candidates:
    """Edits of what lies in a group, and then of what comes before it."""
    id, _, rest = complaint.node.partition("/")
    group, shapes = graph.nodes[id].layer, infer(graph).shapes
    assert isinstance(group, Group)
    inputs = tuple(shapes[edge.source] for edge in graph.into[id])
    for fix in mends(group.taking(inputs), replace(complaint, node=rest)):
        assert fix.graph is not None
        yield replace(fix, graph=with_body(graph, id, group.as_drawn(inputs, fix.graph)))
    for fix in insertions(graph, graph.nodes[id], inputs) if complaint.inputs else ():
        if _mends(fix, graph, replace(complaint, node=id)):
            yield fix


def _mends(fix: Fix, graph: Graph, complaint: Complaint) -> bool:
    assert fix.graph is not None
    before, after = infer(graph), infer_like(fix.graph, graph)
    if complaint.node in fix.graph.nodes and complaint.node not in after.shapes:
        return False
    known = {each.node for each in before.complaints if not each.is_at(complaint.node)}
    # What follows the node was not looked at before: it may turn out to be wrong.
    return not any(
        each.node not in known and (each.node in before.shapes or each.node == complaint.node)
        for each in after.complaints
    )


def _candidates(graph: Graph, complaint: Complaint) -> Candidates:
    node, inputs = graph.nodes[complaint.node], complaint.inputs
    if not inputs:
        yield from _used_again(graph, node)
        if isinstance(node.layer, Shared) and isinstance(graph.layer_of(node.id), Layer):
            apart = graph.change(node.id, layer=graph.layer_of(node.id))
            yield Fix("Give it its own weights", apart)
        yield from other_wires(graph, node)
        return
    merges = len(inputs) > 1
    same_sizes = len({shape[:-1] for shape in inputs}) == 1
    if not merges:
        yield from other_settings(graph, node, inputs)
        yield from other_kinds(graph, node, inputs)
    elif not same_sizes:
        yield from sizes_before(graph, node)
        yield from _sizes_then_channels(graph, complaint)
    yield from insertions(graph, node, inputs)
    if merges:
        yield from channels_before(graph, node, inputs)
        yield from other_settings(graph, node, inputs)
        yield from other_kinds(graph, node, inputs)
    else:
        yield from sizes_before(graph, node)
        yield from without_one_before(graph, node)


def _used_again(graph: Graph, node: Node) -> Candidates:
    """What is bypassed computes again: the node, or the one whose weights it uses."""
    origin = node.layer.of if isinstance(node.layer, Shared) else node.id
    if origin in graph.nodes and graph.nodes[origin].bypassed:
        back = graph.change(origin, bypassed=False)
        yield Fix(f"Use {graph.nodes[origin].name} again", back)


def _sizes_then_channels(graph: Graph, complaint: Complaint) -> Candidates:
    """Keep the size in one branch, and match channels by a layer in another."""
    for kept in sizes_before(graph, graph.nodes[complaint.node]):
        assert kept.graph is not None
        left = infer_like(kept.graph, graph).complaints
        rest = next((each for each in left if each.node == complaint.node and each.inputs), None)
        if rest is None or len({shape[:-1] for shape in rest.inputs}) > 1:
            continue
        for inserted in insertions(kept.graph, kept.graph.nodes[rest.node], rest.inputs):
            then = inserted.label[:1].lower() + inserted.label[1:]
            yield Fix(f"{kept.label} and {then}", inserted.graph)
            break
