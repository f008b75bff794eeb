"""The training loop: what it tells, that it repeats, and how it ends."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from engine.data import Dataset
from engine.errors import PlanError
from engine.graph import Edge, Graph
from engine.layers import Dense, Layer
from engine.network import Network
from engine.optimizers import SGD, Adam
from engine.training import (
    BatchDone,
    Control,
    EpochDone,
    Event,
    Finished,
    Look,
    Plan,
    Seen,
    evaluate,
    train,
)

Array = np.ndarray[Any, Any]


def blobs(size: int = 70, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    y = np.arange(size) % 3
    return rng.normal(size=(size, 4)) + y[:, None], y


DATA = Dataset.from_arrays(*blobs(), validation=blobs(30, 1), test=blobs(20, 2))
LINE_X = np.linspace(-1, 1, 40)[:, None]
LINE = Dataset.from_arrays(LINE_X, 3 * LINE_X + 1)


def mlp(seed: int = 0, **first: Any) -> Network:
    layers: list[Any] = [
        {"type": "Dense", "units": 8, "activation": "relu", **first},
        "BatchNormalization",
        {"type": "Dropout", "rate": 0.3},
        {"type": "Dense", "units": 3, "activation": "softmax"},
    ]
    return Network(Graph.sequential((4,), [Layer.parse(each) for each in layers]), seed)


def line(seed: int = 0) -> Network:
    return Network(Graph.sequential((1,), [Dense(units=1)]), seed)


def plan(**settings: Any) -> Plan:
    return Plan.parse({"epochs": 3, "batch_size": 16, **settings})


LINE_PLAN = plan(loss="mse", metrics=["rmse"], optimizer={"type": "SGD", "learning_rate": 0.1})


def without_clock(events: list[Event]) -> list[Event]:
    """The events with everything that depends on the speed of the machine set to 0."""
    still = []
    for event in events:
        timed = {field.name for field in dataclasses.fields(event)} & {
            "seconds",
            "samples_per_second",
        }
        still.append(dataclasses.replace(event, **dict.fromkeys(timed, 0.0)))
    return still


def test_events_come_in_order() -> None:
    events = list(train(mlp(), DATA, plan()))
    kinds = [type(event) for event in events]
    assert kinds == ([BatchDone] * 5 + [EpochDone]) * 3 + [Finished]
    batches = [event for event in events if isinstance(event, BatchDone)]
    assert [event.step for event in batches] == list(range(1, 16))
    assert [event.epoch for event in batches] == [1] * 5 + [2] * 5 + [3] * 5
    assert [event.batch for event in batches] == [1, 2, 3, 4, 5] * 3
    assert [event.samples for event in batches] == [16, 16, 16, 16, 6] * 3
    assert {event.batches for event in batches} == {5}
    epochs = [event for event in events if isinstance(event, EpochDone)]
    assert [(event.epoch, event.epochs, event.step) for event in epochs] == [
        (1, 3, 5),
        (2, 3, 10),
        (3, 3, 15),
    ]
    assert all(set(event.train) == {"loss", "accuracy"} for event in epochs)
    assert all(set(event.validation) == {"loss", "accuracy"} for event in epochs)
    seconds = [event.seconds for event in events if not isinstance(event, Seen)]
    assert seconds == sorted(seconds)
    assert all(event.samples_per_second > 0 for event in epochs)
    end = events[-1]
    assert isinstance(end, Finished)
    assert (end.outcome, end.epochs, end.step, end.note) == ("completed", 3, 15, "")
    assert set(end.test) == {"loss", "accuracy"}


def test_the_loss_of_an_epoch_is_the_mean_over_its_samples() -> None:
    events = list(train(line(), LINE, LINE_PLAN.changed(epochs=1)))
    batches = [event for event in events if isinstance(event, BatchDone)]
    (epoch,) = (event for event in events if isinstance(event, EpochDone))
    expected = sum(event.loss * event.samples for event in batches) / 40
    assert epoch.train["loss"] == pytest.approx(expected)


def test_the_displayed_loss_is_the_one_whose_gradient_is_taken() -> None:
    """One step of plain gradient descent must be minus the rate times the loss' slope."""
    net = Network(Graph.sequential((1,), [Dense(units=1)]), dtype=np.float64)
    how = LINE_PLAN.changed(epochs=1, batch_size=40, shuffle=False)

    def displayed(kernel: float, bias: float) -> tuple[float, Network]:
        other = Network(net.graph, dtype=np.float64)
        other.trained[:] = kernel, bias
        events = list(train(other, LINE, how))
        assert isinstance(events[0], BatchDone)
        return events[0].loss, other

    (w, b), h = net.trained, 1e-6
    _, moved = displayed(w, b)
    slope = [
        (displayed(w + h, b)[0] - displayed(w - h, b)[0]) / (2 * h),
        (displayed(w, b + h)[0] - displayed(w, b - h)[0]) / (2 * h),
    ]
    np.testing.assert_allclose(moved.trained - net.trained, -0.1 * np.array(slope), rtol=1e-6)


