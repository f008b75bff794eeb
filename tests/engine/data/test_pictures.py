"""Folders of pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import DataSetup, prepare, suggest_source
from engine.data.inputs import read_inputs
from engine.data.pictures import read_picture
from engine.data.sources import BuiltIn, PictureFolder
from engine.errors import Cancelled, DataError


def test_classes_are_folders_in_order(tmp_path: Path) -> None:
    for name in ("10", "9", "empty", ".hidden"):
        (tmp_path / "p" / name).mkdir(parents=True)
    for name, value in (("10", 200), ("9", 50)):
        Image.new("L", (3, 3), value).save(tmp_path / "p" / name / "a.png")
    (tmp_path / "p" / "notes.txt").write_text("not a picture")
    samples = PictureFolder(path="p", height=2, width=2, color="grayscale").load(tmp_path)
    assert samples.classes == ("9", "10")
    assert samples.array[:, 0, 0, 0].tolist() == [50, 200]
    assert samples.notes == ("Ignored empty, notes.txt in p: no folders of pictures.",)


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
    assert data.notes == ("The folder test is the test part.",)


def test_colors_and_modes(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (2, 2), (255, 0, 0, 0))
    clear.save(tmp_path / "clear.png")
    assert read_picture(tmp_path / "clear.png", 1, 1, "rgb").tolist() == [[[255, 255, 255]]]
    Image.fromarray(np.full((2, 2), 0x8000, np.uint16)).save(tmp_path / "deep.png")
    assert read_picture(tmp_path / "deep.png", 1, 1, "grayscale").tolist() == [[[128]]]
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
        picture_source.load(tmp_path)


def test_truncated_picture_is_named(picture_source: PictureFolder, tmp_path: Path) -> None:
    file = tmp_path / "pictures" / "cat" / "0.png"
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"pictures/cat/0\.png"):
        picture_source.load(tmp_path)


@pytest.mark.parametrize("size", [(9000, 9000), (20_000, 20_000)])
def test_huge_picture_is_refused_unread(
    picture_source: PictureFolder, tmp_path: Path, size: tuple[int, int]
) -> None:
    Image.new("1", size).save(tmp_path / "pictures" / "cat" / "bomb.png")
    with pytest.raises(DataError, match=r"bomb\.png has .* pixels"):
        picture_source.load(tmp_path)


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
