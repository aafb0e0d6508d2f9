"""Constellations in the window: collected, turned and weighed, drawn on the map, played, undone."""

from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.constellation_card import ConstellationCard
from sliders_desktop.gui.constellation_dialog import ConstellationDialog
from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.map_figure import (
    Figure,
    FigureArt,
    FigureStar,
    links_of,
    spanning_tree,
)
from sliders_desktop.gui.star_rows import BARS_PX, SIGN_PX
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.track_model import TRACK_IDS, listed
from sliders_desktop.session.session import Session

Key, Left = Qt.Key, Qt.MouseButton.LeftButton
Control = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def shown(qtbot: QtBot, session: Session, theme: Theme) -> MainWindow:
    window = MainWindow(session, theme, Covers(session))
    window.native_dialogs = False
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.resize(1440, 900)
        window.activateWindow()
    return window


@pytest.fixture
def card(shown: MainWindow, session: Session) -> ConstellationCard:
    """With three stars, in the list view."""
    shown.centre.show_view("list")
    session.constellations.create("Sunday", [1, 2, 3])
    return shown.centre.card


def stars(session: Session) -> list[tuple[int, float]]:
    one = session.constellations.open_
    assert one is not None
    return [(star.track_id, star.weight) for star in one.stars]


def menu_of(menu: QMenu, title: str) -> dict[str, object]:
    inner = next(m for m in menu.findChildren(QMenu) if m.title() == title)
    return {action.text().split("\t")[0]: action for action in inner.actions()}


# ── plain numbers ─────────────────────────────────────────────────────────────────────────────


def _length(xy: np.ndarray, links: list[tuple[int, int]]) -> float:
    return sum(float(np.linalg.norm(xy[a] - xy[b])) for a, b in links)


def _joined(count: int, links: tuple[tuple[int, int], ...]) -> bool:
    known = {0}
    for _ in range(count):
        known |= {b for a, b in links if a in known} | {a for a, b in links if b in known}
    return len(known) == count


def test_the_lines_are_the_shortest_that_join_all() -> None:
    rng = np.random.default_rng(4)
    for count in (2, 3, 5):
        xy = rng.normal(size=(count, 2))
        every = list(combinations(range(count), 2))
        shortest = min(
            _length(xy, list(links))
            for links in combinations(every, count - 1)
            if _joined(count, links)
        )
        links = spanning_tree(xy)
        assert len(links) == count - 1
        assert _length(xy, links) == pytest.approx(shortest)
    assert spanning_tree(np.zeros((1, 2))) == spanning_tree(np.zeros((0, 2))) == []
    assert len(spanning_tree(np.zeros((7, 2)))) == 6  # all in one place


def test_a_cold_star_hangs_on_the_nearest_warm_one() -> None:
    places = ((0.0, 0.0), (10.0, 0.0), (7.0, 1.0), (1.0, 1.0))
    for order in permutations(range(4)):
        weights = (1.0, 1.0, -1.0, -0.5)
        figure = [FigureStar(places[at], weights[at]) for at in order]
        links = {frozenset((order[a], order[b])) for a, b in links_of(figure)}
        assert links == {frozenset((0, 1)), frozenset((1, 2)), frozenset((0, 3))}
    alone = [FigureStar((0.0, 0.0), -1.0), FigureStar((1.0, 0.0), -1.0)]
    assert links_of(alone) == ((0, 1),)


def test_warm_and_cold_look_different_without_any_colour(theme: Theme) -> None:
    def ink(weight: float) -> np.ndarray:
        image = QImage(40, 40, QImage.Format.Format_Grayscale8)
        image.fill(theme.ground)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        star = Figure((FigureStar((0.0, 0.0), weight),))
        FigureArt(theme).paint(painter, star, lambda place: QPointF(20, 20))
        painter.end()
        pixels = np.frombuffer(image.constBits(), np.uint8).reshape(40, -1)[:, :40]
        return np.abs(pixels.astype(int) - int(pixels[0, 0])) > 60

    warm, cold = ink(2.0), ink(-2.0)
    assert warm.any()
    assert cold.any()
    assert (warm ^ cold).sum() > 0.5 * (warm | cold).sum()
    assert warm[12:16, 20].all()  # a ray points up, where the ring of a cold star is empty
    assert not cold[13:17, 20].any()
    assert ink(2.0).sum() > 1.5 * ink(0.5).sum()  # what counts more is larger


