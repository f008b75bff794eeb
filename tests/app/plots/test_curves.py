"""The live curves: points arrive, are drawn only when seen, and stay bounded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QFontMetricsF, QPainter, QPicture
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.plots.chart import EpochAxis
from app.plots.curves import Curves
from app.plots.ranges import length_range, value_range
from app.plots.smoothing import smoothed
from engine.training import BatchDone, EpochDone
from engine.training.history import History
from engine.training.record import RunRecord

TIMEOUT_MS = 30_000


def course(epochs: int, batches: int = 6, history: History | None = None) -> History:
    history = history or History()
    for epoch in range(1, epochs + 1):
        first = (epoch - 1) * batches
        history.add_batches(
            [
                BatchDone(first + b, epoch, b, batches, 32, 0.1 * epoch, 2.0 / (first + b))
                for b in range(1, batches + 1)
            ]
        )
        train = {"loss": 1 / epoch, "accuracy": 1 - 0.5 / epoch}
        validation = {"loss": 1.2 / epoch, "accuracy": 1 - 0.6 / epoch}
        history.add_epoch(
            EpochDone(epoch, epochs, epoch * batches, train, validation, 0.1 * epoch, 1e4)
        )
    return history


@pytest.fixture
def curves(qtbot: QtBot) -> Curves:
    curves = Curves()
    qtbot.addWidget(curves)
    curves.resize(900, 320)
    with qtbot.waitExposed(curves):
        curves.show()
    return curves


def counts(curves: Curves) -> dict[str, int]:
    return {line.name: len(line.x) for line in curves.loss_chart.lines}


def test_nothing_yet_is_said(curves: Curves) -> None:
    assert not curves.loss_chart.isVisible()


def test_points_are_drawn_when_there_is_time(qtbot: QtBot, curves: Curves) -> None:
    history = course(3)
    curves.begin(history)
    qtbot.waitUntil(lambda: counts(curves)["train"] == 3, timeout=TIMEOUT_MS)
    assert counts(curves)["each batch"] == 18
    assert counts(curves)["validation"] == 3
    assert curves.loss_chart.isVisible()
    legend = curves.metric_chart.legend
    qtbot.waitUntil(lambda: len(legend.entries) == 2, timeout=TIMEOUT_MS)
    assert legend.entries[0].value == "0.8333"
    x = curves.loss_chart.lines[0].x
    np.testing.assert_allclose(x, np.arange(1, 19) / 6)


def test_hidden_curves_draw_nothing_until_they_are_seen(qtbot: QtBot, curves: Curves) -> None:
    curves.hide()
    curves.begin(course(3))
    assert counts(curves)["train"] == 0
    curves.show()
    qtbot.waitUntil(lambda: counts(curves)["train"] == 3, timeout=TIMEOUT_MS)


def test_the_last_run_stays_for_comparison(curves: Curves) -> None:
    curves.begin(course(2))
    curves.begin(course(4))
    curves.redraw()
    assert counts(curves)["last run"] == 0
    curves.keep.setChecked(True)
    curves.begin(course(5))
    curves.redraw()
    assert counts(curves)["last run"] == 4
    curves.clear()
    assert not curves.loss_chart.isVisible()


def test_losses_that_are_no_numbers_leave_gaps(curves: Curves) -> None:
    history = History()
    losses = [1.0, float("inf"), float("nan"), 1e30, -1.0]
    history.add_batches([BatchDone(i + 1, 1, i + 1, 5, 1, 0.1, y) for i, y in enumerate(losses)])
    curves.begin(history)
    for log in (True, False):
        curves.log.setChecked(log)
        curves.redraw()
        assert not curves.grab().isNull()


def test_pointing_reads_values(curves: Curves) -> None:
    curves.begin(course(4))
    curves.redraw()
    view = curves.loss_chart.plot.getPlotItem().getViewBox()
    at = view.mapViewToScene(QPointF(2.0, 0.4))
    curves.loss_chart._mouse_moved(at)
    entries = {entry.name: entry.value for entry in curves.loss_chart.legend.entries}
    assert entries["train"] == "0.5000"
    assert curves.loss_chart.legend.place == "epoch 2"


def test_a_zoomed_view_stays_where_it_is(qtbot: QtBot, curves: Curves) -> None:
    history = course(4)
    curves.begin(history)
    curves.redraw()
    view = curves.loss_chart.plot.getPlotItem().getViewBox()
    view.setRange(xRange=(1, 2), padding=0)
    view.sigRangeChangedManually.emit([True, True])
    curves.redraw()
    assert view.viewRange()[0] == pytest.approx([1, 2])
    curves.loss_chart.show_all()
    left, right = view.viewRange()[0]
    assert left == 0
    assert 4 < right < 4.2


def test_curves_are_written_as_csv(curves: Curves, tmp_path: Path) -> None:
    curves.begin(course(2))
    curves.write_csv(tmp_path / "run.csv")
    lines = (tmp_path / "run.csv").read_text().splitlines()
    assert lines[0] == (
        "epoch,step,seconds,samples_per_second,train/loss,validation/loss,"
        "train/accuracy,validation/accuracy"
    )
    assert len(lines) == 3


def test_narrow_curves_stack(qtbot: QtBot, curves: Curves) -> None:
    curves.begin(course(2))
    curves.resize(400, 500)
    charts = curves.loss_chart, curves.metric_chart

    def is_stacked() -> bool:
        upper, lower = (chart.mapTo(curves, QPoint(0, 0)).y() for chart in charts)
        return lower > upper

    qtbot.waitUntil(is_stacked, timeout=TIMEOUT_MS)


@pytest.mark.parametrize("amount", [0.0, 0.3, 0.9, 0.99])
@pytest.mark.parametrize("count", [1, 63, 64, 65, 1000])
def test_smoothing_is_the_plain_recursion(count: int, amount: float) -> None:
    values = np.random.default_rng(0).normal(size=count)
    expected, mean = [], 0.0
    for i, value in enumerate(values, start=1):
        mean = amount * mean + (1 - amount) * value
        expected.append(mean / (1 - amount**i))
    np.testing.assert_allclose(smoothed(values, amount), expected, rtol=1e-9, atol=1e-12)


def test_ranges_hold_what_they_must() -> None:
    for last in (0.1, 1, 1.3, 7, 9.99, 10, 101, 4321):
        low, high = length_range(last)
        assert low == 0
        assert last <= high <= max(1.0, 1.25 * last)
    low, high = value_range([np.array([0.02, np.nan, 2.3])])
    assert low <= 0.02
    assert 2.3 <= high < 3
    assert value_range([np.array([3.0, 3.0])])[0] < 3 < value_range([np.array([3.0])])[1]
    assert value_range([]) == (0.0, 1.0)
    assert value_range([np.array([0.01, 100.0, -5.0])], log=True) == pytest.approx((-2, 2), abs=1)


def epochs_seen(curves: Curves) -> list[list[float]]:
    charts = curves.loss_chart, curves.metric_chart
    return [chart.plot.getPlotItem().getViewBox().viewRange()[0] for chart in charts]


def test_charts_above_each_other_agree_on_the_epochs_at_every_moment(curves: Curves) -> None:
    curves.resize(400, 400)
    history = course(2)
    curves.begin(history)
    curves.redraw()
    for _ in range(4):
        # A quick run: several epochs come between two drawings.
        last = int(history.column("epoch")[-1])
        longer = course(last + 5)
        curves.history = history = longer
        curves.refresh()
        curves._redraw_one()
        upper, lower = epochs_seen(curves)
        assert upper == pytest.approx(lower)
        assert upper[1] > last + 5


def test_what_is_at_the_ends_is_whole(curves: Curves) -> None:
    curves.begin(course(4))
    curves.redraw()
    for chart in (curves.loss_chart, curves.metric_chart):
        view = chart.plot.getPlotItem().getViewBox()
        (left, right), (low, high) = view.viewRange()
        assert (right - 4) / (right - left) * view.width() >= 4
        values = np.concatenate([line.y for line in chart.lines])
        assert (high - values.max()) / (high - low) * view.height() >= 7
        specs = chart.plot.getAxis("bottom").generateDrawSpecs
        chart.grab()
        painter = QPainter(picture := QPicture())
        _, _, texts = specs(painter)
        painter.end()
        assert not picture.isNull()
        assert "4" in [text.removesuffix(".0") for *_, text in texts]


def test_names_of_metrics_stay_as_they_are(curves: Curves) -> None:
    history = History()
    history.add_batches([BatchDone(1, 1, 1, 1, 8, 0.1, 1.0)])
    history.add_epoch(EpochDone(1, 1, 1, {"loss": 1.0, "MAE": 2.0}, {}, 0.1, 1e4))
    curves.begin(history)
    assert curves.metric_chart.legend._title == "MAE"


def test_each_color_of_the_loss_is_in_its_legend(curves: Curves) -> None:
    tones = {line.name: line.tone for line in curves.loss_chart.lines}
    assert tones["each batch"] == tones["batch"]


@pytest.mark.parametrize("last", [0.5, 8, 60, 240, 1_600, 100_000])
@pytest.mark.parametrize("size", [120, 230, 900])
def test_no_number_of_an_epoch_runs_into_the_next(qtbot: QtBot, last: float, size: int) -> None:
    axis = EpochAxis("bottom")
    ((step, _),) = axis.tickSpacing(0.0, last, size)
    width = QFontMetricsF(QApplication.font()).horizontalAdvance(f"{last:.0f}")
    assert step >= last or step / last * size > width


def record(**facts: str) -> RunRecord:
    return RunRecord(data="iris", loss="mean squared error").changed(**facts)


def compared(curves: Curves, earlier: RunRecord, now: RunRecord) -> None:
    """Show one run behind another."""
    curves.keep.setChecked(True)
    first, second = course(4), course(3)
    first.record, second.record = earlier, now
    curves.begin(first)
    curves.begin(second)
    curves.redraw()


def drawn(curves: Curves) -> tuple[bool, bool]:
    """Whether the last run stands behind the loss and behind the metric."""
    return bool(len(curves.loss_chart.lines[1].x)), bool(len(curves.metric_chart.lines[0].x))


def test_a_run_like_the_last_is_compared_without_a_word(curves: Curves) -> None:
    compared(curves, record(), record())
    assert drawn(curves) == (True, True)
    assert curves.compared.isHidden()


def test_other_data_is_named(curves: Curves) -> None:
    compared(curves, record(data="wine"), record())
    assert drawn(curves) == (True, True)
    assert curves.compared.text() == "The last run: other data (wine)."
    assert curves.compared.isVisible()


def test_another_loss_is_named_and_not_drawn(curves: Curves) -> None:
    compared(curves, record(loss="huber"), record())
    assert drawn(curves) == (False, True)
    assert curves.compared.text() == "The last run: another loss (huber). Its loss is not drawn."


def test_another_unit_is_drawn_on_no_axis(curves: Curves) -> None:
    other = record(loss_unit="price of a.csv", metric_unit="price of a.csv")
    compared(curves, other, record(loss_unit="mass of a.csv", metric_unit="mass of a.csv"))
    assert drawn(curves) == (False, False)
    assert curves.compared.text().endswith("another unit (price of a.csv). It is not drawn.")
    curves.clear()
    assert curves.compared.isHidden()


def test_a_run_that_goes_on_is_not_compared_with_itself(curves: Curves) -> None:
    curves.keep.setChecked(True)
    first = course(4)
    curves.begin(first)
    curves.begin(first.going_on(record()), goes_on=True)
    assert curves.previous is None
