"""Which folders hold the pictures of which class and part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.data.array_names import part_named
from engine.data.samples import PARTS, PartName
from engine.data.targets import short_list
from engine.errors import DataError

ENDINGS = {
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".webp"),
    *(".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"),
}
FORMATS = ("PNG", "JPEG", "BMP", "DIB", "GIF", "WEBP", "TIFF", "PPM")
MAX_PICTURES = 1_000_000
_DEEPEST = 4
"""So many folders may lie around the one that holds the classes."""
_FILLERS = {"set", "data", "dataset", "images", "image", "imgs", "pictures", "seg", "split"}

Labeled = tuple[str, Path]


@dataclass(frozen=True)
class FoundPictures:
    """The pictures in a folder.

    Attributes:
        parts: class and file of each picture; without parts, "train" has all.
        folders: the name of the folder that each part was found in.
        notes: what was left out, in sentences.
    """

    parts: dict[PartName, list[Labeled]]
    folders: dict[PartName, str]
    notes: tuple[str, ...] = ()


def find_pictures(root: Path) -> FoundPictures:
    """Return the pictures in a folder, by part and class.

    Folders called train, val, test and the like, in any spelling, are parts where the first
    has a folder for each class. Else the folders are classes. Further folders around them
    are looked through.

    Raises:
        DataError: more pictures than can be read.
        OSError: a folder cannot be read.
    """
    inner = _unwrapped(root)
    within = {part: each for each in _folders(inner) if (part := _part_of(each.name))}
    train = _unwrapped(within["train"]) if "train" in within else inner
    if "train" not in within or not class_folders(train):
        notes = _ignored(inner, {each.name for each in class_folders(inner)})
        return FoundPictures({"train": _pictures(inner)}, {"train": inner.name}, notes)
    known = {each.name for each in class_folders(train)}
    parts: dict[PartName, list[Labeled]] = {}
    notes = _ignored(inner, {each.name for each in within.values()})
    for part in PARTS:
        if part not in within:
            continue
        folder = _unwrapped(within[part])
        found = _pictures(folder)
        if known & {name for name, _ in found}:
            parts[part] = found
            notes += _ignored(folder, {each.name for each in class_folders(folder)})
            notes += _strangers(within[part].name, {name for name, _ in found} - known)
        else:
            notes += _without_classes(within[part], folder)
    return FoundPictures(parts, {part: within[part].name for part in parts}, notes)


def class_folders(root: Path) -> list[Path]:
    """Return the folders in ``root`` that hold pictures, sorted as numbers where they are."""
    holding = [each for each in _folders(root) if next(picture_files(each), None) is not None]
    return sorted(holding, key=lambda each: in_order(each.name))


def picture_files(folder: Path) -> Iterator[Path]:
    """Return the files in a folder that are called as pictures are."""
    return (
        each
        for each in folder.iterdir()
        if each.suffix.lower() in ENDINGS and not each.name.startswith(".") and each.is_file()
    )


def in_order(name: str) -> tuple[bool, int, str]:
    """Return what classes are sorted by: numbers by their value, before all other names."""
    number = name.isascii() and name.isdigit() and len(name) < 19
    return not number, int(name) if number else 0, name


def _folders(root: Path) -> list[Path]:
    # "__MACOSX" comes with ZIP files that a Mac has packed.
    return sorted(
        each for each in root.iterdir() if each.is_dir() and not each.name.startswith((".", "__"))
    )


def _unwrapped(root: Path) -> Path:
    """The folder that has the classes, where nothing but it lies in ``root``."""
    for _ in range(_DEEPEST):
        inside = _folders(root)
        if class_folders(root) or len(inside) != 1:
            return root
        root = inside[0]
    return root


def _part_of(name: str) -> PartName | None:
    words = [each for each in re.split(r"[^a-z]+", name.lower()) if each not in {"", *_FILLERS}]
    return part_named(words[0]) if len(words) == 1 else None


def _pictures(root: Path) -> list[Labeled]:
    files = [
        (folder.name, file)
        for folder in class_folders(root)
        for file in sorted(picture_files(folder))
    ]
    if len(files) > MAX_PICTURES:
        raise DataError(
            f"{root.name} holds {len(files):,} pictures; at most {MAX_PICTURES:,} are possible.",
            "Choose a folder with fewer pictures.",
        )
    return files


def _ignored(root: Path, used: set[str]) -> tuple[str, ...]:
    """What else lies in a folder, and in those of its classes, besides pictures."""
    others = sorted(
        each.name
        for each in root.iterdir()
        if not each.name.startswith((".", "__")) and each.name not in used
    )
    notes = []
    if others:
        names = short_list(others, 3)
        notes.append(f"Ignored {names} in {root.name}: not folders of pictures.")
    strange = sorted(
        f"{folder.name}/{each.name}"
        for folder in class_folders(root)
        for each in folder.iterdir()
        if not each.name.startswith((".", "__")) and each.suffix.lower() not in ENDINGS
        if each.name != "Thumbs.db"
    )
    if strange:
        names = short_list(strange, 3)
        notes.append(f"Ignored {names} in {root.name}: not named like pictures.")
    return tuple(notes)


def _strangers(part: str, classes: set[str]) -> tuple[str, ...]:
    if not classes:
        return ()
    names = short_list(sorted(classes, key=in_order), 3)
    return (f"The training part has no pictures of {names}, which {part} has.",)


def _without_classes(part: Path, folder: Path) -> tuple[str, ...]:
    count = sum(1 for _ in picture_files(folder))
    count += sum(1 for each in class_folders(folder) for _ in picture_files(each))
    if not count:
        return (f"The folder {part.name} holds no pictures.",)
    return (
        f"The {count:,} pictures in {part.name} are in no folders of the training classes, so "
        "their classes are unknown and they are not used. Predict them after training.",
    )
