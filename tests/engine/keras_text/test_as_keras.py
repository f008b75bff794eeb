"""Arguments by place mean what they mean in Keras."""

from __future__ import annotations

import inspect
import os
from typing import Any

import pytest

os.environ["KERAS_BACKEND"] = "jax"
import keras

from engine.data import Split
from engine.keras_text import read_keras
from engine.keras_text.arguments import _ORDER
from engine.keras_text.plan import (
    _CALLBACKS,
    _LOSSES,
    _METRICS,
    _OPTIMIZERS,
    _SCHEDULES,
    COMPILE,
    FIT,
)
from engine.layers import Input, Layer
from engine.layers.base import TrainableLayer
from engine.losses import Loss
from engine.metrics import Metric
from engine.optimizers import Optimizer
from engine.training.plan import Plan


def places(call: Any) -> list[str]:
    """The arguments that a call takes by place, in Keras' order."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD,)
    given = inspect.signature(call).parameters.values()
    return [each.name for each in given if each.kind in kinds and each.name != "self"]


LAYERS = [
    kind for name, kind in Layer.kinds.items() if hasattr(keras.layers, name) and kind is not Input
]


@pytest.mark.parametrize("cls", LAYERS, ids=lambda cls: cls.kind)
def test_layers_take_their_arguments_in_the_order_of_keras(cls: type[Layer]) -> None:
    theirs = places(getattr(keras.layers, cls.kind).__init__)
    own = [each for each in cls.model_fields if each not in TrainableLayer.model_fields]
    ours = list(_ORDER.get(cls.kind, own))
    assert ours == theirs[: len(ours)]


def test_inputs_take_their_arguments_in_the_order_of_keras() -> None:
    assert places(keras.Input)[: len(_ORDER["Input"])] == list(_ORDER["Input"])


@pytest.mark.parametrize(
    ("family", "module", "order"),
    [
        (Optimizer, keras.optimizers, _OPTIMIZERS),
        (Loss, keras.losses, _LOSSES),
        (Metric, keras.metrics, _METRICS),
    ],
    ids=["optimizers", "losses", "metrics"],
)
def test_settings_of_training_stand_in_the_order_of_keras(
    family: Any, module: Any, order: dict[str, tuple[str, ...]]
) -> None:
    for name, cls in family.kinds.items():
        theirs = getattr(module, name, None)
        if theirs is None:
            continue
        ours = list(order.get(name, tuple(cls.model_fields)))
        expected = places(theirs.__init__)
        if family is Loss:  # what only we have comes last
            ours = [each for each in ours if each in expected]
        assert ours == expected[: len(ours)], name


def test_callbacks_schedules_and_methods_stand_in_the_order_of_keras() -> None:
    for names, module in ((_CALLBACKS, keras.callbacks), (_SCHEDULES, keras.optimizers.schedules)):
        for name, ours in names.items():
            assert list(ours) == places(getattr(module, name).__init__)[: len(ours)], name
    fit = places(keras.Model.fit)
    assert list(FIT) == fit[: len(FIT)]
    # Keras 2 had the metrics third, and so have most texts; a list of them cannot be weights.
    assert {*COMPILE} == {*places(keras.Model.compile)[: len(COMPILE)]}


MODEL = "model = Sequential([Dense(3, input_shape=(4,))])\n"


def planned(text: str) -> Plan:
    return read_keras(MODEL + text).plan.applied(Plan())


def test_a_whole_cell() -> None:
    read = read_keras(
        "%matplotlib inline\n"
        "import keras\n"
        "(x_train, y_train), _ = mnist.load_data()\n"
        "x_train = x_train / 255.0\n"
        "model = keras.Sequential([\n"
        "    keras.layers.Dense(16, activation='relu', input_shape=(4,)),\n"
        "    keras.layers.Dense(1, activation='sigmoid'),\n"
        "])\n"
        "model.compile(loss=BinaryCrossentropy(), optimizer=Adam(0.1),\n"
        "              metrics=[BinaryAccuracy()])\n"
        "stop = EarlyStopping(monitor='val_binary_accuracy', patience=3)\n"
        "slow = ReduceLROnPlateau(monitor='val_binary_accuracy', patience=2)\n"
        "history = model.fit(x_train, y_train, epochs=20, validation_split=0.2,\n"
        "                    callbacks=[stop, slow, TensorBoard('logs')])\n"
        "print(history.history)\n"
    )
    assert [node.layer.kind for node in read.graph.nodes.values()] == ["Input", "Dense", "Dense"]
    plan = read.plan.applied(Plan(batch_size=8))
    assert plan == Plan.parse(
        {
            "epochs": 20,
            "batch_size": 32,
            "optimizer": {"type": "Adam", "learning_rate": 0.1},
            "loss": "BinaryCrossentropy",
            "metrics": ["BinaryAccuracy"],
            "schedule": {
                "type": "ReduceOnPlateau",
                "monitor": "validation binary accuracy",
                "patience": 2,
            },
            "callbacks": [
                {
                    "type": "EarlyStopping",
                    "monitor": "validation binary accuracy",
                    "patience": 3,
                    "restore_best": False,
                }
            ],
        }
    )
    assert read.words == (
        "Skipped lines 3–4, 15: (x_train, y_train), _ = mnist.load_data(); "
        "x_train = x_train / 255.0; print(history.history).",
        "The callback TensorBoard('logs') is left out.",
    )
    split = read.plan.split(Split(train=0.6, validation=0.2, test=0.2))
    assert (split.train, split.validation, split.test) == pytest.approx((0.64, 0.16, 0.2))


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("model.compile('sgd', 'mse', ['mae'])", {"optimizer": "SGD", "loss": "mse"}),
        ("model.compile(loss='mse')", {"optimizer": "RMSprop", "metrics": ()}),
        (
            "model.compile(SGD(lr=0.5, momentum=0.9, decay=0.0), loss=keras.losses.mse)",
            {"optimizer": {"type": "SGD", "learning_rate": 0.5, "momentum": 0.9}},
        ),
        (
            "model.compile(RMSprop(0.01, 0.8, 0.3), loss='mae')",
            {"optimizer": {"type": "RMSprop", "learning_rate": 0.01, "rho": 0.8, "momentum": 0.3}},
        ),
        (
            "s = keras.optimizers.schedules.ExponentialDecay(0.5, 100, decay_rate=0.9)\n"
            "model.compile(Adam(learning_rate=s), loss='mse')",
            {
                "optimizer": {"type": "Adam", "learning_rate": 0.5},
                "schedule": {"type": "ExponentialDecay", "decay_steps": 100, "decay_rate": 0.9},
            },
        ),
        (
            "s = ExponentialDecay(0.5, 100, 0.9, staircase=True)\n"
            "model.compile(Adam(s), loss='mse')",
            {"schedule": {"type": "StepDecay", "every": 100, "factor": 0.9}},
        ),
        (
            "model.compile('adam', 'bce', [BinaryAccuracy(threshold=0.0), Precision(0.4)])",
            {
                "metrics": [
                    {"type": "BinaryAccuracy", "threshold": 0.0},
                    {"type": "Precision", "threshold": 0.4},
                ]
            },
        ),
        ("model.fit(x, y)", {"epochs": 1, "batch_size": 32}),
        (
            "model.fit(x, y, 16, 4, shuffle=False)",
            {"epochs": 4, "batch_size": 16, "shuffle": False},
        ),
        (
            "model.fit(x, y, class_weight={0: 1.0, 1: 5.0})",
            {"class_weights": {"type": "ByClass", "weights": (1.0, 5.0)}},
        ),
        (
            "model.compile(metrics=['accuracy'])\n"
            "model.fit(x, y, callbacks=[ModelCheckpoint('m', 'val_acc', save_best_only=True)])",
            {"callbacks": [{"type": "KeepBest", "monitor": "validation accuracy"}]},
        ),
        (
            "model.fit(x, y, callbacks=EarlyStopping())",
            {"callbacks": [{"type": "EarlyStopping", "patience": 1, "restore_best": False}]},
        ),
    ],
)
def test_what_compile_and_fit_set(text: str, settings: dict[str, Any]) -> None:
    wanted = Plan.parse(settings)
    assert {name: getattr(planned(text), name) for name in settings} == {
        name: getattr(wanted, name) for name in settings
    }


def test_what_a_plan_cannot_take_is_said() -> None:
    read = read_keras(
        MODEL + "model.compile(Adam(lr), loss=own_loss, metrics=['foo'], loss_weights=[1, 2])\n"
        "model.fit(x, y, epochs=EPOCHS, batch_size=0, validation_split=2, sample_weight=w,\n"
        "          callbacks=[cb, EarlyStopping(monitor='val_foo'), EarlyStopping(baseline=1)])"
    )
    assert read.words == (
        "optimizer is left out: learning_rate is lr; only running the code could tell what that "
        "is.",
        "loss is left out: There is no loss called 'own_loss'.",
        "The metric 'foo' is left out.",
        "compile leaves out loss_weights.",
        "epochs is left out: it is EPOCHS; only running the code could tell what that is.",
        "batch_size is left out: Batch size is 0.",
        "validation_split is left out: it is 2.",
        "The callback cb is left out.",
        "The callback EarlyStopping(monitor='val_foo') is left out.",
        "The callback EarlyStopping(baseline=1) is left out.",
        "fit leaves out sample_weight.",
    )
    assert read.plan.applied(Plan(epochs=3)).epochs == 3
    assert not read_keras("Dense(3)").plan
