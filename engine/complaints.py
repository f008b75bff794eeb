"""What keeps a network from being trained, in words, with edits that mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.arrays import shape_text
from engine.graph import Graph
from engine.layers import Input, Shared, WeightSpec

if TYPE_CHECKING:
    from engine.training.plan import Plan


@dataclass(frozen=True)
class Fix:
    """An edit that would mend a problem.

    Attributes:
        label: what its button says.
        graph: the graph after it; None where the graph stays.
        plan: the training plan after it; None where the plan stays.
    """

    label: str
    graph: Graph | None = None
    plan: Plan | None = None


@dataclass(frozen=True)
class Problem:
    """Something that keeps the network from being trained.

    Attributes:
        node: the node that it concerns, with the groups that it lies in: ``group/node``; None for
            the graph as a whole.
        what: what is wrong, with the actual values.
        todo: what to do about it.
        fixes: edits that mend it, the likeliest first.
    """

    what: str
    todo: str
    node: str | None = None
    fixes: tuple[Fix, ...] = ()

    def is_at(self, node: str) -> bool:
        """Whether it concerns a node, or something inside of it."""
        return self.node is not None and (self.node == node or self.node.startswith(f"{node}/"))


def about_sharing(
    graph: Graph, weights: Mapping[str, Mapping[str, WeightSpec]]
) -> Iterator[Problem]:
    """Layers that are used again for inputs that need other weights."""
    for id, node in graph.nodes.items():
        layer = node.layer
        if not isinstance(layer, Shared) or id not in weights or layer.of not in weights:
            continue
        if node.bypassed or graph.nodes[layer.of].bypassed:
            continue
        own = {name: spec.shape for name, spec in weights[id].items()}
        shared = {name: spec.shape for name, spec in weights[layer.of].items()}
        if own == shared:
            continue
        name = next(each for each in own if own[each] != shared.get(each))
        apart = graph.change(id, layer=graph.layer_of(id))
        yield Problem(
            f"{node.name} shares the weights of {graph.nodes[layer.of].name}, whose {name} is "
            f"{shape_text(shared[name])}; for this input it would have to be "
            f"{shape_text(own[name])}.",
            "Give both inputs of the same shape, or the layer weights of its own.",
            id,
            (Fix("Give it weights of its own", graph=apart),),
        )


def about_bypassing(graph: Graph) -> Iterator[Problem]:
    """Layers that are bypassed although others need them."""
    for id, node in graph.nodes.items():
        layer = node.layer
        origin = layer.of if isinstance(layer, Shared) and not node.bypassed else id
        if origin != id and origin in graph.nodes and graph.nodes[origin].bypassed:
            name = graph.nodes[origin].name
            yield Problem(
                f"{node.name} shares the weights of {name}, which is bypassed.",
                f"Bypass both or none of them (M on {name}).",
                id,
                (Fix(f"Use {name} again", graph.change(origin, bypassed=False)),),
            )


def about_ends(graph: Graph) -> Iterator[Problem]:
    """Outputs of the network of which bypassing leaves nothing."""
    ends: dict[str, str] = {}
    for id in graph.outputs:
        end = graph.computing(id)
        name = graph.nodes[id].name
        back = (Fix(f"Use {name} again", graph.change(id, bypassed=False)),)
        if isinstance(graph.nodes[end].layer, Input):
            what = f"{name} is bypassed, and nothing else lies between data and output."
            yield Problem(what, "Use it again: select it and press M.", id, back)
        elif end in ends:
            what = f"{name} is bypassed, so that it puts out the same as {ends[end]}."
            yield Problem(what, "Use it again: select it and press M, or delete it.", id, back)
        ends[end] = name


def about_whole(graph: Graph) -> Iterator[Problem]:
    if graph.nodes and not graph.inputs:
        where = graph.add(Input())[0]
        todo = "Drag an Input from the palette; it is where data enters."
        yield Problem("The network has no Input.", todo, fixes=(Fix("Add an Input", where),))
    elif graph.nodes and not graph.outputs:
        yield Problem("The network has no layers yet.", "Drag a layer from the palette.")


def about_inside(graph: Graph) -> Iterator[Problem]:
    """What lies in a group has one output, and at least one layer."""
    outputs = graph.outputs
    if not outputs:
        yield Problem("There are no layers in the group.", "Put some in, or delete the group.")
    elif not graph.inputs:
        where = graph.add(Input())[0]
        todo = "Add an Input inside; it is what the group's wire leads to."
        yield Problem("The group has no Input.", todo, fixes=(Fix("Add an Input", where),))
    elif len(outputs) > 1:
        for id in outputs:
            others = " and ".join(graph.nodes[each].name for each in outputs if each != id)
            yield Problem(
                f"{graph.nodes[id].name} leads nowhere, like {others}; a group has one output.",
                "Wire it on, or delete it.",
                id,
            )
