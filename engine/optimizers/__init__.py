"""Optimizers, with Keras' names, defaults and update rules."""

from engine.optimizers.adam import Adam, Adamax, AdamW, Nadam
from engine.optimizers.adaptive import Adadelta, Adagrad, RMSprop
from engine.optimizers.base import Optimizer, State
from engine.optimizers.ftrl import Ftrl
from engine.optimizers.sgd import SGD, Lion

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lion",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "State",
]
