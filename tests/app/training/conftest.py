"""A small problem that a small network learns in well under a second."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.training.session import TrainingSession
from engine.data import Dataset
from engine.graph import Graph
from engine.layers import Dense
from engine.training import Plan

TIMEOUT_MS = 30_000


@pytest.fixture
def graph() -> Graph:
    return Graph.sequential(
        (2,),
        [Dense(units=8).changed(activation="relu"), Dense(units=2).changed(activation="softmax")],
    )


@pytest.fixture
def dataset() -> Dataset:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 2)).astype(np.float32)
    y = (x[:, 0] > x[:, 1]).astype(np.int64)
    return Dataset.from_arrays(x[:192], y[:192], validation=(x[192:], y[192:]), test=(x, y))


@pytest.fixture
def endless() -> Plan:
    """A plan that only ends when it is stopped."""
    return Plan(epochs=100_000)


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[TrainingSession]:
    session = TrainingSession()
    yield session
    assert session.shutdown()
    assert not [each for each in threading.enumerate() if each.name == "training"]
