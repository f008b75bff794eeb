"""What the export dialog has to export, and the thread that does it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from engine.data import Dataset
from engine.data.preprocessing import Preprocessing
from engine.errors import ExportError
from engine.exporting import OPSET, ExportReport, export_onnx, samples_to_compare
from engine.exporting.onnx_export import values_name
from engine.project.trained import TrainedModel
from engine.training.meaning import Meaning, meanings_of


@dataclass(frozen=True)
class Exportable:
    """A trained network, and the data that its export is tried on."""

    model: TrainedModel
    dataset: Dataset
    title: str


def exportable(
    model: TrainedModel | None, dataset: Dataset | None, title: str
) -> Exportable | ExportError:
    """What can be exported now, or why nothing can."""
    if model is None:
        return ExportError("Nothing has been trained yet.", "Press Start, then export the result.")
    if dataset is None:
        return ExportError(
            "The data is not loaded, so the export could not be checked.",
            "Choose it again in the Data panel.",
        )
    if dataset.preprocessing != model.preprocessing or dataset.targets != model.targets:
        return ExportError(
            "The network was trained on different data than is chosen now.",
            "Choose that data again, or train the network on the current data.",
        )
    return Exportable(model, dataset, title)


def contents(what: Exportable) -> list[tuple[str, str]]:
    """What the file will hold, in words: name and text of each line."""
    model = what.model
    found = meanings_of(model.graph, model.targets, model.objective).values()
    given = [_output_in_words(each) for each in found]
    if len(given) > 1:
        titles = [model.graph.nodes[each.node].name for each in found]
        given = [f"{title}: {words}" for title, words in zip(titles, given, strict=True)]
    return [
        ("Takes", _input_in_words(what.model.preprocessing)),
        ("Gives", "\n".join(given)),
        ("Network", f"{what.model.parameter_count:,} parameters"),
        ("Format", f"ONNX, opset {OPSET}"),
    ]


class Export(threading.Thread):
    """One export; the GUI thread looks now and then how far it is.

    Attributes:
        outcome: the report or the exception; read it when the thread has ended.
        stage: what it does at present, how much of the work is done, of how much.
    """

    def __init__(self, what: Exportable, path: Path) -> None:
        super().__init__(name="exporting", daemon=True)
        self._what, self._path = what, path
        self.outcome: ExportReport | BaseException | None = None
        self.stage: tuple[str, int, int] = ("starting", 0, 1)

    def run(self) -> None:
        what, model = self._what, self._what.model
        try:
            self.outcome = export_onnx(
                model.network(),
                self._path,
                preprocessing=model.preprocessing,
                targets=model.targets,
                loss=model.objective,
                verify_on=samples_to_compare(what.dataset),
                title=what.title,
                progress=self._report,
            )
        except BaseException as error:  # handed to the GUI thread, which raises what is a bug
            self.outcome = error

    def _report(self, done: int, total: int, what: str) -> None:
        self.stage = what, done, total


def _output_in_words(meaning: Meaning) -> str:
    targets = meaning.targets
    if targets.task == "classification":
        return f"{values_name(meaning)} and label: {_listed(targets.classes)}"
    if targets.are_inputs:
        return "value: the reconstructed input"
    return f"value: {_listed(targets.names)}"


def _input_in_words(preprocessing: Preprocessing) -> str:
    if preprocessing.kind == "table":
        names = [each.name for each in preprocessing.numbers]
        names += [each.name for each in preprocessing.categories]
        return f"raw columns, prepared in the model: {_listed(names)}"
    size = " × ".join(str(each) for each in preprocessing.input_shape)
    kind = "pictures" if preprocessing.kind == "picture" else "numbers"
    return f"raw {kind} {size}, scaled in the model"


def _listed(names: tuple[str, ...] | list[str], most: int = 12) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
