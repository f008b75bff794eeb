"""Pictures in folders, one folder per class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.arrays import Array
from engine.data.picture_folders import (
    FORMATS,
    Labeled,
    find_pictures,
    in_order,
    picture_files,
)
from engine.data.pixels import BYTE, WHITE_HELP, pixel_range
from engine.data.samples import PARTS, PartName, Samples, check_size
from engine.data.source import Source, resolve
from engine.data.targets import LARGEST, short_list
from engine.errors import BrokenPicturesError, DataError
from engine.progress import Progress, no_progress
from engine.reading import open_file
from engine.spec import setting

if TYPE_CHECKING:
    from PIL import Image

Color = Literal["rgb", "grayscale"]

MAX_PIXELS = 64_000_000
_NAMED = 20
"""So many broken pictures are named, and more of them counted."""
_TRIED = 20
"""So many pictures are tried until one tells the size of all."""


class PictureFolder(Source):
    """Pictures, those of each class in a folder of its own that has its name.

    Folders ``train``, ``val`` and ``test`` that hold such folders are read as given parts.
    Every picture is turned upright and stretched to one size. Gray pictures of more than 8 bits
    keep their values.
    """

    path: str = setting(
        "", label="Folder", help="The folder with one subfolder for each class.", path="folder"
    )
    height: int = setting(
        64,
        ge=1,
        le=1024,
        unit="pixels",
        label="Height",
        help="Height to which pictures are scaled.",
    )
    width: int = setting(
        64, ge=1, le=1024, unit="pixels", label="Width", help="Width to which pictures are scaled."
    )
    color: Color = setting(
        "rgb", label="Color", help="Three color channels, or one grayscale channel."
    )
    use_given_test: bool = setting(
        True,
        label="Use the given parts",
        help="Validate and test on folders such as val and test; off mixes all before splitting.",
    )
    broken: Literal["leave_out", "refuse"] = setting(
        "leave_out",
        label="Broken pictures",
        help="How to handle files that cannot be read: skip them with a note, or refuse the data.",
        advanced=True,
    )
    white: float = setting(
        0.0,
        ge=0,
        le=LARGEST,
        label="White",
        help=f"For pictures of more than 8 bits. {WHITE_HELP}",
        advanced=True,
    )

    def load(self, base: Path, progress: Progress = no_progress) -> Samples:
        root = resolve(self.path, base)
        if not root.is_dir():
            raise DataError(f"{root.name} is not a folder.", "Choose a folder of pictures.")
        found = find_pictures(root)
        files = [each for part in found.parts.values() for each in part]
        if not files:
            raise DataError(
                f"{root.name} holds no folders with pictures.",
                "Choose a folder that has one folder of pictures for each class.",
            )
        read = self._read([file for _, file in files], root, progress)
        x, value_range, notes = read.result(self.white)
        good = np.flatnonzero(read.fits)
        classes = tuple(sorted({files[i][0] for i in good}, key=in_order))
        index = {name: i for i, name in enumerate(classes)}
        given = _given(found.parts, read.fits) if self.use_given_test else {}
        parts = [f"The folder {found.folders[part]} is the {part} part." for part in given]
        return Samples(
            kind="picture",
            x=x,
            y=np.array([index[files[i][0]] for i in good], np.int64),
            task="classification",
            classes=classes,
            target_name="class",
            value_range=value_range,
            given=given,
            place=root.name,
            notes=(*parts, *found.notes, *notes, *_broken_note(read.broken, len(files))),
        )

    def _read(self, files: Sequence[Path], root: Path, progress: Progress) -> _Pictures:
        """Read every file.

        Raises:
            BrokenPicturesError: none can be read, or one cannot and none may be left out.
        """
        channels = 3 if self.color == "rgb" else 1
        check_size(len(files) * self.height * self.width * channels, root.name)
        read = _Pictures(np.empty((len(files), self.height, self.width, channels), np.uint8))
        for i, file in enumerate(files):
            progress(i, len(files), "pictures")
            try:
                read.put(i, read_picture(file, self.height, self.width, self.color, root))
            except DataError as error:
                read.leave_out(i, error)
        progress(len(files), len(files), "pictures")
        if read.broken and (self.broken == "refuse" or not read.fits.any()):
            raise _refused(read.broken, len(files), offered=bool(read.fits.any()))
        return read


@dataclass
class _Pictures:
    """Pictures as they are read: bytes, or float32 from the first deep one on.

    Attributes:
        fits: which could be read.
        deep: which have more than 8 bits, and hold their file's own values.
        broken: why others could not be read.
    """

    x: Array
    fits: Array = field(init=False)
    deep: Array = field(init=False)
    broken: list[DataError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fits = np.ones(len(self.x), bool)
        self.deep = np.zeros(len(self.x), bool)

    def put(self, i: int, picture: Array) -> None:
        self.deep[i] = picture.dtype != np.uint8
        if self.deep[i] and self.x.dtype == np.uint8:
            self.x = self.x.astype(np.float32)
        self.x[i] = picture

    def leave_out(self, i: int, why: DataError) -> None:
        self.fits[i] = False
        self.broken.append(why)

    def result(self, white: float) -> tuple[Array, tuple[float, float] | None, tuple[str, ...]]:
        """The pictures that could be read, what their pixels can be, and notes about that."""
        x = self.x if self.fits.all() else self.x[self.fits]
        deep = self.deep[self.fits]
        if not deep.any():
            return x, (0.0, BYTE), ()
        value_range, notes = pixel_range(x[deep], white)
        if value_range is None and not notes:
            value_range = (0.0, 1.0)  # of floats that go up to 1
        if value_range is not None:
            x[~deep] *= np.float32(value_range[1] / BYTE)
        return x, value_range, notes


def read_picture(
    file: Path, height: int, width: int, color: Color, root: Path | None = None
) -> Array:
    """Return one picture, upright and stretched: (height, width, 3 or 1).

    It is uint8, or for gray of more than 8 bits float32 with the values of the file.

    Raises:
        DataError: names the file, from ``root`` on, that is damaged or too large.
    """
    from PIL import Image, ImageOps

    name = file.relative_to(root.parent).as_posix() if root else file.name
    mode = "RGB" if color == "rgb" else "L"
    try:
        with open_file(file) as opened, Image.open(opened, formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise DataError(
                    f"{name} has {picture.width:,} × {picture.height:,} pixels; "
                    f"at most {MAX_PIXELS:,} are possible.",
                    "Make the picture smaller.",
                )
            # A JPEG can be decoded at a fraction of its size, which is much faster.
            picture.draft(mode, (2 * width, 2 * height))
            upright = ImageOps.exif_transpose(picture)
            is_deep = _is_deep(upright.mode)
            plain = _in_floats(upright) if is_deep else _on_white(upright).convert(mode)
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
    if not is_deep:
        return np.asarray(small, np.uint8).reshape(height, width, -1)
    gray = np.asarray(small, np.float32).reshape(height, width, 1)
    return np.repeat(gray, 3 if color == "rgb" else 1, axis=-1)


def picture_size(folder: Path, most: int = 128) -> tuple[int, int, Color]:
    """Return height, width and color that suit a folder's pictures, judged by the first good one.

    Larger ones are shrunk, sides in proportion, so that a network stays quick.

    Raises:
        DataError: none of the first pictures can be read.
    """
    files = sorted(picture_files(folder))
    found = next(filter(None, map(_size_and_mode, files[:_TRIED])), None)
    if found is None:
        raise DataError(
            f"{folder.name}/{files[0].name} cannot be read as a picture.",
            "Save it again, or remove it from the folder.",
        )
    width, height, mode = found
    shrink = min(1.0, most / max(width, height))
    gray = mode in ("1", "L", "LA") or _is_deep(mode)
    color: Color = "grayscale" if gray else "rgb"
    return max(1, round(height * shrink)), max(1, round(width * shrink)), color


def _size_and_mode(file: Path) -> tuple[int, int, str] | None:
    from PIL import Image

    try:
        with open_file(file) as opened, Image.open(opened, formats=FORMATS) as picture:
            return picture.width, picture.height, picture.mode
    except Exception:  # Pillow's decoders raise whatever they meet.
        return None


def _is_deep(mode: str) -> bool:
    """Whether Pillow's mode has more than 8 bits of gray."""
    return mode == "F" or mode.startswith("I")


