"""The window: builds the panels and connects them; holds nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QIcon
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.actions import COMMANDS, TOOLBAR, Actions, Needs
from app.canvas.outline import Outline
from app.canvas.view import CanvasView
from app.data_view.data_panel import DataPanel
from app.document import Document
from app.document.blocks import Blocks, default_blocks_folder
from app.document.data import LoadedData
from app.document.files import DocumentFiles
from app.exporting import drawing
from app.exporting.dialog import ExportDialog
from app.exporting.work import exportable
from app.gui_gc import GuiGarbage
from app.inspector.inspector import Inspector
from app.messages import Messages
from app.palette.palette import Palette
from app.plots.activations import ActivationsView
from app.plots.curves import Curves
from app.problems.problems_panel import ProblemsPanel
from app.settings import Settings
from app.start_page.start_page import StartPage
from app.templates.dialog import TemplateDialog
from app.training.panel import TrainingPanel
from app.training.session import TrainingSession
from app.widgets.banner import Banner
from app.widgets.crash_dialog import install_excepthook
from app.window.appearance import Appearance
from app.window.calibrating import Calibration
from app.window.canvas_switches import CanvasSwitches
from app.window.command_palette import CommandPalette
from app.window.docks import LAYOUT_VERSION, Docks, first_size
from app.window.guide import GuideWindow
from app.window.layer_help import LayerHelp
from app.window.recent import RecentMenu
from app.window.run_views import RunViews
from app.window.shortcuts import ShortcutsDialog
from app.window.status import QuickTips, StatusFacts
from app.window.taking_data import TakingData
from app.window.text_keys import MenuKeys
from app.window.tool_bar import ToolBar
from app.window.trained import TrainedFiles
from app.window.trials import Trials
from app.workbench import Workbench
from engine.diagnosis import Fix, diagnose
from engine.errors import DataError, ExportError
from engine.graph import Graph, names_along
from engine.layers import Layer
from engine.project import Project
from engine.project.examples import Example, examples, find_example
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
        self.workbench = Workbench(self.document, self.data, self.session, self)
        self.trials = Trials(self.workbench, self.document, self.session, self.messages, self)
        self.trained = TrainedFiles(self.document, self.files, self.session, self.messages, self)
        folder = default_blocks_folder() if state_folder is None else state_folder / "blocks"
        self.blocks = Blocks(folder, self)
        self._build_panels()
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
        self.run_views = RunViews(
            self.document,
            self.data,
            self.session,
            (self.canvas, self.curves, self.activations),
            self,
        )
        self.taking = TakingData(
            self.data_panel, self.workbench, self.files, self.messages, self._begins_project, self
        )
        self.calibration = Calibration(self.document, self.session, self)
        self.facts = StatusFacts()
        self.tips = QuickTips(self.statusBar())
        self.layer_help = LayerHelp(self)
        self.guide = GuideWindow(self)
        # The docks stand in a window of their own, so that the start page has the whole room.
        self.workspace = QMainWindow()
        self.workspace.setWindowFlags(Qt.WindowType.Widget)
        self.workspace.setCentralWidget(self.canvas)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.start_page)
        self._pages.addWidget(self.workspace)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._pages, 1)
        self.banner = Banner(middle)
        self.setCentralWidget(middle)
        self.docks = Docks(self.workspace)
        for name, title, panel in (
            ("palette", "Layers", self.palette_panel),
            ("outline", "Outline", self.outline),
            ("inspector", "Inspector", self.inspector),
            ("data", "Data", self.data_panel),
            ("problems", "Problems", self.problems_panel),
            ("training", "Training", self.training_panel),
            ("curves", "Curves", self.curves),
            ("activations", "Activations", self.activations),
        ):
            self.docks.add(name, title, panel)
        self.statusBar().addPermanentWidget(self.facts)

    def _build_actions(self) -> None:
        canvas, stack, training = self.canvas, self.document.undo_stack, self.training_panel
        self.switches = CanvasSwitches(canvas, self.settings, self)
        self.actions_ = Actions(
            self,
            {
                "new": self.new,
                "open": self.open,
                "open_data": self.taking.ask_for_file,
                "open_pictures": self.taking.ask_for_folder,
                "start_page": self.show_start_page,
                "save": self.files.save,
                "save_as": self.files.save_as,
                "export": self.export,
                "export_drawing": self.export_drawing,
                "quit": self.close,
                **{each.name: canvas.command(each.name) for each in COMMANDS if each.on_canvas},
                "undo": stack.undo,
                "redo": stack.redo,
                "template": self.choose_template,
                "command_palette": self._open_commands,
                "search_palette": self.palette_panel.focus_search,
                "light": self.appearance.light,
                "dark": self.appearance.dark,
                "system": self.appearance.system,
                "focus_canvas": self._focus_canvas,
                "reduce_motion": self._reduce_motion,
                **self.switches.handlers,
                "reset_layout": self.docks.lay_out,
                "train": training.start_action,
                "pause": training.pause_action,
                "step": training.step_action,
                "stop": training.stop_action,
                "continue": training.continue_action,
                "find_rate": self.trials.find_rate,
                "check_gradients": self.trials.check_gradients,
                "help_layer": self._help_on_layer,
                "guide": self.guide.open_guide,
                "about": self._about,
                "shortcuts": self._show_shortcuts,
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
        self.canvas.message.connect(self.tips.say)
        self.canvas.hint.connect(self.tips.follow)
        self.canvas.idleHint.connect(self.tips.offer)
        self.canvas.editWanted.connect(self._edit_settings)
        self.palette_panel.layerActivated.connect(self._add_layer)
        self.start_page.exampleChosen.connect(self.open_example)
        self.start_page.fileChosen.connect(self.files.open_path)
        self.recent_menu.fileChosen.connect(self.files.open_path)
        self.start_page.newChosen.connect(self.new)
        self.start_page.dataChosen.connect(self.taking.ask_for_file)
        self.taking.taken.connect(self._offer_data)
        self.start_page.backChosen.connect(self.show_workspace)
        self.activations.dataWanted.connect(self._offer_data)
        self.start_page.openChosen.connect(self.open)
        self.outline.nodeActivated.connect(self._show_here)
        self.outline.commanded.connect(self.canvas.do)
        self.outline.fixChosen.connect(self.canvas.mending.apply)
        self.outline.fixPointed.connect(self.canvas.preview_fix)
        self.inspector.nodeActivated.connect(self._show_here)
        self.inspector.summary.checkWanted.connect(self.trials.check_gradients)
        self.problems_panel.nodeActivated.connect(self._show_node)
        self.problems_panel.fixChosen.connect(self.workbench.adopt)
        self.problems_panel.fixPointed.connect(self._preview_fix)
        self.inspector.node_view.fixPointed.connect(self.canvas.preview_fix)
        self.facts.problemsWanted.connect(self.docks["problems"].raise_)
        self.data_panel.edited.connect(self.workbench.follow_data_when_ready)
        self.training_panel.startRequested.connect(self.workbench.start)
        self.training_panel.continueRequested.connect(self.workbench.go_on)
        self.training_panel.stepRequested.connect(self.workbench.step)
        self.workbench.changed.connect(self._readiness_changed)
        self.workbench.drawn.connect(self._starter_drawn)
        document.changed.connect(self._document_changed)
        document.replaced.connect(self._document_replaced)
        document.replaced.connect(self.banner.hide)
        document.pathChanged.connect(self._title_changed)
        document.cleanChanged.connect(self._title_changed)
        stack.canUndoChanged.connect(self.actions_["undo"].setEnabled)
        stack.canRedoChanged.connect(self.actions_["redo"].setEnabled)
        stack.undoTextChanged.connect(self._name_undo)
        stack.redoTextChanged.connect(self._name_redo)
        self.session.failed.connect(self._run_failed)
        for error in self.blocks.errors[:1]:
            self.messages.error(error)

    def _restore(self) -> None:
        self.resize(first_size(self.screen().availableSize()))
        self.docks.lay_out()
        self._is_laid_out = False
        if not self.settings.geometry.isEmpty():
            self.restoreGeometry(self.settings.geometry)
            state = self.settings.window_state
            self._is_laid_out = self.workspace.restoreState(state, LAYOUT_VERSION)
        self.actions_["reduce_motion"].setChecked(self.settings.reduce_motion)
        self.canvas.set_still(self.settings.reduce_motion)
        self.switches.use(self.actions_)
        self.actions_["undo"].setEnabled(False)
        self.actions_["redo"].setEnabled(False)
        self._document_replaced()
        self.show_start_page()

    # What the menus do

    def new(self) -> None:
        """An empty project."""
        if self.files.new():
            self.show_workspace()

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

    def show_start_page(self) -> None:
        self.start_page.set_recent(self.settings.recent_files)
        self._pages.setCurrentWidget(self.start_page)
        self.start_page.set_back("" if self._is_untouched else self.files.title)
        self.facts.hide()

    def export(self) -> None:
        """The export dialog, for the trained network."""
        if self.session.is_active:
            self.messages.error(
                ExportError("Training is going on.", "Stop it, then export what was learned.")
            )
            return
        trained, path = self.trained, self.document.path
        what = exportable(trained.model, trained.dataset or self.data.dataset, self.files.title)
        folder = path.parent if path else self.settings.last_folder
        ExportDialog(what, folder, self.settings, self).open()

    def export_drawing(self) -> None:
        """Ask where to, and write the drawing there."""
        folder = self.document.path.parent if self.document.path else self.settings.last_folder
        suggested = folder / f"{self.files.title}.svg"
        path = self.files.dialogs.path_to_draw(suggested, drawing.FILTERS)
        if path is None:
            return
        try:
            drawing.write_drawing(path, self.canvas.drawn_area(), self.canvas.paint_drawing)
        except ExportError as error:
            self.messages.error(error)
        else:
            self.messages.info(f"Wrote {path}.")

    def choose_template(self) -> None:
        """The dialog of known architectures, sized to the data."""
        data = self.data.dataset
        if data is None:
            self.messages.error(
                DataError("Templates are sized to the data, and none is loaded.", "Choose some.")
            )
            return
        dialog = TemplateDialog(data, len(self.document.whole.graph.nodes), self)
        dialog.chosen.connect(self._draw_template)
        dialog.open()

    def show_workspace(self) -> None:
        """The canvas with its panels."""
        if self._pages.currentWidget() is not self.workspace:
            self._pages.setCurrentWidget(self.workspace)
            self.facts.show()
            if not self._is_laid_out and self.isVisible():
                self._is_laid_out = True
                # Once the workspace has its size; before, Qt shares out what is not there.
                QTimer.singleShot(0, self.docks.share_out)
            self.canvas.setFocus()

    def _open_commands(self) -> None:
        self.commands.open()

    def _reduce_motion(self, reduce: bool) -> None:
        self.settings.reduce_motion = reduce
        self.canvas.set_still(reduce)

    def _refresh_actions(self) -> None:
        self.actions_.enable(self.canvas.lacks)

    def _help_on_layer(self) -> None:
        node = self.document.selection.node
        kind = self.document.project.graph.nodes[node].layer.kind if node else ""
        if kind in Layer.kinds:
            self.layer_help.show_kind(kind)
        else:
            self.tips.say(f"No layer called {kind} is known." if kind else str(Needs.ONE))

    def _show_shortcuts(self) -> None:
        ShortcutsDialog(self).open()

    def _about(self) -> None:
        QMessageBox.about(
            self,
            "About Netsmith",
            f"<b>Netsmith {VERSION}</b><p>Draw a neural network, train it on your data, "
            "watch it learn, take it away as ONNX.</p><p>MIT license.</p>",
        )

    # What happens

    def _add_layer(self, kind: str) -> None:
        self.show_workspace()
        self.canvas.add_layer(kind)

    def _draw_template(self, name: str, graph: Graph) -> None:
        self.show_workspace()
        self.workbench.draw(name, graph)
        self.canvas.fit_all()

    def _starter_drawn(self) -> None:
        self.canvas.fit_all()
        self.messages.info(
            "A small network for your data is drawn: F5 trains it, Ctrl+T offers others."
        )

    def _show_node(self, node: str) -> None:
        """A node of the whole, given with its groups: ``group/node``."""
        self.show_workspace()
        shown = self.document.show_node(node)
        if shown:
            self.canvas.show_node(shown)

    def _preview_fix(self, fix: Fix | None) -> None:
        """Show what an edit of the whole would do; inside a group the same edit as seen there."""
        if fix is not None and self.document.level:
            known = (each for problem in self.document.problems for each in problem.fixes)
            fix = next((each for each in known if each.label == fix.label), None)
        self.canvas.preview_fix(fix)

    def _show_here(self, node: str) -> None:
        """A node of what is looked at."""
        self._show_node("/".join((*self.document.level, node)))

    def _document_changed(self, before: object) -> None:
        self.show_workspace()
        self.facts.show_size(diagnose(self.document.whole.graph))

    def _document_replaced(self) -> None:
        self._title_changed()
        self.run_views.begin_anew()
        self.facts.show_size(diagnose(self.document.whole.graph))
        self.show_workspace()

    def _title_changed(self) -> None:
        self.setWindowTitle(f"{self.files.title}[*] – Netsmith")
        self.setWindowModified(not self.document.is_clean)

    def _readiness_changed(self) -> None:
        workbench = self.workbench
        self.problems_panel.set_problems(self.document.all_problems)
        self.facts.show_problems(self.document.all_problems)
        self.facts.show_data(self.data.dataset, self.data.is_loading)
        self.training_panel.set_ready(workbench.reason_not_ready, workbench.trained_matches)
        self.training_panel.set_outdated(workbench.results_are_of)
        self.curves.set_outdated(workbench.results_are_of)

    def _run_failed(self, error: Exception) -> None:
        self.workbench.explain(error, self.messages)

    def _edit_settings(self) -> None:
        self.docks["inspector"].show()
        self.docks["inspector"].raise_()
        view = self.inspector.node_view
        fields = [
            each
            for each in view.form.findChildren(QWidget)
            if each.isVisibleTo(view) and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        (fields[0] if fields else view.title).setFocus(Qt.FocusReason.TabFocusReason)

    def _focus_canvas(self) -> None:
        self.show_workspace()
        self.canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _name_undo(self, text: str) -> None:
        self.actions_["undo"].setText(f"&Undo {text}".rstrip())

    def _name_redo(self, text: str) -> None:
        self.actions_["redo"].setText(f"&Redo {text}".rstrip())

    def _name_of(self, node: str) -> str:
        return " › ".join(names_along(self.document.whole.graph, node.split("/")))

    # The window itself

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.taking.open_dropped(paths)

    def open_path(self, path: Path) -> None:
        """A project is opened; anything else is taken as data."""
        self.taking.open_path(path)

    def _begins_project(self) -> bool:
        """Whether data begins a new project: on the start page no other is seen."""
        return self._pages.currentWidget() is self.start_page and not self._is_untouched

    def _offer_data(self) -> None:
        self.show_workspace()
        self.docks["data"].show()
        self.docks["data"].raise_()

    @property
    def _is_untouched(self) -> bool:
        """Whether the project is the empty one that the program begins with."""
        return self.document.path is None and self.document.whole == Project()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_lose_work():
            event.ignore()
            return
        self.settings.geometry = self.saveGeometry()
        self.settings.window_state = self.workspace.saveState(LAYOUT_VERSION)
        self.settings.flush()
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
        window.show()
        if demo:
            window.open_demo()
        elif path is not None:
            window.files.open_path(path)
        else:
            window.files.offer_recovery()
        return app.exec()
