"""Colors and measures: one table for light, one for dark; every view paints from it.

Text on its background has a contrast of at least 4.5:1 in both (a test checks
it). Series colors are Okabe & Ito's, which color-blind people can tell apart; the
category colors start from them, and each pair differs for red- and green-blind people
too (another test).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication


class Scheme(StrEnum):
    """What the user chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


FUSION_OUTLINE = 140
"""Fusion draws edges so many percent darker than the window around them: in the dark, unseen."""

EDGED = (
    "QLineEdit",
    "QAbstractSpinBox",
    "QComboBox",
    "QCheckBox",
    "QRadioButton",
    "QPlainTextEdit",
)
"""What is typed into or ticked: its edge is to be seen on the window and on its own ground."""

_chosen = Scheme.SYSTEM


CLASS_TONES = (
    "Core",
    "Convolution",
    "Pooling",
    "Activation",
    "Merging",
    "Regularization",
    "Shape",
    "Preprocessing",
    "Normalization",
    "Structure",
)
"""The categories whose colors classes have, the most different first."""


@dataclass(frozen=True)
class Colors:
    """Every color that a view paints with, as #rrggbb."""

    window: str
    panel: str
    field: str
    border: str
    edge: str
    text: str
    muted: str
    accent: str
    on_accent: str
    canvas: str
    grid: str
    node: str
    node_border: str
    wire: str
    good: str
    bad: str
    warning: str
    train: str
    validation: str
    categories: tuple[tuple[str, str], ...]

    def of_class(self, index: int) -> QColor:
        """The color of a class of the data, wherever its samples are drawn."""
        return self.category(CLASS_TONES[index % len(CLASS_TONES)])

    def category(self, name: str) -> QColor:
        """The color of a palette category."""
        return QColor(dict(self.categories).get(name, self.muted))


LIGHT = Colors(
    window="#f3f4f6",
    panel="#ffffff",
    field="#ffffff",
    border="#d0d4da",
    edge="#858d97",
    text="#1b1f24",
    muted="#59636e",
    accent="#0b63c5",
    on_accent="#ffffff",
    canvas="#eceef1",
    grid="#d8dce1",
    node="#ffffff",
    node_border="#b4bbc4",
    wire="#68737f",
    good="#07754f",
    bad="#c0341d",
    warning="#8a5a00",
    train="#0072b2",
    validation="#c24e00",
    categories=(
        ("Core", "#0072b2"),
        ("Activation", "#5a52c7"),
        ("Convolution", "#c24e00"),
        ("Pooling", "#007a5a"),
        ("Shape", "#6e7688"),
        ("Normalization", "#5c4a79"),
        ("Regularization", "#4f0544"),
        ("Merging", "#4c400b"),
        ("Preprocessing", "#0c387c"),
        ("Structure", "#3e3e3e"),
    ),
)

DARK = Colors(
    window="#1d2025",
    panel="#25292f",
    field="#1a1d21",
    border="#3b424b",
    edge="#68727e",
    text="#e8ebef",
    muted="#a3adb8",
    accent="#4c9df0",
    on_accent="#08121d",
    canvas="#17191d",
    grid="#23272d",
    node="#2b3037",
    node_border="#4a525c",
    wire="#8d98a5",
    good="#3fc08d",
    bad="#ff7b66",
    warning="#e5b34a",
    train="#56b4e9",
    validation="#f39a4a",
    categories=(
        ("Core", "#56b4e9"),
        ("Activation", "#8978ff"),
        ("Convolution", "#f39a4a"),
        ("Pooling", "#3fc08d"),
        ("Shape", "#bebfc6"),
        ("Normalization", "#af70b3"),
        ("Regularization", "#ad7590"),
        ("Merging", "#fff5a2"),
        ("Preprocessing", "#8fdfff"),
        ("Structure", "#ffffff"),
    ),
)


STYLE = "fusion"


def is_dark() -> bool:
    """Whether the program is drawn dark at present."""
    # Desktops without a color scheme of their own ignore setColorScheme.
    return _system_is_dark() if _chosen is Scheme.SYSTEM else _chosen is Scheme.DARK


def _system_is_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def colors() -> Colors:
    """The colors in force. Ask when painting; keep nothing, the scheme may change."""
    return DARK if is_dark() else LIGHT


def color(name: str) -> QColor:
    """One color in force by its name in :class:`Colors`."""
    return QColor(getattr(colors(), name))


def apply(scheme: Scheme) -> None:
    """Draw the whole program in a scheme. Widgets get a PaletteChange event."""
    global _chosen  # noqa: PLW0603
    _chosen = scheme
    if QApplication.style().objectName() != STYLE:  # to set it again lays out every widget anew
        QApplication.setStyle(STYLE)
    QGuiApplication.styleHints().setColorScheme(
        {
            Scheme.SYSTEM: Qt.ColorScheme.Unknown,
            Scheme.LIGHT: Qt.ColorScheme.Light,
            Scheme.DARK: Qt.ColorScheme.Dark,
        }[scheme]
    )
    _use_palette()


def follow_system() -> None:
    """The desktop's scheme changed: draw the program in it, if that is what was chosen."""
    if _chosen is Scheme.SYSTEM:
        _use_palette()


def _use_palette() -> None:
    palette = _palette(colors())
    QApplication.setPalette(palette)
    palette.setColor(QPalette.ColorRole.Window, color("edge").lighter(FUSION_OUTLINE))
    for kind in EDGED:
        QApplication.setPalette(palette, kind)  # type: ignore[arg-type]


def _palette(c: Colors) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for roles, value in (
        ((role.Window, role.Button), c.window),
        ((role.Base, role.ToolTipBase), c.field),
        ((role.AlternateBase,), c.panel),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), c.text),
        ((role.PlaceholderText,), c.muted),
        ((role.Highlight, role.Accent, role.Link), c.accent),
        ((role.HighlightedText,), c.on_accent),
        # Fusion draws edges with these: without them they glare in the dark.
        ((role.Mid, role.Midlight, role.Light, role.Dark), c.border),
    ):
        for each in roles:
            palette.setColor(each, QColor(value))
    disabled = QPalette.ColorGroup.Disabled
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(disabled, each, QColor(c.muted))
    return palette
