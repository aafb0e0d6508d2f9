"""The list: order, filter, one selection with the map, and the slider columns."""

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.track_model import COLUMNS, clock
from sliders_desktop.gui.track_table import TrackTable
from sliders_desktop.session.session import Session

from .conftest import MakeSession

UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


@pytest.fixture
def table(qtbot: QtBot, session: Session, theme: Theme) -> TrackTable:
    table = TrackTable(session, theme)
    qtbot.addWidget(table)
    table.resize(900, 400)
    table.show()
    return table


def titles(table: TrackTable) -> list[str]:
    model = table.model
    return [model.index(row, 0).data() for row in range(model.rowCount(QModelIndex()))]


def test_the_model_keeps_qts_rules(
    table: TrackTable, session: Session, qtmodeltester: ModelTester
) -> None:
    qtmodeltester.check(table.model)
    session.catalogue.set_filter("folk")
    qtmodeltester.check(table.model)
    session.catalogue.set_filter("nothing is called so")
    qtmodeltester.check(table.model)


def test_every_column_sorts_both_ways(table: TrackTable, session: Session) -> None:
    fields = [column.field for column in COLUMNS]
    for column, field in enumerate(fields):
        table.view.sortByColumn(column, UP)
        shown = [session.catalogue.track(i) for i in table.model.ids()]
        values = [getattr(row, field) for row in shown]
        folded = [v.casefold() if isinstance(v, str) else v for v in values]
        assert folded == sorted(folded), field
        table.view.sortByColumn(column, DOWN)
        assert [getattr(session.catalogue.track(i), field) for i in table.model.ids()] == list(
            reversed(values)
        )


def test_search_narrows_and_comes_back(table: TrackTable, session: Session) -> None:
    session.catalogue.set_filter("fern")
    assert titles(table) == ["Undertow"]
    session.catalogue.set_filter("quiet lam")
    assert titles(table) == ["Paper Lanterns"]
    session.catalogue.set_filter("")
    assert len(titles(table)) == 6


def test_selection_is_shared(table: TrackTable, session: Session) -> None:
    table.view.sortByColumn(0, UP)
    table.view.selectRow(2)
    assert session.catalogue.selection == (table.model.id_at(2),)

    chosen = [table.model.id_at(0), table.model.id_at(4)]
    session.catalogue.select(chosen)
    rows = sorted(i.row() for i in table.view.selectionModel().selectedRows())
    assert rows == [0, 4]

    table.view.sortByColumn(0, DOWN)
    rows = sorted(i.row() for i in table.view.selectionModel().selectedRows())
    assert sorted(table.model.id_at(r) for r in rows) == sorted(chosen)


def test_enter_plays_the_list_from_there(table: TrackTable, session: Session, qtbot: QtBot) -> None:
    table.view.sortByColumn(0, UP)
    session.playback.set_radio(False)
    table.view.setCurrentIndex(table.model.index(3, 0))

    qtbot.keyClick(table.view, Qt.Key.Key_Return)

    assert session.playback.current is not None
    assert session.playback.current.title == titles(table)[3]
    ahead = [item.track_id for item in session.playback.up_next]
    assert ahead == table.model.ids()[4:]
    qtbot.waitUntil(lambda: session.playback.position_s() > 0.05, timeout=20_000)


def test_a_lit_slider_is_a_column_that_sorts(
    make_session: MakeSession, theme: Theme, qtbot: QtBot
) -> None:
    session = make_session(60)
    vectors = session.catalogue.vectors
    assert vectors is not None
    table = TrackTable(session, theme)
    qtbot.addWidget(table)
    assert table.model.columnCount() == len(COLUMNS)
    slider = session.rack.create("up", "down", "up")
    for track, meaning in zip(vectors.ids[:40], vectors.x[:40, 0], strict=True):
        with qtbot.waitSignal(session.learned.said, timeout=10_000):
            session.rack.rate([int(track)], 1.0 if meaning > 0 else 0.0, slider.id)
        if session.learned.lit(slider.id):
            break

    assert session.learned.lit(slider.id)
    column = len(COLUMNS)
    assert table.model.columnCount() == column + 1
    assert table.model.headerData(column, Qt.Orientation.Horizontal) == "up"
    table.view.sortByColumn(column, DOWN)
    ranks = [session.learned.percentile(slider.id, i) or 0.0 for i in table.model.ids()]
    assert ranks == sorted(ranks, reverse=True)
    assert table.model.index(0, column).data() == "100"

    session.catalogue.set_filter("up ≥ 80")
    assert 0 < len(table.model.ids()) <= 13
    assert all((session.learned.percentile(slider.id, i) or 0) >= 0.8 for i in table.model.ids())


