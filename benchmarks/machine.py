"""On what is measured: processor, cores, versions."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from engine.parallel import available_cores

PACKAGES = (
    "numpy",
    "numba",
    "torch",
    "tensorflow",
    "tensorflow-cpu",
    "keras",
    "jax",
    "onnxruntime",
)


def describe_machine() -> str:
    """One line: processor, cores that may be used (each library gets all), versions."""
    versions = ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name)))
    cores = available_cores()
    return (
        f"{_processor()}, {cores} core{'s'[: cores > 1]}, as many threads for each; "
        f"{platform.system()}, Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    """The processor's name, as the system knows it."""
    listed = Path("/proc/cpuinfo")
    if not listed.exists():
        return platform.processor() or platform.machine()
    lines = (line.partition(":") for line in listed.read_text(encoding="utf-8").splitlines())
    facts = {key.strip(): value.strip() for key, _, value in lines}
    name = facts.get("model name", platform.machine())
    return f"{name} (family {facts.get('cpu family', '?')}, model {facts.get('model', '?')})"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
