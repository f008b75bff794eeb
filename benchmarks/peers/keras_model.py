"""The Keras model of a workload, on whatever backend Keras runs."""

from __future__ import annotations

import keras

from benchmarks.workloads import RATE, Workload
from engine.layers import Layer

LOSSES = {
    "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    "binary_crossentropy": keras.losses.BinaryCrossentropy(from_logits=True),
    "mean_squared_error": keras.losses.MeanSquaredError(),
}


def model_of(workload: Workload) -> keras.Model:
    """The same layers by the same names; the loss takes logits where there are any."""
    graph = workload.graph
    (start,) = graph.inputs
    values = {start: keras.Input(workload.input_shape)}
    for id in graph.order[1:]:
        is_logits = id == workload.output and workload.loss.takes_logits
        made = keras_layer(graph.nodes[id].layer, is_logits)
        inputs = [values[edge.source] for edge in graph.into[id]]
        values[id] = made(inputs if len(inputs) > 1 else inputs[0])
    return keras.Model(values[start], values[workload.output])


def keras_layer(layer: Layer, is_logits: bool) -> keras.Layer:
    """Keras' layer with the settings that workloads use."""
    names = ("units", "filters", "kernel_size", "padding", "use_bias", "pool_size")
    settings = {name: getattr(layer, name) for name in names if hasattr(layer, name)}
    if hasattr(layer, "activation"):
        settings["activation"] = "linear" if is_logits else layer.activation.kind
    return getattr(keras.layers, layer.kind)(**settings)


def adam() -> keras.optimizers.Optimizer:
    return keras.optimizers.Adam(learning_rate=RATE)


def parameters(model: keras.Model) -> int:
    """How many numbers it learns."""
    return sum(int(each.numpy().size) for each in model.trainable_variables)
