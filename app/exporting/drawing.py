"""Writes the drawing of the network as SVG, PDF or PNG."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from engine.atomic import replace_file
from engine.errors import ExportError
from engine.version import VERSION

FILTERS = "Drawings (*.svg);;PDF pages (*.pdf);;Pictures (*.png)"
PIXELS_PER_UNIT = 2.0
"""A picture shows this many pixels for each of the canvas at 100 %."""
MOST_PIXELS = 16_384
"""The longest side of a picture; a longer drawing is shown smaller."""
POINTS_PER_INCH = 72

Paint = Callable[[QPainter], None]


def write_drawing(path: Path, area: QRectF, paint: Paint) -> None:
    """Write a drawing; the ending of ``path`` says as what.

    Args:
        area: what to show, in the coordinates that ``paint`` uses.

    Raises:
        ExportError: nothing is drawn, the ending is unknown, or the file cannot be written.
    """
    if area.isEmpty():
        raise ExportError("The canvas is empty.", "Draw some layers first.")
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        endings = ", ".join(_WRITERS)
        raise ExportError(
            f"{path.name} has no ending that tells the kind of drawing.",
            f"Give it one of the endings {endings}.",
        )
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    write(buffer, area, paint)
    try:
        replace_file(path, bytes(buffer.data().data()))
    except OSError as error:
        raise ExportError(
            f"{path.name} cannot be written: {error.strerror or error}.", "Choose another folder."
        ) from error


def _write_svg(buffer: QBuffer, area: QRectF, paint: Paint) -> None:
    svg = QSvgGenerator()
    svg.setOutputDevice(buffer)
    svg.setSize(area.size().toSize())
    svg.setViewBox(QRectF(0, 0, area.width(), area.height()))
    svg.setTitle("Netsmith network")
    svg.setDescription(f"Drawn by Netsmith {VERSION}.")
    painter = QPainter(svg)
    painter.translate(-area.topLeft())
    paint(painter)
    painter.end()


def _write_pdf(buffer: QBuffer, area: QRectF, paint: Paint) -> None:
    pdf = QPdfWriter(buffer)
    pdf.setTitle("Netsmith network")
    pdf.setCreator(f"Netsmith {VERSION}")
    pdf.setResolution(POINTS_PER_INCH)
    size = QSizeF(area.width(), area.height())
    pdf.setPageSize(QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
    pdf.setPageMargins(QMarginsF())
    painter = QPainter(pdf)
    painter.translate(-area.topLeft())
    paint(painter)
    painter.end()


def _write_png(buffer: QBuffer, area: QRectF, paint: Paint) -> None:
    longest = max(area.width(), area.height())
    scale = min(PIXELS_PER_UNIT, MOST_PIXELS / longest)
    size = QSize(max(1, round(area.width() * scale)), max(1, round(area.height() * scale)))
    picture = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(0)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    painter.translate(-area.topLeft())
    paint(painter)
    painter.end()
    picture.save(buffer, "PNG")  # type: ignore[call-overload]


_WRITERS: dict[str, Callable[[QBuffer, QRectF, Paint], None]] = {
    ".svg": _write_svg,
    ".pdf": _write_pdf,
    ".png": _write_png,
}
