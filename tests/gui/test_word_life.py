"""The life of a word in the window: merged, split, deleted, moved, and all of it taken back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QProgressDialog
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from sliders_desktop import tasks
from sliders_desktop.gui.history_dialog import HistoryDialog
from sliders_desktop.gui.history_model import BEFORE, RATING, SLIDER, TRACK
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.merge_dialog import MergeDialog
from sliders_desktop.gui.new_slider_dialog import NewSliderDialog
from sliders_desktop.gui.split_dialog import SplitDialog
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.words_dialog import WordsDialog
from sliders_desktop.gui.words_model import RATINGS, STATE, WordsModel
from sliders_desktop.library.records import Slider
from sliders_desktop.session.session import Session


def ids(session: Session) -> list[int]:
    return [row.id for row in session.catalogue.rows]


@pytest.fixture
def calm(session: Session, qtbot: QtBot) -> Slider:
    """Rated on the first three tracks: 1, 5, 9."""
    slider = session.rack.create("calm", "restless", "calm")
    for track, value in zip(ids(session), (0.0, 0.5, 1.0), strict=False):
        session.rack.rate([track], value)
    qtbot.waitUntil(session._jobs.idle)
    return slider


@pytest.fixture
def rainy(session: Session, calm: Slider, qtbot: QtBot) -> Slider:
    """Rated on the third and the fourth track."""
    slider = session.rack.create("rainy night", "dry", "wet")
    for track in ids(session)[2:4]:
        session.rack.rate([track], 0.25)
    qtbot.waitUntil(session._jobs.idle)
    return slider


# ── from a slider's menu ──


def entry(window: MainWindow, slider: Slider, text: str) -> Callable[[], None]:
    (action,) = [a for a in window.slider_panel.menu(slider.id).actions() if a.text() == text]
    return action.trigger


def test_deleting_offers_undo_and_news_leave_it_standing(
    window: MainWindow, session: Session, calm: Slider, qtbot: QtBot
) -> None:
    entry(window, calm, "Delete")()

    toast = window.centre.toast
    assert session.rack.sliders == []
    assert toast.text() == "calm is deleted. You can bring it back for 30 days."
    session.message.emit("9 ratings · right about 78 % of pairs", "info")
    assert toast.action_button.isVisible()
    qtbot.mouseClick(toast.action_button, Qt.MouseButton.LeftButton)
    assert session.rack.sliders == [calm]
    assert toast.text() == "Took back deleting calm."
    session.message.emit("news", "info")
    assert toast.text() == "news"
    qtbot.waitUntil(session._jobs.idle)


def test_the_button_undo_goes_once_the_key_has_undone(
    window: MainWindow, session: Session, calm: Slider, qtbot: QtBot
) -> None:
    entry(window, calm, "Put away")()
    assert window.centre.toast.action_button.isVisible()
    window.actions_table.by_name["undo"].trigger()
    assert session.rack.sliders == [calm]
    assert window.centre.toast.text() == "Took back putting calm away."
    assert not window.centre.toast.action_button.isVisible()
    qtbot.waitUntil(session._jobs.idle)


def test_undo_that_must_wait_is_said_in_the_window(
    window: MainWindow, session: Session, calm: Slider, qtbot: QtBot
) -> None:
    entry(window, calm, "Delete")()
    session.rack.create("calm", "", "")

    window.actions_table.by_name["undo"].trigger()

    assert "can't be taken back now" in window.centre.toast.text()
    assert window.centre.toast.kind == "warning"
    qtbot.waitUntil(session._jobs.idle)


def test_the_only_slider_merges_with_nobody(
    window: MainWindow, session: Session, calm: Slider
) -> None:
    enabled = {a.text(): a.isEnabled() for a in window.slider_panel.menu(calm.id).actions()}
    assert not enabled["Merge into…"]
    assert enabled["Split off…"]


def test_the_merge_dialog_says_first_what_it_does(
    qtbot: QtBot, session: Session, theme: Theme, calm: Slider, rainy: Slider
) -> None:
    dialog = MergeDialog(session, theme, calm.id)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.into.currentText() == "rainy night"
    assert dialog.turned.text() == "Its low end “restless” is the high end “wet”"
    assert dialog.says.text() == (
        "2 ratings of calm will count on rainy night. 1 track is rated on both: rainy night's "
        "rating stays. calm is put away, and its own ratings are kept."
    )
    dialog.turned.click()
    with qtbot.waitSignal(dialog.done_with) as said:
        qtbot.keyClick(dialog, Qt.Key.Key_Return)

    assert said.args == ["2 ratings of calm count on rainy night now."]
    a, b, c, d = ids(session)[:4]
    assert session.rack.ratings(rainy.id) == {a: 1.0, b: 0.5, c: 0.25, d: 0.25}
    assert session.rack.sliders == [rainy]
    qtbot.waitUntil(session._jobs.idle)


def test_splitting_off_the_chosen_tracks(qtbot: QtBot, session: Session, calm: Slider) -> None:
    a, _, c, d = ids(session)[:4]
    session.catalogue.select([c, a, d])
    dialog = SplitDialog(session, calm.id)
    qtbot.addWidget(dialog)
    dialog.show()
    assert (dialog.all.text(), dialog.only.text()) == (
        *("Begin with &all its ratings (3)", "Only those of the &chosen tracks (2)"),
    )
    assert not dialog.accept_button.isEnabled()
    qtbot.keyClicks(dialog.name, "calm")
    dialog.accept()
    assert dialog.note.isVisible()
    qtbot.keyClicks(dialog.name, "er")
    assert not dialog.note.isVisible()
    dialog.only.click()
    with qtbot.waitSignal(dialog.done_with) as said:
        dialog.accept()

    assert said.args == ["calmer begins with 2 ratings of calm."]
    made = session.rack.named("calmer")
    assert made is not None
    assert (made.low_label, made.high_label) == ("restless", "calm")
    assert session.rack.ratings(made.id) == {a: 0.0, c: 1.0}
    qtbot.waitUntil(session._jobs.idle)


def test_without_chosen_tracks_all_ratings_are_offered(
    qtbot: QtBot, session: Session, calm: Slider
) -> None:
    dialog = SplitDialog(session, calm.id)
    qtbot.addWidget(dialog)
    assert not dialog.only.isEnabled()
    assert dialog.all.isChecked()


def test_a_description_is_kept_and_shown(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    dialog = NewSliderDialog(session, window)
    qtbot.addWidget(dialog)
    dialog.name.setText("warm")
    dialog.description.setText("what I hear by the stove")
    dialog.accept()

    (slider,) = session.rack.sliders
    assert slider.description == "what I hear by the stove"
    assert "what I hear by the stove" in window.slider_panel.rows[slider.id].toolTip()
    again = NewSliderDialog(session, window, slider)
    qtbot.addWidget(again)
    again.description.clear()
    again.accept()
    assert session.rack.sliders[0].description == ""
    qtbot.waitUntil(session._jobs.idle)


# ── another place in the rack ──


def names(session: Session) -> list[str]:
    return [slider.name for slider in session.rack.sliders]


def test_alt_and_an_arrow_move_a_row(
    window: MainWindow, session: Session, calm: Slider, rainy: Slider, qtbot: QtBot
) -> None:
    row = window.slider_panel.rows[rainy.id]
    with qtbot.waitActive(window):
        window.activateWindow()
    row.setFocus()

    qtbot.keyClick(row, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)

    assert names(session) == ["rainy night", "calm"]
    assert row.hasFocus()
    qtbot.waitUntil(lambda: row.y() < window.slider_panel.rows[calm.id].y())
    qtbot.keyClick(row, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert names(session) == ["calm", "rainy night"]


def test_a_row_is_dragged_to_its_place(
    window: MainWindow, session: Session, calm: Slider, rainy: Slider, qtbot: QtBot
) -> None:
    third = session.rack.create("third", "", "")
    qtbot.waitUntil(session._jobs.idle)
    rows = window.slider_panel.rows
    qtbot.waitUntil(lambda: rows[calm.id].y() < rows[rainy.id].y() < rows[third.id].y())
    row, start = rows[calm.id], QPoint(60, 15)

    def at(other: Slider, y: int) -> QPoint:
        return row.mapFrom(row.parentWidget(), QPoint(60, rows[other.id].geometry().top() + y))

    qtbot.mousePress(row, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(row, at(rainy, rows[rainy.id].height() - 2))
    qtbot.mouseRelease(row, Qt.MouseButton.LeftButton, pos=at(rainy, 40))
    assert names(session) == ["rainy night", "calm", "third"]
    qtbot.waitUntil(lambda: rows[rainy.id].y() < rows[calm.id].y())

    qtbot.mousePress(row, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(row, at(third, rows[third.id].height() - 2))
    qtbot.keyClick(row, Qt.Key.Key_Escape)
    qtbot.mouseRelease(row, Qt.MouseButton.LeftButton, pos=at(third, 40))
    assert names(session) == ["rainy night", "calm", "third"]


# ── all sliders ──


@pytest.fixture
def words(qtbot: QtBot, session: Session, theme: Theme, calm: Slider, rainy: Slider) -> WordsDialog:
    """Two in use, one put away, one deleted."""
    away = session.rack.create("loud", "", "")
    gone = session.rack.create("old", "", "")
    session.rack.archive(away.id)
    session.rack.delete(gone.id)
    qtbot.waitUntil(session._jobs.idle)
    dialog = WordsDialog(session, theme)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 4)
    return dialog


def choose(dialog: WordsDialog, name: str) -> None:
    at = [word.slider.name for word in dialog.model.words].index(name)
    dialog.view.setCurrentIndex(dialog.model.index(at, 0))


def listed(dialog: WordsDialog) -> list[str]:
    model = dialog.model
    return [f"{w.slider.name}: {model.index(n, STATE).data()}" for n, w in enumerate(model.words)]


def test_words_model(
    qtmodeltester: ModelTester, words: WordsDialog, session: Session, theme: Theme
) -> None:
    model = WordsModel(session, theme)
    model.set_words(words.model.words)
    qtmodeltester.check(model)
    assert [model.index(n, RATINGS).data() for n in range(4)] == ["3", "2", "0", "0"]


def test_all_sliders_are_listed_with_their_state(words: WordsDialog) -> None:
    calm, rainy, loud, old = listed(words)
    assert calm == "calm: 3 of 10 · two more low, two more high"
    assert rainy.startswith("rainy night: 2 of 10")
    assert loud.startswith("loud: put away on 2")
    assert old.startswith("old: deleted · gone for good on 2")


def test_bringing_back_and_undoing_it(words: WordsDialog, session: Session, qtbot: QtBot) -> None:
    choose(words, "old")
    assert words.delete.text() == "Delete for good…"
    words.back.click()
    qtbot.waitUntil(lambda: words.model.in_use(2) and words.model.rowCount() == 4)
    assert words.says.text() == "old is back."
    assert names(session) == ["calm", "rainy night", "old"]
    words.undo.click()
    assert names(session) == ["calm", "rainy night"]
    qtbot.waitUntil(session._jobs.idle)


def test_a_name_taken_since_is_said_in_the_dialog(
    words: WordsDialog, session: Session, qtbot: QtBot
) -> None:
    session.rack.create("Old", "", "")
    qtbot.waitUntil(lambda: words.model.rowCount() == 5)
    choose(words, "old")
    words.back.click()
    assert words.says.text() == "There is a slider called “Old” already."
    qtbot.waitUntil(session._jobs.idle)


def test_deleting_for_good_asks_once(words: WordsDialog, session: Session, qtbot: QtBot) -> None:
    choose(words, "loud")
    words.delete.click()
    qtbot.waitUntil(lambda: [w.slider.name for w in words.model.words if w.deleted_at] == [
        "loud", "old"
    ])  # fmt: skip
    choose(words, "loud")
    words.delete.click()
    (ask,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox)]
    assert ask.text() == "Delete loud and its 0 ratings for good? This can't be undone."
    (yes,) = [b for b in ask.buttons() if b.text() == "Delete for good"]
    yes.click()
    qtbot.waitUntil(lambda: words.model.rowCount() == 3)
    assert [slider.name for slider in session.rack.deleted()] == ["old"]


def test_order_by_keys_and_by_dropping(words: WordsDialog, session: Session, qtbot: QtBot) -> None:
    choose(words, "rainy night")
    qtbot.keyClick(words.view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert names(session) == ["rainy night", "calm"]
    qtbot.waitUntil(lambda: words.model.words[0].slider.name == "rainy night")
    assert words.view.currentIndex().row() == 0
    assert not words.up.isEnabled()

    model = words.model
    mime = model.mimeData([model.index(0, 0)])
    assert not model.dropMimeData(mime, Qt.DropAction.MoveAction, 2, 0, model.index(-1, -1))
    assert names(session) == ["calm", "rainy night"]
    qtbot.waitUntil(session._jobs.idle)


# ── history ──


@pytest.fixture
def history(qtbot: QtBot, session: Session, theme: Theme, rainy: Slider) -> HistoryDialog:
    session.rack.rate(ids(session)[:1], 0.875, session.rack.sliders[0].id)
    dialog = HistoryDialog(session, theme)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 6)
    return dialog


def texts(dialog: HistoryDialog, row: int) -> list[str]:
    return [dialog.model.index(row, c).data() for c in (TRACK, SLIDER, RATING, BEFORE)]


def test_history_model(qtmodeltester: ModelTester, history: HistoryDialog) -> None:
    qtmodeltester.check(history.model)


def test_history_is_newest_first_with_what_was_replaced(history: HistoryDialog) -> None:
    assert texts(history, 0) == ["Low Tide — Coastal Static", "calm", "8 · calm", "1"]
    assert texts(history, 1) == ["Undertow — Slate & Fern", "rainy night", "3 · dry", ""]
    assert texts(history, 4)[2] == "5 · neither"
    assert texts(history, 5)[2] == "1 · restless"
    assert history.says.text() == "5 ratings hold; 6 were made. None is ever erased."


def test_taking_back_and_restoring_are_new_lines(
    history: HistoryDialog, session: Session, qtbot: QtBot
) -> None:
    calm, track = session.rack.sliders[0], ids(session)[0]
    history.view.setCurrentIndex(history.model.index(5, 0))
    assert not history.take_back.isEnabled()  # another came after it
    qtbot.keyClick(history.view, Qt.Key.Key_R)
    assert session.rack.rating(track, calm.id) == 0.0
    qtbot.waitUntil(lambda: history.model.rowCount() == 7)
    assert texts(history, 0) == ["Low Tide — Coastal Static", "calm", "1 · restless", "8"]

    history.view.setCurrentIndex(history.model.index(0, 0))
    qtbot.keyClick(history.view, Qt.Key.Key_Delete)
    assert session.rack.rating(track, calm.id) is None
    qtbot.waitUntil(lambda: history.model.rowCount() == 8)
    assert texts(history, 0)[2:] == ["taken back", "1"]
    session.rack.undo()
    qtbot.waitUntil(lambda: history.model.rowCount() == 9)
    qtbot.waitUntil(session._jobs.idle)


def test_the_history_of_one_slider_and_a_track_played_from_it(
    history: HistoryDialog, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[list[int]] = []
    monkeypatch.setattr(session.playback, "play", played.append)
    history.of.setCurrentIndex(history.of.findText("rainy night"))
    qtbot.waitUntil(lambda: history.model.rowCount() == 2)
    assert history.view.isColumnHidden(SLIDER)
    qtbot.keyClick(history.view, Qt.Key.Key_Return)
    assert played == [ids(session)[3:4]]
    qtbot.waitUntil(session._jobs.idle)


def test_ratings_on_a_slider_that_is_away_are_only_shown(
    history: HistoryDialog, session: Session, qtbot: QtBot
) -> None:
    session.rack.archive(session.rack.sliders[1].id)
    history.of.setCurrentIndex(history.of.findText("rainy night"))
    qtbot.waitUntil(lambda: history.model.rowCount() == 2)
    assert texts(history, 0)[1] == "rainy night"
    assert not history.take_back.isEnabled()
    assert not history.restore.isEnabled()
    qtbot.waitUntil(session._jobs.idle)


# ── files ──


def test_ratings_go_out_and_come_back_in_the_window(
    window: MainWindow,
    session: Session,
    calm: Slider,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, toast = tmp_path / "r.csv", window.centre.toast
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(file.with_suffix("")), "(*.csv)")
    )
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    before = dict(session.rack.ratings(calm.id))

    with qtbot.waitSignal(session.exchange.written):
        window.actions_table.by_name["export-ratings"].trigger()
    assert toast.text() == "3 ratings on 1 slider are in r.csv."
    session.rack.delete(calm.id)
    with qtbot.waitSignal(session.exchange.imported):
        window.actions_table.by_name["import-ratings"].trigger()

    assert toast.text() == "3 ratings added. New: calm."
    (made,) = session.rack.sliders
    assert session.rack.ratings(made.id) == before
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, QProgressDialog)
                and w.isVisible()]  # fmt: skip
    file.write_text("nothing of ours", "utf-8")
    with qtbot.waitSignal(session.exchange.failed):
        window.actions_table.by_name["import-ratings"].trigger()
    assert toast.text() == "This is no file of ratings from Sliders."
    qtbot.waitUntil(session._jobs.idle)


def test_what_was_left_out_can_be_kept(
    window: MainWindow,
    session: Session,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, left = tmp_path / "r.csv", tmp_path / "left.json"
    rows = ["title,artist,slider,value,rated_at", "Nowhere,Nobody,calm,1,2026-05-01"]
    rows.append("Low Tide,Coastal Static,calm,0.5,2026-05-02")
    file.write_text("\n".join(rows), "utf-8")
    with qtbot.waitSignal(session.exchange.imported):
        session.exchange.take_in(file)
    toast = window.centre.toast
    assert "1 rating of 1 track that this library does not have was left out." in toast.text()

    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(left), ""))
    with qtbot.waitSignal(session.exchange.written):
        toast.action_button.click()
    assert "Nowhere" in left.read_text("utf-8")
    assert "Low Tide" not in left.read_text("utf-8")
    qtbot.waitUntil(session._jobs.idle)


def test_a_rating_made_while_a_file_came_in_holds(
    session: Session, calm: Slider, qtbot: QtBot
) -> None:
    """Between the lane's last look and its answer on the main thread."""
    track = ids(session)[0]
    held, up_to = tasks.read_ratings(session._store, [calm.id])
    session.rack.rate([track], 0.75)
    session.rack.take(held, up_to)

    assert session.rack.rating(track, calm.id) == 0.75
    assert len(session.rack.ratings(calm.id)) == 3
    qtbot.waitUntil(session._jobs.idle)
