"""How samples are shared out among training, validation and test."""

from __future__ import annotations

from typing import Self

import numpy as np
from pydantic import model_validator

from engine.arrays import Array
from engine.data.samples import PARTS, PartName, Samples
from engine.data.targets import short_list
from engine.errors import DataError
from engine.spec import Spec, setting


class Split(Spec):
    """The shares of training, validation and test; what they leave is not used."""

    train: float = setting(0.7, gt=0, le=1, label="Training", help="The share to learn from.")
    validation: float = setting(
        0.15, ge=0, le=1, label="Validation", help="The share that is evaluated after each epoch."
    )
    test: float = setting(
        0.15, ge=0, le=1, label="Test", help="The share held back for the final test."
    )
    shuffle: bool = setting(
        True,
        label="Shuffle",
        help="Assign samples at random; turn off to keep the file's order, as for time series.",
    )
    stratified: bool = setting(
        True, label="Keep class shares", help="Keep the proportions of the classes in every part."
    )
    seed: int = setting(
        0,
        ge=0,
        le=2**32 - 1,
        label="Seed",
        help="A different seed gives a different split.",
        advanced=True,
    )

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        total = self.train + self.validation + self.test
        if total > 1 + 1e-9:
            raise ValueError(f"The shares add up to {total:g}; they may add up to 1 at most.")
        return self


def divide(samples: Samples, split: Split) -> tuple[dict[PartName, Array], tuple[str, ...]]:
    """The indices of each part, and what the user should know about them.

    The same samples and split always give the same parts. Samples that the
    source set aside are the validation and test part; the rest is shared out.

    Raises:
        DataError: a part that should have samples would get none.
    """
    rng = np.random.default_rng(split.seed)
    given = {part: np.asarray(each, np.int64) for part, each in samples.given.items()}
    rest = np.setdiff1d(np.arange(len(samples)), np.concatenate([*given.values(), []]))
    shares = {part: 0.0 if part in given else float(getattr(split, part)) for part in PARTS}
    sizes = _sizes(len(rest), tuple(shares.values()), fill=bool(given))
    if split.shuffle and split.stratified and samples.task == "classification":
        parts, notes = _stratified(rest, samples, sizes, rng)
    else:
        order = rng.permutation(rest) if split.shuffle else rest
        ends = np.cumsum(sizes)
        parts, notes = [order[: ends[0]], order[ends[0] : ends[1]], order[ends[1] : ends[2]]], ()
    drawn = [part for part in PARTS[1:] if given and part not in given and shares[part]]
    notes = (*notes, *(_drawn_note(part, len(parts[PARTS.index(part)])) for part in drawn))
    found = {**dict(zip(PARTS, parts, strict=True)), **given}
    return found, (*notes, *_about_dates(samples, split))


def _drawn_note(part: PartName, count: int) -> str:
    many = f"{count:,} samples" if count > 1 else "1 sample"
    return (
        f"No {part} part is given, so {many} of the training part serve as such; "
        "set its share to 0 to train on all of them."
    )


def _about_dates(samples: Samples, split: Split) -> tuple[str, ...]:
    """Return a note where rows with a date are shuffled: the future may leak into training."""
    is_shared_out = any(getattr(split, part) and part not in samples.given for part in PARTS[1:])
    if not samples.dates or not split.shuffle or not is_shared_out:
        return ()
    return (
        f"The rows have a date ({short_list(samples.dates, 3)}) and are shuffled, so the network "
        "is tested on times that it has also been trained on. To test it on later rows, sort the "
        "file by date and turn off Shuffle under Split.",
    )


def _sizes(count: int, shares: tuple[float, ...], *, fill: bool = False) -> tuple[int, int, int]:
    total = sum(shares)
    used = count if fill else round(count * min(1.0, total))
    validation, test = (max(1, round(used * share / total)) if share else 0 for share in shares[1:])
    train = used - validation - test
    if train < 1:
        raise DataError(
            f"{count} samples are too few for the requested parts.",
            "Add samples, or set the share for validation or test to 0.",
        )
    return train, validation, test


def _stratified(
    rest: Array, samples: Samples, sizes: tuple[int, int, int], rng: np.random.Generator
) -> tuple[list[Array], tuple[str, ...]]:
    y = samples.y[rest]
    classes, counts = np.unique(y, return_counts=True)
    asked = sum(size > 0 for size in sizes)
    # One of each class stays in training: what is never seen cannot be learned.
    free = counts - 1
    quotas: list[Array] = []
    for size in sizes[:0:-1]:
        quota = _shared_out(size, counts, free)
        free = free - quota
        quotas.insert(0, quota)
    unused = len(rest) - sum(sizes)
    quotas.append(_shared_out(unused, counts, free))
    parts: list[list[Array]] = [[], [], []]
    for i, label in enumerate(classes):
        members = rng.permutation(rest[y == label])
        start = 0
        for part, quota in zip((1, 2, None), quotas, strict=True):
            end = start + int(quota[i])
            if part is not None:
                parts[part].append(members[start:end])
            start = end
        parts[0].append(members[start:])
    notes = tuple(
        f"Class {samples.classes[int(label)]} has only {count} of {len(rest)} samples, "
        "so one part has none."
        for label, count in zip(classes, counts, strict=True)
        if count < asked
    )
    # Mixed, so that batches taken in order do not hold a single class.
    return [rng.permutation(np.concatenate(part)) for part in parts], notes


def _shared_out(size: int, counts: Array, free: Array) -> Array:
    """``size`` places given to classes by their counts, none more than is ``free``."""
    if size > free.sum():
        raise DataError(
            f"{int(counts.sum())} samples of {len(counts)} classes are too few for the parts "
            "asked for.",
            "Add samples, or switch off keeping the class shares.",
        )
    exact = size * counts / counts.sum()
    quota: Array = np.minimum(np.floor(exact).astype(np.int64), free)
    while (left := size - int(quota.sum())) > 0:
        open_ = np.flatnonzero(quota < free)
        first = open_[np.argsort(quota[open_] - exact[open_], kind="stable")]
        quota[first[:left]] += 1
    return quota


def check_classes(samples: Samples) -> None:
    """Refuse to classify what has one class only.

    Raises:
        DataError: says which class it is.
    """
    if samples.task == "classification" and len(np.unique(samples.y)) < 2:
        only = samples.target_text(0) if len(samples) else short_list(samples.classes)
        raise DataError(
            f"{samples.place} has one class only: {only!r} in column {samples.target_name!r}.",
            "Choose another target, or add samples of another class.",
        )
