"""ONNX: the network with its preprocessing before it and its labels after it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.arrays import shape_text
from engine.atomic import replace_file
from engine.data import Targets
from engine.data.preprocessing import Preprocessing
from engine.errors import ExportError
from engine.exporting.builder import ELEMENT_TYPES, ML, OPSET, OnnxBuilder
from engine.exporting.made_up import made_up_samples
from engine.exporting.raw_inputs import Raw, add_preprocessing
from engine.exporting.verification import Verification, rounding_difference, verify
from engine.layers import Shared
from engine.losses import Loss, Objective
from engine.network import Network
from engine.progress import Progress, no_progress
from engine.training.meaning import Meaning, meanings_of

if TYPE_CHECKING:
    from onnx import ModelProto

_OF_ROUNDING = 10
"""A difference of up to so many times that of rounding is explained by it."""


@dataclass(frozen=True)
class ExportReport:
    """What was written, and how it was proved.

    Attributes:
        inputs, outputs: name and shape of one sample, in words.
    """

    path: Path
    bytes: int
    opset: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    verification: Verification


def export_onnx(
    network: Network,
    path: str | Path,
    *,
    preprocessing: Preprocessing | None = None,
    targets: Targets | None = None,
    loss: Loss | Objective | None = None,
    verify_on: Raw | None = None,
    title: str = "",
    progress: Progress = no_progress,
) -> ExportReport:
    """Write an ONNX file that takes raw data, after proving that it does the same.

    Args:
        preprocessing: goes into the model, so that it takes raw data; without
            it the model takes what the network takes.
        targets: names the outputs ``probabilities`` (or ``scores``) and ``label``, or ``value``;
            without it they are called after their nodes.
        loss: what the network was trained by, which decides what its outputs mean: softmax or
            sigmoid is added where the loss took the output for logits.
        verify_on: raw samples to compare on; made-up ones where there are none.

    Raises:
        ExportError: the model differs from the engine by more than 1e-4, or the
            file cannot be written. Nothing is written then.
    """
    target = Path(path)
    progress(0, 3, "building the model")
    model = to_onnx(network, preprocessing, targets, loss, title)
    content = model.SerializeToString()
    progress(1, 3, "comparing")
    if verify_on is None:
        verify_on = made_up_samples(network, preprocessing)
    verification = verify(
        content,
        network,
        verify_on,
        preprocessing=preprocessing,
        targets=targets,
        loss=loss,
    )
    if not verification.is_good:
        rounding = rounding_difference(network, verify_on, preprocessing)
        raise _differs(verification, rounding)
    progress(2, 3, "writing")
    _write(target, content)
    progress(3, 3, "done")
    return ExportReport(
        target,
        len(content),
        OPSET,
        tuple(_described(each) for each in model.graph.input),
        tuple(_described(each) for each in model.graph.output),
        verification,
    )


def _differs(verification: Verification, rounding: float) -> ExportError:
    found, limit = verification.largest_difference, verification.limit
    if rounding * _OF_ROUNDING < found:
        return ExportError(
            f"The exported model differs from the network by {found:.2g}; at most {limit:g} is "
            "allowed.",
            "Nothing was written; please report this as a bug in Netsmith.",
        )
    return ExportError(
        f"The exported model differs from the network by {found:.2g}; at most {limit:g} is "
        f"allowed. Rounding in single precision alone changes this network's outputs by "
        f"{rounding:.2g}, so no two programs compute the same.",
        "Keep the numbers inside it small: lower the learning rate, add normalization or weight "
        "penalties, or replace exponential activations; then train it again.",
    )


def to_onnx(
    network: Network,
    preprocessing: Preprocessing | None = None,
    targets: Targets | None = None,
    loss: Loss | Objective | None = None,
    title: str = "",
) -> ModelProto:
    """The checked model; see :func:`export_onnx` for the arguments."""
    meanings = {} if targets is None else meanings_of(network.graph, targets, loss)
    g = OnnxBuilder(title, reserved=_output_names(network, meanings))
    if preprocessing is None:
        entries = {id: g.input(id, network.shapes[id]) for id in network.graph.inputs}
    else:
        _check_fit(network, preprocessing)
        x = add_preprocessing(g, preprocessing)
        entries = {id: _part_of(g, x, network.places.get(id)) for id in network.graph.inputs}
    values = add_network(g, network, entries)
    for id in network.graph.outputs:
        if id in meanings:
            _add_output(g, network, values[id], meanings[id])
        else:
            g.output(values[id], id, network.shapes[id])
    return g.build(_metadata(preprocessing, targets))


def _output_names(network: Network, meanings: Mapping[str, Meaning]) -> list[str]:
    """What the model's outputs are called, whatever happens to be inside it."""
    if not meanings:
        return list(network.graph.outputs)
    found = []
    for node, meaning in meanings.items():
        names = (values_name(meaning), *["label"][: len(meaning.targets.classes)])
        found += [f"{name}{_suffix(network, node)}" for name in names]
    return found


def _suffix(network: Network, node: str) -> str:
    return f"/{node}" if len(network.graph.outputs) > 1 else ""


def _part_of(g: OnnxBuilder, x: str, places: Sequence[int] | None) -> str:
    """What an Input takes of the samples ``x``."""
    if places is None:
        return x
    return g.op("Gather", x, g.constant(np.array(places, np.int64)), axis=-1)


