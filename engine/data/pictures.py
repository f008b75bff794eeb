"""Pictures in folders, one folder per class."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.arrays import Array
from engine.data.samples import Samples, check_size
from engine.data.source import Source, resolve
from engine.errors import DataError
from engine.progress import Progress, no_progress
from engine.spec import setting

if TYPE_CHECKING:
    from PIL import Image

Color = Literal["rgb", "grayscale"]

ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
MAX_PIXELS = 64_000_000
MAX_PICTURES = 1_000_000


class PictureFolder(Source):
    """Pictures, those of each class in a folder of its own that has its name.

    A folder that holds nothing but ``train`` and ``test``, each with such
    folders, is read as given training and test parts. Every picture is turned
    upright and stretched to one size.
    """

    path: str = setting(
        "", label="Folder", help="The folder that holds a folder for each class.", path="folder"
    )
    height: int = setting(
        64, ge=1, le=1024, unit="pixels", label="Height", help="Pictures are made this high."
    )
    width: int = setting(
        64, ge=1, le=1024, unit="pixels", label="Width", help="Pictures are made this wide."
    )
    color: Color = setting("rgb", label="Color", help="Three color channels, or one of gray.")

    def load(self, base: Path, progress: Progress = no_progress) -> Samples:
        root = resolve(self.path, base)
        if not root.is_dir():
            raise DataError(f"{root.name} is not a folder.", "Choose a folder of pictures.")
        train, test = root / "train", root / "test"
        given = train.is_dir() and test.is_dir() and bool(class_folders(train))
        found = [_pictures(part) for part in ((train, test) if given else (root,))]
        files = [each for part in found for each in part]
        classes = tuple(sorted({name for name, _ in files}, key=_in_order))
        if not files:
            raise DataError(
                f"{root.name} holds no folders with pictures.",
                "Choose a folder that has one folder of pictures for each class.",
            )
        channels = 3 if self.color == "rgb" else 1
        check_size(len(files) * self.height * self.width * channels, root.name)
        x = np.empty((len(files), self.height, self.width, channels), np.uint8)
        for i, (_, file) in enumerate(files):
            progress(i, len(files), "pictures")
            x[i] = read_picture(file, self.height, self.width, self.color, root)
        progress(len(files), len(files), "pictures")
        index = {name: i for i, name in enumerate(classes)}
        return Samples(
            kind="picture",
            x=x,
            y=np.array([index[name] for name, _ in files], np.int64),
            task="classification",
            classes=classes,
            target_name="class",
            value_range=(0.0, 255.0),
            given_test=np.arange(len(found[0]), len(files)) if given and found[1] else None,
            place=root.name,
            notes=_notes(root, classes, given=given),
        )


def read_picture(
    file: Path, height: int, width: int, color: Color, root: Path | None = None
) -> Array:
    """One picture, upright and stretched: uint8 (height, width, 3 or 1).

    Raises:
        DataError: names the file, from ``root`` on, that is damaged or too large.
    """
    from PIL import Image, ImageOps

    name = file.relative_to(root.parent).as_posix() if root else file.name
    mode = "RGB" if color == "rgb" else "L"
    try:
        with Image.open(file, formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise DataError(
                    f"{name} has {picture.width:,} × {picture.height:,} pixels; "
                    f"at most {MAX_PIXELS:,} are possible.",
                    "Make the picture smaller.",
                )
            # A JPEG can be decoded at a fraction of its size, which is much faster.
            picture.draft(mode, (2 * width, 2 * height))
            upright = ImageOps.exif_transpose(picture)
            plain = _eight_bit(upright).convert(mode)
            small = plain.resize((width, height), Image.Resampling.BILINEAR)
    except DataError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(
            f"{name} has more than {MAX_PIXELS:,} pixels.", "Make the picture smaller."
        ) from error
    except Exception as error:  # Pillow's decoders raise whatever they meet.
        raise DataError(
            f"{name} cannot be read as a picture.", "Save it again, or remove it from the folder."
        ) from error
    return np.asarray(small, np.uint8).reshape(height, width, -1)


def class_folders(root: Path) -> list[Path]:
    """The folders in ``root`` that hold pictures, sorted as numbers where they are."""
    folders = (each for each in root.iterdir() if each.is_dir() and not each.name.startswith("."))
    holding = [each for each in folders if next(_picture_files(each), None) is not None]
    return sorted(holding, key=lambda each: _in_order(each.name))


def picture_size(folder: Path, most: int = 128) -> tuple[int, int, Color]:
    """Height, width and color that suit the pictures of a folder, judged by the first.

    Larger ones are shrunk, sides in proportion, so that a network stays quick.

    Raises:
        DataError: the first picture cannot be read.
    """
    from PIL import Image

    file = min(_picture_files(folder))
    try:
        with Image.open(file, formats=FORMATS) as picture:
            width, height, mode = picture.width, picture.height, picture.mode
    except Exception as error:  # Pillow's decoders raise whatever they meet.
        raise DataError(
            f"{folder.name}/{file.name} cannot be read as a picture.",
            "Save it again, or remove it from the folder.",
        ) from error
    shrink = min(1.0, most / max(width, height))
    gray = mode in ("1", "L", "LA") or mode.startswith("I")
    color: Color = "grayscale" if gray else "rgb"
    return max(1, round(height * shrink)), max(1, round(width * shrink)), color


def _pictures(root: Path) -> list[tuple[str, Path]]:
    files = [
        (folder.name, file)
        for folder in class_folders(root)
        for file in sorted(_picture_files(folder))
    ]
    if len(files) > MAX_PICTURES:
        raise DataError(
            f"{root.name} holds {len(files):,} pictures; at most {MAX_PICTURES:,} are possible.",
            "Choose a folder with fewer pictures.",
        )
    return files


def _picture_files(folder: Path) -> Iterator[Path]:
    return (
        each
        for each in folder.iterdir()
        if each.suffix.lower() in ENDINGS and not each.name.startswith(".") and each.is_file()
    )


def _in_order(name: str) -> tuple[bool, int, str]:
    number = name.isascii() and name.isdigit() and len(name) < 19
    return not number, int(name) if number else 0, name


def _eight_bit(picture: Image.Image) -> Image.Image:
    from PIL import Image

    # Pillow cuts 16-bit gray at 255 instead of scaling it.
    if picture.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(picture, np.uint16) >> 8).astype(np.uint8))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return picture


def _notes(root: Path, classes: tuple[str, ...], *, given: bool) -> tuple[str, ...]:
    if given:
        return ("The folder test is the test part.",)
    others = [
        each.name
        for each in sorted(root.iterdir())
        if not each.name.startswith(".") and each.name not in classes
    ]
    if not others:
        return ()
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    return (f"Ignored {', '.join(others[:3])}{more} in {root.name}: no folders of pictures.",)
