"""Whether network, data and plan go together, and what would make them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import prod

import numpy as np

from engine.activations import Activation
from engine.arrays import Array, Shape, shape_text
from engine.data import Dataset, Targets
from engine.diagnosis import Fix, Problem, diagnose
from engine.graph import Edge, Graph
from engine.layers import Dense, Layer
from engine.losses import (
    BinaryCrossentropy,
    Loss,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
    Target,
)
from engine.metrics import Accuracy, Metric, RootMeanSquaredError
from engine.network import has_logits
from engine.spec import capitalized
from engine.starter import starter_graph
from engine.training.data_problems import about_data, about_embeddings
from engine.training.endings import Ending, ending_of, with_activation
from engine.training.feeding import about_inputs
from engine.training.measuring import about_metrics, about_monitors, about_names, for_logits
from engine.training.plan import Plan
from engine.training.weighting_problems import about_weights


def plan_problems(graph: Graph, data: Dataset | Problem | None, plan: Plan) -> tuple[Problem, ...]:
    """What keeps this network from being trained on this data by this plan.

    Problems of the graph alone come first (see :func:`engine.diagnosis.diagnose`);
    while there are any, nothing else is asked.

    Args:
        data: None where none was chosen, a problem where it could not be loaded.
    """
    found = diagnose(graph)
    if found.problems:
        return found.problems
    if not graph.nodes:
        start: tuple[Fix, ...] = ()
        if isinstance(data, Dataset):
            start = (Fix("Start with a small network", graph=starter_graph(data)),)
        todo = "Drag an Input and some layers from the palette."
        return (Problem("The canvas is empty.", todo, fixes=start, is_hint=True),)
    if data is None:
        return (Problem("No data is chosen.", "Choose some in the Data panel."),)
    if isinstance(data, Problem):
        return (data,)
    unusable = about_data(data)
    if unusable:
        return (unusable,)
    problems = [*about_inputs(graph, data)]
    if not problems:
        problems += about_embeddings(graph, data)
    problems += _about_task(graph, data, plan)
    problems += about_weights(graph, data, plan)
    if not problems:
        for node in graph.outputs:
            problems += _about_output_by_its_loss(graph, node, data, plan)
    if not problems and data.targets.task == "classification":
        node = graph.outputs[-1]
        applied = getattr(graph.layer_of(graph.computing(node)), "applied_activation", None)
        loss = plan.objective.loss_of(node)
        problems += about_metrics(found.shapes[node], applied, loss, plan)
    problems += about_names(plan)
    problems += about_monitors(plan, data.targets.task)
    return tuple(problems)


def _about_output_by_its_loss(
    graph: Graph, node: str, data: Dataset, plan: Plan
) -> Iterator[Problem]:
    own = plan.objective.own.get(node)
    if own is None:
        yield from _about_output(graph, node, data, plan)
        return
    yield from _without_plans(_about_output(graph, node, data, plan.changed(loss=own)), node)


def _without_plans(problems: Iterable[Problem], node: str) -> Iterator[Problem]:
    """Problems of an output with a loss of its own: fixes of the plan would change all others'."""
    for problem in problems:
        fixes = tuple(fix for fix in problem.fixes if fix.plan is None)
        yield replace(problem, node=node, fixes=fixes)


def encode_targets(y: Array, target: Target, classes: int, output: Shape) -> Array:
    """Targets as a loss wants them.

    Args:
        y: (B,) labels where there are classes, else (B, k) numbers.
        classes: how many classes there are; 0 for regression.
        output: shape of one output sample.
    """
    if not classes or target == "labels":
        return y if target == "labels" else y.reshape(len(y), *output)
    if output and output[-1] == 1 and target != "one_hot":
        return y.reshape(len(y), *output)
    return np.eye(classes, dtype=np.float32)[y]


def _about_task(graph: Graph, data: Dataset, plan: Plan) -> Iterator[Problem]:
    task, own = data.targets.task, plan.objective.own
    if any(node not in own for node in graph.outputs):
        if task not in plan.loss.tasks:
            yield _other_task(plan, task)
        else:
            yield from _about_values(data, plan)
    for node in graph.outputs:
        if node in own:
            yield from _without_plans(_about_values(data, plan.changed(loss=own[node])), node)
    for metric in plan.metrics:
        if metric.task != task:
            fitting = Accuracy() if task == "classification" else RootMeanSquaredError()
            others = [each for each in plan.metrics if each.task == task]
            better = plan.changed(metrics=tuple(others or [fitting]))
            yield Problem(
                f"{capitalized(metric.name)} is for {metric.task}, but the data is for {task}.",
                f"Use {(others or [fitting])[0].name}.",
                fixes=(Fix(f"Use {(others or [fitting])[0].name}", plan=better),),
            )
            break


