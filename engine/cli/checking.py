"""Commands that try a network out: its gradients, and learning rates."""

from __future__ import annotations

from math import isfinite

from rich.console import Console
from rich.table import Table

from engine.analysis.gradient_check import LayerCheck, check_gradients
from engine.cli.commands import json_line
from engine.cli.progress import Display
from engine.cli.projects import Opened
from engine.compiled.notice import before_compiling
from engine.diagnosis import blocking
from engine.errors import PlanError
from engine.network import Network
from engine.training.feeding import places_taken
from engine.training.fitting import plan_problems
from engine.training.range_test import RatePoint, find_rate, suggested_rate

ROWS = 20
"""So many rates are listed; JSON has them all."""


def print_gradient_check(opened: Opened, as_json: bool) -> bool:
    """Print a table of layers; whether none is wrong.

    Raises:
        EngineError: the network does not go together with data and plan.
    """
    plan, data = opened.project.plan, opened.dataset()
    problems = blocking(plan_problems(opened.project.graph, data, plan))
    if problems:
        raise PlanError(problems[0].what, problems[0].todo, node=problems[0].node)
    graph = opened.project.graph
    network = Network(graph, seed=plan.seed, places=places_taken(graph, data.preprocessing))
    found = list(check_gradients(network, data.train, data.targets, plan))
    if as_json:
        rows = [
            {"layer": each.node, "error": _number(each.error), "verdict": each.verdict}
            for each in found
        ]
        print(json_line({"layers": rows}))  # noqa: T201
    else:
        _print_checks(found)
    return all(each.verdict != "wrong" for each in found)


def _print_checks(found: list[LayerCheck]) -> None:
    table = Table("Layer")
    table.add_column("Weights", justify="right")
    table.add_column("Largest error", justify="right")
    table.add_column("At")
    table.add_column("Verdict")
    for each in found:
        table.add_row(each.node, f"{each.weights:,}", f"{each.error:.1e}", each.worst, each.verdict)
    console = Console(highlight=False)
    console.print(table)
    for note in dict.fromkeys(each.note for each in found if each.note):
        console.print(note, markup=False)


def print_rates(opened: Opened, as_json: bool) -> None:
    """Print rates with their losses, and the one that is suggested.

    Raises:
        EngineError: the network does not go together with data and plan.
    """
    plan, data = opened.project.plan, opened.dataset()
    network = Network(opened.project.graph, seed=plan.seed)
    with Display() as display, before_compiling(display.prepare):
        display.say("trying rates")
        points = list(find_rate(network, data, plan))
    rate = suggested_rate(points)
    if as_json:
        rows = [{"rate": each.rate, "loss": _number(each.loss)} for each in points]
        print(json_line({"suggested": rate, "points": rows}))  # noqa: T201
        return
    _print_points(points)
    Console(highlight=False).print(
        f"Suggested learning rate: {rate:g} (the plan has {plan.optimizer.learning_rate:g})."
        if rate is not None
        else "The loss never fell, so no learning rate can be suggested."
    )


def _print_points(points: list[RatePoint]) -> None:
    table = Table()
    table.add_column("Learning rate", justify="right")
    table.add_column("Loss, smoothed", justify="right")
    for each in points[:: -(-len(points) // ROWS)]:
        table.add_row(f"{each.rate:.2e}", f"{each.smoothed:.4g}")
    Console(highlight=False).print(table)


def _number(value: float) -> float | None:
    return value if isfinite(value) else None
