"""What loaded data looks like: some samples, the classes, the parts, the notes."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.data_view.counts import ClassBars, SplitBar
from app.data_view.picture_grid import PictureGrid
from app.data_view.scatter import Scatter
from app.data_view.table_preview import ROWS, TablePreview
from app.widgets.facts import Facts
from app.widgets.labels import ToneLabel
from app.widgets.section import Section
from engine.arrays import shape_text
from engine.data import Dataset
from engine.data.samples import Samples


class Preview(QWidget):
    """Shows one data set; views are made when first needed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self.view: PictureGrid | Scatter | TablePreview | None = None
        self.samples = Section("Samples")
        self._caption = ToneLabel("", "muted", scale=0.92)
        self.samples.column.addWidget(self._caption)
        self.facts = Facts()
        self.bars = ClassBars()
        self.classes = Section("Classes", self.bars)
        self.split = SplitBar()
        self.parts = Facts()
        self.notes = ToneLabel("", "text")
        self._notes = Section("Notes", self.notes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for widget in (
            self.samples,
            self.facts,
            self.classes,
            Section("Parts", self.split, self.parts),
            self._notes,
        ):
            column.addWidget(widget)

    def show_dataset(self, dataset: Dataset) -> None:
        """Show this data set; the one that is shown already costs nothing."""
        if dataset is self._dataset:
            return
        self._dataset = dataset
        self._show_samples(dataset.samples)
        self.facts.show_rows(
            [
                ("Samples", f"{len(dataset.samples):,}"),
                ("Input", shape_text(dataset.input_shape)),
                ("Target", _target_text(dataset)),
            ]
        )
        counts = dataset.class_counts
        names = dataset.targets.classes
        self.bars.show_counts({n: sum(part[n] for part in counts.values()) for n in names})
        self.classes.setVisible(bool(names))
        self._show_parts(dataset)
        self.notes.setText("\n".join(f"• {note}" for note in dataset.notes))
        self._notes.setVisible(bool(dataset.notes))

    def forget(self) -> None:
        """Let the data go, so that its memory is free."""
        self._dataset = None

    def _show_samples(self, samples: Samples) -> None:
        kind = view_for(samples)
        if not isinstance(self.view, kind):
            if self.view is not None:
                self.view.hide()
                self.view.deleteLater()
            self.view = kind()
            self.samples.column.insertWidget(1, self.view)
        self.view.show_samples(samples)
        shown = min(ROWS, len(samples))
        self._caption.setText(f"The first {shown} of {len(samples):,} rows.")
        self._caption.setVisible(kind is TablePreview)

    def _show_parts(self, dataset: Dataset) -> None:
        sizes = (len(dataset.train), len(dataset.validation), len(dataset.test))
        self.split.show_sizes(*sizes)
        used = sum(sizes) or 1
        names = ("Training", "Validation", "Test")
        self.parts.show_rows(
            [
                (name, f"{size:,} samples ({size / used:.0%})" if size else "none")
                for name, size in zip(names, sizes, strict=True)
            ]
        )


def view_for(samples: Samples) -> type[PictureGrid | Scatter | TablePreview]:
    """The view that suits these samples."""
    if samples.kind == "picture" or (samples.kind == "array" and samples.array.ndim in (3, 4)):
        return PictureGrid
    return Scatter if Scatter.can_show(samples) else TablePreview


def _target_text(dataset: Dataset) -> str:
    targets = dataset.targets
    if targets.task == "classification":
        return f"{dataset.samples.target_name}, {targets.size} classes"
    if targets.are_inputs:
        return "the input itself"
    if targets.size == 1:
        return f"{targets.names[0]}, a number"
    return f"{dataset.samples.target_name}, {targets.size} numbers"
