"""What the selected layer puts out for one sample, and what the network makes of the plane."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.plots.bars import VectorBars
from app.plots.feature_maps import FeatureMaps
from app.plots.sample_card import SampleCard
from app.plots.surface import Ground, Surface
from app.plots.switch import switch
from app.widgets.labels import EmptyHint, ToneLabel
from app.widgets.scroll import VerticalScroll
from engine.activations import Exponential
from engine.arrays import Array, shape_text
from engine.data import Dataset
from engine.network import Network
from engine.training import Look, Seen
from engine.training.answers import answer_of, titles_of
from engine.training.meaning import Learned, Meaning

LOOK_MS = 400
CARD_WIDTHS = (150, 190)
LEAST_PICTURE = 130


class ActivationsView(QWidget):
    """Shows the selected node's output for a chosen sample, live or at rest.

    While a run goes on it asks through ``lookWished`` a few times a second and
    is answered by :meth:`show_seen`; at rest it asks the network it was given.

    Signals:
        lookWished(Look): somebody who trains should answer.
        sampleChosen(): :attr:`sample` is another.
        dataWanted(): there is no data, and the user wants to choose some.
    """

    lookWished = Signal(object)
    sampleChosen = Signal()
    dataWanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._ground: Ground | None = None
        self._node: str | None = None
        self._name = ""
        self._learned: Learned | None = None
        self._network: Network | None = None
        self._is_live = False
        self._is_stale = True
        self._values: Array | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._ask)
        self.card = SampleCard(self)
        self.maps = FeatureMaps(self)
        self.bars = VectorBars(self)
        self.surface = Surface(self)
        self.title = ToneLabel("", "text", bold=True)
        self.facts = ToneLabel("", "muted")
        for label in (self.title, self.facts):
            # They change several times a second, and a long one must not widen the panel.
            label.setWordWrap(False)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hint = EmptyHint("fa6s.layer-group", "", "", self)
        self.hint.button.setText("Choose data…")
        self.hint.button.clicked.connect(self.dataWanted)
        self._build()
        self.card.chosen.connect(self._ask_anew)
        self.card.chosen.connect(self.sampleChosen)
        self._show_page()

    # What to look at

    def set_dataset(self, dataset: Dataset | None) -> None:
        """Choose samples from this data."""
        self._dataset, self._values = dataset, None
        self._ground = None if dataset is None else Ground.of(dataset)
        self.surface.set_ground(self._ground)
        self.card.set_dataset(dataset)
        self._modes.setVisible(self._ground is not None)
        is_curve = dataset is not None and dataset.input_shape == (1,)
        self.plane_button.setText("Curve" if is_curve else "Surface")
        if self._ground is not None:
            self.plane_button.setChecked(True)
        else:
            self.layer_button.setChecked(True)
        self._ask_anew()

    def set_node(self, node: str | None, name: str = "") -> None:
        """Look at this node, by the name given."""
        if (node, name or node or "") != (self._node, self._name):
            self._node, self._name = node, name or node or ""
            self._values = None
            self._ask_anew()

    def set_network(self, network: Network | None, learned: Learned | None = None) -> None:
        """At rest, ask this trained network; None if there is none yet.

        Args:
            learned: what it was trained for, so that its outputs can be read.
        """
        if network is None:
            self._values = None  # of another network: they would mislead
        self._network = network
        self._set_learned(learned)
        self._ask_anew()

    def set_live(self, live: bool, learned: Learned | None = None) -> None:
        """Whether a run goes on that answers ``lookWished``, and what it trains."""
        self._is_live = live
        if live:
            self._set_learned(learned)
        if live:
            self._timer.start()
        else:
            self._timer.stop()
        self._ask_anew()

    @property
    def sample(self) -> Array | None:
        """The chosen sample as the network sees it, (1, ...)."""
        return self.card.sample

    def note_progress(self) -> None:
        """The run went on: what is shown is out of date."""
        self._is_stale = True

    def wish(self) -> Look | None:
        """What this view would like to see; None if nothing."""
        sample = self.card.sample
        points = self._ground.grid() if self._ground is not None and self._shows_plane else None
        nodes = tuple(dict.fromkeys(each for each in (self._node, *self._meanings) if each))
        if sample is None or not (nodes or points is not None):
            return None
        return Look(np.array(sample), nodes, points, predicted=self.output.currentData() or "")

    # What is seen

    def show_seen(self, seen: Seen) -> None:
        """Show what the network did."""
        self._show(seen.outputs, seen.prediction)

    def _ask_anew(self) -> None:
        self._is_stale = True
        if not self._is_live:
            self._ask()
        self._show_page()

    def _ask(self) -> None:
        if not self._is_stale or not self.isVisible():
            return
        wish = self.wish()
        if wish is None:
            return
        self._is_stale = False
        if self._is_live:
            self.lookWished.emit(wish)
        elif self._network is not None and self._takes(wish.samples):
            self._look_at_rest(self._network, wish)

    def _takes(self, samples: Array) -> bool:
        """Whether the network at rest was trained on samples of this shape."""
        network = self._network
        return network is not None and network.takes(samples.shape[1:])

    def _look_at_rest(self, network: Network, wish: Look) -> None:
        known = [node for node in wish.nodes if node in network.shapes]
        prediction = None
        if wish.points is not None:
            node = wish.predicted or network.graph.outputs[-1]
            prediction = network.outputs_of(wish.points, (node,), 4096)[node]
        self._show(network.outputs_of(wish.samples, known), prediction)

    def _show(self, outputs: Mapping[str, Array], prediction: Array | None) -> None:
        meaning = self._meanings.get(self.output.currentData() or "")
        if prediction is not None and meaning is not None:
            self.surface.show_answer(answer_of(meaning, prediction))
        sample = self.card.sample
        said = {
            node: answer_of(meaning, outputs[node][:1], sample)
            for node, meaning in self._meanings.items()
            if node in outputs
        }
        if said and self._learned is not None:
            self.card.show_answers(said, titles_of(self._learned.graph))
        values = None if self._node is None else outputs.get(self._node)
        self._values = None if values is None else values[0]
        if self._values is not None:
            self._show_values(self._values)
        self._show_page()

    def _show_values(self, values: Array) -> None:
        """One sample's output of the node, without the batch axis."""
        facts = tip = shape_text(values.shape)
        if values.ndim >= 2:
            facts += f" · {float(values.min()):.3g} to {float(values.max()):.3g}"
            tip = facts
            self.maps.show_maps(values.reshape(*values.shape[:2], -1))
            self._layer_pages.setCurrentWidget(self.maps)
        else:
            is_output = self._node in self._meanings and self._dataset is not None
            classes = self._dataset.targets.classes if self._dataset and is_output else ()
            self.bars.show_values(values.reshape(-1), classes)
            self._layer_pages.setCurrentWidget(self.bars)
        meaning = self._meanings.get(self._node or "")
        if meaning is not None:
            # The card reads the output: without a word the two would contradict each other.
            note, more = _about_raw(meaning, values)
            facts += note
            tip = f"{facts}\n{more}" if more else tip
        self.title.setText(self._name)
        self.facts.setText(facts)
        self.facts.setToolTip(tip)

    @property
    def _meanings(self) -> Mapping[str, Meaning]:
        """What the outputs mean; empty where the network was trained for other targets."""
        learned, dataset = self._learned, self._dataset
        if learned is None or dataset is None or learned.targets != dataset.targets:
            return {}
        return learned.meanings

    def _set_learned(self, learned: Learned | None) -> None:
        if learned == self._learned:
            return
        self._learned = learned
        titles = {} if learned is None else titles_of(learned.graph)
        chosen = self.output.currentData()
        self.output.blockSignals(True)
        self.output.clear()
        for node, title in titles.items():
            self.output.addItem(title, node)
        known = self.output.findData(chosen)
        self.output.setCurrentIndex(known if known >= 0 else self.output.count() - 1)
        self.output.blockSignals(False)
        self.output.setVisible(len(titles) > 1)

    def _output_chosen(self) -> None:
        self._ask_anew()

    # Pages

    @property
    def _shows_plane(self) -> bool:
        return self._ground is not None and self.plane_button.isChecked()

    def _show_page(self) -> None:
        page = self._plane_page if self._shows_plane else self._layer_page
        reason = self._why_empty()
        if reason:
            self.hint.title.setText(reason[0])
            self.hint.text.setText(reason[1])
            self.hint.button.setVisible(self._dataset is None)
            page = self.hint
        self._pages.setCurrentWidget(page)
        self._side.setVisible(self._dataset is not None)

    def _why_empty(self) -> tuple[str, str] | None:
        """Why there is nothing to see, and what to do about it."""
        if self._dataset is None:
            return "No data", "Choose data to see what the layers do with it."
        if self._shows_plane:
            return None
        if self._node is None:
            return "No layer selected", "Click a layer to see its output."
        if self._values is not None:
            return None
        if self._is_live:
            return "One moment", f"Waiting for {self._name}."
        if self._network is None:
            return "Not trained yet", f"Press Start to see what {self._name} does."
        return "Not trained yet", f"{self._name} was changed after training. Press Start again."

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_anew()

    def _build(self) -> None:
        self.layer_button = switch("Layer", self)
        self.layer_button.setToolTip("The selected layer's output for the sample.")
        self.plane_button = switch("Surface", self)
        self.plane_button.setToolTip("What the network predicts for every input.")
        self.output = QComboBox(self)
        self.output.setAccessibleName("Output")
        self.output.setToolTip("The output that the surface shows.")
        self.output.hide()
        self.output.activated.connect(self._output_chosen)
        group = QButtonGroup(self)
        self._modes = QWidget(self)
        modes = QHBoxLayout(self._modes)
        modes.setContentsMargins(0, 0, 0, 0)
        for button in (self.layer_button, self.plane_button):
            group.addButton(button)
            modes.addWidget(button)
        self.layer_button.setChecked(True)
        group.buttonToggled.connect(self._mode_toggled)
        modes.addStretch(1)
        modes.addWidget(self.output)
        self._modes.hide()
        self._layer_page = QWidget(self)
        layer = QVBoxLayout(self._layer_page)
        layer.setContentsMargins(0, 0, 0, 0)
        self._layer_pages = QStackedWidget(self)
        self._layer_pages.addWidget(self.maps)
        self._layer_pages.addWidget(self.bars)
        layer.setSpacing(2)
        layer.addWidget(self.title)
        layer.addWidget(self.facts)
        layer.addWidget(self._layer_pages, 1)
        self._plane_page = self.surface
        self._pages = QStackedWidget(self)
        for page in (self.hint, self._layer_page, self._plane_page):
            self._pages.addWidget(page)
        self._side = VerticalScroll(self.card, self)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(8, 6, 8, 6)
        whole.setSpacing(10)
        whole.addWidget(self._side)
        picture = QVBoxLayout()
        whole.addLayout(picture, 1)
        picture.addWidget(self._modes)
        picture.addWidget(self._pages, 1)

    def minimumSizeHint(self) -> QSize:
        # The same whatever page is shown: a dock that needs more at once covers its neighbor.
        return QSize(CARD_WIDTHS[0] + LEAST_PICTURE, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        least, most = CARD_WIDTHS
        self._side.setFixedWidth(max(least, min(most, self.width() * 2 // 5)))

    def _mode_toggled(self, button: QAbstractButton, checked: bool) -> None:
        if checked:
            self._ask_anew()


def _about_raw(meaning: Meaning, values: Array) -> tuple[str, str]:
    """What an output's own numbers (...) are, in a word and a sentence, where they need reading."""
    targets = meaning.targets
    if isinstance(meaning.closing, Exponential):
        return " · log-probabilities", "The card shows the probabilities."
    if meaning.closing is not None:
        name = meaning.closing.kind
        return " · logits", f"The loss applies {name} to them; the card shows the result."
    if not targets.scale:
        return "", ""
    width = len(targets.scale)
    units = targets.in_units(values).reshape(-1)[:4]
    numbers = ", ".join(targets.number_text(each, i % width) for i, each in enumerate(units))
    more = f"The network learns scaled targets; in their own unit it is {numbers}."
    return " · scaled" if targets.are_inputs else " · standardized", more
