"""Whether what a plan measures and watches says something about network and data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.activations import Sigmoid, Softmax
from engine.data import Targets
from engine.diagnosis import Fix, Problem, diagnose
from engine.graph import Graph
from engine.metrics import Metric
from engine.spec import capitalized
from engine.training.meaning import Meaning, meanings_of
from engine.training.monitoring import measured_names, resolved
from engine.training.plan import Plan


def about_metrics(graph: Graph, targets: Targets, plan: Plan) -> Iterator[Problem]:
    """Yield metrics that do not suit an output for classes; of several troubles the first."""
    told: set[str] = set()
    for node, meaning in meanings_of(graph, targets, plan.objective).items():
        shape = diagnose(graph).shapes[node]
        for problem in _about_output_metrics(shape[-1], meaning, plan):
            if problem.what not in told:
                told.add(problem.what)
                yield problem


def _about_output_metrics(outputs: int, meaning: Meaning, plan: Plan) -> Iterator[Problem]:
    classes = len(meaning.targets.classes)
    misfits = [each.misfit(outputs, classes) for each in plan.metrics]
    found = [each for each in misfits if each is not None]
    if found:
        pairs = zip(plan.metrics, misfits, strict=True)
        better = [metric if misfit is None else misfit.instead for metric, misfit in pairs]
        new = tuple(each.instead for each in found)
        for misfit in found:
            fix = _use(plan, new, better)
            yield Problem(misfit.what, misfit.todo, fixes=(fix,), anyway=misfit.anyway)
        return
    if gives_logits(meaning, outputs):
        yield from _about_logits(plan, outputs)


def _about_logits(plan: Plan, outputs: int) -> Iterator[Problem]:
    better = for_logits(plan.metrics, outputs)
    pairs = zip(plan.metrics, (each.for_logits(outputs) for each in plan.metrics), strict=True)
    changed = [(old, new) for old, new in pairs if old != new]
    if not changed:
        return
    old, new = changed[0]
    if outputs > 1:
        what = f"{capitalized(old.name)} compares probabilities, but the output is logits."
        fix = Fix("Apply softmax first", plan=plan.changed(metrics=better))
        yield Problem(
            what, "Turn its From logits on.", fixes=(fix,), anyway="It ranks the logits instead."
        )
        return
    yield Problem(
        f"This output separates no from yes at 0, but {old.name} does so at 0.5.",
        f"Use {new.name} with threshold 0.",
        fixes=(_use(plan, tuple(each for _, each in changed), better),),
        anyway="Outputs between 0 and 0.5 count as no.",
    )


def about_names(plan: Plan) -> Iterator[Problem]:
    """Two metrics of the same name would be one line on a plot."""
    names = [metric.name for metric in plan.metrics]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        single = tuple({metric.name: metric for metric in reversed(plan.metrics)}.values())[::-1]
        fix = Fix("Keep the first", plan=plan.changed(metrics=single))
        yield Problem(f"{capitalized(twice)} is measured twice.", "Remove one.", fixes=(fix,))


def about_monitors(graph: Graph, plan: Plan, task: str) -> Iterator[Problem]:
    """Callbacks and a schedule that watch what nobody measures."""
    outputs = graph.outputs
    measures = measured_names(outputs, plan.metrics)
    names = [f"{part} {measure}" for part in ("validation", "training") for measure in measures]
    for each in (plan.schedule, *plan.callbacks):
        monitor = getattr(each, "monitor", None)
        if monitor is None or resolved(monitor, outputs, plan.metrics):
            continue
        yield Problem(
            f"{each.kind} watches {monitor!r}, which is not measured.",
            f"Choose one of {', '.join(names)} (Keras' names, such as val_loss, are understood), "
            "or add a metric.",
            fixes=(*_measure_it(plan, monitor, task, outputs), _watch_loss(plan, outputs)),
        )


def _measure_it(plan: Plan, monitor: str, task: str, outputs: tuple[str, ...]) -> Iterator[Fix]:
    for kind in Metric.kinds.values():
        metric = kind()
        if metric.task == task and resolved(monitor, outputs, (metric,)):
            better = plan.changed(metrics=(*plan.metrics, metric))
            yield Fix(f"Measure {metric.name}", plan=better)


def _watch_loss(plan: Plan, outputs: tuple[str, ...]) -> Fix:
    """Every unknown monitor becomes the validation loss."""
    loss = "validation loss"

    def is_known(monitor: str) -> bool:
        return resolved(monitor, outputs, plan.metrics) is not None

    mended = [
        each if is_known(each.monitor) else each.changed(monitor=loss) for each in plan.callbacks
    ]
    schedule = plan.schedule
    if not is_known(getattr(schedule, "monitor", loss)):
        schedule = schedule.changed(monitor=loss)
    return Fix(f"Watch {loss}", plan=plan.changed(callbacks=mended, schedule=schedule))


def gives_logits(meaning: Meaning, outputs: int) -> bool:
    """Return whether metrics must be told that raw outputs are not yet what they stand for.

    A single one divides no from yes at 0, as that of a hinge does; several need a softmax, while
    yes or no for each class does not.
    """
    if outputs == 1:
        return isinstance(meaning.closing, Sigmoid) or meaning.threshold == 0
    return isinstance(meaning.closing, Softmax)


def for_logits(metrics: Iterable[Metric], outputs: int) -> tuple[Metric, ...]:
    """The metrics to use for an output of logits."""
    return tuple(dict.fromkeys(each.for_logits(outputs) for each in metrics))


def _use(plan: Plan, new: tuple[Metric, ...], metrics: Iterable[Metric]) -> Fix:
    """Put ``metrics`` into the plan; ``new`` are those to name on the button."""
    names = list(dict.fromkeys(each.name for each in new))
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return Fix(f"Use {listed}", plan=plan.changed(metrics=tuple(dict.fromkeys(metrics))))
