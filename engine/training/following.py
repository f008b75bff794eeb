"""When a project takes other data: its network and its plan follow, as far as they went along."""

from __future__ import annotations

from engine.activations import Activation
from engine.data import Dataset, Targets
from engine.graph import Graph
from engine.layers import Dense, Input, Layer
from engine.losses import SparseCategoricalCrossentropy
from engine.metrics import Accuracy
from engine.training.feeding import shape_taken
from engine.training.output_problems import wanted_outputs
from engine.training.plan import Plan
from engine.training.plan_fixes import suggest_plan


def follow_data(
    graph: Graph, plan: Plan, data: Dataset, before: Targets | None
) -> tuple[Graph, Plan]:
    """The network and the plan for other data.

    Every Input takes the shape of a sample, and the loss suits the task. An output
    that had as many units as the targets before wanted, and the activation that goes
    with them, gets those of the targets now; one that the user made otherwise stays.

    Args:
        before: the targets that the network was drawn for; None where there were none.
    """
    new_plan = suggest_plan(data, plan)
    if (
        before is not None
        and new_plan.loss.target == "binary"
        and len(before.classes) == 2
        and len(data.targets.classes) > 2
    ):
        # One probability tells two classes apart, not more.
        new_plan = plan.changed(loss=SparseCategoricalCrossentropy(), metrics=(Accuracy(),))
    graph = with_input_shape(graph, data)
    if before is not None:
        for node in graph.outputs:
            if node not in plan.objective.own:
                graph = _with_output(graph, node, (before, plan), (data.targets, new_plan))
    return graph, new_plan


def with_input_shape(graph: Graph, data: Dataset) -> Graph:
    """Every Input with the shape of what it takes of a sample; of columns those that there are."""
    known = data.preprocessing.columns
    for node in graph.inputs:
        layer = graph.nodes[node].layer
        assert isinstance(layer, Input)
        fitting = layer.changed(columns=tuple(each for each in layer.columns if each in known))
        fitting = fitting.changed(shape=shape_taken(fitting, data.preprocessing))
        if layer != fitting:
            graph = graph.change(node, layer=fitting)
    return graph


def _with_output(
    graph: Graph, node: str, before: tuple[Targets, Plan], after: tuple[Targets, Plan]
) -> Graph:
    last = node
    layer = graph.nodes[node].layer
    if layer.kind == "Activation" and graph.into[node]:
        last = graph.into[node][0].source  # its units decide the output
    head = graph.nodes[last].layer
    if not isinstance(head, Dense) or before[0].shape or after[0].shape:
        return graph
    (units,) = wanted_outputs(before[0], before[1].loss, (head.units,))
    if head.units != units:
        return graph
    (now,) = wanted_outputs(after[0], after[1].loss, (units,))
    if now != units:
        graph = graph.change(last, layer=head.changed(units=now))
    old = _usual_activation(*before, units)
    new = _usual_activation(*after, now)
    final = graph.nodes[node].layer
    assert isinstance(final, Layer)
    chosen = getattr(final, "activation", None)
    if old == new or not isinstance(chosen, Activation) or chosen.kind != old:
        return graph
    return graph.change(node, layer=final.changed(activation=new))


def _usual_activation(targets: Targets, plan: Plan, units: int) -> str:
    if targets.task == "regression" or plan.loss.expects_logits:
        return "linear"
    if plan.loss.suits:
        return plan.loss.suits[0]
    return "sigmoid" if plan.loss.target == "binary" or units == 1 else "softmax"
