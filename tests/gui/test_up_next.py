"""What plays next: the list follows the queue by small moves, and is changed by hand."""

from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.up_next import UpNext
from sliders_desktop.gui.up_next_model import MIME, UpNextModel
from sliders_desktop.session.session import Session
from sliders_desktop.tasks import Knobs


@pytest.fixture
def up_next(qtbot: QtBot, session: Session, theme: Theme, covers: Covers) -> UpNext:
    session.playback.set_radio(False)
    widget = UpNext(session, theme, covers)
    qtbot.addWidget(widget)
    widget.resize(330, 420)
    widget.show()
    return widget


def titles(up_next: UpNext) -> list[str]:
    model = up_next.list.rows
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def recommend(session: Session, ids: list[int]) -> None:
    """Deliver recommendations, as the radio does."""
    queue = session.playback._queue
    parts = (("rainy night 91st", "slider"), ("follows Low Tide", "plain"))
    queue.set_recommended([queue.make(i, "recommended", parts) for i in ids])
    session.playback._sequence.queue_moved()


def choose(up_next: UpNext, row: int) -> None:
    up_next.list.setCurrentIndex(up_next.list.rows.index(row))
    up_next.list.setFocus()


def test_the_model_is_sound(session: Session, qtmodeltester: Any, up_next: UpNext) -> None:
    session.playback.enqueue([1, 2, 3])
    qtmodeltester.check(up_next.list.rows)


def test_an_empty_queue_says_what_to_do(up_next: UpNext, session: Session) -> None:
    assert up_next.empty.isVisible()
    assert "Ctrl+Enter" in up_next.empty.text()

    session.playback.enqueue([1])

    assert not up_next.empty.isVisible()
    assert up_next.list.isVisible()


def test_changes_come_as_moves_and_keep_the_selection(
    up_next: UpNext, session: Session, qtbot: QtBot
) -> None:
    session.playback.enqueue([1, 2, 3, 4])
    model = up_next.list.rows
    choose(up_next, 2)
    resets: list[None] = []
    model.modelReset.connect(resets.append)

    session.playback.play_next([5])
    session.playback.remove([model.items[1].key])
    with qtbot.waitSignal(model.rowsMoved):
        session.playback.move(model.items[2].key, 0)

    assert not resets
    assert [item.track_id for item in model.items] == [i.track_id for i in session.playback.up_next]
    chosen = up_next.list.selectedIndexes()
    assert [index.data() for index in chosen] == ["Paper Lanterns"]


def test_delete_removes_and_chooses_the_following(
    up_next: UpNext, session: Session, qtbot: QtBot
) -> None:
    session.playback.enqueue([1, 2, 3])
    choose(up_next, 1)

    qtbot.keyClick(up_next.list, Qt.Key.Key_Delete)

    assert titles(up_next) == ["Low Tide", "Paper Lanterns"]
    assert up_next.list.currentIndex().row() == 1


def test_enter_jumps(up_next: UpNext, session: Session, qtbot: QtBot) -> None:
    session.playback.enqueue([1, 2, 3])
    choose(up_next, 1)

    qtbot.keyClick(up_next.list, Qt.Key.Key_Return)

    assert session.playback.current is not None
    assert session.playback.current.title == "Slow Harbour"
    assert titles(up_next) == ["Paper Lanterns"]


def test_double_click_jumps(up_next: UpNext, session: Session, qtbot: QtBot) -> None:
    session.playback.enqueue([1, 2, 3])
    view = up_next.list
    at = view.visualRect(view.rows.index(2)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)

    assert session.playback.current is not None
    assert session.playback.current.title == "Paper Lanterns"


