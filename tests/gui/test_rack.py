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

    qtbot.waitUntil(lambda: session.learned.certainty(slider.id) is not None)
    sure = session.learned.certainty(slider.id)
    assert sure is not None
    assert len(sure) == len(vectors.ids)
    assert 0 < sure.min() < sure.max() < 1

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


# ── the life of a word ──


def rated(session: Session, slider_id: int) -> dict[int, float]:
    """What holds, by the library's file."""
    with Store.open(session.paths.database) as store:
        return {r.track_id: r.value for r in store.ratings(slider_id) if r.value is not None}


def agree(session: Session, slider_id: int) -> dict[int, float]:
    """What the rack and the file both say of a slider's ratings."""
    assert session.rack.ratings(slider_id) == rated(session, slider_id)
    return rated(session, slider_id)


def test_a_deleted_slider_comes_back_by_undo_armed_and_rated(session: Session) -> None:
    other = session.rack.create("warm", "", "")
    slider = session.rack.create("calm", "", "")
    track = ids(session)[0]
    session.rack.rate([track], 0.25)

    session.rack.delete(slider.id)
    assert session.rack.sliders == [other]
    assert session.rack.armed == other
    assert session.rack.undo() == "Took back deleting calm."

    assert session.rack.sliders == [other, slider]
    assert session.rack.armed == slider
    assert agree(session, slider.id) == {track: 0.25}
    assert session.rack.undo() == "Took back one rating on calm."


def test_a_step_that_cannot_be_taken_back_now_waits(session: Session) -> None:
    first = session.rack.create("calm", "", "")
    session.rack.delete(first.id)
    second = session.rack.create("Calm", "", "")

    for _ in range(2):
        with pytest.raises(UserError, match=r"Deleting calm can't be taken back now.*“Calm”"):
            session.rack.undo()
    assert session.rack.sliders == [second]
    with Store.open(session.paths.database) as store:
        store.rename_slider(second.id, "still", "", "")
    session.rack.reload()
    assert session.rack.undo() == "Took back deleting calm."

    assert {s.name for s in session.rack.sliders} == {"calm", "still"}


def test_what_was_done_to_a_slider_that_is_gone_is_forgotten(session: Session) -> None:
    kept = session.rack.create("warm", "", "")
    track = ids(session)[0]
    session.rack.rate([track], 1.0)
    gone = session.rack.create("calm", "", "")
    session.rack.rate([track], 0.5)
    session.rack.delete(gone.id)

    session.rack.forget(gone.id)

    assert session.rack.undo() == "Took back one rating on warm."
    assert session.rack.undo() is None
    assert session.rack.create("next", "", "").id not in (kept.id, gone.id)


def test_a_rating_on_a_slider_that_is_away_is_not_undone_in_secret(session: Session) -> None:
    slider = session.rack.create("calm", "", "")
    track = ids(session)[0]
    session.rack.rate([track], 0.5)
    with Store.open(session.paths.database) as store:  # by the command line, say
        store.delete_slider(slider.id)
    session.rack.reload()

    with pytest.raises(UserError, match="bring it back"):
        session.rack.undo()
    session.rack.bring_back(slider.id)
    assert session.rack.undo() == "Took back bringing calm back."
    session.rack.bring_back(slider.id)
    session.rack.undo()
    session.rack.bring_back(slider.id)
    assert agree(session, slider.id) == {track: 0.5}


def test_deleting_one_that_was_put_away_comes_back_as_put_away(session: Session) -> None:
    slider = session.rack.create("calm", "", "")
    session.rack.archive(slider.id)
    session.rack.delete(slider.id)
    assert session.rack.deleted() == [slider]
    assert session.rack.archived() == []

    session.rack.undo()
    assert session.rack.archived() == [slider]
    session.rack.undo()
    assert session.rack.sliders == [slider]


