"""Files and folders to predict on, read the way the training data was."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.data.idx import is_images_file
from engine.data.inputs import inputs_of, read_inputs, read_truth
from engine.data.picture_folders import ENDINGS, MAX_PICTURES
from engine.data.preprocessing import Preprocessing
from engine.data.samples import check_size
from engine.data.suggest import is_table_name
from engine.data.targets import Targets, short_list
from engine.errors import DataError, EngineError
from engine.predicting.arrays import read_archive, read_idx_files
from engine.predicting.batch import Batch
from engine.progress import Progress, no_progress


def read_batch(
    path: Path,
    preprocessing: Preprocessing,
    targets: Targets,
    progress: Progress = no_progress,
) -> Batch:
    """Read what a trained network is to be asked about.

    A table has one sample in each row, an NPZ or IDX file one for each entry of its first axis.
    A picture is one sample; a folder holds pictures, directly or in folders, which may be named
    after their classes.

    Args:
        preprocessing, targets: those of the trained network.
        progress: is told how many samples are read.

    Raises:
        DataError: names the file, row and column and says what to do.
        Cancelled: ``progress`` asked for it.
    """
    if not path.exists():
        raise DataError(f"There is no file {str(path)!r}.", "Check the name.")
    if path.is_dir():
        return _folder(path, preprocessing, targets, progress)
    if path.suffix.lower() == ".npz":
        return read_archive(path, preprocessing, targets)
    if is_images_file(path):
        return read_idx_files(path, preprocessing, targets)
    if preprocessing.kind == "picture":
        if is_table_name(path):
            raise DataError(
                f"{path.name} is a table, but the network takes pictures.",
                "Choose a picture, a folder of pictures or an NPZ file.",
            )
        return Batch(read_inputs(path, preprocessing), path.name, "file", (path.name,))
    return _table(path, preprocessing, targets)


def _table(path: Path, preprocessing: Preprocessing, targets: Targets) -> Batch:
    if path.suffix.lower() in ENDINGS:
        raise DataError(
            f"{path.name} is a picture, but the network takes rows of a table.",
            "Choose a CSV, TSV or Parquet file.",
        )
    read = inputs_of(path, preprocessing)
    cells = read.cells
    assert cells is not None, "a table has cells"
    frame = cells.frame
    in_file = targets.names[0] in frame.columns and len(targets.names) == 1
    return Batch(
        read.x,
        path.name,
        "row",
        [str(row) for row in cells.rows.to_list()],
        {name: frame[name].to_list() for name in frame.columns},
        read_truth(cells, preprocessing, targets) if in_file and not targets.are_inputs else None,
        read.notes,
    )


def _folder(
    root: Path, preprocessing: Preprocessing, targets: Targets, progress: Progress
) -> Batch:
    if preprocessing.kind != "picture":
        readable = [each for each in sorted(root.iterdir()) if _is_readable(each)]
        if len(readable) == 1:
            return read_batch(readable[0], preprocessing, targets, progress)
        raise DataError(
            f"The folder {root.name} holds {short_list([each.name for each in readable], 4)}."
            if readable
            else f"The folder {root.name} holds no table and no arrays.",
            "Choose one file.",
        )
    files = _pictures(root)
    if not files:
        idx = [each for each in sorted(root.iterdir()) if is_images_file(each)]
        if len(idx) == 1:
            return read_batch(idx[0], preprocessing, targets, progress)
        raise DataError(
            f"The folder {root.name} holds no pictures.",
            "Choose a folder with PNG, JPEG or other pictures.",
        )
    check_size(len(files) * int(np.prod(preprocessing.output_shape)), root.name)
    x = np.empty((len(files), *preprocessing.output_shape), np.float32)
    kept, broken = list[Path](), list[str]()
    for done, file in enumerate(files):
        progress(done, len(files), "pictures")
        try:
            x[len(kept)] = read_inputs(file, preprocessing)[0]
        except EngineError as error:
            broken.append(error.what)
        else:
            kept.append(file)
    if not kept:
        raise DataError(f"No picture in {root.name} can be read: {broken[0]}", "Save them again.")
    return Batch(
        x[: len(kept)],
        root.name,
        "file",
        [each.relative_to(root).as_posix() for each in kept],
        truth=_classes_by_folder(root, kept, targets),
        notes=_about_broken(broken),
    )


def _about_broken(broken: list[str]) -> tuple[str, ...]:
    if not broken:
        return ()
    many = "1 picture was" if len(broken) == 1 else f"{len(broken):,} pictures were"
    return (f"{many} left out. {' '.join(broken[:5])}" + " …" * (len(broken) > 5),)


def _pictures(root: Path) -> list[Path]:
    """Return the pictures in a folder and in the folders inside, links to folders left out."""
    found = []
    for each in root.rglob("*"):
        hidden = any(part.startswith(".") for part in each.relative_to(root).parts)
        if each.suffix.lower() in ENDINGS and not hidden and each.is_file():
            found.append(each)
        if len(found) > MAX_PICTURES:
            raise DataError(
                f"{root.name} holds more than {MAX_PICTURES:,} pictures.",
                "Choose a folder with fewer pictures.",
            )
    return sorted(found)


def _classes_by_folder(root: Path, files: list[Path], targets: Targets) -> list[str | None] | None:
    """Return the class of each picture, where every folder is named after one."""
    names = [each.parent.name for each in files]
    is_sorted = all(each.parent != root for each in files) and set(names) <= set(targets.classes)
    return list(names) if is_sorted else None


def _is_readable(path: Path) -> bool:
    return path.is_file() and (is_table_name(path) or path.suffix.lower() == ".npz")
