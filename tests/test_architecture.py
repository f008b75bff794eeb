"""How the house is built: who may import whom, and what no file may do."""

from __future__ import annotations

import ast
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = sorted([ROOT / "main.py", *(ROOT / "engine").rglob("*.py"), *(ROOT / "app").rglob("*.py")])
TEXTS = {".py", ".md", ".toml", ".json", ".netsmith", ".svg", ".yml", ".yaml", ".sh", ".cfg", ""}

LINES_PER_FILE, LINES_PER_FUNCTION = 400, 60


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_in(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def calls_in(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))


def test_imports_go_one_way() -> None:
    """The contracts stand in pyproject.toml; ``lint-imports`` checks them too."""
    pytest.importorskip("importlinter", reason='import-linter comes with pip install -e ".[dev]"')
    code = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_engine_knows_neither_the_window_nor_qt() -> None:
    """Also in functions and for type checkers, which the contracts pass over."""
    for path in CODE:
        if name_of(path).startswith("engine/"):
            tops = {each.partition(".")[0] for each in imports_in(path)}
            assert not tops & {"app", "main", "PySide6", "pyqtgraph", "qtawesome"}, name_of(path)


def test_the_main_window_is_opened_in_one_place() -> None:
    users = {name_of(path) for path in CODE if "app.main_window" in imports_in(path)}
    assert users <= {"main.py", "app/launch.py"}


def test_main_is_short() -> None:
    assert len((ROOT / "main.py").read_text(encoding="utf-8").splitlines()) <= 40


def test_importing_the_engine_is_light() -> None:
    """Heavy libraries wait for their first use; each costs a good part of a second."""
    heavy = ["PySide6", "pyqtgraph", "sklearn", "scipy", "polars", "PIL", "onnx", "onnxruntime"]
    heavy += ["typer", "keras", "jax"]
    code = (
        "import sys, engine, engine.training, engine.project, engine.exporting\n"
        "engine.Graph, engine.Network, engine.train, engine.Plan, engine.prepare\n"
        f"print(*[name for name in {heavy} if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == []


FORBIDDEN_IMPORTS = {
    **dict.fromkeys(("pickle", "shelve", "marshal", "dill", "joblib", "cloudpickle"), "runs code"),
    **dict.fromkeys(
        ("socket", "http", "urllib", "requests", "ssl", "ftplib"), "opens a connection"
    ),
    **dict.fromkeys(("QtNetwork", "QtWebEngineCore"), "opens a connection"),
}
FORBIDDEN_CALLS = {"eval", "exec", "__import__", "compile"}


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_what_is_read_is_never_run_and_nothing_is_fetched(path: Path) -> None:
    for module in imports_in(path):
        bad = set(module.split(".")) & FORBIDDEN_IMPORTS.keys()
        assert not bad, f"{module} {FORBIDDEN_IMPORTS[min(bad)]}"
    for call in calls_in(path):
        assert not (isinstance(call.func, ast.Name) and call.func.id in FORBIDDEN_CALLS), (
            f"line {call.lineno}"
        )
        for keyword in call.keywords:
            if keyword.arg == "allow_pickle":
                assert ast.unparse(keyword.value) == "False", f"line {call.lineno}"


def test_signals_are_connected_to_bound_methods() -> None:
    """A lambda or a partial runs in the emitter's thread, and keeps its widget alive for good."""
    found = []
    for path in CODE:
        for call in calls_in(path):
            if not (isinstance(call.func, ast.Attribute) and call.func.attr == "connect"):
                continue
            for argument in call.args:
                words = ast.unparse(argument)
                if isinstance(argument, ast.Lambda) or words.startswith(
                    ("partial(", "functools.partial(")
                ):
                    found.append(f"{name_of(path)}:{call.lineno}: {words}")
    assert not found, "\n".join(found)


DELETED_BY_QT = {
    *("QListWidget", "QListWidgetItem", "QTreeWidget", "QTreeWidgetItem"),
    *("QTableWidget", "QTableWidgetItem", "QStandardItemModel", "QStandardItem"),
    *("QLayoutItem", "QWidgetItem", "QSpacerItem"),
}
CALLS_FOR_ITEMS = {
    *("itemAt", "itemAtPosition", "takeAt", "item", "takeItem", "topLevelItem", "currentItem"),
    *("selectedItems", "findItems", "itemFromIndex", "invisibleRootItem", "internalPointer"),
    "queryAccessibleInterface",
}


WINDOW = [path for path in CODE if name_of(path).startswith("app/")]


@pytest.mark.parametrize("path", WINDOW, ids=name_of)
def test_no_python_object_is_made_of_what_qt_deletes(path: Path) -> None:
    """Qt deletes the items of layouts, lists, trees and tables without telling Python. The
    Python object stays, and is taken for whatever is allocated at that address next: the
    program dies, often much later and elsewhere. ``app.widgets.rows`` has models instead;
    of a layout's items ``indexOf`` tells the places.
    """
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Name | ast.alias):
            name = node.id if isinstance(node, ast.Name) else node.name
            assert name not in DELETED_BY_QT, f"line {node.lineno}: Qt deletes a {name}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            assert name not in CALLS_FOR_ITEMS, (
                f"line {node.lineno}: {name}() gives what Qt deletes without telling Python; "
                "use a model of app.widgets.rows, or indexOf() of a layout"
            )


