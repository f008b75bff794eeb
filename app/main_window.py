"""The window: builds the panels and connects them; holds nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QIcon
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.actions import COMMANDS, TOOLBAR, Actions
from app.canvas.outline import Outline
from app.canvas.view import CanvasView
from app.data_view.data_panel import DataPanel
from app.document import Document
from app.document.blocks import Blocks, default_blocks_folder
from app.document.data import LoadedData
from app.document.files import DocumentFiles
from app.gui_gc import GuiGarbage
from app.inspector.inspector import Inspector
from app.messages import Messages
from app.palette.palette import Palette
from app.plots.activations import ActivationsView
from app.plots.comparison import ComparisonView
from app.plots.curves import Curves
from app.problems.problems_panel import ProblemsPanel
from app.settings import Settings
from app.start_page.start_page import StartPage
from app.training.panel import TrainingPanel
from app.training.session import TrainingSession
from app.widgets.banner import Banner
from app.widgets.crash_dialog import install_excepthook
from app.window.appearance import Appearance
from app.window.calibrating import Calibration
from app.window.canvas_switches import CanvasSwitches
from app.window.command_palette import CommandPalette
from app.window.docks import Docks, first_size
from app.window.exports import Exports
from app.window.fast_loops import PreparingLoops
from app.window.helping import Helping
from app.window.pages import Pages
from app.window.passing_errors import PassingErrors
from app.window.pointing import Pointing
from app.window.predicting import Predicting
from app.window.project_status import ProjectStatus
from app.window.recent import RecentMenu
from app.window.run_views import RunViews
from app.window.status import QuickTips, StatusFacts
from app.window.taking_data import TakingData
from app.window.templates import Templates
from app.window.text_keys import MenuKeys
from app.window.tool_bar import ToolBar
from app.window.trained import TrainedFiles
from app.window.trials import Trials
from app.workbench import Workbench
from engine.graph import names_along
from engine.project import Project
from engine.project.examples import Example, examples, find_example
from engine.training.fast_loops import FastLoops
from engine.version import VERSION

ICON = Path(__file__).parent.parent / "resources" / "icons" / "netsmith.svg"


class MainWindow(QMainWindow):
    """One window, one document."""

    def __init__(
        self, settings: Settings | None = None, *, state_folder: Path | None = None
    ) -> None:
        """Build it.

        Args:
            settings: what is remembered between starts; None for the user's own.
            state_folder: where journals of unsaved projects and blocks lie; None for the system's.
        """
        super().__init__()
        self.settings = settings or Settings()
        self.setObjectName("main_window")
        self.setAcceptDrops(True)
        self.messages = Messages(self)
        self.document = Document(parent=self)
        self.data = LoadedData(self.document, self)
        self.session = TrainingSession(self)
        self.files = DocumentFiles(
            self.document, self.settings, self.messages, self, state_folder=state_folder
        )
        self.appearance = Appearance(self.settings, self)
        PassingErrors(self.document, self.data, self.session, self.files, self.messages, self)
        self.workbench = Workbench(self.document, self.data, self.session, self.messages, self)
        self.trials = Trials(self.workbench, self.document, self.session, self.messages, self)
        self.trained = TrainedFiles(self.document, self.files, self.session, self.messages, self)
        folder = default_blocks_folder() if state_folder is None else state_folder / "blocks"
        self.blocks = Blocks(folder, self)
        self._build_panels()
        self._build_services()
        self._build_actions()
        self._connect()
        self._restore()

    # Building

    def _build_panels(self) -> None:
        self.palette_panel = Palette(self.blocks)
        self.canvas = CanvasView(self.document, self.blocks)
        self.outline = Outline(self.document)
        self.start_page = StartPage(examples())
        self.inspector = Inspector(self.document, self.messages)
        self.data_panel = DataPanel(self.document, self.data, self.messages, self.settings)
        self.problems_panel = ProblemsPanel(self._name_of)
        self.training_panel = TrainingPanel(self.document, self.session)
        self.curves = Curves()
        self.activations = ActivationsView()
        self.comparison = ComparisonView()
        self.run_views = RunViews(
            self.document,
            self.data,
            self.session,
            (self.canvas, self.curves, self.activations, self.comparison),
            self,
        )
        self.calibration = Calibration(self.document, self.session, self)
        self.facts = StatusFacts()
        self.tips = QuickTips(self.statusBar())
        # The docks stand in a window of their own, so that the start page has the whole room.
        self.workspace = QMainWindow()
        self.workspace.setWindowFlags(Qt.WindowType.Widget)
        self.workspace.setCentralWidget(self.canvas)
        self.docks = Docks(self.workspace)
        for name, title, panel in (
            ("palette", "Layers", self.palette_panel),
            ("outline", "Outline", self.outline),
            ("inspector", "Inspector", self.inspector),
            ("data", "Data", self.data_panel),
            ("problems", "Problems", self.problems_panel),
            ("training", "Training", self.training_panel),
            ("curves", "Curves", self.curves),
            ("comparison", "Confusion", self.comparison),
            ("activations", "Activations", self.activations),
        ):
            self.docks.add(name, title, panel)
        self.pages = Pages(
            self.start_page, self.workspace, self.docks, self.document, self.files, self.settings
        )
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        self.banner = Banner(middle)
        self.setCentralWidget(middle)
        self.statusBar().addPermanentWidget(self.facts)

    def _build_services(self) -> None:
        """What carries out commands that concern several panels."""
        document, canvas, messages = self.document, self.canvas, self.messages
        begins = self.pages.begins_project
        self.predicting = Predicting(
            self.files, self.workbench, self._project, self.settings, messages, self
        )
        self.taking = TakingData(
            self.data_panel, self.workbench, self.files, messages, begins, self.predicting, self
        )
        self.pointing = Pointing(document, canvas, self.inspector, self.docks, self.pages)
        self.templates = Templates(document, self.workbench, canvas, self.pages, messages, self)
        learned = self.trained, self.data, self.session
        self.exports = Exports(self.files, learned, canvas, self.settings, messages, self)
        self.helping = Helping(document, self.tips, self)
        panels = self.problems_panel, self.training_panel, self.curves
        self.status = ProjectStatus(document, self.files, self.workbench, self.facts, panels, self)
        self.switches = CanvasSwitches(canvas, self.settings, self)

    def _build_actions(self) -> None:
        canvas, stack, training = self.canvas, self.document.undo_stack, self.training_panel
        self.actions_ = Actions(
            self,
            {
                "new": self.new,
                "open": self.open,
                "open_data": self.taking.ask_for_file,
                "open_pictures": self.taking.ask_for_folder,
                "start_page": self.pages.show_start_page,
                "save": self.files.save,
                "save_as": self.files.save_as,
                "save_with_weights": self.files.save_with_weights,
                "export": self.exports.export,
                "export_drawing": self.exports.export_drawing,
                "quit": self.close,
                **{each.name: canvas.command(each.name) for each in COMMANDS if each.on_canvas},
                "undo": stack.undo,
                "redo": stack.redo,
                "template": self.templates.choose,
                "command_palette": self._open_commands,
                "search_palette": self.palette_panel.focus_search,
                "light": self.appearance.light,
                "dark": self.appearance.dark,
                "system": self.appearance.system,
                "focus_canvas": self.pointing.focus_canvas,
                "reduce_motion": self._reduce_motion,
                **self.switches.handlers,
                "reset_layout": self.docks.lay_out,
                "train": training.start_action,
                "pause": training.pause_action,
                "step": training.step_action,
                "stop": training.stop_action,
                "continue": training.continue_action,
                "train_anyway": training.anyway_action,
                "predict": self.predicting.predict,
                "find_rate": self.trials.find_rate,
                "check_gradients": self.trials.check_gradients,
                "help_layer": self.helping.help_on_layer,
                "guide": self.helping.guide.open_guide,
                "about": self.helping.show_about,
                "shortcuts": self.helping.show_shortcuts,
            },
        )
        self.menu_keys = MenuKeys(self)
        menus = self.actions_.fill_menus()
        for menu in menus.values():
            menu.aboutToShow.connect(self._refresh_actions)
        self.commands = CommandPalette(self.actions_, self.settings, self._refresh_actions, self)
        self.recent_menu = RecentMenu(self.settings, self)
        menus["File"].insertMenu(self.actions_["start_page"], self.recent_menu)
        panels = menus["View"].addMenu("&Panels")
        for action in self.docks.toggle_actions():
            panels.addAction(action)
        bar = ToolBar(self)
        self.addToolBar(bar)
        for name in TOOLBAR:
            if name:
                bar.addAction(self.actions_[name])
            else:
                bar.add_line()
        self.appearance.use(self.actions_)

    def _connect(self) -> None:
        document, stack = self.document, self.document.undo_stack
        self.messages.informed.connect(self.tips.say)
        self.messages.failed.connect(self.banner.show_error)
        self.messages.noted.connect(self.banner.show_note)
        self.messages.passed.connect(self.banner.pass_note)
        self.messages.withdrawn.connect(self.banner.withdraw)
        self.messages.warned.connect(self.banner.warn)
        self.messages.calmed.connect(self.banner.calm)
        self.canvas.message.connect(self.tips.say)
        self.canvas.refused.connect(self.messages.error)
        self.canvas.noted.connect(self.messages.note)
        self.canvas.hint.connect(self.tips.follow)
        self.canvas.idleHint.connect(self.tips.offer)
        self.canvas.editWanted.connect(self.pointing.edit_settings)
        self.palette_panel.layerActivated.connect(self._add_layer)
        self.start_page.exampleChosen.connect(self.open_example)
        self.start_page.fileChosen.connect(self.files.open_path)
        self.recent_menu.fileChosen.connect(self.files.open_path)
        self.start_page.newChosen.connect(self.new)
        self.start_page.dataChosen.connect(self.taking.ask_for_file)
        self.taking.taken.connect(self.pointing.show_data)
        self.start_page.backChosen.connect(self.pages.show_workspace)
        self.pages.currentChanged.connect(self._page_changed)
        self.activations.dataWanted.connect(self.pointing.show_data)
        self.start_page.openChosen.connect(self.open)
        self.outline.nodeActivated.connect(self.pointing.show_here)
        self.outline.commanded.connect(self.canvas.do)
        self.outline.fixChosen.connect(self.canvas.mending.apply)
        self.outline.fixPointed.connect(self.canvas.preview_fix)
        self.inspector.node_view.follow(self.data)
        self.inspector.nodeActivated.connect(self.pointing.show_here)
        self.inspector.summary.checkWanted.connect(self.trials.check_gradients)
        self.problems_panel.nodeActivated.connect(self.pointing.show_node)
        self.problems_panel.fixChosen.connect(self.workbench.adopt)
        self.problems_panel.fixPointed.connect(self.pointing.preview_fix)
        self.inspector.node_view.fixPointed.connect(self.canvas.preview_fix)
        self.facts.problemsWanted.connect(self.docks["problems"].raise_)
        self.data_panel.dropped.connect(self.taking.open_one_dropped)
        self.data_panel.edited.connect(self.workbench.follow_data_when_ready)
        self.training_panel.startRequested.connect(self.workbench.start)
        self.training_panel.anywayRequested.connect(self.workbench.start_anyway)
        self.training_panel.continueRequested.connect(self.workbench.go_on)
        self.training_panel.stepRequested.connect(self.workbench.step)
        self.files.leaving.connect(self.workbench.settle)  # after the run was ended
        self.workbench.drawn.connect(self._starter_drawn)
        document.changed.connect(self.pages.show_workspace)
        document.replaced.connect(self.run_views.begin_anew)
        document.replaced.connect(self.pages.show_workspace)
        document.replaced.connect(self.banner.dismiss)
        stack.canUndoChanged.connect(self.actions_["undo"].setEnabled)
        stack.canRedoChanged.connect(self.actions_["redo"].setEnabled)
        stack.undoTextChanged.connect(self._name_undo)
        stack.redoTextChanged.connect(self._name_redo)
        self.session.failed.connect(self._run_failed)
        for error in self.blocks.errors[:1]:
            self.messages.error(error)
        if self.files.safety.trouble is not None:
            self.banner.warn(self.files.safety.trouble)

    def _restore(self) -> None:
        self.resize(first_size(self.screen().availableSize()))
        if not self.settings.geometry.isEmpty():
            self.restoreGeometry(self.settings.geometry)
        self.pages.restore()
        self.actions_["reduce_motion"].setChecked(self.settings.reduce_motion)
        self.canvas.set_still(self.settings.reduce_motion)
        self.switches.use(self.actions_)
        self.actions_["undo"].setEnabled(False)
        self.actions_["redo"].setEnabled(False)
        self.run_views.begin_anew()
        self.status.refresh()
        self.pages.show_start_page()

    # What the menus do

    def new(self) -> None:
        """An empty project."""
        if self.files.new():
            self.pages.show_workspace()

    def open(self) -> None:
        """Ask for a project, or for data."""
        path = self.files.dialogs.path_to_open(self.settings.last_folder)
        if path is not None:
            self.open_path(path)

    def open_example(self, example: Example) -> None:
        """A copy of an example, ready to run."""
        self.files.open_copy(example.path)

    def open_demo(self) -> None:
        """The digits example, training."""
        self.open_example(find_example("digits"))
        self.workbench.start()

    def _open_commands(self) -> None:
        self.commands.open()

    def _reduce_motion(self, reduce: bool) -> None:
        self.settings.reduce_motion = reduce
        self.canvas.set_still(reduce)

    def _refresh_actions(self) -> None:
        self.actions_.enable(self.canvas.lacks)

    # What happens

    def _add_layer(self, kind: str) -> None:
        self.pages.show_workspace()
        self.canvas.add_layer(kind)

    def _starter_drawn(self) -> None:
        self.canvas.fit_all()
        self.messages.info(
            "Drew a small network for your data. F5 trains it; Ctrl+T offers others."
        )

    def _page_changed(self) -> None:
        # Of a project that is not seen nothing is said.
        self.facts.setVisible(self.pages.currentWidget() is self.workspace)

    def _run_failed(self, error: Exception) -> None:
        self.workbench.explain(error, self.messages)

    def _name_undo(self, text: str) -> None:
        self.actions_["undo"].setText(f"&Undo {text}".rstrip())

    def _name_redo(self, text: str) -> None:
        self.actions_["redo"].setText(f"&Redo {text}".rstrip())

    def _project(self) -> Project:
        return self.document.whole

    def _name_of(self, node: str) -> str:
        return " › ".join(names_along(self.document.whole.graph, node.split("/")))

    # The window itself

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:  # none where the program that they came from ended meanwhile
            event.acceptProposedAction()
        self.taking.open_dropped(paths)

    def open_path(self, path: Path) -> None:
        """A project is opened; anything else is taken as data."""
        self.taking.open_path(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_lose_work():
            event.ignore()
            return
        self.settings.geometry = self.saveGeometry()
        self.pages.remember()
        self.settings.flush()
        # Threads may take a while to end: nobody should look at a window that does not answer.
        self.hide()
        self.session.shutdown()
        self.data.shutdown()
        self.calibration.shutdown()
        self.run_views.shutdown()
        self.files.close()
        super().closeEvent(event)


def run(path: Path | None = None, demo: bool = False) -> int:
    """Open the window and stay in it until it is closed; the exit code."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Netsmith")
    app.setApplicationVersion(VERSION)
    app.setWindowIcon(QIcon(str(ICON)))
    settings = Settings()
    theme.apply(settings.scheme)
    install_excepthook(app)
    with GuiGarbage(app):
        window = MainWindow(settings)
        loops = PreparingLoops(FastLoops(), window.facts, window.session, window.messages, window)
        app.aboutToQuit.connect(loops.stop)
        # Before anything can train: a run takes the loops that are there when it begins.
        loops.start()
        window.show()
        if demo:
            window.open_demo()
        elif path is not None:
            window.files.open_path(path)
        else:
            window.files.offer_recovery()
        return app.exec()
