"""The arguments of a Keras call as settings of ours; what cannot be honored is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_args

from engine.activations import Activation
from engine.arrays import Shape
from engine.constraints import Constraint
from engine.errors import EngineError, SettingError, WiringError
from engine.initializers import Initializer
from engine.keras_text.values import EXAMPLE, Call, Model, Output, Symbol, Unknown, Written
from engine.layers import Input, Layer
from engine.layers.base import TrainableLayer
from engine.regularizers import Regularizer
from engine.spec import Family, short_text

Kind = TypeVar("Kind", bound=Family)

_FAMILIES: tuple[type[Family], ...] = (Regularizer, Initializer, Constraint, Activation)

_AFFINE = ("beta_initializer", "gamma_initializer", "beta_regularizer", "gamma_regularizer")
_WINDOW = ("strides", "padding", "data_format")
# The order of Keras' arguments, where it is not that of our settings.
_ORDER: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("Conv1D", "Conv2D"),
        ("filters", "kernel_size", *_WINDOW, "dilation_rate", "groups", "activation", "use_bias"),
    ),
    "Conv2DTranspose": (
        *("filters", "kernel_size", "strides", "padding", "output_padding", "data_format"),
        *("dilation_rate", "activation", "use_bias"),
    ),
    "DepthwiseConv2D": (
        *("kernel_size", "strides", "padding", "depth_multiplier", "data_format"),
        *("dilation_rate", "activation", "use_bias"),
    ),
    "SeparableConv2D": (
        *("filters", "kernel_size", *_WINDOW, "dilation_rate", "depth_multiplier"),
        *("activation", "use_bias"),
    ),
    **dict.fromkeys(
        ("MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D"),
        ("pool_size", *_WINDOW),
    ),
    **{
        f"Global{pooling}Pooling{axes}D": ("data_format", "keepdims")
        for pooling in ("Average", "Max")
        for axes in (1, 2)
    },
    "Flatten": ("data_format",),
    "Dropout": ("rate", "noise_shape", "seed"),
    "SpatialDropout1D": ("rate", "seed"),
    "SpatialDropout2D": ("rate", "data_format", "seed"),
    "GaussianNoise": ("stddev", "seed"),
    "GaussianDropout": ("rate", "seed"),
    "ZeroPadding2D": ("padding", "data_format"),
    "Cropping2D": ("cropping", "data_format"),
    "UpSampling2D": ("size", "data_format", "interpolation"),
    "LayerNormalization": ("axis", "epsilon", "center", "scale", *_AFFINE),
    "GroupNormalization": ("groups", "axis", "epsilon", "center", "scale", *_AFFINE),
    "Input": ("shape", "batch_size", "dtype"),
}
# What older versions of Keras called it, by layer; "" stands for every layer.
_RENAMED = {
    ("LeakyReLU", "alpha"): "negative_slope",
    ("Dense", "output_dim"): "units",
    ("Dense", "init"): "kernel_initializer",
    ("", "input_dim"): "input_shape",
    ("", "batch_input_shape"): "batch_shape",
    ("", "nb_filter"): "filters",
    ("", "subsample"): "strides",
    ("", "border_mode"): "padding",
}
_NAME_LIKE = {"batch_size", "seed", "sparse", "ragged"}
"""Arguments that say nothing about what is computed here."""
_SAME_NUMBERS = {None, "float32", "int32", "int64", "uint8"}
"""Types of numbers that networks here take as they are."""

_PYTORCH = {
    "Linear": "Dense(units)",
    "Conv1d": "Conv1D(filters, kernel_size)",
    "Conv2d": "Conv2D(filters, kernel_size)",
    "MaxPool2d": "MaxPooling2D(pool_size)",
    "AvgPool2d": "AveragePooling2D(pool_size)",
    "BatchNorm1d": "BatchNormalization()",
    "BatchNorm2d": "BatchNormalization()",
    "Dropout2d": "SpatialDropout2D(rate)",
}
"""Layers of PyTorch, and how Keras writes them."""


def layer_class(name: str) -> type[Layer] | None:
    """Return the layer of exactly this name, as Keras spells it; None where there is none."""
    for kind in Layer.kinds.values():
        if name in (kind.kind, *kind.aliases):
            return kind if kind.offered or kind is Input else None
    return Input if name == "InputLayer" else None


def layer_from(
    cls: type[Layer], values: Sequence[Any], keywords: Mapping[str, Any], line: int
) -> tuple[Written, tuple[str, ...]]:
    """Return a layer with the arguments of a call, and words about what was read freely.

    Raises:
        SettingError: an argument that the layer does not have, or that cannot be honored.
    """
    given = _by_name(cls, values, keywords)
    title = given.pop("name", None) or ""
    shape: Shape | None = None
    words: tuple[str, ...] = ()
    for key in ("input_shape", "batch_shape", "input_length"):
        if key not in given or (key == "input_length" and cls.kind != "Embedding"):
            continue
        value = given.pop(key)
        if value is None:
            continue
        if key == "batch_shape" and isinstance(value, list):
            value = value[1:]
        if cls is Input:
            given["shape"] = value
        elif shape is None:
            shape, words = _shape(value, cls, key)
    if cls is Input and "shape" in given:
        given["shape"] = _shape(given["shape"], cls, "shape")[0]
    settings = {
        key: _plain(cls, key, value)
        for key, value in given.items()
        if key in cls.model_fields or not _says_nothing(cls, key, value)
    }
    layer: Layer = cls.parse({"type": cls.kind, **settings})
    return Written(layer, line, title if isinstance(title, str) else "", shape), words


def family_settings(
    family: type[Kind], call: Call, order: Sequence[str] | None = None
) -> dict[str, Any] | None:
    """Return a call of a regularizer, optimizer and the like as plain data for its family.

    Args:
        order: Keras' order of arguments, where it is not that of our settings.

    Returns:
        None where the family has no such kind.

    Raises:
        SettingError: more values than it takes, or one that only running could tell.
    """
    cls = named(family, call.name)
    if cls is None:
        return None
    places = list(cls.model_fields if order is None else order)
    if len(call.values) > len(places):
        raise SettingError(
            f"{call.name} is given {len(call.values)} values.",
            f"It takes {len(places)}: {', '.join(places) or 'none'}.",
        )
    # Keras' class begins with no penalty at all; ours with that of the string "l1_l2".
    unsaid = {"l1": 0.0, "l2": 0.0} if cls.kind == "L1L2" else {}
    given = {**dict(zip(places, call.values, strict=False)), **call.keywords}
    for key in ("name", "seed", "dtype"):
        if key not in cls.model_fields:
            given.pop(key, None)
    return {"type": cls.kind, **unsaid, **{key: known(key, each) for key, each in given.items()}}


def named(family: type[Kind], name: str) -> type[Kind] | None:
    """Return the kind of a family with this name, in any spelling; None where there is none."""
    try:
        return family.kind_named(name)
    except SettingError:
        return None


def known(key: str, value: Any) -> Any:
    """Return plain data as it is.

    Raises:
        SettingError: only running the code could tell what it is.
    """
    if isinstance(value, list):
        return [known(key, each) for each in value]
    if isinstance(value, Unknown | Symbol | Call):
        raise _untold(key, value)
    if isinstance(value, Written | Output | Model):
        raise SettingError(f"{key} is a layer, not a value.", "Write a number or a text.")
    return value


def no_layer(value: Any) -> EngineError:
    """Return why something in a list of layers is none."""
    match value:
        case Symbol(name=name) if layer_class(name):
            return WiringError(
                f"{name} is the class itself, not a layer.", f"Call it: {name}() or {name}(...)."
            )
        case Call(name=name, text=text) | Symbol(name=name, text=text):
            if name in _PYTORCH:
                return WiringError(
                    f"{text} is code for PyTorch.", f"Write it for Keras: {_PYTORCH[name]}."
                )
            if named(Activation, name):
                return WiringError(
                    f"{name} is an activation, not a layer.",
                    f'Write Activation("{named(Activation, name).kind}").',  # type: ignore[union-attr]
                )
            return SettingError(f"There is no layer or setting called {name[:60]!r}.", EXAMPLE)
        case Unknown(text=text):
            return WiringError(
                f"{text} is not a layer, or only running the code could tell.",
                "Write the layers out.",
            )
        case str():
            return WiringError(f"{short_text(value)} is a text, not a layer.", EXAMPLE)
    return WiringError(f"{short_text(value)} is not a layer.", EXAMPLE)


def _by_name(
    cls: type[Layer], values: Sequence[Any], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    places = _ORDER.get(cls.kind) or tuple(
        # Keras' base class takes its own settings by name only.
        each
        for each in cls.model_fields
        if each not in TrainableLayer.model_fields
    )
    if len(values) > len(places):
        raise SettingError(
            f"{cls.kind} is given {len(values)} values.",
            f"It takes {len(places)}: {', '.join(places) or 'none'}; give the others by name.",
        )
    given = dict(zip(places, values, strict=False))
    for key, value in keywords.items():
        if key not in cls.model_fields:
            key = _RENAMED.get((cls.kind, key), _RENAMED.get(("", key), key))
        if key in given:
            raise SettingError(f"{cls.kind} is given {key} twice.", "Remove one of them.")
        given[key] = value
    return given


def _says_nothing(cls: type[Layer], key: str, value: Any) -> bool:
    """Whether an argument that is no setting changes nothing here.

    Raises:
        SettingError: it would change something, which cannot be honored.
    """
    if value is None or value is False or key in _NAME_LIKE:
        return True
    if key == "data_format":
        if value == "channels_last":
            return True
        raise SettingError(
            f"data_format is {short_text(_word(value))}; here channels come last.",
            'Write data_format="channels_last", and the shape as height, width, channels.',
        )
    if key == "dtype":
        if _word(value) in _SAME_NUMBERS:
            return True
        raise SettingError(
            f"dtype is {short_text(_word(value))}; networks here compute in float32.",
            "Leave dtype out.",
        )
    if key == "weights":
        raise SettingError(
            "weights are numbers that the text does not hold.",
            "Leave weights out; the layer then begins with random ones.",
        )
    known(key, value)
    return False


def _plain(cls: type[Layer], key: str, value: Any) -> Any:
    """A value as plain data for a setting of a layer."""
    family = _family_of(cls, key)
    if family is Activation:
        if value is None:
            return "linear"
        if isinstance(value, Written):
            return _as_activation(value)
    match value:
        case Symbol(name=name) if family is not None and named(family, name):
            if family is Activation and name[:1].isupper():
                raise SettingError(f"{key} is the class {name}.", f'Write {key}="{name.lower()}".')
            return name
        case Call() as call:
            kinds = (family,) if family is not None else _FAMILIES
            found = next(filter(None, (family_settings(each, call) for each in kinds)), None)
            if found is None and (family is not None or call.name[:1].isupper()):
                raise no_layer(call)
            if found is None or family is None:
                raise _untold(key, call)
            return found
        case str() if key == "padding":
            return value.lower()  # as Keras does
    return known(key, value)


def _family_of(cls: type[Layer], key: str) -> type[Family] | None:
    field = cls.model_fields.get(key)
    annotation = None if field is None else field.annotation
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, Family):
            return each
    return None


def _as_activation(written: Written) -> dict[str, Any]:
    kind = named(Activation, written.layer.kind)
    if kind is None:
        raise SettingError(
            f"{written.layer.kind} is a layer, not an activation.",
            "Write it as a layer of its own, after this one.",
        )
    settings = written.layer.to_json()
    own = (
        {key: value for key, value in settings.items() if key in kind.model_fields}
        if isinstance(settings, dict)
        else {}
    )
    return {"type": kind.kind, **own}


def _shape(value: Any, cls: type[Layer], key: str) -> tuple[Shape, tuple[str, ...]]:
    """The shape of one sample, and words where it was read freely."""
    value = known(key, value)
    shape = list(value) if isinstance(value, list) else [value]
    if None not in shape:
        return _checked(shape), ()
    if cls.kind == "Dense" and len(shape) == 2 and shape[0] is None:
        word = f"{key}=(None, {shape[1]}) is read as ({shape[1]},): each sample is one row."
        return _checked(shape[1:]), (word,)
    raise SettingError(
        f"{key} is ({', '.join(map(str, shape))}), where None is an axis of any length.",
        "Write how long it is.",
    )


def _checked(shape: list[Any]) -> Shape:
    layer = Input.parse({"type": "Input", "shape": shape})
    return layer.shape


def _word(value: Any) -> Any:
    return value.name if isinstance(value, Symbol) else value


def _untold(key: str, value: Unknown | Symbol | Call) -> SettingError:
    return SettingError(
        f"{key} is {value.text}; only running the code could tell what that is.",
        "Write its value instead.",
    )