@pytest.mark.parametrize("path", WINDOW, ids=name_of)
def test_layouts_are_added_before_they_are_filled(path: Path) -> None:
    """PySide makes a Python object of each item of a layout that it adds to another one."""
    for function in ast.walk(tree_of(path)):
        if not isinstance(function, ast.FunctionDef):
            continue
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        filled: dict[str, int] = {}
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
            if not isinstance(call.func, ast.Attribute):
                continue
            if call.func.attr in ("addLayout", "insertLayout"):
                added = ast.unparse(next(a for a in call.args if not isinstance(a, ast.Constant)))
                assert added not in filled, f"add {added} before line {filled[added]} fills it"
            if call.func.attr in ("addWidget", "addLayout", "addStretch", "addSpacing"):
                filled.setdefault(ast.unparse(call.func.value), call.lineno)


def test_names_say_what_a_class_does() -> None:
    for path in CODE:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                assert not node.name.endswith(("Manager", "Helper", "Utils")), (
                    f"{name_of(path)}: {node.name}"
                )


def test_public_classes_and_modules_say_what_they_are() -> None:
    silent = []
    for path in CODE:
        tree = tree_of(path)
        if tree.body and not ast.get_docstring(tree):
            silent.append(name_of(path))
        silent += [
            f"{name_of(path)}: {node.name}"
            for node in tree.body
            if isinstance(node, ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
    assert not silent, "\n".join(silent)


def project_files() -> Iterator[Path]:
    skipped = {"build", "dist", "__pycache__", "node_modules"}
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part != ".ci" for part in parts)
        inside = skipped & set(parts) or any(part.endswith(".egg-info") for part in parts)
        if path.is_file() and not hidden and not inside and path.suffix in TEXTS:
            yield path


def test_no_file_names_a_place_on_some_machine() -> None:
    places = [f"/{each}" for each in ("work/", "opt/venv", "root/", "home/")]
    found = [
        f"{name_of(path)}: {place}"
        for path in project_files()
        if path != Path(__file__).resolve()
        for place in places
        if place in path.read_text(encoding="utf-8", errors="ignore")
    ]
    assert not found, "\n".join(found)


def test_every_package_in_use_is_declared() -> None:
    """A forgotten dependency shows only on a machine where nothing else brought it along."""
    import tomllib
    from importlib.metadata import packages_distributions

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [each.lower().replace("_", "-").rstrip() for each in project["dependencies"]]
    homes = packages_distributions()
    # What nothing but the compiled loops may ask for, where it is installed: numba, and
    # the package that it brings along and stands on.
    fast = {"numba", "llvmlite"}
    tops = {path: {each.partition(".")[0] for each in imports_in(path)} for path in CODE}
    compiled = [name_of(path) for path in CODE if fast & tops[path]]
    assert {name.rpartition("/")[0] for name in compiled} == {"engine/compiled"}
    used = set().union(*tops.values())
    assert any(each.startswith("numba") for each in names)
    used -= fast | set(sys.stdlib_module_names) | {"app", "engine", "main", "resources"}
    used.discard("shiboken6")  # the half of PySide6 that goes by its own name
    for top in used:
        sources = {each.lower().replace("_", "-") for each in homes.get(top, [top])}
        assert any(name.startswith(tuple(sources)) for name in names), f"{top} is not declared"


@pytest.mark.parametrize("module", ["main", "app.theme", "engine.data.tables", "tests.conftest"])
def test_a_warning_of_ours_is_an_error(module: str) -> None:
    with pytest.raises(DeprecationWarning):
        warnings.warn_explicit("old", DeprecationWarning, "file.py", 1, module)


@pytest.mark.parametrize("module", ["jax._src.dtypes", "keras.src.backend", "applications"])
def test_a_warning_of_another_library_is_none(module: str) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.warn_explicit("old", DeprecationWarning, "file.py", 1, module)
    assert len(warned) == 1


def test_budgets(capsys: pytest.CaptureFixture[str]) -> None:
    """Long files and functions are shown, not refused: sometimes one is right."""
    report = []
    for path in CODE:
        tree, lines = tree_of(path), len(path.read_text(encoding="utf-8").splitlines())
        if lines > LINES_PER_FILE:
            report.append(f"{name_of(path)}: {lines} lines")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LINES_PER_FUNCTION:
                    report.append(f"{name_of(path)}: {node.name} has {length} lines")
    if report:
        with capsys.disabled():
            print("\nOver budget:", *report, sep="\n  ")  # noqa: T201
