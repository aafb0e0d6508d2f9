"""An empty library: one sentence, one button, and music within one choice."""

from pathlib import Path

import numpy as np
import pytest
import songs
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.theme import Theme
from sliders_desktop.jobs import JobView
from sliders_desktop.session.session import Session

from .conftest import MakeSession


@pytest.fixture
def empty(make_session: MakeSession) -> Session:
    return make_session(tracks=0)


@pytest.fixture
def window(qtbot: QtBot, empty: Session, theme: Theme) -> MainWindow:
    window = MainWindow(empty, theme, Covers(empty))
    window.native_dialogs = False
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "My music ♪"
    folder.mkdir()
    songs.write(folder / "one.wav", songs.song("one"))
    return folder


class _Watch:
    """Stands where the long jobs start, so that no model is loaded here."""

    def __init__(self, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folders: list[str] = []
        self.demos = 0
        monkeypatch.setattr(session.work, "add_folder", self.folders.append)


def test_one_sentence_one_button_one_promise(window: MainWindow) -> None:
    page = window.centre.first_run
    assert page.isVisible()
    assert not window.centre.top_bar.isVisible()
    said = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "Sliders only reads your music." in said
    assert "sends nothing anywhere" in said
    assert page.choose.text() == "Choose your music folder"


def test_choosing_through_the_dialogs_line_edit(
    window: MainWindow, empty: Session, music: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = _Watch(empty, monkeypatch)

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        line = dialog.findChild(QLineEdit, "fileNameEdit")
        assert line is not None
        line.setText(str(music))
        dialog.accept()

    QTimer.singleShot(100, answer)
    qtbot.mouseClick(window.centre.first_run.choose, Qt.MouseButton.LeftButton)
    assert watch.folders == [str(music)]


def test_giving_up_changes_nothing(
    window: MainWindow, empty: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = _Watch(empty, monkeypatch)

    def give_up() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        dialog.reject()

    QTimer.singleShot(100, give_up)
    window.choose_folder()
    assert watch.folders == []


def test_folders_can_be_dropped(
    window: MainWindow, empty: Session, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = _Watch(empty, monkeypatch)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(music)), QUrl.fromLocalFile(str(music / "one.wav"))])
    window.dropEvent(
        QDropEvent(
            QPointF(QPoint(500, 300)),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert watch.folders == [str(music)]


def test_the_page_leaves_when_music_is_looked_for(window: MainWindow, empty: Session) -> None:
    empty.work._on_progress(JobView("found", "running", 0, 10))
    assert not window.centre.first_run.isVisible()
    assert window.centre.top_bar.isVisible()
    assert window.centre.view == "list"  # what is found can be played before there is a map
    empty.work._on_progress(JobView("found", "done", 0, 0))
    assert window.centre.first_run.isVisible()


def test_before_the_rows_are_read_nothing_claims_to_be_empty(
    make_session: MakeSession, theme: Theme, qtbot: QtBot
) -> None:
    session = make_session(start=False)
    window = MainWindow(session, theme, Covers(session))
    qtbot.addWidget(window)
    window.show()
    assert not window.centre.first_run.isVisible()
    assert window.centre.view == "map"


def test_the_first_map_is_announced(window: MainWindow, empty: Session) -> None:
    empty.work._on_progress(JobView("found", "running", 0, 10))
    assert not window.centre.toast.isVisible()
    empty.catalogue.set_map((np.arange(3), np.zeros((3, 2), np.float32)))
    assert "press M" in window.centre.toast.text()
    window.centre.toast.hide()
    empty.catalogue.set_map((np.arange(3), np.ones((3, 2), np.float32)))
    assert not window.centre.toast.isVisible()
