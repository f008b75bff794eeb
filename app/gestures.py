"""What the hand does on the canvas, in one table: the page of keys and gestures is made of it.

Keys that carry out a command stand in :mod:`app.actions`; here is what is no command.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Gesture:
    """One thing that mouse, touchpad or bare keys do.

    Attributes:
        section: what it is for.
        what: what happens.
        how: how it is done.
        by: the class that carries it out; empty where no gesture object does.
    """

    section: str
    what: str
    how: str
    by: str = ""


GESTURES = (
    Gesture("Look around", "Pan", "middle button, or Space and drag", "PanGesture"),
    Gesture("Look around", "Pan on a touchpad", "two fingers"),
    Gesture("Look around", "Zoom at the cursor", "mouse wheel, pinch, or Ctrl and two fingers"),
    Gesture("Look around", "Jump", "click or drag in the minimap"),
    Gesture("Select", "One", "click"),
    Gesture("Select", "Several", "drag a box on empty canvas", "BandGesture"),
    Gesture("Select", "Add to the selection", "Shift and click or drag"),
    Gesture("Select", "Add or take away", "Ctrl and click or drag"),
    Gesture("Select", "The next layer along the wires", "arrow keys; Shift adds"),
    Gesture("Select", "Nothing", "Esc, or click empty canvas"),
    Gesture("Add layers", "From the palette", "drag it onto the canvas", "PlaceGesture"),
    Gesture("Add layers", "By name", "double-click empty canvas, Tab, or tap Space"),
    Gesture("Add layers", "Into a wire", "drop it on the wire, or double-click the wire"),
    Gesture("Add layers", "After a layer", "drop a wire on empty canvas"),
    Gesture("Add layers", "From text", "paste copied layers, or code such as Dense(64)"),
    Gesture("Add layers", "For data of your own", "drop a table or a folder on the window"),
    Gesture("Wires", "Connect", "drag from port to port, in either direction", "WireGesture"),
    Gesture("Wires", "Connect by keyboard", "W, arrows, Enter", "KeyWireGesture"),
    Gesture("Wires", "Move a wire", "drag it off an input"),
    Gesture("Wires", "Move all wires of an output", "Ctrl and drag the output", "RewireGesture"),
    Gesture("Wires", "Cut across", "Ctrl and draw with the right button", "CutGesture"),
    Gesture("Wires", "Cut at a port", "Alt and click the port"),
    Gesture("Wires", "Fix a refused wire", "drop it anyway, and choose a fix"),
    Gesture("Move", "Layers, frames and notes", "drag; hold Alt to ignore guides", "MoveGesture"),
    Gesture("Move", "A layer into a wire", "drag it over the wire; hold Alt to prevent that"),
    Gesture("Move", "By keyboard", "Ctrl and arrow keys"),
    Gesture("Move", "The corner of a frame or note", "drag it", "SizeGesture"),
    Gesture("Other", "What is wrong, and how to fix it", "click the red mark of a layer"),
    Gesture("Other", "Open a group", "double-click it; Esc leaves it"),
    Gesture("Other", "Edit the text of a frame or note", "double-click it"),
    Gesture("Other", "What can be done here", "right click, or the menu key"),
    Gesture("Other", "Lay out automatically", "L; Esc while layers move cancels", "LayoutGesture"),
    Gesture("Other", "Cancel a gesture", "Esc"),
)
