"""Playlists in the window: made, filled, put in order, taken in and written, each step undone."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.playlist_dialogs import OthersDialog, PlaylistDialog
from sliders_desktop.gui.playlist_rows import PlaylistRow
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.track_model import PLACES, TRACK_IDS, listed
from sliders_desktop.library.store import Store
from sliders_desktop.session.session import Session

Key, Alt = Qt.Key, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def shown(qtbot: QtBot, session: Session, theme: Theme) -> MainWindow:
    window = MainWindow(session, theme, Covers(session))
    window.native_dialogs = False
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.centre.show_view("list")
    return window


@pytest.fixture
def kitchen(shown: MainWindow, session: Session) -> int:
    """A playlist in which a track stands twice, and which is shown."""
    made = session.playlists.create("Kitchen", [3, 1, 5, 3])
    session.catalogue.set_source(session.playlists.source(made))
    return made


def listed_ids(window: MainWindow) -> list[int]:
    return window.centre.table.model.ids()


def kept(session: Session, list_id: int) -> list[int]:
    """What the disk holds."""
    with Store.open(session.paths.database) as store:
        return store.playlist_tracks(list_id)


def row_of(window: MainWindow, name: str) -> PlaylistRow:
    rows = window.sidebar.playlists.rows.values()
    return next(row for row in rows if isinstance(row, PlaylistRow) and row.text() == name)


def choose_rows(window: MainWindow, rows: Iterable[int]) -> None:
    view = window.centre.table.view
    view.clearSelection()
    for row in rows:
        at = view.visualRect(window.centre.table.model.index(row, 0)).center()
        click(window, at)


def click(window: MainWindow, at: QPoint) -> None:
    QTest.mouseClick(
        window.centre.table.view.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ControlModifier,
        at,
    )


def chosen_rows(window: MainWindow) -> list[int]:
    return sorted(i.row() for i in window.centre.table.view.selectionModel().selectedRows())


def drop(target: QWidget, mime: QMimeData) -> bool:
    """As a drag from elsewhere; whether the target took it."""
    at = QPointF(target.rect().center())
    flags = Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at.toPoint(), *flags, none)
    enter.setAccepted(False)
    target.dragEnterEvent(enter)
    if enter.isAccepted():
        target.dropEvent(QDropEvent(at, *flags, none))
    return enter.isAccepted()


def drop_on_list(window: MainWindow, mime: QMimeData, at: QPoint) -> None:
    """As Qt does at the end of a drag."""
    flags = Qt.DropAction.MoveAction, mime, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    port = window.centre.table.view.viewport()
    QApplication.sendEvent(port, QDragEnterEvent(at, *flags, none))
    QApplication.sendEvent(port, QDragMoveEvent(at, *flags, none))
    QApplication.sendEvent(port, QDropEvent(QPointF(at), *flags, none))


def tracks(ids: Iterable[int]) -> QMimeData:
    mime = QMimeData()
    mime.setData(TRACK_IDS, listed(ids))
    return mime


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


# ── made and shown ────────────────────────────────────────────────────────────────────────────


def test_one_is_made_of_what_is_chosen(shown: MainWindow, session: Session, qtbot: QtBot) -> None:
    section = shown.sidebar.playlists
    assert section.new.isVisible()
    choose_rows(shown, [1, 3])
    chosen = [listed_ids(shown)[1], listed_ids(shown)[3]]
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(shown.centre.table.view, Key.Key_N, both)
    dialog = shown.playlist_wishes.dialog
    assert isinstance(dialog, PlaylistDialog)
    qtbot.waitUntil(dialog.isActiveWindow)
    assert dialog.sentence.text() == "It begins with the 2 chosen tracks."
    assert not dialog.accept_button.isEnabled()
    qtbot.keyClicks(dialog.name, "Kitchen")
    qtbot.keyClick(dialog.name, Key.Key_Return)

    row = row_of(shown, "Kitchen")
    assert (row.count, row.accessibleName()) == (2, "Kitchen, 2")
    assert not section.new.isVisible()
    assert shown.centre.toast.text() == "Made the playlist Kitchen."
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert listed_ids(shown) == chosen == kept(session, row.list_id)
    assert session.catalogue.filter_ids.tolist() == sorted(chosen)  # the map
    shown.playlist_wishes.new()
    again = shown.playlist_wishes.dialog
    assert isinstance(again, PlaylistDialog)
    again.name.setText("kitchen")
    again.accept()
    assert again.isVisible()
    assert again.note.text() == "There is a playlist called “Kitchen” already."
    again.reject()
    shown.wishes.undo()
    assert session.playlists.lists == []
    assert session.catalogue.source == "all"
    assert section.new.isVisible()


def test_its_own_order_until_a_column_is_chosen(
    shown: MainWindow, session: Session, kitchen: int
) -> None:
    table = shown.centre.table
    header = table.view.horizontalHeader()
    assert listed_ids(shown) == [3, 1, 5, 3]
    assert header.sortIndicatorSection() == -1
    table.view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    # Cassette Weather, Low Tide, Paper Lanterns twice
    assert listed_ids(shown) == [5, 1, 3, 3]
    assert table.model.places_of(range(4)) == [2, 1, 0, 3]
    session.catalogue.set_source("all")
    assert len(listed_ids(shown)) == 6
    assert header.sortIndicatorSection() == 0
    session.catalogue.set_source(session.playlists.source(kitchen))
    assert listed_ids(shown) == [3, 1, 5, 3]
    header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
    assert listed_ids(shown) == [5, 1, 3, 3]
    assert header.isSortIndicatorClearable()
    header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)  # the third click
    assert listed_ids(shown) == [3, 1, 5, 3]
    session.catalogue.set_filter("paper")
    assert listed_ids(shown) == [3, 3]
    assert table.model.places_of(range(2)) == [0, 3]


def test_an_empty_one_says_so(shown: MainWindow, session: Session) -> None:
    empty = session.playlists.create("Empty")
    session.catalogue.set_source(session.playlists.source(empty))
    assert listed_ids(shown) == []
    shown.playlist_wishes.play(empty)
    assert shown.centre.toast.text() == "This playlist is empty: drop tracks on it."


# ── filled and put in order ───────────────────────────────────────────────────────────────────


def test_tracks_are_dropped_on_it(shown: MainWindow, session: Session, kitchen: int) -> None:
    row = row_of(shown, "Kitchen")
    assert drop(row, tracks([2, 4, 999]))
    assert listed_ids(shown) == [3, 1, 5, 3, 2, 4] == kept(session, kitchen)
    assert shown.centre.toast.text() == "2 tracks added to Kitchen."
    assert row_of(shown, "Kitchen").count == 6
    shown.centre.toast.action_button.click()
    assert listed_ids(shown) == [3, 1, 5, 3] == kept(session, kitchen)
    other = QMimeData()
    other.setText("1,2")
    assert not drop(row_of(shown, "Kitchen"), other)


def test_the_menus_add_to_it(shown: MainWindow, session: Session, kitchen: int) -> None:
    session.catalogue.set_source("all")
    choose_rows(shown, [0])
    (track,) = session.catalogue.selection
    shown.show_map()
    for menu in (shown.centre.table.menu(), shown.centre.map.chosen.menu()):
        more = next(m for m in menu.findChildren(QMenu) if m.title() == "Add to playlist")
        assert [a.text() for a in more.actions()] == ["New playlist…", "", "Kitchen"]
        more.actions()[2].trigger()
    assert kept(session, kitchen) == [3, 1, 5, 3, track, track]
    more.actions()[0].trigger()
    assert isinstance(shown.playlist_wishes.dialog, PlaylistDialog)


def test_chosen_stars_are_dragged_and_others_push_the_map(
    shown: MainWindow, session: Session, qtbot: QtBot
) -> None:
    shown.show_map()
    shown.centre.show_view("map")
    sky = shown.centre.map.sky
    port = shown.centre.map.canvas.viewport()

    def at(row: int) -> QPoint:
        return QPointF(*shown.centre.map.camera.lens.to_view(*sky.xy[row])).toPoint()

    def pull(row: int) -> None:
        qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=at(row))
        qtbot.mouseMove(port, at(row) + QPoint(9, 9))
        qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=at(row) + QPoint(9, 9))

    hand, carried = shown.centre.map.hand, []
    hand.carried.disconnect(shown.centre.map.chosen.drag)  # it would wait for a hand
    hand.carried.connect(lambda: carried.append(session.catalogue.selection))
    first, second = (int(i) for i in sky.ids[:2])
    session.catalogue.select([first])
    pull(0)
    assert carried == [(first,)]
    pull(1)
    assert carried == [(first,)]
    assert bytes(shown.centre.map.chosen.mime().data(TRACK_IDS).data()) == str(first).encode()
    assert second not in session.catalogue.selection


def test_rows_move_by_keys(shown: MainWindow, session: Session, kitchen: int, qtbot: QtBot) -> None:
    view = shown.centre.table.view
    choose_rows(shown, [3])
    qtbot.keyClick(view, Key.Key_Up, Alt)
    assert listed_ids(shown) == [3, 1, 3, 5] == kept(session, kitchen)
    assert chosen_rows(shown) == [2]
    qtbot.keyClick(view, Key.Key_Up, Alt)
    qtbot.keyClick(view, Key.Key_Up, Alt)
    qtbot.keyClick(view, Key.Key_Up, Alt)  # already first
    assert listed_ids(shown) == [3, 3, 1, 5]
    assert chosen_rows(shown) == [0]
    choose_rows(shown, [0, 2])
    qtbot.keyClick(view, Key.Key_Down, Alt)
    assert listed_ids(shown) == [3, 5, 3, 1]
    assert chosen_rows(shown) == [2, 3]
    for _ in range(4):
        qtbot.keyClick(view, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert listed_ids(shown) == [3, 1, 5, 3] == kept(session, kitchen)
    view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    choose_rows(shown, [1])
    qtbot.keyClick(view, Key.Key_Up, Alt)
    assert "own order" in shown.centre.toast.text()
    assert kept(session, kitchen) == [3, 1, 5, 3]


def test_rows_are_dragged(shown: MainWindow, session: Session, kitchen: int) -> None:
    table, model = shown.centre.table, shown.centre.table.model
    choose_rows(shown, [2, 3])
    mime = model.mimeData(table.view.selectedIndexes())
    assert bytes(mime.data(TRACK_IDS).data()) == b"5,3"
    drop_on_list(shown, mime, table.view.visualRect(model.index(0, 0)).topLeft() + QPoint(20, 1))
    assert listed_ids(shown) == [5, 3, 3, 1] == kept(session, kitchen)
    assert chosen_rows(shown) == [0, 1]
    drop_on_list(shown, mime, QPoint(20, 300))  # below the last: 3 and 1 stand at these places now
    assert listed_ids(shown) == [5, 3, 3, 1]
    shown.wishes.undo()
    assert listed_ids(shown) == [3, 1, 5, 3]
    session.catalogue.set_filter("paper")
    assert not model.mimeData([model.index(0, 0)]).hasFormat(PLACES)
    drop_on_list(shown, mime, QPoint(20, 2))
    session.catalogue.set_source("all")
    drop_on_list(shown, mime, QPoint(20, 2))
    assert kept(session, kitchen) == [3, 1, 5, 3]


def test_del_takes_rows_out_and_never_a_file(
    shown: MainWindow, session: Session, kitchen: int, qtbot: QtBot
) -> None:
    view = shown.centre.table.view
    choose_rows(shown, [0])
    qtbot.keyClick(view, Key.Key_Delete)
    assert listed_ids(shown) == [1, 5, 3] == kept(session, kitchen)
    assert shown.centre.toast.text() == "1 track removed from Kitchen."
    assert chosen_rows(shown) == [0]
    view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    choose_rows(shown, [2])  # of two, the other one stays
    qtbot.keyClick(view, Key.Key_Delete)
    assert kept(session, kitchen) == [1, 5]
    shown.wishes.undo()
    shown.wishes.undo()
    assert kept(session, kitchen) == [3, 1, 5, 3]
    session.catalogue.set_source("all")
    choose_rows(shown, [0])
    qtbot.keyClick(view, Key.Key_Delete)
    assert session.catalogue.track_count == 6
    assert all(Path(row.path).exists() for row in session.catalogue.rows)


def test_rename_and_delete_by_keys(
    shown: MainWindow, session: Session, kitchen: int, qtbot: QtBot
) -> None:
    row = row_of(shown, "Kitchen")
    row.setFocus()
    qtbot.keyClick(row, Key.Key_F2)
    dialog = shown.playlist_wishes.dialog
    assert isinstance(dialog, PlaylistDialog)
    dialog.name.setText("Bath")
    dialog.accept()
    assert row_of(shown, "Bath").isChecked()
    shown.wishes.undo()
    row = row_of(shown, "Kitchen")
    row.setFocus()
    qtbot.keyClick(row, Key.Key_Delete)
    assert session.catalogue.source == "all"
    assert shown.centre.toast.text() == "Deleted the playlist Kitchen."
    shown.wishes.undo()
    assert kept(session, kitchen) == [3, 1, 5, 3]


def test_play_shuffle_queue_and_radio(shown: MainWindow, session: Session, kitchen: int) -> None:
    menu = shown.playlist_wishes.menu(kitchen)
    by_text = {action.text(): action for action in menu.actions()}
    by_text["Play"].trigger()
    assert session.playback.current.id == 3
    assert [item.track_id for item in session.playback.up_next[:3]] == [1, 5, 3]
    by_text["Add to the queue"].trigger()
    assert session.playback.up_next[0].track_id in (1, 3)
    by_text["Shuffle"].trigger()
    assert session.playback.shuffle
    by_text["Radio from here"].trigger()
    assert session.playback.current.id in (1, 3, 5)


# ── files ─────────────────────────────────────────────────────────────────────────────────────


def m3u(session: Session, path: Path, ids: Iterable[int], *more: str) -> Path:
    lines = [session.catalogue.track(i).path for i in ids]
    path.write_text("\n".join(["#EXTM3U", *lines, *more]))
    return path


def test_a_file_is_dropped_on_the_window(
    shown: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    file = m3u(
        session, tmp_path / "Road trip.m3u", [4, 2],
        "#EXTINF:200,Nobody - Nowhere", "nowhere.mp3", "http://example.org/x.mp3",
    )  # fmt: skip
    with qtbot.waitSignal(session.playlists.imported, timeout=10_000):
        assert drop(shown, files(file))
    assert listed_ids(shown) == [4, 2]
    assert row_of(shown, "Road trip").isChecked()
    toast = shown.centre.toast
    assert toast.text() == "Road trip: 2 of 4 tracks found. 1 is not on this computer."
    assert toast.action_button.text() == "Show the others"
    toast.action_button.click()
    dialog = shown.playlist_wishes.dialog
    assert isinstance(dialog, OthersDialog)
    assert dialog.names.toPlainText() == "Nobody - Nowhere\nexample.org/x.mp3"
    dialog.copy_button.click()
    dialog.close()
    shown.wishes.undo()
    assert session.playlists.lists == []


def test_a_file_is_dropped_on_a_playlist(
    shown: MainWindow, session: Session, kitchen: int, tmp_path: Path, qtbot: QtBot
) -> None:
    file = m3u(session, tmp_path / "more.m3u8", [6])
    with qtbot.waitSignal(session.playlists.imported, timeout=10_000):
        assert drop(row_of(shown, "Kitchen"), files(file))
    assert listed_ids(shown) == [3, 1, 5, 3, 6] == kept(session, kitchen)
    assert shown.centre.toast.text() == "Kitchen: its track found."
    shown.wishes.undo()
    assert kept(session, kitchen) == [3, 1, 5, 3]


def test_a_bad_file_says_why(
    shown: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "x.xspf").write_text("<!DOCTYPE a [<!ENTITY b 'c'>]><playlist>&b;</playlist>")
    with qtbot.waitSignal(session.playlists.failed, timeout=10_000):
        drop(shown, files(tmp_path / "x.xspf"))
    assert "defines entities" in shown.centre.toast.text()
    assert session.playlists.lists == []


def test_export_and_import_by_menu(
    shown: MainWindow, session: Session, kitchen: int, tmp_path: Path, qtbot: QtBot
) -> None:
    def answer(name: str, file: str, kind: str = "") -> None:
        dialog = shown.findChild(QFileDialog, name)
        if dialog is None or not dialog.isVisible():
            QTimer.singleShot(50, lambda: answer(name, file, kind))
            return
        if kind:
            dialog.selectNameFilter(next(k for k in dialog.nameFilters() if kind in k))
            dialog.filterSelected.emit(dialog.selectedNameFilter())
        dialog.findChild(QLineEdit, "fileNameEdit").setText(str(tmp_path / file))
        dialog.accept()

    answer("export", "out", "xspf")
    with qtbot.waitSignal(session.message, timeout=10_000):
        shown.playlist_wishes.export_list(kitchen)
    assert "<title>Kitchen</title>" in (tmp_path / "out.xspf").read_text()
    answer("import-playlists", "out.xspf")
    with qtbot.waitSignal(session.playlists.imported, timeout=10_000):
        shown.actions_table.by_name["import-playlists"].trigger()
    assert listed_ids(shown) == [3, 1, 5, 3]
    assert row_of(shown, "Kitchen 2").isChecked()


def test_many_tracks_go_by_a_lane(
    shown: MainWindow, session: Session, kitchen: int, qtbot: QtBot
) -> None:
    many = [1, 2, 3, 4, 5, 6] * 200
    with qtbot.waitSignal(session.playlists.said, timeout=10_000):
        session.playlists.add(kitchen, many)
    assert listed_ids(shown) == [3, 1, 5, 3, *many]
    shown.wishes.undo()
    assert listed_ids(shown) == [3, 1, 5, 3]
    made = session.playlists.create("Long", many)
    qtbot.waitUntil(lambda: kept(session, made) == many, timeout=10_000)
