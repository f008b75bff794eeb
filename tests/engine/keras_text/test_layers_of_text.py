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
from engine.keras_text import MAX_CHARACTERS, graph_from_keras, read_keras
from engine.layers import Add, Concatenate, Conv2D, Dense, Dropout, Input, LeakyReLU, MaxPooling2D
from engine.regularizers import L1L2, L2
from engine.training.plan import Plan


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
        ("hello world", "not valid Python: it stops in line 1"),
        ("Dense(3)\nDense(64", "it stops in line 2"),
        ("Dense(3)\nDense(-1)", "Line 2: Units is -1."),
        ("Dense(3)\nDanse(3)", "Line 2: There is no layer or setting called 'Danse'."),
        ("Dense(3, colour=1)", "has no setting called 'colour'"),
        ("Dense(3)(4)", "called on something that is not the output"),
        ("Dense(*[3])", "unpacks values"),
        ("Dense(**more)", "unpacks values"),
        ("Dropout(0.1, 2, 3, 4, 5)", "Dropout is given 5 values"),
        ("for i in range(len(x)): Dense(3)", "Line 1: for i in range(len(x)):"),
        ("Dense(9 ** 9 ** 9)", "only running the code could tell"),
        ("Dense(999999999999 * 999999999999 * 9)", "only running the code could tell"),
        ("__import__('os').system('echo')", "names no layers"),
        ("Lambda(lambda x: x)", "no layer or setting called 'Lambda'"),
        ("(" * 5000, "not valid Python"),
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


@pytest.mark.parametrize(
    ("text", "parameters", "shape"),
    [
        (
            "model.add(Dense(12, 'relu', input_shape=(12,)))\nmodel.add(Dense(1, 'softmax'))",
            169,
            (1,),
        ),
        # As printed in a course: each sample is one row of four numbers.
        ("[Dense(2, activation='relu', input_shape=(None, 4)), Dense(1, 'sigmoid')]", 13, (1,)),
        (
            "vocab_size = 1747\nmodel = Sequential()\n"
            "model.add(layers.Embedding(input_dim=vocab_size, output_dim=50, input_length=100))\n"
            "model.add(layers.GlobalMaxPool1D())\nmodel.add(layers.Dense(10))",
            87_860,
            (10,),
        ),
        (
            "model = Sequential([Flatten(input_shape=(28, 28)), Dense(128), Dense(10)])\n"
            "probability_model = Sequential([model, Softmax()])",
            101_770,
            (10,),
        ),
        (
            "[Rescaling(1./255, input_shape=(8, 8, 3)), Conv2D(4, 3, padding='SAME')]",
            112,
            (8, 8, 4),
        ),
        ("    Dense(64, activation='relu', input_shape=(3,)),\n    Dense(10),\n", 906, (10,)),
        ("Dense(64, input_shape=(3,)),\n        Dense(10)", 906, (10,)),
        ("Dense(4, activation=layers.LeakyReLU(0.2), input_shape=(3,))", 16, (4,)),
        ("SeparableConv2D(32, 3, input_shape=(8, 8, 2))", 114, (6, 6, 32)),
        ("x = Input((4,))\ny = x + Dense(4)(x)\ny = tf.nn.relu(y)\nDense(2)(y)", 30, (2,)),
        ("x = Input((4,))\nDense(2)(layers.concatenate([x, Dense(3)(x)]))", 31, (2,)),
        (
            "def build(units=16):\n    m = Sequential()\n    m.add(Input((4,)))\n"
            "    for n in [32, units]:\n        m.add(Dense(n))\n    return m\nmodel = build(8)",
            424,
            (8,),
        ),
        ("def build():\n    return Sequential([Dense(3, input_shape=(4,))])", 15, (3,)),
        ("with strategy.scope():\n    model = Sequential([Dense(3, input_shape=(4,))])", 15, (3,)),
        ("m = Sequential([Dense(3)])\nm.build((None, 4))", 15, (3,)),
        ("b = Sequential([Dense(3)])\nx = Input((4,))\nDense(1)(b(x))", 19, (1,)),
        (">>> model = Sequential()\n>>> model.add(Dense(3, input_dim=4))", 15, (3,)),
        ("[Dense(3, input_shape=(2 + 2,)), *[Dense(3), Dense(1)]]", 31, (1,)),
    ],
)
def test_usual_code(text: str, parameters: int, shape: tuple[int, ...]) -> None:
    found = diagnose(graph_from_keras(text))
    assert not found.problems
    assert found.total_parameters == parameters
    assert list(found.shapes.values())[-1] == shape


