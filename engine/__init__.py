"""Netsmith's engine: draw, train and export small networks from Python, with Keras' names.

    import engine as ns
    graph = ns.Graph.sequential((8, 8, 1), [ns.layers.Flatten(),
                                            ns.layers.Dense(units=32, activation="relu"),
                                            ns.layers.Dense(units=10, activation="softmax")])
    net = ns.Network(graph, seed=0)
    data = ns.prepare(ns.DataSetup(source=ns.sources.BuiltIn(name="digits")))
    for event in ns.train(net, data, ns.Plan(epochs=5)):
        print(event)
    ns.export_onnx(net, "model.onnx")

Names are loaded at their first use: a command's ``--help`` needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine import (
        activations,
        constraints,
        initializers,
        layers,
        losses,
        metrics,
        optimizers,
        regularizers,
        schedules,
    )
    from engine.analysis.gradient_check import check_gradients
    from engine.data import Dataset, DataSetup, prepare, sources
    from engine.diagnosis import diagnose, why_not_connect
    from engine.errors import EngineError
    from engine.exporting import export_onnx
    from engine.graph import Edge, Graph, Group
    from engine.network import Network
    from engine.project import Project, read_project, write_project
    from engine.training import Control, Plan, evaluate, train
    from engine.training.range_test import find_rate

_HOMES = {
    "Control": "engine.training",
    "DataSetup": "engine.data",
    "Dataset": "engine.data",
    "Edge": "engine.graph",
    "EngineError": "engine.errors",
    "Graph": "engine.graph",
    "Group": "engine.graph",
    "Network": "engine.network",
    "Plan": "engine.training",
    "Project": "engine.project",
    "check_gradients": "engine.analysis.gradient_check",
    "diagnose": "engine.diagnosis",
    "evaluate": "engine.training",
    "export_onnx": "engine.exporting",
    "find_rate": "engine.training.range_test",
    "prepare": "engine.data",
    "read_project": "engine.project",
    "sources": "engine.data",
    "train": "engine.training",
    "why_not_connect": "engine.diagnosis",
    "write_project": "engine.project",
}

__all__ = [
    "Control",
    "DataSetup",
    "Dataset",
    "Edge",
    "EngineError",
    "Graph",
    "Group",
    "Network",
    "Plan",
    "Project",
    "activations",
    "check_gradients",
    "constraints",
    "diagnose",
    "evaluate",
    "export_onnx",
    "find_rate",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "prepare",
    "read_project",
    "regularizers",
    "schedules",
    "sources",
    "train",
    "why_not_connect",
    "write_project",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    if name not in _HOMES:
        return import_module(f"engine.{name}")
    return getattr(import_module(_HOMES[name]), name)
