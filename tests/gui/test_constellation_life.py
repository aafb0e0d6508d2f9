"""Constellations in a session: each step undone, a path that lives, and a radio that follows."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from sliders_desktop.errors import UserError
from sliders_desktop.library.records import Star
from sliders_desktop.library.store import Store
from sliders_desktop.session.constellations import Constellations
from sliders_desktop.session.session import Session
from sliders_desktop.tasks import Knobs

from .conftest import MakeSession

TRACKS = 60


@pytest.fixture
def session(make_session: MakeSession, qtbot: QtBot) -> Session:
    session = make_session(TRACKS)
    qtbot.waitUntil(lambda: session.serving.tracks is not None)
    return session


@pytest.fixture
def them(session: Session) -> Constellations:
    return session.constellations


def stored(session: Session) -> list[object]:
    with Store.open(session.paths.database) as store:
        return list(store.constellations())


def stars(them: Constellations) -> list[tuple[int, float]]:
    assert them.open_ is not None
    return [(star.track_id, star.weight) for star in them.open_.stars]


def path(them: Constellations) -> list[int]:
    return [pick.track_id for pick in them.path]


def upcoming(session: Session) -> list[int]:
    return [item.track_id for item in session.playback.up_next if item.origin == "recommended"]


def test_every_step_is_kept_and_undone(session: Session, them: Constellations) -> None:
    """Each state once on the way there, and once on the way back."""
    said: list[str] = []
    them.said.connect(said.append)
    states = [them.all()]

    def did() -> None:
        states.append(them.all())
        assert stored(session) == them.all()

    them.collect([3, 5, 3])
    did()
    assert them.open_ is not None
    number = them.open_.id
    them.collect([5, 8])
    did()
    them.turn(5)
    did()
    them.set_mode("wander")
    did()
    them.again()
    did()
    them.drop([3])
    did()
    them.rename(number, " Cold front ")
    did()
    them.delete(number)
    did()
    assert them.open_ is None

    assert said[0] == "2 tracks in New constellation."
    assert (len({*map(repr, states)}), len(states)) == (8, 9)  # none at first, and none at last
    for state in reversed(states[:-1]):
        assert session.rack.undo()
        assert them.all() == state
        assert stored(session) == state
    assert session.rack.undo() is None


def test_what_is_a_star_stays_one(session: Session, them: Constellations) -> None:
    said: list[str] = []
    them.said.connect(said.append)
    them.collect([3])
    them.turn(3)
    them.collect([3])
    assert stars(them) == [(3, -1.0)]
    assert said[-1].endswith("is a star of it already.")
    assert session.rack.undo()
    assert stars(them) == [(3, 1.0)]


def test_a_drag_is_one_step_and_written_when_it_rests(
    session: Session, them: Constellations, qtbot: QtBot
) -> None:
    them.collect([3, 5])
    before = stored(session)
    for step in range(1, 40):
        them.set_weight(3, 1 + step / 40)
    assert stars(them) == [(3, pytest.approx(1.975)), (5, 1.0)]
    assert stored(session) == before
    for step in range(1, 20):
        them.set_knobs(Knobs(step / 20, 1.0, 60))
    assert stored(session) != before  # another thing moves: the weight rests
    qtbot.waitUntil(lambda: stored(session) == them.all())
    assert them.open_ is not None
    assert (them.open_.near_far, them.open_.artist_gap) == (0.95, 50)
    session.rack.undo()
    assert them.open_.near_far == 0.25
    session.rack.undo()
    assert stored(session) == before == them.all()

    for asked, got in ((9.0, 2.0), (-9.0, -2.0), (0.0, 0.05)):
        them.set_weight(3, asked)
        assert stars(them)[0] == (3, got)


def test_the_path_lives(session: Session, them: Constellations, qtbot: QtBot) -> None:
    them.collect([3, 5])
    qtbot.waitUntil(lambda: len(path(them)) == 20)
    assert not {3, 5} & set(path(them))
    first = path(them)
    assert them.path[0].shares
    them.collect([40])
    qtbot.waitUntil(lambda: path(them) != first)
    with_three = path(them)
    them.turn(40)
    qtbot.waitUntil(lambda: path(them) != with_three)
    session.rack.undo()
    session.rack.undo()
    qtbot.waitUntil(lambda: path(them) == first)
    them.open_one(None)
    assert path(them) == []
    moved: list[int] = []
    them.path_changed.connect(lambda: moved.append(1))
    session.serving.changed.emit()
    session.steering.pull_changed.emit()
    assert session._jobs.job("constellation") is None  # nobody looks
    assert not moved


def test_stars_that_nobody_listened_to_say_so(
    session: Session, them: Constellations, qtbot: QtBot
) -> None:
    with Store.open(session.paths.database) as store:
        store._db.write("DELETE FROM embeddings WHERE track_id = 3")
    with qtbot.waitSignal(session.serving.changed):
        session.catalogue.load_vectors(at_once=True)
    them.collect([3])
    qtbot.waitUntil(lambda: bool(them.path_problem))
    assert "has not been listened to yet" in them.path_problem
    them.collect([5])
    qtbot.waitUntil(lambda: len(path(them)) == 20)
    assert not them.path_problem


def test_the_radio_follows_as_it_changes(
    session: Session, them: Constellations, qtbot: QtBot
) -> None:
    playback = session.playback
    playback.set_repeat("all")
    failed: list[str] = []
    them.failed.connect(failed.append)
    them.play()
    assert failed == ["Collect a star first: what plays follows from it."]
    them.collect([3, 5])
    them.turn(3)
    them.play()
    assert playback.current is not None
    assert (playback.current.id, playback.repeat, them.plays) == (5, "off", True)
    qtbot.waitUntil(lambda: len(upcoming(session)) >= 20 and path(them) == upcoming(session)[:20])
    assert not {3, 5} & set(upcoming(session))
    before = path(them)

    them.collect([41])
    qtbot.waitUntil(lambda: path(them) != before)
    assert path(them) == upcoming(session)[:20]
    one = them.open_
    assert one is not None
    playback.set_knobs(Knobs(0.9, 0.2, 9))  # at Up next: of the constellation, not of the radio
    assert them.open_ is not None
    assert (them.open_.near_far, playback.knobs, playback.own_knobs.near_far) == (
        0.9, Knobs(0.9, 0.2, 9), 0.25,
    )  # fmt: skip
    assert session.settings.near_far == 0.25

    them.open_one(None)  # it is what plays still
    them.open_one(one.id)
    qtbot.waitUntil(lambda: path(them) == upcoming(session)[:20])
    playback.radio_from([20])
    assert not them.plays
    assert playback.knobs.near_far == 0.25
    qtbot.waitUntil(lambda: len(path(them)) == 20 and path(them) != upcoming(session)[:20])


def test_wandering_goes_on_from_where_it_is(
    session: Session, them: Constellations, qtbot: QtBot
) -> None:
    """It comes to each star in its turn, though the radio thinks anew after each track."""
    them.collect([3, 5, 20, 41])
    them.set_mode("wander")
    them.set_knobs(Knobs(near_far=0.0))  # three steps from star to star
    them.turn(41)
    them.play()
    qtbot.waitUntil(lambda: len(path(them)) == 20)
    assert {star for pick in them.path for star in pick.pick.way} == {3, 5, 20}
    heard, towards = [3], set[int]()
    for _ in range(9):
        before = path(them)
        towards.add(them.path[0].pick.way[1])
        session.playback.jump(session.playback.up_next[0].key)
        assert session.playback.current is not None
        heard.append(session.playback.current.id)
        qtbot.waitUntil(lambda before=before: path(them) != before and path(them) != [])
        qtbot.waitUntil(session._jobs.idle)
    assert towards == {3, 5, 20}
    assert len(set(heard)) == len(heard)
    assert 41 not in heard


def test_all_against_begins_with_what_fits(
    session: Session, them: Constellations, qtbot: QtBot
) -> None:
    them.collect([3])
    them.turn(3)
    them.play()
    qtbot.waitUntil(lambda: session.playback.current is not None)
    assert session.playback.current is not None
    assert session.playback.current.id != 3
    qtbot.waitUntil(lambda: len(upcoming(session)) >= 20)


def test_deleted_while_it_plays(session: Session, them: Constellations, qtbot: QtBot) -> None:
    them.collect([3, 5])
    assert them.open_ is not None
    one = them.open_
    them.play()
    qtbot.waitUntil(lambda: len(upcoming(session)) >= 20)
    them.delete(one.id)
    assert session.playback.constellation is None
    assert session.playback.playing
    assert path(them) == []
    session.rack.undo()
    assert them.open_ == one
    qtbot.waitUntil(lambda: len(path(them)) == 20)


def test_the_next_start_goes_on(make_session: MakeSession, qtbot: QtBot) -> None:
    session = make_session(TRACKS)
    session.constellations.create("Cold front", [3, 5])
    session.constellations.set_weight(5, 1.5)
    session.constellations.play()
    session.liking.more_like(9)
    session.close()

    again = make_session(TRACKS)
    one = again.constellations.open_
    assert one is not None
    assert (one.name, one.stars) == ("Cold front", (Star(3), Star(5, 1.5)))
    assert again.constellations.plays
    assert again.playback.leanings == {9: 0.7}
    qtbot.waitUntil(lambda: len(again.constellations.path) == 20)
    assert again.playback.picks[:20] == again.constellations.path
    again.constellations.open_one(None)
    again.close()
    assert make_session(TRACKS).constellations.open_ is None


def test_names(session: Session, them: Constellations) -> None:
    first = them.create("Cold front", [1])
    with pytest.raises(UserError, match="already"):
        them.create("cold FRONT", [2])
    second = them.create()
    assert [one.name for one in them.all()] == ["Cold front", "New constellation"]
    assert them.open_ == them.get(second)
    with pytest.raises(UserError, match="already"):
        them.rename(second, "Cold front")
    with pytest.raises(UserError, match="needs a name"):
        them.rename(second, " ")
    session.rack.undo()
    assert them.open_ == them.get(first)
    failed: list[str] = []
    them.failed.connect(failed.append)
    them.collect(range(1, 502))
    assert "500 stars at most" in failed[0]
    assert stars(them) == [(1, 1.0)]


def test_its_tracks_are_a_source(session: Session, them: Constellations) -> None:
    kitchen = session.playlists.create("Kitchen", [7, 1])
    them.collect([9, 3, 4])
    assert them.open_ is not None
    key = them.source(them.open_.id)
    assert them.of_source(key) == them.open_
    session.catalogue.set_source(key)
    listed = session.catalogue.listed
    assert listed is not None
    assert session.catalogue.ids[listed[0]].tolist() == [9, 3, 4]
    them.turn(3)
    assert session.catalogue.listed is not None
    assert session.catalogue.ids[session.catalogue.listed[0]].tolist() == [9, 4]
    session.catalogue.set_source(session.playlists.source(kitchen))
    assert session.catalogue.listed is not None
    assert session.catalogue.ids[session.catalogue.listed[0]].tolist() == [7, 1]
    session.catalogue.set_source(key)
    them.delete(them.open_.id)
    assert session.catalogue.source == "all"


@pytest.mark.parametrize("opened", [True, False])
def test_export_writes_stars_then_path(
    session: Session, them: Constellations, qtbot: QtBot, tmp_path: Path, opened: bool
) -> None:
    number = them.create("Cold front", [3, 5, 9])
    them.turn(5)
    qtbot.waitUntil(lambda: len(path(them)) == 20 and session._jobs.idle())
    ids = [3, 9, *path(them)]
    if not opened:
        them.open_one(None)
    with qtbot.waitSignal(session.message) as told:
        them.export(number, str(tmp_path / "out.m3u8"), "absolute")
    assert told.args == ["22 tracks written to out.m3u8.", "info"]
    lines = (tmp_path / "out.m3u8").read_text("utf-8").splitlines()
    paths = [line for line in lines if not line.startswith("#")]
    rows = session.catalogue
    assert paths == [rows.rows[rows.row_of[i]].path for i in ids]
