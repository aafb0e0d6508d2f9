"""Searches kept by name: living lists that are renamed, deleted, played and exported."""

import json
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from sliders_desktop.cli import finding, parser_for
from sliders_desktop.errors import UserError
from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.smart_list_rows import SmartListRow
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import FoundTrack, Play
from sliders_desktop.library.store import Store
from sliders_desktop.session.session import Session

from .conftest import MakeSession

Key = Qt.Key


def light(session: Session, qtbot: QtBot, name: str = "up", dim: int = 0) -> int:
    """Rate by what the vectors mean until the slider is lit."""
    vectors = session.catalogue.vectors
    assert vectors is not None
    slider = session.rack.create(name, "", "")
    for track, meaning in zip(vectors.ids[:40], vectors.x[:40, dim], strict=True):
        with qtbot.waitSignal(session.learned.said, timeout=10_000):
            session.rack.rate([int(track)], 1.0 if meaning > 0 else 0.0, slider.id)
        if session.learned.lit(slider.id):
            break
    assert session.learned.lit(slider.id)
    return slider.id


def kept_ids(session: Session) -> list[int]:
    ids = session.catalogue.filter_ids
    return session.catalogue.ids.tolist() if ids is None else ids.tolist()


def play_of(session: Session, track: int) -> None:
    """As the session does once a play is saved."""
    with Store.open(session.paths.database) as store:
        store.save_play(Play(track, int(time.time()), 100.0, "finished", "user"))
    session.catalogue.reload_rows({track})


@pytest.fixture
def large(make_session: MakeSession) -> Session:
    return make_session(60)


@pytest.fixture
def shown(qtbot: QtBot, large: Session, theme: Theme) -> MainWindow:
    window = MainWindow(large, theme, Covers(large))
    window.native_dialogs = False
    qtbot.addWidget(window)
    window.show()
    return window


def row_of(window: MainWindow, name: str) -> SmartListRow:
    return next(row for row in window.sidebar.lists.rows.values() if row.text() == name)


# ── what is searched for ──────────────────────────────────────────────────────────────────────


def test_a_dark_slider_says_why_nothing_is_found(
    shown: MainWindow, large: Session, qtbot: QtBot
) -> None:
    large.rack.create("calm", "", "")
    note = shown.centre.note
    assert not note.isVisible()
    large.catalogue.set_filter("calm ≥ 80")
    assert kept_ids(large) == []
    assert note.isVisible()
    assert note.text().startswith("calm is not lit yet: it can't sort or filter.")
    large.catalogue.set_filter("clam ≥ 80")
    assert note.text() == "There is no slider called “clam”."
    large.catalogue.set_filter("nothing is called so")
    assert note.text() == "Nothing found."
    large.catalogue.set_filter("folk")
    assert not note.isVisible()


def test_a_filter_follows_ratings_and_plays(large: Session, qtbot: QtBot) -> None:
    slider = large.rack.create("calm", "", "")
    first, second = large.catalogue.ids[:2].tolist()
    large.catalogue.set_filter("never heard and not rated on calm")
    assert len(kept_ids(large)) == 60
    with qtbot.waitSignal(large.catalogue.filter_changed):
        large.rack.rate([first], 1.0, slider.id)
    assert first not in kept_ids(large)
    with qtbot.waitSignal(large.catalogue.filter_changed):
        play_of(large, second)
    assert len(kept_ids(large)) == 58


# ── kept ──────────────────────────────────────────────────────────────────────────────────────


