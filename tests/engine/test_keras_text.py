"""Keras code as text becomes a graph; nothing in it is ever run."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.activations import Softmax
from engine.diagnosis import diagnose
from engine.errors import EngineError
from engine.graph import Edge, Graph
from engine.initializers import HeNormal
from engine.keras_text import MAX_CHARACTERS, graph_from_keras
from engine.layers import Add, Concatenate, Conv2D, Dense, Dropout, Input, LeakyReLU, MaxPooling2D
from engine.regularizers import L1L2, L2


def kinds(graph: Graph) -> list[str]:
    return [node.layer.kind for node in graph.nodes.values()]


@pytest.mark.parametrize(
    "text",
    [
        'Dense(64, activation="relu", input_shape=(8,))\nDropout(0.2)\nDense(10, "softmax")',
        '[Dense(64, "relu", input_shape=(8,)), Dropout(rate=0.2), Dense(10, activation="softmax")]',
        "keras.Sequential([layers.Input((8,)), layers.Dense(64, tf.nn.relu), layers.Dropout(0.2), "
        "layers.Dense(units=2 * 5, activation=tf.nn.softmax)])",
        "from keras import layers\nclasses = 10\nmodel = Sequential()\n"
        "model.add(Dense(64, 'relu', input_shape=(8,)))\nmodel.add(Dropout(0.2))\n"
        "model.add(Dense(classes, 'softmax'))\nmodel.compile('adam', loss='mse')\nmodel.summary()",
        "x = Input(shape=(8,))\ny = Dense(64, 'relu')(x)\ny = Dropout(0.2)(y)\n"
        "y = Dense(10, 'softmax')(y)\nmodel = Model(x, y)",
    ],
    ids=["lines", "list", "sequential", "add", "functional"],
)
def test_every_way_to_write_a_chain(text: str) -> None:
    graph = graph_from_keras(text)
    assert [node.layer for node in graph.nodes.values()] == [
        Input(shape=(8,)),
        Dense(units=64, activation="relu"),
        Dropout(rate=0.2),
        Dense(units=10, activation=Softmax()),
    ]
    assert graph.computes_as(
        Graph.sequential((8,), [node.layer for node in graph.nodes.values()][1:])
    )


def test_branches_meet_again() -> None:
    graph = graph_from_keras(
        "a = Input(shape=(8,))\nb = Dense(4)(a)\nc = Dense(4)(a)\n"
        "d = layers.add([b, c])\ne = Concatenate(axis=-1)([d, b])"
    )
    assert kinds(graph) == ["Input", "Dense", "Dense", "Add", "Concatenate"]
    assert Edge("dense", "add", 0) in graph.edges
    assert Edge("dense_1", "add", 1) in graph.edges
    assert isinstance(graph.nodes["add"].layer, Add)
    assert isinstance(graph.nodes["concatenate"].layer, Concatenate)
    assert diagnose(graph).shapes["concatenate"] == (8,)


def test_a_layer_called_twice_has_the_same_weights() -> None:
    graph = graph_from_keras(
        "a = Input(shape=(8,))\nb = Input(shape=(8,))\ntower = Dense(4)\n"
        "y = Subtract()([tower(a), tower(b)])\nDense(1)(y)"
    )
    assert kinds(graph) == ["Input", "Input", "Dense", "Shared", "Subtract", "Dense"]
    assert graph.layer_of("shared") == Dense(units=4)
    found = diagnose(graph)
    assert not found.problems
    assert found.total_parameters == 8 * 4 + 4 + 4 + 1


def test_settings_with_settings_and_older_names() -> None:
    graph = graph_from_keras(
        "Convolution2D(8, (3, 3), padding='same', input_shape=(28, 28, 1), name='edges',"
        " kernel_initializer='he_normal', kernel_regularizer=keras.regularizers.l2(0.5))\n"
        "MaxPool2D(2)\nLeakyReLU(alpha=0.1)\nDense(3, kernel_regularizer=L1L2(0.25))"
    )
    convolution = graph.nodes["conv2d"]
    assert convolution.title == "edges"
    assert convolution.layer == Conv2D(
        filters=8,
        kernel_size=3,
        padding="same",
        kernel_initializer=HeNormal(),
        kernel_regularizer=L2(l2=0.5),
    )
    assert graph.nodes["max_pooling2d"].layer == MaxPooling2D(pool_size=2)
    assert graph.nodes["leaky_re_lu"].layer == LeakyReLU(negative_slope=0.1)
    # Keras' class has no penalty where none is given; the string "l1_l2" does.
    assert graph.nodes["dense"].layer == Dense(units=3, kernel_regularizer=L1L2(l1=0.25, l2=0))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no layers"),
        ("hello world", "no Python code: it breaks off in line 1"),
        ("Dense(3)\nDense(64", "breaks off in line 2"),
        ("Dense(3)\nDense(-1)", "Line 2: Units is -1."),
        ("Dense(3)\nDanse(3)", "Line 2: There is no layer or setting called 'Danse'."),
        ("Dense(3, colour=1)", "has no setting called 'colour'"),
        ("Dense(3)(4)", "called on something that is no output"),
        ("Dense(*[3])", "unpacks values"),
        ("Dense(**more)", "unpacks values"),
        ("Dropout(0.1, 2, 3, 4, 5)", "Dropout is given 5 values"),
        ("for i in range(9): Dense(3)", "neither a layer nor a list"),
        ("Dense(9 ** 9 ** 9)", "nothing that a layer can be given"),
        ("Dense(999999999999 * 999999999999 * 9)", "nothing that a layer can be given"),
        ("__import__('os').system('echo')", "no layer or setting called 'system'"),
        ("Lambda(lambda x: x)", "nothing that a layer can be given"),
        ("(" * 5000, "no Python code"),
        ("Dense(1)\n" * 2001, "more than 2,000 layers"),
        (" " * (MAX_CHARACTERS + 1), "has 200,001 characters"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, words: str) -> None:
    with pytest.raises(EngineError) as error:
        graph_from_keras(text)
    assert words in error.value.what
    assert error.value.fix


PIECES = st.sampled_from(
    [
        "Dense", "(", ")", "[", "]", ",", "3", "-1", "x", "=", "\n", " ", "'relu'", ".", "add",
        "Input", "shape", "model", "Add", "{", "}", ":", "*", "lambda", "None", "True", "1e999",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True)
@given(text=st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join)))
def test_any_text_gives_a_graph_or_words(text: str) -> None:
    try:
        graph = graph_from_keras(text)
    except EngineError:
        return
    assert graph.nodes
