"""Which layers fit at a place, and which of them usually come there; no Qt."""

from __future__ import annotations

import re

from engine.arrays import Shape
from engine.diagnosis import diagnose
from engine.errors import EngineError
from engine.graph import Graph
from engine.layers import Layer

# What usually follows, likeliest first; of layers for pictures and for sequences those that
# fit are offered.
_POOLING = ("MaxPooling2D", "MaxPooling1D")
_CONVOLUTION = ("Conv2D", "Conv1D")
_AFTER_CONVOLUTION = ("BatchNormalization", "ReLU", *_POOLING, *_CONVOLUTION, "Activation", "Add")
_AFTER_ACTIVATION = (*_POOLING, *_CONVOLUTION, "Dense", "Dropout")
_GLOBAL = ("GlobalAveragePooling2D", "GlobalAveragePooling1D")
_AFTER_POOLING = (*_CONVOLUTION, "Flatten", *_GLOBAL, "Dropout")
_FOLLOWS: dict[str, tuple[str, ...]] = {
    "Input": ("Rescaling", "Dense", *_CONVOLUTION, "Flatten", "Embedding"),
    "Rescaling": (*_CONVOLUTION, "Flatten", "Dense"),
    "Embedding": ("Conv1D", "GlobalAveragePooling1D", "Flatten"),
    "Dense": ("Dense", "Dropout", "BatchNormalization", "ReLU", "Activation"),
    "BatchNormalization": ("ReLU", "Activation", *_CONVOLUTION, "Dense", *_POOLING),
    "Dropout": ("Dense", *_CONVOLUTION),
    "Flatten": ("Dense", "Dropout"),
    "Reshape": (*_CONVOLUTION, "Dense"),
    "Add": ("ReLU", "Activation", *_CONVOLUTION, "Dense"),
    "Concatenate": ("Dense", *_CONVOLUTION, "ReLU", "Activation"),
}


def following(kind: str, shape: Shape | None) -> list[str]:
    """Layer types that can take the output of a layer, the likeliest first."""
    fitting = [each for each in Layer.palette() if _takes(each, shape)]
    usual = _usual_after(kind)
    return sorted(fitting, key=lambda each: usual.index(each) if each in usual else len(usual))


def preceding(kind: str) -> list[str]:
    """Layer types that can feed a layer, the likeliest first."""

    def place(each: str) -> int:
        usual = _usual_after(each)
        return usual.index(kind) if kind in usual else len(usual) + 1

    return sorted(Layer.palette(), key=lambda each: (kind not in _usual_after(each), place(each)))


def instead_of(graph: Graph, node: str) -> list[str]:
    """Layer types that can take a node's place, the likest first, then those that do not fit.

    Like is what is of the same category, then what has many settings in common, then
    what has a name of the same words.
    """
    layer = graph.nodes[node].layer
    cls = Layer.kinds.get(layer.kind)
    shapes = [diagnose(graph).shapes.get(edge.source) for edge in graph.into[node]]
    inputs = tuple(shape for shape in shapes if shape is not None)
    known = len(inputs) == len(shapes)

    def unlikeness(kind: str) -> tuple[bool, bool, int, int]:
        other = Layer.kinds[kind]
        fits = not known or _takes_all(kind, inputs)
        if cls is None:
            return not fits, False, 0, 0
        common = len(cls.settings().keys() & other.settings().keys())
        words = len(set(_words(kind)) & set(_words(layer.kind)))
        return not fits, other.category != cls.category, -common, -words

    return sorted((kind for kind in Layer.palette() if kind != layer.kind), key=unlikeness)


def _words(kind: str) -> list[str]:
    return re.findall(r"[A-Z][a-z]+|[A-Z]+(?![a-z])|\d\w?", kind)


def _takes_all(kind: str, inputs: tuple[Shape, ...]) -> bool:
    """Whether a layer can take just these inputs."""
    cls = Layer.kinds[kind]
    least, most = cls.arity
    if len(inputs) < least or (most is not None and len(inputs) > most):
        return False
    try:
        cls().output_shape(inputs)
    except EngineError:
        return False
    return True


def _usual_after(kind: str) -> tuple[str, ...]:
    if kind in _FOLLOWS:
        return _FOLLOWS[kind]
    if "Conv" in kind:
        return _AFTER_CONVOLUTION
    if kind in Layer.kinds and Layer.kinds[kind].category == "Activation":
        return _AFTER_ACTIVATION
    if kind.startswith("Global"):
        return _FOLLOWS["Flatten"]
    return _AFTER_POOLING if "Pooling" in kind else ()


def _takes(kind: str, shape: Shape | None) -> bool:
    cls = Layer.kinds[kind]
    if cls.arity[1] == 0:
        return False
    # More inputs are wired later; whether they agree is seen then.
    if shape is None or cls.arity[0] > 1:
        return True
    try:
        cls().output_shape((shape,))
    except EngineError:
        return False
    return True
