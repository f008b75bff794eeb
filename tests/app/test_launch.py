"""What stands between the command line and the window."""

from __future__ import annotations

import pytest

from app import launch


def test_missing_libraries_are_named_with_their_packages() -> None:
    def is_there(file: str) -> bool:
        return file not in ("libEGL.so.1", "libxcb-cursor.so.0", "libxkbcommon.so.0")

    missing = launch.missing_libraries("linux", {"DISPLAY": ":0"}, is_there)
    assert missing == ["libEGL.so.1", "libxkbcommon.so.0", "libxcb-cursor.so.0"]
    assert (
        launch.install_line(missing, has_dnf=False)
        == "sudo apt install libegl1 libxkbcommon0 libxcb-cursor0"
    )
    assert (
        launch.install_line(missing, has_dnf=True)
        == "sudo dnf install libglvnd-egl libxkbcommon xcb-util-cursor"
    )


def test_a_package_is_named_once() -> None:
    line = launch.install_line(["libxcb-shape.so.0", "libxcb-xkb.so.1"], has_dnf=True)
    assert line == "sudo dnf install libxcb"


def test_only_x_needs_the_libraries_of_x() -> None:
    def is_there(file: str) -> bool:
        return "xcb" not in file

    assert not launch.missing_libraries("linux", {"QT_QPA_PLATFORM": "offscreen"}, is_there)
    assert not launch.missing_libraries("linux", {"WAYLAND_DISPLAY": "wayland-0"}, is_there)
    assert launch.missing_libraries("linux", {"QT_QPA_PLATFORM": "xcb"}, is_there)
    assert not launch.missing_libraries("darwin", {}, lambda file: False)


def test_this_machine_has_what_it_needs() -> None:
    assert not launch.missing_libraries(environment={"QT_QPA_PLATFORM": "offscreen"})


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"QT_QPA_PLATFORM": "offscreen"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
    ],
)
def test_where_there_is_a_display(environment: dict[str, str], expected: bool) -> None:
    assert launch.has_display("linux", environment) is expected
    assert launch.has_display("win32", environment)


def test_a_display_that_is_gone_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":987")
    assert not launch.has_display("linux", {"DISPLAY": ":987"})


def test_the_demo_goes_on_without_a_window(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(launch, "has_display", lambda: False)
    # A server without a display may lack Qt's libraries as well.
    monkeypatch.setattr(launch, "missing_libraries", lambda: ["libEGL.so.1"])
    monkeypatch.setattr("engine.cli.main", lambda words: asked.append(words) or 0)
    assert launch.launch(["demo"]) == 0
    assert asked == [["demo"]]
    assert capsys.readouterr().out.count("\n") == 1
    assert launch.launch(["p.netsmith"]) == 2


def test_a_missing_library_gives_the_line_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(launch, "has_display", lambda: True)
    monkeypatch.setattr(launch, "missing_libraries", lambda: ["libEGL.so.1"])
    assert launch.launch([]) == 2
    what, todo = capsys.readouterr().err.splitlines()
    assert "libEGL.so.1" in what
    assert "install" in todo
