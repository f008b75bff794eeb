"""Sizes on the canvas, in pixels at 100 % zoom."""

from __future__ import annotations

CORNER = 9.0
STRIP = 5.0
FOOTER = 23.0
TALL_FOOTER = 37.0
"""Of a card that also tells what its layer costs."""
SMALL_HEIGHT = 34.0
PORT_RADIUS = 5.0
SLOT_GAP = 13.0
MARGIN = 12.0
"""How far a node paints beyond its card: ports, selection ring, shadow."""

GLANCE_WIDTH, GLANCE_HEIGHT = 178.0, 28.0
"""The strip under a card that shows what its layer puts out."""
GLANCE_INSET = 2.0
CHIP_RISE = 11.0
"""How far what tells a layer's health stands out above its card."""

BOX_BELOW = 0.6
"""Below this zoom a node is a colored box with its name."""
FAR_BELOW = 0.45
"""Below this zoom wires are a pixel thin on the screen, whatever the zoom."""
NAMES_BELOW = 0.16
"""Below this zoom not even the name could be read."""

MAGNET = 20.0
"""How near, in screen pixels, a wire end must come to a port to snap to it."""
PORT_REACH = 11.0
"""How near, in screen pixels, a press must be to a port to take it."""
WIRE_REACH = 7.0

LIMIT = 90_000.0
"""Nothing is placed farther out: Qt's scroll bars count in 32-bit pixels."""
