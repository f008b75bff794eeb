"""The statements of a text, one after the other."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import EngineError, WiringError
from engine.graph import Graph
from engine.keras_text.arguments import layer_class
from engine.keras_text.expressions import Expressions
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
    last_part,
    shown,
)

MAX_CHARACTERS = 200_000
MAX_STEPS = 20_000
"""So many statements are read, those of loops and functions each time."""
_NAMED = 4
"""So many skipped lines are named, and more of them counted."""
_MAGIC = re.compile(r"^\s*[%!?].*$", re.M)
_PROMPT = re.compile(r"^\s*(?:>>>|\.\.\.) ?", re.M)


@dataclass(frozen=True)
class KerasText:
    """What a text says.

    Attributes:
        graph: the layers, wired as the text says, or else one after the other.
        plan: what it says of training.
        words: what was skipped or read freely, in sentences.
    """

    graph: Graph
    plan: PlanText
    words: tuple[str, ...] = ()


def graph_from_keras(text: str) -> Graph:
    """Return the layers in ``text``, wired as it says, or else one after the other.

    Raises:
        EngineError: the text names no layers, or they cannot be drawn; names the line.
    """
    graph = read_keras(text).graph
    if not graph.nodes:
        raise WiringError("The text names no layers.", EXAMPLE)
    return graph


def read_keras(text: str) -> KerasText:
    """Return the layers in ``text`` and what it says of training.

    Statements that are neither are skipped, with a word about which.

    Raises:
        EngineError: the text is no such code, or what it says of layers cannot be honored;
            names the line.
    """
    if len(text) > MAX_CHARACTERS:
        raise WiringError(f"The text has {len(text):,} characters.", "Paste a shorter one.")
    reader = _Reader()
    reader.read_all(_parsed(text))
    if not reader.values.graph.nodes and not reader.values.plan:
        raise WiringError("The text names no layers.", EXAMPLE)
    return KerasText(reader.values.graph, reader.values.plan, tuple(reader.words()))


def _parsed(text: str) -> list[ast.stmt]:
    text = textwrap.dedent(text.removeprefix("\ufeff").expandtabs())
    if ">>> " in text:
        text = _PROMPT.sub("", text)
    text = _MAGIC.sub("", text)
    # Layers cut out of a list: the brackets around them are missing.
    problems: list[Exception] = []
    for attempt in (text.rstrip(), f"[{text.rstrip()}\n]"):
        try:
            return ast.parse(attempt).body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            problems.append(error)
    line = getattr(problems[0], "lineno", None)
    where = f" in line {line}" if line else ""
    raise WiringError(f"The text is not valid Python: it stops{where}.", EXAMPLE) from problems[0]


@dataclass
class _Reader:
    """Goes through the statements and draws what they say."""

    values: Expressions = field(default_factory=Expressions)
    _skipped: dict[int, str] = field(default_factory=dict)
    _loose: Model | None = None
    _steps: int = 0
    _depth: int = 0
    _functions: list[ast.FunctionDef] = field(default_factory=list)
    _called: set[str] = field(default_factory=set)
    _waiting: dict[str, tuple[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values.call_function = self._call_function

    def read_all(self, body: Sequence[ast.stmt]) -> None:
        """Read the statements of the text, and draw the models that they made."""
        self._read_body(body)
        for function in self._functions:
            if not self.values.graph.nodes and not self.values.models:
                self._in_line(function.lineno, self._inlined, function, [], {})
            elif function.name not in self._called:
                self._skipped[function.lineno] = f"def {function.name}"
        for name, (line, text) in self._waiting.items():
            if name not in self.values.used:
                self._skipped[line] = text
        for model in list(self.values.models):
            if model.ends is None and (model.items or model.shape):
                self._in_line(model.line, self.values.drawer.model, model)

    def words(self) -> Iterator[str]:
        """Sentences about what was skipped or read freely."""
        if self._skipped:
            lines = sorted(self._skipped)
            texts = "; ".join(self._skipped[line] for line in lines[:_NAMED])
            more = f"; and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
            word = "line" if len(lines) == 1 else "lines"
            yield f"Skipped {word} {_ranges(lines)}: {texts}{more}."
        yield from self.values.words
        yield from self.values.plan.words

    def _read_body(self, body: Sequence[ast.stmt]) -> Any:
        """Read statements; what a ``return`` among them gives."""
        for statement in body:
            self._steps += 1
            if self._steps > MAX_STEPS:
                raise WiringError("The text has too many steps.", "Paste a part.")
            if isinstance(statement, ast.Return):
                if statement.value is None:
                    return None
                return self._in_line(statement.lineno, self.values.value, statement.value)
            found = self._in_line(statement.lineno, self._read, statement)
            if found is not None:
                return found
        return None

    def _in_line(self, line: int, work: Callable[..., Any], *what: Any) -> Any:
        """Do something, and name the line where it cannot be done."""
        try:
            return work(*what)
        except EngineError as error:
            raise at_line(error, line) from error
        except RecursionError as error:
            raise WiringError(f"Line {line} is nested too deeply.", EXAMPLE) from error

    def _read(self, statement: ast.stmt) -> Any:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                pass  # a comment in quotes
            case ast.Expr(value=value):
                self._place(statement, self.values.value(value))
            case ast.Assign(targets=targets, value=value):
                found = self.values.value(value)
                for target in targets:
                    self._bind(statement, target, found)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(statement, target, self.values.value(value))
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                before, by = self.values.names.get(name), self.values.value(value)
                made = arithmetic(op, before, by)
                unknown = Unknown(shown(statement), statement.lineno)
                self.values.names[name] = unknown if made is None else made
            case ast.With(body=body):
                return self._read_body(body)
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__")), body=body):
                return self._read_body(body)
            case ast.For() if _matters(statement):
                return self._repeat(statement)
            case ast.FunctionDef() if _matters(statement):
                self.values.names[statement.name] = statement
                self._functions.append(statement)
            case ast.Import() | ast.ImportFrom() | ast.Pass():
                pass
            case _ if _matters(statement):
                raise WiringError(
                    f"{shown(statement)} is neither a layer nor a list of layers.", EXAMPLE
                )
            case _:
                self._forget(statement)
                self._skip(statement)
        return None

    def _skip(self, statement: ast.stmt) -> None:
        if not self._depth:
            self._skipped[statement.lineno] = shown(statement)

    def _forget(self, statement: ast.stmt) -> None:
        """What a skipped statement gives a name is not known any more."""
        for each in ast.walk(statement):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                self.values.names[each.id] = Unknown(shown(statement), statement.lineno)

    def _place(self, statement: ast.Expr, value: Any) -> None:
        """Draw layers that stand for themselves, each behind the one before."""
        match value:
            case Written() | list() | Symbol():
                if isinstance(value, Symbol) and layer_class(value.name) is None:
                    self._skip(statement)
                    return
                if self._loose is None:
                    self._loose = Model(statement.lineno)
                    self.values.models.append(self._loose)
                self.values.add(self._loose, value)
            case Output():
                if self._loose is not None:
                    self.values.add(self._loose, value)
            case Call() if value.name[:1].isupper() and not _is_plan(value.name):
                self.values.add(Model(statement.lineno), value)  # which says why it is none
            case Call() | Unknown():
                if _names_layers(statement.value):
                    raise WiringError(
                        f"{shown(statement)} is neither a layer nor a list of layers.", EXAMPLE
                    )
                if last_part_of(statement.value) not in METHODS:
                    self._skip(statement)

    def _bind(self, statement: ast.stmt, target: ast.expr, value: Any) -> None:
        match target:
            case ast.Name(id=name):
                self.values.names[name] = value
                if isinstance(value, Unknown) and not _is_training(statement):
                    self._skip(statement)
                elif _holds_layers(value) and not self._depth:
                    self._waiting[name] = statement.lineno, shown(statement)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                values = value if isinstance(value, list) and len(value) == len(parts) else None
                for i, part in enumerate(parts):
                    unknown = Unknown(shown(statement), statement.lineno)
                    self._bind(statement, part, values[i] if values else unknown)
            case ast.Attribute(value=ast.Name(id=owner), attr="trainable"):
                found = self.values.names.get(owner)
                if not isinstance(found, Written | Model) or not isinstance(value, bool):
                    raise WiringError(
                        f"{shown(statement)} freezes layers that the text does not draw.",
                        "Write trainable=False in the layer itself.",
                    )
                self.values.drawer.set_trainable(found, value)
            case _:
                if _matters(statement):
                    raise WiringError(f"{shown(statement)} cannot be drawn.", EXAMPLE)
                self._skip(statement)

    def _repeat(self, loop: ast.For) -> Any:
        turns = self._turns(loop.iter)
        if turns is None or loop.orelse:
            raise WiringError(
                f"{shown(loop)} repeats layers, and only running it could tell how often.",
                "Write the layers out.",
            )
        for turn in turns:
            self._bind(loop, loop.target, turn)
            found = self._read_body(loop.body)
            if found is not None:
                return found
        return None

    def _turns(self, tree: ast.expr) -> Sequence[Any] | None:
        if isinstance(tree, ast.Call) and last_part(tree.func) == "range" and not tree.keywords:
            limits = [self.values.value(each) for each in tree.args]
            whole = all(isinstance(each, int) and abs(each) <= MAX_STEPS for each in limits)
            if not whole or not 1 <= len(limits) <= 3 or (len(limits) == 3 and not limits[2]):
                return None
            return range(*limits)
        found = self.values.value(tree)
        return found if isinstance(found, list) else None

    def _call_function(self, call: ast.Call) -> Any:
        function = self.values.names[last_part(call.func)]
        assert isinstance(function, ast.FunctionDef)
        self._called.add(function.name)
        values = [self.values.value(each) for each in call.args]
        keywords = {str(each.arg): self.values.value(each.value) for each in call.keywords}
        return self._inlined(function, values, keywords)

    def _inlined(
        self, function: ast.FunctionDef, values: list[Any], keywords: dict[str, Any]
    ) -> Any:
        """Read the body of a function with its arguments put in; what it returns."""
        names = [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]
        defaults = [*function.args.defaults]
        given: dict[str, Any] = {name: Unknown(name, function.lineno) for name in names}
        last = [each.arg for each in function.args.args][len(function.args.args) - len(defaults) :]
        given |= {n: self.values.value(tree) for n, tree in zip(last, defaults, strict=True)}
        given |= {
            each.arg: self.values.value(tree)
            for each, tree in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
            if tree is not None
        }
        given |= dict(zip(names, values, strict=False)) | keywords
        if self._depth > 20:
            raise WiringError(f"{function.name} calls itself too often.", "Write it out.")
        outside, self.values.names = self.values.names, {**self.values.names, **given}
        self._depth += 1
        try:
            return self._read_body(function.body)
        finally:
            self.values.names = outside
            self._depth -= 1


def last_part_of(tree: ast.expr) -> str:
    """The method or function that an expression calls."""
    return last_part(tree.func) if isinstance(tree, ast.Call) else ""


def _is_training(statement: ast.stmt) -> bool:
    value = getattr(statement, "value", None)
    return isinstance(value, ast.Call) and last_part(value.func) in METHODS


def _holds_layers(value: Any) -> bool:
    """Whether a value would be missed if no model had it: layers, known or not."""
    if isinstance(value, list):
        return any(map(_holds_layers, value))
    return isinstance(value, Written) or (isinstance(value, Call) and value.name[:1].isupper())


def _is_plan(name: str) -> bool:
    return bool(re.search(r"Stopping|Plateau|Checkpoint|Scheduler|Board|Logger|Callback", name))


def _matters(statement: ast.stmt) -> bool:
    """Whether skipping a statement would leave out layers, training, or what is frozen."""
    for each in ast.walk(statement):
        if isinstance(each, ast.Call):
            name = last_part(each.func)
            is_method = isinstance(each.func, ast.Attribute)
            if name == "Sequential" or (is_method and name in {"add", *METHODS}):
                return True
        match each:
            case ast.Attribute(attr="trainable", ctx=ast.Store()):
                return True
    return _names_layers(statement)


def _names_layers(tree: ast.AST) -> bool:
    """Whether a layer is called somewhere in a part of the text."""
    return any(
        isinstance(each, ast.Call) and layer_class(last_part(each.func)) is not None
        for each in ast.walk(tree)
    )


def _ranges(lines: list[int]) -> str:
    """``1, 4–6`` for 1, 4, 5, 6."""
    found: list[list[int]] = []
    for line in lines:
        if found and line == found[-1][-1] + 1:
            found[-1].append(line)
        else:
            found.append([line])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in found)