def _other_task(plan: Plan, task: str) -> Problem:
    if task == "regression":
        what = f"{_words(plan.loss)} compares classes, but the target is numbers."
        return Problem(what, "Use mean squared error.", fixes=(_squares(plan),))
    better = plan.changed(loss=SparseCategoricalCrossentropy())
    name = "sparse categorical crossentropy"
    return Problem(
        f"{_words(plan.loss)} compares numbers, but the target is classes.",
        f"Use {name}.",
        fixes=(Fix(f"Use {name}", plan=better),),
    )


def _squares(plan: Plan) -> Fix:
    return Fix("Use mean squared error", plan=plan.changed(loss=MeanSquaredError(), **_kept(plan)))


def for_numbers(plan: Plan) -> Plan:
    """The plan with a loss and metrics of numbers, where its own are not."""
    loss = plan.loss if "regression" in plan.loss.tasks else MeanSquaredError()
    return plan.changed(loss=loss, **_kept(plan))


def _kept(plan: Plan) -> dict[str, tuple[Metric, ...]]:
    """Those of the plan's metrics that are of numbers, or else another one."""
    metrics = tuple(each for each in plan.metrics if each.task == "regression")
    return {"metrics": metrics or (RootMeanSquaredError(),)}


def _about_values(data: Dataset, plan: Plan) -> Iterator[Problem]:
    """Targets that the loss is not defined for."""
    least = plan.loss.least_target
    parts = [part.y for part in (data.train, data.validation, data.test) if len(part)]
    if least is not None and (smallest := min(float(y.min()) for y in parts)) < least:
        yield Problem(
            f"{_words(plan.loss)} needs targets of at least {least:g}, "
            f"but the smallest is {smallest:g}.",
            "Use mean squared error, or leave the targets unscaled if that made them negative.",
            fixes=(_squares(plan),),
        )


def _about_output(graph: Graph, node: str, data: Dataset, plan: Plan) -> Iterator[Problem]:
    shape, name = diagnose(graph).shapes[node], graph.nodes[node].name
    wanted = wanted_outputs(data.targets, plan.loss, shape)
    if shape != wanted:
        what = f"{name} puts out {shape_text(shape)}, but {_need(data)} {shape_text(wanted)}."
        todo = _todo(wanted, shape)
        again = tuple(_drawing_again(shape, data, plan))
        fixes = tuple(_output_fixes(graph, node, wanted, data, plan))
        # A row as long as the input may be so by chance.
        fixes = (*again, *fixes) if len(shape) > 1 else (*fixes, *again)
        if len(graph.outputs) > 1:
            what = f"{name} feeds no other layer, so it is an output. {what}"
            todo, fixes = "Wire it on, or delete it.", (*_without_branch(graph, node), *fixes)
        yield Problem(what, todo, node, fixes)
        return
    last = ending_of(graph, node)
    if last.name == "softmax" and shape == (1,):
        better = "linear" if data.targets.task == "regression" else "sigmoid"
        todo = f"Use {better}: softmax over a single unit is always 1."
        fixes = with_activation(graph, node, better)
        yield Problem(f"{name} is a softmax over one unit.", todo, node, fixes)
        return
    if shape[-1] < plan.loss.least_outputs:
        yield _too_few_numbers(name, node, data, plan)
    elif plan.loss.takes_logits:
        yield from _about_probabilities(graph, node, last, plan)
    elif plan.loss.suits and last.name not in plan.loss.suits:
        best = plan.loss.suits[0]
        yield Problem(
            f"{name} ends in {last.name}, but {_words(plan.loss)} goes with "
            f"{' or '.join(_known(plan.loss.suits))}.",
            f"Let it end in {best}.",
            node,
            with_activation(graph, node, best),
        )


