"""The clipboard understands networks: JSON from here and from chats, layers as Keras code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor, QGuiApplication

from app.actions import Needs
from engine.data import DataSetup
from engine.diagnosis import diagnose
from engine.graph import Edge
from engine.layers import Conv2D, Dense, Shared
from engine.optimizers import SGD

K = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier

LIST = """
[
    layers.Conv2D(16, 3, padding="same", activation="relu"),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
]
"""


def paste(hands, text: str, at: QPointF = QPointF(0, 330)) -> None:  # noqa: B008
    QGuiApplication.clipboard().setText(text)
    QCursor.setPos(hands.view.viewport().mapToGlobal(hands.at(at)))
    hands.key(K.Key_V, CTRL)


def test_a_list_of_keras_layers_becomes_wired_nodes_at_the_cursor(hands):
    paste(hands, LIST)
    assert hands.doc.selection.nodes == {"conv2d_1", "flatten_1", "dense_1"}
    assert Edge("conv2d_1", "flatten_1") in hands.graph.edges
    assert Edge("flatten_1", "dense_1") in hands.graph.edges
    layer = hands.graph.nodes["conv2d_1"].layer
    assert layer == Conv2D(filters=16, kernel_size=3, padding="same", activation="relu")
    x, y = hands.doc.project.positions["conv2d_1"]
    assert abs(x) < 20
    assert y == 330
    assert hands.doc.project.positions["flatten_1"] == (x + 240, y)
    assert hands.doc.undo_stack.undoText() == "Paste 3 layers"
    hands.doc.undo_stack.undo()
    assert "conv2d_1" not in hands.graph.nodes


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ('Dense(64, activation="relu")', ["Dense"]),
        (
            "model = Sequential()\nmodel.add(Dense(8))\nmodel.add(Dropout(0.5))",
            ["Dense", "Dropout"],
        ),
        ("```python\nDense(8)\nReLU()\n```", ["Dense", "ReLU"]),
        (
            "x = Input((4,))\ny = Dense(2)(x)\nz = Dense(2)(x)\nAdd()([y, z])",
            ["Input", "Dense", "Dense", "Add"],
        ),
    ],
)
def test_code_in_many_forms(hands, text, kinds):
    before = set(hands.graph.nodes)
    paste(hands, text)
    new = [id for id in hands.graph.nodes if id not in before]
    assert [hands.graph.nodes[id].layer.kind for id in new] == kinds
    assert not any(diagnose(hands.graph).of(id) for id in new[1:]) or "Input" not in kinds


CELL = """
(x_train, y_train), _ = mnist.load_data()
model = Sequential([layers.Dense(8, input_shape=(4,)), layers.Dense(3, "softmax")])
model.compile("sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=7, batch_size=16, validation_split=0.2,
          callbacks=[EarlyStopping(patience=3)])
print("done")
"""


def test_a_whole_cell_sets_the_plan_in_the_same_step(hands):
    before = replace(hands.doc.project, data=DataSetup())
    hands.doc.do("Choose data", before)
    paste(hands, CELL)
    plan = hands.doc.project.plan
    assert (plan.epochs, plan.batch_size, plan.optimizer) == (7, 16, SGD())
    assert [each.kind for each in plan.callbacks] == ["EarlyStopping"]
    split = hands.doc.project.data.split
    assert (split.train, split.validation, split.test) == pytest.approx((0.68, 0.17, 0.15))
    assert hands.doc.undo_stack.undoText() == "Paste 3 layers and the plan"
    assert "Skipped lines 2, 7: " in hands.messages[-1]
    assert "drawn at random" in hands.messages[-1]
    hands.doc.undo_stack.undo()
    assert hands.doc.project == before


def test_training_alone_sets_the_plan(hands):
    nodes = set(hands.graph.nodes)
    paste(
        hands, "model.compile('adam', loss='mse')\nmodel.fit(x, y, epochs=3, validation_split=0.1)"
    )
    assert set(hands.graph.nodes) == nodes
    assert (hands.doc.project.plan.epochs, hands.doc.project.plan.loss.kind) == (
        3,
        "MeanSquaredError",
    )
    assert hands.doc.undo_stack.undoText() == "Paste the plan"
    assert hands.messages[-1] == "The validation share is not set: there is no data yet."


def test_a_layer_called_twice_shares_its_weights_with_its_copy(hands):
    paste(hands, "a = Input((4,))\nb = Input((4,))\nd = Dense(3)\nAdd()([d(a), d(b)])")
    shared = [node for node in hands.graph.nodes.values() if isinstance(node.layer, Shared)]
    assert [node.layer.of for node in shared] == ["dense_1"]
    # Copied together they belong together; copied alone, it goes on with the original.
    hands.doc.selection.set(["dense_1", shared[0].id])
    hands.key(K.Key_D, CTRL)
    copies = [hands.graph.nodes[id].layer for id in hands.doc.selection.nodes]
    assert {each.of for each in copies if isinstance(each, Shared)} == {"dense_2"}
    hands.doc.selection.set([shared[0].id])
    hands.key(K.Key_D, CTRL)
    (copy,) = hands.doc.selection.nodes
    assert hands.graph.nodes[copy].layer == Shared(of="dense_1")


def test_what_chats_put_around_copied_layers_is_no_obstacle(hands):
    hands.doc.selection.set(["dense"])
    hands.key(K.Key_C, CTRL)
    paste(hands, f"```json\n{QGuiApplication.clipboard().text()}\n```")
    assert hands.graph.nodes["dense_1"].layer == Dense(units=10)


@pytest.mark.parametrize(
    "text", ["Dense(units='many')", "Dense(64", "Dense(__import__('os').getcwd())", "Dense(9**9)"]
)
def test_code_that_cannot_be_read_says_why(hands, text):
    before = hands.doc.project
    paste(hands, text)
    assert hands.doc.project is before
    assert hands.messages


def test_paste_is_offered_for_layers_alone(hands):
    for text, offered in (
        ('Dense(64, activation="relu")', True),
        ("model.add(Flatten())", True),
        ("Dear all, see you (maybe) at noon.", False),
        ("model.compile('adam', loss='mse')", True),
        ("print(len(names))", False),
        ("", False),
    ):
        QGuiApplication.clipboard().setText(text)
        assert hands.view.lacks(Needs.CLIPBOARD) is not offered