def test_merging_keeps_what_both_rated_and_is_undone(session: Session) -> None:
    calm = session.rack.create("calm", "", "")
    a, b, c = ids(session)[:3]
    session.rack.rate([a], 0.25)
    rainy = session.rack.create("rainy night", "", "")
    session.rack.rate([a], 1.0)
    session.rack.rate([b], 0.875)
    session.rack.rate([c], 0.0)

    assert session.rack.merged(rainy.id, calm.id) == ([b, c], 1)
    assert session.rack.merge(rainy.id, calm.id) == 2

    assert session.rack.sliders == [calm]
    assert session.rack.armed == calm
    assert session.rack.archived() == [rainy]
    assert agree(session, calm.id) == {a: 0.25, b: 0.875, c: 0.0}
    assert session.rack.undo() == "Took back merging rainy night into calm."
    assert session.rack.armed == rainy
    assert agree(session, calm.id) == {a: 0.25}
    assert agree(session, rainy.id) == {a: 1.0, b: 0.875, c: 0.0}


def test_merging_turned_mirrors_values(session: Session) -> None:
    calm = session.rack.create("calm", "", "")
    lively = session.rack.create("lively", "", "")
    a, b, c = ids(session)[:3]
    for track, value in ((a, 0.0), (b, 0.125), (c, 0.5)):
        session.rack.rate([track], value)

    session.rack.merge(lively.id, calm.id, turned=True)

    assert agree(session, calm.id) == {a: 1.0, b: 0.875, c: 0.5}


def test_parting_leaves_what_was_rated_otherwise_since(session: Session) -> None:
    calm = session.rack.create("calm", "", "")
    rainy = session.rack.create("rainy night", "", "")
    a, b = ids(session)[:2]
    session.rack.rate([a, b], 1.0)
    session.rack.merge(rainy.id, calm.id)
    with Store.open(session.paths.database) as store:
        store.rate(a, calm.id, 0.5)
    session.rack.reload_ratings(calm.id)

    session.rack.undo()

    assert agree(session, calm.id) == {a: 0.5}


def test_merging_with_itself_or_nobody_is_refused(session: Session) -> None:
    calm = session.rack.create("calm", "", "")
    for other in (calm.id, 99):
        with pytest.raises(UserError):
            session.rack.merge(calm.id, other)
    assert session.rack.undo() is None


def test_splitting_off_a_few_and_undoing_it(session: Session) -> None:
    calm = session.rack.create("calm", "", "")
    a, b, c, d = ids(session)[:4]
    session.rack.rate([a, b, c], 0.75)

    rainy = session.rack.split(calm.id, "rainy night", "dry", "wet", [d, c, a])

    assert agree(session, rainy.id) == {a: 0.75, c: 0.75}
    assert agree(session, calm.id) == dict.fromkeys((a, b, c), 0.75)
    assert session.rack.armed == rainy
    assert session.rack.undo() == "Took back splitting off rainy night."
    assert session.rack.sliders == [calm]
    assert session.rack.armed == calm
    with pytest.raises(UserError, match="already"):
        session.rack.split(calm.id, "CALM", "", "")
    assert session.rack.split(calm.id, "rainy night", "", "").id != rainy.id


def test_splitting_never_revives_one_that_was_put_away(session: Session) -> None:
    calm = session.rack.create("calm", "", "")
    rainy = session.rack.create("rainy night", "", "")
    session.rack.archive(rainy.id)

    with pytest.raises(UserError, match="put away"):
        session.rack.split(calm.id, "Rainy Night", "", "")

    assert session.rack.sliders == [calm]
    assert session.rack.archived() == [rainy]


def test_renaming_is_undone_and_no_change_is_no_step(session: Session) -> None:
    slider = session.rack.create("calm", "restless", "calm")
    session.rack.edit(slider.id, "calm", "restless", "calm", "")
    assert session.rack.undo() is None

    session.rack.edit(slider.id, "still", "restless", "still", "what I hear at six")
    assert session.rack.undo() == "Took back renaming calm."

    assert session.rack.sliders == [slider]


def test_moving_is_kept_and_undone(session: Session) -> None:
    a, b, c = (session.rack.create(name, "", "") for name in "abc")

    session.rack.move(c.id, 0)
    session.rack.move_step(c.id, -1)  # the first stays the first
    session.rack.move_step(a.id, 1)

    with Store.open(session.paths.database) as store:
        assert [s.name for s in store.sliders()] == ["c", "b", "a"]
    assert [s.name for s in session.rack.sliders] == ["c", "b", "a"]
    session.rack.move_step(a.id, 1)
    while session.rack.undo():
        pass
    assert [s.name for s in session.rack.sliders] == ["a", "b", "c"]
