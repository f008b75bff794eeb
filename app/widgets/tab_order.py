"""The order in which Tab goes through a panel: the one that is seen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLayout, QScrollArea, QWidget


def order_tabs(part: QWidget) -> None:
    """Let Tab follow what is seen in the panel that ``part`` is in.

    Qt goes by the order in which widgets were made, which is another one where
    a form makes the fields of a choice when it is chosen.
    """
    panel = part
    while (parent := panel.parentWidget()) is not None and not panel.isWindow():
        if isinstance(parent.parentWidget(), QScrollArea):
            break  # what is scrolled is a panel of its own
        panel = parent
    for first, second in pairwise(tab_stops(panel)):
        QWidget.setTabOrder(first, second)


def tab_stops(widget: QWidget) -> Iterator[QWidget]:
    """What takes the keyboard by Tab in a widget, in the order of its layouts."""
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
        yield widget
    layout = widget.layout()
    if layout is not None:
        yield from _stops_in(layout)
    elif isinstance(widget, QScrollArea) and (contents := widget.widget()) is not None:
        yield from tab_stops(contents)


def _stops_in(layout: QLayout) -> Iterator[QWidget]:
    places = list(range(layout.count()))
    if isinstance(layout, QGridLayout):
        cells: list[Any] = [layout.getItemPosition(place) for place in places]  # row, column, …
        places.sort(key=cells.__getitem__)
    for place in places:
        item = layout.itemAt(place)
        assert item is not None
        if (widget := item.widget()) is not None:
            yield from tab_stops(widget)
        elif (inner := item.layout()) is not None:
            yield from _stops_in(inner)