def test_the_search_is_kept_and_becomes_what_is_shown(
    shown: MainWindow, large: Session, qtbot: QtBot
) -> None:
    bar = shown.centre.top_bar
    assert not bar.keep.isVisible()
    large.catalogue.set_filter("genre folk, year ≥ 2005")
    assert bar.keep.isVisible()
    qtbot.mouseClick(bar.keep, Qt.MouseButton.LeftButton)
    dialog = shown.list_wishes.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    assert dialog.found.text() == "10 tracks now."
    dialog.name.setText("New folk")
    qtbot.keyClick(dialog.name, Key.Key_Return)

    row = row_of(shown, "New folk")
    assert row.isChecked()
    assert large.catalogue.source == row.key
    assert bar.search.text() == ""
    assert len(kept_ids(large)) == len(shown.centre.table.model.ids()) == 10
    qtbot.waitUntil(lambda: row.count == 10)
    assert row.accessibleName() == "New folk, 10"
    large.catalogue.set_filter("window")  # narrows it
    assert len(kept_ids(large)) == 10
    large.catalogue.set_filter("lanterns")
    assert kept_ids(large) == []
    with Store.open(large.paths.database) as store:
        assert [(one.name, one.rule) for one in store.smart_lists()] == [
            ("New folk", "genre folk, year ≥ 2005")
        ]


def test_a_kept_source_and_search_become_one_rule(shown: MainWindow, large: Session) -> None:
    shown.list_wishes.keep_search()
    assert shown.list_wishes.dialog is None
    assert "Search for something first" in shown.centre.toast.text()
    large.catalogue.set_source("never")
    large.catalogue.set_filter("folk")
    shown.list_wishes.keep_search()
    assert shown.list_wishes.dialog is not None
    assert shown.list_wishes.dialog.rule.text() == "never heard, folk"


def test_a_name_that_is_taken_is_said_in_the_dialog(shown: MainWindow, large: Session) -> None:
    large.lists.save("Folk", "genre folk")
    large.catalogue.set_filter("ambient")
    shown.list_wishes.keep_search()
    dialog = shown.list_wishes.dialog
    assert dialog is not None
    dialog.name.setText("folk")
    dialog.accept()
    assert dialog.isVisible()
    assert dialog.note.text() == "There is a smart list called “Folk” already."
    with pytest.raises(UserError):
        large.lists.save("", "genre folk")


def test_it_lives(large: Session, qtbot: QtBot, tmp_path: Path) -> None:
    """Its count and what is shown of it follow plays, new tracks and refits."""
    slider = light(large, qtbot)
    one = large.lists.save("High and new", "up ≥ 50 and never heard")
    new = large.lists.save("New here", "added in the last day, never heard")
    large.catalogue.set_source(large.lists.source(one.id))
    qtbot.waitUntil(lambda: len(large.lists.counts) == 2)
    count = large.lists.counts[one.id]
    assert count == len(kept_ids(large))
    with qtbot.waitSignals([large.catalogue.filter_changed, large.lists.counted]):
        play_of(large, kept_ids(large)[0])
    assert len(kept_ids(large)) == count - 1
    qtbot.waitUntil(lambda: large.lists.counts[one.id] == count - 1)

    before = kept_ids(large)
    vectors = large.catalogue.vectors
    assert vectors is not None
    turned = [int(i) for i in vectors.ids if int(i) not in large.rack.ratings(slider)][:15]
    with qtbot.waitSignal(large.catalogue.filter_changed, timeout=10_000):
        for track in turned:
            meaning = vectors.x[vectors.ids == track, 0][0]
            large.rack.rate([track], 0.75 if meaning > 0 else 0.25, slider)
    assert kept_ids(large) != before

    with Store.open(large.paths.database) as store:
        folder = store.folders()[0]
        unreadable = FoundTrack(str(tmp_path / "music" / "n.wav"), 1, 1, None, error="no sound")
        store.save_found(folder.id, [unreadable])  # so that nothing need be listened to
    before_new = large.lists.counts[new.id]
    large.catalogue.load_new()
    qtbot.waitUntil(lambda: large.lists.counts[new.id] == before_new + 1)


def test_renaming_the_slider_keeps_the_list(large: Session, qtbot: QtBot) -> None:
    slider = light(large, qtbot)
    one = large.lists.save("High", "up ≥ 80")
    large.catalogue.set_source(large.lists.source(one.id))
    before = kept_ids(large)
    assert before
    large.rack.edit(slider, "higher", "low", "high")
    kept = large.lists.get(one.id)
    assert kept is not None
    assert large.lists.rule(kept) == "higher ≥ 80"
    large.catalogue.set_source(large.lists.source(one.id))
    assert kept_ids(large) == before
    assert large.catalogue.filter_problem == ""


