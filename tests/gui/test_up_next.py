"""What plays next: the list follows the queue by small moves, and is changed by hand."""

from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.up_next import UpNext
from sliders_desktop.gui.up_next_model import MIME, UpNextModel
from sliders_desktop.session.session import Session
from sliders_desktop.tasks import Knobs, Share


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


SHARES = (
    Share("unlike Undertow", "against", 0.2),
    Share("like Low Tide", "anchor", 0.8),
    Share("rainy night 91st percentile", "slider", -0.31),
)


def explained(session: Session, ids: list[int]) -> None:
    """The same with all that decided them."""
    queue = session.playback._queue
    parts = (("follows Low Tide", "plain"),)
    queue.set_recommended([queue.make(i, "recommended", parts, SHARES) for i in ids])
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


# ── why this track ────────────────────────────────────────────────────────────────────────────


def test_why_by_keys(up_next: UpNext, session: Session, qtbot: QtBot) -> None:
    explained(session, [2, 3, 4])
    session.playback.enqueue([5])  # the listener's own: there is nothing to say
    view = up_next.list
    choose(up_next, 0)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert not view.why.isVisible()
    choose(up_next, 1)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.why.isVisible()
    assert view.why.accessibleName() == "Why Slow Harbour"
    assert view.why.bars.accessibleDescription() == (
        "like Low Tide +0.8, rainy night 91st percentile −0.3, unlike Undertow +0.2"
    )
    # Below its own row and above the next, which made room.
    own, following = (view.visualRect(view.rows.index(row)) for row in (1, 2))
    qtbot.waitUntil(lambda: view.why.geometry().top() == own.top() + 48)
    assert own.contains(view.why.geometry())
    assert following.top() == own.bottom() + 1
    choose(up_next, 2)
    qtbot.keyClick(view, Qt.Key.Key_Right)  # one at a time
    assert view.opened == view.rows.items[2].key
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert not view.why.isVisible()
    qtbot.waitUntil(lambda: view.visualRect(view.rows.index(3)).top() == 3 * 48)


def test_a_click_on_the_reason_says_more(up_next: UpNext, session: Session, qtbot: QtBot) -> None:
    explained(session, [2, 3, 4])
    view, port = up_next.list, up_next.list.viewport()
    top = view.visualRect(view.rows.index(0)).topLeft()
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=top + QPoint(120, 12))  # the title
    assert not view.why.isVisible()
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=top + QPoint(120, 34))
    assert view.why.isVisible()
    heard: list[object] = []
    for button, signal in (
        (view.why.more, session.liking.more_like),
        (view.why.less, session.liking.less_like),
    ):
        before = session.playback.leanings
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        heard.append(session.playback.leanings.get(2))
        assert session.playback.leanings != before, signal
    assert heard[0] > 0 > heard[1]  # type: ignore[operator]
    # What one wants less of leaves, and its explanation with it.
    assert 2 not in [item.track_id for item in session.playback.up_next]
    assert view.opened is None
    assert not view.why.isVisible()


def test_not_this_artist_today(up_next: UpNext, session: Session, qtbot: QtBot) -> None:
    explained(session, [2, 3])
    up_next.list.open_row(0)
    button = up_next.list.why.not_today
    assert "Coastal Static" in button.toolTip()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.liking.left_out == ["Coastal Static"]
    texts = {action.text(): action for action in _menu_of(up_next, 0).actions()}
    inner = texts["Hear today after all"].menu()
    assert isinstance(inner, QMenu)
    inner.actions()[0].trigger()
    assert session.liking.left_out == []


def test_why_follows_its_row(up_next: UpNext, session: Session, qtbot: QtBot) -> None:
    explained(session, [2, 3, 4])
    view = up_next.list
    view.open_row(1)
    key = view.rows.items[1].key
    session.playback.remove([view.rows.items[0].key])
    assert view.opened == key
    qtbot.waitUntil(lambda: view.why.geometry().top() == 48)
    keep = {action.text(): action for action in _menu_of(up_next, 0).actions()}
    keep["Keep in the queue"].trigger()
    assert view.opened == key  # kept, it still says why
    session.playback.jump(key)
    assert view.opened is None
    assert not view.why.isVisible()


def _menu_of(up_next: UpNext, row: int) -> QMenu:
    choose(up_next, row)
    return up_next.menu()


def test_the_bars_show_direction_and_size(up_next: UpNext, session: Session, theme: Theme) -> None:
    explained(session, [2])
    up_next.list.open_row(0)
    bars = up_next.list.why.bars
    image = bars.grab().toImage()

    def inked(row: int, color: QColor) -> list[int]:
        y = row * 18 + 9
        return [x for x in range(image.width()) if image.pixelColor(x, y) == color]

    anchor, slider, against = inked(0, theme.soft), inked(1, theme.low), inked(2, theme.soft)
    zero = max(slider) + 1
    assert len(anchor) > len(slider) > 0
    assert min(x for x in anchor if x > zero - 2) >= zero - 2
    assert len(anchor) > 2 * len([x for x in against if x > zero])
