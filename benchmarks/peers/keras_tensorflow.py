"""Keras on TensorFlow: the step as one graph, with or without XLA, whichever is faster."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import tensorflow as tf

from benchmarks.peers.base import Prepared
from benchmarks.peers.keras_model import LOSSES, adam, model_of, parameters
from benchmarks.workloads import Workload

TRIED = 3


def prepare(workload: Workload) -> Prepared:
    model, optimizer, loss = model_of(workload), adam(), LOSSES[workload.loss_name]
    optimizer.build(model.trainable_variables)
    x, y = (tf.constant(each) for each in workload.batch)

    def step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        grads = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables, strict=True))
        return value

    def steps_of(taken: Callable[..., tf.Tensor]) -> Callable[[int], None]:
        def steps(count: int) -> None:
            for _ in range(count):
                value = taken(x, y)
            value.numpy()

        return steps

    ways = [steps_of(tf.function(step, jit_compile=with_xla)) for with_xla in (False, True)]
    return Prepared(parameters(model), min(ways, key=_seconds))


def _seconds(steps: Callable[[int], None]) -> float:
    steps(2)
    began = perf_counter()
    steps(TRIED)
    return perf_counter() - began
