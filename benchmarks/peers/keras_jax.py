"""Keras on JAX: the stateless step compiled, its buffers handed over from step to step."""

from __future__ import annotations

from typing import Any

import jax

from benchmarks.peers.base import Prepared
from benchmarks.peers.keras_model import LOSSES, adam, model_of, parameters
from benchmarks.workloads import Workload

State = tuple[Any, Any, Any]


def prepare(workload: Workload) -> Prepared:
    model, optimizer, loss = model_of(workload), adam(), LOSSES[workload.loss_name]
    optimizer.build(model.trainable_variables)
    x, y = (jax.device_put(each) for each in workload.batch)

    def value_of(trained: Any, other: Any, x: Any, y: Any) -> tuple[Any, Any]:
        y_pred, other = model.stateless_call(trained, other, x, training=True)
        return loss(y, y_pred), other

    def step(state: State, x: Any, y: Any) -> State:
        trained, other, moments = state
        (_, other), grads = jax.value_and_grad(value_of, has_aux=True)(trained, other, x, y)
        trained, moments = optimizer.stateless_apply(moments, grads, trained)
        return trained, other, moments

    compiled = jax.jit(step, donate_argnums=0)
    variables = (model.trainable_variables, model.non_trainable_variables, optimizer.variables)
    # Copies: what is handed over must not be what Keras goes on to hold.
    state = jax.tree.map(lambda each: each + 0, tuple([v.value for v in vs] for vs in variables))
    count_of = parameters(model)

    def steps(count: int) -> None:
        nonlocal state
        for _ in range(count):
            state = compiled(state, x, y)
        jax.block_until_ready(state)

    return Prepared(count_of, steps)
