"""A trained network as a file: weights, and all that is needed to use them.

It lies beside the project as ``<name>.runs/model.safetensors``, which other tools can
open too; or it is one file with the project, to be sent or archived. What is read is
not trusted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.arrays import Array, shape_text
from engine.atomic import replace_file
from engine.data import Dataset, Targets
from engine.data.preprocessing import Preprocessing
from engine.diagnosis import diagnose
from engine.errors import EngineError, ProjectError, reason_of
from engine.graph import Graph
from engine.losses import (
    BinaryCrossentropy,
    Loss,
    MeanSquaredError,
    Objective,
    SparseCategoricalCrossentropy,
)
from engine.network import Network
from engine.project.files import holds_weights, json_from_text, text_to_write
from engine.project.project import Project
from engine.reading import check_file
from engine.training.feeding import places_taken
from engine.training.history import History
from engine.training.meaning import Learned
from engine.training.plan import Plan

FORMAT = "netsmith model"
VERSION = 1
AGAIN = "Train the network again."


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A trained network with what surrounds it.

    Attributes:
        graph: the network that was trained; the project's may be another by now.
        weights: copies, by ``node/name``, float32.
        losses: what each output was trained by, which decides what it means.
        history: the course of its training.
    """

    graph: Graph
    weights: Mapping[str, Array]
    preprocessing: Preprocessing
    targets: Targets
    losses: Mapping[str, Loss] = field(default_factory=dict)
    history: History = field(default_factory=History)

    @classmethod
    def of(
        cls, network: Network, data: Dataset, plan: Plan, history: History | None = None
    ) -> TrainedModel:
        """What a run has come to, copied: training may go on."""
        return cls(
            network.graph,
            network.copy_weights(),
            data.preprocessing,
            data.targets,
            {id: plan.objective.loss_of(id) for id in network.graph.outputs},
            history or History(),
        )

    @property
    def epochs(self) -> int:
        """How many epochs it was trained for."""
        return len(self.history)

    @property
    def objective(self) -> Objective:
        """What it was trained by."""
        return Objective(MeanSquaredError(), self.losses)

    @property
    def learned(self) -> Learned:
        """What its outputs mean."""
        return Learned(self.graph, self.targets, self.objective)

    @property
    def parameter_count(self) -> int:
        """How many numbers the network holds, trained or not."""
        return sum(weight.size for weight in self.weights.values())

    def network(self) -> Network:
        """The network with its trained weights.

        Raises:
            ShapeError: weights and graph do not go together.
        """
        network = Network(self.graph, places=places_taken(self.graph, self.preprocessing))
        network.load_weights(self.weights)
        return network

    def is_of(self, graph: Graph) -> bool:
        """Whether a graph is the one that was trained; titles do not matter."""
        return self.graph.computes_as(graph)


def _losses(graph: Graph, about: Mapping[str, str]) -> dict[str, Loss]:
    """What each output was trained by.

    Older files only say which outputs are logits, or that all of them are.
    """
    if "losses" in about:
        written = _part(about, "losses")
        if not isinstance(written, dict):
            raise ProjectError("The losses of the trained network are not a mapping.", AGAIN)
        return {id: Loss.parse(written[id]) for id in graph.outputs if id in written}
    raw, shapes = _part(about, "from_logits"), diagnose(graph).shapes
    found: dict[str, Loss] = {}
    for id in graph.outputs:
        if raw is True or (isinstance(raw, list) and id in raw):
            kind = BinaryCrossentropy if shapes[id][-1] == 1 else SparseCategoricalCrossentropy
            found[id] = kind(from_logits=True)
    return found


def model_path(project: Path) -> Path:
    """Where the trained network of a project file lies."""
    return project.with_name(f"{project.stem}.runs") / "model.safetensors"


def place_of_weights(project: Path) -> Path:
    """Return the file in which the trained network of a project lies, or would.

    That is the project file itself where it holds weights, else :func:`model_path`.
    """
    if project.is_file() and holds_weights(project):
        return project
    return model_path(project)


def write_trained(model: TrainedModel, path: Path) -> None:
    """Save a trained network; the file is replaced as a whole or not at all.

    Raises:
        ProjectError: it cannot be written there.
    """
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise _not_written(path, error) from error
    _write(model, path, {})


def write_with_weights(project: Project, model: TrainedModel, path: Path) -> None:
    """Save a project and its trained network as one file, as a whole or not at all.

    Raises:
        ProjectError: it cannot be written there, or could not be opened again.
    """
    _write(model, path, {"project": text_to_write(project)})


def _write(model: TrainedModel, path: Path, more: Mapping[str, str]) -> None:
    from safetensors.numpy import save

    tensors = {name: np.ascontiguousarray(each) for name, each in model.weights.items()}
    about = {
        "format": FORMAT,
        "version": str(VERSION),
        "graph": json.dumps(model.graph.to_json(), ensure_ascii=False),
        "preprocessing": json.dumps(model.preprocessing.to_json(), ensure_ascii=False),
        "targets": json.dumps(model.targets.to_json(), ensure_ascii=False),
        "losses": json.dumps({id: each.to_json() for id, each in model.losses.items()}),
        "history": json.dumps(model.history.to_json()),
        **more,
    }
    try:
        replace_file(path, save(tensors, metadata=about))
    except OSError as error:
        raise _not_written(path, error) from error


