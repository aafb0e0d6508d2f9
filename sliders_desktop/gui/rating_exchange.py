"""Ratings to a file and from one, as the window asks: which file, how far, what came of it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QProgressDialog, QWidget

from sliders_desktop.gui.toast import Toast

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session
    from sliders_desktop.tasks import Imported

SHOWN_AFTER_MS = 500


class RatingFiles(QObject):
    """Asks for files; a long work shows itself and can be cancelled, the window goes on."""

    def __init__(self, session: "Session", toast: Toast, window: QWidget) -> None:
        super().__init__(window)
        self._exchange, self._toast, self._window = session.exchange, toast, window
        self._imported: Imported | None = None
        self._progress: QProgressDialog | None = None
        exchange = self._exchange
        exchange.progressed.connect(self._on_progressed)
        exchange.ended.connect(self._on_ended)
        exchange.written.connect(self._toast.say)
        exchange.failed.connect(self._on_failed)
        exchange.imported.connect(self._on_imported)

    def ask_export(self) -> None:
        """Choose where to, then write all ratings there."""
        path = self._ask_where(self.tr("Export ratings"), self.tr("ratings"))
        if path is not None:
            self._begin(self.tr("Writing ratings…"))
            self._exchange.write(path)

    def ask_import(self) -> None:
        """Choose a file, then take its ratings in."""
        name, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Import ratings"),
            _documents(),
            self.tr("Ratings (*.json *.csv *.txt);;All files (*)"),
        )
        if name:
            self._begin(self.tr("Taking ratings in…"))
            self._exchange.take_in(Path(name))

    def ask_left_out(self) -> None:
        """Choose where to keep the ratings of tracks that are not here."""
        path = self._ask_where(self.tr("Keep what was left out"), self.tr("ratings left out"))
        if path is not None and self._imported is not None:
            self._exchange.write_left_out(self._imported, path)

    def _ask_where(self, title: str, name: str) -> Path | None:
        text, kind = QFileDialog.getSaveFileName(
            self._window,
            title,
            str(Path(_documents()) / f"{name}.json"),
            self.tr("Ratings (*.json);;For spreadsheets (*.csv)"),
        )
        if not text:
            return None
        path = Path(text)
        if not path.suffix:
            path = path.with_name(path.name + (".csv" if "csv" in kind else ".json"))
        return path

    # ── what comes of it ────────────────────────────────────────────────────────────────────

    def _begin(self, text: str) -> None:
        self._on_ended()
        progress = QProgressDialog(text, self.tr("Cancel"), 0, 0, self._window)
        progress.setWindowTitle(self.tr("Ratings"))
        progress.setWindowModality(Qt.WindowModality.NonModal)
        progress.setMinimumDuration(SHOWN_AFTER_MS)
        progress.setAutoReset(False)
        progress.setAutoClose(False)
        progress.canceled.connect(self._exchange.cancel)
        self._progress = progress

    def _on_progressed(self, done: int, total: int) -> None:
        if self._progress is not None and total > 0:
            self._progress.setMaximum(1000)
            self._progress.setValue(1000 * done // total)

    def _on_ended(self) -> None:
        if self._progress is not None:
            self._progress.canceled.disconnect(self._exchange.cancel)
            self._progress.close()
            self._progress.deleteLater()
            self._progress = None

    def _on_failed(self, sentence: str) -> None:
        self._toast.say(sentence, "warning")

    def _on_imported(self, result: "Imported") -> None:
        self._imported = result
        if result.left_out.ratings:
            self._toast.say(
                result.sentence,
                "warning",
                action=self.tr("Keep those…"),
                act=self.ask_left_out,
                tip=self.tr("Write what was left out to a file, to take it in another day"),
            )
        else:
            self._toast.say(result.sentence)


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
