"""Which layers fit at a place, and which of them usually come there; no Qt."""

from __future__ import annotations

from engine.arrays import Shape
from engine.errors import EngineError
from engine.layers import Layer

# What usually follows, likeliest first; kinds that are not registered are skipped.
_AFTER_CONVOLUTION = ("BatchNormalization", "Activation", "MaxPooling2D", "Conv2D", "Add")
_AFTER_POOLING = ("Conv2D", "Flatten", "GlobalAveragePooling2D", "Dropout")
_FOLLOWS: dict[str, tuple[str, ...]] = {
    "Input": ("Rescaling", "Dense", "Conv2D", "Flatten"),
    "Rescaling": ("Conv2D", "Flatten", "Dense"),
    "Dense": ("Dense", "Dropout", "BatchNormalization", "Activation"),
    "BatchNormalization": ("Activation", "Conv2D", "Dense", "MaxPooling2D"),
    "Activation": ("MaxPooling2D", "Conv2D", "Dense", "Dropout"),
    "Dropout": ("Dense", "Conv2D"),
    "Flatten": ("Dense", "Dropout"),
    "Add": ("Activation", "Conv2D", "Dense"),
    "Concatenate": ("Dense", "Conv2D", "Activation"),
}


def following(kind: str, shape: Shape | None) -> list[str]:
    """Layer types that can take the output of a layer, the likeliest first."""
    fitting = [each for each in Layer.palette() if _takes(each, shape)]
    usual = _usual_after(kind)
    return sorted(fitting, key=lambda each: usual.index(each) if each in usual else len(usual))


def preceding() -> list[str]:
    """Layer types that can feed an input."""
    return list(Layer.palette())


def _usual_after(kind: str) -> tuple[str, ...]:
    if kind in _FOLLOWS:
        return _FOLLOWS[kind]
    if "Conv" in kind:
        return _AFTER_CONVOLUTION
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