def _not_written(path: Path, error: OSError) -> ProjectError:
    return ProjectError(
        f"The trained network cannot be written to {path.parent}: {reason_of(error)}.",
        "Choose another folder, or make room there.",
    )


def read_trained(path: Path) -> TrainedModel:
    """Read a trained network.

    Raises:
        ProjectError: it is missing, damaged, newer than this program, or its
            weights are not those of its graph.
    """
    from safetensors import SafetensorError, safe_open

    if not path.exists():
        raise ProjectError(
            "The project has not been trained yet.", "Train it first, then try again."
        )
    check_file(path, error=ProjectError)
    try:
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
            graph = _graph(about)
            _check_shapes(graph, {name: file.get_slice(name) for name in file.keys()})  # noqa: SIM118
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise ProjectError(f"{path.name} is damaged, or not a file of weights.", AGAIN) from error
    try:
        return TrainedModel(
            graph,
            weights,
            Preprocessing.parse(_part(about, "preprocessing")),
            Targets.parse(_part(about, "targets")),
            _losses(graph, about),
            History.parse(_part(about, "history")),
        )
    except EngineError as error:
        raise ProjectError(f"{path.name}: {error.what}", error.fix or AGAIN) from error


def read_trained_for(path: Path, project: Project) -> TrainedModel:
    """Return the trained network of a project, if it is still that of its graph.

    Args:
        path: the project's file; the network lies in it or beside it.

    Raises:
        ProjectError: as :func:`read_trained`, or the network has been changed since.
    """
    place = place_of_weights(path)
    if project.was_trained and not place.exists():
        raise weights_missing(path)
    model = read_trained(place)
    if not model.is_of(project.graph):
        changed = _first_difference(project.graph, model.graph)
        raise ProjectError(f"The network was changed after it was trained: {changed}.", AGAIN)
    return model


def weights_missing(path: Path) -> ProjectError:
    """Return what to say of a project that was trained, and came without its weights."""
    place = model_path(path)
    return ProjectError(
        f"{path.name} was trained, but its weights are missing: there is no "
        f"{place.parent.name}/{place.name} beside it.",
        f"Put the folder {place.parent.name} there, get the project as one file (File › Save with "
        "weights), or train again.",
    )


def _graph(about: Mapping[str, str]) -> Graph:
    if about.get("format") != FORMAT:
        raise ProjectError("The file holds weights, but none that Netsmith has trained.", AGAIN)
    version = about.get("version", "")
    if not version.isdigit() or int(version) > VERSION:
        raise ProjectError(
            f"The trained network has version {version[:20]!r}; this Netsmith reads {VERSION}.",
            "Update Netsmith, or train the network again.",
        )
    graph = Graph.from_json(_part(about, "graph"))
    problems = diagnose(graph).problems
    if problems:
        raise ProjectError(f"The trained network has a problem: {problems[0].what}", AGAIN)
    return graph


def _check_shapes(graph: Graph, slices: Mapping[str, Any]) -> None:
    """Compare sizes before anything is loaded, so that no file can fill the memory."""
    wanted = {
        f"{node}/{name}": spec.shape
        for node, specs in diagnose(graph).weights.items()
        for name, spec in specs.items()
    }
    for name in sorted({*wanted, *slices}):
        if name not in slices:
            raise ProjectError(f"The file lacks the weight {name!r}.", AGAIN)
        if name not in wanted:
            raise ProjectError(f"The file has a weight {name!r} that nothing uses.", AGAIN)
        shape, kind = tuple(slices[name].get_shape()), slices[name].get_dtype()
        if shape != wanted[name]:
            raise ProjectError(
                f"Weight {name!r} is {shape_text(shape)}, but the network needs "
                f"{shape_text(wanted[name])}.",
                AGAIN,
            )
        if kind != "F32":
            raise ProjectError(f"Weight {name!r} is of type {kind}, not float32.", AGAIN)


def _part(about: Mapping[str, str], name: str) -> Any:
    if name not in about:
        raise ProjectError(f"The trained network has no {name!r}.", AGAIN)
    return json_from_text(about[name])


def _layers(graph: Graph) -> dict[str, Any]:
    return {id: node.layer for id, node in graph.nodes.items()}


def _first_difference(now: Graph, then: Graph) -> str:
    layers_now, layers_then = _layers(now), _layers(then)
    for id, layer in layers_now.items():
        if id not in layers_then:
            return f"{id} is new"
        if layer != layers_then[id]:
            return f"{id} has different settings"
    gone = next((id for id in layers_then if id not in layers_now), None)
    return f"{gone} is gone" if gone else "its wires are different"