# ── collected ─────────────────────────────────────────────────────────────────────────────────


def test_c_collects_what_is_chosen_else_what_plays(
    shown: MainWindow, session: Session, qtbot: QtBot
) -> None:
    shown.centre.show_view("list")
    view, section = shown.centre.table.view, shown.sidebar.constellations
    assert section.new.isVisible()
    qtbot.keyClick(view, Key.Key_C)
    assert "C makes them stars" in shown.centre.toast.text()
    assert not shown.centre.card.isVisible()

    session.playback.play([4])
    session.playback.toggle()
    qtbot.keyClick(view, Key.Key_C)
    assert stars(session) == [(4, 1.0)]
    session.catalogue.select([2, 6])
    qtbot.keyClick(view, Key.Key_C)
    qtbot.keyClick(view, Key.Key_C)  # takes nothing away
    assert stars(session) == [(4, 1.0), (2, 1.0), (6, 1.0)]
    (row,) = section.rows.values()
    assert (row.text(), row.count) == ("New constellation", 3)
    assert not section.new.isVisible()
    assert shown.centre.card.isVisible()
    assert shown.centre.card.says.text() == "3 stars"

    qtbot.keyClick(view, Key.Key_Z, Control)
    qtbot.keyClick(view, Key.Key_Z, Control)
    assert session.constellations.all() == []
    assert not shown.centre.card.isVisible()


def test_an_empty_one_says_what_to_do(shown: MainWindow, session: Session) -> None:
    made = session.constellations.create("Empty")
    card = shown.centre.card
    assert card.says.text() == "no star yet"
    assert card.empty.isVisible()
    assert "Press C" in card.empty.text()
    assert card.waits.text() == "Nothing yet: it begins with the first star."
    assert not card.play.isEnabled()
    shown.constellation_wishes.shuffle(made)
    assert "press C on tracks" in shown.centre.toast.text()


def test_tracks_are_dropped_on_row_and_card(card: ConstellationCard, session: Session) -> None:
    (row,) = card.window().sidebar.constellations.rows.values()  # type: ignore[attr-defined]
    for target, ids in ((row, [4, 999]), (card, [5])):
        mime = QMimeData()
        mime.setData(TRACK_IDS, listed(ids))
        flags = Qt.DropAction.CopyAction, mime, Left, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(QPoint(5, 5), *flags)
        enter.setAccepted(False)
        target.dragEnterEvent(enter)
        assert enter.isAccepted()
        target.dropEvent(QDropEvent(QPointF(5, 5), *flags))
    assert [track for track, _ in stars(session)] == [1, 2, 3, 4, 5]


# ── turned, weighed, taken out ────────────────────────────────────────────────────────────────


def test_stars_by_keys(card: ConstellationCard, session: Session, qtbot: QtBot) -> None:
    card.take_keyboard()
    view = card.stars
    view.setCurrentIndex(view.rows.index(1))
    assert session.catalogue.selection == (2,)  # one selection for all of the window
    qtbot.keyClicks(view, "-")
    qtbot.keyClicks(view, "-")  # already
    assert stars(session) == [(1, 1.0), (2, -1.0), (3, 1.0)]
    assert card.says.text() == "3 stars · 1 leads away"
    spoken = view.rows.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Slow Harbour, Coastal Static, leads away, weight 1"
    qtbot.keyClick(view, Key.Key_Right)
    qtbot.keyClick(view, Key.Key_Right)
    qtbot.keyClick(view, Key.Key_Right)  # no further
    assert stars(session)[1] == (2, -2.0)
    qtbot.keyClicks(view, "+")
    qtbot.keyClick(view, Key.Key_Left)
    assert stars(session)[1] == (2, 1.5)
    qtbot.keyClick(view, Key.Key_Delete)
    assert [track for track, _ in stars(session)] == [1, 3]
    assert card.window().centre.toast.text() == "Slow Harbour taken out of Sunday."  # type: ignore[attr-defined]
    qtbot.keyClick(view, Key.Key_Down)
    qtbot.keyClick(view, Key.Key_Return)
    assert session.playback.current is not None


