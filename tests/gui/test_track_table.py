"""The list: order, filter, one selection with the map, and the slider columns."""

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
