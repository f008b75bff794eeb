"""What ``compile`` and ``fit`` say of training, as settings of a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.data import Split
from engine.errors import EngineError, SettingError
from engine.keras_text.arguments import family_settings, known, named
from engine.keras_text.values import Call, Symbol, Unknown
from engine.losses import Loss
from engine.metrics import Metric
from engine.optimizers import Optimizer
from engine.schedules import ReduceOnPlateau, Schedule
from engine.training.callbacks import EarlyStopping, KeepBest
from engine.training.plan import Plan

COMPILE = ("optimizer", "loss", "metrics", "loss_weights", "weighted_metrics")
FIT = ("x", "y", "batch_size", "epochs", "verbose", "callbacks", "validation_split")
METHODS = {"compile", "fit", "fit_generator"}

_CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")
# Keras' order of arguments, where it is not that of our settings.
_OPTIMIZERS = {
    **dict.fromkeys(("Nadam", "Adamax"), ("learning_rate", "beta_1", "beta_2", "epsilon")),
    "Adam": ("learning_rate", "beta_1", "beta_2", "epsilon", "amsgrad", "weight_decay", *_CLIPPING),
    "AdamW": ("learning_rate", "weight_decay", "beta_1", "beta_2", "epsilon", "amsgrad"),
    "Adagrad": ("learning_rate", "initial_accumulator_value", "epsilon"),
    "Adadelta": ("learning_rate", "rho", "epsilon"),
    "RMSprop": ("learning_rate", "rho", "momentum", "epsilon", "centered"),
    "Ftrl": ("learning_rate", "learning_rate_power", "initial_accumulator_value"),
    "SGD": ("learning_rate", "momentum", "nesterov"),
    "Lion": ("learning_rate", "beta_1", "beta_2"),
}
_LOSSES = {"BinaryFocalCrossentropy": ("apply_class_balancing", "alpha", "gamma", "from_logits")}
_METRICS = {
    "Accuracy": ("name", "dtype"),
    "BinaryAccuracy": ("name", "dtype", "threshold"),
    "CategoricalAccuracy": ("name", "dtype"),
    "TopKCategoricalAccuracy": ("k", "name", "dtype"),
    "Precision": ("thresholds",),
    "Recall": ("thresholds",),
    "F1Score": ("average", "threshold"),
    "AUC": (),
}
_CALLBACKS = {
    "EarlyStopping": (
        *("monitor", "min_delta", "patience", "verbose", "mode", "baseline"),
        *("restore_best_weights", "start_from_epoch"),
    ),
    "ReduceLROnPlateau": (
        *("monitor", "factor", "patience", "verbose", "mode", "min_delta", "cooldown", "min_lr"),
    ),
    "ModelCheckpoint": ("filepath", "monitor", "verbose", "save_best_only"),
}
_SCHEDULES = {
    "ExponentialDecay": ("initial_learning_rate", "decay_steps", "decay_rate", "staircase"),
    "PolynomialDecay": (
        *("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle"),
    ),
    "CosineDecay": ("initial_learning_rate", "decay_steps", "alpha"),
    "CosineDecayRestarts": (
        *("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha"),
    ),
}
_OWN_AFFAIRS = {
    *("name", "verbose", "run_eagerly", "steps_per_execution", "jit_compile", "x", "y"),
    *("auto_scale_loss", "workers", "use_multiprocessing", "max_queue_size", "validation_freq"),
    *("reduction", "axis", "dtype", "generator"),
}
"""Arguments that change no number of the training here."""
_QUIET = {None, False, "auto"}


@dataclass
class PlanText:
    """What a text says of training.

    Attributes:
        settings: settings of the plan by name, as plain data.
        validation_split: the share of the training data that is kept for validation, if said.
        words: what was left out or read freely, in sentences.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    validation_split: float | None = None
    words: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.settings) or self.validation_split is not None

    def applied(self, plan: Plan) -> Plan:
        """Return the plan with these settings.

        Raises:
            SettingError: one is out of range.
        """
        return plan.changed(**self.settings) if self.settings else plan

    def split(self, split: Split) -> Split:
        """Return the split with this share for validation; that of the test part stays."""
        if self.validation_split is None:
            return split
        rest = max(0.0, 1 - split.test)
        validation = self.validation_split * rest
        return split.changed(train=rest - validation, validation=validation)

    def compile(self, values: Sequence[Any], keywords: Mapping[str, Any]) -> None:
        """Take over the arguments of ``compile``; what cannot be is left out with a word."""
        given = self._given(COMPILE, values, keywords)
        self.settings["schedule"] = {"type": "Constant"}
        self._take("optimizer", self._optimizer, given.pop("optimizer", "rmsprop"))
        loss = given.pop("loss", None)
        if loss is not None:
            self._take("loss", _loss, loss)
        metrics = given.pop("metrics", None) or []
        found = map(self._metric, metrics if isinstance(metrics, list) else [metrics])
        self.settings["metrics"] = tuple(each for each in found if each is not None)
        self._leave_out(given, "compile")

    def fit(self, values: Sequence[Any], keywords: Mapping[str, Any]) -> None:
        """Take over the arguments of ``fit``; what it does not say is as in Keras."""
        given = self._given(FIT, values, keywords)
        for key, default in (("epochs", 1), ("batch_size", 32), ("shuffle", True)):
            value = given.pop(key, None)
            self._take(key, _same, default if value is None else value)
        self._take("validation_split", self._share, given.pop("validation_split", None))
        if given.pop("validation_data", None) is not None:
            self.words.append("validation_data is left out: the parts of the data decide.")
        callbacks = given.pop("callbacks", None) or []
        found = map(self._callback, callbacks if isinstance(callbacks, list) else [callbacks])
        self.settings["callbacks"] = tuple(each for each in found if each is not None)
        self._take("class_weights", _weights, given.pop("class_weight", None))
        self._leave_out(given, "fit")

    def _take(self, setting: str, read: Callable[[Any], Any], value: Any) -> None:
        """Put a value into a setting, or say why that cannot be."""
        try:
            found = read(value)
            if found is not None:
                Plan().changed(**{setting: found})
                self.settings[setting] = found
        except EngineError as error:
            self.words.append(f"{setting} is left out: {error.what}")

    def _share(self, value: Any) -> None:
        share = known("validation_split", value)
        if not share:
            return
        if not isinstance(share, int | float) or not 0 < share < 1:
            raise SettingError(f"it is {share}.", "Choose a share between 0 and 1.")
        self.validation_split = float(share)

    @staticmethod
    def _given(
        order: Sequence[str], values: Sequence[Any], keywords: Mapping[str, Any]
    ) -> dict[str, Any]:
        given = dict(zip(order, values, strict=False))
        return {**given, **keywords}

    def _leave_out(self, given: Mapping[str, Any], call: str) -> None:
        names = [
            name
            for name, value in given.items()
            if name not in _OWN_AFFAIRS and not (isinstance(value, _PLAIN) and value in _QUIET)
        ]
        if names:
            self.words.append(f"{call} leaves out {', '.join(names)}.")

    def _optimizer(self, value: Any) -> Any:
        if not isinstance(value, Call):
            return _kind(Optimizer, "optimizer", value)
        keywords = dict(value.keywords)
        if "lr" in keywords:
            keywords["learning_rate"] = keywords.pop("lr")
        if not keywords.get("decay", True):
            del keywords["decay"]
        cls = named(Optimizer, value.name)
        order = _OPTIMIZERS.get(cls.kind if cls else "", ())
        places = order or (tuple(cls.model_fields) if cls else ())
        values = list(value.values)
        rate = values[0] if values and places[:1] == ("learning_rate",) else None
        rate = keywords.get("learning_rate", rate)
        if isinstance(rate, Call):
            first = self._schedule(rate)
            if values:
                values[0] = first
            else:
                keywords["learning_rate"] = first
        call = Call(value.name, tuple(values), keywords, value.text, value.line)
        return _kind(Optimizer, "optimizer", call, _OPTIMIZERS)

    def _schedule(self, call: Call) -> Any:
        """Set the schedule, and return the rate that it begins with."""
        if call.name == "ExponentialDecay" and call.keywords.get("staircase"):
            names = _SCHEDULES[call.name]
            given = {**dict(zip(names, call.values, strict=False)), **call.keywords}
            given = {key: known(key, value) for key, value in given.items()}
            self.settings["schedule"] = {
                "type": "StepDecay",
                "every": given.get("decay_steps"),
                "factor": given.get("decay_rate"),
            }
            return given.get("initial_learning_rate")
        if call.name not in _SCHEDULES:
            raise SettingError(
                f"learning_rate is {call.text}, a schedule that is not known here.",
                f"Use one of {', '.join(_SCHEDULES)}, or a number.",
            )
        found = family_settings(Schedule, call, _SCHEDULES[call.name])
        assert found is not None, call.name
        first = found.pop("initial_learning_rate", None)
        if not found.get("staircase", True):
            del found["staircase"]
        self.settings["schedule"] = found
        return first

    def _metric(self, value: Any) -> Any:
        try:
            return _kind(Metric, "metric", value, _METRICS)
        except EngineError:
            self.words.append(f"The metric {_text(value)} is left out.")
            return None

    def _callback(self, value: Any) -> Any:
        try:
            return self._read_callback(value)
        except EngineError as error:
            self.words.append(f"The callback {_text(value)} is left out: {error.what}")
            return None

    def _read_callback(self, value: Any) -> Any:
        """A callback as plain data; None for what is a schedule here, or left out with a word."""
        readers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "EarlyStopping": self._early_stopping,
            "ReduceLROnPlateau": self._plateau,
            "ModelCheckpoint": self._checkpoint,
        }
        if not isinstance(value, Call) or value.name not in readers:
            self.words.append(f"The callback {_text(value)} is left out.")
            return None
        names = _CALLBACKS[value.name]
        given = {**dict(zip(names, value.values, strict=False)), **value.keywords}
        given = {key: known(key, each) for key, each in given.items()}
        monitor = self._monitor(given.pop("monitor", "val_loss"))
        odd = [
            key
            for key, each in given.items()
            if key in ("baseline", "start_from_epoch") and each not in (None, 0)
        ]
        if monitor is None or odd:
            self.words.append(f"The callback {value.text} is left out.")
            return None
        return readers[value.name]({**given, "monitor": monitor})

    @staticmethod
    def _early_stopping(given: dict[str, Any]) -> Any:
        return EarlyStopping.parse(
            {
                "type": "EarlyStopping",
                "monitor": given["monitor"],
                # Keras' 0 stops in the same epoch as 1.
                "patience": given.get("patience") or 1,
                "min_delta": _size(given.get("min_delta", 0)),
                "restore_best": given.get("restore_best_weights", False),
            }
        ).to_json()

    def _plateau(self, given: dict[str, Any]) -> None:
        if self.settings.get("schedule", {"type": "Constant"}) != {"type": "Constant"}:
            self.words.append("ReduceLROnPlateau is left out: the optimizer has a schedule.")
            return
        names = {"min_lr": "min_rate", "epsilon": "min_delta"}
        kept = {names.get(key, key): each for key, each in given.items()}
        kept = {key: each for key, each in kept.items() if key in ReduceOnPlateau.model_fields}
        if not kept.get("patience", True):
            kept["patience"] = 1
        self.settings["schedule"] = ReduceOnPlateau.parse(
            {"type": "ReduceOnPlateau", **kept}
        ).to_json()

    def _checkpoint(self, given: dict[str, Any]) -> Any:
        if not given.get("save_best_only"):
            self.words.append("ModelCheckpoint is left out: a run keeps its last weights anyway.")
            return None
        return KeepBest(monitor=given["monitor"]).to_json()

    def _monitor(self, name: Any) -> str | None:
        """Keras' ``val_accuracy`` as ours, ``validation accuracy``; None for a strange one."""
        if not isinstance(name, str):
            return None
        part = "validation" if name.startswith("val_") else "training"
        measure = name.removeprefix("val_")
        if measure == "loss":
            return f"{part} loss"
        cls = named(Metric, measure)
        if cls is None:
            return None
        metrics = Plan.parse({"metrics": self.settings.get("metrics", ())}).metrics
        own = next((each for each in metrics if isinstance(each, cls)), cls())
        return f"{part} {own.name}"


