"""The menu Training: runs and trials."""

from __future__ import annotations

from app.actions.command import Command, in_menu

TRAINING = in_menu(
    "&Training",
    Command("train", "&Start", "F5", "Train from new weights; undo brings the present ones back."),
    Command("pause", "&Pause", "F6", "Wait after this batch; or go on."),
    Command("step", "S&tep", "F7", "Take one batch from the present weights, then pause."),
    Command("stop", "St&op", "Shift+F5", "End the run after this batch."),
    Command("continue", "&Continue training", "Ctrl+F5", "Train on from the present weights."),
    Command(
        "predict",
        "Pre&dict…",
        "Ctrl+P",
        "Ask the trained network about a file, and save its answers as a table.",
        starts_group=True,
    ),
    Command(
        "find_rate",
        "&Find a learning rate…",
        "",
        "Train a copy with a rate that grows, and see where the loss falls and where it breaks.",
        starts_group=True,
    ),
    Command(
        "check_gradients",
        "Check &gradients…",
        "",
        "Compare the gradients of each layer with the slopes of the loss.",
    ),
)
