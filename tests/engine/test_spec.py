"""Declarations: every family and every kind keeps the same promises."""

from __future__ import annotations

import importlib
import json
import pkgutil
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest

import engine
from engine import initializers, layers, optimizers, regularizers
from engine.activations import LeakyRelu, Relu
from engine.data import DataSetup, Split
from engine.errors import EngineError, SettingError
from engine.layers import Dense, Layer
from engine.optimizers import Adam, Optimizer
from engine.spec import Family, Setting, Spec
from engine.training import Plan

# Compiled loops need an optional package, and declare no settings.
NOT_IMPORTED = ("engine.compiled.",)

for _module in pkgutil.walk_packages(engine.__path__, "engine."):
    if not _module.name.endswith("__main__") and not _module.name.startswith(NOT_IMPORTED):
        importlib.import_module(_module.name)

FAMILIES: list[type[Family]] = sorted(Family.__subclasses__(), key=lambda each: each.__name__)
KINDS: list[type[Family]] = [kind for family in FAMILIES for kind in family.kinds.values()]
FORMS: list[type[Spec]] = [*KINDS, Plan, Split, DataSetup]
SETTINGS = [
    pytest.param(form, setting, id=f"{form.__name__}.{setting.name}")
    for form in FORMS
    for setting in form.settings().values()
    if not setting.hidden
]


def root_of(kind: type[Family]) -> type[Family]:
    return next(family for family in FAMILIES if issubclass(kind, family))


