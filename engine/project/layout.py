"""JSON that people can read and compare line by line."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 96
# Made once: json.dumps makes one for every value.
_flat = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def to_lines(value: Any) -> str:
    """The value as JSON text: what fits on a line stands on one, the rest is indented.

    Keys keep their order, so that a small change makes a small difference.
    """
    return f"{_text(value, '', 0)}\n"


def _text(value: Any, indent: str, used: int) -> str:
    if not isinstance(value, dict | list | tuple) or _is_leaf(value):
        flat = _flat(value)
        if len(indent) + used + len(flat) <= WIDTH or not isinstance(value, dict | list | tuple):
            return flat
    inner = f"{indent}  "
    if isinstance(value, dict):
        keys = [_flat(str(key)) for key in value]
        parts = [
            f"{key}: {_text(each, inner, len(key) + 3)}"
            for key, each in zip(keys, value.values(), strict=True)
        ]
        opening, closing = "{", "}"
    else:
        parts = [_text(each, inner, 1) for each in value]
        opening, closing = "[", "]"
    body = f",\n{inner}".join(parts)
    return f"{opening}\n{inner}{body}\n{indent}{closing}"


def _is_leaf(value: Any) -> bool:
    """Whether nothing in it has a structure of its own, so that one line stays readable."""
    inside = value.values() if isinstance(value, dict) else value
    return not any(isinstance(each, dict | list | tuple) and each for each in inside)
