"""A group: several layers that are used as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import PlainValidator, model_serializer

from engine.activations import Activation
from engine.arrays import Shape, shape_text
from engine.errors import SettingError, ShapeError, WiringError
from engine.graph.graph import MAX_NODES, Graph
from engine.graph.node import Edge, Node
from engine.layers import Input, Layer
from engine.layers.base import WeightSpec, layer
from engine.spec import setting

_Passed = tuple[Shape, dict[str, WeightSpec], int]

MAX_DEPTH = 12
"""How deep groups may lie in groups; a file that asks for more would exhaust the stack."""

_depth: ContextVar[int] = ContextVar("depth", default=0)


@contextmanager
def _one_deeper() -> Iterator[None]:
    depth = _depth.get() + 1
    if depth > MAX_DEPTH:
        raise WiringError(f"Groups are nested more than {MAX_DEPTH} deep.", "Ungroup some of them.")
    _depth.set(depth)
    try:
        yield
    finally:
        _depth.set(depth - 1)


def _read_body(value: Any) -> Graph:
    if isinstance(value, Graph):
        return value
    try:
        with _one_deeper():
            return Graph.from_json(value)
    except WiringError as error:
        # What is wrong with a setting is told as such, whoever reads it.
        raise SettingError(error.what, error.fix) from error


Body = Annotated[Graph, PlainValidator(_read_body)]


class _Ports:
    """The arity: of a group as many inputs as it has Inputs inside, of groups in general any."""

    def __get__(self, group: Group | None, owner: type[Group]) -> tuple[int, int | None]:
        if group is None:
            return 1, None
        return len(group.body.inputs), len(group.body.inputs)


@layer(category="Structure")
class Group(Layer, arbitrary_types_allowed=True):
    """Layers that are used as one, like a nested model in Keras.

    The Inputs in it are its ports, in the order of their creation; whatever shape they are drawn
    with, they take what arrives. What its one output gives is what the group gives. Repeated, the
    group follows itself, each time with weights of its own.
    """

    offered = False
    arity: ClassVar[Any] = _Ports()

    body: Body = setting(Graph(), label="Layers", help="What is inside.", hidden=True)
    repeat: int = setting(
        1,
        ge=1,
        le=1000,
        unit="times",
        label="Repeat",
        help="How many copies are chained, each with its own weights.",
    )

    @model_serializer(mode="plain")
    def _with_kind(self) -> Any:
        return {"type": self.kind, "body": self.body.to_json(), "repeat": self.repeat}

    @property
    def brief(self) -> str:
        once = self.size // self.repeat
        layers = f"{once} layer{'s'[: once != 1]}"
        return layers if self.repeat == 1 else f"{layers} × {self.repeat}"

    @property
    def size(self) -> int:
        """How many layers it stands for, those of groups in it and of repeats included."""
        inside = 0
        for node in self.body.nodes.values():
            if not isinstance(node.layer, Input):
                inside += node.layer.size if isinstance(node.layer, Group) else 1
        return inside * self.repeat

    @property
    def applied_activation(self) -> Activation | None:
        """That of the layer whose output leaves."""
        outputs = self.body.outputs
        last = None
        if len(outputs) == 1:
            last = self.body.layer_of(self.body.computing(outputs[0]))
        return last.applied_activation if isinstance(last, Layer) else None

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self._check()
        shape = self._passed(inputs)[0]
        if self.repeat > 1 and inputs != (shape,):
            raise ShapeError(
                f"It turns {' and '.join(map(shape_text, inputs))} into {shape_text(shape)}, "
                f"so that it cannot follow itself {self.repeat} times.",
                "Set its repeat to 1, or let it keep the shape of its one input.",
            )
        return shape

    def weights(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        inside = self._passed(inputs)[1]
        if self.repeat == 1:
            return inside
        return {
            f"{n + 1}/{name}": spec for n in range(self.repeat) for name, spec in inside.items()
        }

    def weight_specs(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        return self.weights(inputs)  # what is frozen is so inside

    def multiply_adds(self, inputs: tuple[Shape, ...]) -> int:
        return self.repeat * self._passed(inputs)[2]

    def taking(self, inputs: tuple[Shape | None, ...]) -> Graph:
        """What is inside, its Inputs of the shapes that arrive; None leaves one as it is drawn.

        The same shapes give the same object, so that what is known of it can be kept.
        """
        if inputs not in self._taking:
            body = self.body
            # Fewer wires than Inputs: the rest is as drawn.
            for id, shape in zip(body.inputs, inputs, strict=False):
                layer = body.nodes[id].layer
                assert isinstance(layer, Input)
                if shape is not None and layer.shape != shape:
                    body = body.change(id, layer=layer.changed(shape=shape))
            self._taking[inputs] = body
        return self._taking[inputs]

    def as_drawn(self, inputs: tuple[Shape | None, ...], changed: Graph) -> Graph:
        """What :meth:`taking` gave, after an edit, with the Inputs that it left as they were."""
        taken = self.taking(inputs)
        if changed is taken or taken is self.body:
            return self.body if changed is taken else changed
        nodes = dict(changed.nodes)
        for id in taken.inputs:
            node: Node | None = nodes.get(id)
            if node is not None and node is taken.nodes[id]:
                nodes[id] = self.body.nodes[id]
        return Graph(MappingProxyType(nodes), changed.edges)

    @cached_property
    def notes(self) -> dict[Any, Any]:
        """What others have worked out about it, who know what arrives."""
        return {}

    @cached_property
    def _taking(self) -> dict[tuple[Shape | None, ...], Graph]:
        return {}

    def _check(self) -> None:
        outputs = self.body.outputs
        if len(outputs) != 1:
            raise ShapeError(
                f"Its layers have {len(outputs)} outputs; a group has one.",
                "Ungroup it, and connect the open ends.",
            )
        if self.size > MAX_NODES:
            raise ShapeError(
                f"It stands for {self.size:,} layers; {MAX_NODES:,} are possible.",
                "Repeat it less often.",
            )

    @cached_property
    def _known(self) -> dict[tuple[Shape, ...], _Passed]:
        return {}

    def _passed(self, inputs: tuple[Shape, ...]) -> _Passed:
        """Shapes sent through: what leaves, the weights inside, and the multiply-adds."""
        # Groups in groups would otherwise be asked three times as often with each level.
        if inputs not in self._known:
            self._known[inputs] = self._pass_through(inputs)
        return self._known[inputs]

    def _pass_through(self, inputs: tuple[Shape, ...]) -> _Passed:
        body = self.body
        shapes = dict(zip(body.inputs, inputs, strict=True))
        found: dict[str, WeightSpec] = {}
        work = 0
        for id in body.order:
            if id in shapes:
                continue
            node, layer = body.nodes[id], body.layer_of(id)
            sources = tuple(shapes[edge.source] for edge in body.into[id])
            if node.bypassed and sources:
                shapes[id] = sources[0]
                continue
            if not isinstance(layer, Layer):
                raise ShapeError(
                    f"{node.name} in it is a {layer.kind}, which this version does not know.",
                    "Ungroup it and replace that layer.",
                )
            least, most = layer.arity
            if len(sources) < least or (most is not None and len(sources) > most):
                raise ShapeError(
                    f"{node.name} in it has {len(sources)} inputs and needs {least}.",
                    "Ungroup it and wire that layer.",
                )
            try:
                shapes[id] = layer.output_shape(sources)
                work += layer.multiply_adds(sources)
                if layer is node.layer:  # a shared one has none of its own
                    specs = layer.weight_specs(sources)
                    found |= {f"{id}/{name}": spec for name, spec in specs.items()}
            except ShapeError as error:
                what = f"{node.name} in it: {error.what}"
                raise ShapeError(what, error.fix, needs=error.needs) from error
        return shapes[body.outputs[0]], found, work


def depth_of(graph: Graph) -> int:
    """How deep groups lie in groups; 0 where there are none."""
    layers = (node.layer for node in graph.nodes.values())
    return max((1 + depth_of(each.body) for each in layers if isinstance(each, Group)), default=0)


def body_at(graph: Graph, level: Sequence[str]) -> Graph | None:
    """What lies in a group that lies in others, as it is drawn; None if there is no such group."""
    for id in level:
        layer = graph.nodes[id].layer if id in graph.nodes else None
        if not isinstance(layer, Group):
            return None
        graph = layer.body
    return graph


def names_along(graph: Graph, path: Sequence[str]) -> list[str]:
    """What the user calls the groups on the way to a node, and the node; ids where they end."""
    names = []
    for id in path:
        node = graph.nodes.get(id)
        names.append(id if node is None else node.name)
        graph = node.layer.body if node is not None and isinstance(node.layer, Group) else Graph()
    return names


def with_body(graph: Graph, id: str, body: Graph) -> Graph:
    """The graph with something else inside a group; the group's wires follow its Inputs.

    Wires to Inputs that are gone are cut; where all stay, so do the wires.
    """
    node = graph.nodes[id]
    assert isinstance(node.layer, Group)
    old = node.layer.body
    if body is old:
        return graph
    nodes = {**graph.nodes, id: replace(node, layer=node.layer.changed(body=body))}
    edges = graph.edges
    if old.inputs != body.inputs:
        place = {name: port for port, name in enumerate(body.inputs)}
        new = {port: place.get(name) for port, name in enumerate(old.inputs)}
        more = len(body.inputs) - len(old.inputs)  # wires beyond the last port stay beyond it
        moved = (
            edge if edge.target != id else _at_port(edge, new.get(edge.port, edge.port + more))
            for edge in edges
        )
        edges = tuple(edge for edge in moved if edge is not None)
    return Graph(MappingProxyType(nodes), edges)


def _at_port(edge: Edge, port: int | None) -> Edge | None:
    return None if port is None else edge._replace(port=port)
