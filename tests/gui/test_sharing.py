"""Sliders leave the window as files and come in by every door, seen before they are taken in."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QMouseEvent, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.import_dialog import ImportDialog
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.share_dialog import ShareDialog
from sliders_desktop.gui.slider_files import SliderDrag
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.shared_reading import read
from sliders_desktop.library.sharing import SharedSlider, write
from sliders_desktop.session.session import Session

from .conftest import DIM, EAR, MakeSession

MEANING = np.arange(DIM, dtype=np.float32) - 2


@pytest.fixture
def session(make_session: MakeSession) -> Session:
    return make_session(60)


@pytest.fixture
def window(qtbot: QtBot, session: Session, theme: Theme) -> MainWindow:
    window = MainWindow(session, theme, Covers(session))
    window.native_dialogs = False
    qtbot.addWidget(window)
    window.show()
    return window


def felt(x: np.ndarray) -> np.ndarray:
    value = x @ MEANING
    return np.clip(np.floor(4.5 + 3.2 * value / np.linalg.norm(MEANING)), 0, 8) / 8


def text(name: str = "calm", author: str = "Ann", ear: str = EAR, **other: Any) -> str:
    """The file of a sharer who has other music."""
    x = np.random.default_rng(5).normal(size=(40, DIM)).astype(np.float32)
    r = felt(x)
    shared = SharedSlider(
        name, "restless", "calm", ear, "tiny", x, r, np.ones(40), MEANING, 0.5, 1.0,
        author=author, **other,
    )  # fmt: skip
    return write(shared)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "calm.slider"
    path.write_text(text(), encoding="utf-8")
    return path


def teach(session: Session, qtbot: QtBot, name: str = "calm", count: int = 30) -> int:
    vectors = session.catalogue.vectors
    assert vectors is not None
    slider = session.rack.create(name, "restless", name)
    for track, value in zip(vectors.ids[:count].tolist(), felt(vectors.x[:count]), strict=True):
        session.rack.rate([track], float(value), slider.id)
    qtbot.waitUntil(session._jobs.idle)
    return slider.id


def opened(window: MainWindow, session: Session, qtbot: QtBot) -> ImportDialog:
    dialog = window._dialogs["import"]
    assert isinstance(dialog, ImportDialog)
    qtbot.waitUntil(session._jobs.idle)
    qtbot.waitUntil(lambda: not dialog.title.text().startswith("Looking at"))
    return dialog


def texts(dialog: ImportDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


# in


def test_a_slider_is_seen_before_it_is_taken_in(
    window: MainWindow, session: Session, qtbot: QtBot, file: Path
) -> None:
    window.open_slider(str(file))
    dialog = opened(window, session, qtbot)

    said = texts(dialog)
    assert "restless – calm · from Ann" in said
    assert "Ann’s 40 ratings: right about" in said
    assert "does not follow" not in said
    assert len(dialog.tracks) == 10
    assert dialog.name.text() == "calm"
    assert session.rack.sliders == []
    vectors = session.catalogue.vectors
    assert vectors is not None
    best = int(vectors.ids[np.argmax(vectors.x @ MEANING)])
    assert best in [button.property("track_id") for button in dialog.tracks[:5]]

    session.playback.set_radio(False)  # it would import what ranks, which takes seconds
    dialog.tracks[0].click()
    qtbot.waitUntil(lambda: session.playback.position_s() > 0.1, timeout=15_000)
    current = session.playback.current
    assert current is not None
    assert current.id == dialog.tracks[0].property("track_id")
    dialog.add.click()
    qtbot.waitUntil(session._jobs.idle)

    (slider,) = session.rack.sliders
    assert slider.shared
    status = session.learned.status(slider.id)
    assert (status.state, status.figure) == ("dim", "from Ann · 0 of 3 ratings to confirm")
    assert session.learned.percentiles(slider.id) is not None


def test_three_ratings_confirm_it(
    window: MainWindow, session: Session, qtbot: QtBot, file: Path
) -> None:
    window.open_slider(str(file))
    dialog = opened(window, session, qtbot)
    ends = [dialog.tracks[at].property("track_id") for at in (0, 5, 1)]
    dialog.add.click()
    qtbot.waitUntil(session._jobs.idle)
    (slider,) = session.rack.sliders
    figures = []
    for track, value in zip(ends, (1.0, 0.0, 0.875), strict=True):
        session.rack.rate([track], value, slider.id)
        qtbot.waitUntil(session._jobs.idle)
        figures.append(session.learned.status(slider.id).figure)
    assert figures[:2] == [f"from Ann · {n} of 3 ratings to confirm" for n in (1, 2)]
    assert session.learned.lit(slider.id)


def test_taking_in_can_be_undone(
    window: MainWindow, session: Session, qtbot: QtBot, file: Path
) -> None:
    window.open_slider(str(file))
    opened(window, session, qtbot).add.click()
    qtbot.waitUntil(session._jobs.idle)
    assert session.rack.undo() == "Took back taking in calm."
    assert session.rack.sliders == []


def test_a_name_that_is_taken_is_said_in_the_dialog(
    window: MainWindow, session: Session, qtbot: QtBot, file: Path
) -> None:
    teach(session, qtbot)
    window.open_slider(str(file))
    dialog = opened(window, session, qtbot)
    assert dialog.name.text() == "calm (Ann)"
    assert "Agrees with your calm on" in texts(dialog)
    dialog.name.setText("Calm")
    dialog.add.click()
    assert dialog.isVisible()
    assert "already" in dialog.error.text()
    dialog.name.setText("calm of Ann")
    dialog.add.click()
    assert [s.name for s in session.rack.sliders] == ["calm", "calm of Ann"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\0" * 9_000_000, "too large"),
        (b"{}", "no shared slider"),
        (text(ear="cd" * 32).encode(), "another ear"),
    ],
)
def test_what_is_refused_is_one_sentence_and_changes_nothing(
    window: MainWindow, session: Session, qtbot: QtBot, tmp_path: Path, data: bytes, why: str
) -> None:
    path = tmp_path / "bad.slider"
    path.write_bytes(data)
    window.open_slider(str(path))
    dialog = opened(window, session, qtbot)
    assert why in dialog.error.text()
    assert dialog.error.isVisible()
    assert not dialog.add.isVisible()
    dialog.accept()  # Enter
    assert session.rack.sliders == []


def test_markup_in_a_file_stays_text(
    window: MainWindow, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "evil.slider"
    evil = json.loads(text())
    evil.update(name="<b>x</b>", author="<img src=x>", description="<h1>\u202ey</h1>")
    path.write_text(json.dumps(evil), encoding="utf-8")
    window.open_slider(str(path))
    dialog = opened(window, session, qtbot)
    for label in (dialog.title, dialog.origin, dialog.description, dialog.says, dialog.error):
        assert label.textFormat() == Qt.TextFormat.PlainText
        assert not Qt.mightBeRichText(label.text())
    assert dialog.title.text() == "‹b›x‹/b›"


def test_a_slider_can_be_dropped_on_the_window(
    window: MainWindow, session: Session, qtbot: QtBot, file: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
           Qt.KeyboardModifier.NoModifier)  # fmt: skip
    enter = QDragEnterEvent(QPoint(5, 5), *how)
    enter.ignore()
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.dropEvent(QDropEvent(QPointF(5, 5), *how))
    assert opened(window, session, qtbot).title.text() == "calm"


def test_a_slider_can_be_chosen_from_the_menu(
    window: MainWindow, session: Session, qtbot: QtBot, file: Path
) -> None:
    def choose() -> None:
        dialog = window.findChild(QFileDialog, "choose-slider")
        assert dialog is not None
        dialog.selectFile(str(file))
        dialog.accept()

    QTimer.singleShot(0, choose)
    window.actions_table.by_name["open-slider"].trigger()
    assert opened(window, session, qtbot).title.text() == "calm"


def test_a_slider_opened_at_the_start_waits_for_the_music(
    qtbot: QtBot, make_session: MakeSession, theme: Theme, file: Path
) -> None:
    make_session(60)
    late = make_session(start=False)
    window = MainWindow(late, theme, Covers(late))
    qtbot.addWidget(window)
    window.show()
    window.open_slider(str(file))
    dialog = window._dialogs["import"]
    assert dialog.title.text() == "Looking at calm.slider…"
    with qtbot.waitSignal(late.ready):
        late.start()
    assert len(opened(window, late, qtbot).tracks) == 10


# out


def test_a_slider_is_saved_from_its_menu(
    window: MainWindow, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    slider_id = teach(session, qtbot)
    menu = window.slider_panel.menu(slider_id)
    next(action for action in menu.actions() if action.text() == "Share…").trigger()
    dialog = window._dialogs["share"]
    assert isinstance(dialog, ShareDialog)
    assert not dialog.name_tracks.isChecked()
    dialog.author.setText("Ann")
    target = tmp_path / "for ben.slider"

    def choose() -> None:
        chooser = dialog.findChild(QFileDialog, "choose-slider")
        assert chooser is not None
        assert Path(chooser.selectedFiles()[0]).name == "calm.slider"
        chooser.selectFile(str(target))
        chooser.accept()

    QTimer.singleShot(0, choose)
    with qtbot.waitSignal(session.message) as said:
        dialog.save.click()
    assert said.args == [f"calm can be sent now: {target}", "info"]
    assert not dialog.isVisible()
    shared = read(target.read_bytes())
    assert (shared.name, shared.author, len(shared.ratings)) == ("calm", "Ann", 30)
    assert shared.tracks == ()


def test_author_and_tick_are_remembered(
    window: MainWindow, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    teach(session, qtbot)
    window.share_slider()
    dialog = window._dialogs["share"]
    dialog.author.setText("Ann")
    dialog.name_tracks.click()
    with qtbot.waitSignal(session.message):
        dialog.write(tmp_path / "a.slider")
    assert len(read((tmp_path / "a.slider").read_bytes()).tracks) == 30
    window.share_slider()
    again = window._dialogs["share"]
    assert (again.author.text(), again.name_tracks.isChecked()) == ("Ann", True)


def test_what_cannot_be_shared_says_why(
    window: MainWindow, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    teach(session, qtbot, count=3)
    window.share_slider()
    dialog = window._dialogs["share"]
    dialog.write(tmp_path / "a.slider")
    qtbot.waitUntil(lambda: dialog.error.isVisible())
    assert "at least 6" in dialog.error.text()
    assert dialog.save.isEnabled()
    assert not list(tmp_path.glob("a.*"))


def test_without_a_slider_there_is_nothing_to_share(window: MainWindow) -> None:
    window.share_slider()
    assert "share" not in window._dialogs


def moved(row: QWidget, to: QPoint) -> None:
    """The pointer with the left button down; Qt's own test events forget the button."""
    move = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(to), QPointF(row.mapToGlobal(to)),
        Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(row, move)


def test_a_row_is_dragged_out_as_a_file_by_its_name(
    window: MainWindow, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's own drag can't run here; what it would carry is looked at."""
    slider_id = teach(session, qtbot, "sun/../rise")
    row, carried = window.slider_panel.rows[slider_id], []
    monkeypatch.setattr(
        SliderDrag, "_on_written", lambda drag, path: carried.append(drag.mime(path))
    )
    name = QPoint(40, 20)
    qtbot.mousePress(row, Qt.MouseButton.LeftButton, pos=name)
    moved(row, name + QPoint(60, 5))
    assert session._jobs.idle()
    moved(row, QPoint(-60, 25))
    qtbot.waitUntil(lambda: bool(carried))
    path = Path(carried[0].urls()[0].toLocalFile())
    assert path == session.paths.cache / "shared" / "sun .. rise.slider"
    shared = read(path.read_bytes())
    assert (len(shared.ratings), shared.tracks) == (30, ())
