"""Nodes and edges, and how they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.errors import SettingError, WiringError
from engine.layers import Layer
from engine.spec import short_text

MAX_NAME = 200


class Edge(NamedTuple):
    """Data flows from the output of ``source`` into input ``port`` of ``target``."""

    source: str
    target: str
    port: int = 0


@dataclass(frozen=True)
class UnknownLayer:
    """A layer of a type that this version does not know; kept as it was read."""

    kind: str
    raw: Any

    def to_json(self) -> Any:
        return self.raw


@dataclass(frozen=True)
class Node:
    """One layer at one place of the graph.

    Attributes:
        id: unique in the graph and never changed; weights are named after it.
        title: what the user calls it; empty shows the layer's type.
        bypassed: whether it hands on what comes in by its first wire, in place of computing.
    """

    id: str
    layer: Layer | UnknownLayer
    title: str = ""
    bypassed: bool = False

    @property
    def name(self) -> str:
        return self.title or self.id

    def to_json(self) -> dict[str, Any]:
        """Plain data that :func:`read_node` reads back."""
        return {
            "layer": self.layer.to_json(),
            **({"title": self.title} if self.title else {}),
            **({"bypassed": True} if self.bypassed else {}),
        }


def read_node(id: Any, data: Any) -> Node:
    """A node from untrusted plain data; a layer of an unknown type is kept as it is.

    Raises:
        WiringError, SettingError: what is wrong with it.
    """
    check_id(id)
    if not isinstance(data, dict) or "layer" not in data:
        raise WiringError(
            f'Node {id!r} has no "layer".', "Correct the file, or open another.", node=id
        )
    raw = data["layer"]
    kind = raw if isinstance(raw, str) else raw.get("type") if isinstance(raw, dict) else None
    if not _is_name(kind):
        raise WiringError(f"Node {id!r} has no layer type.", "Correct the file.", node=id)
    assert isinstance(kind, str)
    title = data.get("title", "")
    check_title(title, id)
    bypassed = data.get("bypassed", False)
    if not isinstance(bypassed, bool):
        what = f"Node {id!r} has {short_text(bypassed)} for bypassed."
        raise WiringError(what, "Write true or false.", node=id)
    try:
        Layer.kind_named(kind)
    except SettingError:
        return Node(id, UnknownLayer(kind, raw), title, bypassed)
    try:
        return Node(id, Layer.parse(raw), title, bypassed)
    except SettingError as error:
        raise SettingError(f"Node {id!r}: {error.what}", error.fix, node=id) from error


def check_id(id: Any) -> None:
    """Refuse what no project file could be opened with again.

    Raises:
        WiringError: it cannot be the id of a node.
    """
    if not _is_name(id) or not id or "/" in id:
        raise WiringError(
            f"{short_text(id)} cannot be the name of a node.",
            f'A name is a text of up to {MAX_NAME} characters without "/".',
        )


def check_title(title: Any, id: str) -> None:
    """Refuse a title that is no text, or too long.

    Raises:
        WiringError: it cannot be the title of node ``id``.
    """
    if not _is_name(title):
        raise WiringError(
            f"Node {id!r} has {short_text(title)} for a title.",
            f"A title is a text of up to {MAX_NAME} characters.",
            node=id,
        )


def _is_name(value: object) -> bool:
    """Whether it is a text of a sane length that can be written to a file again."""
    if not isinstance(value, str) or len(value) > MAX_NAME:
        return False
    return value.encode(errors="ignore").decode() == value


def read_edge(data: Any) -> Edge:
    """An edge from untrusted plain data.

    Raises:
        WiringError: it is none.
    """
    match data:
        case [str(source), str(target), int(port)] if not isinstance(port, bool):
            return Edge(source, target, port)
    raise WiringError(
        f"{short_text(data)} is not an edge.", "An edge is a source, a target and a port."
    )
