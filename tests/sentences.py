"""Lists what a user can read in the window: ``python tests/sentences.py`` prints all of it.

The sentences stay where they are used, beside the values that they name; this is the table
of them for whoever edits the wording.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).parents[1] / "app"


def sentences(root: Path = APP) -> Iterator[tuple[str, str]]:
    """Yield each text that may be shown, with its place ``file:line``; values as ``{…}``."""
    for file in sorted(root.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        hidden = set(_inside_or_unseen(tree))
        for node in ast.walk(tree):
            text = _text(node)
            if text is not None and id(node) not in hidden and _is_readable(text):
                yield f"{file.relative_to(root.parent)}:{getattr(node, 'lineno', 0)}", text


def _inside_or_unseen(tree: ast.AST) -> Iterator[int]:
    """Yield the ids of docstrings, and of the pieces of larger texts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield id(node.value)
        if isinstance(node, ast.JoinedStr):
            yield from (id(each) for each in ast.walk(node) if each is not node)


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        pieces = (each.value if isinstance(each, ast.Constant) else "{…}" for each in node.values)
        return "".join(str(each) for each in pieces)
    return None


def _is_readable(text: str) -> bool:
    return " " in text.strip() or (text[:1].isupper() and not text.isupper())


if __name__ == "__main__":
    for place, text in sentences():
        print(f"{place}: {text!r}")  # noqa: T201