_PLAIN = (bool, int, float, str, type(None))


def _size(value: Any) -> Any:
    """A number without its sign, as Keras takes it; anything else as it is."""
    return abs(value) if isinstance(value, int | float) else value


def _same(value: Any) -> Any:
    return known("it", value)


def _loss(value: Any) -> Any:
    return _kind(Loss, "loss", value, _LOSSES)


def _weights(value: Any) -> Any:
    """The weights of classes that are numbered from 0 on; None for none."""
    if value is None:
        return None
    if not isinstance(value, dict) or sorted(map(str, value)) != sorted(
        map(str, range(len(value)))
    ):
        raise SettingError("it has no number for each class.", "")
    return {"type": "ByClass", "weights": [known("it", value[i]) for i in range(len(value))]}


def _kind(
    family: type[Any], key: str, value: Any, orders: Mapping[str, Sequence[str]] | None = None
) -> Any:
    """A loss, metric or optimizer, named or called, as plain data.

    Raises:
        SettingError: there is none of that name, or it has no such setting.
    """
    if isinstance(value, Call):
        cls = named(family, value.name)
        order = (orders or {}).get(cls.kind) if cls else None
        keywords = {k: v for k, v in value.keywords.items() if k not in _OWN_AFFAIRS}
        call = Call(value.name, value.values, keywords, value.text, value.line)
        found = family_settings(family, call, order)
        if found is not None:
            if "thresholds" in found:
                found["threshold"] = found.pop("thresholds")
            return family.parse(found).to_json()
    name = value.name if isinstance(value, Symbol | Call) else value
    if isinstance(name, str):
        return family.parse({"type": family.kind_named(name).kind}).to_json()
    return known(key, value)


def _text(value: Any) -> str:
    return value.text if isinstance(value, Call | Symbol | Unknown) else repr(value)
