"""What expressions of a text mean: numbers, layers, models, and what only running could tell."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.arrays import Shape
from engine.errors import EngineError
from engine.layers import Layer

EXAMPLE = 'Write for example Dense(64, activation="relu"), one layer after the other.'
LARGEST = 1e12
_LONGEST = 60

# No powers: their numbers could fill the memory.
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


@dataclass(frozen=True)
class Unknown:
    """What only running the code could tell."""

    text: str
    line: int


@dataclass(frozen=True)
class Symbol:
    """A name that the text does not define: a class, or a function such as ``tf.nn.relu``."""

    name: str
    text: str
    line: int


@dataclass(frozen=True)
class Call:
    """A call of something that is no layer: ``l2(0.01)``, ``Adam(0.1)``, ``EarlyStopping()``."""

    name: str
    values: tuple[Any, ...]
    keywords: dict[str, Any]
    text: str
    line: int


@dataclass(eq=False)
class Written:
    """A layer as the text has it, before it stands in the graph."""

    layer: Layer
    line: int
    title: str = ""
    shape: Shape | None = None


@dataclass(frozen=True)
class Output:
    """The output of a node of the graph, which further layers can be called on."""

    id: str


@dataclass(eq=False)
class Model:
    """Layers one after the other, or, where ``ends`` is set, a network that is drawn already."""

    line: int
    items: list[Any] = field(default_factory=list)
    ends: list[Output] | None = None
    shape: Shape | None = None


def arithmetic(op: ast.operator, a: Any, b: Any) -> Any:
    """Return what an operator makes of two numbers or two lists; None where it makes nothing."""
    if isinstance(op, ast.Add) and isinstance(a, list) and isinstance(b, list):
        return a + b
    if type(op) not in _ARITHMETIC or not _is_sane(a) or not _is_sane(b):
        return None
    if not b and not isinstance(op, ast.Add | ast.Sub | ast.Mult):
        return None
    found = _ARITHMETIC[type(op)](a, b)
    return found if _is_sane(found) else None


def shown(tree: ast.AST) -> str:
    """Return the code of a part of the text, cut where it is long."""
    text = ast.unparse(tree).strip().splitlines()[0]
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def last_part(tree: ast.expr) -> str:
    """Return what a call is called: ``Dense`` of ``keras.layers.Dense``; "" for nothing."""
    match tree:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def first_part(tree: ast.expr) -> str:
    """Return the module or object that a name begins with: ``keras`` of ``keras.layers.Dense``."""
    while isinstance(tree, ast.Attribute):
        tree = tree.value
    return tree.id if isinstance(tree, ast.Name) else ""


def at_line(error: EngineError, line: int) -> EngineError:
    """Return the error with the line that it is about, unless it names one already."""
    if error.what.startswith("Line "):
        return error
    return type(error)(f"Line {line}: {error.what}", error.fix)


def _is_sane(number: Any) -> bool:
    """Whether it is a number that a product cannot make too long to handle."""
    return isinstance(number, int | float) and abs(number) < LARGEST
