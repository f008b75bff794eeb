"""The proof: the exported model is run and compared with the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.data import Dataset, Targets
from engine.data.preprocessing import Preprocessing
from engine.data.samples import Samples
from engine.errors import ExportError
from engine.exporting.raw_inputs import Raw, as_fed, feeds_for
from engine.losses import Loss, Objective
from engine.network import Network
from engine.training.answers import Answer, answers

LIMIT = 1e-4
SAMPLES = 256


@dataclass(frozen=True)
class Verification:
    """How far ONNX Runtime and the engine are apart.

    Attributes:
        largest_difference: over all outputs of all samples, in units of the
            output; where outputs are larger than 1, as a share of the largest.
        samples: how many were compared.
        limit: more than this is refused.
    """

    largest_difference: float
    samples: int
    limit: float = LIMIT

    @property
    def is_good(self) -> bool:
        return isfinite(self.largest_difference) and self.largest_difference <= self.limit


def verify(
    model: bytes | Path,
    network: Network,
    raw: Raw,
    *,
    preprocessing: Preprocessing | None = None,
    targets: Targets | None = None,
    loss: Loss | Objective | None = None,
) -> Verification:
    """Run an exported model on raw samples, and the engine, and compare.

    Args:
        raw: samples as read; without preprocessing, the network's input (N, ...),
            or one array for each of its Inputs.

    Raises:
        ExportError: ONNX Runtime cannot run the model, its labels are not those
            of its probabilities, or the network itself puts out no numbers.
    """
    x = _network_input(preprocessing, raw)
    said = {} if targets is None else answers(network, x, targets, loss)
    expected = {node: answer.values for node, answer in said.items()} or network.outputs_of(
        x, network.graph.outputs
    )
    session = _session(model)
    inputs = [each.name for each in session.get_inputs()]
    names = [each.name for each in session.get_outputs()]
    found = dict(zip(names, _run(session, feeds_for(preprocessing, raw, inputs)), strict=True))
    has_labels = targets is not None and targets.task == "classification"
    numbers = [name for name in names if not (has_labels and name.startswith("label"))]
    largest = max(
        _difference(found[name], y) for name, y in zip(numbers, expected.values(), strict=True)
    )
    _check_labels([found[name] for name in names if name not in numbers], said)
    return Verification(largest, len(raw[0] if isinstance(raw, tuple) else raw))


def rounding_difference(
    network: Network, raw: Raw, preprocessing: Preprocessing | None = None
) -> float:
    """Return how far rounding alone moves a network's outputs, in the units of a Verification.

    It is the largest difference to the same network in double precision, and to its
    outputs for inputs that are changed in their last digit.
    """
    x = _network_input(preprocessing, raw)
    double = Network(network.graph, dtype=np.float64, places=network.places)
    double.load_weights(network.weights)
    xs = x if isinstance(x, tuple) else (x,)
    shifted = tuple(_in_last_digit(np.asarray(each, np.float32)) for each in xs)
    outputs = network.graph.outputs
    with np.errstate(all="ignore"):
        expected = network.outputs_of(x, outputs)
        others = (
            double.outputs_of(x, outputs),
            network.outputs_of(shifted if isinstance(x, tuple) else shifted[0], outputs),
        )
    return max(_difference(other[id], expected[id]) for other in others for id in outputs)


def _in_last_digit(x: Array) -> Array:
    """Numbers moved by the least that single precision allows; whole ones stay."""
    return np.where(x == np.round(x), x, np.nextafter(x, np.float32(np.inf)))


def samples_to_compare(data: Dataset, most: int = SAMPLES) -> Samples:
    """Raw samples that were not trained on, where there are any."""
    order = ("validation", "test", "train")
    part = next(name for name in order if len(data.indices[name]))  # type: ignore[index]
    return data.samples.take(data.indices[part][:most])  # type: ignore[index]


def _network_input(preprocessing: Preprocessing | None, raw: Raw) -> Array | tuple[Array, ...]:
    if preprocessing is not None and not isinstance(raw, tuple):
        return preprocessing.apply(as_fed(preprocessing, raw))
    return raw.array if isinstance(raw, Samples) else raw


def _session(model: bytes | Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(
            model if isinstance(model, bytes) else str(model),
            options,
            providers=["CPUExecutionProvider"],
        )
    except Exception as error:  # its exceptions have no common base of their own
        raise _refused(error) from error


def _run(session: Any, feeds: Mapping[str, Array]) -> Sequence[Array]:
    try:
        return session.run(None, dict(feeds))  # type: ignore[no-any-return]
    except Exception as error:
        raise _refused(error) from error


def _refused(error: Exception) -> ExportError:
    first = str(error).strip().splitlines()[0][:200] if str(error).strip() else "no reason given"
    return ExportError(
        f"ONNX Runtime refuses the exported model: {first}",
        "Nothing was written; please report this as a bug in Netsmith.",
    )


def _difference(found: Array, expected: Array) -> float:
    if not np.isfinite(expected).all():
        raise ExportError(
            "The network outputs values that are not finite (NaN or infinity).",
            "Train it again with a lower learning rate, then export it.",
        )
    if found.shape != expected.shape:
        return float("inf")
    with np.errstate(invalid="ignore"):
        distance = np.abs(found.astype(np.float64) - expected)
    largest = float(distance.max(initial=0.0))
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    return largest / scale if isfinite(largest) else float("inf")


def _check_labels(labels: Sequence[Array], said: Mapping[str, Answer]) -> None:
    """Compare the model's class names with the engine's; near a tie both may be right."""
    for found, answer in zip(labels, said.values(), strict=False):
        rows = answer.values.reshape(len(found), -1)
        margins = np.abs(rows - answer.meaning.threshold)[:, 0]
        if rows.shape[1] > 1:
            two = np.sort(rows, axis=1)[:, -2:]
            margins = two[:, 1] - two[:, 0]
        scale = max(1.0, float(np.abs(rows).max(initial=0.0)))
        differ = np.array(answer.classes) != found.astype(str)
        if (differ & (margins > 2 * LIMIT * scale)).any():
            raise ExportError(
                "The exported model gives other class names than the network.",
                "Nothing was written; please report this as a bug in Netsmith.",
            )
