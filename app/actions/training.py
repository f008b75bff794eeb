"""The menu Training: runs and trials."""

from __future__ import annotations

from app.actions.command import Command, in_menu

TRAINING = in_menu(
    "&Training",
    Command("train", "&Start", "F5", "Train from new weights; Undo brings the current ones back."),
    Command("pause", "&Pause", "F6", "Pause after this batch, or resume."),
    Command("step", "S&tep", "F7", "Train on one batch from the current weights, then pause."),
    Command("stop", "St&op", "Shift+F5", "Stop the run after this batch."),
    Command("continue", "&Continue training", "Ctrl+F5", "Train further from the current weights."),
    Command(
        "train_anyway",
        "Train any&way",
        "",
        "Train although something is wrong, where it can be computed; says what comes of it.",
    ),
    Command(
        "predict",
        "Pre&dict…",
        "Ctrl+P",
        "Predict on a file with the trained network, and save the results.",
        starts_group=True,
    ),
    Command(
        "find_rate",
        "&Find a learning rate…",
        "",
        "Train a copy while the rate grows, and see where the loss falls and where it blows up.",
        starts_group=True,
    ),
    Command(
        "check_gradients",
        "Check &gradients…",
        "",
        "Compare each layer's gradients with finite differences of the loss.",
    ),
)
