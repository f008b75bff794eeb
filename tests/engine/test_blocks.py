"""Blocks: each fits what it is for, trains, and says what it is not for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.blocks import BLOCKS, Block, block_named
from engine.diagnosis import diagnose
from engine.errors import EngineError, ShapeError
from engine.graph import Edge, Graph, Group
from engine.layers import Dense, Input, Run
from engine.losses import MeanSquaredError
from engine.network import Network
from engine.project import Inside
from engine.project.blocks import SavedBlock, block_from_text, block_to_text

SHAPES = {1: (5,), 2: (7, 3), 3: (8, 8, 3)}


def with_block(block: Block, shape: tuple[int, ...]) -> Graph:
    graph = Graph.sequential(shape, [])
    graph, node = graph.add(block.group(shape))
    return graph.connect(Edge("input", node))


@pytest.mark.parametrize("block", BLOCKS, ids=lambda each: each.name)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    shape=st.one_of(
        st.tuples(st.integers(1, 70)),
        st.tuples(st.integers(1, 40), st.integers(1, 70)),
        st.tuples(st.integers(1, 33), st.integers(1, 33), st.integers(1, 70)),
    )
)
def test_it_fits_or_says_what_it_needs(block: Block, shape: tuple[int, ...]) -> None:
    try:
        graph = with_block(block, shape)
    except ShapeError:
        assert len(shape) not in block.axes or min(shape[:2]) < 2
        return
    found = diagnose(graph)
    assert not found.problems
    assert found.parameters("group") > 0


@pytest.mark.parametrize("block", BLOCKS, ids=lambda each: each.name)
def test_every_weight_of_it_learns(block: Block) -> None:
    for axes in block.axes:
        net = Network(with_block(block, SHAPES[axes]), seed=1)
        x = np.random.default_rng(0).normal(size=(4, *SHAPES[axes])).astype(np.float32)
        y = np.zeros((4, *net.shapes["group"]), np.float32)
        net.loss_and_gradients(x, {"group": y}, MeanSquaredError(), Run(training=True))
        assert np.isfinite(net.gradients).all()
        assert np.count_nonzero(net.gradients) > len(net.gradients) / 4


def test_blocks_adapt_to_what_arrives() -> None:
    residual = block_named("Residual")
    assert residual is not None
    kept = residual.group((8, 8, 32))
    assert kept.output_shape(((8, 8, 32),)) == (8, 8, 32)
    assert [each for each in kept.body.nodes if each.startswith("conv2d")] == ["conv2d", "conv2d_1"]
    # One channel is made 16 on both ways.
    assert residual.group((8, 8, 1)).output_shape(((8, 8, 1),)) == (8, 8, 16)
    assert kept.changed(repeat=4).output_shape(((8, 8, 32),)) == (8, 8, 32)
    excite = block_named("Squeeze and excite")
    assert excite is not None
    with pytest.raises(ShapeError, match=r"takes pictures.*arrives here is 5"):
        excite.group((5,))
    assert block_named("Nothing") is None


def test_saved_blocks_are_read_again() -> None:
    group = BLOCKS[1].group().changed(repeat=3)
    inside = Inside(positions={"add": (10.0, -20.0)})
    block = SavedBlock("Mein Block", group, inside)
    again = block_from_text(block_to_text(block))
    assert again.name == block.name
    assert again.inside.positions == inside.positions
    assert again.group.to_json() == group.to_json()
    assert block_to_text(again) == block_to_text(block)


def text_with(**changes: object) -> str:
    import json

    data = json.loads(block_to_text(SavedBlock("x", Group(body=Graph.sequential((3,), [Dense()])))))
    return json.dumps({**data, **changes})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("[1]", "not a block"),
        (text_with(format="netsmith"), "not a block"),
        (text_with(version=2), "version 2"),
        (text_with(more=1), "part called 'more'"),
        (text_with(name=""), "cannot be the name"),
        (text_with(name="a\nb"), "cannot be the name"),
        (text_with(name="\ud800"), "half of a surrogate pair"),
        (text_with(name="x" * 81), "cannot be the name"),
        (text_with(name=5), "cannot be the name"),
        (text_with(group=Dense().to_json()), "is not a group"),
        (text_with(group=Input().to_json()), "is not a group"),
        (text_with(group={"type": "Group", "body": 3}), 'no "nodes"'),
        (text_with(insides=[]), "insides are"),
        (text_with(insides={"block": {"positions": {"dense": ["a", 1]}}}), "position of 'dense'"),
        (text_with(insides={"block": 7}), "inside of 'block'"),
        ("[" * 100, "nested|not JSON"),
    ],
)
def test_damaged_blocks_are_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(EngineError, match=words) as caught:
        block_from_text(text)
    assert caught.value.fix
