"""The menu View: how the network and the window are shown."""

from __future__ import annotations

from app.actions.command import Command, in_menu, on_canvas

VIEW = in_menu(
    "&View",
    on_canvas("zoom_in", "Zoom &in", "Ctrl+=", "Make the drawing larger."),
    on_canvas("zoom_out", "Zoom &out", "Ctrl+-", "Make the drawing smaller."),
    on_canvas("zoom_reset", "&100 %", "Ctrl+0", "Show the drawing at its true size."),
    on_canvas("fit_all", "&Fit all", "Home", "Show everything.", icon="fa6s.expand"),
    on_canvas("fit_selection", "Fit &selection", "F", "Show what is selected."),
    on_canvas("minimap", "&Minimap", "Alt+M", "Show or hide the whole drawing, small."),
    Command(
        "show_costs",
        "Costs on la&yers",
        "",
        "Multiply-adds, memory and predicted time of each layer.",
        starts_group=True,
        checkable=True,
    ),
    Command(
        "show_pictures",
        "Live &pictures on layers",
        "",
        "What each layer makes of the chosen sample, while training and after it.",
        checkable=True,
    ),
    Command(
        "show_health",
        "&Health on wires",
        "",
        "Gradients, how far weights move, and dead units, while training.",
        checkable=True,
    ),
    Command(
        "command_palette", "&Commands…", "Ctrl+Shift+P", "Search all commands.", starts_group=True
    ),
    Command("focus_canvas", "&Go to the canvas", "F4", "Use the keyboard there."),
    Command("search_palette", "Search &layers", "Ctrl+F", "Find a layer."),
    Command("light", "&Light", "", "Draw the program light.", starts_group=True, checkable=True),
    Command("dark", "&Dark", "", "Draw the program dark.", checkable=True),
    Command("system", "As the s&ystem", "", "Follow the desktop.", checkable=True),
    Command(
        "reduce_motion",
        "R&educe motion",
        "",
        "Let nothing glide or flash.",
        starts_group=True,
        checkable=True,
    ),
    Command("reset_layout", "Reset window layout", "", "Put panels back."),
)
