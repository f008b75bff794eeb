"""The menu Arrange: where things stand on the canvas."""

from __future__ import annotations

from app.actions.command import Needs, in_menu, on_canvas

ARRANGE = in_menu(
    "&Arrange",
    on_canvas(
        "arrange",
        "Arrange in co&lumns",
        "L",
        "Lay out the selected layers, or all of them, along the flow of data.",
        needs=Needs.LAYERS,
    ),
    on_canvas(
        "collapse",
        "&Hide details",
        "H",
        "Shrink the selected layers to their names, or show them in full.",
        needs=Needs.SELECTED,
    ),
    on_canvas(
        "frame",
        "&Frame selection",
        "C",
        "Put a titled frame around the selection.",
        starts_group=True,
        needs=Needs.SELECTED,
    ),
    on_canvas("note", "Add &note", "N", "Add a note to the canvas."),
    on_canvas(
        "recolor", "C&olor…", "Shift+C", "Change the color of frames and notes.", needs=Needs.MARK
    ),
    on_canvas(
        "align_left",
        "Align &left",
        "Ctrl+Shift+Left",
        "Line up the left edges.",
        starts_group=True,
        needs=Needs.TWO,
    ),
    on_canvas(
        "align_center",
        "Align &centers",
        "",
        "Line up the centers, one above the other.",
        needs=Needs.TWO,
    ),
    on_canvas(
        "align_right",
        "Align &right",
        "Ctrl+Shift+Right",
        "Line up the right edges.",
        needs=Needs.TWO,
    ),
    on_canvas(
        "align_top", "Align &top", "Ctrl+Shift+Up", "Line up the top edges.", needs=Needs.TWO
    ),
    on_canvas(
        "align_middle",
        "Align &middles",
        "",
        "Line up the centers, side by side.",
        needs=Needs.TWO,
    ),
    on_canvas(
        "align_bottom",
        "Align &bottom",
        "Ctrl+Shift+Down",
        "Line up the bottom edges.",
        needs=Needs.TWO,
    ),
    on_canvas(
        "distribute_across",
        "Distribute &across",
        "",
        "Make the horizontal gaps equal.",
        starts_group=True,
        needs=Needs.THREE,
    ),
    on_canvas(
        "distribute_down",
        "Distribute &down",
        "",
        "Make the vertical gaps equal.",
        needs=Needs.THREE,
    ),
)
