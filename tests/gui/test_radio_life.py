"""The radio in a session: from many tracks, from handles, and what is said of its picks."""

from datetime import date, timedelta

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from sliders_desktop import tasks
from sliders_desktop.library.store import Store
from sliders_desktop.session.not_today import NotToday
from sliders_desktop.session.session import Session

from .conftest import NAMES, MakeSession

TRACKS = 120


@pytest.fixture
def session(make_session: MakeSession, qtbot: QtBot) -> Session:
    session = make_session(TRACKS)
    qtbot.waitUntil(lambda: session.serving.tracks is not None)
    return session


def upcoming(session: Session) -> list[int]:
    return [item.track_id for item in session.playback.up_next]


def artists(session: Session) -> set[str]:
    catalogue = session.catalogue
    return {catalogue.rows[catalogue.row_of[i]].artist for i in upcoming(session)}


def wait_for_more(session: Session, qtbot: QtBot, than: list[int]) -> None:
    qtbot.waitUntil(lambda: len(upcoming(session)) >= 20 and upcoming(session) != than)


def light(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handle pulls to one end."""
    ranks = np.linspace(0, 1, TRACKS, dtype=np.float32)
    steer = tasks.Steer("calm", ranks, 1.0)
    monkeypatch.setattr(session.playback, "_steers", lambda: [steer])
    monkeypatch.setattr(session.playback._radio, "_steers", lambda: [steer])


def test_from_a_whole_region_it_is_what_stands_for_all(session: Session, qtbot: QtBot) -> None:
    region = [row.id for row in session.catalogue.rows[:100]]
    session.playback.radio_from(region)
    assert session.playback.current is not None
    assert session.playback.current.id == region[0]
    qtbot.waitUntil(lambda: len(session.playback._radio.anchors) == 32)
    anchors = session.playback._radio.anchors
    assert set(anchors) <= set(region)
    assert set(anchors) != set(region[:32])
    assert sum(anchors.values()) == pytest.approx(32)
    qtbot.waitUntil(lambda: len(upcoming(session)) >= 20)

    session.playback.radio_from(region)  # and what is under way is for nobody then
    session.playback.radio_from([5])
    qtbot.waitUntil(session._jobs.idle)
    assert session.playback._radio.anchors == {5: 1.0}


def test_tracks_that_nobody_listened_to_say_so(session: Session, qtbot: QtBot) -> None:
    with Store.open(session.paths.database) as store:
        store._db.write("DELETE FROM embeddings WHERE track_id <= 40")
    with qtbot.waitSignal(session.serving.changed):
        session.catalogue.load_vectors(at_once=True)
    for ids in ([3], list(range(1, 41))):
        with qtbot.waitSignal(session.playback.failed) as told:
            session.playback.radio_from(ids)
        assert "not listened to these tracks yet" in told.args[0]
        assert session.playback.current is not None
        assert session.playback.current.id == ids[0]
    failed: list[str] = []
    session.playback.failed.connect(failed.append)
    session.playback.radio_from([])
    assert failed == ["Choose a track first: the radio starts from it."]


def test_from_the_handles_alone(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    playback, failed = session.playback, list[str]()
    playback.failed.connect(failed.append)
    playback.radio_from_handles()
    assert failed == ["Move the handle of a lit slider first: the radio follows it."]
    assert playback.current is None

    light(session, monkeypatch)
    playback.set_radio(False)
    playback.radio_from_handles()
    qtbot.waitUntil(lambda: playback.current is not None and len(upcoming(session)) >= 20)
    assert playback.radio
    where = np.searchsorted(session.catalogue.vector_ids, upcoming(session)) / TRACKS
    assert where.mean() > 0.7
    assert not any("follows" in item.reason for item in playback.up_next)
    playback.save()
    with Store.open(session.paths.database) as store:
        assert '"by_handles": true' in store.settings()["state.playback"]


def test_more_and_less_like_lean_and_are_taken_back(session: Session, qtbot: QtBot) -> None:
    said: list[str] = []
    session.message.connect(lambda text, kind: said.append(text))
    session.playback.radio_from([5])
    qtbot.waitUntil(lambda: len(upcoming(session)) >= 20)
    plain = upcoming(session)
    row = session.catalogue.track(plain[7])
    assert row is not None

    session.liking.more_like(row.id)
    wait_for_more(session, qtbot, plain)
    assert said[-1] == f"More like {row.title} from now on."
    assert any(share.text == f"like {row.title}" for share in session.playback.picks[0].shares)
    session.liking.less_like(row.id)
    assert row.id not in upcoming(session)
    assert session.playback.leanings == {row.id: -0.5}
    qtbot.waitUntil(session._jobs.idle)
    assert row.id not in upcoming(session)
    assert session.rack.undo() == f"Took back “less like {row.title}”."
    assert session.playback.leanings == {row.id: 0.7}
    session.rack.undo()
    qtbot.waitUntil(lambda: upcoming(session) == plain)

    session.liking.less_like(row.id)
    session.playback.radio_from([9])
    assert session.playback.leanings == {}


def test_not_this_artist_today(session: Session, qtbot: QtBot, make_session: MakeSession) -> None:
    said: list[str] = []
    session.message.connect(lambda text, kind: said.append(text))
    name = NAMES[0][1]
    session.constellations.collect([5])
    session.playback.radio_from([5])
    qtbot.waitUntil(lambda: len(upcoming(session)) >= 20 and bool(session.constellations.path))
    assert name in artists(session)
    before = upcoming(session)

    session.liking.not_today(name.upper())
    session.liking.not_today(name)
    wait_for_more(session, qtbot, before)
    assert said[-1] == f"Nothing more by {name.upper()} today."
    assert name not in artists(session)
    qtbot.waitUntil(session._jobs.idle)
    of = session.catalogue.track
    assert name not in {of(pick.track_id).artist for pick in session.constellations.path}  # type: ignore[union-attr]
    session.close()
    again = make_session(TRACKS)
    assert again.liking.left_out == [name.upper()]
    again.liking.not_today(" ")
    assert again.liking.left_out == [name.upper()]
    assert session.rack.undo() == f"Took back “not {name.upper()} today”."
    assert session.liking.left_out == []


def test_tomorrow_all_are_heard_again(session: Session) -> None:
    days = [date(2026, 8, 21)]
    with Store.open(session.paths.database) as store:
        known = NotToday(store, {"day": "2026-08-20", "artists": ["Old"]}, lambda: days[-1])
        assert known.artists == []
        known.put("Slate & Fern")
        known.put("SLATE & fern")
        assert known.names() == {"slate & fern"}
        days.append(days[0] + timedelta(1))
        assert known.artists == []
        known.put("Dial Tone Choir")
        assert known.artists == ["Dial Tone Choir"]
        for broken in (None, 3, {"day": 1}, {"day": "2026-08-22", "artists": "all"}):
            assert NotToday(store, broken, lambda: days[-1]).artists == []
