"""Folders of pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.arrays import Array
from engine.data import DataSetup, prepare, suggest_source
from engine.data.inputs import read_inputs
from engine.data.pictures import read_picture
from engine.data.sources import BuiltIn, PictureFolder
from engine.data.split import Split
from engine.errors import BrokenPicturesError, Cancelled, DataError
from engine.training.data_problems import loading_problem


def test_classes_are_folders_in_order(tmp_path: Path) -> None:
    for name in ("10", "9", "empty", ".hidden"):
        (tmp_path / "p" / name).mkdir(parents=True)
    for name, value in (("10", 200), ("9", 50)):
        Image.new("L", (3, 3), value).save(tmp_path / "p" / name / "a.png")
    (tmp_path / "p" / "notes.txt").write_text("not a picture")
    samples = PictureFolder(path="p", height=2, width=2, color="grayscale").load(tmp_path)
    assert samples.classes == ("9", "10")
    assert samples.array[:, 0, 0, 0].tolist() == [50, 200]
    assert samples.notes == ("Ignored empty, notes.txt in p: not folders of pictures.",)


def test_given_test_folder(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for name in ("cat", "dog"):
            (tmp_path / "s" / part / name).mkdir(parents=True)
            for i in range(4 if part == "train" else 2):
                Image.new("RGB", (4, 4), (i, i, i)).save(tmp_path / "s" / part / name / f"{i}.png")
    source = suggest_source(tmp_path / "s")
    data = prepare(DataSetup(source=source))
    assert len(data.test) == 4
    assert len(data.train) + len(data.validation) == 8
    assert data.notes[0] == "The folder test is the test part."
    assert data.notes[1].startswith("No validation part is given, so 1 sample")


def test_colors_and_modes(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (2, 2), (255, 0, 0, 0))
    clear.save(tmp_path / "clear.png")
    assert read_picture(tmp_path / "clear.png", 1, 1, "rgb").tolist() == [[[255, 255, 255]]]
    Image.fromarray(np.full((2, 2), 0x8000, np.uint16)).save(tmp_path / "deep.png")
    assert read_picture(tmp_path / "deep.png", 1, 1, "grayscale").tolist() == [[[0x8000]]]
    Image.new("P", (2, 2)).save(tmp_path / "palette.gif")
    assert read_picture(tmp_path / "palette.gif", 3, 2, "rgb").shape == (3, 2, 3)
    Image.new("CMYK", (9, 9)).save(tmp_path / "print.jpg")
    assert read_picture(tmp_path / "print.jpg", 3, 2, "rgb").shape == (3, 2, 3)


def test_turned_upright(tmp_path: Path) -> None:
    pixels = np.zeros((2, 4), np.uint8)
    pixels[:, 0] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees to look at it
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    upright = read_picture(tmp_path / "a.png", 4, 2, "grayscale")[..., 0]
    assert upright.tolist() == [[255, 255], [0, 0], [0, 0], [0, 0]]


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n\0\0\0"])
def test_unreadable_picture_is_named(
    picture_source: PictureFolder, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "pictures" / "dog" / "3.png").write_bytes(content)
    with pytest.raises(DataError, match=r"pictures/dog/3\.png cannot be read as a picture"):
        picture_source.changed(broken="refuse").load(tmp_path)
    assert len(picture_source.load(tmp_path)) == 19


def test_truncated_picture_is_named(picture_source: PictureFolder, tmp_path: Path) -> None:
    file = tmp_path / "pictures" / "cat" / "0.png"
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"pictures/cat/0\.png"):
        picture_source.changed(broken="refuse").load(tmp_path)


@pytest.mark.parametrize("size", [(9000, 9000), (20_000, 20_000)])
def test_huge_picture_is_refused_unread(
    picture_source: PictureFolder, tmp_path: Path, size: tuple[int, int]
) -> None:
    Image.new("1", size).save(tmp_path / "pictures" / "cat" / "bomb.png")
    with pytest.raises(DataError, match=r"bomb\.png has .* pixels"):
        picture_source.changed(broken="refuse").load(tmp_path)
    assert "bomb.png has" in picture_source.load(tmp_path).notes[-1]


def test_too_many_numbers_are_refused_before_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p" / "a").mkdir(parents=True)
    (tmp_path / "p" / "a" / "x.png").write_bytes(b"never opened")
    monkeypatch.setattr("engine.data.samples.MAX_BYTES", 1000)
    with pytest.raises(DataError, match=r"needs .* GB of memory"):
        PictureFolder(path="p").load(tmp_path)


def test_no_pictures(tmp_path: Path) -> None:
    (tmp_path / "p" / "a").mkdir(parents=True)
    with pytest.raises(DataError, match="p holds no folders with pictures"):
        PictureFolder(path="p").load(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match="file is not a folder"):
        PictureFolder(path="file").load(tmp_path)


def test_a_folder_that_may_not_be_read(
    picture_source: PictureFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(DataError, match="pictures cannot be read: Permission denied"):
        prepare(DataSetup(source=picture_source), tmp_path)


def test_cancelled_in_the_middle(picture_source: PictureFolder, tmp_path: Path) -> None:
    seen: list[int] = []

    def cancel(done: int, total: int, what: str) -> None:
        seen.append(done)
        if done == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        picture_source.load(tmp_path, cancel)
    assert seen == [0, 1, 2, 3, 4, 5]


def test_predicting_a_picture(picture_source: PictureFolder, tmp_path: Path) -> None:
    data = prepare(DataSetup(source=picture_source), tmp_path)
    first = read_inputs(tmp_path / "pictures" / "cat" / "0.png", data.preprocessing)
    np.testing.assert_array_equal(first, data.preprocessing.apply(data.samples.array[:1]))
    digits = prepare(DataSetup(source=BuiltIn(name="digits")))
    Image.new("L", (50, 50), 255).save(tmp_path / "white.png")
    np.testing.assert_allclose(read_inputs(tmp_path / "white.png", digits.preprocessing), 1)


def test_suggested_size_keeps_proportions(tmp_path: Path) -> None:
    (tmp_path / "p" / "a").mkdir(parents=True)
    Image.new("L", (600, 300)).save(tmp_path / "p" / "a" / "x.png")
    source = suggest_source(tmp_path / "p")
    assert source == PictureFolder(
        path=str(tmp_path / "p"), height=64, width=128, color="grayscale"
    )


def classes_of(folder: Path, *names: str, count: int = 4) -> None:
    """Make a folder of pictures for each of these classes."""
    for name in names:
        (folder / name).mkdir(parents=True)
        for i in range(count):
            Image.new("L", (4, 4), 10 * i).save(folder / name / f"{i}.png")


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [
        ("train", "val", "test"),
        ("Training", "Validation", "Testing"),
        ("TRAIN", "valid", "TEST"),
        ("train_images", "val_images", "test_images"),
        ("seg_train/seg_train", "dev", "seg_test/seg_test"),
        ("training_set", "validation-set", "test_set"),
    ],
)
def test_given_parts_under_their_usual_names(
    tmp_path: Path, train: str, validation: str, test: str
) -> None:
    classes_of(tmp_path / "s" / train, "cat", "dog", count=8)
    classes_of(tmp_path / "s" / validation, "cat", "dog", count=3)
    classes_of(tmp_path / "s" / test, "cat", "dog", count=2)
    (tmp_path / "s" / "__MACOSX").mkdir()
    source = suggest_source(tmp_path / "s")
    data = prepare(DataSetup(source=source))
    assert [len(data.part(part)) for part in ("train", "validation", "test")] == [16, 6, 4]  # type: ignore[arg-type]
    assert data.notes == (
        f"The folder {validation} is the validation part.",
        f"The folder {test.partition('/')[0]} is the test part.",
    )
    mixed = prepare(DataSetup(source=source.changed(use_given_test=False)))
    assert len(mixed.test) == round(26 * 0.15)


def test_folders_around_the_classes(tmp_path: Path) -> None:
    classes_of(tmp_path / "s" / "archive" / "dataset", "cat", "dog")
    assert len(prepare(DataSetup(source=suggest_source(tmp_path / "s"))).samples) == 8


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    classes_of(tmp_path / "s", "car", "train", "test")
    samples = PictureFolder(path="s").load(tmp_path)
    assert samples.classes == ("car", "test", "train")
    assert not samples.given


@pytest.mark.parametrize("inside", ["", "unknown"])
def test_test_pictures_without_classes(tmp_path: Path, inside: str) -> None:
    classes_of(tmp_path / "s" / "train", "cat", "dog", count=8)
    classes_of(tmp_path / "s" / "test", inside, count=3)
    data = prepare(DataSetup(source=PictureFolder(path="s")), tmp_path)
    assert len(data.samples) == 16
    assert data.targets.classes == ("cat", "dog")
    assert data.notes[0] == (
        "The 3 pictures in test are in no folders of the training classes, so their classes are "
        "unknown and they are not used. Predict them after training."
    )


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    classes_of(tmp_path / "s" / "train", "cat", "dog", count=8)
    classes_of(tmp_path / "s" / "test", "cat", "fox")
    (tmp_path / "s" / "train" / "cat" / "a.heic").write_bytes(b"")
    (tmp_path / "s" / "readme.md").write_text("")
    notes = PictureFolder(path="s").load(tmp_path).notes
    assert "Ignored readme.md in s: not folders of pictures." in notes
    assert "Ignored cat/a.heic in train: not named like pictures." in notes
    assert "The training part has no pictures of fox, which test has." in notes


@pytest.mark.parametrize("ending", ["JPG", "JPEG", "jpe", "jfif", "TIF", "tiff", "WebP", "pnm"])
def test_endings(tmp_path: Path, ending: str) -> None:
    for name in ("a", "b"):
        (tmp_path / "s" / name).mkdir(parents=True)
        kind = {"jpg": "JPEG", "jpe": "JPEG", "jfif": "JPEG", "tif": "TIFF", "pnm": "PPM"}
        format = kind.get(ending.lower(), ending.upper())
        Image.new("L", (3, 3)).save(tmp_path / "s" / name / f"x.{ending}", format=format)
    assert len(PictureFolder(path="s").load(tmp_path)) == 2


def test_broken_pictures_are_left_out_and_named(
    picture_source: PictureFolder, tmp_path: Path
) -> None:
    for name in ("cat/3.png", "dog/1.png"):
        (tmp_path / "pictures" / name).write_bytes(b"broken")
    good = picture_source.load(tmp_path)
    assert len(good) == 18
    assert good.notes == (
        "Left out 2 of 20 pictures: pictures/cat/3.png cannot be read as a picture, "
        "pictures/dog/1.png cannot be read as a picture.",
    )
    strict = picture_source.changed(broken="refuse")
    with pytest.raises(BrokenPicturesError, match=r"cat/3\.png .*/dog/1\.png") as error:
        strict.load(tmp_path)
    (fix,) = loading_problem(error.value, DataSetup(source=strict)).fixes
    assert fix.data == DataSetup(source=picture_source)
    for file in (tmp_path / "pictures").rglob("*.png"):
        file.write_bytes(b"broken")
    with pytest.raises(DataError, match="20 of 20 pictures cannot be used") as hopeless:
        picture_source.load(tmp_path)
    assert not loading_problem(hopeless.value, DataSetup(source=strict)).fixes


def test_given_parts_without_their_broken_pictures(tmp_path: Path) -> None:
    classes_of(tmp_path / "s" / "train", "cat", "dog", count=8)
    classes_of(tmp_path / "s" / "test", "cat", "dog", count=2)
    for name in ("train/cat/7.png", "test/cat/0.png"):
        (tmp_path / "s" / name).write_bytes(b"broken")
    samples = PictureFolder(path="s", height=4, width=4).load(tmp_path)
    assert samples.given["test"].tolist() == [15, 16, 17]
    assert samples.array[15:, 0, 0, 0].tolist() == [10, 0, 10]


GRAYS = np.linspace(0, 1, 64).reshape(8, 8)


@pytest.mark.parametrize(
    ("name", "pixels", "white"),
    [
        ("a.tif", GRAYS.astype(np.float32), 1),
        ("a.tif", (GRAYS * 5000.5).astype(np.float32), 5000.5),
        ("a.tif", (GRAYS * 65_535).astype(np.int32), 65_535),
        ("a.tif", (GRAYS * 4095).astype(np.uint16), 4095),
        ("a.png", (GRAYS * 65_535).astype(np.uint16), 65_535),
    ],
)
def test_deep_pictures_keep_their_values(
    tmp_path: Path, name: str, pixels: Array, white: float
) -> None:
    for each in ("a", "b"):
        (tmp_path / "s" / each).mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / "s" / each / name)
    Image.new("L", (8, 8), 255).save(tmp_path / "s" / "b" / "white.png")
    source = PictureFolder(path="s", height=8, width=8, color="grayscale")
    assert suggest_source(tmp_path / "s").changed(path="s") == source
    samples = source.load(tmp_path)
    np.testing.assert_array_equal(samples.array[0, ..., 0], pixels.astype(np.float32))
    assert samples.value_range == (0, white)
    assert samples.array[2].max() == pytest.approx(white), "one of bytes is as white as they are"
    setup = DataSetup(source=source, split=Split(train=1, validation=0, test=0))
    data = prepare(setup, tmp_path)
    np.testing.assert_allclose(data.train.x.max(axis=(1, 2, 3)), 1, rtol=1e-6)
    one = read_inputs(tmp_path / "s" / "a" / name, data.preprocessing)
    np.testing.assert_allclose(one[0, ..., 0], GRAYS, atol=3e-4)
    assert read_picture(tmp_path / "s" / "a" / name, 8, 8, "rgb").shape == (8, 8, 3)


def test_a_deep_picture_for_a_network_of_bytes(
    picture_source: PictureFolder, tmp_path: Path
) -> None:
    data = prepare(DataSetup(source=picture_source.changed(color="grayscale")), tmp_path)
    Image.fromarray(np.full((9, 7), 0x8080, np.uint16)).save(tmp_path / "deep.png")
    Image.fromarray(np.full((9, 7), 128 / 255, np.float32)).save(tmp_path / "float.tif")
    for name in ("deep.png", "float.tif"):
        np.testing.assert_allclose(
            read_inputs(tmp_path / name, data.preprocessing), 128 / 255, rtol=1e-5
        )


def test_deep_pictures_below_zero_are_standardized(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "s" / name).mkdir(parents=True)
        Image.fromarray(np.float32(GRAYS * 900 - 400)).save(tmp_path / "s" / name / "x.tif")
    data = prepare(
        DataSetup(
            source=PictureFolder(path="s", height=8, width=8, color="grayscale"),
            split=Split(train=1, validation=0, test=0),
        ),
        tmp_path,
    )
    assert "Pixels go from -400 to 500" in data.notes[0]
    assert abs(data.train.x.mean()) < 1e-5
    np.testing.assert_allclose(
        read_inputs(tmp_path / "s" / "a" / "x.tif", data.preprocessing), data.train.x[:1], atol=1e-6
    )
