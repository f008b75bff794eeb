"""Netsmith's own step, as its training loop takes it."""

from __future__ import annotations

from math import isfinite

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.peers.base import Prepared
from benchmarks.workloads import RATE, Workload
from engine.compiled.program import square_length
from engine.layers import Run
from engine.losses import Objective
from engine.network import Network
from engine.optimizers import Adam
from engine.parallel import available_cores, using_threads


def prepare(workload: Workload) -> Prepared:
    network, adam, loss = Network(workload.graph, seed=0), Adam(), Objective(workload.loss)
    x, y = workload.batch
    run = Run(training=True)
    moments = adam.start(network.trained)
    taken, targets = 0, {workload.output: y}

    def steps(count: int) -> None:
        nonlocal taken
        with (
            threadpool_limits(1, user_api="blas"),
            using_threads(available_cores()),
            np.errstate(all="ignore"),
        ):
            for _ in range(count):
                value = network.loss_and_gradients(x, targets, loss, run).loss
                if not isfinite(value + square_length(network.gradients)):
                    raise FloatingPointError("The network has diverged.")
                taken += 1
                adam.step(network.trained, network.gradients, moments, taken, RATE, network.slices)

    return Prepared(network.trainable_count, steps)
