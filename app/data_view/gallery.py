"""Where data is chosen: sets that come with the program, drawn sets, one's own files."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.widgets.fields import choice_text
from app.widgets.icons import icon
from app.widgets.labels import ToneLabel
from app.widgets.section import Section
from engine.data import Source
from engine.data.sources import BuiltIn, Toy

BUILT_IN = {
    "digits": ("fa6s.table-cells", "1,797 small pictures of handwritten digits, 10 classes."),
    "iris": ("fa6s.seedling", "150 flowers by 4 lengths, 3 species."),
    "wine": ("fa6s.wine-glass", "178 wines by 13 measurements, 3 growers."),
    "breast_cancer": ("fa6s.microscope", "569 tumors by 30 measurements, malignant or benign."),
    "diabetes": ("fa6s.chart-line", "442 patients by 10 measurements; predicts a number."),
}
TOY_NOTES = {
    "spiral": "Arms wound around each other: needs a hidden layer or two.",
    "moons": "Two half circles that reach into each other.",
    "circles": "A ring around a ring.",
    "blobs": "Round clusters: a single layer is enough.",
    "xor": "Opposite corners belong together: no single layer can do it.",
    "noisy_line": "A straight line with noise: predicts a number.",
    "noisy_sine": "A sine with noise: predicts a number.",
}
PICTURE = 40
SYMBOL = 18
MARGIN = 3


class SourceCard(QToolButton):
    """One source to choose, as a picture with its name."""

    chosen = Signal(object)

    def __init__(self, source: Source, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = source
        self.setText(choice_text(name))
        self.setToolTip(tip)
        self.setAccessibleName(f"{choice_text(name)}: {tip}")
        self.setAutoRaise(True)
        if isinstance(source, Toy):
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            self.setIconSize(QSize(PICTURE, PICTURE))
        else:
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self.setIconSize(QSize(SYMBOL, SYMBOL))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._clicked)
        self._is_drawn = False

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._is_drawn = False
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        # Only now: most of the time no card can be seen.
        if not self._is_drawn:
            self._is_drawn = True
            self.draw()
        super().paintEvent(event)

    def draw(self) -> None:
        """Make the picture in the colors in force."""
        match self.source:
            case BuiltIn(name=name):
                self.setIcon(icon(BUILT_IN[name][0], "accent"))
            case Toy() as toy:
                self.setIcon(toy_icon(toy, self.devicePixelRatioF()))

    def _clicked(self) -> None:
        self.chosen.emit(self.source)


def toy_icon(toy: Toy, ratio: float) -> QIcon:
    """A few of its points, without their noise."""
    samples = toy.changed(count=120, noise=0.02).load(Path())
    pixmap = QPixmap(round(PICTURE * ratio), round(PICTURE * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    flat = samples.array.shape[1] == 1
    xs = samples.array[:, 0]
    ys = samples.y if flat else samples.array[:, 1]
    room = PICTURE - 2 * MARGIN
    for i in range(len(samples)):
        x = (xs[i] - xs.min()) / (xs.max() - xs.min())
        y = (ys[i] - ys.min()) / (ys.max() - ys.min())
        painter.setBrush(theme.colors().of_class(0 if flat else int(samples.y[i])))
        painter.drawEllipse(QPointF(MARGIN + room * x, MARGIN + room * (1 - y)), 1.4, 1.4)
    painter.end()
    return QIcon(pixmap)


class CardGrid(QWidget):
    """Cards in as many equal columns as fit."""

    def __init__(self, cards: list[SourceCard], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards = cards
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        self._arrange(3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        widest = max(card.sizeHint().width() for card in self.cards)
        self._arrange(max(1, min(len(self.cards), (self.width() + 2) // (widest + 2))))

    def minimumSizeHint(self) -> QSize:
        # As wide as one card: the columns follow the width, not the other way round.
        return QSize(self.cards[0].sizeHint().width(), super().minimumSizeHint().height())

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        for column in range(max(columns, self._columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._columns = columns
        for index, card in enumerate(self.cards):
            self._grid.addWidget(card, *divmod(index, columns))


class Gallery(QWidget):
    """Every way to get data.

    Signals:
        chosen(Source): one of the sets was clicked.
        backWanted(): the user keeps the data there is.
        fileWanted(), folderWanted(): the user wants to open data of their own.
    """

    chosen = Signal(object)
    backWanted = Signal()
    fileWanted = Signal()
    folderWanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.open_file = QPushButton("Open file…")
        self.open_folder = QPushButton("Open folder…")
        self.open_file.setToolTip("A table (CSV), arrays (NPZ) or pictures in one file (IDX).")
        self.open_folder.setToolTip("Pictures with a folder for each class, or MNIST-style files.")
        self.back = QToolButton()
        self.back.setText("Keep the current data")
        self.back.setArrowType(Qt.ArrowType.LeftArrow)
        self.back.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.back.setAutoRaise(True)
        self.back.clicked.connect(self.backWanted)
        self.open_file.clicked.connect(self.fileWanted)
        self.open_folder.clicked.connect(self.folderWanted)
        built_in, toys = self._cards()
        self.cards = built_in + toys
        own = Section(
            "Your own data",
            ToneLabel("Drop a table, an NPZ file or a folder of pictures here, or open one."),
        )
        buttons = QGridLayout()
        own.column.addLayout(buttons)
        buttons.addWidget(self.open_file, 0, 0)
        buttons.addWidget(self.open_folder, 0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(12)
        column.addWidget(self.back)
        column.addWidget(own)
        column.addWidget(Section("Ready to use", CardGrid(built_in)))
        column.addWidget(Section("Toy data, to see how a network learns", CardGrid(toys)))
        column.addStretch(1)

    def _cards(self) -> tuple[list[SourceCard], list[SourceCard]]:
        names = get_args(BuiltIn.settings()["name"].annotation)
        built_in = [SourceCard(BuiltIn(name=n), n, BUILT_IN.get(n, ("", n))[1]) for n in names]
        shapes = get_args(Toy.settings()["shape"].annotation)
        toys = [SourceCard(Toy(shape=shape), shape, TOY_NOTES.get(shape, "")) for shape in shapes]
        for card in built_in + toys:
            card.chosen.connect(self.chosen)
        return built_in, toys
