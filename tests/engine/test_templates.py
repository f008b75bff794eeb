"""Templates: every one fits any data that it is for, and learns from it."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import Dataset, DataSetup, prepare
from engine.data.builtin import BuiltIn
from engine.diagnosis import diagnose
from engine.errors import ShapeError
from engine.network import Network
from engine.templates import TEMPLATES, LeNet5, ResNetLike, Template, UNetLike, VGGLike
from engine.training import BatchDone, Finished, Plan, train
from engine.training.fitting import plan_problems
from engine.training.plan_fixes import suggest_plan

PICTURES = [kind for kind in TEMPLATES if kind.pictures]


def data_of(*shape: int, classes: int = 3, samples: int = 12) -> Dataset:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(samples, *shape)).astype(np.float32)
    return Dataset.from_arrays(x, np.arange(samples) % classes)


def test_every_kind_is_offered() -> None:
    assert set(TEMPLATES) == set(Template.kinds.values())


@pytest.mark.parametrize("kind", TEMPLATES)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(shape=st.tuples(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3])))
def test_it_fits_pictures_of_any_size(kind: type[Template], shape: tuple[int, int, int]) -> None:
    graph = kind().graph(data_of(*shape))
    found = diagnose(graph)
    assert not found.problems
    assert len(graph.outputs) == 1
    wanted = shape if kind.learns == "inputs" else (3,)
    assert found.shapes[graph.outputs[0]] == wanted


@pytest.mark.parametrize("kind", TEMPLATES)
def test_it_trains(kind: type[Template]) -> None:
    data = data_of(8, 8, 1)
    if kind.learns == "inputs":
        data = Dataset.from_arrays(data.train.x, data.train.x)
    graph, plan = kind().graph(data), suggest_plan(data, Plan(epochs=1))
    assert not plan_problems(graph, data, plan)
    *_, last = train(Network(graph), data, plan)
    assert isinstance(last, Finished)
    assert last.outcome == "completed"


@pytest.mark.parametrize("kind", TEMPLATES)
@pytest.mark.parametrize("name", get_args(BuiltIn.model_fields["name"].annotation))
def test_it_trains_on_what_comes_with_the_program(kind: type[Template], name: str) -> None:
    task = "reconstruction" if kind.learns == "inputs" else "auto"
    data = prepare(DataSetup(source=BuiltIn.parse({"name": name}), task=task))
    if kind.pictures and len(data.input_shape) != 3:
        pytest.skip("no pictures")
    graph, plan = kind().graph(data), suggest_plan(data, Plan(epochs=1))
    assert not plan_problems(graph, data, plan)
    net = Network(graph)
    first = next(iter(train(net, data, plan)))
    assert isinstance(first, BatchDone)
    assert np.isfinite(first.loss)
    assert np.abs(net.gradients).max() > 0


@pytest.mark.parametrize("kind", PICTURES)
def test_a_table_is_refused_in_words(kind: type[Template]) -> None:
    with pytest.raises(ShapeError, match="looks at pictures"):
        kind().graph(data_of(5))


def test_numbers_to_predict_end_in_a_linear_layer() -> None:
    data = Dataset.from_arrays(np.zeros((6, 4)), np.zeros((6, 2)))
    graph = Template.kind_named("MLP")().graph(data)
    (output,) = graph.outputs
    assert diagnose(graph).shapes[output] == (2,)
    assert graph.nodes[output].layer.applied_activation is None


def test_the_published_count_of_lenet_5() -> None:
    """LeCun et al. 1998 as commonly rebuilt for 28 × 28 digits: 61,706 parameters."""
    graph = LeNet5().graph(data_of(28, 28, 1, classes=10))
    assert diagnose(graph).total_parameters == 61_706


def test_settings_size_the_network() -> None:
    data = data_of(32, 32, 3)
    deep, flat = VGGLike(stages=4, depth=3), VGGLike(stages=1, depth=1)
    assert len(deep.graph(data).nodes) > len(flat.graph(data).nodes)
    kinds = [node.layer.kind for node in ResNetLike(stages=2, blocks=3).graph(data).nodes.values()]
    assert kinds.count("Add") == 6


def test_odd_pictures_are_padded_so_that_details_meet_what_was_halved() -> None:
    graph = UNetLike(stages=2).graph(data_of(9, 13, 1))
    found = diagnose(graph)
    padded = next(id for id, node in graph.nodes.items() if node.layer.kind == "ZeroPadding2D")
    assert found.shapes[padded] == (12, 16, 1)