def _too_few_numbers(name: str, node: str, data: Dataset, plan: Plan) -> Problem:
    what = f"{name} puts out one number, of which {_words(plan.loss)} sees only the sign."
    if data.targets.task == "regression":
        return Problem(what, "Use mean squared error.", node, (_squares(plan),))
    better = plan.changed(loss=BinaryCrossentropy())
    fix = Fix("Use binary crossentropy", plan=better)
    return Problem(what, "Use binary crossentropy.", node, (fix,))


def _known(activations: tuple[str, ...]) -> list[str]:
    return [name for name in activations if name in Activation.kinds]


def wanted_outputs(targets: Targets, loss: Loss, shape: Shape) -> Shape:
    """The shape that an output of this shape should have for these targets."""
    if targets.task == "regression":
        return targets.output_shape
    two_classes = targets.size == 2
    if two_classes and loss.target in ("binary", "numbers") and shape == (1,):
        return (1,)
    return (targets.size,) if loss.target != "binary" or not two_classes else (1,)


def _need(data: Dataset) -> str:
    if data.targets.are_inputs:
        return "the input that it is to draw again is"
    if data.targets.task == "regression":
        return "the target is"
    return f"the {data.output_size} classes with this loss need"


def _todo(wanted: Shape, shape: Shape) -> str:
    if len(wanted) > 1:
        return f"Let a Dense layer with {prod(wanted)} units and a Reshape be the last."
    if len(shape) > 1 and shape[-1] == wanted[-1]:
        return "Put a Flatten before it: on several axes Dense works on the last alone."
    return f"Let a Dense layer with {wanted[-1]} unit{'s'[: wanted[-1] > 1]} be the last."


def _drawing_again(shape: Shape, data: Dataset, plan: Plan) -> Iterator[Fix]:
    """To learn the inputs themselves, where an output has their shape."""
    if data.setup is not None and shape == data.input_shape:
        again = data.setup.changed(task="reconstruction")
        yield Fix("Learn to draw the input again", plan=for_numbers(plan), data=again)


def _output_fixes(
    graph: Graph, node: str, wanted: Shape, data: Dataset, plan: Plan
) -> Iterator[Fix]:
    if len(wanted) > 1:
        yield from _reshaped(graph, node, wanted)
        return
    last, shape = graph.computing(node), diagnose(graph).shapes[node]
    layer, into = graph.nodes[last].layer, graph.into[last]
    units, many = wanted[-1], f"{wanted[-1]} unit{'s'[: wanted[-1] > 1]}"
    if len(shape) > 1:
        yield from _flattened(graph, node)
    if (
        not isinstance(layer, Dense)
        and isinstance(layer, Layer)
        and layer.kind == "Activation"
        and into
    ):
        last = into[0].source  # its units decide the output
        layer = graph.nodes[last].layer
    if isinstance(layer, Dense) and len(shape) == 1:
        changes: dict[str, object] = {"units": units}
        if units == 1 and layer.activation.kind == "softmax":  # which would always be 1
            is_regression = data.targets.task == "regression"
            changes["activation"] = "linear" if is_regression else "sigmoid"
        fixed = graph.change(last, layer=layer.changed(**changes))
        if not diagnose(fixed).problems:  # its units may matter to other layers too
            yield Fix(f"Set {graph.nodes[last].name} to {many}", graph=fixed)
    if shape == (1,) and data.output_size == 2 and plan.loss.takes_logits:
        yield Fix("Use binary crossentropy", plan=plan.changed(loss=BinaryCrossentropy()))
    if data.targets.task == "regression":
        head = Dense(units=units)
    else:
        head = Dense.parse({"units": units, "activation": _fitting(plan.loss, units)})
    wired, start = graph, node
    if len(shape) > 1:
        wired, start = _after(wired, start, Layer.parse("Flatten"))
    wired, _ = _after(wired, start, head)
    if not diagnose(wired).problems:
        yield Fix(f"Add Dense with {many} at the end", graph=wired)


def _reshaped(graph: Graph, node: str, wanted: Shape) -> Iterator[Fix]:
    """Layers at the end that give a shape of several axes."""
    wired, last = graph, node
    shape, size = diagnose(graph).shapes[node], prod(wanted)
    if prod(shape) != size:
        if len(shape) > 1:
            wired, last = _after(wired, last, Layer.parse("Flatten"))
        wired, last = _after(wired, last, Dense(units=size))
    wired, last = _after(wired, last, Layer.parse({"type": "Reshape", "target_shape": wanted}))
    if not diagnose(wired).problems:
        label = "Add Reshape" if prod(shape) == size else f"Add Dense with {size} units and Reshape"
        yield Fix(f"{label} at the end", graph=wired)


