"""How near the predicted time of a training step is to what it takes.

``python -m benchmarks.prediction [--json] [--threads N]`` measures the machine as the
window does, then trains every example and every template (on random pictures of 8 × 8
and 28 × 28) for some steps, and prints predicted and measured times with their ratio.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np

from engine.analysis.calibration import measure_layers, measure_network, measure_speed
from engine.analysis.speed import Prediction, Speed, step_seconds
from engine.data import Dataset, prepare
from engine.graph import Graph
from engine.losses import MeanSquaredError
from engine.network import Network
from engine.parallel import available_cores
from engine.project import read_project
from engine.project.examples import FOLDER, examples
from engine.templates import TEMPLATES
from engine.training import BatchDone, Control, Plan, train

WARM_UP = 3
LEAST_STEPS, SECONDS = 12, 0.4
GOAL = 0.6, 1.6


@dataclass(frozen=True)
class Case:
    """What is trained."""

    name: str
    graph: Graph
    data: Dataset
    plan: Plan


def cases() -> Iterator[Case]:
    """Every example, then every template."""
    for example in examples():
        project = read_project(example.path)
        assert project.data is not None
        yield Case(example.name, project.graph, prepare(project.data, FOLDER), project.plan)
    for side in (8, 28):
        pictures = np.random.default_rng(0).random((512, side, side, 1), np.float32)
        labeled = Dataset.from_arrays(pictures, np.arange(512) % 10)
        rows = pictures.reshape(512, -1)
        # What is to be drawn again is the input; targets are rows of numbers.
        itself = Dataset.from_arrays(rows, rows)
        for kind in TEMPLATES:
            again = kind.learns == "inputs"
            data = itself if again else labeled
            plan = Plan(loss=MeanSquaredError(), metrics=()) if again else Plan()
            yield Case(f"{kind.kind} {side} × {side}", kind().graph(data), data, plan)


def measured_seconds(case: Case, threads: int) -> float:
    """The median of the steps of a real run, as the window measures them."""
    times: list[float] = []
    control, last, began = Control(), None, perf_counter()
    plan = case.plan.changed(epochs=10_000, threads=threads)
    for event in train(Network(case.graph, plan.seed), case.data, plan, control):
        if not isinstance(event, BatchDone):
            continue
        if last is not None and last.epoch == event.epoch and event.step > WARM_UP:
            times.append(event.seconds - last.seconds)
        last = event
        if len(times) >= LEAST_STEPS and perf_counter() - began > SECONDS:
            control.stop()
    return median(times)


def explain(case: Case, speed: Speed) -> str:
    """What each node is predicted to take, in milliseconds."""
    found = Prediction(case.graph, case.plan, speed)
    each = ((id, found.of(id) or 0.0) for id in case.graph.nodes)
    return ", ".join(f"{id} {1000 * seconds:.3f}" for id, seconds in each)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--threads", type=int, default=available_cores())
    parser.add_argument("--explain", action="store_true", help="list the nodes' times as well")
    given = parser.parse_args(arguments)
    clock = perf_counter()
    speed = measure_speed(given.threads)
    again = perf_counter()
    speed = measure_speed(given.threads)
    taken = perf_counter() - again
    print(f"The machine was measured in {taken:.2f} s, the first time in {again - clock:.2f} s")
    print(
        f"A step takes {1000 * speed.step:.3f} ms besides layers, these {speed.crowding:.2f} times"
    )
    ratios = {}
    for case in cases():
        measured = measured_seconds(case, given.threads)
        guess = step_seconds(case.graph, case.plan, speed)
        clock, known = perf_counter(), None
        while known is not speed:
            known, speed = speed, measure_layers(speed, case.graph, case.plan, given.threads)
        speed = measure_network(speed, case.graph, case.plan, given.threads)
        layers = perf_counter() - clock
        predicted = step_seconds(case.graph, case.plan, speed)
        assert predicted is not None
        assert guess is not None
        ratio = ratios[case.name] = predicted / measured
        note = "" if GOAL[0] <= ratio <= GOAL[1] else "  MISSED"
        print(
            f"{case.name:22} predicted {1000 * predicted:8.3f} ms, measured "
            f"{1000 * measured:8.3f} ms, ratio {ratio:.2f} (guessed {guess / measured:.2f}; "
            f"layers timed in {layers:.2f} s){note}",
            flush=True,
        )
        if given.explain:
            print(f"    {explain(case, speed)}")
    if given.json:
        print(json.dumps({"calibration_s": taken, **ratios}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
