"""Activation functions, each usable as a layer's setting and in the Activation layer.

Names and formulas are those of Keras 3's ``keras.activations``.
"""

from engine.activations.base import Activation, Linear, sigmoid, softplus
from engine.activations.pieces import BinaryStep, HardSigmoid, LeakyRelu, Relu
from engine.activations.smooth import (
    Arctan,
    Elu,
    Exponential,
    Gelu,
    Mish,
    Selu,
    Sigmoid,
    Softplus,
    Softsign,
    Swish,
    Tanh,
)
from engine.activations.spread import activate, slope
from engine.activations.vectors import LogSoftmax, Softmax

__all__ = [
    "Activation",
    "Arctan",
    "BinaryStep",
    "Elu",
    "Exponential",
    "Gelu",
    "HardSigmoid",
    "LeakyRelu",
    "Linear",
    "LogSoftmax",
    "Mish",
    "Relu",
    "Selu",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Swish",
    "Tanh",
    "activate",
    "sigmoid",
    "slope",
    "softplus",
]
