"""Layers written as Keras code, read without running it.

A list of layers, ``Sequential([...])``, ``model.add(...)`` line by line, and the
functional form ``x = Dense(64)(x)`` are understood. The text is parsed into a
syntax tree of which only calls, names and constants are looked at: nothing is
executed, whatever the text holds.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.activations import Activation
from engine.arrays import Shape
from engine.constraints import Constraint
from engine.errors import EngineError, SettingError, WiringError
from engine.graph import Edge, Graph
from engine.initializers import Initializer
from engine.layers import Input, Layer, Shared
from engine.layers.base import TrainableLayer
from engine.regularizers import Regularizer
from engine.spec import Family

MAX_CHARACTERS = 200_000
MAX_LAYERS = 2_000
LARGEST = 1e12

_EXAMPLE = 'Write for example Dense(64, activation="relu"), one layer after the other.'

# What older versions of Keras called it, by layer; "" stands for every layer.
_RENAMED = {
    ("LeakyReLU", "alpha"): "negative_slope",
    ("Dense", "output_dim"): "units",
    ("", "input_dim"): "input_shape",
    ("", "batch_input_shape"): "batch_shape",
}
# Arguments that say nothing about what is computed here.
_IGNORED = {"dtype", "batch_size", "data_format", "input_length", "seed"}

Kind = TypeVar("Kind", bound=Family)

_FAMILIES: tuple[type[Family], ...] = (Regularizer, Initializer, Constraint, Activation)
# No powers: their numbers could fill the memory.
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


@dataclass(frozen=True)
class _Written:
    """A layer as the text has it, before it stands in the graph."""

    layer: Layer
    title: str = ""
    shape: Shape | None = None


@dataclass(frozen=True)
class _Node:
    """The output of a node of the graph, which further layers can be called on."""

    id: str


def graph_from_keras(text: str) -> Graph:
    """The layers in ``text``, wired as it says, or else one after the other.

    Raises:
        EngineError: the text is no such code; names the line.
    """
    if len(text) > MAX_CHARACTERS:
        raise WiringError(f"The text has {len(text):,} characters.", "Paste a shorter one.")
    try:
        tree = ast.parse(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        where = f" in line {line}" if line else ""
        raise WiringError(f"The text is no Python code: it breaks off{where}.", _EXAMPLE) from error
    reader = _Reader()
    for statement in tree.body:
        try:
            reader.read(statement)
        except EngineError as error:
            what = f"Line {statement.lineno}: {error.what}"
            raise type(error)(what, error.fix) from error
        except RecursionError as error:
            raise WiringError(f"Line {statement.lineno} is nested too deeply.", _EXAMPLE) from error
    if not reader.graph.nodes:
        raise WiringError("The text names no layers.", _EXAMPLE)
    return reader.graph


class _Reader:
    """Goes through the statements and draws what they say."""

    def __init__(self) -> None:
        self.graph = Graph()
        self._last: str | None = None
        self._names: dict[str, Any] = {}
        # Where each layer object was drawn first: called again, it has the same weights.
        self._drawn: dict[int, str] = {}
        self._kept: list[_Written] = []

    def read(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Expr(value=value):
                self._place(self._value(value))
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._names[name] = self._value(value)
            case ast.Import() | ast.ImportFrom() | ast.Pass():
                pass
            case _:
                raise WiringError(
                    f"{_shown(statement)} is neither a layer nor a list of layers.", _EXAMPLE
                )

    def _place(self, value: Any) -> None:
        """Draw layers that stand for themselves, each behind the one before."""
        if isinstance(value, list | tuple):
            for each in value:
                self._place(each)
        elif isinstance(value, _Node):
            self._last = value.id
        elif isinstance(value, _Written):
            self._last = self._draw(value, [self._last] if self._last else [])

    def _draw(self, written: _Written, sources: list[str]) -> str:
        if len(self.graph.nodes) >= MAX_LAYERS:
            raise WiringError(f"The text has more than {MAX_LAYERS:,} layers.", "Paste a part.")
        if written.shape is not None and not sources:
            self.graph, start = self.graph.add(Input(shape=written.shape))
            sources = [start]
        first = self._drawn.get(id(written))
        layer = written.layer if first is None else Shared(of=first)
        self.graph, node = self.graph.add(layer, title=written.title)
        if first is None:
            self._drawn[id(written)] = node
            self._kept.append(written)
        for port, source in enumerate(sources):
            self.graph = self.graph.connect(Edge(source, node, port))
        return node

    def _value(self, tree: ast.expr) -> Any:
        """What an expression means: a constant, a name's last part, a layer, or a list of such."""
        match tree:
            case ast.Constant(value=value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                number = self._value(operand)
                if isinstance(number, int | float):
                    return -number
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                a, b = self._value(left), self._value(right)
                if _is_sane(a) and _is_sane(b) and b:
                    return _ARITHMETIC[type(op)](a, b)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return [self._value(part) for part in parts]
            case ast.Name(id=name) if name in self._names:
                return self._names[name]
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return name
            case ast.Call(func=ast.Call() as inner, args=[argument]):
                return self._applied(self._value(inner), self._value(argument))
            case ast.Call(func=ast.Name(id=name), args=[argument]) if isinstance(
                self._names.get(name), _Written
            ):
                return self._applied(self._names[name], self._value(argument))
            case ast.Call():
                return self._call(tree)
        raise WiringError(f"{_shown(tree)} is nothing that a layer can be given.", _EXAMPLE)

    def _applied(self, written: Any, argument: Any) -> _Node:
        """A layer called on the outputs of others, as in the functional form."""
        sources = argument if isinstance(argument, list) else [argument]
        if not isinstance(written, _Written) or not all(isinstance(s, _Node) for s in sources):
            raise WiringError(
                "A layer is called on something that is no output of a layer.",
                "Begin with x = Input(shape=...), then x = Dense(64)(x).",
            )
        return _Node(self._draw(written, [source.id for source in sources]))

    def _call(self, call: ast.Call) -> Any:
        name = _last_part(call.func)
        starred = any(isinstance(each, ast.Starred) for each in call.args)
        if starred or any(each.arg is None for each in call.keywords):
            raise WiringError(f"{_shown(call)} unpacks values.", "Write them out.")
        values = [self._value(each) for each in call.args]
        match call.func:
            case ast.Attribute(value=ast.Name(id=owner), attr=method) if owner in self._names:
                if method == "add":
                    self._place(values)
                return None  # compile, fit, summary and the like draw nothing
        if name in {"Sequential", "Model"}:
            self._place(values)
            return None
        keywords = {str(each.arg): self._value(each.value) for each in call.keywords}
        cls = _named(Layer, name)
        if cls is None:
            return _kind(name, values, keywords)
        nodes = values[0] if len(values) == 1 else None
        if isinstance(nodes, list) and nodes and all(isinstance(each, _Node) for each in nodes):
            # The function form of merging: add([a, b]).
            return self._applied(self._layer(cls, [], keywords), nodes)
        return self._layer(cls, values, keywords)

    def _layer(
        self, cls: type[Layer], values: list[Any], keywords: dict[str, Any]
    ) -> _Written | _Node:
        title, shape = str(keywords.pop("name", "") or ""), None
        # Keras' base class takes its own settings by name only.
        places = [each for each in cls.model_fields if each not in TrainableLayer.model_fields]
        settings = dict(zip(places, values, strict=False))
        for key, value in keywords.items():
            key = _RENAMED.get((cls.kind, key), _RENAMED.get(("", key), key))
            if key in {"input_shape", "batch_shape"} and cls is not Input:
                shape = _shape(value[1:] if key == "batch_shape" else value)
            elif key == "batch_shape":
                settings["shape"] = value[1:]
            elif key not in _IGNORED or key in cls.model_fields:
                settings[key] = value
        if len(values) > len(places):
            raise SettingError(
                f"{cls.kind} is given {len(values)} values.",
                f"It takes {len(places)}: {', '.join(places)}.",
            )
        written = _Written(cls.parse({"type": cls.kind, **settings}), title, shape)
        # Input is called on nothing: it is an output at once, in a list a layer like others.
        return _Node(self._draw(written, [])) if cls is Input else written


def _kind(name: str, values: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
    """A regularizer, initializer and the like as plain data, for its family to read."""
    cls = next((found for family in _FAMILIES if (found := _named(family, name))), None)
    if cls is None:
        raise SettingError(f"There is no layer or setting called {name[:60]!r}.", _EXAMPLE)
    # Keras' class begins with no penalty at all; ours with that of the string "l1_l2".
    unsaid = {"l1": 0.0, "l2": 0.0} if name == "L1L2" else {}
    given = dict(zip(cls.model_fields, values, strict=False))
    return {"type": cls.kind, **unsaid, **given, **_without(keywords, _IGNORED)}


def _named(family: type[Kind], name: str) -> type[Kind] | None:
    try:
        return family.kind_named(name)
    except SettingError:
        return None


def _without(settings: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in names}


def _is_sane(number: Any) -> bool:
    """Whether it is a number that a product cannot make too long to handle."""
    return isinstance(number, int | float) and abs(number) < LARGEST


def _last_part(tree: ast.expr) -> str:
    match tree:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    raise WiringError(f"{_shown(tree)} is no name of a layer.", _EXAMPLE)


def _shape(value: Any) -> Shape:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _shown(tree: ast.AST) -> str:
    text = ast.unparse(tree).strip().splitlines()[0]
    return text if len(text) <= 60 else f"{text[:57]}..."