def _after(graph: Graph, node: str, layer: Layer) -> tuple[Graph, str]:
    graph, new = graph.add(layer)
    return graph.connect(Edge(node, new)), new


def _without_branch(graph: Graph, node: str) -> Iterator[Fix]:
    """Delete an output, and all that nothing else needs."""
    gone = {node}
    for id in reversed(graph.order):
        fed = [edge.target for edge in graph.out_of[id]]
        if fed and all(target in gone for target in fed) and id not in graph.inputs:
            gone.add(id)
    rest = graph.remove(gone)
    if rest.outputs and not diagnose(rest).problems:
        more = f" and {len(gone) - 1} before it" if len(gone) > 1 else ""
        yield Fix(f"Delete {graph.nodes[node].name}{more}", graph=rest)


def _flattened(graph: Graph, node: str) -> Iterator[Fix]:
    """A Flatten behind an Input, where that leaves one axis at the output."""
    for source in graph.inputs:
        wired, flat = graph.add(Layer.parse("Flatten"))
        for edge in graph.out_of[source]:
            wired = wired.connect(edge._replace(source=flat))
        wired = wired.connect(Edge(source, flat))
        found = diagnose(wired)
        if not found.problems and len(found.shapes[node]) == 1:
            yield Fix(f"Insert Flatten after {graph.nodes[source].name}", graph=wired)


def _fitting(loss: Loss, units: int) -> str:
    """The activation whose output this loss takes for probabilities."""
    if loss.suits:
        return loss.suits[0]
    return "sigmoid" if loss.target == "binary" or units == 1 else "softmax"


def _about_probabilities(graph: Graph, node: str, last: Ending, plan: Plan) -> Iterator[Problem]:
    """A cross-entropy needs probabilities, or to be told that it gets logits."""
    name, shape = graph.nodes[node].name, diagnose(graph).shapes[node]
    from_logits, words = plan.loss.expects_logits, _words(plan.loss)
    fitting = _fitting(plan.loss, shape[-1])
    gives_logits = last.gives_logits_of(fitting)
    if from_logits and gives_logits:
        return
    if not last.gives_probabilities:
        logits = (_as_logits(plan, shape),) if gives_logits else ()
        yield Problem(
            f"{words} needs probabilities, but {name} ends in {last.name}.",
            f"Let it end in {fitting}.",
            node,
            (*with_activation(graph, node, fitting), *logits),
        )
    elif from_logits and not (last.is_direct and has_logits(last.activation, shape)):
        # Of a softmax or sigmoid that comes last it takes what came in.
        off = plan.changed(loss=plan.loss.changed(from_logits=False))
        yield Problem(
            f"{words} takes the output for logits, but {name} ends in probabilities, by "
            f"{last.name}.",
            "Turn From logits off.",
            node,
            (Fix("Turn From logits off", plan=off),),
        )
    elif not from_logits and (last.name == "softmax") != (fitting == "softmax"):
        more = "; or turn From logits on to train on the values before it" if last.is_direct else ""
        yield Problem(
            f"{name} ends in {last.name}, but {words} goes with {fitting}.",
            f"Use {fitting}{more}.",
            node,
            with_activation(graph, node, fitting),
        )


def _as_logits(plan: Plan, shape: Shape) -> Fix:
    metrics = for_logits(plan.metrics, shape[-1])
    mended = plan.changed(loss=plan.loss.changed(from_logits=True), metrics=metrics)
    return Fix("Treat the output as logits", plan=mended)


def _words(loss: Loss) -> str:
    """``Binary crossentropy`` of ``BinaryCrossentropy``."""
    return capitalized(loss.in_words)


def suggest_plan(data: Dataset, plan: Plan) -> Plan:
    """The plan with a loss and metrics that suit the data's task, where its own do not."""
    if data.targets.task == "regression":
        if "regression" not in plan.loss.tasks:
            plan = for_numbers(plan)
    elif "regression" in plan.loss.tasks:
        plan = plan.changed(loss=SparseCategoricalCrossentropy(), metrics=(Accuracy(),))
    return plan