@pytest.mark.parametrize("way", ["archive", "delete"])
def test_a_slider_that_is_gone_is_said_and_comes_back(
    shown: MainWindow, large: Session, qtbot: QtBot, way: str
) -> None:
    slider = light(large, qtbot)
    one = large.lists.save("High", "up ≥ 80")
    large.catalogue.set_source(large.lists.source(one.id))
    row = row_of(shown, "High")
    qtbot.waitUntil(lambda: row.count == len(kept_ids(large)) > 0)
    getattr(large.rack, way)(slider)
    qtbot.waitUntil(lambda: kept_ids(large) == [])
    word = "put away" if way == "archive" else "deleted"
    assert f"up was {word}: bring it back" in shown.centre.note.text()
    qtbot.waitUntil(lambda: row.count is None)
    assert f"up was {word}" in row.toolTip()
    large.rack.undo()
    qtbot.waitUntil(lambda: len(kept_ids(large)) > 0, timeout=10_000)
    assert not shown.centre.note.isVisible()


# ── in the left column ────────────────────────────────────────────────────────────────────────


def test_arrows_reach_it_and_keys_change_it(
    shown: MainWindow, large: Session, qtbot: QtBot
) -> None:
    large.lists.save("Folk", "genre folk")
    large.lists.save("Old", "year < 1990")
    row = row_of(shown, "Folk")
    qtbot.waitUntil(row.isVisible)
    with qtbot.waitActive(shown):
        shown.activateWindow()
    shown.sidebar.rows["never"].setFocus()
    qtbot.keyClick(shown.sidebar.rows["never"], Key.Key_Down)
    assert row.hasFocus()
    assert large.catalogue.source == row.key
    qtbot.keyClick(row, Key.Key_F2)
    dialog = shown.list_wishes.dialog
    assert dialog is not None
    dialog.name.setText("Folk music")
    dialog.accept()
    assert [one.name for one in large.lists.lists] == ["Folk music", "Old"]
    qtbot.keyClick(row_of(shown, "Folk music"), Key.Key_Delete)
    assert [one.name for one in large.lists.lists] == ["Old"]
    assert large.catalogue.source == "all"
    toast = shown.centre.toast
    assert toast.text() == "Deleted the smart list Folk music."
    qtbot.mouseClick(toast.action_button, Qt.MouseButton.LeftButton)
    assert [one.name for one in large.lists.lists] == ["Folk music", "Old"]
    assert large.lists.lists[0].rule == "genre folk"


def test_undo_goes_through_lists_and_ratings(large: Session) -> None:
    large.rack.create("calm", "", "")
    track = int(large.catalogue.ids[0])
    large.rack.rate([track], 1.0)
    one = large.lists.save("Folk", "genre folk")
    large.lists.save("Folk", "genre ambient", one.id)
    large.lists.delete(one.id)
    said = [large.rack.undo() for _ in range(2)]
    assert said == [
        "Took back deleting the smart list Folk.",
        "Took back changing the smart list Folk.",
    ]
    assert [(kept.name, kept.rule) for kept in large.lists.lists] == [("Folk", "genre folk")]
    assert large.rack.undo() == "Took back keeping the smart list Folk."
    assert large.lists.lists == []
    assert large.rack.undo() == "Took back one rating on calm."


def test_without_a_list_an_example_that_finds_something(
    shown: MainWindow, large: Session, qtbot: QtBot
) -> None:
    example = shown.sidebar.lists.example
    assert example.text() == "Try “genre Ambient”, and keep what you find here."
    light(large, qtbot)
    qtbot.waitUntil(lambda: "up ≥ 80 and not heard for 6 months" in example.text())
    qtbot.mouseClick(example, Qt.MouseButton.LeftButton)
    assert 0 < len(kept_ids(large)) < 60
    assert shown.centre.top_bar.search.text() == "up ≥ 80 and not heard for 6 months"
    assert shown.centre.top_bar.keep.isVisible()
    large.lists.save("High", "up ≥ 80")
    assert not example.isVisible()