def test_freezing() -> None:
    graph = graph_from_keras(
        "base = Sequential([Dense(3, input_shape=(4,)), ReLU()])\nbase.trainable = False\n"
        "head = Dense(1)\nmodel = Sequential([base, head])"
    )
    assert graph.nodes["dense"].layer == Dense(units=3, trainable=False)
    assert graph.nodes["dense_1"].layer == Dense(units=1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Conv2D(4, 3, data_format='channels_first')", "Line 1: data_format is 'channels_first'"),
        ("Conv2D(4, 3, 1, 'same', 'channels_first')", "Line 1: data_format is 'channels_first'"),
        ("K.set_image_data_format('channels_first')\nDense(1)", "Line 1: K.set_image_data_format"),
        ("[Flatten, Dense(3)]", "Line 1: Flatten is the class"),
        ("Dense(3)\nFlatten", "Line 2: Flatten is the class"),
        ("[Dense(3), SELU()]", "Line 1: SELU is an activation, not a layer"),
        ("[Dense(3), 'relu']", "Line 1: 'relu' is a text, not a layer"),
        ("[Dense(3), 7]", "Line 1: 7 is not a layer"),
        ("[Dense(3), more]", "There is no layer or setting called 'more'"),
        ("[Dense(3), *more]", "more is not a layer"),
        (
            "nn.Sequential(nn.Linear(10, 5), nn.ReLU())",
            "Line 1: nn.Linear(10, 5) is code for PyTorch",
        ),
        ("m = Sequential([\n  Dense(3),\n  LSTM(4)])", "Line 3: There is no layer or setting"),
        ("m = Sequential([\n  Dense(3),\n  Dense(-4)])", "Line 3: Units is -4"),
        ("x = Input((3,))\nLSTM(4)(x)", "Line 2: There is no layer or setting called 'LSTM'"),
        ("n = len(words)\nEmbedding(n, 3)", "Line 2: input_dim is len(words)"),
        ("Embedding(9, 3, weights=[matrix])", "weights are numbers that the text does not hold"),
        ("Embedding(9, 3, mask_zero=True)", "no setting called 'mask_zero'"),
        ("Dense(3, dtype='float16')", "dtype is 'float16'"),
        ("Dense(3, units=4)", "given units twice"),
        ("Dense(3, activation=Softmax)", "activation is the class Softmax"),
        ("Dense(3, activation=PReLU())", "PReLU is a layer, not an activation"),
        ("Conv2D(3, 3, padding=same)", "padding is same; only running"),
        ("Dense(units)", "units is units; only running the code"),
        ("Conv1D(3, 2, input_shape=(None, 4))", "None is an axis of any length"),
        ("Input(shape=(None, 4))", "None is an axis of any length"),
        ("Dense(3, input_shape=('a',))", "Line 1: "),
        (
            "x = Input((3,))\nDropout(0.5)(x, training=True)",
            "Line 2: A layer is called with training",
        ),
        ("x = Input((3,))\nDense(1)(x * 2)", "Line 2: x * 2 computes with a layer's output"),
        ("x = Input((3,))\nDense(1)(tf.mean(x))", "Line 2: A layer is called on something"),
        ("while True:\n    model.add(Dense(3))", "Line 1: while True:"),
        ("class M(Model):\n    def call(self, x):\n        return Dense(3)(x)", "Line 1: class M"),
        ("[Dense(3) for _ in range(4)]", "Line 1: [Dense(3) for _ in range(4)]"),
        ("for each in base.layers:\n    each.trainable = False\nDense(1)", "Line 1: for each in"),
        ("base.trainable = False\nDense(1)", "Line 1: base.trainable = False freezes"),
        ("m = Sequential()\nm.add(m)", "Line 2: A model is added to itself"),
        ("def f():\n    return Dense(f())\nf()", "f calls itself too often"),
    ],
)
def test_what_cannot_be_honored_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(EngineError) as error:
        graph_from_keras(text)
    assert words in error.value.what


def test_statements_that_are_no_layers_are_skipped_with_a_word() -> None:
    read = read_keras(
        "import os\n'''A comment.'''\nprint('hello')\nx = np.reshape(x, (-1, 28))\n"
        "unused = LSTM(3)\nalone = Dense(7)\nmodel = Sequential([Dense(3)])\nmodel.summary()\n"
        "for i in range(3):\n    print(i)\nif x:\n    x = 1\n"
    )
    assert [node.layer.kind for node in read.graph.nodes.values()] == ["Dense"]
    assert read.words == (
        "Skipped lines 3–6, 8–9, 11: print('hello'); x = np.reshape(x, (-1, 28)); "
        "unused = LSTM(3); alone = Dense(7); and 3 more.",
    )


CODE = st.sampled_from(
    [
        "model = Sequential()",
        "model.add(Dense(3))",
        "x = Input((4,))",
        "x = Dense(3)(x)",
        "model.compile('adam', loss='mse')",
        "model.fit(x, y, epochs=3)",
        "model.build((None, 4))",
        "model.pop()",
        "model.trainable = False",
        "for i in range(3):\n    model.add(Dense(i))",
        "def f(a, b=2):\n    return Dense(a)",
        "f(3)",
        "y = f(x)",
        "x = x + x",
        "x = [x, x]",
        "model(x)",
        "m2 = Model(x, x)",
        "m2.add(Dense(2))",
        "model.add(m2)",
        "x = model.output",
        "a, b = Dense(1), Dense(2)",
        "x = a(x)",
        "model.add(model)",
        "x = x[0]",
        "x = {1: x}",
        "model.compile(**x)",
        "with x:\n    model.add(Dense(3))",
        "x += 1",
        "del x",
        "-x",
        "model.fit(x, callbacks=[EarlyStopping(patience=x, min_delta=-1)])",
        "Dense(x)",
        "Adam(x)",
        "model.compile(Adam(Adam(x)), [x], {x: x}, x)",
        "x = 1e308 * 1e308",
        "model.compile(Adam(ExponentialDecay(x, y, x)))",
        "x = 5 // 0 % 0",
        "build(x)",
    ]
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(lines=st.lists(CODE, max_size=14))
def test_any_statements_give_a_graph_a_plan_or_words(lines: list[str]) -> None:
    try:
        read = read_keras("\n".join(lines))
    except EngineError as complaint:
        said = complaint
    else:
        read.plan.applied(Plan())
        assert read.graph.nodes or read.plan
        assert Graph.from_json(read.graph.to_json()) == read.graph
        return
    assert said.what.endswith(".")
    assert said.fix
