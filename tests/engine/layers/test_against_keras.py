"""Keras 3 on JAX as the second opinion: outputs, gradients, moving statistics."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras

import engine.layers as ns
from engine.errors import ShapeError
from engine.layers import Layer, Run
from engine.layers.winograd import pays

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


def test_agrees_with_keras(sample):
    # Dropout draws other numbers than Keras; the rest does not look at the flag.
    for training in (False, True) if sample.layer.kind == "BatchNormalization" else (False,):
        compare(sample.layer, sample.shapes, sample.weights(), sample.inputs(), training)


def test_shape_without_data_is_that_of_keras(sample):
    keras_layer = twin(sample.layer, sample.shapes, sample.weights())
    batched = [(None, *shape) for shape in sample.shapes]
    shape = keras_layer.compute_output_shape(batched if len(batched) > 1 else batched[0])
    assert tuple(shape[1:]) == sample.layer.output_shape(sample.shapes)


def test_defaults_are_those_of_keras():
    # What must be given in Keras, or is meant to differ, is not compared.
    own = {"Dense": {"units"}, "Conv2D": {"filters", "kernel_size"}, "Dropout": {"rate"}}
    own |= {"GaussianDropout": {"rate"}, "GaussianNoise": {"stddev"}, "Permute": {"dims"}}
    own |= {"SpatialDropout1D": {"rate"}, "SpatialDropout2D": {"rate"}, "RepeatVector": {"n"}}
    own |= {"Dot": {"axes"}, "DepthwiseConv2D": {"kernel_size"}}
    own |= {"SeparableConv2D": own["Conv2D"], "Conv2DTranspose": own["Conv2D"]}
    own |= {"Conv1D": own["Conv2D"], "Embedding": {"input_dim", "output_dim"}}
    own |= {"Rescaling": {"scale"}, "Reshape": {"target_shape"}, "Activation": {"activation"}}
    required: dict[str, Any] = {
        "MaxPooling2D": {"pool_size": 2},
        "AveragePooling2D": {"pool_size": 2},
        "Dense": {"units": 1},
        "Conv2D": {"filters": 1, "kernel_size": 1},
        "Dropout": {"rate": 0.5},
        "SpatialDropout1D": {"rate": 0.5},
        "SpatialDropout2D": {"rate": 0.5},
        "GaussianDropout": {"rate": 0.5},
        "GaussianNoise": {"stddev": 0.5},
        "Permute": {"dims": (1,)},
        "RepeatVector": {"n": 1},
        "Dot": {"axes": 1},
        "DepthwiseConv2D": {"kernel_size": 1},
        "Conv1D": {"filters": 1, "kernel_size": 1},
        "Embedding": {"input_dim": 1, "output_dim": 1},
        "MaxPooling1D": {"pool_size": 2},
        "AveragePooling1D": {"pool_size": 2},
        "SeparableConv2D": {"filters": 1, "kernel_size": 1},
        "Conv2DTranspose": {"filters": 1, "kernel_size": 1},
        "Rescaling": {"scale": 1},
        "Reshape": {"target_shape": (-1,)},
        "Activation": {"activation": "relu"},
    }
    for kind, cls in Layer.palette().items():
        if kind == "Input":
            continue
        theirs = getattr(keras.layers, kind)(**required.get(kind, {})).get_config()
        for name in set(cls.model_fields) - OURS_ALONE - own.get(kind, set()):
            # Keras writes this one down only where it is set.
            other = None if name == "activity_regularizer" else theirs[name]
            ours = getattr(cls(), name)
            if isinstance(other, dict):
                other = other["class_name"]
            elif "Pooling" in kind and name == "strides":
                other = None  # Keras writes down what None means.
            ours = getattr(ours, "kind", ours)
            assert ours == plain(other, like=ours), (kind, name)


def plain(theirs: Any, like: Any) -> Any:
    """Keras' spelling of a default as ours: pairs in pairs in one row, one axis in a row."""
    if isinstance(like, int) and isinstance(theirs, list | tuple):
        (theirs,) = theirs
        return theirs
    if isinstance(theirs, list | tuple):
        flat: list[Any] = []
        for each in theirs:
            flat.extend(each if isinstance(each, list | tuple) else [each])
        return tuple(flat)
    initializers = {"RandomUniform": "Uniform", "RandomNormal": "Normal"}
    if isinstance(theirs, str):
        return initializers.get(theirs, theirs)
    return (theirs,) if isinstance(like, tuple) else theirs


sizes = st.integers(1, 7)
pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_convolution_agrees_with_keras(data):
    groups = data.draw(st.sampled_from([1, 1, 2, 3]))
    shape = (data.draw(sizes), data.draw(sizes), groups * data.draw(st.integers(1, 6)))
    dilated = data.draw(st.booleans())
    layer = ns.Conv2D(
        filters=groups * data.draw(st.integers(1, 3)),
        kernel_size=data.draw(pairs),
        padding=data.draw(st.sampled_from(["valid", "same"])),
        strides=1 if dilated else data.draw(pairs),
        dilation_rate=data.draw(pairs) if dilated else 1,
        groups=groups,
    )
    random_check(layer, shape)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_transposed_convolution_agrees_with_keras(data):
    strides = data.draw(pairs)
    extra = st.tuples(*(st.integers(0, stride - 1) for stride in strides))
    layer = ns.Conv2DTranspose(
        filters=data.draw(st.integers(1, 3)),
        kernel_size=data.draw(pairs),
        padding=data.draw(st.sampled_from(["valid", "same"])),
        strides=strides,
        output_padding=data.draw(st.none() | extra),
    )
    random_check(layer, (data.draw(sizes), data.draw(sizes), data.draw(st.integers(1, 3))))


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_depthwise_convolution_agrees_with_keras(data):
    layer = ns.DepthwiseConv2D(
        depth_multiplier=data.draw(st.integers(1, 3)),
        kernel_size=data.draw(pairs),
        padding=data.draw(st.sampled_from(["valid", "same"])),
        strides=(data.draw(st.integers(1, 3)),) * 2,
    )
    random_check(layer, (data.draw(sizes), data.draw(sizes), data.draw(st.integers(1, 3))))


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_pooling_agrees_with_keras(data):
    kind = data.draw(st.sampled_from([ns.MaxPooling2D, ns.AveragePooling2D]))
    layer = kind(
        pool_size=data.draw(pairs),
        strides=data.draw(st.none() | pairs),
        padding=data.draw(st.sampled_from(["valid", "same"])),
    )
    random_check(layer, (data.draw(sizes), data.draw(sizes), data.draw(st.integers(1, 3))))


def random_check(layer: Layer, shape: tuple[int, ...]) -> None:
    try:
        layer.output_shape((shape,))
    except ShapeError:
        return
    rng = np.random.default_rng(6)
    w = {
        name: rng.normal(size=spec.shape).astype(np.float32)
        for name, spec in layer.weights((shape,)).items()
    }
    compare(layer, (shape,), w, [rng.normal(size=(2, *shape)).astype(np.float32)], True)


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_convolutions_by_tiles_agree_with_keras(size, padding):
    layer = ns.Conv2D(filters=40, kernel_size=size, padding=padding)
    shape = (14, 11, 32)
    assert pays(layer.windows(shape), shape[-1], layer.filters, layer.groups)
    random_check(layer, shape)
