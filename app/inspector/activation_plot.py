"""The selected layer's activation as a curve, with its slope."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.widgets.labels import Heading, ToneLabel
from app.widgets.line_plot import Curve, LinePlot
from engine.activations import Activation, BinaryStep, LogSoftmax, Softmax
from engine.analysis.curves import activation_curve, function_of
from engine.arrays import Array
from engine.layers import Layer

ENDS = (-5.0, 5.0)
MOST = 6.0
"""Curves are shown up to this height, and as far down; some rise beyond all measure."""


class ActivationPlot(QWidget):
    """A titled plot; hidden where a layer applies no function."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Activation | None = None
        self.heading = Heading()
        self.plot = LinePlot("input")
        self.note = ToneLabel("", scale=0.92)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        for widget in (self.heading, self.plot, self.note):
            column.addWidget(widget)
        self.hide()

    def show_layer(self, layer: Layer | None) -> None:
        """Draw what the layer applies."""
        activation = None if layer is None else function_of(layer)
        self.setVisible(activation is not None)
        if activation is None or activation == self._shown:
            return
        self._shown = activation
        x, y, slope = activation_curve(activation, *ENDS)
        self.heading.setText(f"Activation: {activation.kind.replace('_', ' ')}")
        self.plot.show_curves(
            (
                Curve("output", x, y, "accent"),
                Curve("slope", x, slope, "validation", dashed=True),
            ),
            ENDS,
            _height(y, slope),
        )
        note = _note(activation)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.plot.setAccessibleName(f"Curve of {activation.kind}")
        self.plot.setAccessibleDescription(
            ". ".join(
                f"At {x[i]:g} the output is {y[i]:.3g} and the slope {slope[i]:.3g}"
                for i in (0, len(x) // 2, -1)
            )
        )


def _height(*curves: Array) -> tuple[float, float]:
    """The ends of the axis upward, with a little room around the curves."""
    low = max(-MOST, min(float(each.min()) for each in curves))
    high = min(MOST, max(float(each.max()) for each in curves))
    room = 0.06 * max(high - low, 1.0)
    return low - room, high + room


def _note(activation: Activation) -> str:
    if isinstance(activation, Softmax | LogSoftmax):
        return "That of the first of two numbers, where the second is 0."
    if isinstance(activation, BinaryStep) and activation.gradient != "zero":
        return "The slope is the estimate that training uses; the true one is 0."
    return ""
