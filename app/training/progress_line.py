"""How far a run is: two bars and the numbers."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme
from engine.training import BatchDone

SPEED_SECONDS = 2.0
EPOCH_BAR = 6
BATCH_BAR = 3


@dataclass(frozen=True)
class Progress:
    """How far a run of so many epochs is; speed in samples per second."""

    last: BatchDone
    epochs: int
    speed: float
    is_over: bool = False
    is_paused: bool = False

    @property
    def done(self) -> float:
        """The share of the whole run, 0 to 1."""
        return min(1.0, self.last.step / (self.epochs * self.last.batches))

    @property
    def seconds_left(self) -> float:
        steps = self.epochs * self.last.batches - self.last.step
        return steps * self.last.seconds / self.last.step

    @property
    def place(self) -> str:
        """``epoch 3 / 10 · batch 120 / 180``."""
        last = self.last
        return f"epoch {last.epoch:,} / {self.epochs:,} · batch {last.batch:,} / {last.batches:,}"

    @property
    def pace(self) -> str:
        """``12 s left · 34,500 samples/s``, or ``Paused``; empty where nothing was measured."""
        if self.is_paused:
            return "Paused"
        if self.is_over and not self.speed:
            return ""
        speed = f"{round(self.speed, -2 if self.speed >= 10_000 else 0):,.0f} samples/s"
        return speed if self.is_over else f"{duration_text(self.seconds_left)} left · {speed}"


class Speedometer:
    """Samples per second over the last two seconds of computing."""

    def __init__(self, began: float = 0.0) -> None:
        """``began``: how long the run had computed before, where it goes on from another."""
        self._marks: deque[tuple[float, int]] = deque([(began, 0)])
        self._samples = 0

    def add(self, batches: list[BatchDone]) -> float:
        """Count what was done, in order; the speed now."""
        self._samples += sum(batch.samples for batch in batches)
        now = batches[-1].seconds
        self._marks.append((now, self._samples))
        while len(self._marks) > 2 and self._marks[1][0] < now - SPEED_SECONDS:
            self._marks.popleft()
        then, before = self._marks[0]
        return (self._samples - before) / max(now - then, 1e-9)


class ProgressLine(QWidget):
    """Painted, because laying out labels several times a second costs more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress: Progress | None = None
        self._rest = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Progress")

    @property
    def text(self) -> str:
        """All that it says."""
        if self._progress is None:
            return self._rest
        return " · ".join(filter(None, (self._progress.place, self._progress.pace)))

    def show_progress(self, progress: Progress) -> None:
        self._progress = progress
        self.setToolTip("")
        self.setAccessibleDescription(self.text)
        self.update()

    def show_rest(self, text: str) -> None:
        """No run goes on; say so."""
        self._progress, self._rest = None, text
        self.setToolTip(text)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, 2 * self.fontMetrics().height() + EPOCH_BAR + BATCH_BAR + 10)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = painter.fontMetrics()
        line, width = metrics.height() + 2, self.width()
        left, right = (
            (self._progress.place, self._progress.pace) if self._progress else (self._rest, "")
        )
        flags = Qt.AlignmentFlag
        wide = metrics.horizontalAdvance(left + "    " + right) <= width
        if not self._progress and not wide:  # a reason in two lines
            self._draw_reason(painter, QRectF(0, 0, width, 2 * line))
            left = ""
        painter.setPen(theme.color("text" if self._progress else "muted"))
        painter.drawText(QRectF(0, 0, width, line), flags.AlignLeft, left)
        is_paused = self._progress is not None and self._progress.is_paused
        painter.setPen(theme.color("warning" if is_paused else "muted"))
        below = QRectF(0, 0 if wide else line, width, line)
        painter.drawText(below, flags.AlignRight if wide else flags.AlignLeft, right)
        y = line if wide else 2 * line
        last = self._progress.last if self._progress else None
        self._bar(
            painter, y + 2, EPOCH_BAR, self._progress.done if self._progress else 0.0, "accent"
        )
        share = last.batch / last.batches if last else 0.0
        self._bar(painter, y + EPOCH_BAR + 5, BATCH_BAR, share, "muted")

    def _draw_reason(self, painter: QPainter, room: QRectF) -> None:
        """As much as there is room for; the tool tip has all of it."""
        painter.setPen(theme.color("muted"))
        words, flags = self._rest.split(), Qt.TextFlag.TextWordWrap
        text = self._rest
        while words and painter.boundingRect(room, flags, text).height() > room.height():
            words.pop()
            text = f"{' '.join(words)} …"
        painter.drawText(room, flags, text)

    def _bar(self, painter: QPainter, y: float, height: int, share: float, tone: str) -> None:
        back = QColor(theme.color("border"))
        back.setAlpha(120)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for color, width in (
            (back, float(self.width())),
            (theme.color(tone), share * self.width()),
        ):
            painter.setBrush(color)
            painter.drawRoundedRect(QRectF(0, y, width, height), height / 2, height / 2)


def duration_text(seconds: float) -> str:
    """``0.8 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 1:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"