def test_alt_arrows_move_a_row(up_next: UpNext, session: Session, qtbot: QtBot) -> None:
    session.playback.enqueue([1, 2, 3])
    choose(up_next, 0)

    qtbot.keyClick(up_next.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert titles(up_next) == ["Slow Harbour", "Low Tide", "Paper Lanterns"]
    qtbot.keyClick(up_next.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert titles(up_next) == ["Slow Harbour", "Paper Lanterns", "Low Tide"]
    qtbot.keyClick(up_next.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert titles(up_next) == ["Slow Harbour", "Low Tide", "Paper Lanterns"]


@pytest.mark.parametrize(
    ("row", "before", "wanted"),
    [(0, 3, [2, 3, 1, 4]), (3, 0, [4, 1, 2, 3]), (1, 4, [1, 3, 4, 2]), (2, 1, [1, 3, 2, 4])],
)
def test_rows_are_dragged(
    up_next: UpNext, session: Session, row: int, before: int, wanted: list[int]
) -> None:
    session.playback.enqueue([1, 2, 3, 4])
    model: UpNextModel = up_next.list.rows
    data = model.mimeData([model.index(row)])
    assert data.hasFormat(MIME)

    model.dropMimeData(data, Qt.DropAction.MoveAction, before, 0, QModelIndex())

    assert [item.track_id for item in session.playback.up_next] == wanted
    assert [item.track_id for item in model.items] == wanted


def test_a_recommendation_is_kept(up_next: UpNext, session: Session) -> None:
    session.playback.enqueue([1])
    recommend(session, [2, 3])
    choose(up_next, 2)
    texts = {action.text(): action for action in up_next.menu().actions()}

    texts["Keep in the queue"].trigger()

    origins = [(i.track_id, i.origin) for i in session.playback.up_next]
    assert origins == [(1, "user"), (3, "user"), (2, "recommended")]


def test_the_reason_is_heard_and_shown(up_next: UpNext, session: Session) -> None:
    recommend(session, [2])
    index = up_next.list.rows.index(0)

    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == (
        "Slow Harbour, Coastal Static, rainy night 91st · follows Low Tide"
    )
    assert "Chosen for you" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_the_three_knobs(up_next: UpNext, session: Session, qtbot: QtBot) -> None:
    near, forgotten, artist = up_next.knobs.all
    near.setFocus()
    qtbot.keyClick(near, Qt.Key.Key_End)
    qtbot.keyClick(forgotten, Qt.Key.Key_Home)
    qtbot.keyClick(artist, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: session.playback.knobs == Knobs(1.0, 0.0, 5))
    kept = session.settings
    assert (kept.near_far, kept.forgotten, kept.artist_gap) == (1.0, 0.0, 5)
    assert artist.accessibleDescription() == "1 in 6"

    session.playback.set_knobs(Knobs(0.4, 0.6, 12))
    assert [knob.value() for knob in up_next.knobs.all] == [40, 60, 4]
    at = QPoint(near.width() * 2 // 3, 11)
    qtbot.mouseClick(near, Qt.MouseButton.LeftButton, pos=at)
    assert 45 < near.value() < 95  # straight to its place
    qtbot.mouseDClick(near, Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: session.playback.knobs == Knobs(0.25, 0.6, 12))


def test_amber_is_only_what_a_slider_says(up_next: UpNext, session: Session, theme: Theme) -> None:
    def amber() -> int:
        image = up_next.list.viewport().grab(up_next.list.visualRect(up_next.list.rows.index(0)))
        pixels = image.toImage()
        text = range(60, pixels.width(), 1)
        return sum(
            pixels.pixelColor(x, y) == theme.lit for x in text for y in range(pixels.height())
        )

    session.playback.enqueue([2])
    plain = amber()
    session.playback.clear()
    recommend(session, [2])

    assert plain == 0
    assert amber() > 0


def test_rows_slide_to_their_places(up_next: UpNext, session: Session, qtbot: QtBot) -> None:
    session.playback.enqueue([1, 2, 3])
    view = up_next.list
    key = view.rows.items[2].key

    session.playback.move(key, 0)

    assert view.offset(key) > 40  # still where it was
    qtbot.waitUntil(lambda: view.offset(key) == 0.0)
    assert view.indexAt(QPoint(80, 10)).row() == 0
