"""Exported models take raw data and do what the engine does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import polars as pl
import pytest

from engine.data import Targets
from engine.data.preprocessing import CategoryColumn, NumberColumn, Preprocessing
from engine.data.samples import Column, Samples
from engine.errors import ExportError
from engine.exporting import export_onnx, onnx_export
from engine.exporting.onnx_export import to_onnx
from engine.exporting.verification import Verification, verify
from engine.graph import Edge, Graph
from engine.layers import Activation, Dense, Flatten, Input, Layer
from engine.losses import BinaryCrossentropy, SparseCategoricalCrossentropy
from engine.network import Network

PICTURES = Preprocessing(kind="picture", input_shape=(4, 4, 1), scale=(1 / 16,))
THREE = Targets(task="classification", classes=("ant", "bee", "cat"), names=("animal",))
TABLE = Preprocessing(
    kind="table",
    numbers=(
        NumberColumn(name="age", fill=30.0, offset=30.0, scale=0.1),
        NumberColumn(name="member", kind="boolean", fill=0.0),
    ),
    categories=(
        CategoryColumn(name="city", values=("Oslo", "Paris")),
        CategoryColumn(name="label", values=("x", "y", "z")),
    ),
)


def shaken(graph: Graph, seed: int = 0) -> Network:
    """A network none of whose weights is zero: a forgotten bias would hide there."""
    network, rng = Network(graph, seed), np.random.default_rng(seed)
    network.load_weights(
        {name: rng.normal(0, 0.5, w.shape).astype(w.dtype) for name, w in network.weights.items()}
    )
    return network


def classifier(shape: tuple[int, ...], units: int = 3, activation: str = "softmax") -> Network:
    layers: list[Layer] = [Flatten()] if len(shape) > 1 else []
    layers += [Dense(units=5, activation="relu"), Dense(units=units, activation=activation)]
    return shaken(Graph.sequential(shape, layers))


def run(path: Path, feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(str(path))
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(None, feeds), strict=True))


def table(ages: list[float | None], cities: list[str | None]) -> Samples:
    frame = pl.DataFrame(
        {
            "age": pl.Series(ages, dtype=pl.Float64),
            "member": [True, False, None][: len(ages)],
            "city": pl.Series(cities, dtype=pl.String),
            "label": ["z"] * len(ages),
        }
    )
    return Samples(
        kind="table",
        y=np.zeros(len(ages), np.int64),
        task="classification",
        classes=THREE.classes,
        table=frame,
        columns=(
            Column("age", "number"),
            Column("member", "boolean"),
            Column("city", "category"),
            Column("label", "category"),
        ),
    )


def test_pictures_go_in_raw_and_class_names_come_out(tmp_path: Path) -> None:
    network = classifier((4, 4, 1))
    raw = np.random.default_rng(0).integers(0, 17, (9, 4, 4, 1)).astype(np.uint8)
    report = export_onnx(
        network, tmp_path / "m.onnx", preprocessing=PICTURES, targets=THREE, verify_on=raw
    )
    found = run(report.path, {"pictures": raw.astype(np.float32)})
    expected = network.predict(PICTURES.apply(raw))
    np.testing.assert_allclose(found["probabilities"], expected, atol=1e-6)
    assert list(found["label"]) == [THREE.classes[i] for i in expected.argmax(axis=1)]
    assert report.verification.samples == 9
    assert report.verification.largest_difference <= 1e-5
    assert report.inputs == ("pictures (N × 4 × 4 × 1)",)
    assert report.bytes == report.path.stat().st_size


def test_a_table_with_gaps_and_unseen_text_does_as_the_engine(tmp_path: Path) -> None:
    network = classifier((7,))
    raw = table([41.0, None, 3.5], ["Paris", "Rome", None])
    report = export_onnx(
        network, tmp_path / "m.onnx", preprocessing=TABLE, targets=THREE, verify_on=raw
    )
    assert report.verification.largest_difference <= 1e-5
    feeds = {
        "numbers": np.array([[41, 1], [np.nan, 0], [3.5, np.nan]], np.float32),
        "city": np.array(["Paris", "Rome", ""], object),
        # A column that is called like an output of the model.
        "label (text)": np.array(["z", "z", "z"], object),
    }
    found = run(report.path, feeds)
    np.testing.assert_allclose(found["probabilities"], network.predict(TABLE.apply(raw)), atol=1e-6)


def test_logits_become_probabilities_on_the_way_out(tmp_path: Path) -> None:
    network = classifier((4, 4, 1), activation="linear")
    report = export_onnx(
        network,
        tmp_path / "m.onnx",
        preprocessing=PICTURES,
        targets=THREE,
        loss=SparseCategoricalCrossentropy(from_logits=True),
    )
    found = run(report.path, {"pictures": np.ones((2, 4, 4, 1), np.float32)})
    np.testing.assert_allclose(found["probabilities"].sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("activation", ["sigmoid", "linear"])
def test_a_single_output_says_which_of_two_classes(tmp_path: Path, activation: str) -> None:
    network = classifier((3,), units=1, activation=activation)
    arrays, two = Preprocessing(kind="array", input_shape=(3,)), Targets(classes=("no", "yes"))
    report = export_onnx(
        network,
        tmp_path / "m.onnx",
        preprocessing=arrays,
        targets=two,
        loss=BinaryCrossentropy(from_logits=activation == "linear"),
    )
    x = np.random.default_rng(1).standard_normal((20, 3)).astype(np.float32) * 5
    found = run(report.path, {"inputs": x})
    assert found["probabilities"].shape == (20, 1)
    assert list(found["label"]) == [
        ("no", "yes")[int(p > 0.5)] for p in found["probabilities"][:, 0]
    ]
    assert len(set(found["label"])) == 2


def test_numbers_leave_as_value(tmp_path: Path) -> None:
    network = shaken(Graph.sequential((3,), [Dense(units=2)]))
    arrays = Preprocessing(kind="array", input_shape=(3,), offset=(1, 2, 3), scale=(1, 0.5, 2))
    targets = Targets(task="regression", names=("a", "b"))
    report = export_onnx(network, tmp_path / "m.onnx", preprocessing=arrays, targets=targets)
    assert report.outputs == ("value (N × 2)",)
    x = np.ones((4, 3), np.float32)
    np.testing.assert_allclose(
        run(report.path, {"inputs": x})["value"], network.predict(arrays.apply(x)), atol=1e-6
    )


def test_scaled_numbers_leave_in_their_own_unit(tmp_path: Path) -> None:
    network = shaken(Graph.sequential((3,), [Dense(units=2)]))
    arrays = Preprocessing(kind="array", input_shape=(3,), offset=(1, 2, 3), scale=(1, 0.5, 2))
    targets = Targets(task="regression", names=("a", "b"), offset=(150.0, -3.0), scale=(0.01, 4.0))
    report = export_onnx(network, tmp_path / "m.onnx", preprocessing=arrays, targets=targets)
    x = np.ones((4, 3), np.float32)
    plain = network.predict(arrays.apply(x))
    np.testing.assert_allclose(
        run(report.path, {"inputs": x})["value"], plain * [100, 0.25] + [150, -3], rtol=1e-5
    )


def test_a_plain_network_keeps_its_own_names(tmp_path: Path) -> None:
    network = shaken(Graph.sequential((3,), [Dense(units=2), Activation(activation="tanh")]))
    report = export_onnx(network, tmp_path / "m.onnx")
    assert report.inputs == ("input (N × 3)",)
    assert report.outputs == ("activation (N × 2)",)


def test_several_inputs_and_outputs(tmp_path: Path) -> None:
    graph, a = Graph().add(Input(shape=(3,)))
    graph, b = graph.add(Input(shape=(2,)))
    for source in (a, b):
        graph, head = graph.add(Dense(units=2))
        graph = graph.connect(Edge(source, head))
    report = export_onnx(shaken(graph), tmp_path / "m.onnx")
    assert len(report.inputs) == len(report.outputs) == 2
    assert report.verification.largest_difference <= 1e-5


@pytest.mark.parametrize(
    ("names", "inputs"),
    [
        (("a", "preprocessing/a/OneHotEncoder"), ("a", "preprocessing/a/OneHotEncoder")),
        (("label", "label/dense"), ("label (text)", "label (text)/dense")),
        (("numbers", "numbers (text)"), ("numbers (text)", "numbers (text) (text)")),
        (("", "dense/MatMul"), ("(text)", "dense/MatMul")),
        (("preprocessing/constant", "Concat"), ("preprocessing/constant", "Concat")),
    ],
)
def test_columns_may_have_any_name(
    tmp_path: Path, names: tuple[str, ...], inputs: tuple[str, ...]
) -> None:
    table = Preprocessing(
        kind="table",
        numbers=(NumberColumn(name="age", offset=40.0),),
        categories=tuple(CategoryColumn(name=name, values=("x", "y")) for name in names),
    )
    report = export_onnx(classifier((5,)), tmp_path / "m.onnx", preprocessing=table, targets=THREE)
    assert [each.partition(" (N")[0] for each in report.inputs] == ["numbers", *inputs]


@pytest.mark.parametrize("targets", [None, THREE, Targets(task="regression", names=("a",) * 3)])
@pytest.mark.parametrize("ids", [("label", "Softmax"), ("value", "inputs"), ("dense", "label")])
def test_layers_may_have_any_name(
    tmp_path: Path, ids: tuple[str, ...], targets: Targets | None
) -> None:
    graph, entry = Graph().add(Input(shape=(3,)))
    for id in ids:
        graph, head = graph.add(Dense(units=3, activation="softmax"), id=id)
        graph = graph.connect(Edge(entry, head))
    report = export_onnx(
        shaken(graph),
        tmp_path / "m.onnx",
        preprocessing=Preprocessing(input_shape=(3,)),
        targets=targets,
    )
    assert len(set(report.inputs + report.outputs)) == 1 + len(report.outputs)
    assert report.verification.largest_difference <= 1e-5


def test_the_file_says_where_it_comes_from(tmp_path: Path) -> None:
    export_onnx(classifier((7,)), tmp_path / "m.onnx", preprocessing=TABLE, targets=THREE)
    model = onnx.load(tmp_path / "m.onnx")
    about = {each.key: each.value for each in model.metadata_props}
    assert model.producer_name == "netsmith"
    assert about["classes"] == '["ant", "bee", "cat"]'
    assert about["features"] == '["age", "member", "city", "label"]'
    assert Preprocessing.model_validate_json(about["preprocessing"]) == TABLE


def test_a_model_that_differs_is_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def to_another(network: Network, *rest: object) -> onnx.ModelProto:
        network.weights["dense/kernel"][0, 0] += 1e-3
        try:
            return to_onnx(network, *rest)  # type: ignore[arg-type]
        finally:
            network.weights["dense/kernel"][0, 0] -= 1e-3

    monkeypatch.setattr(onnx_export, "to_onnx", to_another)
    network = shaken(Graph.sequential((3,), [Dense(units=2)]))
    path = tmp_path / "m.onnx"
    path.write_text("before")
    with pytest.raises(ExportError, match=r"differs .* at most 0\.0001 is allowed") as caught:
        export_onnx(network, path)
    assert caught.value.fix
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["m.onnx"]


def test_a_diverged_network_is_refused(tmp_path: Path) -> None:
    network = shaken(Graph.sequential((3,), [Dense(units=2)]))
    network.weights["dense/bias"][0] = np.nan
    with pytest.raises(ExportError, match="not finite"):
        export_onnx(network, tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_what_does_not_fit_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="takes 3, but the data gives 7"):
        export_onnx(classifier((3,)), tmp_path / "m.onnx", preprocessing=TABLE)
    with pytest.raises(ExportError, match="outputs 2, but there are 3 classes"):
        export_onnx(classifier((3,), 2), tmp_path / "m.onnx", targets=THREE)
    with pytest.raises(ExportError, match=r"cannot be written to .*: no such file"):
        export_onnx(classifier((3,)), tmp_path / "missing" / "m.onnx")


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="ONNX Runtime refuses"):
        verify(b"nothing", classifier((3,)), np.zeros((1, 3), np.float32))


def test_the_limit_is_what_counts() -> None:
    assert Verification(1e-4, 1).is_good
    assert not Verification(1.1e-4, 1).is_good
    assert not Verification(float("nan"), 1).is_good


def words(*shape: int, before: tuple[object, ...] = (), vocabulary: int = 9) -> Graph:
    layers = [*before, {"type": "Embedding", "input_dim": vocabulary, "output_dim": 4}, "Flatten"]
    layers.append({"type": "Dense", "units": 3, "activation": "softmax"})
    return Graph.sequential(shape, [Layer.parse(each) for each in layers])


@pytest.mark.parametrize(
    ("graph", "preprocessing"),
    [
        (words(5), None),
        (words(5), Preprocessing(kind="array", input_shape=(5,))),
        (words(5), Preprocessing(kind="array", input_shape=(5,), offset=(1,) * 5, scale=(3,) * 5)),
        (words(2, 3, before=("Flatten",), vocabulary=2), None),
        (words(7), TABLE),
    ],
    ids=["alone", "with data", "scaled data", "flattened", "table"],
)
def test_an_embedding_is_exported_without_data(
    tmp_path: Path, graph: Graph, preprocessing: Preprocessing | None
) -> None:
    """The made-up samples are numbers of words: with any others it could not be tried."""
    report = export_onnx(
        shaken(graph), tmp_path / "m.onnx", preprocessing=preprocessing, targets=THREE
    )
    assert report.verification.samples == 32
    assert report.verification.is_good


def test_several_inputs_of_which_one_is_words(tmp_path: Path) -> None:
    graph, ids = Graph().add(Input(shape=(4,), columns=("a", "b", "c", "d")), id="ids")
    graph, rest = graph.add(Input(shape=(2,), columns=("e", "f")), id="rest")
    chain = [(ids, Layer.parse({"type": "Embedding", "input_dim": 3, "output_dim": 2}), "emb"),
             ("emb", Flatten(), "flat")]  # fmt: skip
    for source, layer, id in chain:
        graph, _ = graph.add(layer, id=id)
        graph = graph.connect(Edge(source, id))
    graph, both = graph.add(Layer.parse("Concatenate"), id="both")
    graph = graph.connect(Edge("flat", both, 0)).connect(Edge(rest, both, 1))
    graph, end = graph.add(Dense(units=3, activation="softmax"), id="end")
    graph = graph.connect(Edge(both, end))
    arrays = Preprocessing(kind="array", input_shape=(6,), feature_names=tuple("abcdef"))
    network = Network(graph, places={"ids": (0, 1, 2, 3), "rest": (4, 5)})
    report = export_onnx(network, tmp_path / "m.onnx", preprocessing=arrays, targets=THREE)
    assert report.verification.is_good


def test_words_that_nobody_can_make_up_are_told(tmp_path: Path) -> None:
    graph = words(5, before=({"type": "Rescaling", "scale": 100.0},))
    with pytest.raises(ExportError, match="No samples could be made up"):
        export_onnx(shaken(graph), tmp_path / "m.onnx")
