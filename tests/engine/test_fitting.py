"""What does not fit between network, data and plan, and fixes that mend it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.data import Dataset
from engine.diagnosis import Fix, Problem, diagnose
from engine.graph import Edge, Graph
from engine.layers import Dense, Input, Layer
from engine.losses import Loss
from engine.metrics import Metric
from engine.network import Network
from engine.training import BatchDone, EpochDone, Finished, Plan, train
from engine.training.encoding import encode_targets
from engine.training.fitting import plan_problems
from engine.training.plan_fixes import suggest_plan

Array = np.ndarray[Any, Any]
N = 12


def classes(count: int, shape: tuple[int, ...] = (4,)) -> Dataset:
    rng = np.random.default_rng(0)
    return Dataset.from_arrays(rng.normal(size=(N, *shape)), np.arange(N) % count)


def numbers(count: int = 1, shape: tuple[int, ...] = (4,)) -> Dataset:
    rng = np.random.default_rng(0)
    return Dataset.from_arrays(rng.normal(size=(N, *shape)), rng.normal(size=(N, count)))


def counts() -> Dataset:
    rng = np.random.default_rng(0)
    return Dataset.from_arrays(rng.normal(size=(N, 4)), rng.poisson(3, (N, 1)).astype(float))


def shares(count: int) -> Dataset:
    """Numbers from 0 to 1, as those of pixels."""
    rng = np.random.default_rng(0)
    return Dataset.from_arrays(rng.normal(size=(N, 4)), rng.random((N, count)))


def net(*layers: Any, shape: tuple[int, ...] = (4,)) -> Graph:
    return Graph.sequential(shape, [Layer.parse(each) for each in layers])


def dense(units: int, activation: str = "linear") -> dict[str, Any]:
    return {"type": "Dense", "units": units, "activation": activation}


def plan(loss: Any = "scce", metrics: tuple[Any, ...] = ("accuracy",), **more: Any) -> Plan:
    return Plan.parse({"loss": loss, "metrics": metrics, "epochs": 1, "batch_size": 5, **more})


def ensemble(*activations: str) -> Graph:
    """The mean of two outputs for three classes."""
    graph, start = Graph().add(Input(shape=(4,)))
    graph, mean = graph.add(Layer.parse("Average"))
    for port, activation in enumerate(activations):
        graph, member = graph.add(Layer.parse(dense(3, activation)))
        graph = graph.connect(Edge(start, member)).connect(Edge(member, mean, port))
    return graph


REGRESSION = ("mae",)
SIGNED = {"type": "BinaryAccuracy", "threshold": 0}
FITTING = {
    "softmax": (net(dense(3, "softmax")), classes(3), plan()),
    "one-hot": (net(dense(3, "softmax")), classes(3), plan("cce")),
    "softmax layer": (
        net(dense(3), {"type": "Activation", "activation": "softmax"}),
        classes(3),
        plan(),
    ),
    "two classes, two units": (net(dense(2, "softmax")), classes(2), plan()),
    "two classes, one unit": (net(dense(1, "sigmoid")), classes(2), plan("bce")),
    "logits": (net(dense(3)), classes(3), plan({"type": "scce", "from_logits": True})),
    "one logit": (
        net(dense(1)),
        classes(2),
        plan({"type": "bce", "from_logits": True}, (SIGNED,)),
    ),
    "as in the course": (
        net(dense(3, "sigmoid")),
        classes(3),
        plan({"type": "cce", "from_logits": True}),
    ),
    "yes or no for each class": (net(dense(3, "sigmoid")), classes(3), plan("bce")),
    "squares of classes": (net(dense(3, "softmax")), classes(3), plan("mse")),
    "squares of yes or no": (net(dense(1, "sigmoid")), classes(2), plan("mse")),
    "numbers": (net(dense(2)), numbers(2), plan("mse", REGRESSION)),
    "numbers, absolute": (net(dense(1, "relu")), numbers(), plan("mae", REGRESSION)),
    "one margin": (net(dense(1)), classes(2), plan("hinge", (SIGNED,))),
    "margins": (net(dense(3, "tanh")), classes(3), plan("CategoricalHinge")),
    "divergence": (net(dense(3, "softmax")), classes(3), plan("kld")),
    "focal": (net(dense(1, "sigmoid")), classes(2), plan("BinaryFocalCrossentropy")),
    "counts": (net(dense(1, "softplus")), counts(), plan("poisson", REGRESSION)),
    "shares": (net(dense(2, "sigmoid")), shares(2), plan("bce", REGRESSION)),
    "shares from logits": (
        net(dense(2)),
        shares(2),
        plan({"type": "bce", "from_logits": True}, REGRESSION),
    ),
    "orders of magnitude": (net(dense(1)), counts(), plan("msle", REGRESSION)),
    "directions": (net(dense(2)), numbers(2), plan("CosineSimilarity", REGRESSION)),
    "percentages": (net(dense(1)), numbers(), plan("mape", REGRESSION)),
    "no metrics": (net(dense(1)), numbers(), plan("mse", ())),
    "flat shares": (net(dense(3, "softmax"), "Flatten"), classes(3), plan()),
    "shares in another shape": (
        net(dense(3, "softmax"), {"type": "Reshape", "target_shape": (3,)}),
        classes(3),
        plan("cce"),
    ),
    "means of shares": (
        net(dense(3, "softmax"), "GlobalAveragePooling2D", shape=(4, 4, 1)),
        classes(3, (4, 4, 1)),
        plan(),
    ),
    "shares of two networks": (ensemble("softmax", "softmax"), classes(3), plan()),
    "flat divergence": (net(dense(3, "softmax"), "Flatten"), classes(3), plan("kld")),
    "hard yes or no": (net(dense(1, "hard_sigmoid")), classes(2), plan("bce")),
    "hard yes or no, flat": (net(dense(1, "hard_sigmoid"), "Flatten"), classes(2), plan("bce")),
    "hard and focal": (
        net(dense(3, "hard_sigmoid")),
        classes(3),
        plan("BinaryFocalCrossentropy"),
    ),
    "logarithms of shares as logits": (
        net(dense(3, "log_softmax")),
        classes(3),
        plan({"type": "scce", "from_logits": True}),
    ),
    "shares at the end of a group": (
        net({"type": "Group", "body": net(dense(3, "softmax"), "Flatten").to_json()}),
        classes(3),
        plan(),
    ),
}


@pytest.mark.parametrize(("graph", "data", "how"), FITTING.values(), ids=FITTING)
def test_what_fits_has_no_problems_and_trains(graph: Graph, data: Dataset, how: Plan) -> None:
    assert plan_problems(graph, data, how) == ()
    assert_trains(graph, data, how)
    network = Network(graph)
    before = network.trained.copy()
    list(train(network, data, how))
    assert (network.trained != before).any()


def assert_trains(graph: Graph, data: Dataset, how: Plan) -> None:
    events = list(train(Network(graph), data, how))
    assert [type(event) for event in events] == [BatchDone] * 3 + [EpochDone, Finished]
    assert events[-1].outcome == "completed"
    assert np.isfinite(events[-2].train["loss"])


MISMATCHES = {
    "shape": (net(dense(3, "softmax"), shape=(5,)), classes(3), plan(), "takes 5, but a sample"),
    "too few units": (
        net(dense(2, "softmax")),
        classes(3),
        plan(),
        "outputs 2, but the 3 classes",
    ),
    "picture out": (
        net(dense(3, "softmax"), shape=(4, 4, 1)),
        classes(3, (4, 4, 1)),
        plan(),
        "outputs 4 × 4 × 3",
    ),
    "one unit for labels": (net(dense(1, "sigmoid")), classes(2), plan(), "outputs 1, but the 2"),
    "two units for yes or no": (net(dense(2, "softmax")), classes(2), plan("bce"), "outputs 2"),
    "units for numbers": (net(dense(3)), numbers(2), plan("mse", REGRESSION), "the target is 2"),
    "classes for numbers": (net(dense(1)), numbers(), plan("cce", REGRESSION), "compares classes"),
    "yes or no for any numbers": (
        net(dense(1, "sigmoid")),
        numbers(),
        plan("bce", REGRESSION),
        "needs targets from 0 to 1, but they go from -1.288",
    ),
    "shares from a linear output": (
        net(dense(2)),
        shares(2),
        plan("bce", REGRESSION),
        "needs probabilities, but dense ends in linear",
    ),
    "metric for classes": (net(dense(1)), numbers(), plan("mse"), "Accuracy is for classification"),
    "metric for numbers": (
        net(dense(3, "softmax")),
        classes(3),
        plan("scce", REGRESSION),
        "MAE is",
    ),
    "no probabilities": (
        net(dense(3)),
        classes(3),
        plan(),
        "needs probabilities, but dense ends in",
    ),
    "relu": (net(dense(3, "relu")), classes(3), plan(), "ends in relu"),
    "relu as logits": (
        net(dense(3, "relu")),
        classes(3),
        plan({"type": "scce", "from_logits": True}),
        "ends in relu",
    ),
    "sigmoid": (net(dense(3, "sigmoid")), classes(3), plan(), "goes with softmax"),
    "softmax for yes or no": (
        net(dense(3, "softmax")),
        classes(3),
        plan("bce"),
        "goes with sigmoid",
    ),
    "softmax over one": (
        net(dense(1, "softmax")),
        classes(2),
        plan("bce"),
        "softmax over one unit",
    ),
    "softmax over a number": (
        net(dense(1, "softmax")),
        numbers(),
        plan("mse", REGRESSION),
        "softmax over one unit",
    ),
    "softmax over one, squared": (
        net(dense(1, "softmax")),
        classes(2),
        plan("mse"),
        "softmax over one unit",
    ),
    "softmax for a margin": (
        net(dense(3, "softmax")),
        classes(3),
        plan("hinge"),
        "ends in softmax, but Hinge goes with linear or tanh",
    ),
    "sigmoid for a margin": (net(dense(1, "sigmoid")), classes(2), plan("hinge"), "ends in sigm"),
    "accuracy of a margin": (net(dense(1)), classes(2), plan("hinge"), "does so at 0.5"),
    "two units for a margin": (net(dense(2)), classes(2), plan("hinge"), "outputs 2"),
    "margin of numbers": (net(dense(1)), numbers(), plan("hinge", REGRESSION), "compares classes"),
    "divergence of logits": (net(dense(3)), classes(3), plan("kld"), "goes with softmax"),
    "negative counts": (
        net(dense(1, "softplus")),
        numbers(),
        plan("poisson", REGRESSION),
        "targets of at least 0",
    ),
    "negative logarithms": (net(dense(1)), numbers(), plan("msle", REGRESSION), "at least 0"),
    "counts from a linear output": (
        net(dense(1)),
        counts(),
        plan("poisson", REGRESSION),
        "ends in linear",
    ),
    "percentages of classes": (
        net(dense(3, "softmax")),
        classes(3),
        plan("mape"),
        "compares numbers, but the target is classes",
    ),
    "direction of one number": (
        net(dense(1)),
        numbers(),
        plan("CosineSimilarity", REGRESSION),
        "only its sign",
    ),
    "broken graph": (net("Conv2D", dense(3)), classes(3), plan(), "Conv2D"),
    "flat end": (net(dense(3), "Flatten"), classes(3), plan(), "ends in linear"),
    "flat shares as logits": (
        net(dense(3, "softmax"), "Flatten"),
        classes(3),
        plan({"type": "scce", "from_logits": True}),
        "takes the output for logits, but flatten ends in probabilities, by softmax",
    ),
    "hard sigmoid as a logit": (
        net(dense(1, "hard_sigmoid")),
        classes(2),
        plan({"type": "bce", "from_logits": True}),
        "ends in probabilities, by hard_sigmoid",
    ),
    "hard sigmoid for one of several": (
        net(dense(3, "hard_sigmoid")),
        classes(3),
        plan("cce"),
        "goes with softmax",
    ),
    "flat yes or no for one of several": (
        net(dense(3, "sigmoid"), "Flatten"),
        classes(3),
        plan(),
        "flatten ends in sigmoid, but Sparse categorical crossentropy goes with softmax",
    ),
    "flat softmax over one": (
        net(dense(1, "softmax"), "Flatten"),
        classes(2),
        plan("bce"),
        "softmax over one unit",
    ),
    "flat softmax for a margin": (
        net(dense(3, "softmax"), "Flatten"),
        classes(3),
        plan("hinge"),
        "ends in softmax, but Hinge",
    ),
    "the mean of unlike outputs": (
        ensemble("softmax", "sigmoid"),
        classes(3),
        plan(),
        "ends in linear",
    ),
    "logarithms of shares as probabilities": (
        net(dense(3, "log_softmax")),
        classes(3),
        plan(),
        "ends in log_softmax",
    ),
}


@pytest.mark.parametrize(("graph", "data", "how", "words"), MISMATCHES.values(), ids=MISMATCHES)
def test_mismatches_are_told_and_every_fix_mends(
    graph: Graph, data: Dataset, how: Plan, words: str
) -> None:
    problems = plan_problems(graph, data, how)
    assert words in problems[0].what
    for problem in problems:
        assert_in_words(problem)
    for first in range(len(problems[0].fixes)):
        assert_fixes_mend(graph, data, how, [first] + [0] * 9)


def assert_in_words(problem: Problem) -> None:
    assert problem.what.endswith("."), problem.what
    assert problem.todo.endswith("."), problem.todo


def carried_out(fix: Fix, graph: Graph, how: Plan) -> tuple[Graph, Plan]:
    assert (fix.graph is None) != (fix.plan is None)
    return fix.graph or graph, fix.plan or how


def assert_fixes_mend(graph: Graph, data: Dataset, how: Plan, choices: list[int]) -> None:
    """Click fixes until nothing is left to mend, then train."""
    for choice in choices:
        problems = plan_problems(graph, data, how)
        if not problems:
            assert_trains(graph, data, how)
            return
        first = problems[0]
        assert_in_words(first)
        if not first.fixes:
            return
        graph, how = carried_out(first.fixes[choice % len(first.fixes)], graph, how)
        left = {each.what for each in plan_problems(graph, data, how)}
        assert first.what not in left, first.what
    left = {each.what for each in plan_problems(graph, data, how)}
    assert not left, "still not mended"


@st.composite
def networks(draw: st.DrawFn) -> Graph:
    """Networks that can run, with one or two ends."""
    shape = draw(st.sampled_from([(4,), (5,), (4, 4, 1), (1,)]))
    graph, last = Graph().add(Input(shape=shape))
    units = st.sampled_from([1, 2, 3, 4])
    functions = st.sampled_from(["linear", "relu", "sigmoid", "hard_sigmoid", "softmax"])
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["Dense", "Activation", "Flatten", "Dropout", "Branch"]))
        given = {"units": draw(units)} if kind == "Dense" else {}
        if kind in ("Dense", "Activation"):
            given["activation"] = draw(functions)
        if kind == "Branch":
            graph, side = graph.add(Dense(units=draw(units)))
            graph = graph.connect(Edge(last, side))
            continue
        graph, new = graph.add(Layer.parse({"type": kind, **given}))
        graph = graph.connect(Edge(last, new))
        last = new
    assume(graph.outputs and not diagnose(graph).problems)
    return graph


losses = st.one_of(
    st.sampled_from([kind() for kind in Loss.kinds.values()]),
    st.sampled_from([kind(from_logits=True) for kind in Loss.kinds.values() if kind.takes_logits]),
)
datasets = st.sampled_from(
    [classes(2), classes(3), classes(4, (4, 4, 1)), numbers(1), numbers(3), numbers(1, (1,))]
)


@settings(max_examples=100, deadline=None)
@given(
    networks(),
    datasets,
    losses,
    st.lists(st.sampled_from([kind() for kind in Metric.kinds.values()]), max_size=3, unique=True),
    st.lists(st.integers(0, 3), min_size=16, max_size=16),
)
def test_clicking_fixes_ends_in_a_network_that_trains(
    graph: Graph, data: Dataset, loss: Loss, metrics: list[Metric], choices: list[int]
) -> None:
    how = plan().changed(loss=loss, metrics=tuple(metrics))
    assert_fixes_mend(graph, data, how, choices)


def test_problems_of_the_graph_come_first() -> None:
    graph, _ = net(dense(9)).add(Dense())
    assert plan_problems(graph, None, plan()) == diagnose(graph).problems


def test_what_is_missing_is_asked_for() -> None:
    assert "canvas is empty" in plan_problems(Graph(), None, plan())[0].what
    assert "No data" in plan_problems(net(dense(3)), None, plan())[0].what
    lone = Dataset.from_arrays(np.zeros((4, 4)), np.zeros(4, int))
    assert "one class only" in plan_problems(net(dense(1)), lone, plan())[0].what
    empty = Dataset.from_arrays(np.zeros((0, 4)), np.zeros(0, int), classes=("a", "b"))
    assert "no samples" in plan_problems(net(dense(2)), empty, plan())[0].what


def test_every_output_is_looked_at() -> None:
    graph = net(dense(3, "softmax"), dense(3, "softmax"))
    graph, side = graph.add(Dense(units=5))
    graph = graph.connect(Edge("dense", side))
    assert [each.node for each in plan_problems(graph, classes(3), plan())] == [side]


def test_logits_of_one_unit_are_measured_by_their_sign() -> None:
    (problem,) = plan_problems(net(dense(1)), classes(2), plan("bce"))
    mended = problem.fixes[-1].plan
    assert mended is not None
    assert mended.metrics == (Metric.parse({"type": "BinaryAccuracy", "threshold": 0}),)


def test_targets_are_encoded_for_the_loss() -> None:
    y = np.array([0, 2, 1])
    np.testing.assert_array_equal(encode_targets(y, "labels", 3, (3,)), y)
    np.testing.assert_array_equal(encode_targets(y, "one_hot", 3, (3,)), np.eye(3)[y])
    np.testing.assert_array_equal(encode_targets(y, "numbers", 3, (3,)), np.eye(3)[y])
    np.testing.assert_array_equal(encode_targets(y % 2, "binary", 2, (1,)), [[0], [0], [1]])
    values = np.array([[1.5], [2.5]])
    np.testing.assert_array_equal(encode_targets(values, "numbers", 0, (1,)), values)


@pytest.mark.parametrize("data", [classes(2), classes(3), numbers()])
@pytest.mark.parametrize("loss", [kind() for kind in Loss.kinds.values()])
def test_a_suggested_plan_suits_the_task(data: Dataset, loss: Loss) -> None:
    how = suggest_plan(data, plan().changed(loss=loss))
    found = plan_problems(net(dense(data.output_size, "softmax")), data, how)
    assert not any("compares classes" in each.what for each in found)


def test_an_output_that_was_left_over_is_offered_for_deletion() -> None:
    graph = Graph.sequential((4,), [Dense(units=8), Dense(units=3, activation="softmax")])
    graph, lost = graph.add(Dense(units=5))
    graph, end = graph.connect(Edge("dense", lost)).add(Dense(units=7))
    graph = graph.connect(Edge(lost, end))
    data = classes(3, (4,))
    (problem,) = plan_problems(graph, data, Plan())
    assert problem.node == end
    assert "feeds no other layer" in problem.what
    mended = problem.fixes[0].graph
    assert mended is not None
    assert set(mended.nodes) == {"input", "dense", "dense_1"}
    assert not plan_problems(mended, data, Plan())


def test_losses_are_called_as_people_call_them() -> None:
    (problem,) = plan_problems(net(dense(3)), classes(3), plan("kld"))
    assert "but KL divergence goes with softmax" in problem.what
    (problem,) = plan_problems(net(dense(3)), classes(3), plan("cce"))
    assert problem.what.startswith("Categorical crossentropy needs")
