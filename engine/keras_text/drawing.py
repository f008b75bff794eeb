"""Layers of a text put into a graph."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import WiringError
from engine.graph import Edge, Graph
from engine.keras_text.values import Model, Output, Written
from engine.layers import Input, Shared

MAX_LAYERS = 2_000


class Drawer:
    """Draws layers; one that is called again shares the weights of the first time."""

    def __init__(self) -> None:
        self.graph = Graph()
        # Written compares by identity: each layer of the text is a key of its own.
        self._first: dict[Written, str] = {}
        self._drawn: dict[Model, Output] = {}

    def call(self, called: Written | Model, inputs: Sequence[Output]) -> Output:
        """Draw a layer or model behind the outputs that it is called on, and return its own.

        Raises:
            WiringError: too many layers, or a drawn network is called on other inputs.
        """
        if isinstance(called, Written):
            return Output(self._layer(called, [each.id for each in inputs]))
        if called.ends is not None:
            raise WiringError(
                "A model of outputs is called on other outputs.", "Write out its layers again."
            )
        return self._chain(called, list(inputs))

    def model(self, model: Model) -> None:
        """Draw a model by itself."""
        if model.items and model not in self._drawn:
            self._drawn[model] = self._chain(model, [])

    def end_of(self, model: Model) -> Output:
        """Return the output of a model, which is drawn if it was not.

        Raises:
            WiringError: it has no layers, or several outputs.
        """
        if model.ends is not None and len(model.ends) == 1:
            return model.ends[0]
        self.model(model)
        if model not in self._drawn:
            raise WiringError("The model has no single output.", "Write its layers out.")
        return self._drawn[model]

    def set_trainable(self, model: Model | Written, trainable: bool) -> None:
        """Freeze or free the layers of a model, drawn or not."""
        if isinstance(model, Written):
            if "trainable" in type(model.layer).model_fields:
                model.layer = model.layer.changed(trainable=trainable)
            if model in self._first:
                self.graph = self.graph.change(self._first[model], layer=model.layer)
            return
        for each in model.items:
            if isinstance(each, Written | Model):
                self.set_trainable(each, trainable)

    def _chain(self, model: Model, last: list[Output]) -> Output:
        if not last and model.shape is not None and not self._begins(model):
            last = [self.call(Written(Input(shape=model.shape), model.line), [])]
        for each in model.items:
            if isinstance(each, Output):
                if last and not isinstance(self.graph.nodes[each.id].layer, Input):
                    raise WiringError("An output stands among the layers of a list.", _ONE_FORM)
                if last:
                    continue  # an Input in the middle says only what shape arrives there
                last = [each]
            elif isinstance(each, Model) and not last:
                last = [self.end_of(each)]
            else:
                last = [self.call(each, last)]
        if not last:
            raise WiringError("A model has no layers.", "Add some, or remove it.")
        return last[0]

    def _begins(self, model: Model) -> bool:
        first = model.items[0] if model.items else None
        return isinstance(first, Output | Model) or (
            isinstance(first, Written) and first.shape is not None
        )

    def _layer(self, written: Written, sources: list[str]) -> str:
        if len(self.graph.nodes) >= MAX_LAYERS:
            raise WiringError(f"The text has more than {MAX_LAYERS:,} layers.", "Paste a part.")
        if written.shape is not None and not sources:
            self.graph, start = self.graph.add(Input(shape=written.shape))
            sources = [start]
        first = self._first.get(written)
        layer = written.layer if first is None else Shared(of=first)
        self.graph, node = self.graph.add(layer, title=written.title)
        self._first.setdefault(written, node)
        for port, source in enumerate(sources):
            self.graph = self.graph.connect(Edge(source, node, port))
        return node


_ONE_FORM = "Use one form: a list of layers, or x = Dense(64)(x)."
