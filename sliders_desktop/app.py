"""Builds the objects, wires them, runs the window and shuts all down, in that order."""

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from sliders_desktop import __version__, media_keys
from sliders_desktop.audio.player import Player
from sliders_desktop.audio.sinks.devices import Watch
from sliders_desktop.audio.sinks.sink import Sink, make_sink
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError
from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.crash_dialog import CrashDialog
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.theme import Theme
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.store import Store
from sliders_desktop.media_keys import MediaKeys
from sliders_desktop.session.session import Session

log = logging.getLogger(__name__)

JOBS_STOP_S = 3.0
LOCK_S = 0.001  # after so long another thread may have the interpreter; 0.005 else


class _FirstPaint(QObject):
    """Calls once, after the window has painted itself for the first time."""

    def __init__(self, window: QObject, call: Callable[[], None]) -> None:
        super().__init__(window)
        self._call: Callable[[], None] | None = call
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._call is not None:
            call, self._call = self._call, None
            QTimer.singleShot(0, call)
            watched.removeEventFilter(self)
        return False


class _OpenedFiles(QObject):
    """macOS tells of a file that was double-clicked by an event, not by an argument."""

    def __init__(self, app: "App", qt: QApplication) -> None:
        super().__init__(qt)
        self._app = app
        qt.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            self._app.open_path(Path(event.file()))
            return True
        return False


class _Preload(QObject):
    """Imports what the window needs next in a thread, so that no frame waits for it.

    Signals:
        ready(): the modules can be imported at no cost now.
    """

    ready = Signal()

    def start(self) -> None:
        threading.Thread(target=self._run, name="preload", daemon=True).start()

    def _run(self) -> None:
        import pyqtgraph  # noqa: F401

        from sliders_desktop import media_keys

        media_keys.load()
        self.ready.emit()


class App:
    """One running program; tests build it as `run` does, without the event loop."""

    def __init__(
        self,
        qt: QApplication,
        paths: Paths,
        sink: str = "device",
        overrides: dict[str, Any] | None = None,
    ) -> None:
        # A lane's many small steps each wait for the interpreter's lock while the window paints.
        sys.setswitchinterval(LOCK_S)
        self.paths = paths
        self._sink = sink
        self._closed = self._ready = False
        self._folder: Path | None = None
        self._slider: Path | None = None
        self.store = Store.open(paths.database)
        self.jobs = Jobs(paths.database)
        self.session = Session(paths, self.store, self.jobs, self._make_player, overrides)
        self.theme = Theme(paths.resources, self.session.settings.theme, qt)
        self.theme.install(qt)
        self.covers = Covers(self.session, self.theme)
        self.window = MainWindow(self.session, self.theme, self.covers)
        self.jobs.broke.connect(self.report)
        self._reported = False
        self._media_keys: MediaKeys | None = None
        self._preload = _Preload()
        self._preload.ready.connect(self.window.show_map)
        self._preload.ready.connect(self._start_media_keys)

    def _make_player(self, on_event: Callable[[Any], None]) -> Player:
        return Player(self._new_sink, on_event, watch=Watch if self._sink == "device" else None)

    def _new_sink(self) -> Sink:
        return make_sink(self._sink, pace=1.0)  # a recording hears what a listener would

    def show(
        self, folder: Path | None = None, demo: bool = False, slider: Path | None = None
    ) -> None:
        """Show the window; everything else begins after its first paint."""
        self._folder, self._demo, self._slider = folder, demo, slider
        _FirstPaint(self.window, self._begin)
        self.window.show()

    def open_path(self, path: Path) -> None:
        """A slider is shown, a folder added; before the library is in, when it is."""
        if path.is_dir():
            self._folder = path
        else:
            self._slider = path
        if self._ready:
            self._on_ready()

    def _begin(self) -> None:
        self.session.ready.connect(self._on_ready)
        if self._demo:
            self.session.work.open_demo()  # first: somebody waits for something to play
        self.session.playback.warm_up()
        self.session.start()
        self._preload.start()

    def _on_ready(self) -> None:
        self._ready = True
        folder, slider, self._folder, self._slider = self._folder, self._slider, None, None
        if folder is not None:
            self.session.work.add_folder(str(folder))
        if slider is not None:
            self.window.open_slider(str(slider))

    def _start_media_keys(self) -> None:
        if not self._closed:
            self._media_keys = media_keys.start(self.session, self._raise, self.window.close)

    def _raise(self) -> None:
        self.window.come_forward()

    def report(self, details: str) -> None:
        """Show what broke, the first time; the log has all of them."""
        if not self._reported:
            self._reported = True
            CrashDialog(details, self.window).show()

    def shutdown(self) -> None:
        """Once: stop the work, the sound, then the database."""
        if self._closed:
            return
        self._closed = True
        if self._media_keys is not None:
            self._media_keys.close()
        self.session.close()
        if not self.jobs.shutdown(JOBS_STOP_S):
            log.info("a background job did not stop in time")
        self.store.close()


def run(
    paths: Paths,
    *,
    folder: Path | None = None,
    slider: Path | None = None,
    demo: bool = False,
    sink: str = "device",
    overrides: dict[str, Any] | None = None,
    smoke_test: bool = False,
) -> int:
    """Open the window and return the exit code when it is closed."""
    qt = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(qt, QApplication)
    qt.setApplicationName("Sliders")
    qt.setApplicationVersion(__version__)
    qt.setDesktopFileName("org.sliders.Desktop")
    threading.excepthook = _log_thread_exception
    try:
        app = App(qt, paths, sink, overrides)
    except UserError as error:
        from PySide6.QtWidgets import QMessageBox

        QMessageBox.critical(None, "Sliders", str(error))
        return 2
    sys.excepthook = partial(_on_exception, app)
    qt.aboutToQuit.connect(app.shutdown)
    if sys.platform == "darwin":
        _OpenedFiles(app, qt)
    app.show(folder, demo, slider)
    if smoke_test:
        from sliders_desktop.smoke_test import SmokeTest

        test = SmokeTest(app.session, app.window)
        test.start()
    code = qt.exec()
    app.shutdown()
    return code


def _on_exception(
    app: App, kind: type[BaseException], error: BaseException, where: TracebackType | None
) -> None:
    """An exception that nobody caught on the main thread: one slot failed, the program goes on."""
    if issubclass(kind, KeyboardInterrupt):
        QApplication.quit()
        return
    log.error("unexpected error", exc_info=(kind, error, where))
    app.report("".join(traceback.format_exception(kind, error, where)))


def _log_thread_exception(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        name = args.thread.name if args.thread else "?"
        log.error(
            "unexpected error in %s",
            name,
            exc_info=(args.exc_type, args.exc_value, args.exc_traceback),
        )