def test_the_same_seed_gives_the_same_numbers_bit_for_bit() -> None:
    runs = []
    for _ in range(2):
        net = mlp(seed=7)
        events = without_clock(list(train(net, DATA, plan(seed=3))))
        runs.append((events, {name: w.tobytes() for name, w in net.weights.items()}))
    assert runs[0] == runs[1]


def test_another_seed_gives_other_numbers() -> None:
    losses = set()
    for seed in (1, 2):
        events = list(train(mlp(), DATA, plan(seed=seed, epochs=1)))
        losses.add(next(event.loss for event in events if isinstance(event, BatchDone)))
    assert len(losses) == 2


def test_shuffling_can_be_switched_off() -> None:
    def first_batches(**settings: Any) -> list[float]:
        """The loss of each epoch's first batch, with a rate too small to change anything."""
        how = LINE_PLAN.changed(optimizer={"type": "SGD", "learning_rate": 1e-12}, **settings)
        events = train(line(), LINE, how)
        return [e.loss for e in events if isinstance(e, BatchDone) and e.batch == 1]

    assert len(set(first_batches(shuffle=False))) == 1
    assert len(set(first_batches(shuffle=True))) == 3


def test_a_line_is_learned() -> None:
    net = line()
    list(train(net, LINE, LINE_PLAN.changed(epochs=200)))
    np.testing.assert_allclose(net.trained, [3, 1], atol=1e-3)


def test_blobs_are_learned() -> None:
    net = mlp()
    adam = Adam(learning_rate=0.02)
    events = list(train(net, DATA, plan(epochs=40, optimizer=adam)))
    epochs = [event for event in events if isinstance(event, EpochDone)]
    assert epochs[-1].train["loss"] < 0.8 * epochs[0].train["loss"]
    assert evaluate(net, DATA.train, plan(), DATA.targets)["accuracy"] > 0.75


def test_evaluation_goes_over_all_samples() -> None:
    x, y = blobs(700, 5)
    data = Dataset.from_arrays(x, y)
    net = mlp(kernel_regularizer={"type": "L2", "l2": 0.5})
    found = evaluate(net, data.train, plan(), data.targets)
    p = net.predict(x)
    assert found["accuracy"] == pytest.approx((p.argmax(axis=1) == y).mean())
    expected = -np.log(p[np.arange(700), y]).mean() + net.penalty()
    assert found["loss"] == pytest.approx(expected, rel=1e-5)
    assert evaluate(net, data.validation, plan(), data.targets) == {}


def test_validation_and_test_are_what_evaluation_gives() -> None:
    net = mlp()
    events = list(train(net, DATA, plan()))
    assert isinstance(events[-1], Finished)
    assert isinstance(events[-2], EpochDone)
    assert events[-1].test == evaluate(net, DATA.test, plan(), DATA.targets)
    assert events[-2].validation == evaluate(net, DATA.validation, plan(), DATA.targets)


def test_evaluation_changes_nothing() -> None:
    net = mlp()
    before = net.copy_weights()
    evaluate(net, DATA.test, plan(), DATA.targets)
    for name, weight in net.weights.items():
        np.testing.assert_array_equal(weight, before[name])


