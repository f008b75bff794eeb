"""Layers, values and gradients, against PyTorch; and where the two are meant to differ."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine.activations import Activation
from engine.layers import Layer, Run

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


def last(x: Any) -> Any:
    """Channels first to channels last."""
    return x.movedim(1, -1)


def first(x: Any) -> Any:
    return x.movedim(-1, 1)


def conv_2d(torch: ModuleType, layer: Any, w: dict[str, Any], x: Any, training: bool) -> Any:
    kernel = w["kernel"].permute(3, 2, 0, 1)
    return last(
        torch.nn.functional.conv2d(
            first(x),
            kernel,
            w.get("bias"),
            stride=layer.strides,
            padding=layer.padding,
            dilation=layer.dilation_rate,
            groups=layer.groups,
        )
    )


def conv_1d(torch: ModuleType, layer: Any, w: dict[str, Any], x: Any, training: bool) -> Any:
    kernel = w["kernel"].permute(2, 1, 0)
    return last(
        torch.nn.functional.conv1d(
            first(x), kernel, w.get("bias"), layer.strides, layer.padding, layer.dilation_rate
        )
    )


def transposed(torch: ModuleType, layer: Any, w: dict[str, Any], x: Any, training: bool) -> Any:
    kernel = w["kernel"].permute(3, 2, 0, 1)
    return last(
        torch.nn.functional.conv_transpose2d(first(x), kernel, w["bias"], stride=layer.strides)
    )


def depthwise(torch: ModuleType, layer: Any, w: dict[str, Any], x: Any, training: bool) -> Any:
    height, width, channels, times = w["kernel"].shape
    kernel = w["kernel"].permute(2, 3, 0, 1).reshape(channels * times, 1, height, width)
    return last(
        torch.nn.functional.conv2d(
            first(x), kernel, w["bias"], stride=layer.strides, groups=channels
        )
    )


def max_pool(torch: ModuleType, layer: Any, w: dict[str, Any], x: Any, training: bool) -> Any:
    return last(torch.nn.functional.max_pool2d(first(x), layer.pool_size, layer.strides))


def mean_pool(torch: ModuleType, layer: Any, w: dict[str, Any], x: Any, training: bool) -> Any:
    return last(torch.nn.functional.avg_pool2d(first(x), layer.pool_size, layer.strides))


def dense(torch: ModuleType, layer: Any, w: dict[str, Any], x: Any, training: bool) -> Any:
    return torch.nn.functional.linear(x, w["kernel"].T, w["bias"])


def embedding(torch: ModuleType, layer: Any, w: dict[str, Any], x: Any, training: bool) -> Any:
    return torch.nn.functional.embedding(x.long(), w["embeddings"])


def batch_norm(torch: ModuleType, layer: Any, w: dict[str, Any], x: Any, training: bool) -> Any:
    return last(
        torch.nn.functional.batch_norm(
            first(x),
            w["moving_mean"].detach().clone(),
            w["moving_variance"].detach().clone(),
            w["gamma"],
            w["beta"],
            training=training,
            eps=layer.epsilon,
        )
    )


def layer_norm(torch: ModuleType, layer: Any, w: dict[str, Any], x: Any, training: bool) -> Any:
    return torch.nn.functional.layer_norm(x, x.shape[-1:], w["gamma"], w["beta"], eps=layer.epsilon)


def group_norm(torch: ModuleType, layer: Any, w: dict[str, Any], x: Any, training: bool) -> Any:
    return last(
        torch.nn.functional.group_norm(
            first(x), layer.groups, w["gamma"], w["beta"], eps=layer.epsilon
        )
    )


def prelu(torch: ModuleType, layer: Any, w: dict[str, Any], x: Any, training: bool) -> Any:
    return last(torch.nn.functional.prelu(first(x), w["alpha"].reshape(-1)))


def upsampled(torch: ModuleType, layer: Any, w: dict[str, Any], x: Any, training: bool) -> Any:
    mode = {"mode": layer.interpolation}
    if layer.interpolation == "bilinear":
        mode["align_corners"] = False
    size = tuple(n * times for n, times in zip(x.shape[1:3], layer.size, strict=True))
    return last(torch.nn.functional.interpolate(first(x), size, **mode))


PICTURE, ROW = (8, 7, 4), (9, 4)
CASES: list[tuple[dict[str, Any], Shape, Any]] = [
    ({"type": "Dense", "units": 5}, (6,), dense),
    ({"type": "Dense", "units": 5}, (3, 6), dense),
    ({"type": "Embedding", "input_dim": 7, "output_dim": 3}, (5,), embedding),
    ({"type": "Conv2D", "filters": 6}, PICTURE, conv_2d),
    ({"type": "Conv2D", "filters": 6, "strides": 2, "groups": 2}, PICTURE, conv_2d),
    ({"type": "Conv2D", "filters": 6, "kernel_size": [2, 3], "padding": "same"}, PICTURE, conv_2d),
    ({"type": "Conv2D", "filters": 3, "dilation_rate": 2, "use_bias": False}, PICTURE, conv_2d),
    ({"type": "Conv2D", "filters": 40, "kernel_size": 3}, (14, 11, 32), conv_2d),
    ({"type": "Conv1D", "filters": 6, "strides": 2}, ROW, conv_1d),
    ({"type": "Conv1D", "filters": 6, "kernel_size": 4, "padding": "same"}, ROW, conv_1d),
    (
        {"type": "Conv2DTranspose", "filters": 3, "kernel_size": 3, "strides": 2},
        PICTURE,
        transposed,
    ),
    ({"type": "DepthwiseConv2D", "depth_multiplier": 2}, PICTURE, depthwise),
    ({"type": "MaxPooling2D", "pool_size": 2, "strides": 3}, PICTURE, max_pool),
    ({"type": "AveragePooling2D", "pool_size": [3, 2]}, PICTURE, mean_pool),
    ({"type": "BatchNormalization"}, PICTURE, batch_norm),
    ({"type": "LayerNormalization"}, PICTURE, layer_norm),
    ({"type": "GroupNormalization", "groups": 2}, PICTURE, group_norm),
    ({"type": "PReLU", "shared_axes": [1, 2]}, PICTURE, prelu),
    ({"type": "UpSampling2D", "size": [2, 3]}, PICTURE, upsampled),
    ({"type": "UpSampling2D", "size": [2, 3], "interpolation": "bilinear"}, PICTURE, upsampled),
]


def prepared(layer: Layer, shape: Shape) -> tuple[Array, dict[str, Array]]:
    rng = np.random.default_rng(1)
    if layer.kind == "Embedding":
        x = rng.integers(0, layer.input_dim, (4, *shape)).astype(np.float32)  # type: ignore[attr-defined]
    else:
        x = rng.normal(size=(4, *shape)).astype(np.float32)
    weights = {
        name: np.abs(rng.normal(size=spec.shape)).astype(np.float32) + np.float32(0.5)
        if name in ("gamma", "moving_variance")
        else rng.normal(size=spec.shape).astype(np.float32)
        for name, spec in layer.weights((shape,)).items()
    }
    return x, weights


def close(ours: Array, theirs: Any) -> None:
    theirs = theirs.detach().numpy()
    size = max(1.0, float(np.abs(theirs).max()))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * size)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    ("given", "shape", "theirs"), CASES, ids=[f"{given}-{shape}" for given, shape, _ in CASES]
)
def test_values_and_gradients(
    given: dict[str, Any], shape: Shape, theirs: Any, training: bool, torch: ModuleType
) -> None:
    layer = Layer.parse(given)
    x, w = prepared(layer, shape)
    y, kept = layer.forward(w, Run(training=training), x)
    dy = np.random.default_rng(2).normal(size=y.shape).astype(np.float32)
    (dx,), grads = layer.backward(w, kept, dy)
    x_t = torch.tensor(x, requires_grad=True)
    w_t = {name: torch.tensor(each, requires_grad=True) for name, each in w.items()}
    y_t = theirs(torch, layer, w_t, x_t, training)
    close(y, y_t)
    y_t.backward(torch.tensor(dy))
    if layer.kind != "Embedding":
        close(dx, x_t.grad)
    for name, grad in grads.items():
        close(grad, w_t[name].grad)


FUNCTIONS = {
    "relu": "relu",
    "elu": "elu",
    "selu": "selu",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "gelu": "gelu",
    "softplus": "softplus",
    "softsign": "softsign",
    "swish": "silu",
    "mish": "mish",
    "hard_sigmoid": "hardsigmoid",
}


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_activations(kind: str, torch: ModuleType) -> None:
    activation = Activation.parse(kind)
    x = np.random.default_rng(3).normal(size=(5, 40)).astype(np.float32) * 3
    x_t = torch.tensor(x, requires_grad=True)
    name = FUNCTIONS[kind]
    y_t = getattr(torch, name, None) or getattr(torch.nn.functional, name)
    out = y_t(x_t)
    y = activation.forward(x)
    dy = np.random.default_rng(4).normal(size=y.shape).astype(np.float32)
    close(y, out)
    out.backward(torch.tensor(dy))
    close(activation.backward(dy, x, y), x_t.grad)


@pytest.mark.parametrize("approximate", [False, True])
def test_both_forms_of_gelu(approximate: bool, torch: ModuleType) -> None:
    activation = Activation.parse({"type": "gelu", "approximate": approximate})
    x = np.linspace(-4, 4, 101, dtype=np.float32)
    theirs = torch.nn.functional.gelu(
        torch.tensor(x), approximate="tanh" if approximate else "none"
    )
    close(activation.forward(x), theirs)


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("kind", ["softmax", "log_softmax"])
def test_shares(kind: str, axis: int, torch: ModuleType) -> None:
    x = np.random.default_rng(5).normal(size=(3, 4, 5)).astype(np.float32)
    theirs = getattr(torch, kind)(torch.tensor(x), dim=axis)
    close(Activation.parse({"type": kind, "axis": axis}).forward(x), theirs)


# Where Keras, and with it Netsmith, differs from PyTorch; see docs/semantics.md.


def test_same_with_strides_pads_more_at_the_end(torch: ModuleType) -> None:
    """PyTorch has no ``same`` with strides; with ``padding=1`` it pads both ends alike."""
    layer = Layer.parse(
        {"type": "Conv2D", "filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"}
    )
    x, w = prepared(layer, (6, 6, 1))
    y, _ = layer.forward(w, Run(), x)
    kernel, bias = torch.tensor(w["kernel"]).permute(3, 2, 0, 1), torch.tensor(w["bias"])
    pictures = first(torch.tensor(x))
    conv = torch.nn.functional.conv2d
    alike = last(conv(pictures, kernel, bias, stride=2, padding=1)).numpy()
    assert np.abs(y - alike).max() > 0.1
    # One zero after the last row and column, none before the first.
    uneven = torch.nn.functional.pad(pictures, (0, 1, 0, 1))
    close(y, last(conv(uneven, kernel, bias, stride=2)))


def test_the_mean_of_a_padded_window_leaves_zeros_out(torch: ModuleType) -> None:
    layer = Layer.parse(
        {"type": "AveragePooling2D", "pool_size": 3, "strides": 1, "padding": "same"}
    )
    x, _ = prepared(layer, (5, 5, 2))
    y, _ = layer.forward({}, Run(), x)
    pool, pictures = torch.nn.functional.avg_pool2d, first(torch.tensor(x))
    counted = last(pool(pictures, 3, 1, padding=1)).numpy()
    assert np.abs(y - counted).max() > 0.01
    close(y, last(pool(pictures, 3, 1, padding=1, count_include_pad=False)))


def test_batch_normalization_moves_by_the_biased_variance(torch: ModuleType) -> None:
    """Momentum 0.99 is PyTorch's 0.01, epsilon is 1e-3 for its 1e-5; the variance differs."""
    layer = Layer.parse({"type": "BatchNormalization", "momentum": 0.9})
    x, w = prepared(layer, (3,))
    run = Run(training=True)
    layer.forward(w, run, x)
    mean, variance = torch.tensor(w["moving_mean"]), torch.tensor(w["moving_variance"])
    torch.nn.functional.batch_norm(
        torch.tensor(x), mean, variance, training=True, momentum=0.1, eps=1e-3
    )
    close(run.updates["moving_mean"], mean)
    ours = run.updates["moving_variance"]
    assert np.abs(ours - variance.numpy()).max() > 1e-3
    unbiased = x.var(axis=0, ddof=1)
    close(0.9 * w["moving_variance"] + 0.1 * unbiased, variance)
    close(0.9 * w["moving_variance"] + 0.1 * x.var(axis=0), torch.tensor(ours))


def test_defaults_that_differ(torch: ModuleType) -> None:
    norm = torch.nn.BatchNorm2d(3)
    ours = Layer.parse("BatchNormalization")
    assert (norm.eps, norm.momentum) == (1e-5, 0.1)
    assert (ours.epsilon, ours.momentum) == (1e-3, 0.99)  # type: ignore[attr-defined]
    assert torch.nn.LayerNorm(3).eps == 1e-5
    assert Layer.parse("LayerNormalization").epsilon == 1e-3  # type: ignore[attr-defined]
    assert torch.nn.LeakyReLU().negative_slope == 0.01
    assert Layer.parse("LeakyReLU").negative_slope == 0.3  # type: ignore[attr-defined]
    assert torch.nn.PReLU().weight.item() == 0.25
