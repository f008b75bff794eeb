"""Keras' layers as twins of ours: the same settings and weights, values and gradients compared."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras

import engine.layers as ns
from engine.layers import Layer, Run

# Quicker to compile; what is computed here is small.
jax.config.update("jax_disable_most_optimizations", True)

Weights = dict[str, np.ndarray]

# Settings that Keras' layers lack.
OURS_ALONE = {"learning_rate_factor"}


def twin(layer: Layer, shapes: tuple[tuple[int, ...], ...], w: Weights) -> Any:
    """Keras' layer with the same settings and weights, without activation."""
    config = {
        name: getattr(layer, name)
        for name in type(layer).model_fields
        if not name.endswith(("initializer", "regularizer", "constraint"))
        and name not in OURS_ALONE | {"activation"}
    }
    if isinstance(layer, ns.Activation):
        config["activation"] = "linear"
    for name in ("padding", "cropping"):
        if isinstance(config.get(name), tuple):
            top, bottom, left, right = config[name]
            config[name] = ((top, bottom), (left, right))
    keras_layer = getattr(keras.layers, layer.kind)(**config)
    batched = [(None, *shape) for shape in shapes]
    keras_layer.build(batched if len(batched) > 1 else batched[0])
    for variable in keras_layer.weights:
        if "seed" not in variable.path:
            variable.assign(w[variable.name])
    return keras_layer


def close(ours: np.ndarray, theirs: Any, what: str) -> None:
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape, what
    size = max(1.0, float(np.abs(theirs).max(initial=0)))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * size, err_msg=what)


def compare(
    layer: Layer, shapes: tuple[tuple[int, ...], ...], w: Weights, xs: list[Any], training: bool
) -> None:
    keras_layer = twin(layer, shapes, w)
    rng = np.random.default_rng(5)
    run = Run(training=training)
    y, kept = layer.forward(w, run, *xs)
    dy = rng.normal(size=y.shape).astype(np.float32)
    # Layers that are nothing but a function leave it to the network.
    function = None if "activation" in type(layer).model_fields else layer.applied_activation
    before, slope = y, dy
    if function is not None:
        y = function.forward(before)
        slope = function.backward(dy, before, y)
    dxs, grads = layer.backward(w, kept, slope)

    moved = [variable.value for variable in keras_layer.non_trainable_variables]

    def value(trained: list[Any], inputs: list[Any]) -> Any:
        given_inputs = inputs if len(inputs) > 1 else inputs[0]
        arguments = {"training": training} if keras_layer._call_has_training_arg else {}
        out, after = keras_layer.stateless_call(trained, moved, given_inputs, **arguments)
        return jnp.sum(out * dy), (out, after)

    trained = [variable.value for variable in keras_layer.trainable_variables]
    inputs = [jnp.asarray(x) for x in xs]
    slopes, (out, after) = jax.jit(jax.grad(value, argnums=(0, 1), has_aux=True))(trained, inputs)
    close(y, out, "output")
    for index, (ours, theirs) in enumerate(zip(dxs, slopes[1], strict=True)):
        close(ours, theirs, f"gradient of input {index}")
    names = [variable.name for variable in keras_layer.trainable_variables]
    # Of a frozen layer the network takes no gradients, whatever the layer gives.
    learned = {name for name, spec in layer.weight_specs(shapes).items() if spec.trainable}
    assert set(names) == learned
    assert learned <= set(grads)
    for name, theirs in zip(names, slopes[0], strict=True):
        close(grads[name], theirs, f"gradient of {name}")
    for variable, theirs in zip(keras_layer.non_trainable_variables, after, strict=True):
        if "seed" not in variable.path:
            close(run.updates.get(variable.name, w[variable.name]), theirs, variable.name)


def random_check(layer: Layer, *shapes: tuple[int, ...], training: bool = True) -> None:
    """Compare with random weights and inputs."""
    rng = np.random.default_rng(6)
    w = {
        name: rng.uniform(0.5, 1.5, spec.shape).astype(np.float32)
        if name == "moving_variance"
        else rng.normal(size=spec.shape).astype(np.float32)
        for name, spec in layer.weights(shapes).items()
    }
    if isinstance(layer, ns.Embedding):
        xs = [rng.integers(0, layer.input_dim, (3, *shape)) for shape in shapes]
    else:
        xs = [rng.normal(size=(3, *shape)) for shape in shapes]
    compare(layer, shapes, w, [x.astype(np.float32) for x in xs], training)
