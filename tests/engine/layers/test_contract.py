"""What every layer promises, whatever it computes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.errors import SettingError
from engine.layers import Input, Layer
from engine.layers.base import Run


def test_every_layer_has_sample_rows(samples):
    assert set(Layer.palette()) - {sample.layer.kind for sample in samples} == {Input.kind}


def test_every_layer_stands_in_the_palette_and_is_explained():
    for kind in Layer.kinds.values():
        assert kind.category
        assert kind.__doc__
        for name, setting in kind.settings().items():
            assert setting.label != name, f"{kind.kind}.{name} has no label"
            assert setting.help.endswith(".")


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shapes_and_types_are_those_promised(sample, dtype, training):
    layer, w, xs = sample.layer, sample.weights(dtype), sample.inputs(dtype)
    run = sample.run(training)
    y, kept = layer.forward(w, run, *xs)
    assert y.shape == (3, *layer.output_shape(sample.shapes))
    assert y.dtype == dtype
    dxs, grads = layer.backward(w, kept, np.ones_like(y))
    assert [dx.shape for dx in dxs] == [x.shape for x in xs]
    assert {dx.dtype for dx in dxs} == {np.dtype(dtype)}
    alone = layer.weight_gradients(w, kept, np.ones_like(y))
    assert {name: grad.tobytes() for name, grad in alone.items()} == {
        name: grad.tobytes() for name, grad in grads.items()
    }
    specs = layer.weights(sample.shapes)
    assert set(grads) == {name for name, spec in specs.items() if spec.trainable}
    assert all(grad.shape == specs[name].shape for name, grad in grads.items())
    assert {grad.dtype for grad in grads.values()} <= {np.dtype(dtype)}
    fixed = {name for name, spec in specs.items() if not spec.trainable}
    moving = {name for name in fixed if name.startswith("moving")}
    moves = training and getattr(layer, "trainable", True)
    assert set(run.updates) == (moving if moves else set())
    assert {value.dtype for value in run.updates.values()} <= {np.dtype(dtype)}


@pytest.mark.parametrize("training", [False, True])
def test_nothing_given_is_written_to(sample, training):
    layer, w, xs = sample.layer, sample.weights(), sample.inputs()
    for array in (*w.values(), *xs):
        array.flags.writeable = False
    y, kept = layer.forward(w, sample.run(training), *xs)
    dy = np.ones(y.shape, y.dtype)
    dy.flags.writeable = y.flags.writeable = False
    layer.backward(w, kept, dy)


def test_arrays_may_lie_in_memory_in_any_order(sample):
    layer, w, xs = sample.layer, sample.weights(), sample.inputs()
    y, kept = layer.forward(w, sample.run(True), *xs)
    dy = np.random.default_rng(0).normal(size=y.shape).astype(np.float32)
    dxs, grads = layer.backward(w, kept, dy)
    odd = [np.asfortranarray(x) for x in xs]
    odd_y, odd_kept = layer.forward(w, sample.run(True), *odd)
    odd_dxs, odd_grads = layer.backward(w, odd_kept, np.asfortranarray(dy))
    np.testing.assert_allclose(odd_y, y, rtol=1e-5, atol=1e-5)
    for a, b in zip(odd_dxs, dxs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)
    for name, grad in grads.items():
        np.testing.assert_allclose(odd_grads[name], grad, rtol=1e-5, atol=1e-5)


def test_same_again_bit_for_bit(sample):
    layer, w, xs = sample.layer, sample.weights(), sample.inputs(batch=20)
    found = []
    for _ in range(2):
        y, kept = layer.forward(w, sample.run(True), *xs)
        dxs, grads = layer.backward(w, kept, y + 1)
        found.append([y, *dxs, *grads.values()])
    assert all(a.tobytes() == b.tobytes() for a, b in zip(*found, strict=True))


def test_an_empty_batch_passes(sample):
    xs = sample.inputs(batch=0)
    w = sample.weights()
    y, kept = sample.layer.forward(w, Run(), *xs)
    assert y.shape == (0, *sample.layer.output_shape(sample.shapes))
    dxs, grads = sample.layer.backward(w, kept, y)
    assert [dx.shape for dx in dxs] == [x.shape for x in xs]
    assert not any(grad.any() for grad in grads.values())


def test_json_brings_the_same_layer_back(sample):
    text = json.dumps(sample.layer.to_json())
    assert Layer.parse(json.loads(text)) == sample.layer


@pytest.mark.parametrize("kind", list(Layer.palette().values()), ids=list(Layer.palette()))
def test_values_outside_of_the_declaration_are_refused(kind):
    for name, setting in kind.settings().items():
        for bound, step in ((setting.ge, -1), (setting.gt, 0), (setting.le, 1), (setting.lt, 0)):
            if bound is not None:
                with pytest.raises(SettingError, match=setting.label):
                    kind.parse({name: bound + step})
        for bad in (float("nan"), float("inf"), "no such thing", [[]], {"type": "nonsense"}):
            with pytest.raises(SettingError):
                kind.parse({name: bad})
    with pytest.raises(SettingError, match="no setting called"):
        kind.parse({"nonsense": 1})


@pytest.mark.parametrize(
    "settings",
    [
        {"kernel_size": 0},
        {"kernel_size": (3, 0)},
        {"kernel_size": (3,)},
        {"kernel_size": (3, 3, 3)},
        {"kernel_size": 2000},
        {"strides": -1},
        {"strides": None},
        {"dilation_rate": (1, 0)},
        {"padding": "full"},
    ],
)
def test_pairs_are_checked(settings):
    with pytest.raises(SettingError):
        Layer.kinds["Conv2D"].parse(settings)


@pytest.mark.parametrize(
    "bad",
    [
        {"type": "Input", "shape": [0]},
        {"type": "Input", "shape": [1] * 9},
        {"type": "Input", "shape": [2, 1_000_000]},
        {"type": "Reshape", "target_shape": [-2]},
        {"type": "Reshape", "target_shape": [1] * 1000},
    ],
)
def test_shapes_in_settings_are_checked(bad):
    with pytest.raises(SettingError):
        Layer.parse(bad)


def test_one_number_stands_for_both_directions():
    layer = Layer.parse({"type": "Conv2D", "kernel_size": 5, "strides": [2, 1]})
    assert layer.kernel_size == (5, 5)
    assert layer.strides == (2, 1)
    assert Layer.parse({"type": "MaxPooling2D", "strides": 3}).strides == (3, 3)
    assert Layer.parse({"type": "LayerNormalization", "axis": 1}).axis == (1,)
    assert Layer.parse({"type": "Dot", "axes": 1}).axes == (1, 1)


@pytest.mark.parametrize(
    ("padding", "sides"),
    [
        (2, (2, 2, 2, 2)),
        ([1, 2], (1, 1, 2, 2)),
        ([[1, 2], [3, 4]], (1, 2, 3, 4)),
        ([1, [3, 4]], (1, 1, 3, 4)),
        ([1, 2, 3, 4], (1, 2, 3, 4)),
    ],
)
def test_borders_are_spelled_as_in_keras(padding, sides):
    assert Layer.parse({"type": "ZeroPadding2D", "padding": padding}).padding == sides


@pytest.mark.parametrize("padding", [-1, 5000, [1], [1, 2, 3], [[1], [2]], [[1, 2], "x"], None])
def test_borders_are_checked(padding):
    with pytest.raises(SettingError):
        Layer.parse({"type": "ZeroPadding2D", "padding": padding})
