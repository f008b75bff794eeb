"""Files of every kind that people drop on the window."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from engine.project.examples import find_example

CLASSES = ("circle", "square")


def table(folder: Path, rows: int = 120) -> Path:
    """Write a CSV file with two numbers, a category and a target of two classes."""
    random, lines = np.random.default_rng(0), ["length,width,color,kind"]
    for _ in range(rows):
        length, width = random.normal(size=2)
        color, kind = random.choice(["red", "blue"]), "long" if length > width else "wide"
        lines.append(f"{length:.3f},{width:.3f},{color},{kind}")
    path = folder / "things.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def pictures(folder: Path, each: int = 12) -> Path:
    """Write a folder with a folder of small pictures for each class."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:16, :16] - 7.5
    for name in CLASSES:
        (folder / "shapes" / name).mkdir(parents=True, exist_ok=True)
        for number in range(each):
            size = random.uniform(3, 7)
            far = np.hypot(x, y) if name == "circle" else np.maximum(abs(x), abs(y))
            inside = far < size
            pixels = (inside * 200 + random.integers(0, 40, inside.shape)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "shapes" / name / f"{number:02}.png")
    return folder / "shapes"


def arrays(folder: Path, rows: int = 200) -> Path:
    """Write an NPZ file with ``x`` and ``y``."""
    x = np.random.default_rng(0).normal(size=(rows, 4)).astype(np.float32)
    path = folder / "arrays.npz"
    np.savez(path, x=x, y=(x.sum(axis=1) > 0).astype(np.int64))
    return path


def project(folder: Path, example: str = "iris") -> Path:
    """Write a project file: a copy of an example."""
    return Path(shutil.copy(find_example(example).path, folder / f"{example}.netsmith"))


def broken(folder: Path) -> list[Path]:
    """Write files that cannot be taken: no project, no table, no picture, nothing at all."""
    contents = {
        "torn.netsmith": b'{"format": 1, "title": "to',
        "noise.npz": bytes(range(256)) * 4,
        "words.csv": b"no numbers here",
        "empty.csv": b"",
        "letter.docx": b"PK\x03\x04 not really",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]
