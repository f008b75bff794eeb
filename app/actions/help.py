"""The menu Help: what explains the program."""

from __future__ import annotations

from app.actions.command import Command, in_menu

HELP = in_menu(
    "&Help",
    Command(
        "help_layer",
        "Help on the &layer",
        "F1",
        "What the selected layer does: formula, settings, references.",
    ),
    Command("guide", "User &guide", "", "How to draw, train, watch and export."),
    Command("about", "&About Netsmith", "", "Version and license."),
    Command("shortcuts", "&Keys and gestures", "Shift+F1", "All keys and gestures at a glance."),
)