def test_clock() -> None:
    assert [clock(s) for s in (0, 59.4, 61, 3725)] == ["0:00", "0:59", "1:01", "1:02:05"]


def rate_until(
    session: Session, qtbot: QtBot, slider_id: int, wanted: str, noise: float = 0.0
) -> None:
    """Rate by what the vectors mean until the slider is in this state."""
    vectors = session.catalogue.vectors
    assert vectors is not None
    rng = np.random.default_rng(3)
    felt = vectors.x[:, 0] + noise * rng.normal(size=len(vectors.x))
    for track, meaning in zip(vectors.ids[:50], felt, strict=False):
        if session.rack.rating(int(track), slider_id) == float(meaning > 0):
            continue
        with qtbot.waitSignal(session.learned.said, timeout=10_000):
            session.rack.rate([int(track)], float(meaning > 0), slider_id)
        if session.learned.status(slider_id).state == wanted:
            return
    pytest.fail(f"never {wanted}")


def ratings_learned(session: Session, slider_id: int) -> int:
    fitted = session.learned.fitted(slider_id)
    return 0 if fitted is None else fitted.ratings


def test_a_dim_slider_sorts_and_is_marked_as_rough(
    make_session: MakeSession, theme: Theme, qtbot: QtBot
) -> None:
    session = make_session(60)
    table = TrackTable(session, theme)
    qtbot.addWidget(table)
    slider = session.rack.create("up", "down", "up")
    rate_until(session, qtbot, slider.id, "dim", noise=1.0)
    column = len(COLUMNS)
    assert table.model.headerData(column, Qt.Orientation.Horizontal) == "up · rough"
    table.view.sortByColumn(column, DOWN)
    top = table.model.index(0, column)
    assert top.data() == "~100"
    assert top.data(Qt.ItemDataRole.ForegroundRole) == theme.color("faint")
    ranks = [session.learned.percentile(slider.id, i) or 0.0 for i in table.model.ids()]
    assert ranks == sorted(ranks, reverse=True)
    session.catalogue.set_filter("up ≥ 80")
    assert table.model.ids() == []
    assert "it can sort, but not filter" in session.catalogue.filter_problem

    session.catalogue.set_filter("")
    rate_until(session, qtbot, slider.id, "lit")
    assert table.model.headerData(column, Qt.Orientation.Horizontal) == "up"
    assert not table.model.index(0, column).data().startswith("~")
    header = table.view.horizontalHeader()
    assert (header.sortIndicatorSection(), header.sortIndicatorOrder()) == (column, DOWN)
    session.rack.archive(slider.id)
    assert table.model.columnCount() == column
    artists = [session.catalogue.track(i).artist for i in table.model.ids()]  # type: ignore[union-attr]
    assert artists == sorted(artists)


def test_columns_of_other_sliders_do_not_move_what_is_sorted(
    make_session: MakeSession, theme: Theme, qtbot: QtBot
) -> None:
    session = make_session(60)
    table = TrackTable(session, theme)
    qtbot.addWidget(table)
    first, second = session.rack.create("a", "", ""), session.rack.create("b", "", "")
    rate_until(session, qtbot, second.id, "lit")
    table.view.sortByColumn(len(COLUMNS), DOWN)
    before = table.model.ids()
    table.view.selectRow(5)
    rate_until(session, qtbot, first.id, "lit")
    assert [slider.name for slider in table.model.sliders] == ["a", "b"]
    assert table.model.ids() == before
    assert table.view.horizontalHeader().sortIndicatorSection() == len(COLUMNS) + 1
    assert session.catalogue.selection == (before[5],)


