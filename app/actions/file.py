"""The menu File: projects, data and what leaves the program."""

from __future__ import annotations

from app.actions.command import Command, in_menu

FILE = in_menu(
    "&File",
    Command("new", "&New project", "Ctrl+N", "Start with an empty canvas.", icon="fa6s.file"),
    Command("open", "&Open…", "Ctrl+O", "Open a project file.", icon="fa6s.folder-open"),
    Command("open_data", "Open da&ta…", "Ctrl+Shift+O", "Open a table or arrays as data."),
    Command(
        "open_pictures",
        "Open p&icture folder…",
        "",
        "Open pictures, sorted into a folder for each class.",
    ),
    Command("start_page", "Start page", "", "Examples and recent projects.", icon="fa6s.house"),
    Command(
        "save", "&Save", "Ctrl+S", "Save the project.", icon="fa6s.floppy-disk", starts_group=True
    ),
    Command("save_as", "Save &as…", "Ctrl+Shift+S", "Save the project under another name."),
    Command(
        "save_with_weights",
        "Save with &weights…",
        "Ctrl+Alt+S",
        "Save project and trained weights as one file, to send or archive.",
    ),
    Command(
        "export",
        "&Export ONNX…",
        "Ctrl+E",
        "Export the trained network as a verified ONNX file.",
        icon="fa6s.file-export",
        starts_group=True,
    ),
    Command(
        "export_drawing",
        "Export &drawing…",
        "Ctrl+Shift+E",
        "Export the drawing of the network as SVG, PDF or PNG.",
    ),
    Command("quit", "&Quit", "Ctrl+Q", "Quit Netsmith.", starts_group=True),
)
