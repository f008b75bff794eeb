"""The order in which Tab goes through a panel: the one that is seen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from operator import itemgetter
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
    """Yield what Tab can reach in a widget, in the order of its layouts."""
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
        yield widget
    layout = widget.layout()
    if layout is not None:
        yield from _stops_in(layout, widget)
    elif isinstance(widget, QScrollArea) and (contents := widget.widget()) is not None:
        yield from tab_stops(contents)


def _stops_in(layout: QLayout, owner: QWidget) -> Iterator[QWidget]:
    """Yield the tab stops of a layout, or of one nested in it, that ``owner`` has.

    The layout's items are never asked for: Qt deletes them without telling Python, and a
    wrapper that is left over is later taken for whatever is at that address then. Widgets
    and nested layouts are QObjects, whose deletion Python hears of.
    """
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    children: list[QWidget | QLayout] = [
        *owner.findChildren(QWidget, options=direct),
        *layout.findChildren(QLayout, options=direct),
    ]
    found: list[tuple[Any, int, QWidget | QLayout]] = []
    for child in children:
        if (place := layout.indexOf(child)) >= 0:
            # In a grid: row, column, rows, columns.
            cell = layout.getItemPosition(place) if isinstance(layout, QGridLayout) else place
            found.append((cell, place, child))
    for *_, child in sorted(found, key=itemgetter(0, 1)):
        if isinstance(child, QWidget):
            yield from tab_stops(child)
        else:
            yield from _stops_in(child, owner)
