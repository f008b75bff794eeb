"""The menu Edit: what changes the network."""

from __future__ import annotations

from app.actions.command import Command, Needs, in_menu, on_canvas

EDIT = in_menu(
    "&Edit",
    Command(
        "undo",
        "&Undo",
        "Ctrl+Z",
        "Take back the last edit.",
        icon="fa6s.rotate-left",
        needs=Needs.UNDONE,
    ),
    Command(
        "redo",
        "&Redo",
        "Ctrl+Shift+Z",
        "Do it again.",
        icon="fa6s.rotate-right",
        needs=Needs.REDONE,
    ),
    on_canvas(
        "cut", "Cu&t", "Ctrl+X", "Copy, then delete.", starts_group=True, needs=Needs.SELECTED
    ),
    on_canvas("copy", "&Copy", "Ctrl+C", "Copy the selected layers as text.", needs=Needs.SELECTED),
    on_canvas(
        "copy_summary",
        "Copy su&mmary",
        "Ctrl+Shift+C",
        "Copy the whole network as a table of text: layers, shapes, parameters.",
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
        "Paste, and draw the wires into what was copied as well.",
        needs=Needs.CLIPBOARD,
    ),
    on_canvas(
        "duplicate",
        "D&uplicate",
        "Ctrl+D",
        "Copy the selected layers beside.",
        needs=Needs.SELECTED,
    ),
    on_canvas(
        "delete",
        "&Delete",
        "Del",
        "Delete, and join the ends where they fit.",
        needs=Needs.SELECTION,
    ),
    on_canvas(
        "delete_only",
        "Delete without &joining",
        "Shift+Del",
        "Delete and cut wires.",
        needs=Needs.SELECTION,
    ),
    on_canvas(
        "replace",
        "&Replace by…",
        "R",
        "Put another layer in its place; wires and common settings stay.",
        needs=Needs.ONE,
    ),
    on_canvas(
        "group",
        "&Group",
        "Ctrl+G",
        "Put the selected layers into a group, which is used as one layer.",
        needs=Needs.SELECTED,
    ),
    on_canvas(
        "ungroup",
        "&Ungroup",
        "Ctrl+Shift+G",
        "Put the layers of a group back in its place.",
        needs=Needs.ONE,
    ),
    on_canvas(
        "go_in",
        "Go into the gro&up",
        "Ctrl+Return",
        "Look into the selected group, and edit what is inside; a double click does it as well.",
        needs=Needs.GROUP,
    ),
    on_canvas(
        "go_out", "Go &out of the group", "Esc", "Look at what it is in.", needs=Needs.INSIDE
    ),
    on_canvas(
        "save_block",
        "Save as &block…",
        "B",
        "Keep the group for other projects; it is then in the palette.",
        needs=Needs.GROUP,
    ),
    on_canvas(
        "bypass",
        "&Bypass",
        "M",
        "Let data pass the selected layers by, or use them again.",
        needs=Needs.SELECTED,
    ),
    on_canvas(
        "use_again",
        "Use the layer &again",
        "Shift+D",
        "Add the layer once more, with the same weights.",
        needs=Needs.ONE,
    ),
    on_canvas(
        "mend",
        "&Mend…",
        "Ctrl+.",
        "Say what is wrong with the layer, and offer the edits that mend it.",
    ),
    on_canvas(
        "start_wire",
        "&Start a wire",
        "W",
        "Draw a wire by keyboard: arrows choose where to, Enter connects.",
        needs=Needs.ONE,
    ),
    on_canvas(
        "edit", "Edit s&ettings", "Return", "Go to the settings of the layer.", needs=Needs.ONE
    ),
    on_canvas("rename", "Re&name", "F2", "Write its name or text in place.", needs=Needs.NAMED),
    on_canvas(
        "cut_wires",
        "Cut &wires",
        "X",
        "Cut the selected wires, and all wires of the selected layers.",
        needs=Needs.SELECTION,
    ),
    on_canvas(
        "select_all", "Select &all", "Ctrl+A", "Select all.", starts_group=True, needs=Needs.LAYERS
    ),
    on_canvas("quick_add", "Add &layer…", "Tab", "Search for a layer.", icon="fa6s.plus"),
    Command(
        "template",
        "Draw a &template…",
        "Ctrl+T",
        "Draw a known architecture, sized to the data.",
        icon="fa6s.shapes",
    ),
    on_canvas(
        "insert_on_wire", "&Insert into wire…", "", "Put a layer into a wire.", needs=Needs.WIRE
    ),
)
