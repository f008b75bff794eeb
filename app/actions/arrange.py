"""The menu Arrange: where things stand on the canvas."""

from __future__ import annotations

from app.actions.command import Needs, in_menu, on_canvas

ARRANGE = in_menu(
    "&Arrange",
    on_canvas(
        "arrange",
        "Arrange in co&lumns",
        "L",
        "Lay out the selected layers, or all, in the direction of the data.",
        needs=Needs.LAYERS,
    ),
    on_canvas(
        "collapse",
        "&Hide details",
        "H",
        "Show the selected layers by their names alone, or whole again.",
        needs=Needs.SELECTED,
    ),
    on_canvas(
        "frame",
        "&Frame selection",
        "C",
        "Put a titled frame around what is selected.",
        starts_group=True,
        needs=Needs.SELECTED,
    ),
    on_canvas("note", "Add &note", "N", "Write a note on the canvas."),
    on_canvas(
        "recolor", "C&olor…", "Shift+C", "Give frames and notes another color.", needs=Needs.MARK
    ),
    on_canvas(
        "align_left",
        "Align &left",
        "Ctrl+Shift+Left",
        "Bring left edges in line.",
        starts_group=True,
        needs=Needs.TWO,
    ),
    on_canvas(
        "align_center",
        "Align &centers",
        "",
        "Bring centers in line, one above the other.",
        needs=Needs.TWO,
    ),
    on_canvas(
        "align_right",
        "Align &right",
        "Ctrl+Shift+Right",
        "Bring right edges in line.",
        needs=Needs.TWO,
    ),
    on_canvas(
        "align_top", "Align &top", "Ctrl+Shift+Up", "Bring upper edges in line.", needs=Needs.TWO
    ),
    on_canvas(
        "align_middle",
        "Align &middles",
        "",
        "Bring centers in line, one beside the other.",
        needs=Needs.TWO,
    ),
    on_canvas(
        "align_bottom",
        "Align &bottom",
        "Ctrl+Shift+Down",
        "Bring lower edges in line.",
        needs=Needs.TWO,
    ),
    on_canvas(
        "distribute_across",
        "Distribute &across",
        "",
        "Make the gaps from left to right equal.",
        starts_group=True,
        needs=Needs.THREE,
    ),
    on_canvas(
        "distribute_down",
        "Distribute &down",
        "",
        "Make the gaps from top to bottom equal.",
        needs=Needs.THREE,
    ),
)
