"""Whether network, data and plan go together, and what would make them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from engine.data import Dataset
from engine.data.dataset import default_steps
from engine.data.steps import DivideBy255, MinMax, Standardize, StandardizeTarget
from engine.diagnosis import Fix, Problem, blocking, diagnose
from engine.graph import Graph
from engine.losses import Loss, SparseCategoricalCrossentropy
from engine.metrics import Accuracy, RootMeanSquaredError
from engine.spec import capitalized
from engine.starter import starter_graph
from engine.training.data_problems import about_data, about_embeddings
from engine.training.encoding import can_compare
from engine.training.feeding import about_inputs
from engine.training.measuring import about_metrics, about_monitors, about_names
from engine.training.output_problems import about_output, words_of
from engine.training.plan import Plan
from engine.training.plan_fixes import squares
from engine.training.weighting_problems import about_weights

SCALING = (DivideBy255, MinMax, Standardize)
SLACK = 1e-6


def plan_problems(graph: Graph, data: Dataset | Problem | None, plan: Plan) -> tuple[Problem, ...]:
    """Return what is wrong with training this network on this data by this plan.

    What can be computed all the same says what comes of it, see :attr:`Problem.anyway`.
    Problems of the graph alone come first (see :func:`engine.diagnosis.diagnose`); while there
    are any, nothing else is asked.

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
    if unusable and not unusable.anyway:
        return (unusable,)
    problems = [*([unusable] if unusable else []), *about_inputs(graph, data)]
    if not blocking(problems):
        problems += about_embeddings(graph, data)
    problems += _about_task(graph, data, plan)
    problems += about_weights(graph, data, plan)
    if not blocking(problems):
        for node in graph.outputs:
            problems += _about_output_by_its_loss(graph, node, data, plan)
    if not blocking(problems) and data.targets.task == "classification":
        problems += about_metrics(graph, data.targets, plan)
    problems += about_names(plan)
    problems += about_monitors(graph, plan, data.targets.task)
    return tuple(problems)


def _about_output_by_its_loss(
    graph: Graph, node: str, data: Dataset, plan: Plan
) -> Iterator[Problem]:
    own = plan.objective.own.get(node)
    if own is None:
        yield from about_output(graph, node, data, plan)
        return
    yield from _without_plans(about_output(graph, node, data, plan.changed(loss=own)), node)


def _without_plans(problems: Iterable[Problem], node: str) -> Iterator[Problem]:
    """Problems of an output with a loss of its own: fixes of the plan would change all others'."""
    for problem in problems:
        fixes = tuple(fix for fix in problem.fixes if fix.plan is None)
        yield replace(problem, node=node, fixes=fixes)


def _about_task(graph: Graph, data: Dataset, plan: Plan) -> Iterator[Problem]:
    task, own = data.targets.task, plan.objective.own
    others = [node for node in graph.outputs if node not in own]
    if others:
        if task not in plan.loss.tasks:
            shapes = diagnose(graph).shapes
            fits = all(can_compare(data.targets, plan.loss, shapes[node]) for node in others)
            yield _other_task(plan, task, fits)
        else:
            yield from _about_values(data, plan)
    for node in graph.outputs:
        if node in own:
            yield from _without_plans(_about_values(data, plan.changed(loss=own[node])), node)
    for metric in plan.metrics:
        if metric.task != task:
            fitting = Accuracy() if task == "classification" else RootMeanSquaredError()
            suiting = [each for each in plan.metrics if each.task == task] or [fitting]
            better = plan.changed(metrics=tuple(suiting))
            yield Problem(
                f"{capitalized(metric.name)} is for {metric.task}, but the data is for {task}.",
                f"Use {suiting[0].name}.",
                fixes=(Fix(f"Use {suiting[0].name}", plan=better),),
            )
            break


def _other_task(plan: Plan, task: str, fits: bool) -> Problem:
    """A loss that is for the other task; ``fits``: it could be computed nevertheless."""
    if task == "regression":
        return Problem(
            f"{words_of(plan.loss)} compares classes, but the target is numbers.",
            "Use mean squared error.",
            fixes=(squares(plan),),
            anyway="The numbers are taken for the truth about classes." if fits else "",
        )
    better = plan.changed(loss=SparseCategoricalCrossentropy())
    name = "sparse categorical crossentropy"
    return Problem(
        f"{words_of(plan.loss)} compares numbers, but the target is classes.",
        f"Use {name}.",
        fixes=(Fix(f"Use {name}", plan=better),),
        anyway="Each class is compared as a number, 0 or 1." if fits else "",
    )


def _about_values(data: Dataset, plan: Plan) -> Iterator[Problem]:
    """Targets that the loss is not defined for."""
    if data.targets.task == "classification":
        return
    loss = plan.loss
    parts = [part.y for part in (data.train, data.validation, data.test) if len(part)]
    low, high = min(float(y.min()) for y in parts), max(float(y.max()) for y in parts)
    if _is_within(loss, low, high):
        return
    what = f"{words_of(loss)} needs targets of at least {loss.least_target:g}, "
    if loss.greatest_target is not None:
        what = f"{words_of(loss)} needs targets from {loss.least_target:g} to "
        what += f"{loss.greatest_target:g}, but they go from {low:.4g} to {high:.4g}."
    else:
        what += f"but the smallest is {low:.4g}."
    fixes = (*_rescaled(data, plan), squares(plan))
    todo = f"{fixes[0].label}." if len(fixes) == 1 else f"{fixes[0].label}, or use another loss."
    yield Problem(what, todo, fixes=fixes, anyway=loss.outside)


def _rescaled(data: Dataset, plan: Plan) -> Iterator[Fix]:
    """Other steps by which the targets lie where the loss is defined."""
    setup, loss = data.setup, plan.loss
    if setup is None:
        return
    steps = default_steps(setup.source, data.samples) if setup.steps == "auto" else setup.steps
    if data.targets.are_inputs:
        if (loss.least_target, loss.greatest_target) != (0, 1):
            return
        rest = tuple(each for each in steps if not isinstance(each, SCALING))
        span = data.samples.value_range
        if span is not None and span[0] >= 0:
            rest = (*rest, DivideBy255(value=span[1]))
        elif _training_covers_all(data):
            rest = (*rest, MinMax())
        else:
            return
        yield Fix("Scale the inputs to 0 to 1", data=setup.changed(steps=rest))
        return
    rest = tuple(each for each in steps if not isinstance(each, StandardizeTarget))
    parts = [part.y for part in (data.train, data.validation, data.test) if len(part)]
    raw = data.targets.in_units(np.concatenate(parts))
    if rest != steps and _is_within(loss, float(raw.min()), float(raw.max())):
        yield Fix("Leave the target unscaled", data=setup.changed(steps=rest))


def _training_covers_all(data: Dataset) -> bool:
    """Whether no feature goes beyond its range in the training part."""
    rows = [
        part.x.reshape(-1, part.x.shape[-1]) for part in (data.train, data.validation, data.test)
    ]
    low, high = rows[0].min(axis=0), rows[0].max(axis=0)
    return all((each >= low).all() and (each <= high).all() for each in rows[1:])


def _is_within(loss: Loss, low: float, high: float) -> bool:
    """Whether the loss is defined for targets from ``low`` to ``high``; roundings do not count."""
    least, greatest = loss.least_target, loss.greatest_target
    return (least is None or low >= least - SLACK) and (
        greatest is None or high <= greatest + SLACK
    )
