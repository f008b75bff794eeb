"""Tries of the network that is drawn: its gradients, and learning rates for it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.document import Document
from app.inspector.gradient_check import GradientCheckDialog
from app.messages import Messages
from app.training.rate_dialog import RateDialog
from app.training.session import TrainingSession
from app.workbench import Workbench
from engine.data import Dataset
from engine.errors import PlanError
from engine.network import Network
from engine.training.feeding import places_taken


class Trials(QObject):
    """Opens the dialogs that try a network out; lives as long as the window."""

    def __init__(
        self,
        workbench: Workbench,
        document: Document,
        session: TrainingSession,
        messages: Messages,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._workbench, self._document = workbench, document
        self._session, self._messages, self._window = session, messages, parent

    def check_gradients(self) -> None:
        """Compare gradients with slopes, at the trained weights if they fit what is drawn."""
        dataset = self._dataset("The gradients cannot be checked yet.")
        if dataset is None:
            return
        project, trained = self._document.whole, self._session.network
        if trained is not None and self._workbench.trained_matches:
            network = trained
        else:
            places = places_taken(project.graph, dataset.preprocessing)
            network = Network(project.graph, project.plan.seed, places=places)
        dialog = GradientCheckDialog(network, dataset, project.plan, self._window)
        dialog.open()
        dialog.start()

    def find_rate(self) -> None:
        """The learning-rate range test, from fresh weights as a new run has them."""
        dataset = self._dataset("Learning rates cannot be tried yet.")
        if dataset is None:
            return
        project = self._document.whole
        network = Network(project.graph, project.plan.seed)
        dialog = RateDialog(network, dataset, project.plan, self._window)
        dialog.chosen.connect(self._take_rate)
        dialog.open()
        dialog.start()

    def _take_rate(self, rate: float) -> None:
        project = self._document.whole
        optimizer = project.plan.optimizer.changed(learning_rate=rate)
        plan = project.plan.changed(optimizer=optimizer)
        self._document.do_whole(f"Set the learning rate to {rate:g}", replace(project, plan=plan))

    def _dataset(self, otherwise: str) -> Dataset | None:
        """What to try the network on; where nothing can be tried now, that is told."""
        self._workbench.refresh()  # the last edit may be of this very moment
        dataset, reason = self._workbench.dataset, self._workbench.reason_not_ready
        if self._session.is_active:
            error = PlanError("Training is running.", "Stop it first.")
        elif reason is not None:
            error = PlanError(otherwise, reason)
        elif dataset is None:
            error = PlanError(otherwise, "Wait until the data is loaded.")
        else:
            self._messages.withdraw(PlanError)
            return dataset
        self._messages.error(error)
        return None