# ── played ────────────────────────────────────────────────────────────────────────────────────


def test_it_plays_in_the_lists_order_shuffled_queued_and_as_radio(
    shown: MainWindow, large: Session, qtbot: QtBot
) -> None:
    one = large.lists.save("Folk", "genre folk")
    wanted = large.lists.ids(one.id)
    assert len(wanted) == 20
    large.playback.set_radio(False)
    shown.centre.table.view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    shown.list_wishes.play(one.id)
    order = shown.centre.table.model.sorting.of(wanted)
    titles = [large.catalogue.track(i).title for i in order]  # type: ignore[union-attr]
    assert titles == sorted(titles, reverse=True)
    assert large.playback.current is not None
    heard = [large.playback.current.id, *(item.track_id for item in large.playback.up_next)]
    assert heard == order
    shown.list_wishes.shuffle(one.id)
    assert large.playback.shuffle
    assert large.playback.current.id in wanted
    large.playback.set_shuffle(False)
    other = large.lists.save("Old", "year < 1990")
    shown.list_wishes.queue(other.id)
    ahead = {item.track_id for item in large.playback.up_next}
    assert ahead >= set(large.lists.ids(other.id))
    shown.list_wishes.radio(other.id)
    assert large.playback.radio
    assert large.playback.current.id in large.lists.ids(other.id)
    empty = large.lists.save("None", "plays ≥ 99")
    shown.list_wishes.play(empty.id)
    assert shown.centre.toast.text() == "No track fits this list now."


def test_its_menu_does_what_it_says(shown: MainWindow, large: Session) -> None:
    one = large.lists.save("Folk", "genre folk")
    actions = {a.text().split("\t")[0]: a for a in shown.list_wishes.menu(one.id).actions()}
    actions["Edit the rule…"].trigger()
    assert shown.list_wishes.dialog is not None
    shown.list_wishes.dialog.rule.setText("genre folk, year ≥ 2005")
    shown.list_wishes.dialog.accept()
    assert len(large.lists.ids(one.id)) == 10
    actions["Play"].trigger()
    assert large.playback.current is not None
    assert large.playback.current.id in large.lists.ids(one.id)
    actions["Delete"].trigger()
    assert large.lists.lists == []


# ── exported ──────────────────────────────────────────────────────────────────────────────────


def answer(window: MainWindow, file: Path, style: int) -> None:
    """Drives the file dialog that is about to open."""

    def choose() -> None:
        dialog = window.findChild(QFileDialog, "export")
        assert dialog is not None
        dialog.selectNameFilter(dialog.nameFilters()[style])
        dialog.findChild(QLineEdit, "fileNameEdit").setText(str(file))
        dialog.accept()

    QTimer.singleShot(200, choose)