def add_network(g: OnnxBuilder, network: Network, entries: dict[str, str]) -> dict[str, str]:
    """Add every layer; the name of each node's value. ``entries`` has those of the Inputs."""
    values = dict(entries)
    graph = network.expansion.graph
    for id in graph.order:
        if id in values:
            continue
        layer, drawn = network.layer_of(id), graph.nodes[id].layer
        prefix = f"{drawn.of if isinstance(drawn, Shared) else id}/"
        weights = {
            name.removeprefix(prefix): weight
            for name, weight in network.weights.items()
            if name.startswith(prefix)
        }
        with g.inside(id):
            sources = [values[edge.source] for edge in graph.into[id]]
            for source, edge in zip(sources, graph.into[id], strict=True):
                g.shapes[source] = network.shapes[edge.source]
            y = layer.to_onnx(g, weights, *sources)
            activation = layer.applied_activation
            values[id] = y if activation is None else activation.to_onnx(g, y)
    return values | {group: values[end] for group, end in network.expansion.ends.items()}


def _add_output(g: OnnxBuilder, network: Network, value: str, meaning: Meaning) -> None:
    node, targets = meaning.node, meaning.targets
    shape = network.shapes[node]
    suffix = _suffix(network, node)
    if meaning.closing is not None:
        value = meaning.closing.to_onnx(g, value)
    if not targets.classes:
        exact = targets.loses_digits
        if targets.scale:
            sizes = shape[-1:] if shape[-1:] == (len(targets.scale),) else shape
            scale, offset = (np.resize(each, sizes) for each in (targets.scale, targets.offset))
            value = g.op("Cast", value, to=ELEMENT_TYPES["float64"]) if exact else value
            scaled = g.op("Div", value, g.constant(scale, exact=exact))
            value = g.op("Add", scaled, g.constant(offset, exact=exact))
        g.output(value, f"value{suffix}", shape, "float64" if exact else "float32")
        return
    if len(shape) != 1 or 1 < shape[0] < targets.size:
        raise ExportError(
            f"{node} outputs {shape_text(shape)}, but there are {targets.size} classes.",
            "Let the network end in a Dense layer with one unit per class.",
            node=node,
        )
    g.output(value, f"{values_name(meaning)}{suffix}", shape)
    g.output(_label(g, value, shape[0], meaning), f"label{suffix}", (), "string")


def values_name(meaning: Meaning) -> str:
    """Return what the model calls the values of an output."""
    if not meaning.targets.classes:
        return "value"
    return "probabilities" if meaning.has_probabilities else "scores"


def _label(g: OnnxBuilder, value: str, width: int, meaning: Meaning) -> str:
    """The name of the likeliest class; for a single value, of the side of its threshold."""
    if width == 1:
        is_second = g.op("Greater", value, g.constant(np.array(meaning.threshold)))
        flat = g.op("Reshape", is_second, g.constant(np.array([-1], np.int64)))
        index = g.op("Cast", flat, to=7)
    else:
        index = g.op("ArgMax", value, axis=1, keepdims=0)
    names = list(meaning.class_names(max(2, width)))
    keys = list(range(len(names)))
    return g.op("LabelEncoder", index, domain=ML, keys_int64s=keys, values_strings=names)


def check_target(target: Path) -> None:
    """Whether a file could be written there, as far as can be told without writing.

    Raises:
        ExportError: its folder does not exist, or may not be written to.
    """
    folder = target.absolute().parent
    if not folder.is_dir():
        raise ExportError(
            f"{target.name} cannot be written to {target.parent}: there is no such folder.",
            "Create the folder, or choose another one.",
        )
    if target.is_dir():
        raise ExportError(f"{target} is a folder.", "Give the name of a file.")
    if not os.access(folder, os.W_OK):
        raise ExportError(
            f"{target.name} cannot be written to {target.parent}: it is write-protected.",
            "Choose another folder.",
        )


def _write(target: Path, content: bytes) -> None:
    try:
        replace_file(target, content)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ExportError(
            f"{target.name} cannot be written to {target.parent}: {reason}.",
            "Choose another folder, or make room there.",
        ) from error


def _check_fit(network: Network, preprocessing: Preprocessing) -> None:
    for id in network.graph.inputs:
        if not network.takes(preprocessing.output_shape):
            raise ExportError(
                f"{id} takes {shape_text(network.shapes[id])}, but the data gives "
                f"{shape_text(preprocessing.output_shape)}.",
                "Train the network on this data, then export it.",
                node=id,
            )


def _metadata(preprocessing: Preprocessing | None, targets: Targets | None) -> dict[str, str]:
    found: dict[str, str] = {}
    if preprocessing is not None:
        found["preprocessing"] = json.dumps(preprocessing.to_json())
        features = [each.name for each in preprocessing.numbers]
        features += [each.name for each in preprocessing.categories]
        features += preprocessing.feature_names
        if features:
            found["features"] = json.dumps(features, ensure_ascii=False)
    if targets is not None:
        found["task"] = targets.task
        found["target"] = json.dumps(targets.names, ensure_ascii=False)
        if targets.classes:
            found["classes"] = json.dumps(targets.classes, ensure_ascii=False)
    return found


def _described(value: object) -> str:
    from onnx import ValueInfoProto

    assert isinstance(value, ValueInfoProto)
    sizes = [str(each.dim_value) for each in value.type.tensor_type.shape.dim[1:]]
    return f"{value.name} ({' × '.join(['N', *sizes])})"
