"""The command line: what it does, what it prints, and how it refuses."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from engine.cli import main
from engine.compiled.notice import PREPARING
from engine.data import DataSetup
from engine.data.builtin import BuiltIn
from engine.data.csv_file import CsvFile
from engine.data.toy import Toy
from engine.graph import Edge, Graph
from engine.layers import Dense
from engine.losses import MeanSquaredError
from engine.metrics import RootMeanSquaredError
from engine.network import Network
from engine.optimizers import SGD, Adam
from engine.project import Project, read_project, write_project
from engine.project.trained import read_trained
from engine.training.plan import Plan

ROOT = Path(__file__).parents[2]
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def iris() -> Path:
    layers = [Dense(units=8, activation="relu"), Dense(units=3, activation="softmax")]
    project = Project(
        graph=Graph.sequential((4,), layers),
        data=DataSetup(source=BuiltIn(name="iris")),
        plan=Plan(optimizer=Adam(learning_rate=0.02), epochs=30, batch_size=16),
        title="My iris",
    )
    write_project(project, Path("mine.netsmith"))
    return Path("mine.netsmith")


def start(*words: str, **options: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("DISPLAY", None)
    environment.pop("WAYLAND_DISPLAY", None)
    environment.pop("QT_QPA_PLATFORM", None)
    return subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )


def test_train_writes_what_it_says(iris: Path, capsys: Output) -> None:
    assert main(["train", str(iris), "--export", "iris.onnx", "--json"]) == 0
    out = capsys.readouterr().out
    (line,) = out.splitlines()
    found = json.loads(line)
    assert found["outcome"] == "completed"
    assert found["epochs"] == 30
    assert found["parameters"] == 4 * 8 + 8 + 8 * 3 + 3
    assert found["test"]["accuracy"] >= 0.9
    assert set(found["train"]) == set(found["validation"]) == {"loss", "accuracy"}
    assert found["seconds"] > 0
    assert found["samples_per_second"] > 0
    assert found["largest_difference"] <= 1e-5
    assert found["files"] == ["mine.runs/model.safetensors", "iris.onnx"]
    assert all(Path(each).is_file() for each in found["files"])


def test_the_same_seed_gives_the_same_numbers(iris: Path, capsys: Output) -> None:
    scores = []
    for seed in ("3", "3", "4"):
        assert (
            main(["train", str(iris), "--epochs", "3", "--seed", seed, "--json", "--no-save"]) == 0
        )
        found = json.loads(capsys.readouterr().out)
        scores.append((found["train"], found["validation"], found["test"]))
        assert not found["files"]
    assert scores[0] == scores[1] != scores[2]
    assert not Path("mine.runs").exists()


@pytest.mark.parametrize("command", [["train", "--no-save", "--epochs", "1"], ["find-rate"]])
def test_waiting_for_loops_is_told_once(
    iris: Path, command: list[str], capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    numba = pytest.importorskip("numba")
    loops = [numba.njit(lambda x, y=y: x + y) for y in (1, 2)]
    loss_and_gradients = Network.loss_and_gradients

    def compiling(*given: Any) -> Any:
        for loop in loops:
            loop(1)
        return loss_and_gradients(*given)

    monkeypatch.setattr(Network, "loss_and_gradients", compiling)
    words, *more = command
    assert main([words, str(iris), *more]) == 0
    captured = capsys.readouterr()
    assert captured.err.count(PREPARING) == 1
    assert PREPARING not in captured.out


def test_train_prints_a_table_for_people(iris: Path, capsys: Output) -> None:
    assert main(["train", str(iris), "--epochs", "2"]) == 0
    captured = capsys.readouterr()
    assert "validation" in captured.out
    assert "Completed after 2 epochs" in captured.out
    assert "epoch 2 of 2" in captured.err


def test_trained_networks_are_exported_and_asked(iris: Path, capsys: Output) -> None:
    assert main(["train", str(iris)]) == 0
    assert main(["export", str(iris), "--to", "iris.onnx"]) == 0
    assert "Verified in ONNX Runtime" in capsys.readouterr().out
    session = onnxruntime.InferenceSession("iris.onnx")
    _, label = session.run(None, {"numbers": np.array([[5.1, 3.5, 1.4, 0.2]], np.float32)})
    assert list(label) == ["setosa"]

    assert main(["predict", str(iris), "5.1, 3.5, 1.4, 0.2", "6.3,2.9,5.6,1.8"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"5\.1, 3\.5, 1\.4, 0\.2: setosa \(\d+\.\d%\)", first)
    assert "virginica" in second

    names = "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)"
    Path("new.csv").write_text(f"{names}\n5.1,3.5,1.4,0.2\n6.3,2.9,5.6,1.8\n")
    assert main(["predict", str(iris), "new.csv"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("new.csv, row 2: setosa")
    assert second.startswith("new.csv, row 3: virginica")


def test_project_and_weights_travel_as_one_file(iris: Path, capsys: Output) -> None:
    assert main(["pack", str(iris), "--to", "sent.netsmith"]) == 2
    assert "not been trained" in capsys.readouterr().err
    assert main(["train", str(iris), "--epochs", "2"]) == 0
    assert main(["pack", str(iris), "--to", "sent.netsmith"]) == 0
    flower = "5.1,3.5,1.4,0.2"
    capsys.readouterr()
    assert main(["predict", str(iris), flower]) == 0
    said = capsys.readouterr().out
    shutil.rmtree(iris.with_name("mine.runs"))
    assert main(["predict", "sent.netsmith", flower]) == 0
    assert capsys.readouterr().out == said
    assert main(["train", "sent.netsmith", "--epochs", "3"]) == 0
    assert not Path("sent.runs").exists()
    assert read_trained(Path("sent.netsmith")).epochs == 3
    assert read_project(Path("sent.netsmith")) == read_project(iris)


def test_numbers_are_predicted_too(capsys: Output) -> None:
    project = Project(
        graph=Graph.sequential((1,), [Dense(units=1)]),
        data=DataSetup(source=Toy(shape="noisy_line", noise=0)),
        plan=Plan(
            loss=MeanSquaredError(),
            optimizer=SGD(learning_rate=0.1),
            metrics=(RootMeanSquaredError(),),
            epochs=60,
        ),
    )
    write_project(project, Path("line.netsmith"))
    assert main(["train", "line.netsmith"]) == 0
    capsys.readouterr()
    assert main(["predict", "line.netsmith", "0.5", "--", "-0.5"]) == 0
    values = [float(line.split()[-1]) for line in capsys.readouterr().out.splitlines()]
    np.testing.assert_allclose(values, [0.6, -0.2], atol=1e-3)


def test_pictures_and_arrays_are_predicted(capsys: Output) -> None:
    from PIL import Image
    from sklearn.datasets import load_digits

    assert main(["train", "digits", "--epochs", "8"]) == 0
    digits = load_digits()
    np.savez("some.npz", names=np.array(["a"]), x=digits.images[:20].astype(np.uint8))
    Image.fromarray((digits.images[0] * 255 / 16).astype(np.uint8)).save("zero.png")
    capsys.readouterr()
    assert main(["predict", "digits", "some.npz", "zero.png"]) == 0
    lines = capsys.readouterr().out.splitlines()
    found = [line.split(": ")[1].split()[0] for line in lines]
    right = [str(each) for each in digits.target[:20]]
    assert sum(a == b for a, b in zip(found, right, strict=False)) >= 17
    assert lines[-1].startswith("zero.png: 0 (")
    np.savez("wrong.npz", x=np.zeros((2, 3)))
    assert_refused(["predict", "digits", "wrong.npz"], "wrong.npz holds x (2 × 3)", capsys)


def test_training_on_other_data(iris: Path, shared_data: Path, capsys: Output) -> None:
    csv = shared_data / "iris.csv"
    assert main(["train", str(iris), "--data", str(csv), "--epochs", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["epochs"] == 2
    assert read_project(iris).data == DataSetup(source=BuiltIn(name="iris"))


def test_info_is_a_table_with_totals(capsys: Output) -> None:
    assert main(["info", "iris"]) == 0
    out = capsys.readouterr().out
    assert "Dense" in out
    assert "Total parameters: 243" in out
    assert "Not trainable: 0" in out


def test_info_says_what_is_wrong(iris: Path, capsys: Output) -> None:
    project = read_project(iris)
    broken = replace(project, graph=project.graph.disconnect(project.graph.edges[:1]))
    write_project(broken, iris)
    assert main(["info", str(iris)]) == 0
    assert "Problem: dense has no input." in capsys.readouterr().out


def test_gradients_are_checked_layer_by_layer(iris: Path, capsys: Output) -> None:
    assert main(["check", str(iris)]) == 0
    out = capsys.readouterr().out
    assert out.count("right") == 2
    assert "dense_1" in out
    assert main(["check", str(iris), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["layers"]
    assert [each["layer"] for each in found] == ["dense", "dense_1"]
    assert all(each["error"] < 1e-5 and each["verdict"] == "right" for each in found)


def test_a_learning_rate_is_suggested(iris: Path, capsys: Output) -> None:
    assert main(["find-rate", str(iris)]) == 0
    assert "Suggested learning rate: 0.0" in capsys.readouterr().out
    assert main(["find-rate", str(iris), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert 1e-4 < found["suggested"] < 1
    assert len(found["points"]) > 50
    assert not Path("mine.runs").exists()


def test_examples_are_listed_and_copied(capsys: Output) -> None:
    assert main(["examples"]) == 0
    assert "digits-cnn" in capsys.readouterr().out
    assert main(["examples", "--copy", "iris"]) == 0
    assert read_project(Path("iris.netsmith")).title == "Iris flowers"
    capsys.readouterr()
    assert_refused(["examples", "--copy", "iris"], "exists already", capsys)


def test_examples_are_listed_as_json(capsys: Output) -> None:
    assert main(["examples", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["examples"]
    assert {"iris", "digits"} <= {each["name"] for each in listed}
    assert all(each["title"] and each["description"] for each in listed)


def test_an_export_that_cannot_be_written_is_refused_before_training(
    iris: Path, capsys: Output
) -> None:
    assert_refused(["train", str(iris), "--export", "x/y/f.onnx"], "no such folder", capsys)
    Path("there").mkdir()
    assert_refused(["train", str(iris), "--export", "there"], "there is a folder", capsys)
    assert not Path("mine.runs").exists()


def test_the_demo_says_that_it_opens_a_window(capsys: Output) -> None:
    assert main(["demo", "--help"]) == 0
    words = " ".join(re.sub(r"[^\w. ]", " ", capsys.readouterr().out).split())
    assert "at work in the window" in words


def test_too_few_numbers_are_told_how_many_a_sample_has(capsys: Output) -> None:
    rows = "".join(f"{i / 7:.2f},{i / 3:.2f},{'ab'[i % 2]}\n" for i in range(40))
    Path("t.csv").write_text(f"long,wide,kind\n{rows}")
    layers = [Dense(units=2, activation="softmax")]
    data = DataSetup(source=CsvFile(path="t.csv"))
    plan = Plan(optimizer=Adam(), epochs=1)
    project = Project(graph=Graph.sequential((2,), layers), data=data, plan=plan)
    write_project(project, Path("t.netsmith"))
    assert main(["train", "t.netsmith"]) == 0
    capsys.readouterr()
    words = "'5.1' has 1 number, but a sample has 2 columns: long, wide"
    assert_refused(["predict", "t.netsmith", "5.1"], words, capsys)


def assert_refused(words: list[str], reason: str, capsys: Output) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert not captured.out
    what, todo = captured.err.splitlines()
    assert reason in what
    assert len(todo) > 10


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["train", "nothing"], "no project file and no example called 'nothing'"),
        (["train", "nothing.netsmith"], "There is no file 'nothing.netsmith'"),
        (["train"], "Missing argument 'PROJECT'"),
        (["train", "iris", "--fast"], "No such option: --fast"),
        (["train", "iris", "--epochs", "many"], "Invalid value for '--epochs'"),
        (["train", "iris", "--epochs", "0"], "Epochs is 0"),
        (["train", "iris", "--seed", "-1"], "Seed is -1"),
        (["train", "iris", "--data", "nothing.csv"], "nothing.csv"),
        (["train", "digits", "--data", "text.csv"], ""),
        (["dance"], "No such command 'dance'"),
        (["export", "iris", "--to", "iris.onnx"], "has not been trained yet"),
        (["export", "iris"], "Missing option '--to'"),
        (["predict", "iris", "1,2"], "has not been trained yet"),
        (["examples", "--copy", "nothing"], "no example called 'nothing'"),
    ],
)
def test_bad_input_is_two_lines(words: list[str], reason: str, capsys: Output) -> None:
    Path("text.csv").write_text("a,b\nx,1\ny,2\n")
    assert_refused(words, reason, capsys)


def test_bad_inputs_to_predict_are_two_lines(iris: Path, capsys: Output) -> None:
    assert main(["train", str(iris), "--epochs", "1"]) == 0
    capsys.readouterr()
    Path("bad.csv").write_text("a,b\n1,2\n")
    assert_refused(["predict", str(iris), "none.csv"], "There is no file 'none.csv'", capsys)
    assert_refused(["predict", str(iris), "1,2"], "has 2 numbers", capsys)
    assert_refused(
        ["predict", str(iris), "bad.csv"], "column 'sepal length (cm)' is missing", capsys
    )


def test_a_network_that_was_changed_is_not_exported(iris: Path, capsys: Output) -> None:
    assert main(["train", str(iris), "--epochs", "1"]) == 0
    project = read_project(iris)
    changed = project.graph.change("dense", layer=Dense(units=9))
    write_project(replace(project, graph=changed), iris)
    capsys.readouterr()
    assert_refused(["export", str(iris), "--to", "x.onnx"], "changed after it was trained", capsys)


def test_a_run_that_diverges_fails_and_saves_nothing(iris: Path, capsys: Output) -> None:
    project = read_project(iris)
    plan = project.plan.changed(optimizer=SGD(learning_rate=100), loss=project.plan.loss)
    layers = [Dense(units=8), Dense(units=8), Dense(units=3, activation="softmax")]
    write_project(replace(project, plan=plan, graph=Graph.sequential((4,), layers)), iris)
    assert main(["train", str(iris)]) == 1
    captured = capsys.readouterr()
    assert "Diverged" in captured.out
    what, todo = captured.err.splitlines()
    assert "epoch 1" in what
    assert todo == "Lower the learning rate, or scale the data. Nothing was saved."
    assert not Path("mine.runs").exists()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_interrupting_keeps_what_was_learned(iris: Path, name: str) -> None:
    if not hasattr(signal, name):
        pytest.skip(f"this system has no {name}")
    with start("train", str(iris), "--epochs", "100000", "--json") as process:
        assert process.stderr is not None
        assert process.stdout is not None
        process.stderr.readline()  # the line of some epoch: it is training
        process.send_signal(getattr(signal, name))
        out, err = process.stdout.read(), process.stderr.read()
    assert process.returncode == 130, err
    found = json.loads(out)
    assert found["outcome"] == "stopped"
    assert found["epochs"] >= 1
    assert found["test"]["accuracy"] > 0
    assert Path("mine.runs/model.safetensors").is_file()


def test_help_is_quick_and_needs_no_qt_and_no_numpy() -> None:
    code = (
        "import sys; sys.argv = ['netsmith', '--help']\n"
        "from main import main\n"
        "assert main() == 0\n"
        "heavy = {'PySide6', 'numpy', 'pydantic', 'sklearn', 'onnx', 'polars', 'PIL'}\n"
        "assert not heavy & set(sys.modules)\n"
    )
    best = float("inf")
    for _ in range(3):
        before = os.times()
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
        )
        # Time of the processor: other programs on the machine must not count.
        after = os.times()
        used = after.children_user + after.children_system
        best = min(best, used - before.children_user - before.children_system)
        assert done.returncode == 0, done.stderr
        assert "train" in done.stdout
        assert "predict" in done.stdout
    assert best < 0.5


def test_no_command_imports_qt(iris: Path) -> None:
    code = (
        "import sys\nfrom main import main\n"
        "assert main(['train', 'mine.netsmith', '--epochs', '1', '--export', 'x.onnx']) == 0\n"
        "assert main(['predict', 'mine.netsmith', '1,2,3,4']) == 0\n"
        "assert main(['info', 'mine.netsmith']) == 0\n"
        "assert 'PySide6' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_demo_works_without_a_display() -> None:
    with start("demo") as process:
        out, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    lines = out.splitlines()
    assert lines[0] == "There is no display, so the demo runs without a window."
    assert "accuracy" in out
    assert "Verified in ONNX Runtime" in out
    assert Path("digits.onnx").is_file()


def test_the_window_without_a_display_is_refused_in_two_lines() -> None:
    with start() as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert not out
    assert len(err.splitlines()) == 2


def test_predictions_as_a_table_and_as_json(iris: Path, capsys: Output) -> None:
    assert main(["train", str(iris), "--epochs", "5"]) == 0
    columns = "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)"
    Path("new.csv").write_text(f"{columns},name\n5.1,3.5,1.4,0.2,a\n6.3,2.9,5.6,1.8,b\n")
    capsys.readouterr()
    assert main(["predict", str(iris), "new.csv", "--to", "out.csv"]) == 0
    assert capsys.readouterr().out == "Wrote 2 predictions to out.csv\n"
    rows = list(csv.DictReader(Path("out.csv").read_text().splitlines()))
    assert [row["name"] for row in rows] == ["a", "b"]
    assert rows[0]["predicted species"] == "setosa"
    assert main(["predict", str(iris), "new.csv", "5.1,3.5,1.4,0.2", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [each["input"] for each in said["predictions"]] == ["new.csv"] * 2 + ["5.1,3.5,1.4,0.2"]
    assert said["predictions"][0]["row"] == "2"
    for written, record in zip(rows, said["predictions"], strict=False):
        assert float(written["probability of setosa"]) == record["probability of setosa"]
    assert_refused(["predict", str(iris), "new.csv", "--to", "out.txt"], "end in .csv", capsys)


def test_scores_on_a_file_with_targets(iris: Path, shared_data: Path, capsys: Output) -> None:
    assert main(["train", str(iris), "--json"]) == 0
    capsys.readouterr()
    columns = "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)"
    lines = (shared_data / "iris.csv").read_text().replace("Iris-", "").splitlines()[1:]
    Path("all.csv").write_text("\n".join([f"id,{columns},species", *lines]))
    assert main(["evaluate", str(iris), "all.csv", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["samples"] == 150
    assert said["scores"]["accuracy"] > 0.9
    assert main(["evaluate", str(iris), "all.csv"]) == 0
    assert "accuracy" in capsys.readouterr().out
    Path("bare.csv").write_text(f"{columns}\n5.1,3.5,1.4,0.2\n")
    assert_refused(["evaluate", str(iris), "bare.csv"], "no column 'species'", capsys)


def test_train_can_go_on_and_says_what_was_kept(iris: Path, capsys: Output) -> None:
    assert main(["train", str(iris), "--epochs", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["loops"] in (["compiled"], ["plain"])
    first = read_trained(Path("mine.runs/model.safetensors"))
    assert main(["train", str(iris), "--epochs", "2", "--continue", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kept"], found["drawn"]) == (["dense", "dense_1"], [])
    second = read_trained(Path("mine.runs/model.safetensors"))
    assert second.history.column("epoch").tolist() == [1, 2, 3, 4]
    assert second.history.record.loops == first.history.record.loops != ()

    project = read_project(iris)
    frozen = Dense(units=8, activation="relu", trainable=False)
    graph = project.graph.change("dense", layer=frozen).remove({"dense_1"})
    graph = graph.add(Dense(units=3, activation="softmax"))[0]
    graph = graph.connect(Edge("dense", "dense_1")).change("dense_1", title="Head")
    write_project(replace(project, graph=graph), iris)
    assert main(["train", str(iris), "--epochs", "1", "--continue"]) == 0
    assert "Kept: dense, Head." in capsys.readouterr().out
    tuned = read_trained(Path("mine.runs/model.safetensors"))
    np.testing.assert_array_equal(tuned.weights["dense/kernel"], second.weights["dense/kernel"])

    wide = Graph.sequential((4,), [Dense(units=9), Dense(units=3, activation="softmax")])
    write_project(replace(project, graph=wide), iris)
    assert main(["train", str(iris), "--continue"]) == 2
    assert "without --continue" in capsys.readouterr().err
