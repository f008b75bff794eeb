"""Whether an output gives what its loss compares with the targets, and fixes where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from engine.activations import Activation
from engine.arrays import Shape, shape_text
from engine.data import Dataset, Targets
from engine.diagnosis import Fix, Problem, diagnose
from engine.graph import Edge, Graph
from engine.layers import Dense, Layer
from engine.losses import BinaryCrossentropy, Loss
from engine.network import has_logits
from engine.spec import capitalized
from engine.training.encoding import can_compare
from engine.training.endings import Ending, ending_of, with_activation
from engine.training.measuring import for_logits
from engine.training.plan import Plan
from engine.training.plan_fixes import for_numbers, squares

ONLY_SIGN = "The output learns the sign of the target, and its size means nothing."
ALWAYS_ONE = "A softmax over a single unit outputs 1 for every sample, whatever the weights"


def about_output(graph: Graph, node: str, data: Dataset, plan: Plan) -> Iterator[Problem]:
    """Yield why an output does not give what the plan's loss compares with the targets."""
    shape, name = diagnose(graph).shapes[node], graph.nodes[node].name
    wanted = wanted_outputs(data.targets, plan.loss, shape)
    if shape != wanted:
        what = f"{name} outputs {shape_text(shape)}, but {_need(data)} {shape_text(wanted)}."
        todo = _todo(wanted, shape)
        again = tuple(_reconstructing(shape, data, plan))
        fixes = tuple(_output_fixes(graph, node, wanted, data, plan))
        # A row as long as the input may be so by chance.
        fixes = (*again, *fixes) if len(shape) > 1 else (*fixes, *again)
        if len(graph.outputs) > 1:
            what = f"{name} feeds no other layer, so it is an output. {what}"
            todo, fixes = (
                "Connect it to another layer, or delete it.",
                (*_without_branch(graph, node), *fixes),
            )
        yield Problem(what, todo, node, fixes, anyway=_comparing_anyway(graph, node, data, plan))
        return
    last = ending_of(graph, node)
    if last.name == "softmax" and shape == (1,):
        better = "linear" if data.targets.task == "regression" else "sigmoid"
        todo = f"Use {better}: softmax over a single unit is always 1."
        fixes = with_activation(graph, node, better)
        what = f"{name} is a softmax over one unit."
        yield Problem(what, todo, node, fixes, anyway=f"{ALWAYS_ONE}, so nothing is learned.")
        return
    if shape[-1] < plan.loss.least_outputs:
        yield _too_few_numbers(name, node, data, plan)
    elif plan.loss.takes_logits:
        yield from _about_probabilities(graph, node, last, plan)
    elif plan.loss.suits and last.name not in plan.loss.suits:
        best = plan.loss.suits[0]
        yield Problem(
            f"{name} ends in {last.name}, but {words_of(plan.loss)} goes with "
            f"{' or '.join(_known(plan.loss.suits))}.",
            f"Let it end in {best}.",
            node,
            with_activation(graph, node, best),
            anyway=f"{plan.loss.unsuited or 'The loss is computed all the same.'}",
        )


def _comparing_anyway(graph: Graph, node: str, data: Dataset, plan: Plan) -> str:
    """What comes of an output of another shape than the loss wants; empty if nothing can."""
    targets, shape = data.targets, diagnose(graph).shapes[node]
    if not can_compare(targets, plan.loss, shape):
        return ""
    if targets.task == "regression":
        if prod(shape) == targets.size:
            return "The numbers are compared in their order."
        return "Every output is compared with the one number of the target, as in Keras."
    if shape != (1,):
        more = shape[0] - targets.size
        if more <= 0:
            return "The classes are compared one by one, each with an output of its own."
        return f"The last {'output stands' if more == 1 else f'{more} outputs stand'} for no class."
    words = (
        f"The class numbers 0 to {targets.size - 1} are compared with the one output, as in Keras"
    )
    if plan.loss.target == "one_hot" and plan.loss.takes_logits:
        return (
            f"{words}: the loss is 0 and the categorical accuracy 1 whatever it outputs. "
            "Nothing is learned but penalties."
        )
    words += "."
    if ending_of(graph, node).name == "softmax":
        return f"{words} {ALWAYS_ONE}, so nothing is learned."
    return f"{words} Numbers above 1 are not probabilities, so the loss says little."


def _too_few_numbers(name: str, node: str, data: Dataset, plan: Plan) -> Problem:
    what = f"{name} outputs one number, but {words_of(plan.loss)} sees only its sign."
    if data.targets.task == "regression":
        return Problem(what, "Use mean squared error.", node, (squares(plan),), anyway=ONLY_SIGN)
    better = plan.changed(loss=BinaryCrossentropy())
    fix = Fix("Use binary crossentropy", plan=better)
    return Problem(what, "Use binary crossentropy.", node, (fix,), anyway=ONLY_SIGN)


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
        return "the input to reconstruct is"
    if data.targets.task == "regression":
        return "the target is"
    return f"the {data.output_size} classes with this loss need"


def _todo(wanted: Shape, shape: Shape) -> str:
    if len(wanted) > 1:
        return f"Let a Dense layer with {prod(wanted)} units and a Reshape be the last."
    if len(shape) > 1 and shape[-1] == wanted[-1]:
        return "Put a Flatten before it: on several axes Dense works on the last alone."
    return f"Let a Dense layer with {wanted[-1]} unit{'s'[: wanted[-1] > 1]} be the last."


def _reconstructing(shape: Shape, data: Dataset, plan: Plan) -> Iterator[Fix]:
    """To learn the inputs themselves, where an output has their shape."""
    if data.setup is not None and shape == data.input_shape:
        again = data.setup.changed(task="reconstruction")
        yield Fix("Learn to reconstruct the input", plan=for_numbers(plan), data=again)


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
    from_logits, words = plan.loss.expects_logits, words_of(plan.loss)
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
            anyway=_clipped_anyway(plan.loss, fitting),
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
            anyway=f"The loss applies {fitting} to the probabilities once more, so it stays high "
            "even where every prediction is right.",
        )
    elif not from_logits and (last.name == "softmax") != (fitting == "softmax"):
        more = "; or turn From logits on to train on the values before it" if last.is_direct else ""
        yield Problem(
            f"{name} ends in {last.name}, but {words} goes with {fitting}.",
            f"Use {fitting}{more}.",
            node,
            with_activation(graph, node, fitting),
            anyway=f"The loss takes the values before {last.name} and trains them as {fitting}, as "
            "Keras 2 did."
            if last.is_direct and has_logits(last.activation, shape)
            else _clipped_anyway(plan.loss, fitting),
        )


def _clipped_anyway(loss: Loss, fitting: str) -> str:
    """What a cross-entropy makes of outputs that are no probabilities."""
    if loss.expects_logits:
        return f"The loss applies {fitting} to the output all the same."
    if loss.target == "binary":
        return "The loss cuts the outputs off at 0 and 1, and outputs beyond learn nothing."
    return "The loss divides the outputs by their sum and cuts them off at 0 and 1, and may be NaN."


def _as_logits(plan: Plan, shape: Shape) -> Fix:
    metrics = for_logits(plan.metrics, shape[-1])
    mended = plan.changed(loss=plan.loss.changed(from_logits=True), metrics=metrics)
    return Fix("Treat the output as logits", plan=mended)


def words_of(loss: Loss) -> str:
    """``Binary crossentropy`` of ``BinaryCrossentropy``."""
    return capitalized(loss.in_words)
