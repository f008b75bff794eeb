"""Expressions of a text evaluated to what they mean for layers; nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from engine.activations import Activation
from engine.errors import EngineError, SettingError, WiringError
from engine.graph import Graph
from engine.initializers import Initializer
from engine.keras_text.arguments import layer_class, layer_from, named, no_layer
from engine.keras_text.drawing import Drawer
from engine.keras_text.plan import METHODS, PlanText
from engine.keras_text.values import (
    EXAMPLE,
    Call,
    Model,
    Output,
    Symbol,
    Unknown,
    Written,
    arithmetic,
    at_line,
    first_part,
    last_part,
    shown,
)
from engine.layers import Activation as ActivationLayer
from engine.layers import Add, Input, Layer, Multiply, Subtract
from engine.losses import Loss
from engine.regularizers import Regularizer

_ELSEWHERE = {"np", "numpy", "plt", "pd", "sns", "sklearn", "random", "os", "math", "time", "jnp"}
"""Modules whose functions are no layers, though some are called like one."""
_MERGED = {"add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate", "dot"}
"""Layers that Keras also has as functions of a list of outputs."""
_LOWER_CASE = (Regularizer, Initializer, Activation, Loss)
"""Families whose kinds are also called by functions in lower case."""
_OPERATORS: dict[type[ast.operator], type[Layer]] = {
    ast.Add: Add,
    ast.Sub: Subtract,
    ast.Mult: Multiply,
}


class Expressions:
    """Evaluates expressions, and draws the layers that are called on outputs.

    Attributes:
        names: what the text's names stand for.
        models: every Sequential of the text, in order.
        plan: what ``compile`` and ``fit`` said.
        used: the names whose values were asked for.
        words: what was read freely, in sentences.
    """

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.used: set[str] = set()
        self.models: list[Model] = []
        self.plan = PlanText()
        self.words: list[str] = []
        self.drawer = Drawer()
        self.call_function: Callable[[ast.Call], Any] | None = None

    @property
    def graph(self) -> Graph:
        return self.drawer.graph

    def value(self, tree: ast.expr) -> Any:
        """Return what an expression means.

        Raises:
            EngineError: it has a layer that cannot be drawn as the text says.
        """
        match tree:
            case ast.Constant(value=value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                number = self.value(operand)
                if isinstance(number, int | float) and not isinstance(number, bool):
                    return -number
            case ast.BinOp(left=left, op=op, right=right):
                return self._operation(tree, self.value(left), op, self.value(right))
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return [each for part in parts for each in self._parts(part)]
            case ast.Dict(keys=keys, values=values) if all(
                isinstance(key, ast.Constant) for key in keys
            ):
                found = [self.value(each) for each in values]
                return {key.value: each for key, each in zip(keys, found, strict=True)}  # type: ignore[union-attr]
            case ast.Subscript(value=value, slice=ast.Constant(value=index)):
                return self._item(tree, self.value(value), index)
            case ast.Name(id=name):
                self.used.add(name)
                return self.names.get(name, Symbol(name, name, tree.lineno))
            case ast.Attribute():
                return self._attribute(tree)
            case ast.Call():
                return self._call(tree)
        return self._unknown(tree)

    def _unknown(self, tree: ast.expr) -> Unknown:
        return Unknown(shown(tree), tree.lineno)

    def _parts(self, tree: ast.expr) -> list[Any]:
        if not isinstance(tree, ast.Starred):
            return [self.value(tree)]
        inside = self.value(tree.value)
        return inside if isinstance(inside, list) else [self._unknown(tree.value)]

    def _operation(self, tree: ast.BinOp, a: Any, op: ast.operator, b: Any) -> Any:
        if isinstance(a, Output) and isinstance(b, Output) and type(op) in _OPERATORS:
            return self.drawer.call(Written(_OPERATORS[type(op)](), tree.lineno), [a, b])
        if isinstance(a, Output | Model | Written) or isinstance(b, Output | Model | Written):
            raise WiringError(
                f"{shown(tree)} computes with a layer's output.", "Write it as layers."
            )
        found = arithmetic(op, a, b)
        return self._unknown(tree) if found is None else found

    def _item(self, tree: ast.expr, value: Any, index: Any) -> Any:
        try:
            return value[index] if isinstance(value, list | dict) else self._unknown(tree)
        except (LookupError, TypeError):
            return self._unknown(tree)

    def _attribute(self, tree: ast.Attribute) -> Any:
        base = tree.value
        owner = self.names.get(base.id) if isinstance(base, ast.Name) else None
        if isinstance(owner, Model) and tree.attr == "output":
            return self.drawer.end_of(owner)
        if first_part(tree) and first_part(tree) not in self.names:
            return Symbol(tree.attr, shown(tree), tree.lineno)
        return self._unknown(tree)

    def _call(self, tree: ast.Call) -> Any:
        match tree.func:
            case ast.Call() as inner:
                return self._applied(self.value(inner), tree)
            case ast.Name(id=name) if isinstance(self.names.get(name), Written | Model):
                self.used.add(name)
                return self._applied(self.names[name], tree)
            case ast.Name(id=name) if isinstance(self.names.get(name), ast.FunctionDef):
                assert self.call_function is not None
                return self.call_function(tree)
            case ast.Attribute(value=ast.Name(id=owner), attr=method):
                found = self.names.get(owner)
                if isinstance(found, Model | Written):
                    return self._method(tree, found, method)
                if found is None and self._is_model_named(tree, method):
                    model = self.names[owner] = Model(tree.lineno)
                    self.models.append(model)
                    return self._method(tree, model, method)
        name = last_part(tree.func)
        if first_part(tree.func) in _ELSEWHERE:
            return self._unknown(tree)
        if name in {"Sequential", "Model", "Functional"}:
            return self._model(tree, name)
        cls = layer_class(name)
        if cls is not None:
            return self._layer(cls, tree)
        return self._function(tree, name)

    def _is_model_named(self, tree: ast.Call, method: str) -> bool:
        """Whether a name that the text does not define is that of a model made earlier."""
        if method in METHODS:
            return True
        return method == "add" and len(tree.args) == 1 and not isinstance(tree.args[0], ast.List)

    def _function(self, tree: ast.Call, name: str) -> Any:
        """A call of something that is no layer."""
        args = tree.args
        if name in _MERGED and len(args) == 1 and isinstance(args[0], ast.List | ast.Name):
            cls, inputs = layer_class(name.capitalize()), self.value(args[0])
            if cls is not None and isinstance(inputs, list) and _are_outputs(inputs):
                written, _ = layer_from(cls, (), self._keywords(tree), tree.lineno)
                return self.drawer.call(written, inputs)
        activation = named(Activation, name) if name.islower() else None
        if activation is not None and len(args) == 1 and not tree.keywords:
            argument = self.value(args[0])
            if isinstance(argument, Output):
                layer = ActivationLayer.parse({"activation": activation.kind})
                return self.drawer.call(Written(layer, tree.lineno), [argument])
        if name == "set_image_data_format" and any(
            isinstance(each, ast.Constant) and each.value == "channels_first"
            for each in (*args, *(given.value for given in tree.keywords))
        ):
            raise SettingError(
                f"{shown(tree)} puts channels first; here they come last.",
                "Remove the line, and write shapes as height, width, channels.",
            )
        is_read = name[:1].isupper() or any(named(family, name) for family in _LOWER_CASE)
        if not is_read or self._unpacks(tree):
            return self._unknown(tree)
        values = tuple(self.value(each) for each in args)
        return Call(name, values, self._keywords(tree), shown(tree), tree.lineno)

    def _keywords(self, tree: ast.Call) -> dict[str, Any]:
        return {str(each.arg): self.value(each.value) for each in tree.keywords}

    @staticmethod
    def _unpacks(tree: ast.Call) -> bool:
        starred = any(isinstance(each, ast.Starred) for each in tree.args)
        return starred or any(each.arg is None for each in tree.keywords)

    def _layer(self, cls: type[Layer], tree: ast.Call) -> Written | Output:
        if self._unpacks(tree):
            raise WiringError(f"{shown(tree)} unpacks values.", "Write them out.")
        values = [self.value(each) for each in tree.args]
        keywords = self._keywords(tree)
        try:
            written, words = layer_from(cls, values, keywords, tree.lineno)
        except EngineError as error:
            # A list of layers goes over many lines; this is the layer's own.
            raise at_line(error, tree.lineno) from error
        self.words += words
        # Input is called on nothing: it is an output at once, in a list a layer like others.
        return self.drawer.call(written, []) if cls is Input else written

    def _model(self, tree: ast.Call, name: str) -> Model:
        if self._unpacks(tree) and name != "Sequential":
            raise WiringError(f"{shown(tree)} unpacks values.", "Write them out.")
        if name == "Sequential":
            model = Model(tree.lineno)
            self.models.append(model)
            given = {each.arg: each.value for each in tree.keywords}
            layers = [*tree.args, *([given["layers"]] if "layers" in given else [])]
            for part in layers:
                for each in self._parts(part):
                    self.add(model, each)
            return model
        values = [self.value(each) for each in tree.args]
        keywords = self._keywords(tree)
        ends = keywords.get("outputs", values[1] if len(values) > 1 else [])
        ends = ends if isinstance(ends, list) else [ends]
        if not _are_outputs(ends):
            raise WiringError(
                f"{shown(tree)} has no outputs that the text draws.", "Write its layers out."
            )
        return Model(tree.lineno, ends=ends)

    def _method(self, tree: ast.Call, owner: Model | Written, method: str) -> Any:
        if isinstance(owner, Model) and method == "add":
            for each in tree.args:
                self.add(owner, self.value(each))
            return None
        if isinstance(owner, Model) and method == "pop":
            if not owner.items:
                raise WiringError("There is no layer to pop.", "Remove this line.")
            owner.items.pop()
            return None
        if isinstance(owner, Model) and method == "build":
            shape = self.value(tree.args[0]) if tree.args else self._keywords(tree)["input_shape"]
            layer = {"batch_shape": shape}
            owner.shape = self._layer_shape(layer, tree)
            return None
        if method in METHODS:
            if self._unpacks(tree):
                raise SettingError(f"{shown(tree)} unpacks values.", "Write them out.")
            values = [self.value(each) for each in tree.args]
            read = self.plan.compile if method == "compile" else self.plan.fit
            read(values, self._keywords(tree))
            return Unknown(shown(tree), tree.lineno) if method != "compile" else None
        return self._unknown(tree)

    def _layer_shape(self, keywords: dict[str, Any], tree: ast.Call) -> Any:
        dense = layer_class("Dense")
        assert dense is not None
        return layer_from(dense, (), keywords, tree.lineno)[0].shape

    def add(self, model: Model, value: Any) -> None:
        """Put a layer, a model, or a list of them behind the others of a model.

        Raises:
            EngineError: it is something else.
        """
        if isinstance(value, list):
            for each in value:
                self.add(model, each)
            return
        if not isinstance(value, Written | Model | Output):
            line = getattr(value, "line", 0)
            raise at_line(no_layer(value), line) if line else no_layer(value)
        if model.ends is not None:
            raise WiringError("A layer is added to a model of outputs.", EXAMPLE)
        if value is model:
            raise WiringError("A model is added to itself.", "Remove this line.")
        if isinstance(value, Model) and value in self.models:
            self.models.remove(value)
        model.items.append(value)

    def _applied(self, called: Any, tree: ast.Call) -> Any:
        """A layer or model called on the outputs of others, as in the functional form."""
        if isinstance(called, Call | Symbol | Unknown):
            inputs = [self.value(each) for each in tree.args[:1]]
            if isinstance(called, Call) and (called.name[:1].isupper() or _are_outputs(inputs)):
                raise no_layer(called)
            return self._unknown(tree)
        inputs = [each for part in tree.args for each in self._parts(part)]
        sources = inputs[0] if len(inputs) == 1 and isinstance(inputs[0], list) else inputs
        if not isinstance(called, Written | Model) or not sources or not _are_outputs(sources):
            raise WiringError(
                "A layer is called on something that is not the output of a layer.",
                "Begin with x = Input(shape=...), then x = Dense(64)(x).",
            )
        odd = {name: each for name, each in self._keywords(tree).items() if each is not None}
        if odd:
            raise SettingError(
                f"A layer is called with {', '.join(odd)}, which cannot be drawn.",
                "Leave it out: Netsmith tells the layers itself whether they are training.",
            )
        if isinstance(called, Model) and called in self.models:
            self.models.remove(called)
        return self.drawer.call(called, sources)


def _are_outputs(values: Any) -> bool:
    return (
        isinstance(values, list)
        and bool(values)
        and all(isinstance(each, Output) for each in values)
    )