def test_data_without_validation_and_test() -> None:
    events = list(train(line(), LINE, LINE_PLAN))
    assert isinstance(events[-1], Finished)
    assert events[-1].test == {}
    assert all(event.validation == {} for event in events if isinstance(event, EpochDone))


def test_what_does_not_fit_is_refused_before_anything_is_trained() -> None:
    net = line()
    before = net.trained.copy()
    with pytest.raises(PlanError, match="compares classes"):
        next(iter(train(net, LINE, plan(metrics=["rmse"]))))
    np.testing.assert_array_equal(net.trained, before)


def test_stopping() -> None:
    control = Control()
    events: list[Event] = []
    for event in train(mlp(), DATA, plan(), control):
        events.append(event)
        if isinstance(event, BatchDone) and event.step == 7:
            control.stop()
    end = events[-1]
    assert isinstance(end, Finished)
    assert (end.outcome, end.step, end.epochs, end.test) == ("stopped", 7, 2, {})
    assert sum(isinstance(event, Finished) for event in events) == 1


def test_stopping_before_the_start() -> None:
    control = Control()
    control.stop()
    (end,) = train(mlp(), DATA, plan(), control)
    assert isinstance(end, Finished)
    assert (end.outcome, end.step) == ("stopped", 0)


@pytest.mark.parametrize(
    "how",
    [
        LINE_PLAN.changed(optimizer=SGD(learning_rate=100), epochs=500),
        LINE_PLAN.changed(optimizer=SGD(learning_rate=100, momentum=0.9), epochs=500),
        LINE_PLAN.changed(optimizer=Adam(learning_rate=100), epochs=2),
    ],
)
def test_a_run_that_diverges_says_so_and_keeps_finite_weights(how: Plan) -> None:
    scale = 1e19 if how.optimizer.kind == "Adam" else 100
    data = Dataset.from_arrays(LINE_X * scale, LINE_X * scale)
    net = line()
    events = list(train(net, data, how))
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.outcome == "diverged"
    assert "Lower the learning rate" in end.note
    assert f"epoch {end.epochs}" in end.note
    assert end.test == {}
    assert np.isfinite(net.trained).all()
    assert sum(isinstance(event, Finished) for event in events) == 1


def test_an_exploding_gradient_of_a_finite_loss_ends_the_run() -> None:
    """Absolute errors stay finite where the gradient's length does not."""
    data = Dataset.from_arrays(np.full((8, 1), 1e30), np.zeros((8, 1)))
    net = line()
    net.trained[:] = 1e-30
    end = list(train(net, data, LINE_PLAN.changed(loss="mae")))[-1]
    assert isinstance(end, Finished)
    assert end.outcome == "diverged"
    assert "gradient" in end.note
    assert np.isfinite(net.trained).all()


def test_statistics_stay_finite_when_a_run_diverges() -> None:
    x, y = blobs()
    data = Dataset.from_arrays(x * 1e30, y)
    net = mlp()
    end = list(train(net, data, plan()))[-1]
    assert isinstance(end, Finished)
    assert all(np.isfinite(weight).all() for weight in net.weights.values())


def test_events_are_frozen() -> None:
    control = Control()
    control.look(Look(DATA.train.x[:2]))
    kinds = set()
    for event in train(mlp(), DATA, plan(epochs=1), control):
        kinds.add(type(event))
        with pytest.raises((AttributeError, TypeError)):
            event.step = 0  # type: ignore[misc]
    assert kinds == {BatchDone, EpochDone, Seen, Finished}


def test_looking_gives_copies() -> None:
    control = Control()
    net = mlp()
    points = np.zeros((5, 4), np.float32)
    control.look(Look(DATA.train.x[:2], ("dense", "dense_1", "gone"), points))
    seen = [event for event in train(net, DATA, plan(epochs=1), control) if isinstance(event, Seen)]
    (look,) = seen
    assert look.step == 1
    assert {node: value.shape for node, value in look.outputs.items()} == {
        "dense": (2, 8),
        "dense_1": (2, 3),
    }
    assert look.prediction is not None
    assert look.prediction.shape == (5, 3)
    for value in (*look.outputs.values(), look.prediction):
        assert not any(np.shares_memory(value, weight) for weight in net.weights.values())


