"""Every layer with random settings, on inputs of random shapes, against Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.activations import Activation
from engine.errors import ShapeError
from engine.layers import Layer
from tests.engine.layers.twins import random_check

Shape = tuple[int, ...]
Drawn = tuple[dict[str, Any], tuple[Shape, ...]]
Draw = st.DrawFn

sizes, few, flags = st.integers(1, 7), st.integers(1, 4), st.booleans()
pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
paddings = st.sampled_from(["valid", "same"])
pictures = st.tuples(sizes, sizes, few)
sequences = st.tuples(sizes, few)
any_shapes = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)
NOT_IN_KERAS = {"binary_step", "arctan"}


def dense(draw: Draw) -> Drawn:
    return {"units": draw(sizes), "use_bias": draw(flags)}, (draw(any_shapes),)


def embedding(draw: Draw) -> Drawn:
    shape = draw(st.lists(few, max_size=2).map(tuple))
    return {"input_dim": draw(sizes), "output_dim": draw(few)}, (shape,)


def activation(draw: Draw) -> Drawn:
    kinds = sorted(set(Activation.kinds) - NOT_IN_KERAS)
    return {"activation": draw(st.sampled_from(kinds))}, (draw(any_shapes),)


def relu(draw: Draw) -> Drawn:
    given_here = {
        "max_value": draw(st.none() | st.floats(0.3, 3)),
        "negative_slope": draw(st.floats(0, 2)),
        "threshold": draw(st.floats(0, 1)),
    }
    assume(given_here["max_value"] is None or given_here["max_value"] > given_here["threshold"])
    return given_here, (draw(any_shapes),)


def slope(draw: Draw) -> Drawn:
    return {"negative_slope": draw(st.floats(0, 0.9))}, (draw(any_shapes),)


def elu(draw: Draw) -> Drawn:
    return {"alpha": draw(st.floats(0.1, 3))}, (draw(any_shapes),)


def along(draw: Draw) -> Drawn:
    # Keras warns of a softmax over a single number.
    shape = tuple(size + 1 for size in draw(any_shapes))
    return {"axis": draw(st.sampled_from([-1, *range(1, len(shape) + 1)]))}, (shape,)


def prelu(draw: Draw) -> Drawn:
    shape = draw(any_shapes)
    axes = st.lists(st.integers(1, len(shape)), unique=True, min_size=1).map(tuple)
    return {"shared_axes": draw(st.none() | axes)}, (shape,)


def plain(draw: Draw) -> Drawn:
    return {}, (draw(any_shapes),)


def reshape(draw: Draw) -> Drawn:
    shape = draw(any_shapes)
    turned = draw(st.permutations(shape))
    free = draw(st.integers(-1, len(shape) - 1))
    target = [-1 if place == free else size for place, size in enumerate(turned)]
    return {"target_shape": tuple(target)}, (shape,)


def permute(draw: Draw) -> Drawn:
    shape = draw(any_shapes)
    return {"dims": tuple(draw(st.permutations(range(1, len(shape) + 1))))}, (shape,)


def repeat(draw: Draw) -> Drawn:
    return {"n": draw(few)}, ((draw(sizes),),)


def windows_2d(draw: Draw) -> dict[str, Any]:
    is_dilated = draw(flags)
    return {
        "kernel_size": draw(pairs),
        "padding": draw(paddings),
        "strides": (1, 1) if is_dilated else draw(pairs),
        "dilation_rate": draw(pairs) if is_dilated else (1, 1),
        "use_bias": draw(flags),
    }


def conv_2d(draw: Draw) -> Drawn:
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    shape = (draw(sizes), draw(sizes), groups * draw(few))
    return windows_2d(draw) | {"filters": groups * draw(few), "groups": groups}, (shape,)


def conv_1d(draw: Draw) -> Drawn:
    groups, is_dilated = draw(st.sampled_from([1, 1, 2])), draw(flags)
    given_here = {
        "filters": groups * draw(few),
        "groups": groups,
        "kernel_size": draw(few),
        "padding": draw(st.sampled_from(["valid", "same", "causal"])),
        "strides": 1 if is_dilated else draw(few),
        "dilation_rate": draw(few) if is_dilated else 1,
        "use_bias": draw(flags),
    }
    return given_here, ((draw(sizes), groups * draw(few)),)


def transposed(draw: Draw) -> Drawn:
    strides = draw(pairs)
    extra = st.tuples(*(st.integers(0, stride - 1) for stride in strides))
    given_here = {
        "filters": draw(few),
        "kernel_size": draw(pairs),
        "padding": draw(paddings),
        "strides": strides,
        "output_padding": draw(st.none() | extra),
        "use_bias": draw(flags),
    }
    if strides == (1, 1):
        given_here["dilation_rate"] = draw(pairs)
    return given_here, (draw(pictures),)


def each_channel(draw: Draw) -> Drawn:
    # Keras' backend takes the same stride both ways only.
    stride = draw(st.integers(1, 3))
    more = windows_2d(draw)
    if more["dilation_rate"] == (1, 1):
        more["strides"] = (stride, stride)
    return more | {"depth_multiplier": draw(few)}, (draw(pictures),)


def separable(draw: Draw) -> Drawn:
    given_here, shapes = each_channel(draw)
    return given_here | {"filters": draw(few)}, shapes


def pool_2d(draw: Draw) -> Drawn:
    given_here = {
        "pool_size": draw(pairs),
        "strides": draw(st.none() | pairs),
        "padding": draw(paddings),
    }
    return given_here, (draw(pictures),)


def pool_1d(draw: Draw) -> Drawn:
    given_here = {
        "pool_size": draw(few),
        "strides": draw(st.none() | few),
        "padding": draw(paddings),
    }
    return given_here, (draw(sequences),)


def whole_picture(draw: Draw) -> Drawn:
    return {"keepdims": draw(flags)}, (draw(pictures),)


def whole_sequence(draw: Draw) -> Drawn:
    return {"keepdims": draw(flags)}, (draw(sequences),)


def borders(name: str) -> Callable[[Draw], Drawn]:
    def sides(draw: Draw) -> Drawn:
        return {name: tuple(draw(st.lists(st.integers(0, 2), min_size=4, max_size=4)))}, (
            draw(pictures),
        )

    return sides


def larger(draw: Draw) -> Drawn:
    kinds = st.sampled_from(["nearest", "bilinear"])
    return {"size": draw(pairs), "interpolation": draw(kinds)}, (draw(pictures),)


def merged(least: int, most: int) -> Callable[[Draw], Drawn]:
    """Inputs of one shape, in some of which axes of size 1 are stretched."""

    def inputs(draw: Draw) -> Drawn:
        shape = draw(any_shapes)
        shapes = [
            tuple(1 if draw(flags) and draw(flags) else size for size in shape)
            for _ in range(draw(st.integers(least, most)))
        ]
        return {}, tuple(shapes)

    return inputs


def concatenate(draw: Draw) -> Drawn:
    shape = draw(any_shapes)
    axis = draw(st.integers(0, len(shape) - 1))
    shapes = [
        (*shape[:axis], draw(few), *shape[axis + 1 :]) for _ in range(draw(st.integers(2, 3)))
    ]
    return {"axis": draw(st.sampled_from([axis + 1, axis - len(shape)]))}, tuple(shapes)


def dot(draw: Draw) -> Drawn:
    a, b = draw(any_shapes), list(draw(any_shapes))
    i, j = draw(st.integers(1, len(a))), draw(st.integers(1, len(b)))
    b[j - 1] = a[i - 1]
    return {"axes": (i, j), "normalize": draw(flags)}, (a, tuple(b))


def rate(draw: Draw) -> Drawn:
    return {"rate": draw(st.floats(0, 0.9))}, (draw(any_shapes),)


def rate_of(shapes: st.SearchStrategy[Shape]) -> Callable[[Draw], Drawn]:
    def drawn(draw: Draw) -> Drawn:
        return {"rate": draw(st.floats(0, 0.9))}, (draw(shapes),)

    return drawn


def noise(draw: Draw) -> Drawn:
    return {"stddev": draw(st.floats(0, 1))}, (draw(any_shapes),)


def learned(draw: Draw) -> dict[str, Any]:
    return {
        "epsilon": draw(st.floats(1e-3, 0.5)),
        "center": draw(flags),
        "scale": draw(flags),
    }


def batch_norm(draw: Draw) -> Drawn:
    shape = draw(any_shapes)
    axis = draw(st.sampled_from([-1, *range(1, len(shape) + 1)]))
    more = {"axis": axis, "momentum": draw(st.floats(0, 1)), "trainable": draw(flags)}
    return learned(draw) | more, (shape,)


def layer_norm(draw: Draw) -> Drawn:
    shape = draw(any_shapes)
    axes = draw(st.lists(st.integers(1, len(shape)), unique=True, min_size=1))
    return learned(draw) | {"axis": tuple(sorted(axes))}, (shape,)


def group_norm(draw: Draw) -> Drawn:
    groups, each = draw(few), draw(few)
    rest = draw(st.lists(few, max_size=2))
    place = draw(st.integers(0, len(rest)))
    shape = (*rest[:place], groups * each, *rest[place:])
    axis = draw(st.sampled_from([place + 1, place - len(shape)]))
    given_here = {"groups": draw(st.sampled_from([groups, -1])), "axis": axis}
    return learned(draw) | given_here, (shape,)


def rescaling(draw: Draw) -> Drawn:
    numbers = st.floats(-3, 3)
    return {"scale": draw(numbers), "offset": draw(numbers)}, (draw(any_shapes),)


RANDOM: dict[str, Callable[[Draw], Drawn]] = {
    "Dense": dense,
    "Embedding": embedding,
    "Activation": activation,
    "ReLU": relu,
    "LeakyReLU": slope,
    "ELU": elu,
    "Softmax": along,
    "PReLU": prelu,
    "Flatten": plain,
    "Reshape": reshape,
    "Permute": permute,
    "RepeatVector": repeat,
    "Conv2D": conv_2d,
    "Conv1D": conv_1d,
    "Conv2DTranspose": transposed,
    "DepthwiseConv2D": each_channel,
    "SeparableConv2D": separable,
    "MaxPooling2D": pool_2d,
    "AveragePooling2D": pool_2d,
    "MaxPooling1D": pool_1d,
    "AveragePooling1D": pool_1d,
    "GlobalMaxPooling2D": whole_picture,
    "GlobalAveragePooling2D": whole_picture,
    "GlobalMaxPooling1D": whole_sequence,
    "GlobalAveragePooling1D": whole_sequence,
    "ZeroPadding2D": borders("padding"),
    "Cropping2D": borders("cropping"),
    "UpSampling2D": larger,
    "Add": merged(2, 3),
    "Subtract": merged(2, 2),
    "Multiply": merged(2, 3),
    "Average": merged(2, 3),
    "Maximum": merged(2, 3),
    "Minimum": merged(2, 3),
    "Concatenate": concatenate,
    "Dot": dot,
    "Dropout": rate,
    "SpatialDropout1D": rate_of(sequences),
    "SpatialDropout2D": rate_of(pictures),
    "GaussianDropout": rate,
    "GaussianNoise": noise,
    "BatchNormalization": batch_norm,
    "LayerNormalization": layer_norm,
    "GroupNormalization": group_norm,
    "Rescaling": rescaling,
}
# These draw numbers of their own while training.
RANDOM_IN_TRAINING = {kind for kind in RANDOM if "Dropout" in kind or "Noise" in kind}


# What weights begin with and are held to is the network's, as are activations, and tried there.
OF_THE_NETWORK = ("initializer", "regularizer", "constraint", "activation", "trainable", "factor")


def test_every_layer_is_drawn() -> None:
    assert {*RANDOM, "Input"} == set(Layer.palette())


@pytest.mark.parametrize("kind", RANDOM)
def test_every_setting_is_drawn(kind: str) -> None:
    drawn: set[str] = set()

    @settings(max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=st.composite(RANDOM[kind])())
    def note(case: Drawn) -> None:
        drawn.update(case[0])

    note()
    own = {name for name in Layer.kind_named(kind).settings() if not name.endswith(OF_THE_NETWORK)}
    assert own <= drawn


@pytest.mark.parametrize("kind", RANDOM)
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_layer_agrees_with_keras(kind: str, data: st.DataObject) -> None:
    given_here, shapes = data.draw(st.composite(RANDOM[kind])())
    layer = Layer.parse({"type": kind, **given_here})
    try:
        layer.output_shape(shapes)
    except ShapeError:
        assume(False)
    training = kind not in RANDOM_IN_TRAINING and (kind != "BatchNormalization" or data.draw(flags))
    random_check(layer, *shapes, training=training)
