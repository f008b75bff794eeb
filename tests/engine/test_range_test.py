"""The learning-rate range test."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data import DataSetup, prepare
from engine.data.sources import BuiltIn
from engine.errors import PlanError
from engine.graph import Graph
from engine.layers import Dense
from engine.network import Network
from engine.training import Finished, Plan, train
from engine.training.range_test import RatePoint, find_rate, suggested_rate

IRIS = prepare(DataSetup(source=BuiltIn(name="iris")))


def network() -> Network:
    layers = [Dense.parse({"units": 16, "activation": "relu"})]
    layers.append(Dense.parse({"units": 3, "activation": "softmax"}))
    return Network(Graph.sequential((4,), layers), seed=1)


@pytest.mark.parametrize("optimizer", ["SGD", "Adam", "Lion"])
def test_the_rate_it_suggests_trains_well(optimizer: str) -> None:
    net, plan = network(), Plan.parse({"optimizer": optimizer, "epochs": 20, "batch_size": 16})
    before = net.copy_weights()
    points = list(find_rate(net, IRIS, plan))
    for name, weight in before.items():
        np.testing.assert_array_equal(net.weights[name], weight)
    rates = [each.rate for each in points]
    assert rates == sorted(rates)
    np.testing.assert_allclose(np.diff(np.log(rates)), np.log(rates[1] / rates[0]), rtol=1e-9)
    rate = suggested_rate(points)
    assert rate is not None
    better = plan.changed(optimizer=plan.optimizer.changed(learning_rate=rate))
    *_, last = train(network(), IRIS, better)
    assert isinstance(last, Finished)
    assert last.test["accuracy"] >= 0.85


def test_it_ends_where_the_loss_runs_away_and_repeats() -> None:
    plan = Plan.parse({"optimizer": "SGD", "batch_size": 16})
    points = list(find_rate(network(), IRIS, plan, highest=1e5, steps=60))
    assert len(points) < 60
    best = min(each.smoothed for each in points[:-1])
    assert not points[-1].smoothed <= 4 * best
    assert points == list(find_rate(network(), IRIS, plan, highest=1e5, steps=60))


def test_without_a_fall_there_is_nothing_to_suggest() -> None:
    flat = [RatePoint(i, 10.0 ** (i - 6), 1.0, 1.0) for i in range(20)]
    assert suggested_rate(flat) is None
    assert suggested_rate(flat[:3]) is None
    falling = [RatePoint(i, 10.0 ** (i / 4 - 6), 0, abs(i - 16) + 1.0) for i in range(24)]
    assert suggested_rate(falling) == pytest.approx(1e-3)
    assert suggested_rate([RatePoint(0, 1.0, float("nan"), float("nan"))] * 30) is None


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(PlanError, match="MAE is for regression"):
        next(find_rate(network(), IRIS, Plan.parse({"metrics": ["mae"]})))
