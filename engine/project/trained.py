"""A trained network as a file: weights, and all that is needed to use them.

It lies beside the project as ``<name>.runs/model.safetensors``, which other
tools can open too. What is read is not trusted.
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
from engine.network import Network
from engine.project.files import json_from_text
from engine.reading import check_file
from engine.training.feeding import places_taken
from engine.training.history import History
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
        from_logits: the outputs at which softmax or sigmoid is still missing.
        history: the course of its training.
    """

    graph: Graph
    weights: Mapping[str, Array]
    preprocessing: Preprocessing
    targets: Targets
    from_logits: tuple[str, ...] = ()
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
            tuple(id for id in network.graph.outputs if _takes_logits(plan, id)),
            history or History(),
        )

    @property
    def epochs(self) -> int:
        """How many epochs it was trained for."""
        return len(self.history)

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


def _takes_logits(plan: Plan, output: str) -> bool:
    return bool(getattr(plan.objective.loss_of(output), "from_logits", False))


def _raw_outputs(graph: Graph, written: object) -> tuple[str, ...]:
    """The outputs that are logits; older files say it of all of them at once."""
    if isinstance(written, list):
        return tuple(id for id in graph.outputs if id in written)
    return graph.outputs if written is True else ()


def model_path(project: Path) -> Path:
    """Where the trained network of a project file lies."""
    return project.with_name(f"{project.stem}.runs") / "model.safetensors"


def write_trained(model: TrainedModel, path: Path) -> None:
    """Save a trained network; the file is replaced as a whole or not at all.

    Raises:
        ProjectError: it cannot be written there.
    """
    from safetensors.numpy import save

    tensors = {name: np.ascontiguousarray(each) for name, each in model.weights.items()}
    about = {
        "format": FORMAT,
        "version": str(VERSION),
        "graph": json.dumps(model.graph.to_json(), ensure_ascii=False),
        "preprocessing": json.dumps(model.preprocessing.to_json(), ensure_ascii=False),
        "targets": json.dumps(model.targets.to_json(), ensure_ascii=False),
        "from_logits": json.dumps(model.from_logits),
        "history": json.dumps(model.history.to_json()),
    }
    try:
        path.parent.mkdir(exist_ok=True)
        replace_file(path, save(tensors, metadata=about))
    except OSError as error:
        raise ProjectError(
            f"The trained network cannot be written to {path.parent}: {reason_of(error)}.",
            "Choose another folder, or make room there.",
        ) from error


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
        raise ProjectError(f"{path.name} is damaged or no file of weights.", AGAIN) from error
    try:
        return TrainedModel(
            graph,
            weights,
            Preprocessing.parse(_part(about, "preprocessing")),
            Targets.parse(_part(about, "targets")),
            _raw_outputs(graph, _part(about, "from_logits")),
            History.parse(_part(about, "history")),
        )
    except EngineError as error:
        raise ProjectError(f"{path.name}: {error.what}", error.fix or AGAIN) from error


def read_trained_for(project: Path, graph: Graph) -> TrainedModel:
    """The trained network of a project file, if it is still that of ``graph``.

    Raises:
        ProjectError: as :func:`read_trained`, or the network has been changed since.
    """
    model = read_trained(model_path(project))
    if not model.is_of(graph):
        changed = _first_difference(graph, model.graph)
        raise ProjectError(f"The network was changed after it was trained: {changed}.", AGAIN)
    return model


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
            return f"{id} has other settings"
    gone = next((id for id in layers_then if id not in layers_now), None)
    return f"{gone} is gone" if gone else "its wires are others"
