"""Which source fits a file or folder that the user drops."""

from __future__ import annotations

from pathlib import Path

from engine.data.csv_file import CsvFile
from engine.data.idx import IdxFiles, is_images_file
from engine.data.npz import NpzFile
from engine.data.picture_folders import find_pictures
from engine.data.pictures import PictureFolder, picture_size
from engine.data.source import Source
from engine.errors import DataError

_SUPPORTED = (
    "Choose a CSV, TSV, Parquet or NPZ file, a folder with a folder of pictures for each class, "
    "or MNIST-style IDX files."
)
_TABLES = {".csv", ".tsv", ".txt", ".tab", ".data", ".parquet"}


def suggest_source(path: Path, base: Path | None = None) -> Source:
    """The source that reads this file or folder, with settings that suit it.

    Args:
        base: the project's folder; what lies in it gets a relative path, so that
            both can be moved together.

    Raises:
        DataError: says what was found, and what is supported.
    """
    if not str(path).isprintable() and str(path).encode(errors="ignore").decode() != str(path):
        shown = str(path).encode(errors="replace").decode()
        raise DataError(
            f"The name {shown!r} contains bytes that are not text, so a project cannot store it.",
            "Rename the file or folder.",
        )
    try:
        source = _of_folder(path) if path.is_dir() else _of_file(path)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.", _SUPPORTED) from error

    chosen = Path(str(getattr(source, "path", "")))
    if base is None or not chosen.is_relative_to(base):
        return source
    return source.changed(path=chosen.relative_to(base).as_posix())


def is_table_name(path: Path) -> bool:
    """Whether a file is called as tables are, packed by gzip or not."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix in _TABLES


def _of_folder(path: Path) -> Source:
    inside = sorted(each for each in path.iterdir() if not each.name.startswith("."))
    if any(is_images_file(each) for each in inside):
        return IdxFiles(path=str(path))
    pictures = next(iter(find_pictures(path).parts.values()), [])
    if pictures:
        height, width, color = picture_size(pictures[0][1].parent)
        return PictureFolder(path=str(path), height=height, width=width, color=color)
    readable = [each for each in inside if is_table_name(each) or each.suffix.lower() == ".npz"]
    if len(readable) == 1:
        return _of_file(readable[0])
    names = ", ".join(each.name for each in inside[:5]) or "nothing"
    raise DataError(
        f"Netsmith finds no data it can read in the folder {path.name}, which contains {names}.",
        _SUPPORTED,
    )


def _of_file(path: Path) -> Source:
    if not path.is_file():
        raise DataError(f"{path.name} does not exist.", _SUPPORTED)
    with path.open("rb") as file:
        start = file.read(4)
    if path.suffix.lower() == ".npz":
        return NpzFile(path=str(path))
    if is_images_file(path):
        return IdxFiles(path=str(path))
    if "labels" in path.name.lower() and "idx" in path.name.lower():
        return IdxFiles(path=str(path.parent))
    if is_table_name(path) or start == b"PAR1":
        return CsvFile(path=str(path))
    raise DataError(
        f"{path.name} is a file of kind {path.suffix or '(no ending)'}, which is not supported.",
        _SUPPORTED,
    )