def test_stars_by_mouse(card: ConstellationCard, session: Session, qtbot: QtBot) -> None:
    view, port = card.stars, card.stars.viewport()

    def box(row: int) -> QRect:
        return view.visualRect(view.rows.index(row))

    middle = box(0).center().y()
    qtbot.mouseClick(port, Left, pos=QPoint(box(0).left() + SIGN_PX // 2, middle))
    assert stars(session)[0] == (1, -1.0)
    qtbot.mouseClick(port, Left, pos=QPoint(box(0).right() - BARS_PX + 20, middle))
    assert stars(session)[0] == (1, -2.0)
    qtbot.mouseClick(port, Left, pos=box(2).center())
    assert session.catalogue.selection == (3,)
    session.catalogue.select([1, 2])  # from elsewhere
    assert sorted(index.row() for index in view.selectedIndexes()) == [0, 1]


def test_the_menu_of_a_star(card: ConstellationCard, session: Session, shown: MainWindow) -> None:
    shown.show_map()
    session.catalogue.select([2, 5])
    for menu in (shown.centre.table.menu(), shown.centre.map.chosen.menu()):
        entries = menu_of(menu, "Constellation")
        assert list(entries)[:2] == ["Add to Sunday", "New constellation…"]
    entries["Lead away from it"].trigger()  # type: ignore[attr-defined]
    assert stars(session)[1] == (2, -1.0)
    counts = menu_of(shown.centre.map.chosen.menu(), "Counts")
    assert [a.isChecked() for a in counts.values()] == [False, True, False, False]  # type: ignore[attr-defined]
    counts["twice"].trigger()  # type: ignore[attr-defined]
    assert stars(session)[1] == (2, -2.0)
    entries = menu_of(shown.centre.map.chosen.menu(), "Constellation")
    entries["Take out"].trigger()  # type: ignore[attr-defined]
    entries["Add to Sunday"].trigger()  # type: ignore[attr-defined]
    assert [track for track, _ in stars(session)] == [1, 3, 2, 5]
    entries["New constellation…"].trigger()  # type: ignore[attr-defined]
    dialog = shown.constellation_wishes.dialog
    assert isinstance(dialog, ConstellationDialog)
    assert dialog.sentence.text() == "It begins with the 2 chosen tracks."


# ── how it leads ──────────────────────────────────────────────────────────────────────────────


def test_how_it_leads(card: ConstellationCard, session: Session, qtbot: QtBot) -> None:
    every = session.constellations
    qtbot.waitUntil(lambda: len(every.path) == 3)  # all that is left of six
    assert card.path.rows.rowCount() == 3
    assert not card.waits.isVisible()
    text = card.path.rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    reason = " · ".join(piece for piece, _ in every.path[0].parts)
    assert reason
    assert text.startswith("1, ")
    assert text.endswith(f", {reason}")
    qtbot.mouseClick(card.mode.buttons["wander"], Left)
    card.knobs.near_far.setFocus()
    qtbot.keyClick(card.knobs.near_far, Key.Key_End)
    qtbot.waitUntil(lambda: every.open_ is not None and every.open_.near_far == 1.0)
    assert every.open_ is not None
    assert every.open_.mode == "wander"
    seed = every.open_.seed
    qtbot.mouseClick(card.again, Left)
    assert every.open_.seed != seed
    qtbot.mouseClick(card.mode.buttons["together"], Left)
    every.collect(range(4, 7))  # nothing is left to follow
    qtbot.waitUntil(lambda: not every.path)
    assert card.waits.isVisible()


def test_it_plays_and_its_path_is_what_comes(
    card: ConstellationCard, session: Session, qtbot: QtBot
) -> None:
    qtbot.mouseClick(card.play, Left)
    playback = session.playback
    assert playback.current is not None
    assert playback.current.id == 1
    qtbot.waitUntil(lambda: len(playback.up_next) > 0)
    session.playback.toggle()
    qtbot.waitUntil(session._jobs.idle)
    assert card.window().up_next.leads.text() == "Sunday"  # type: ignore[attr-defined]
    upcoming = [item.track_id for item in playback.up_next]
    assert [pick.track_id for pick in card.path.rows.picks] == upcoming[:20]
    card.path.setCurrentIndex(card.path.rows.index(1))
    card.path.setFocus()
    qtbot.keyClick(card.path, Key.Key_Return)
    assert playback.current.id == upcoming[1]
    assert session.constellations.plays  # it still leads
    session.playback.toggle()


# ── on the left ───────────────────────────────────────────────────────────────────────────────


def test_named_opened_deleted_and_brought_back(
    shown: MainWindow, session: Session, qtbot: QtBot
) -> None:
    shown.centre.show_view("list")
    session.catalogue.select([5, 6])
    shown.actions_table.by_name["new-constellation"].trigger()
    dialog = shown.constellation_wishes.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyClicks(dialog.name, "Sunday")
    qtbot.keyClick(dialog.name, Key.Key_Return)
    other = session.constellations.create("Other", [1])
    section = shown.sidebar.constellations
    row = next(row for row in section.rows.values() if row.text() == "Sunday")
    qtbot.mouseClick(row, Left)
    assert shown.centre.card.name.text() == "Sunday"
    assert sorted(shown.centre.table.model.ids()) == [5, 6]
    qtbot.keyClick(row, Key.Key_F2)
    dialog = shown.constellation_wishes.dialog
    assert dialog is not None
    dialog.name.setText("other")
    dialog.accept()
    assert dialog.note.isVisible()
    dialog.name.setText("Slowly")
    dialog.accept()
    assert shown.centre.card.name.text() == "Slowly"
    assert row.text() == "Slowly"  # the same row, and the keyboard still on it
    qtbot.keyClick(row, Key.Key_Delete)
    assert not shown.centre.card.isVisible()
    assert session.catalogue.source == "all"
    assert [one.id for one in session.constellations.all()] == [other]
    shown.centre.toast.action_button.click()
    assert shown.centre.card.isVisible()
    assert stars(session) == [(5, 1.0), (6, 1.0)]
    shown.centre.take_keyboard()
    shown.move_to_pane(-1)
    assert shown.focusWidget() is shown.centre.card.stars
    qtbot.keyClick(shown.centre.card.stars, Key.Key_Escape)
    assert session.constellations.open_ is None
    assert not shown.centre.card.isVisible()
    assert shown.focusWidget() is shown.centre.table.view


def test_it_is_written_as_a_playlist(
    card: ConstellationCard, session: Session, shown: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    qtbot.waitUntil(lambda: len(session.constellations.path) == 3)
    target = tmp_path / "sunday.m3u8"

    def choose() -> None:
        dialog = shown.findChild(QFileDialog, "export")
        if dialog is not None and dialog.isVisible():
            dialog.findChild(QLineEdit).setText(str(target))
            dialog.accept()

    from PySide6.QtCore import QTimer

    QTimer.singleShot(50, choose)
    with qtbot.waitSignal(session.message):
        qtbot.mouseClick(card.export, Left)
    lines = target.read_text("utf-8").splitlines()
    names = [Path(line).name for line in lines if not line.startswith("#")]
    path = [pick.track_id for pick in session.constellations.path]
    rows = [session.catalogue.track(i) for i in [1, 2, 3, *path]]
    assert names == [Path(row.path).name for row in rows if row is not None]


# ── map and list ──────────────────────────────────────────────────────────────────────────────


def test_the_map_draws_it(shown: MainWindow, session: Session, qtbot: QtBot) -> None:
    shown.show_map()
    shown.centre.show_view("map")
    view = shown.centre.map
    every = session.constellations
    every.create("Sunday", [1, 2, 3])
    every.turn(3)
    qtbot.waitUntil(lambda: len(every.path) == 3)
    figure = view.marks.marks.figure
    assert figure is not None
    assert [star.weight > 0 for star in figure.stars] == [True, True, False]
    assert len(figure.links) == 2
    assert len(figure.path) == 3
    row = view.sky.row(every.path[0].track_id)
    assert row is not None
    assert figure.path[0] == view._way.place(row)
    port = view.canvas.viewport()

    def seen(color: QColor) -> bool:
        image = port.grab().toImage()
        return any(
            image.pixelColor(x, y) == color
            for star in figure.stars
            for x in range(round(at(star.place).x()) - 8, round(at(star.place).x()) + 9)
            for y in range(round(at(star.place).y()) - 8, round(at(star.place).y()) + 9)
            if image.rect().contains(x, y)
        )

    def at(place: tuple[float, float]) -> QPointF:
        return QPointF(*view.camera.lens.to_view(*place))

    qtbot.waitUntil(lambda: not view.camera.moving)
    theme = shown._theme
    assert seen(theme.lamp)
    view._set_hovered(row)  # a ghost says why it is one
    said = [text for line in view.card._lines for text, _ in line]
    assert said[1:] == [text for text, _ in every.path[0].parts]
    # Its stars stay clear of what lies over the map, and nothing fades.
    right = shown.centre.card.geometry().left()
    assert all(at(star.place).x() < right for star in figure.stars)
    session.catalogue.set_source(every.source(every.all()[0].id))
    assert view._kept() is None
    every.open_one(None)
    assert view.marks.marks.figure is None
    assert view.camera.lens.width == view.width()


def test_a_line_from_star_to_star_asks_for_a_journey(
    shown: MainWindow, session: Session, qtbot: QtBot
) -> None:
    shown.show_map()
    shown.centre.show_view("map")
    view = shown.centre.map
    qtbot.waitUntil(lambda: not view.camera.moving)
    shown.centre.journey_wanted.disconnect()
    port, asked = view.canvas.viewport(), []
    shown.centre.journey_wanted.connect(lambda a, b: asked.append((a, b)))

    def at(row: int) -> QPoint:
        return QPointF(*view.camera.lens.to_view(*view.sky.xy[row])).toPoint()

    def draw(start: QPoint, end: QPoint) -> None:
        QTest.mousePress(port, Left, Control, start)
        QTest.mouseMove(port, (start + end) / 2)
        QTest.mouseMove(port, end)
        QTest.mouseRelease(port, Left, Control, end)

    lens = view.camera.lens
    draw(at(0), at(3))
    assert asked == [(int(view.sky.ids[0]), int(view.sky.ids[3]))]
    assert view.camera.lens == lens  # the map was not pushed
    draw(at(0), QPoint(4, 4))  # into nothing
    assert len(asked) == 1
    assert view.marks.marks.joining is None


def box(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint()), widget.size())


def test_the_list_makes_room(
    card: ConstellationCard, session: Session, shown: MainWindow, qtbot: QtBot
) -> None:
    session.constellations.collect([4, 5, 6])
    table, inside = shown.centre.table, box(shown.centre, shown)
    qtbot.waitUntil(lambda: box(table, shown).right() < box(card, shown).left())
    assert inside.contains(box(card, shown))
    for part in (card.stars, card.mode, *card.knobs.all, card.play, card.export):
        assert card.rect().contains(box(part, card))
    before = card.height()
    card.fold.click()
    assert card.height() < before / 2
    assert card.play.isVisible()
    assert not card.stars.isVisible()
    qtbot.waitUntil(lambda: box(table, shown).right() > inside.right() - 40)


def test_in_a_narrow_window_it_is_folded(
    card: ConstellationCard, shown: MainWindow, qtbot: QtBot
) -> None:
    shown.resize(1000, 560)
    qtbot.waitUntil(lambda: card.folded)
    assert box(shown.centre, shown).contains(box(card, shown))
    card.fold.click()
    assert card.stars.isVisible()
    for part in (card.stars, card.mode, *card.knobs.all, card.play, card.export):
        assert card.rect().contains(box(part, card))
    shown.resize(1440, 900)
    shown.resize(1000, 560)
    qtbot.waitUntil(lambda: card.folded)
