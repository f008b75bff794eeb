"""What arrays of a file are for, told by their names: inputs or targets, and of which part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.data.samples import PARTS, PartName

Role = Literal["x", "y"]

# The likeliest first.
_ROLES: dict[Role, tuple[str, ...]] = {
    "x": ("x", "data", "inputs", "input", "images", "image", "imgs", "img", "pixels", "features"),
    "y": ("y", "labels", "label", "targets", "target", "classes", "class", "outputs"),
}
_PARTS: dict[PartName, tuple[str, ...]] = {
    "train": ("train", "training", "trn", "tr"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "tst", "te"),
}
_IN_ORDER = {"arr_0": "x", "arr_1": "y"}
"""What ``numpy.savez(file, x, y)`` calls them."""


@dataclass(frozen=True)
class FoundArrays:
    """Which arrays hold the inputs and targets of which part.

    Attributes:
        pairs: the names of inputs and targets; without parts, "train" has all.
        without_targets: inputs of a part that has no targets.
        whole: the arrays that hold inputs and targets without naming a part, or "".
        ignored: arrays that mean nothing.
    """

    pairs: dict[PartName, tuple[str, str]]
    without_targets: tuple[str, ...] = ()
    whole: dict[Role, str] = field(default_factory=lambda: {"x": "", "y": ""})
    ignored: tuple[str, ...] = ()


def find_arrays(names: Sequence[str]) -> FoundArrays:
    """Return what the names say; no pairs where it is not clear.

    Knows ``x_train``, ``X_test``, ``trainX``, ``Xtr``, ``train_images``, ``val_labels``, pairs
    such as ``x`` and ``y`` or ``data`` and ``target``, and ``arr_0`` and ``arr_1``.
    """
    found: dict[tuple[PartName | None, Role], tuple[int, str]] = {}
    for name in names:
        meaning = _meaning(name)
        if meaning is not None:
            part, role, rank = meaning
            found[part, role] = min(found.get((part, role), (rank, name)), (rank, name))

    def pair(part: PartName | None) -> tuple[str, str] | None:
        both = found.get((part, "x")), found.get((part, "y"))
        return (both[0][1], both[1][1]) if both[0] and both[1] else None

    whole: dict[Role, str] = {role: found.get((None, role), (0, ""))[1] for role in _ROLES}
    first = pair("train") or pair(None)
    if first is None:
        return FoundArrays({}, whole=whole)
    pairs: dict[PartName, tuple[str, str]] = {"train": first}
    for part in PARTS[1:]:
        if other := pair(part):
            pairs[part] = other
    alone = (found[part, "x"][1] for part in PARTS if part not in pairs and (part, "x") in found)
    return FoundArrays(pairs, tuple(alone), whole)


def names_labels(name: str) -> bool:
    """Whether an array is called as those of classes are."""
    return re.search(r"label|class", name, re.I) is not None


def names_pictures(name: str) -> bool:
    """Whether an array is called as those of pictures are."""
    return re.search(r"image|imgs|pixels", name, re.I) is not None


def part_named(word: str) -> PartName | None:
    """Return the part that a word such as "train", "Valid" or "testing" stands for, if any."""
    return next((part for part, words in _PARTS.items() if word.lower() in words), None)


def _meaning(name: str) -> tuple[PartName | None, Role, int] | None:
    """The part, the role, and how likely such a name is, 0 being best."""
    if name in _IN_ORDER:
        return None, "x" if _IN_ORDER[name] == "x" else "y", len(_ROLES["x"])
    plain = re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("all")
    for role, words in _ROLES.items():
        for rank, word in enumerate(words):
            if plain == word:
                return None, role, rank
            rest = plain.removeprefix(word) if plain.startswith(word) else ""
            rest = rest or (plain.removesuffix(word) if plain.endswith(word) else "")
            if part := part_named(rest):
                return part, role, rank
    return None