def other_values(annotation: Any, default: Any) -> Iterator[Any]:
    """Some values of this type that are not the default; ranges are tried by the caller."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from other_values(args[0], default)
    elif origin is Literal:
        yield from (each for each in args if each != default)
    elif origin in (Union, types.UnionType):
        for each in args:
            yield from other_values(each, default)
    elif origin is tuple:
        for inner in other_values(args[0], None):
            counts = (1, 2) if args[-1] is Ellipsis else (len(args),)
            yield from ((inner,) * count for count in counts)
    elif annotation is bool:
        yield not default
    elif annotation in (int, float):
        yield from (annotation(each) for each in (1, 2, 3, 0, -1, 5, 40))
        yield from (0.5, 0.25, 0.01) if annotation is float else ()
    elif annotation is str:
        yield from ("other", "x")
    elif isinstance(annotation, type) and issubclass(annotation, Family):
        yield from (kind() for kind in annotation.kinds.values())
    elif isinstance(annotation, type) and issubclass(annotation, Spec):
        yield from (annotation(**each) for each in _pairs(annotation))


def _pairs(spec: type[Spec]) -> Iterator[dict[str, Any]]:
    for setting in spec.settings().values():
        for value in other_values(setting.annotation, setting.default):
            if allowed(spec, setting.name, value):
                yield {setting.name: value}
                return


def allowed(form: type[Spec], name: str, value: Any) -> bool:
    try:
        form().changed(**{name: value})
    except SettingError:
        return False
    return True


def round_trip(spec: Spec) -> Spec:
    reader = root_of(type(spec)) if isinstance(spec, Family) else type(spec)
    return reader.parse(json.loads(json.dumps(spec.to_json(), allow_nan=False)))


def complaint(reader: type[Spec], value: object) -> SettingError:
    with pytest.raises(SettingError) as caught:
        reader.parse(value)
    error = caught.value
    assert error.what.endswith((".", "…")), error.what
    assert error.fix.endswith("."), error.fix
    return error


def test_the_known_families_are_all_there() -> None:
    found = {family.__name__ for family in FAMILIES}
    expected = {"Layer", "Loss", "Optimizer", "Metric", "Initializer", "Regularizer"}
    assert found >= expected | {"Activation", "Source", "Step"}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda each: each.__name__)
def test_family(family: type[Family]) -> None:
    assert family.kinds, "a family without kinds"
    assert all(name == kind.kind for name, kind in family.kinds.items())
    assert all(issubclass(kind, family) for kind in family.kinds.values())
    spellings: dict[str, type[Any]] = {}
    for kind in family.kinds.values():
        for name in {kind.kind, *kind.aliases}:
            assert family.kind_named(name) is kind
            assert spellings.setdefault(name.lower(), kind) is kind, f"{name} means two kinds"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.family}.{kind.kind}")
def test_kind_has_its_own_words(kind: type[Family]) -> None:
    text = vars(kind).get("__doc__")
    assert text, "no docstring"
    assert text.strip().splitlines()[0].endswith((".", ":")), text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.family}.{kind.kind}")
def test_defaults_make_a_round_trip(kind: type[Family]) -> None:
    spec = kind()
    assert round_trip(spec) == spec
    assert type(round_trip(spec)) is kind
    assert root_of(kind).parse(kind.kind) == spec, "the bare name stands for the defaults"
    assert hash(spec) == hash(kind())


@pytest.mark.parametrize(("form", "setting"), SETTINGS)
def test_every_setting_makes_a_round_trip(form: type[Spec], setting: Setting) -> None:
    values = [
        value
        for value in other_values(setting.annotation, setting.default)
        if value != setting.default and allowed(form, setting.name, value)
    ]
    assert values, "no other value is allowed"
    for value in values:
        changed = form().changed(**{setting.name: value})
        assert getattr(changed, setting.name) == value
        assert changed != form()
        assert round_trip(changed) == changed


@pytest.mark.parametrize(("form", "setting"), SETTINGS)
def test_every_setting_has_words(form: type[Spec], setting: Setting) -> None:
    field = form.model_fields[setting.name]
    assert field.title, "no label"
    assert field.title[0].isupper() or len(field.title) <= 2 or not field.title[0].isalpha()
    assert setting.help.endswith("."), setting.help
    choices = get_args(setting.annotation)
    assert setting.help[0].isupper() or setting.help.split()[0] in choices, setting.help


@pytest.mark.parametrize(("form", "setting"), SETTINGS)
def test_values_outside_of_the_declaration_are_refused(form: type[Spec], setting: Setting) -> None:
    reader = root_of(form) if issubclass(form, Family) else form
    kind = {"type": form.kind} if issubclass(form, Family) else {}
    bad: list[Any] = [{"no": "such"}, object()]
    bad += [setting.ge - 1] if setting.ge is not None else []
    bad += [setting.gt] if setting.gt is not None else []
    # One more than 1e38 is the same float.
    bad += [setting.le + max(1, abs(setting.le))] if setting.le is not None else []
    bad += [setting.lt] if setting.lt is not None else []
    if setting.annotation in (int, float):
        bad += [float("nan"), float("inf"), "many", None]
        assert setting.annotation is float or setting.ge is not None, "an unbounded count"
    for value in bad:
        complaint(reader, {**kind, setting.name: value})
    for value in bad[2:]:
        assert complaint(reader, {**kind, setting.name: value}).what.startswith(setting.label)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.family}.{kind.kind}")
def test_unknown_settings_are_refused(kind: type[Family]) -> None:
    error = complaint(root_of(kind), {"type": kind.kind, "no_such": 1})
    assert error.what == f"{kind.__name__} has no setting called 'no_such'."


@pytest.mark.parametrize("family", FAMILIES, ids=lambda each: each.__name__)
@pytest.mark.parametrize(
    "value",
    [None, 5, [], {}, "nothing", {"type": "nothing"}, {"type": None}, {"type": {}}, Plan()],
    ids=repr,
)
def test_what_is_of_no_kind_is_refused(family: type[Family], value: object) -> None:
    error = complaint(family, value)
    assert all(kind in error.fix for kind in family.kinds)


def test_the_complaint_is_about_the_innermost_setting() -> None:
    dense = {"type": "Dense", "activation": {"type": "leaky_relu", "negative_slope": 5}}
    error = complaint(Layer, dense)
    assert (error.what, error.fix) == ("Slope is 5.", "Choose a number that is less than 1.")
    error = complaint(DataSetup, {"split": {"train": 5}})
    assert (error.what, error.fix) == ("Training is 5.", "Choose a number that is at most 1.")
    error = complaint(Plan, {"optimizer": {"type": "Adam", "beta": 1}})
    assert error.what == "Adam has no setting called 'beta'."
    error = complaint(Plan, {"metrics": ["accuracy", "fun"]})
    assert error.what == "There is no metric called 'fun'."


def test_a_part_of_a_setting_is_named_in_words() -> None:
    for kind, bad, what in (
        (layers.Conv2D, {"kernel_size": (0, 3)}, "Window's height is 0."),
        (layers.MaxPooling2D, {"strides": (2, 0)}, "Stride's width is 0."),
        (layers.Input, {"shape": (3, 0)}, "Value 2 of Shape is 0."),
    ):
        with pytest.raises(SettingError) as caught:
            kind.parse(bad)
        assert caught.value.what == what


def test_huge_values_are_cut_in_the_words() -> None:
    assert len(complaint(Plan, {"epochs": 10**3000}).what) < 200
    assert len(complaint(Optimizer, {"type": "x" * 10_000}).what) < 200


def test_spellings_of_keras_are_understood() -> None:
    assert Optimizer.parse("adam") == Adam()
    assert Layer.parse({"type": "dense", "activation": "relu"}) == Dense(activation=Relu())
    assert Plan.parse({"loss": "mse", "metrics": ["mae"]}).loss.kind == "MeanSquaredError"
    assert initializers.Initializer.parse("he_normal") == initializers.HeNormal()
    assert regularizers.Regularizer.parse("l1_l2").kind == "L1L2"


def test_specs_are_values() -> None:
    adam = Adam()
    with pytest.raises(Exception, match="frozen"):
        adam.beta_1 = 0.5  # type: ignore[misc]
    assert adam.changed(beta_1=0.5) == Adam(beta_1=0.5)
    assert adam == Adam()
    dense = Dense(units=3)
    assert dense.changed(activation="relu").units == 3
    assert dense.changed(activation={"type": "leaky_relu"}).activation == LeakyRelu()
    with pytest.raises(SettingError, match="Units is 0"):
        dense.changed(units=0)


def test_a_kind_in_a_field_keeps_its_settings_in_a_file() -> None:
    plan = Plan(optimizer=optimizers.SGD(momentum=0.5))
    written = plan.to_json()["optimizer"]
    assert written == written | {
        "type": "SGD",
        "learning_rate": 0.01,
        "momentum": 0.5,
        "nesterov": False,
    }


def test_layers_are_registered_by_name() -> None:
    assert {kind.__name__ for kind in Layer.palette().values()} <= set(layers.__all__)
    assert all(kind.category for kind in Layer.kinds.values())


def test_errors_carry_what_and_fix() -> None:
    error = EngineError("The value is 5.", "Choose 4.", node="dense")
    assert str(error) == "The value is 5. Choose 4."
    assert (error.what, error.fix, error.node) == ("The value is 5.", "Choose 4.", "dense")
    assert str(EngineError("The value is 5.")) == "The value is 5."
