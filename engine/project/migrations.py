"""How a project file of an older version becomes one of this version.

One pure function per step: ``STEPS[1]`` turns plain data of version 1 into
plain data of version 2. A step is never changed once a version was released,
and ``tests/data`` keeps a file of every version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import ProjectError

Step = Callable[[dict[str, Any]], dict[str, Any]]

VERSION = 1
STEPS: Mapping[int, Step] = {}


def up_to_date(
    data: dict[str, Any], steps: Mapping[int, Step] = STEPS, newest: int = VERSION
) -> dict[str, Any]:
    """The data as version ``newest`` writes it; ``data`` itself stays as it is.

    Raises:
        ProjectError: the file has no version, or a newer one.
    """
    version = data.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ProjectError(
            f"The project's version is {version!r}, which is not a version number.",
            "Open a file that Netsmith has saved.",
        )
    if version > newest:
        raise ProjectError(
            f"The project has version {version}; this Netsmith reads versions up to {newest}.",
            "Update Netsmith, then open it again.",
        )
    for step in range(version, newest):
        data = {**steps[step](data), "version": step + 1}
    return data
