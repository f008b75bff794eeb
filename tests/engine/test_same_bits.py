"""The same seed gives the same bits: on any number of threads, and in another process."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import Dataset, prepare
from engine.graph import Graph
from engine.layers import Layer
from engine.network import Network
from engine.project import read_project
from engine.project.examples import examples, find_example
from engine.training import EpochDone, Plan, train

DENSE = [
    {"type": "Dense", "units": 300, "activation": "gelu"},
    {"type": "Dropout", "rate": 0.3},
    {"type": "Dense", "units": 200, "activation": "relu", "kernel_regularizer": "L2"},
    {"type": "Dense", "units": 3, "activation": "softmax"},
]
PICTURES = [
    {"type": "Conv2D", "filters": 32, "activation": "relu"},
    "BatchNormalization",
    {"type": "Conv2D", "filters": 32, "padding": "same", "activation": "relu"},
    "MaxPooling2D",
    {"type": "SeparableConv2D", "filters": 16, "activation": "swish"},
    {"type": "GroupNormalization", "groups": 4},
    {"type": "SpatialDropout2D", "rate": 0.2},
    "Flatten",
    {"type": "Dense", "units": 3, "activation": "softmax"},
]
NETWORKS: dict[str, tuple[tuple[int, ...], list[Any]]] = {
    "dense": ((400,), DENSE),
    "pictures": ((18, 18, 3), PICTURES),
}


def digest(name: str, threads: int, optimizer: str = "Adam") -> str:
    """What a short run leaves, in a few characters: weights and everything measured."""
    shape, layers = NETWORKS[name]
    rng = np.random.default_rng(0)
    x = rng.normal(size=(150, *shape)).astype(np.float32)
    y = np.arange(150) % 3
    data = Dataset.from_arrays(x, y, validation=(x[:40], y[:40]))
    network = Network(Graph.sequential(shape, [Layer.parse(each) for each in layers]), seed=1)
    plan = Plan.parse({"epochs": 2, "batch_size": 64, "threads": threads, "optimizer": optimizer})
    return digest_of_run(network, data, plan)


def digest_of_example(name: str, threads: int) -> str:
    """The same of an epoch of a project that comes with the program."""
    example = find_example(name)
    project = read_project(example.path)
    assert project.data is not None
    data = prepare(project.data, example.path.parent)
    plan = project.plan.changed(epochs=1, threads=threads)
    return digest_of_run(Network(project.graph, seed=plan.seed), data, plan)


def digest_of_run(network: Network, data: Dataset, plan: Plan) -> str:
    found = hashlib.sha256()
    for event in train(network, data, plan):
        if isinstance(event, EpochDone):
            found.update(repr((event.train, event.validation)).encode())
    for weight in network.weights.values():
        found.update(weight.tobytes())
    return found.hexdigest()


@pytest.mark.parametrize("name", NETWORKS)
def test_the_number_of_threads_changes_no_bit_of_a_run(name: str) -> None:
    assert len({digest(name, threads) for threads in (1, 2, 3, 5)}) == 1


@pytest.mark.parametrize("optimizer", ["SGD", "RMSprop", "Ftrl", "Lion"])
def test_nor_of_one_with_another_optimizer(optimizer: str) -> None:
    assert digest("dense", 1, optimizer) == digest("dense", 2, optimizer)


def in_another_process(call: str) -> str:
    """What a function of this module gives there, with other hashes and BLAS' own threads."""
    environment = {**os.environ, "PYTHONHASHSEED": "7", "OPENBLAS_NUM_THREADS": "2"}
    found = subprocess.run(
        [sys.executable, "-c", f"from tests.engine.test_same_bits import *; print({call})"],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return found.stdout.strip()


def test_another_process_gives_the_same_bits() -> None:
    """Whatever the order of hashes, the place in memory and BLAS' own threads."""
    assert in_another_process("digest('pictures', 2)") == digest("pictures", 2)


@pytest.mark.parametrize("name", [each.name for each in examples()])
def test_so_does_each_example(name: str) -> None:
    there = in_another_process(f"digest_of_example({name!r}, 2)")
    assert there == digest_of_example(name, 2) == digest_of_example(name, 1)
