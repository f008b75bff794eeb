"""Keras code as text: the layers it draws and the plan it sets, read without running it.

A list of layers, ``Sequential([...])``, ``model.add(...)`` line by line, the functional form
``x = Dense(64)(x)``, ``compile(...)`` and ``fit(...)`` are understood. The text is parsed into
a syntax tree of which only calls, names and constants are looked at: nothing is executed,
whatever the text holds.
"""

from engine.keras_text.plan import PlanText
from engine.keras_text.reader import MAX_CHARACTERS, KerasText, graph_from_keras, read_keras

__all__ = ["MAX_CHARACTERS", "KerasText", "PlanText", "graph_from_keras", "read_keras"]
