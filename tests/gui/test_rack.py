"""Ratings through the real session: kept, undone, told, and what darkness says."""

import pytest
from pytestqt.qtbot import QtBot

from sliders_desktop.errors import UserError
from sliders_desktop.library.store import Store
from sliders_desktop.session.session import Session
from sliders_desktop.session.wording import needs_in_words
from sliders_desktop.tasks import Missing

from .conftest import MakeSession


def ids(session: Session) -> list[int]:
    return [row.id for row in session.catalogue.rows]


def test_a_rating_is_on_disk_when_the_key_is_up(session: Session) -> None:
    slider = session.rack.create("calm", "restless", "calm")
    track = ids(session)[0]

    session.rack.rate([track], 0.875)

    with Store.open(session.paths.database) as store:
        assert store.current_rating(track, slider.id) == 0.875


def test_the_same_key_twice_changes_nothing(session: Session) -> None:
    slider = session.rack.create("calm", "", "")
    track = ids(session)[0]

    session.rack.rate([track], 1.0)
    session.rack.rate([track], 1.0)

    with Store.open(session.paths.database) as store:
        assert len(store.rating_history(slider.id)) == 1


def test_undo_goes_back_step_by_step(session: Session) -> None:
    slider = session.rack.create("calm", "", "")
    a, b = ids(session)[:2]
    session.rack.rate([a], 0.25)
    session.rack.rate([a, b], 1.0)
    session.rack.rate([a], None)

    def ratings() -> list[float | None]:
        return [session.rack.rating(i, slider.id) for i in (a, b)]

    assert ratings() == [None, 1.0]
    session.rack.undo()
    assert ratings() == [1.0, 1.0]
    assert session.rack.undo() == "Took back 2 ratings on calm."
    assert ratings() == [0.25, None]
    session.rack.undo()
    assert ratings() == [None, None]
    assert session.rack.undo() is None


def test_a_dark_slider_says_what_is_missing(session: Session, qtbot: QtBot) -> None:
    slider = session.rack.create("calm", "restless", "calm")
    assert session.learned.status(slider.id).state == "new"
    tracks = ids(session)

    for track in tracks[:4]:
        session.rack.rate([track], 1.0)
    qtbot.waitUntil(lambda: session.learned.status(slider.id).ratings == 4)

    status = session.learned.status(slider.id)
    assert status.figure == "4 of 10 · three more low"
    assert not session.learned.lit(slider.id)
    assert session.learned.percentile(slider.id, tracks[5]) is None
    session.steering.set_target(slider.id, 0.9)
    assert session.steering.target(slider.id) is None


def test_a_meaningful_word_lights_and_pulls(make_session: MakeSession, qtbot: QtBot) -> None:
    session = make_session(80)
    vectors = session.catalogue.vectors
    assert vectors is not None
    slider = session.rack.create("up", "down", "up")
    said: list[str] = []
    session.learned.said.connect(said.append)
    for track, meaning in zip(vectors.ids[:60], vectors.x[:60, 0], strict=True):
        with qtbot.waitSignal(session.learned.said, timeout=10_000):
            session.rack.rate([int(track)], 1.0 if meaning > 0 else 0.0)
        if session.learned.lit(slider.id):
            break
    assert session.learned.lit(slider.id)
    assert said[-1].startswith("I think I know what up means – right about")
    assert session.learned.status(slider.id).progress == 1.0

    session.playback.radio_from([int(vectors.ids[1])])
    session.playback.toggle()
    qtbot.waitUntil(lambda: len(session.playback.up_next) >= 20)

    def mean_rank() -> float:
        ranks = [
            session.learned.percentile(slider.id, i.track_id) for i in session.playback.up_next
        ]
        return sum(r for r in ranks if r is not None) / len(ranks)

    session.steering.set_target(slider.id, 1.0)
    qtbot.waitUntil(lambda: mean_rank() > 0.55)
    high = mean_rank()
    session.steering.set_target(slider.id, 0.0)
    qtbot.waitUntil(lambda: mean_rank() < high - 0.2)
    parts = session.playback.up_next[0].parts
    assert any(kind == "slider" and text.startswith("up ") for text, kind in parts)


def test_places_on_the_histogram_and_back(make_session: MakeSession, qtbot: QtBot) -> None:
    session = make_session(40)
    slider = session.rack.create("any", "", "")
    for at, track in enumerate(ids(session)[:6]):
        session.rack.rate([track], float(at % 2))
    qtbot.waitUntil(lambda: session.learned.histogram(slider.id) is not None)

    for percentile in (0.05, 0.3, 0.5, 0.9):
        x = session.learned.place(slider.id, percentile)
        assert 0 <= x <= 1
        assert session.learned.percentile_at(slider.id, x) == pytest.approx(percentile, abs=0.02)


def test_archiving_keeps_ratings_and_brings_them_back(session: Session) -> None:
    slider = session.rack.create("calm", "", "")
    track = ids(session)[0]
    session.rack.rate([track], 0.0)

    session.rack.archive(slider.id)
    assert session.rack.sliders == []
    assert session.rack.armed is None
    again = session.rack.create("Calm", "", "")

    assert session.rack.rating(track, again.id) == 0.0


def test_rating_without_a_slider_or_twice_the_name_is_refused(session: Session) -> None:
    with pytest.raises(UserError, match="Invent a slider first"):
        session.rack.rate([ids(session)[0]], 1.0)
    session.rack.create("calm", "", "")
    with pytest.raises(UserError):
        session.rack.create("CALM", "", "")
    with pytest.raises(UserError):
        session.rack.create("  ", "", "")


def test_needs_in_words() -> None:
    assert needs_in_words(Missing(4, 2, 0)) == "two more low"
    assert needs_in_words(Missing(4, 1, 3)) == "one more low, three more high"
    assert needs_in_words(Missing(1, 0, 0)) == ""
