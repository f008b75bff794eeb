"""The menu Edit: what changes the network."""

from __future__ import annotations

from app.actions.command import Command, Needs, in_menu, on_canvas

EDIT = in_menu(
    "&Edit",
    Command(
        "undo",
        "&Undo",
        "Ctrl+Z",
        "Undo the last edit.",
        icon="fa6s.rotate-left",
        needs=Needs.UNDONE,
    ),
    Command(
        "redo",
        "&Redo",
        "Ctrl+Shift+Z",
        "Redo what was undone.",
        icon="fa6s.rotate-right",
        needs=Needs.REDONE,
    ),
    on_canvas(
        "cut",
        "Cu&t",
        "Ctrl+X",
        "Move the selected layers to the clipboard.",
        starts_group=True,
        needs=Needs.SELECTED,
    ),
    on_canvas("copy", "&Copy", "Ctrl+C", "Copy the selected layers as text.", needs=Needs.SELECTED),
    on_canvas(
        "copy_summary",
        "Copy su&mmary",
        "Ctrl+Shift+C",
        "Copy a text table of the whole network: layers, shapes, parameters.",
        needs=Needs.LAYERS,
    ),
    on_canvas(
        "paste",
        "&Paste",
        "Ctrl+V",
        "Paste layers or Keras code at the cursor.",
        needs=Needs.CLIPBOARD,
    ),
    on_canvas(
        "paste_wired",
        "Paste with &wires",
        "Ctrl+Shift+V",
        "Paste, and connect the copies to the same inputs as the originals.",
        needs=Needs.CLIPBOARD,
    ),
    on_canvas(
        "duplicate",
        "D&uplicate",
        "Ctrl+D",
        "Place copies of the selected layers beside them.",
        needs=Needs.SELECTED,
    ),
    on_canvas(
        "delete",
        "&Delete",
        "Del",
        "Delete, and reconnect the layers before and after where they fit.",
        needs=Needs.SELECTION,
    ),
    on_canvas(
        "delete_only",
        "Delete without &joining",
        "Shift+Del",
        "Delete layers together with their wires.",
        needs=Needs.SELECTION,
    ),
    on_canvas(
        "replace",
        "&Replace with…",
        "R",
        "Swap the layer for another; wires and shared settings stay.",
        needs=Needs.ONE,
    ),
    on_canvas(
        "group",
        "&Group",
        "Ctrl+G",
        "Combine the selected layers into a group that acts as one layer.",
        needs=Needs.SELECTED,
    ),
    on_canvas(
        "ungroup",
        "&Ungroup",
        "Ctrl+Shift+G",
        "Replace the group with the layers inside it.",
        needs=Needs.ONE,
    ),
    on_canvas(
        "go_in",
        "Open the gro&up",
        "Ctrl+Return",
        "Show and edit what is inside the selected group; double-clicking does the same.",
        needs=Needs.GROUP,
    ),
    on_canvas(
        "go_out", "Leave the gr&oup", "Esc", "Go back to the level above.", needs=Needs.INSIDE
    ),
    on_canvas(
        "save_block",
        "Save as &block…",
        "B",
        "Save the group for other projects; it appears in the palette.",
        needs=Needs.GROUP,
    ),
    on_canvas(
        "bypass",
        "&Bypass",
        "M",
        "Skip the selected layers, or use them again.",
        needs=Needs.SELECTED,
    ),
    on_canvas(
        "use_again",
        "Use the layer &again",
        "Shift+D",
        "Add the layer once more, sharing its weights.",
        needs=Needs.ONE,
    ),
    on_canvas(
        "mend",
        "&Fix…",
        "Ctrl+.",
        "Show what is wrong with the layer, and edits that fix it.",
    ),
    on_canvas(
        "start_wire",
        "&Start a wire",
        "W",
        "Connect by keyboard: arrows choose the target, Enter connects.",
        needs=Needs.ONE,
    ),
    on_canvas(
        "edit", "Edit s&ettings", "Return", "Move to the settings of the layer.", needs=Needs.ONE
    ),
    on_canvas("rename", "Re&name", "F2", "Edit the name or text in place.", needs=Needs.NAMED),
    on_canvas(
        "cut_wires",
        "Cut &wires",
        "X",
        "Cut the selected wires, and all wires of the selected layers.",
        needs=Needs.SELECTION,
    ),
    on_canvas(
        "select_all",
        "Select &all",
        "Ctrl+A",
        "Select everything on the canvas.",
        starts_group=True,
        needs=Needs.LAYERS,
    ),
    on_canvas(
        "quick_add", "Add &layer…", "Tab", "Search for a layer and add it.", icon="fa6s.plus"
    ),
    Command(
        "template",
        "Draw a &template…",
        "Ctrl+T",
        "Draw a standard architecture, sized for the data.",
        icon="fa6s.shapes",
    ),
    on_canvas(
        "insert_on_wire",
        "&Insert into wire…",
        "",
        "Insert a layer into the selected wire.",
        needs=Needs.WIRE,
    ),
)
