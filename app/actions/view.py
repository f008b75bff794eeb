"""The menu View: how the network and the window are shown."""

from __future__ import annotations

from app.actions.command import Command, in_menu, on_canvas

VIEW = in_menu(
    "&View",
    on_canvas("zoom_in", "Zoom &in", "Ctrl+=", "Zoom in."),
    on_canvas("zoom_out", "Zoom &out", "Ctrl+-", "Zoom out."),
    on_canvas("zoom_reset", "&100 %", "Ctrl+0", "Zoom to 100 %."),
    on_canvas(
        "fit_all", "&Fit all", "Home", "Fit the whole network into view.", icon="fa6s.expand"
    ),
    on_canvas("fit_selection", "Fit &selection", "F", "Fit the selection into view."),
    on_canvas("minimap", "&Minimap", "Alt+M", "Show or hide an overview of the network."),
    Command(
        "show_costs",
        "Costs on la&yers",
        "",
        "Show multiply-adds, memory and predicted time of each layer.",
        starts_group=True,
        checkable=True,
    ),
    Command(
        "show_pictures",
        "Live &pictures on layers",
        "",
        "Show each layer's output for the chosen sample, during and after training.",
        checkable=True,
    ),
    Command(
        "show_health",
        "&Health on wires",
        "",
        "Show gradients, sizes of updates and dead units during training.",
        checkable=True,
    ),
    Command(
        "command_palette", "&Commands…", "Ctrl+Shift+P", "Search all commands.", starts_group=True
    ),
    Command("focus_canvas", "&Go to the canvas", "F4", "Move the keyboard focus to the canvas."),
    Command("search_palette", "Search &layers", "Ctrl+F", "Search the palette for a layer."),
    Command("light", "&Light", "", "Use the light theme.", starts_group=True, checkable=True),
    Command("dark", "&Dark", "", "Use the dark theme.", checkable=True),
    Command("system", "Follow the s&ystem", "", "Use the theme of the desktop.", checkable=True),
    Command(
        "reduce_motion",
        "R&educe motion",
        "",
        "Turn animations off.",
        starts_group=True,
        checkable=True,
    ),
    Command(
        "reset_layout", "Reset window layout", "", "Move all panels back to their default places."
    ),
)