def test_a_refit_moves_rows_only_when_nobody_scrolls(
    make_session: MakeSession, theme: Theme, qtbot: QtBot
) -> None:
    session = make_session(120)
    vectors = session.catalogue.vectors
    assert vectors is not None
    table = TrackTable(session, theme)
    qtbot.addWidget(table)
    table.resize(900, 400)
    table.show()
    slider = session.rack.create("up", "down", "up")
    rate_until(session, qtbot, slider.id, "lit")
    table.view.sortByColumn(len(COLUMNS), DOWN)
    bar = table.view.verticalScrollBar()
    bar.setValue(32 * 20)
    table.view.selectRow(24)
    chosen = session.catalogue.selection
    before = table.model.ids()
    later = [int(i) for i in vectors.ids[60:75]]
    rated = len(session.rack.ratings(slider.id)) + len(later)
    session.rack.rate(later, 0.6, slider.id)
    qtbot.waitUntil(lambda: ratings_learned(session, slider.id) == rated, timeout=10_000)
    ranks = {i: session.learned.percentile(slider.id, i) for i in before}
    assert table.model.ids() == before  # its figures are new already
    assert table.model.index(0, len(COLUMNS)).data() == f"{100 * (ranks[before[0]] or 0):.0f}"
    for _ in range(8):
        qtbot.wait(250)
        bar.setValue(bar.value() + 7)
    assert table.model.ids() == before
    offset = table.model.row_of(chosen[0]) * 32 - bar.value()  # type: ignore[operator]
    qtbot.waitUntil(lambda: table.model.ids() != before, timeout=10_000)
    after = [session.learned.percentile(slider.id, i) or 0.0 for i in table.model.ids()]
    assert after == sorted(after, reverse=True)
    assert session.catalogue.selection == chosen
    assert table.model.row_of(chosen[0]) * 32 - bar.value() == offset  # type: ignore[operator]


def test_a_living_list_leaves_what_is_looked_at_in_place(
    make_session: MakeSession, theme: Theme, qtbot: QtBot
) -> None:
    session = make_session(120)
    slider = session.rack.create("calm", "", "")
    table = TrackTable(session, theme)
    qtbot.addWidget(table)
    table.resize(900, 400)
    table.show()
    session.catalogue.set_filter("not rated on calm")
    bar = table.view.verticalScrollBar()
    bar.setValue(32 * 40 + 5)
    shown = table.model.ids()
    top = shown[40]
    chosen = shown[50:52]
    session.catalogue.select(chosen)
    bar.setValue(32 * 40 + 5)
    with qtbot.waitSignal(session.catalogue.filter_changed):
        session.rack.rate(shown[:10], 1.0, slider.id)
    assert len(table.model.ids()) == 110
    assert table.model.row_of(top) == 30
    assert bar.value() == 32 * 30 + 5
    assert list(session.catalogue.selection) == chosen

    session.catalogue.tracks_changed.emit()  # as a scan does, again and again
    assert bar.value() == 32 * 30 + 5
    session.catalogue.set_filter("folk")  # another question begins at the top
    assert bar.value() == 0


def test_a_slider_on_the_edge_does_not_shuffle_the_list(
    make_session: MakeSession, theme: Theme, qtbot: QtBot
) -> None:
    session = make_session(60)
    table = TrackTable(session, theme)
    qtbot.addWidget(table)
    slider = session.rack.create("up", "down", "up")
    rate_until(session, qtbot, slider.id, "lit")
    table.view.sortByColumn(len(COLUMNS), DOWN)
    before = table.model.ids()
    rated = list(session.rack.ratings(slider.id))
    session.rack.rate(rated[:-1], None, slider.id)
    qtbot.waitUntil(lambda: ratings_learned(session, slider.id) == 1, timeout=10_000)
    qtbot.waitUntil(lambda: session.learned.status(slider.id).state == "new")
    assert table.model.columnCount() == len(COLUMNS)
    table.model.resort()
    assert table.model.ids() == before
    session.rack.undo()
    qtbot.waitUntil(lambda: table.model.columnCount() > len(COLUMNS), timeout=10_000)
    header = table.view.horizontalHeader()
    assert (header.sortIndicatorSection(), header.sortIndicatorOrder()) == (len(COLUMNS), DOWN)
