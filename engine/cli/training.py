"""Training and exporting without a window."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from types import FrameType
from typing import Any

from engine.cli.progress import Display
from engine.cli.projects import Opened
from engine.compiled.notice import before_compiling
from engine.compiled.path import Loops
from engine.data import Dataset, prepare
from engine.errors import EngineError, PlanError
from engine.exporting import ExportReport, check_target, export_onnx, samples_to_compare
from engine.network import Adopted, Network
from engine.project import read_project
from engine.project.moving import rebase_data_path
from engine.project.trained import (
    TrainedModel,
    place_of_weights,
    read_trained,
    read_trained_for,
    write_trained,
    write_with_weights,
)
from engine.training import (
    BatchDone,
    Control,
    EpochDone,
    Finished,
    Outcome,
    RunState,
    evaluate,
    train,
)
from engine.training.fitting import plan_problems
from engine.training.history import History
from engine.training.record import record_of
from engine.training.resuming import last_epoch, state_after
from engine.training.train import refuse

Scores = Mapping[str, float]


@dataclass
class Result:
    """What a run came to.

    Attributes:
        train, validation, test: ``loss`` and metrics; empty where there is no such part.
        samples_per_second: of the median epoch.
        loops: the paths that the arithmetic took, in order; see
            :class:`engine.training.record.RunRecord`.
        files: what was written.
        adopted: which layers went on with their trained weights; None where all were drawn.
        notes: what was wrong and accepted, in words.
    """

    outcome: Outcome
    note: str
    epochs: int
    parameters: int
    seconds: float
    samples_per_second: float
    train: Scores
    validation: Scores
    test: Scores
    loops: tuple[Loops, ...] = ()
    files: list[Path] = field(default_factory=list)
    export: ExportReport | None = None
    adopted: Adopted | None = None
    notes: tuple[str, ...] = ()


@dataclass
class _Beginning:
    """What a run starts from.

    Attributes:
        epochs: the epoch to which it trains.
    """

    network: Network
    history: History
    state: RunState
    epochs: int
    adopted: Adopted | None = None


def train_project(
    opened: Opened,
    *,
    save: bool,
    export: Path | None,
    go_on: bool = False,
    anyway: bool = False,
) -> Result:
    """Train a project's network on its data, keep it and export it.

    Ctrl+C, SIGTERM or a closed terminal ends the run between two batches; what was
    learned is kept.

    Args:
        go_on: go on from the trained weights, as far as they still fit the network.
        anyway: train what can be computed even though something is wrong with it.

    Raises:
        EngineError: data, network or plan cannot be used; nothing was written.
    """
    project = opened.project
    if export is not None:
        check_target(export)
    with Display() as display:
        display.say("loading data")
        data = opened.dataset()
        problems = plan_problems(project.graph, data, project.plan)
        refuse(problems, anyway, "train it with --anyway")
        start, control = _beginning(opened, data, go_on), Control()
        network, history = start.network, start.history
        history.notes = tuple(each.accepted for each in problems)
        # Until all is written: the signal may also come when the run has just ended.
        with _stopping_on_signals(control):
            epochs, finished = _run(start, data, opened, display, control)
            result = _scored(network, data, opened, epochs, finished)
            result.loops, result.adopted = history.record.loops, start.adopted
            result.notes = history.notes
            if finished.outcome == "diverged":
                return result
            model = TrainedModel.of(network, data, project.plan, history)
            if save:
                result.files.append(_keep(model, opened))
            if export is not None:
                display.say("exporting")
                result.export = _exported(model, network, data, export, project.title)
                result.files.append(export)
    return result


def _keep(model: TrainedModel, opened: Opened) -> Path:
    """Write the trained network to where the project has its own; return the file."""
    path = place_of_weights(opened.path)
    if path == opened.path:
        # The project as it is saved: options of the command are no edits.
        saved = replace(read_project(path), was_trained=True)
        write_with_weights(saved, model, path)
    else:
        write_trained(model, path)
    return path


def pack_project(opened: Opened, to: Path) -> None:
    """Write a project and its trained network as one file.

    Raises:
        ProjectError: it was never trained, was changed since, or cannot be written.
    """
    model = read_trained_for(opened.path, opened.project)
    moved = rebase_data_path(
        replace(opened.project, was_trained=True), opened.base, to.absolute().parent
    )
    write_with_weights(moved, model, to)


def export_trained(opened: Opened, path: Path) -> ExportReport:
    """Export the network that was trained last; compared on the project's own data.

    Where that data cannot be read any more, it is compared on made-up samples.

    Raises:
        EngineError: it was never trained, was changed since, or cannot be written.
    """
    model = read_trained_for(opened.path, opened.project)
    try:
        data = prepare(opened.project.data, opened.base) if opened.project.data else None
    except EngineError:
        data = None
    if data is not None and data.preprocessing != model.preprocessing:
        data = None  # other data than it was trained on: its samples may not even fit
    return _exported(model, model.network(), data, path, opened.project.title)


def _exported(
    model: TrainedModel, network: Network, data: Dataset | None, path: Path, title: str
) -> ExportReport:
    return export_onnx(
        network,
        path,
        preprocessing=model.preprocessing,
        targets=model.targets,
        loss=model.objective,
        verify_on=None if data is None else samples_to_compare(data),
        title=title,
    )


def _beginning(opened: Opened, data: Dataset, go_on: bool) -> _Beginning:
    """Draw a network, or let it go on from its trained weights."""
    graph, plan = opened.project.graph, opened.project.plan
    network, record = Network(graph, seed=plan.seed), record_of(data, plan)
    if not go_on:
        return _Beginning(network, History(record), RunState(), plan.epochs)
    model = read_trained(place_of_weights(opened.path))
    adopted = network.adopt(model.weights, model.graph)
    if adopted.drawn and not adopted.kept:
        raise PlanError(
            f"No layer of {opened.path.name} still fits its trained weights.",
            "Train it without --continue.",
        )
    state = state_after(model.history)
    epochs = last_epoch(state.epoch, plan)
    return _Beginning(network, model.history.going_on(record), state, epochs, adopted)


def _run(
    start: _Beginning, data: Dataset, opened: Opened, display: Display, control: Control
) -> tuple[list[EpochDone], Finished]:
    """Train, and fill the history."""
    network, history, state = start.network, start.history, start.state
    plan, anyway = opened.project.plan, bool(history.notes)
    epochs = list[EpochDone]()
    display.begin(start.epochs)
    with before_compiling(display.prepare):
        for event in train(network, data, plan, control, state, start.epochs, anyway=anyway):
            display.show(event)
            if isinstance(event, BatchDone):
                history.add_batches([event])
            elif isinstance(event, EpochDone):
                history.add_epoch(event)
                epochs.append(event)
            elif isinstance(event, Finished):
                history.test = dict(event.test)
                history.record = history.record.on_path(state.loops)
                return epochs, event
    raise AssertionError("a run ends with Finished")


@contextmanager
def _stopping_on_signals(control: Control) -> Iterator[None]:
    """Let the first Ctrl+C, SIGTERM or closed terminal stop the run; a second one ends all."""
    before: dict[int, Any] = {}

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(number, before[number])
        control.stop()

    try:
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
            number = getattr(signal, name, None)
            # nohup has the closing of the terminal ignored, and it stays so.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, stop)
    except ValueError:  # not in the main thread, where no signals arrive
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _scored(
    network: Network, data: Dataset, opened: Opened, epochs: list[EpochDone], finished: Finished
) -> Result:
    plan = opened.project.plan
    test = finished.test
    if finished.outcome == "stopped":
        test = evaluate(network, data.test, plan, data.targets)
    last = epochs[-1] if epochs else None
    return Result(
        outcome=finished.outcome,
        note=finished.note,
        epochs=len(epochs),
        parameters=network.parameter_count,
        seconds=finished.seconds,
        samples_per_second=median(each.samples_per_second for each in epochs) if epochs else 0.0,
        train=last.train if last else {},
        validation=last.validation if last else {},
        test=test,
    )
