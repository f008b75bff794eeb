"""Memory over a thousand steps: what Python and NumPy hold, and the process as a whole."""

from __future__ import annotations

import gc
import os
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.activations import Relu
from engine.compiled.program import SPREAD_FROM
from engine.graph import Graph
from engine.layers import Dense, Dropout, Run
from engine.losses import SparseCategoricalCrossentropy
from engine.network import Network
from engine.network.chain import BATCH_SIZES
from engine.optimizers import Adam
from engine.parallel import _waiting, using_threads
from engine.training.health import Probe

LOSS = SparseCategoricalCrossentropy()


def steps_of(units: int, rate: float = 0.0) -> Callable[[int, int], None]:
    """What takes a step of the given number with a batch of the given size."""
    layers: list[Any] = [Dense(units=units, activation=Relu()), Dense(units=units)]
    layers += [Dropout(rate=rate), Dense(units=3, activation="softmax")]
    network, optimizer = Network(Graph.sequential((20,), layers)), Adam()
    state, rng = optimizer.start(network.trained), np.random.default_rng(0)
    x, labels = rng.standard_normal((64, 20)).astype(np.float32), np.arange(64) % 3

    def take(step: int, batch: int) -> None:
        network.watcher = Probe(network) if step % 10 == 0 else None
        network.loss_and_gradients(
            x[:batch], {network.graph.outputs[0]: labels[:batch]}, LOSS, Run(True, rng)
        )
        optimizer.step(network.trained, network.gradients, state, step, 0.001)

    return take


@pytest.fixture
def traced() -> Iterator[Callable[[], int]]:
    """How many bytes Python and NumPy hold, what is garbage and what is spare left out."""

    def held() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    yield held
    tracemalloc.stop()


@pytest.mark.parametrize("threads", [1, 2, 256])
def test_a_thousand_steps_hold_no_more_than_a_hundred(
    threads: int, traced: Callable[[], int]
) -> None:
    """A list of one number in each step would be six times as much as is allowed.

    Now and then the interpreter sets small pieces of memory aside for later. That happens
    between some of the looks; what leaks grows between all of them.
    """
    take = steps_of(units=256)  # enough for Adam to ask for help
    looks = []
    with using_threads(threads):
        for step in range(1, 1101):
            take(step, 16)
            if step % 200 == 100:
                looks.append(traced())
    assert min(after - before for before, after in pairwise(looks)) < 1_000
    assert _waiting().qsize() <= 1


def test_batches_of_every_size_hold_no_more_than_a_few(traced: Callable[[], int]) -> None:
    take = steps_of(units=8)
    for batch in range(1, 2 + BATCH_SIZES):
        take(batch, batch)
    before = traced()
    for batch in range(1, 65):
        take(batch, batch)
    assert traced() - before < 20_000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_process_does_not_grow() -> None:
    """Compiled code's memory too: a batch's values alone would be 150 MB in a thousand steps."""

    def resident() -> int:
        pages = Path("/proc/self/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    take = steps_of(units=300, rate=0.2)
    assert SPREAD_FROM < 20 * 300 + 300 * 300
    with using_threads(2):
        for step in range(1, 101):
            take(step, 64)
        before = resident()
        for step in range(101, 1101):
            take(step, 64)
    assert resident() - before < 8_000_000
