"""What every source must do; each kind needs a row in conftest's SAMPLES."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.data import Dataset, DataSetup, Source, Split, prepare
from engine.data.preprocessing import Preprocessing
from engine.data.targets import Targets
from engine.errors import Cancelled


def same(first: Dataset, second: Dataset) -> bool:
    return all(
        np.array_equal(a.x, b.x) and np.array_equal(a.y, b.y)
        for a, b in (
            (first.train, second.train),
            (first.validation, second.validation),
            (first.test, second.test),
        )
    )


def test_arrays_are_as_a_network_wants_them(setup: DataSetup, tmp_path: Path) -> None:
    data = prepare(setup, tmp_path)
    classes = data.targets.task == "classification"
    for part in (data.train, data.validation, data.test):
        assert len(part) == len(part.y) > 0
        assert part.x.dtype == np.float32
        assert part.x.flags.c_contiguous
        assert part.x.shape[1:] == data.input_shape == data.preprocessing.output_shape
        assert part.y.dtype == (np.int64 if classes else np.float32)
        assert part.y.shape[1:] == (() if classes else (data.output_size,))
        assert np.isfinite(part.x).all()
    if classes:
        assert data.output_size == len(data.targets.classes)
        assert sum(data.class_counts["train"].values()) == len(data.train)


def test_parts_are_disjoint_and_complete(setup: DataSetup, tmp_path: Path) -> None:
    data = prepare(setup, tmp_path)
    indices = np.concatenate(list(data.indices.values()))
    assert sorted(indices) == list(range(len(data.samples)))


def test_same_seed_same_arrays(setup: DataSetup, tmp_path: Path) -> None:
    assert same(prepare(setup, tmp_path), prepare(setup, tmp_path))


def test_another_seed_other_parts(setup: DataSetup, tmp_path: Path) -> None:
    other = setup.changed(split=Split(seed=1))
    assert not same(prepare(setup, tmp_path), prepare(other, tmp_path))


def test_json_round_trip(setup: DataSetup, tmp_path: Path) -> None:
    assert DataSetup.parse(json.loads(json.dumps(setup.to_json()))) == setup
    data = prepare(setup, tmp_path)
    text = json.dumps(data.preprocessing.to_json())
    again = Preprocessing.parse(json.loads(text))
    assert again == data.preprocessing
    np.testing.assert_array_equal(again.apply(data.samples.take(data.indices["test"])), data.test.x)
    assert Targets.parse(json.loads(json.dumps(data.targets.to_json()))) == data.targets


def test_raw_sample_belongs_to_its_prepared_one(setup: DataSetup, tmp_path: Path) -> None:
    data = prepare(setup, tmp_path)
    raw = data.raw("test", 0)
    x = (
        data.preprocessing.from_row(raw)
        if isinstance(raw, dict)
        else data.preprocessing.apply(raw[np.newaxis])
    )
    np.testing.assert_array_equal(x[0], data.test.x[0])


def test_reading_does_not_change_the_samples(setup: DataSetup, tmp_path: Path) -> None:
    samples = setup.source.load(tmp_path)
    before = None if samples.x is None else samples.x.copy()
    preprocessing = prepare(setup, tmp_path).preprocessing
    preprocessing.apply(samples)
    if before is not None:
        np.testing.assert_array_equal(samples.array, before)


@pytest.mark.parametrize("kind", sorted(set(Source.kinds) - {"Points"}))
def test_reports_progress_and_can_be_cancelled(
    kind: str, tmp_path: Path, make_source: Callable[[str], Source]
) -> None:
    source = make_source(kind)
    seen: list[tuple[int, int]] = []
    source.load(tmp_path, lambda done, total, what: seen.append((done, total)))
    assert seen
    assert all(0 <= done <= total for done, total in seen)

    def cancel(done: int, total: int, what: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        source.load(tmp_path, cancel)


def test_every_setting_has_words(setup: DataSetup) -> None:
    for declared in (*type(setup.source).settings().values(), *Split.settings().values()):
        assert declared.label
        assert declared.help.endswith(".")


def test_importing_is_light() -> None:
    code = (
        "import sys, engine.data, engine.data.inputs;"
        "print([m for m in ('sklearn', 'scipy', 'polars', 'PIL', 'onnx') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[3]
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"