def _in_floats(picture: Image.Image) -> Image.Image:
    from PIL import Image

    return Image.fromarray(np.asarray(picture).astype(np.float32))


def _on_white(picture: Image.Image) -> Image.Image:
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return picture


def _given(parts: dict[PartName, list[Labeled]], fits: Array) -> dict[PartName, Array]:
    """Where the pictures of the given parts stand among those that could be read."""
    places = np.cumsum(fits) - 1
    given: dict[PartName, Array] = {}
    start = 0
    for part in PARTS:
        chosen = np.arange(start, start + len(parts.get(part, ())))
        start += len(chosen)
        good = places[chosen[fits[chosen]]]
        if part != "train" and len(good):
            given[part] = good
    return given


def _broken_note(broken: list[DataError], count: int) -> tuple[str, ...]:
    if not broken:
        return ()
    return (f"Left out {len(broken):,} of {count:,} pictures: {_all_of(broken)}",)


def _refused(broken: list[DataError], count: int, *, offered: bool) -> DataError:
    if len(broken) == 1 and count > 1:
        what = broken[0].what
    else:
        what = f"{len(broken):,} of {count:,} pictures cannot be used: {_all_of(broken)}"
    if not offered:
        return DataError(what, "Save them again, or choose another folder.")
    return BrokenPicturesError(what, "Leave them out, save them again, or remove them.")


def _all_of(broken: list[DataError]) -> str:
    return short_list([each.what.removesuffix(".") for each in broken], _NAMED) + "."