def test_looking_does_not_change_the_run() -> None:
    nets = [mlp(), mlp()]
    for net, wish in zip(nets, (None, Look(DATA.train.x[:3], ("dense",))), strict=True):
        control = Control()
        for _ in train(net, DATA, plan(), control):
            if wish is not None:
                control.look(wish)
    np.testing.assert_array_equal(nets[0].trained, nets[1].trained)


def test_looking_while_paused() -> None:
    control = Control()
    control.pause()
    control.look(Look(DATA.train.x[:2], ("dense",)))
    events = train(mlp(), DATA, plan(epochs=1), control)
    first = next(events)
    assert isinstance(first, Seen)
    assert first.step == 0
    control.stop()
    assert isinstance(next(events), Finished)


def test_pausing_holds_the_run_and_its_clock() -> None:
    control = Control()
    control.pause()
    events: list[Event] = []
    done = threading.Event()

    def run() -> None:
        for event in train(mlp(), DATA, plan(epochs=1), control):
            events.append(event)
            done.set()

    worker = threading.Thread(target=run)
    worker.start()
    try:
        assert not done.wait(0.3)
        control.step()
        assert done.wait(10)
        control.look(Look(DATA.train.x[:1]))
        while not any(isinstance(event, Seen) for event in events):
            assert worker.is_alive()
        assert [type(event) for event in events] == [BatchDone, Seen]
    finally:
        control.resume()
        worker.join(20)
    assert not worker.is_alive()
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.outcome == "completed"
    assert end.seconds < 0.3, "the pause is not counted"


def test_pausing_does_not_change_the_run() -> None:
    one, other = mlp(), mlp()
    list(train(one, DATA, plan()))
    control = Control()
    control.step()
    for event in train(other, DATA, plan(), control):
        if not isinstance(event, Finished):
            control.step()
    np.testing.assert_array_equal(one.trained, other.trained)


def blas_threads() -> list[int]:
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


def test_the_thread_count_of_the_plan_holds_during_the_run_only() -> None:
    before = blas_threads()
    assert before
    events = train(mlp(), DATA, plan(threads=1))
    next(events)
    assert set(blas_threads()) == {1}
    list(events)
    assert blas_threads() == before


def test_a_run_that_is_dropped_gives_the_threads_back() -> None:
    before = blas_threads()
    events = train(mlp(), DATA, plan(threads=1))
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert blas_threads() == before


def test_several_outputs_learn_the_same_targets() -> None:
    graph = Graph.sequential((4,), [Dense.parse({"units": 3, "activation": "softmax"})])
    graph, side = graph.add(Dense.parse({"units": 3, "activation": "softmax"}))
    net = Network(graph.connect(Edge("input", side)))
    before = net.trained.copy()
    events = list(train(net, DATA, plan(epochs=1)))
    assert isinstance(events[-1], Finished)
    assert (net.trained != before).mean() > 0.9


def test_the_whole_batch_may_be_larger_than_the_data() -> None:
    events = list(train(mlp(), DATA, plan(epochs=1, batch_size=65_536)))
    assert [type(event) for event in events] == [BatchDone, EpochDone, Finished]


@pytest.mark.parametrize("clipped", [False, True])
def test_a_gradient_with_squares_beyond_single_precision(clipped: bool) -> None:
    """It stops a run, with the place where it began, unless the plan clips it."""
    x = np.full((8, 3), 1e20, np.float32)
    data = Dataset.from_arrays(x, np.linspace(0, 1, 8))
    plan = Plan.parse(
        {
            "epochs": 1,
            "loss": "mae",
            "metrics": ["mae"],
            "optimizer": {"type": "Adam", "global_clipnorm": 1 if clipped else None},
        }
    )
    net = Network(Graph.sequential((3,), [Dense(units=1)]))
    *_, last = train(net, data, plan)
    assert last.outcome == ("completed" if clipped else "diverged")
    assert clipped or "first in the gradient of dense." in last.note
    assert np.isfinite(net.trained).all()
