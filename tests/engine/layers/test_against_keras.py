"""Keras 3 on JAX as the second opinion: outputs, gradients, moving statistics."""

from __future__ import annotations

import os
from typing import Any

import pytest

os.environ["KERAS_BACKEND"] = "jax"

import keras

import engine.layers as ns
from engine.layers import Layer
from engine.layers.winograd import pays
from tests.engine.layers.twins import OURS_ALONE, compare, random_check, twin


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


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_convolutions_by_tiles_agree_with_keras(size, padding):
    layer = ns.Conv2D(filters=40, kernel_size=size, padding=padding)
    shape = (14, 11, 32)
    assert pays(layer.windows(shape), shape[-1], layer.filters, layer.groups)
    random_check(layer, shape)
