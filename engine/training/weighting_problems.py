"""What is wrong with a plan's weights: of classes, and of several outputs."""

from __future__ import annotations

from collections.abc import Iterator

from engine.data import Dataset
from engine.data.targets import short_list
from engine.diagnosis import Fix, Problem
from engine.graph import Graph
from engine.training.plan import Plan
from engine.training.weighting import Balanced, ByClass, OutputLoss


def about_weights(graph: Graph, data: Dataset, plan: Plan) -> Iterator[Problem]:
    """Weights of classes that do not exist, and goals of outputs that do not."""
    yield from _about_classes(data, plan)
    yield from _about_goals(graph, data, plan)


def _about_classes(data: Dataset, plan: Plan) -> Iterator[Problem]:
    weights, classes = plan.class_weights, data.targets.classes
    if weights is None:
        return
    none = Fix("Count all classes alike", plan=plan.changed(class_weights=None))
    if data.targets.task == "regression":
        yield Problem(
            "The plan weighs classes, but the target is numbers.",
            "Set the class weights to none.",
            fixes=(none,),
        )
        return
    if not isinstance(weights, ByClass):
        return
    balanced = Fix("Balance the classes", plan=plan.changed(class_weights=Balanced()))
    if len(weights.weights) != len(classes):
        yield Problem(
            f"There are {len(weights.weights)} class weights for {len(classes)} classes.",
            f"Give one for each of {short_list(classes)}.",
            fixes=(balanced, none),
        )
    elif min(weights.weights) < 0 or not any(weights.weights):
        yield Problem(
            f"The class weights are {', '.join(f'{each:g}' for each in weights.weights)}.",
            "Give none below 0, and at least one above it.",
            fixes=(balanced, none),
            anyway="Classes of weight 0 are not learned; of those below 0, the errors are learned.",
        )


def _about_goals(graph: Graph, data: Dataset, plan: Plan) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, goal in enumerate(plan.outputs):
        rest = plan.changed(outputs=(*plan.outputs[:place], *plan.outputs[place + 1 :]))
        fix = (Fix("Remove it from the plan", plan=rest),)
        if goal.output not in graph.outputs:
            yield Problem(
                f"The plan has a goal for {goal.output or 'an output without a name'!r}, which is "
                "no output of the network.",
                f"Its outputs are {', '.join(graph.outputs)}.",
                fixes=fix,
            )
        elif goal.output in seen:
            yield Problem(
                f"The plan has two goals for {goal.output}.", "Keep one of them.", fixes=fix
            )
        elif (
            isinstance(goal, OutputLoss) and goal.loss and data.targets.task not in goal.loss.tasks
        ):
            own = goal.changed(loss=None)
            outputs = (*plan.outputs[:place], own, *plan.outputs[place + 1 :])
            yield Problem(
                f"{goal.loss.kind} of {goal.output} is not for {data.targets.task}, "
                "which is what the data is for.",
                "Let it take the plan's loss, or choose another.",
                goal.output,
                (Fix("Take the plan's loss", plan=plan.changed(outputs=outputs)),),
            )
        seen.add(goal.output)
    shares = [plan.objective.weight_of(node) for node in graph.outputs]
    if not any(shares):
        plain = tuple(
            each.changed(weight=1.0) if isinstance(each, OutputLoss) else each
            for each in plan.outputs
        )
        yield Problem(
            "Every output counts 0 in the loss, so that nothing would be learned.",
            "Give one of them a weight above 0.",
            fixes=(Fix("Count all alike", plan=plan.changed(outputs=plain)),),
            anyway="The loss is 0, and only penalties are learned.",
        )
