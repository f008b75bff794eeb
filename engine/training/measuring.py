"""Whether what a plan measures and watches says something about network and data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.activations import Activation
from engine.arrays import Shape
from engine.diagnosis import Fix, Problem
from engine.losses import Loss
from engine.metrics import Metric
from engine.network import has_logits
from engine.spec import capitalized
from engine.training.plan import Plan


def about_metrics(
    shape: Shape, activation: Activation | None, loss: Loss, plan: Plan
) -> Iterator[Problem]:
    """Metrics that do not suit an output for classes; of several troubles the first.

    Args:
        shape: that of the output.
        activation: what it ends in.
        loss: what it is trained by.
    """
    misfits = [each.misfit(shape[-1]) for each in plan.metrics]
    found = [each for each in misfits if each is not None]
    if found:
        pairs = zip(plan.metrics, misfits, strict=True)
        better = [metric if misfit is None else misfit.instead for metric, misfit in pairs]
        new = tuple(each.instead for each in found)
        for misfit in found:
            yield Problem(misfit.what, misfit.todo, fixes=(_use(plan, new, better),))
        return
    if gives_logits(shape, activation, loss):
        yield from _about_logits(plan, shape[-1])


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
        yield Problem(what, "Turn its From logits on.", fixes=(fix,))
        return
    yield Problem(
        f"This output divides no from yes at 0, but {old.name} divides at 0.5.",
        f"Use {new.name} with threshold 0.",
        fixes=(_use(plan, tuple(each for _, each in changed), better),),
    )


def about_names(plan: Plan) -> Iterator[Problem]:
    """Two metrics of the same name would be one line on a plot."""
    names = [metric.name for metric in plan.metrics]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        single = tuple({metric.name: metric for metric in reversed(plan.metrics)}.values())[::-1]
        fix = Fix("Keep the first", plan=plan.changed(metrics=single))
        yield Problem(f"{capitalized(twice)} is measured twice.", "Remove one.", fixes=(fix,))


def about_monitors(plan: Plan, task: str) -> Iterator[Problem]:
    """Callbacks and a schedule that watch what nobody measures."""
    measures = ["loss", *(metric.name for metric in plan.metrics)]
    names = [f"{part} {measure}" for part in ("validation", "training") for measure in measures]
    for each in (plan.schedule, *plan.callbacks):
        monitor = getattr(each, "monitor", None)
        if monitor is None or monitor in names:
            continue
        yield Problem(
            f"{each.kind} watches {monitor!r}, which is not measured.",
            f"Choose one of {', '.join(names)}, or add a metric.",
            fixes=(*_measure_it(plan, monitor, task), _watch_loss(plan, names)),
        )


def _measure_it(plan: Plan, monitor: str, task: str) -> Iterator[Fix]:
    part, _, measure = monitor.partition(" ")
    for kind in Metric.kinds.values():
        metric = kind()
        if (metric.name, metric.task) == (measure, task) and part in ("validation", "training"):
            better = plan.changed(metrics=(*plan.metrics, metric))
            yield Fix(f"Measure {metric.name}", plan=better)


def _watch_loss(plan: Plan, names: list[str]) -> Fix:
    """Every unknown monitor becomes the validation loss."""
    mended = [
        each if each.monitor in names else each.changed(monitor=names[0]) for each in plan.callbacks
    ]
    schedule = plan.schedule
    if getattr(schedule, "monitor", names[0]) not in names:
        schedule = schedule.changed(monitor=names[0])
    return Fix(f"Watch {names[0]}", plan=plan.changed(callbacks=mended, schedule=schedule))


def gives_logits(shape: Shape, activation: Activation | None, loss: Loss) -> bool:
    """Whether an output is not yet the probability that it stands for.

    That of a hinge is none either: it also divides no from yes at 0.
    """
    if shape[-1] == 1 and "linear" in loss.suits:
        return True
    if has_logits(activation, shape) or not loss.expects_logits:
        return False
    return shape[-1] == 1 or loss.target != "binary"  # yes or no for each class needs no softmax


def for_logits(metrics: Iterable[Metric], outputs: int) -> tuple[Metric, ...]:
    """The metrics to use for an output of logits."""
    return tuple(dict.fromkeys(each.for_logits(outputs) for each in metrics))


def _use(plan: Plan, new: tuple[Metric, ...], metrics: Iterable[Metric]) -> Fix:
    """Put ``metrics`` into the plan; ``new`` are those to name on the button."""
    names = list(dict.fromkeys(each.name for each in new))
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return Fix(f"Use {listed}", plan=plan.changed(metrics=tuple(dict.fromkeys(metrics))))
