"""Training: what to do, how far it is, how good it is."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.document import Document
from app.training.progress_line import Progress, ProgressLine, Speedometer
from app.training.results import Words, in_words
from app.training.score_table import ScoreTable
from app.training.session import State, TrainingSession
from app.widgets.icons import icon
from app.widgets.labels import ToneLabel
from app.widgets.scroll import VerticalScroll
from app.widgets.spec_form import SpecForm
from engine.compiled.notice import PREPARING
from engine.project import Project
from engine.training import BatchDone, Finished, Plan

WAITS = "from the next Start or Continue"

REFRESH_MS = 250
STACK_BELOW = 540
"""Narrower than this, in pixels, the plan stands below the run."""

ICONS_BELOW = 400
"""Where the run has less room than this, only Start keeps its word."""

PLAN_WIDTH = 352
"""Room for the longest names of losses beside their label."""

ICONS = {
    "start": "fa6s.play",
    "pause": "fa6s.pause",
    "resume": "fa6s.play",
    "step": "fa6s.forward-step",
    "stop": "fa6s.stop",
    "continue": "fa6s.forward",
}


class TrainingPanel(QWidget):
    """The plan, the buttons, the progress and the result of a run.

    It steers a run that goes on by itself; to start one it asks, because data
    and graph are somebody else's.

    Signals:
        startRequested(): start from new weights.
        continueRequested(): start from the present weights.
        anywayRequested(): accept what is wrong but can be computed, and start.
        stepRequested(): as Continue, or as Start where there are no weights; take one batch.

    Attributes:
        start_action, pause_action, step_action, stop_action, continue_action:
            for menus and shortcuts; enabled when they can be used.
    """

    startRequested = Signal()
    anywayRequested = Signal()
    continueRequested = Signal()
    stepRequested = Signal()

    def __init__(
        self, document: Document, session: TrainingSession, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._session = document, session
        self._reason: str | None = "Nothing to train yet."
        self._can_continue = self._may_anyway = False
        self._outdated = ""
        self._ended_as: Words | None = None
        self._speed = Speedometer()
        self._pace = 0.0
        self.form = SpecForm(self, title="Training plan")
        self.progress = ProgressLine(self)
        self.result = ToneLabel("", "muted")
        self.anyway = QPushButton("Train anyway", self)
        self.anyway.hide()
        self.note = ToneLabel("", "muted")
        self.note.hide()
        self.scores = ScoreTable(self)
        self._buttons: list[QToolButton] = []
        self._make_actions()
        self._lay_out()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REFRESH_MS)
        self._soon.timeout.connect(self._refresh)
        self.form.edited.connect(self._plan_edited)
        document.changed.connect(self._document_changed)
        document.replaced.connect(self._show_plan)
        session.started.connect(self._started)
        session.batches.connect(self._batches_done)
        session.epochDone.connect(self._epoch_done)
        session.stateChanged.connect(self._state_changed)
        session.adopted.connect(self._fit_adopted)
        session.finished.connect(self._ended)
        session.failed.connect(self._ended)
        self._show_plan()
        self._state_changed()
        self._refresh()

    # What the window says

    def set_ready(
        self, reason: str | None, can_continue: bool = True, may_anyway: bool = False
    ) -> None:
        """Whether a run could start.

        Args:
            reason: why not, in words; None if it could.
            can_continue: whether there are weights that fit what is drawn now.
            may_anyway: whether a run can be computed all the same.
        """
        if (reason, can_continue, may_anyway) != (
            self._reason,
            self._can_continue,
            self._may_anyway,
        ):
            self._reason, self._can_continue, self._may_anyway = reason, can_continue, may_anyway
            self._state_changed()

    def set_outdated(self, words: str) -> None:
        """Say whose result it is where it is not that of what is drawn now; empty if it is."""
        if words != self._outdated:
            self._outdated = words
            self._state_changed()
            if self._ended_as is not None:
                self._show_result(self._ended_as)

    def set_note(self, words: str) -> None:
        """Say what to know of the run that goes on, or of going on; empty for nothing."""
        self.note.setText(words)
        self.note.setVisible(bool(words))

    # The plan

    def _show_plan(self) -> None:
        self.form.show_spec(self._document.project.plan)
        self._mark_waiting()

    def _mark_waiting(self) -> None:
        """Mark the settings that the run under way does not have yet."""
        run = self._session.run if self._session.is_active else None
        self.form.show_waiting(run.plan if run is not None else None, WAITS)

    def _document_changed(self, before: Project) -> None:
        if before.plan is not self._document.project.plan:
            self._show_plan()

    def _plan_edited(self, name: str, value: object) -> None:
        project = self._document.project
        label = Plan.settings()[name].label
        self._document.do(
            f"Change {label}",
            replace(project, plan=project.plan.changed(**{name: value})),
            self.form.gesture,
        )

    # The run

    def _start(self) -> None:
        if self._plan_is_what_is_shown():
            self.startRequested.emit()

    def _start_anyway(self) -> None:
        if self._plan_is_what_is_shown():
            self.anywayRequested.emit()

    def _continue(self) -> None:
        if self._plan_is_what_is_shown():
            self.continueRequested.emit()

    def _plan_is_what_is_shown(self) -> bool:
        """Whether no field holds a bad text; says so otherwise, and starts nothing."""
        complaint = self.form.complaint
        if complaint:
            self._show_result(Words(f"Nothing was started. {complaint}", "bad"))
        return not complaint

    def _pause_or_resume(self) -> None:
        if self._session.state is State.PAUSED:
            self._session.resume()
        else:
            self._session.pause()

    def _step(self) -> None:
        if self._session.is_active:
            self._session.step()
        elif self._plan_is_what_is_shown():
            self.stepRequested.emit()

    def _started(self) -> None:
        self._speed = Speedometer(self._session.began)
        self._ended_as = None
        self.result.hide()
        self._state_changed()
        self._refresh()

    def _batches_done(self, batches: list[BatchDone]) -> None:
        self._pace = self._speed.add(batches)
        self._refresh_soon()

    def _epoch_done(self, done: object) -> None:
        self._refresh_soon()

    def _refresh_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _refresh(self) -> None:
        """Show how far the run is and its newest numbers."""
        session = self._session
        if session.last is not None and session.run is not None:
            over, paused = not session.is_active, session.state is State.PAUSED
            self.progress.show_progress(
                Progress(session.last, session.run.epochs, self._pace, over, paused)
            )
        self.scores.show_scores(session.history)

    def _ended(self, end: Finished | Exception) -> None:
        words = in_words(end)
        took = self._document.costs.comparison if isinstance(end, Finished) else ""
        self._show_result(replace(words, text=f"{words.text} {took}.") if took else words)
        self._refresh()

    def _fit_adopted(self) -> None:
        """Show how the fit came about that was read, or brought back by undo."""
        self._ended_as = None
        self.result.hide()
        self._pace = 0.0
        result = self._session.result
        if result is not None:
            self._show_result(in_words(result))

    def _show_result(self, words: Words) -> None:
        self._ended_as = words
        self.result.setText(f"{self._outdated} {words.text}".strip())
        record = self._session.history.record.in_words
        self.result.setToolTip(f"Trained with {record}." if record else "")
        self.result.set_tone("muted" if self._outdated else words.tone)
        self.result.show()

    # Buttons

    def _make_actions(self) -> None:
        self.start_action = self._action("start", "Start", self._start)
        self.pause_action = self._action("pause", "Pause", self._pause_or_resume)
        self.step_action = self._action("step", "Step", self._step)
        self.stop_action = self._action("stop", "Stop", self._session.stop)
        self.continue_action = self._action("continue", "Continue", self._continue)
        self.anyway_action = QAction("Train anyway", self)
        self.anyway_action.setObjectName("train_anyway")
        self.anyway_action.triggered.connect(self._start_anyway)
        self.anyway.clicked.connect(self._start_anyway)

    def _action(self, name: str, text: str, slot: object) -> QAction:
        action = QAction(text, self)
        action.setObjectName(name)
        action.triggered.connect(slot)
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setAutoRaise(True)
        self._buttons.append(button)
        return action

    def _state_changed(self) -> None:
        session = self._session
        active, paused = session.is_active, session.state is State.PAUSED
        running = active and not session.is_stopping
        ready = self._reason is None and not active
        has_network = session.network is not None
        self.start_action.setEnabled(ready)
        self.continue_action.setEnabled(ready and has_network and self._can_continue)
        self.step_action.setEnabled(ready or running)
        self.pause_action.setEnabled(running)
        self.stop_action.setEnabled(running)
        may_anyway = self._may_anyway and not active
        self.anyway_action.setEnabled(may_anyway)
        self.anyway.setVisible(may_anyway)
        self.anyway.setToolTip(
            "It can be computed. What is wrong, and what comes of it, stands beside the curves."
        )
        self.pause_action.setText("Resume" if paused else "Pause")
        self.stop_action.setText("Stopping…" if session.is_stopping else "Stop")
        why = "A run is already under way." if active else self._reason
        start = "Train from new weights."
        if has_network:
            start += " Undo brings the current ones back."
        self.start_action.setToolTip(why or start)
        self.step_action.setToolTip(
            "Train on one batch, then pause." if ready or active else why or ""
        )
        self.pause_action.setToolTip("Go on." if paused else "Wait after this batch.")
        self.stop_action.setToolTip("Stop the run after this batch; what was learned is kept.")
        self.continue_action.setToolTip(why or self._about_continuing(has_network))
        if session.state is State.IDLE:
            self._ended_as = None
            self.result.hide()
            self._refresh()
        rests = session.last is None or self._reason is not None or bool(self._outdated)
        self._mark_waiting()
        if active and session.last is not None:
            self._refresh()
        elif active:
            begins = PREPARING if session.is_preparing else "Starting…"
            self.progress.show_rest("Stopping…" if session.is_stopping else begins)
        if not active:
            self._refresh()
            if rests:
                self.progress.show_rest("Ready." if self._reason is None else self._reason)
        self._draw_icons()

    def _about_continuing(self, has_network: bool) -> str:
        if not has_network:
            return "Train further from the current weights, once there are some."
        if not self._can_continue:
            return "No weights of the last fit match this network: press Start."
        return "Train further from the current weights. Undo brings them back."

    def _draw_icons(self) -> None:
        paused = self._session.state is State.PAUSED
        for action, name in (
            (self.start_action, "start"),
            (self.pause_action, "resume" if paused else "pause"),
            (self.step_action, "step"),
            (self.stop_action, "stop"),
            (self.continue_action, "continue"),
        ):
            action.setIcon(icon(ICONS[name], "accent" if name == "start" else "text"))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_icons()
        super().changeEvent(event)

    def minimumSizeHint(self) -> QSize:
        return QSize(270, 150)

    def sizeHint(self) -> QSize:
        return QSize(680, 280)

    def resizeEvent(self, event: QResizeEvent) -> None:
        direction, width = QBoxLayout.Direction, self.width()
        narrow = width < STACK_BELOW
        self._halves.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)
        self._halves.setStretch(0, 0 if narrow else 3)
        # What is left beside the plan; the plan may have more than it needs once all fits.
        plan = 0 if narrow else max(PLAN_WIDTH, width * 2 // 5)
        self.plan_area.setMinimumWidth(0 if narrow else PLAN_WIDTH)
        style = Qt.ToolButtonStyle
        few = width - plan < ICONS_BELOW
        text = style.ToolButtonIconOnly if few else style.ToolButtonTextBesideIcon
        for button in self._buttons[1:]:
            button.setToolButtonStyle(text)
        super().resizeEvent(event)

    def _lay_out(self) -> None:
        plan = QWidget(self)
        inside = QVBoxLayout(plan)
        inside.setContentsMargins(0, 0, 8, 0)
        inside.addWidget(self.form)
        inside.addStretch(1)
        self.plan_area = VerticalScroll(plan, self)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        # The width decides about the direction, so the direction must not decide the width.
        self._halves.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._halves.setContentsMargins(10, 8, 4, 8)
        self._halves.setSpacing(16)
        run = QVBoxLayout()
        self._halves.addLayout(run, 3)
        run.setSpacing(8)
        bar = QHBoxLayout()
        run.addLayout(bar)
        bar.setSpacing(2)
        for button in self._buttons:
            bar.addWidget(button)
        bar.addStretch(1)
        run.addWidget(self.progress)
        run.addWidget(self.anyway, 0, Qt.AlignmentFlag.AlignLeft)
        run.addWidget(self.result)
        run.addWidget(self.note)
        run.addWidget(self.scores)
        run.addStretch(1)
        self._halves.addWidget(self.plan_area, 2)
