"""Every command of the window, in one table: menus, toolbar and shortcuts derive from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from app.widgets.icons import icon


class Needs(StrEnum):
    """What a command works on; the value says what to do where it is missing."""

    NOTHING = ""
    LAYERS = "The canvas is empty. Add a layer first."
    SELECTION = "Nothing is selected. Click a layer or a wire first."
    NAMED = "Select one layer, frame or note for this."
    MARK = "No frame or note is selected. Click the title of one first."
    SELECTED = "No layer is selected. Click one first."
    ONE = "Select one layer for this."
    GROUP = "Select a group for this; Ctrl+G makes one of the selected layers."
    INSIDE = "You are at the whole network. Double-click a group to look into it."
    TWO = "Select two or more layers for this."
    THREE = "Select three or more layers for this."
    WIRE = "No wire is selected. Click on one first."
    CLIPBOARD = "The clipboard holds no layers. Copy some on the canvas first."
    UNDONE = "There is nothing to undo."
    REDONE = "There is nothing to redo."


@dataclass(frozen=True)
class Command:
    """One thing the user can ask for.

    Attributes:
        name: what the code calls it.
        menu: the menu that it stands in.
        text: its words there; ``&`` marks the access key.
        keys: its shortcut; empty for none.
        icon: a qtawesome name; empty for none.
        tip: a sentence for the status bar.
        starts_group: whether a line is drawn above it.
        checkable: whether it is a switch.
        on_canvas: whether its key works only while the canvas has the focus; the
            canvas sees to that itself.
        needs: what it works on.
    """

    name: str
    menu: str
    text: str
    keys: str = ""
    icon: str = ""
    tip: str = ""
    starts_group: bool = False
    checkable: bool = False
    on_canvas: bool = False
    needs: Needs = Needs.NOTHING

    @property
    def words(self) -> str:
        """Its text as it is read aloud or searched."""
        return self.text.replace("&", "").rstrip("…")


def _canvas(name: str, menu: str, text: str, keys: str, tip: str, **more: Any) -> Command:
    return Command(name, menu, text, keys, tip=tip, on_canvas=True, **more)


_N = Needs


COMMANDS = (
    Command("new", "&File", "&New project", "Ctrl+N", "fa6s.file", "Start with an empty canvas."),
    Command("open", "&File", "&Open…", "Ctrl+O", "fa6s.folder-open", "Open a project file."),
    Command("open_data", "&File", "Open da&ta…", "Ctrl+Shift+O", tip="Take a table or arrays."),
    Command("open_pictures", "&File", "Open p&icture folder…", tip="A folder for each class."),
    Command("start_page", "&File", "Start page", "", "fa6s.house", "Examples and recent projects."),
    Command("save", "&File", "&Save", "Ctrl+S", "fa6s.floppy-disk", "Save the project.", True),
    Command("save_as", "&File", "Save &as…", "Ctrl+Shift+S", "", "Save under another name."),
    Command(
        "export",
        "&File",
        "&Export ONNX…",
        "Ctrl+E",
        "fa6s.file-export",
        "Write the trained network as a verified ONNX file.",
        True,
    ),
    Command(
        "export_drawing",
        "&File",
        "Export &drawing…",
        "Ctrl+Shift+E",
        "",
        "Write the drawing of the network as SVG, PDF or PNG.",
    ),
    Command("quit", "&File", "&Quit", "Ctrl+Q", "", "Close the program.", True),
    Command(
        "undo",
        "&Edit",
        "&Undo",
        "Ctrl+Z",
        "fa6s.rotate-left",
        "Take back the last edit.",
        needs=_N.UNDONE,
    ),
    Command(
        "redo",
        "&Edit",
        "&Redo",
        "Ctrl+Shift+Z",
        "fa6s.rotate-right",
        "Do it again.",
        needs=_N.REDONE,
    ),
    _canvas(
        "cut",
        "&Edit",
        "Cu&t",
        "Ctrl+X",
        "Copy, then delete.",
        starts_group=True,
        needs=_N.SELECTED,
    ),
    _canvas(
        "copy", "&Edit", "&Copy", "Ctrl+C", "Copy the selected layers as text.", needs=_N.SELECTED
    ),
    _canvas(
        "copy_summary",
        "&Edit",
        "Copy su&mmary",
        "Ctrl+Shift+C",
        "Copy the whole network as a table of text: layers, shapes, parameters.",
        needs=_N.LAYERS,
    ),
    _canvas(
        "paste",
        "&Edit",
        "&Paste",
        "Ctrl+V",
        "Paste layers or Keras code at the cursor.",
        needs=_N.CLIPBOARD,
    ),
    _canvas(
        "paste_wired",
        "&Edit",
        "Paste with &wires",
        "Ctrl+Shift+V",
        "Paste, and draw the wires into what was copied as well.",
        needs=_N.CLIPBOARD,
    ),
    _canvas(
        "duplicate",
        "&Edit",
        "D&uplicate",
        "Ctrl+D",
        "Copy the selected layers beside.",
        needs=_N.SELECTED,
    ),
    _canvas(
        "delete",
        "&Edit",
        "&Delete",
        "Del",
        "Delete, and join the ends where they fit.",
        needs=_N.SELECTION,
    ),
    _canvas(
        "delete_only",
        "&Edit",
        "Delete without &joining",
        "Shift+Del",
        "Delete and cut wires.",
        needs=_N.SELECTION,
    ),
    _canvas(
        "replace",
        "&Edit",
        "&Replace by…",
        "R",
        "Put another layer in its place; wires and common settings stay.",
        needs=_N.ONE,
    ),
    _canvas(
        "group",
        "&Edit",
        "&Group",
        "Ctrl+G",
        "Put the selected layers into a group, which is used as one layer.",
        needs=_N.SELECTED,
    ),
    _canvas(
        "ungroup",
        "&Edit",
        "&Ungroup",
        "Ctrl+Shift+G",
        "Put the layers of a group back in its place.",
        needs=_N.ONE,
    ),
    _canvas(
        "go_in",
        "&Edit",
        "Go into the gro&up",
        "Ctrl+Return",
        "Look into the selected group, and edit what is inside; a double click does it as well.",
        needs=_N.GROUP,
    ),
    _canvas(
        "go_out", "&Edit", "Go &out of the group", "Esc", "Look at what it is in.", needs=_N.INSIDE
    ),
    _canvas(
        "save_block",
        "&Edit",
        "Save as &block…",
        "B",
        "Keep the group for other projects; it is then in the palette.",
        needs=_N.GROUP,
    ),
    _canvas(
        "bypass",
        "&Edit",
        "&Bypass",
        "M",
        "Let data pass the selected layers by, or use them again.",
        needs=_N.SELECTED,
    ),
    _canvas(
        "use_again",
        "&Edit",
        "Use the layer &again",
        "Shift+D",
        "Add the layer once more, with the same weights.",
        needs=_N.ONE,
    ),
    _canvas(
        "mend",
        "&Edit",
        "&Mend…",
        "Ctrl+.",
        "Say what is wrong with the layer, and offer the edits that mend it.",
    ),
    _canvas(
        "start_wire",
        "&Edit",
        "&Start a wire",
        "W",
        "Draw a wire by keyboard: arrows choose where to, Enter connects.",
        needs=_N.ONE,
    ),
    _canvas(
        "edit",
        "&Edit",
        "Edit s&ettings",
        "Return",
        "Go to the settings of the layer.",
        needs=_N.ONE,
    ),
    _canvas(
        "rename",
        "&Edit",
        "Re&name",
        "F2",
        "Write its name or text in place.",
        needs=_N.NAMED,
    ),
    _canvas(
        "cut_wires",
        "&Edit",
        "Cut &wires",
        "X",
        "Cut the selected wires, and all wires of the selected layers.",
        needs=_N.SELECTION,
    ),
    _canvas(
        "select_all",
        "&Edit",
        "Select &all",
        "Ctrl+A",
        "Select all.",
        starts_group=True,
        needs=_N.LAYERS,
    ),
    _canvas("quick_add", "&Edit", "Add &layer…", "Tab", "Search for a layer.", icon="fa6s.plus"),
    Command(
        "template",
        "&Edit",
        "Draw a &template…",
        "Ctrl+T",
        "fa6s.shapes",
        "Draw a known architecture, sized to the data.",
    ),
    _canvas(
        "insert_on_wire",
        "&Edit",
        "&Insert into wire…",
        "",
        "Put a layer into a wire.",
        needs=_N.WIRE,
    ),
    _canvas("zoom_in", "&View", "Zoom &in", "Ctrl+=", "Make the drawing larger."),
    _canvas("zoom_out", "&View", "Zoom &out", "Ctrl+-", "Make the drawing smaller."),
    _canvas("zoom_reset", "&View", "&100 %", "Ctrl+0", "Show the drawing at its true size."),
    _canvas("fit_all", "&View", "&Fit all", "Home", "Show everything.", icon="fa6s.expand"),
    _canvas("fit_selection", "&View", "Fit &selection", "F", "Show what is selected."),
    _canvas("minimap", "&View", "&Minimap", "Alt+M", "Show or hide the whole drawing, small."),
    Command(
        "show_costs",
        "&View",
        "Costs on la&yers",
        tip="Multiply-adds, memory and predicted time of each layer.",
        starts_group=True,
        checkable=True,
    ),
    Command(
        "show_pictures",
        "&View",
        "Live &pictures on layers",
        tip="What each layer makes of the chosen sample, while training and after it.",
        checkable=True,
    ),
    Command(
        "show_health",
        "&View",
        "&Health on wires",
        tip="Gradients, how far weights move, and dead units, while training.",
        checkable=True,
    ),
    Command(
        "command_palette",
        "&View",
        "&Commands…",
        "Ctrl+Shift+P",
        "",
        "Search all commands.",
        starts_group=True,
    ),
    Command("focus_canvas", "&View", "&Go to the canvas", "F4", "", "Use the keyboard there."),
    Command("search_palette", "&View", "Search &layers", "Ctrl+F", "", "Find a layer."),
    Command("light", "&View", "&Light", "", "", "Draw the program light.", True, True),
    Command("dark", "&View", "&Dark", "", "", "Draw the program dark.", False, True),
    Command("system", "&View", "As the s&ystem", "", "", "Follow the desktop.", False, True),
    Command(
        "reduce_motion",
        "&View",
        "R&educe motion",
        "",
        "",
        "Let nothing glide or flash.",
        starts_group=True,
        checkable=True,
    ),
    Command("reset_layout", "&View", "Reset window layout", "", "", "Put panels back."),
    _canvas(
        "arrange",
        "&Arrange",
        "Arrange in co&lumns",
        "L",
        "Lay out the selected layers, or all, in the direction of the data.",
        needs=_N.LAYERS,
    ),
    _canvas(
        "collapse",
        "&Arrange",
        "&Hide details",
        "H",
        "Show the selected layers by their names alone, or whole again.",
        needs=_N.SELECTED,
    ),
    _canvas(
        "frame",
        "&Arrange",
        "&Frame selection",
        "C",
        "Put a titled frame around what is selected.",
        starts_group=True,
        needs=_N.SELECTED,
    ),
    _canvas("note", "&Arrange", "Add &note", "N", "Write a note on the canvas."),
    _canvas(
        "recolor",
        "&Arrange",
        "C&olor…",
        "Shift+C",
        "Give frames and notes another color.",
        needs=_N.MARK,
    ),
    _canvas(
        "align_left",
        "&Arrange",
        "Align &left",
        "Ctrl+Shift+Left",
        "Bring left edges in line.",
        starts_group=True,
        needs=_N.TWO,
    ),
    _canvas(
        "align_center",
        "&Arrange",
        "Align &centers",
        "",
        "Bring centers in line, one above the other.",
        needs=_N.TWO,
    ),
    _canvas(
        "align_right",
        "&Arrange",
        "Align &right",
        "Ctrl+Shift+Right",
        "Bring right edges in line.",
        needs=_N.TWO,
    ),
    _canvas(
        "align_top",
        "&Arrange",
        "Align &top",
        "Ctrl+Shift+Up",
        "Bring upper edges in line.",
        needs=_N.TWO,
    ),
    _canvas(
        "align_middle",
        "&Arrange",
        "Align &middles",
        "",
        "Bring centers in line, one beside the other.",
        needs=_N.TWO,
    ),
    _canvas(
        "align_bottom",
        "&Arrange",
        "Align &bottom",
        "Ctrl+Shift+Down",
        "Bring lower edges in line.",
        needs=_N.TWO,
    ),
    _canvas(
        "distribute_across",
        "&Arrange",
        "Distribute &across",
        "",
        "Make the gaps from left to right equal.",
        starts_group=True,
        needs=_N.THREE,
    ),
    _canvas(
        "distribute_down",
        "&Arrange",
        "Distribute &down",
        "",
        "Make the gaps from top to bottom equal.",
        needs=_N.THREE,
    ),
    Command("train", "&Training", "&Start", "F5", "", "Train from fresh weights."),
    Command("pause", "&Training", "&Pause", "F6", "", "Wait after this batch; or go on."),
    Command("step", "&Training", "S&tep", "F7", "", "Take one batch, then pause."),
    Command("stop", "&Training", "St&op", "Shift+F5", "", "End the run after this batch."),
    Command(
        "continue",
        "&Training",
        "&Continue training",
        "Ctrl+F5",
        "",
        "Train on from the present weights.",
    ),
    Command(
        "find_rate",
        "&Training",
        "&Find a learning rate…",
        "",
        "",
        "Train a copy with a rate that grows, and see where the loss falls and where it breaks.",
        starts_group=True,
    ),
    Command(
        "check_gradients",
        "&Training",
        "Check &gradients…",
        "",
        "",
        "Compare the gradients of each layer with the slopes of the loss.",
    ),
    Command(
        "help_layer",
        "&Help",
        "Help on the &layer",
        "F1",
        "",
        "What the selected layer does: formula, settings, where it comes from.",
    ),
    Command("guide", "&Help", "User &guide", "", "", "How to draw, train, watch and export."),
    Command("about", "&Help", "&About Netsmith", "", "", "Version and license."),
    Command(
        "shortcuts",
        "&Help",
        "&Keys and gestures",
        "Shift+F1",
        "",
        "All keys and gestures at a glance.",
    ),
)

TOOLBAR = ("new", "open", "save", "", "undo", "redo", "", "quick_add", "fit_all", "", "export")


def command_named(name: str) -> Command:
    """The command of this name."""
    return next(command for command in COMMANDS if command.name == name)


def menu_text(command: Command) -> str:
    """What a menu says where the key is shown but not bound."""
    return f"{command.text}\t{native(command.keys)}" if command.keys else command.text


class Actions:
    """The QActions made from the table, by name."""

    def __init__(
        self, window: QMainWindow, handlers: Mapping[str, Callable[..., object] | QAction]
    ) -> None:
        """Make an action for each command.

        Args:
            handlers: by command name a bound method, or an action that a panel has
                made; it gets the table's key and tip.
        """
        self._window = window
        self.by_name: dict[str, QAction] = {}
        for command in COMMANDS:
            handler = handlers[command.name]
            if isinstance(handler, QAction):
                action = handler
            else:
                action = QAction(command.text, window)
                action.setToolTip(_tool_tip(command))
                action.triggered.connect(handler)
            action.setObjectName(command.name)
            if command.on_canvas:
                # Shown in the menu only: Del in a text field must not delete a layer.
                action.setText(menu_text(command))
            else:
                action.setShortcut(QKeySequence(command.keys))
            action.setStatusTip(command.tip)
            action.setCheckable(command.checkable)
            self.by_name[command.name] = action
        self.draw_icons()

    def __getitem__(self, name: str) -> QAction:
        return self.by_name[name]

    def enable(self, lacks: Callable[[Needs], bool]) -> None:
        """Enable those of the canvas whose needs are met at present."""
        for command in COMMANDS:
            if command.on_canvas:
                self.by_name[command.name].setEnabled(not lacks(command.needs))

    def why_not(self, command: Command) -> str:
        """Why a command cannot be used now, in words; empty if it can."""
        action = self.by_name[command.name]
        if action.isEnabled():
            return ""
        return str(command.needs) or action.toolTip()

    def draw_icons(self) -> None:
        """Draw every icon in the colors in force."""
        for command in COMMANDS:
            if command.icon:
                self.by_name[command.name].setIcon(icon(command.icon))

    def fill_menus(self) -> dict[str, QMenu]:
        """Add the menus to the window; they by title without ``&``."""
        menus: dict[str, QMenu] = {}
        for command in COMMANDS:
            title = command.menu.replace("&", "")
            if title not in menus:
                menus[title] = self._window.menuBar().addMenu(command.menu)
            if command.starts_group:
                menus[title].addSeparator()
            menus[title].addAction(self.by_name[command.name])
        return menus


def _tool_tip(command: Command) -> str:
    keys = native(command.keys)
    name = f"{command.words} ({keys})" if keys else command.words
    return f"{name}: {command.tip}"


def native(keys: str) -> str:
    """A key as the desktop writes it."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