def test_export_of_a_list_of_what_is_shown_and_of_what_is_chosen(
    shown: MainWindow, large: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    one = large.lists.save("Folk", "genre folk")
    music = tmp_path / "music"
    before = sorted(file.name for file in music.iterdir())
    wishes = shown.list_wishes

    answer(shown, music / "a.m3u8", 0)
    with qtbot.waitSignal(large.message) as told:
        wishes.export_list(one.id)
    assert told.args == ["20 tracks written to a.m3u8.", "info"]
    lines = (music / "a.m3u8").read_text().splitlines()
    order = shown.centre.table.model.sorting.of(large.lists.ids(one.id))
    paths = [Path(large.catalogue.track(i).path) for i in order]  # type: ignore[union-attr]
    assert lines[2::2] == [path.name for path in paths]

    large.catalogue.set_filter("year < 1990")
    answer(shown, music / "b.m3u8", 1)
    with qtbot.waitSignal(large.message):
        shown.actions_table.by_name["export"].trigger()
    assert all(
        Path(line).is_absolute() for line in (music / "b.m3u8").read_text().splitlines()[2::2]
    )

    wishes.export_chosen()
    assert "Choose tracks first" in shown.centre.toast.text()
    large.catalogue.select(large.catalogue.ids[:3].tolist())
    answer(shown, tmp_path / "c.m3u8", 2)
    shown.show_map()
    menu = shown.centre.map.chosen.menu()
    with qtbot.waitSignal(large.message) as told:
        next(a for a in menu.actions() if a.text() == "Export as a playlist…").trigger()
    assert told.args[0] == "3 tracks written to c.m3u8."
    assert all(
        line.startswith("music") for line in (tmp_path / "c.m3u8").read_text().splitlines()[2::2]
    )
    assert sorted(file.name for file in music.iterdir()) == sorted([*before, "a.m3u8", "b.m3u8"])


# ── suggestions ───────────────────────────────────────────────────────────────────────────────


def test_conditions_are_offered_while_one_types(
    shown: MainWindow, large: Session, qtbot: QtBot
) -> None:
    light(large, qtbot, "rainy night")
    large.rack.create("rainless", "", "")  # dark: nothing can be asked of it
    bar = shown.centre.top_bar
    offers = bar.suggestions.offers
    assert offers("rai") == ("", ["rainy night ≥ 80", "rainy night ≤ 20"])
    assert offers("fern, never heard and RAI")[0] == "fern, never heard and "
    assert offers("fern rai")[0] == "fern "
    assert offers("nig")[1] == ["rainy night ≥ 80", "rainy night ≤ 20"]
    assert offers("not he")[1] == ["not heard for 6 months"]
    assert offers("genre fo")[1] == ["genre Folk"]
    for text in ("", "r", "fern", "rainy night ≥ 80", "low tide"):
        assert offers(text)[1] == [], text
    with qtbot.waitActive(shown):
        shown.activateWindow()
    shown.start_search()
    qtbot.keyClicks(bar.search, "fern, rai")
    popup = bar.suggestions.popup
    assert popup.isVisible()
    qtbot.keyClick(popup, Key.Key_Down)
    qtbot.keyClick(popup, Key.Key_Return)
    assert bar.search.text() == "fern, rainy night ≥ 80"
    qtbot.waitUntil(lambda: large.catalogue.filter_text == "fern, rainy night ≥ 80")


def test_enter_without_a_choice_goes_to_what_was_found(
    shown: MainWindow, large: Session, qtbot: QtBot
) -> None:
    with qtbot.waitActive(shown):
        shown.activateWindow()
    shown.start_search()
    bar = shown.centre.top_bar
    qtbot.keyClicks(bar.search, "nev")
    assert bar.suggestions.popup.isVisible()
    qtbot.keyClick(bar.suggestions.popup, Key.Key_Return)
    assert bar.search.text() == "nev"
    assert not bar.search.hasFocus()


# ── on the command line ───────────────────────────────────────────────────────────────────────


def test_find_and_lists_without_a_window(
    large: Session, qtbot: QtBot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    light(large, qtbot)
    large.rack.create("calm", "", "")
    large.lists.save("High", "up ≥ 80")
    large.lists.save("Calm", "calm ≥ 80")

    def told(command: str, *words: str) -> str:
        args = parser_for(command).parse_args(words)
        assert finding.run(command, args, large.paths) == 0
        return capsys.readouterr().out

    rule = "up >= 80 and not heard for 6 months"
    found = json.loads(told("find", rule, "--json"))
    large.catalogue.set_filter(rule)
    assert [one["id"] for one in found] == kept_ids(large)
    assert told("find", "high").splitlines()[-1] == f"{len(kept_ids(large))} tracks"
    listed = json.loads(told("lists", "--json"))
    assert [(one["name"], one["rule"], one["count"]) for one in listed] == [
        ("High", "up ≥ 80", len(kept_ids(large))),
        ("Calm", "calm ≥ 80", 0),
    ]
    assert listed[1]["problem"].startswith("calm is not lit yet")
    assert "calm is not lit yet" in told("lists")
    file = tmp_path / "found.m3u8"
    assert f"{len(found)} tracks written" in told("find", rule, "--m3u", str(file), "--absolute")
    assert file.read_text().splitlines()[2::2] == [one["path"] for one in found]

    with pytest.raises(UserError, match="calm is not lit yet: it can't sort or filter"):
        told("find", "calm >= 80")
