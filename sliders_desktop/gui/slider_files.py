"""Slider files between the window and the system: chosen, dragged out. Main thread."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from sliders_desktop.tasks import SUFFIX, file_name

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

LAST_AUTHOR = "share"  # the session keeps under this name how it was shared last


def choose_slider(parent: QWidget, native: bool = True) -> str:
    """Ask for a slider's file; "" if the listener gives up."""
    dialog = _dialog(parent, parent.tr("Open a slider"), native)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return _answer(dialog)


def choose_place(parent: QWidget, name: str, native: bool = True) -> str:
    """Ask where the slider ``name`` shall be saved; "" if the listener gives up."""
    dialog = _dialog(parent, parent.tr("Share {name}").format(name=name), native)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
    dialog.selectFile(file_name(name))
    return _answer(dialog)


def _dialog(parent: QWidget, title: str, native: bool) -> QFileDialog:
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    kinds = parent.tr("Sliders (*{suffix})").format(suffix=SUFFIX)
    dialog = QFileDialog(parent, title, place, kinds)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog, not native)
    dialog.setObjectName("choose-slider")
    return dialog


def _answer(dialog: QFileDialog) -> str:
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return chosen[0] if chosen else ""


class SliderDrag(QObject):
    """Drags a slider out of the window as a file; it names no tracks."""

    def __init__(self, session: "Session", source: QWidget) -> None:
        super().__init__(source)
        self._session, self._source = session, source
        self._folder = session.paths.cache / "shared"

    def begin(self, slider_id: int) -> None:
        """Write the file, and drag it as soon as it is there."""
        slider = self._session.rack.slider(slider_id)
        if slider is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for old in self._folder.glob("*" + SUFFIX):
                old.unlink(missing_ok=True)
        except OSError:
            self._on_failed(self.tr("The folder for what you drag out can't be written."))
            return
        author = (self._session.read_state(LAST_AUTHOR) or {}).get("author", "")
        self._session.sharing.write(
            slider_id, self._folder / file_name(slider.name), author, False,
            self._on_written, self._on_failed,
        )  # fmt: skip

    def _on_written(self, path: Path) -> None:
        if QApplication.mouseButtons() & Qt.MouseButton.LeftButton:  # else it was let go meanwhile
            drag = QDrag(self._source)
            drag.setMimeData(self.mime(path))
            drag.exec(Qt.DropAction.CopyAction)

    def mime(self, path: Path) -> QMimeData:
        """What is dragged."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        return data

    def _on_failed(self, sentence: str) -> None:
        self._session.message.emit(sentence, "warning")
