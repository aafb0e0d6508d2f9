"""What plays and what follows: a real session and player, sound into silence."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from sliders_desktop.library.store import Store
from sliders_desktop.session.session import Session
from sliders_desktop.tasks import Knobs

from .conftest import MakeSession


def ids(session: Session) -> list[int]:
    return [row.id for row in session.catalogue.rows]


def upcoming(session: Session) -> list[int]:
    return [item.track_id for item in session.playback.up_next]


@pytest.fixture
def plain(session: Session) -> Session:
    session.playback.set_radio(False)
    return session


def test_one_track_follows_the_other_and_is_remembered(plain: Session, qtbot: QtBot) -> None:
    played: list[int] = []
    plain.playback.played.connect(played.append)
    a, b = ids(plain)[:2]

    plain.playback.play([a, b])
    qtbot.waitUntil(lambda: played == [a, b], timeout=15_000)

    qtbot.waitUntil(lambda: not plain.playback.playing)
    with Store.open(plain.paths.database) as store:
        plays = store.recent_plays(2)
    assert {(p.track_id, p.outcome) for p in plays} == {(a, "finished"), (b, "finished")}
    row = plain.catalogue.track(a)
    assert row is not None
    assert row.plays == 1


def test_a_track_played_over_by_hand_keeps_its_play(plain: Session, qtbot: QtBot) -> None:
    played: list[int] = []
    plain.playback.played.connect(played.append)
    a, b = ids(plain)[:2]
    plain.playback.play([a])
    qtbot.waitUntil(lambda: plain.playback.position_s() > 0.1)

    plain.playback.play([b])

    qtbot.waitUntil(lambda: played == [a, b], timeout=15_000)
    with Store.open(plain.paths.database) as store:
        assert [(p.track_id, p.outcome) for p in store.recent_plays(9)] == [
            (b, "finished"),
            (a, "skipped"),
        ]


def test_next_previous_and_jump(plain: Session, qtbot: QtBot) -> None:
    a, b, c, d = ids(plain)[:4]
    playback = plain.playback
    playback.play([a, b, c, d])
    qtbot.waitUntil(lambda: playback.position_s() > 0.1)

    playback.next()
    qtbot.waitUntil(lambda: playback.current is not None and playback.current.id == b)
    playback.previous()
    qtbot.waitUntil(lambda: playback.current is not None and playback.current.id == a)
    assert upcoming(plain) == [b, c, d]

    playback.jump(playback.up_next[2].key)
    qtbot.waitUntil(lambda: playback.current is not None and playback.current.id == d)
    assert upcoming(plain) == []


def test_next_is_heard_from_a_pause_too(plain: Session, qtbot: QtBot) -> None:
    a, b, c = ids(plain)[:3]
    playback = plain.playback
    playback.play([a, b, c])
    qtbot.waitUntil(lambda: playback.position_s() > 0.1)
    playback.toggle()
    assert not playback.playing

    playback.next()

    assert playback.current is not None
    assert playback.current.id == b
    assert upcoming(plain) == [c]
    qtbot.waitUntil(lambda: playback.playing and playback.position_s() > 0.1)


def test_the_queue_can_be_edited(plain: Session) -> None:
    a, b, c, d, e, f = ids(plain)
    playback = plain.playback
    playback.play([a, b])

    playback.enqueue([c])
    playback.play_next([d])
    assert upcoming(plain) == [d, b, c]

    playback.move(playback.up_next[2].key, 0)
    assert upcoming(plain) == [c, d, b]
    playback.remove([playback.up_next[1].key])
    assert upcoming(plain) == [c, b]
    playback.clear()
    assert upcoming(plain) == []


def test_repeat_all_begins_again(plain: Session, qtbot: QtBot) -> None:
    a, b = ids(plain)[:2]
    plain.playback.set_repeat("all")
    heard: list[int] = []
    plain.playback.played.connect(heard.append)

    plain.playback.play([a, b])

    qtbot.waitUntil(lambda: len(heard) >= 3, timeout=20_000)
    assert heard[:3] == [a, b, a]


def test_repeat_one(plain: Session, qtbot: QtBot) -> None:
    a, b = ids(plain)[:2]
    plain.playback.set_repeat("one")
    heard: list[int] = []
    plain.playback.played.connect(heard.append)

    plain.playback.play([a, b])

    qtbot.waitUntil(lambda: len(heard) >= 2, timeout=20_000)
    assert heard[:2] == [a, a]


def test_shuffle_plays_each_once(plain: Session) -> None:
    everything = ids(plain)
    plain.playback.set_shuffle(True)

    plain.playback.play(everything, start=3)

    assert plain.playback.current is not None
    assert plain.playback.current.id == everything[3]
    assert sorted([everything[3], *upcoming(plain)]) == everything
    plain.playback.set_shuffle(False)
    assert upcoming(plain) == everything[4:]


def test_a_broken_file_is_said_and_passed_over(plain: Session, qtbot: QtBot) -> None:
    a, b, c = ids(plain)[:3]
    row = plain.catalogue.track(b)
    assert row is not None
    Path(row.path).write_bytes(b"")
    said: list[str] = []
    plain.playback.failed.connect(said.append)

    plain.playback.play([b, c])

    qtbot.waitUntil(lambda: plain.playback.current is not None and plain.playback.current.id == c)
    assert said
    qtbot.waitUntil(lambda: plain.playback.position_s() > 0.1)


def test_the_radio_is_endless_says_why_and_leaves_own_tracks(
    make_session: MakeSession, qtbot: QtBot
) -> None:
    session = make_session(60)
    a, b = ids(session)[:2]

    session.playback.play([a, b])
    session.playback.toggle()
    qtbot.waitUntil(lambda: len(session.playback.up_next) >= 20)

    first = session.playback.up_next
    assert (first[0].track_id, first[0].origin) == (b, "user")
    recommended = [item for item in first if item.origin == "recommended"]
    assert all(item.reason for item in recommended)
    assert len({item.track_id for item in recommended}) == len(recommended)
    assert a not in {item.track_id for item in recommended}

    session.playback.set_knobs(Knobs(near_far=1.0))
    qtbot.waitUntil(
        lambda: [i.track_id for i in session.playback.up_next] != [i.track_id for i in first]
    )
    assert session.playback.up_next[0].track_id == b


def test_taking_a_pick_out_leads_elsewhere(make_session: MakeSession, qtbot: QtBot) -> None:
    session = make_session(60)
    session.playback.radio_from(ids(session)[:1])
    session.playback.toggle()
    qtbot.waitUntil(lambda: len(session.playback.up_next) >= 20)
    unwanted = session.playback.up_next[0]

    session.playback.remove([unwanted.key])
    qtbot.wait(300)

    assert unwanted.track_id not in upcoming(session)
    assert len(upcoming(session)) >= 20


def test_a_skip_teaches_at_once(make_session: MakeSession, qtbot: QtBot) -> None:
    session = make_session(60)
    playback = session.playback
    playback.radio_from(ids(session)[:1])
    qtbot.waitUntil(lambda: len(playback.up_next) >= 20)
    skipped = playback.up_next[0].track_id
    playback.next()
    qtbot.waitUntil(lambda: playback.current is not None and playback.current.id == skipped)
    qtbot.waitUntil(lambda: playback.position_s() > 0.05)
    playback.next()

    def shares() -> list[tuple[str, str]]:
        row = session.catalogue.track(skipped)
        assert row is not None
        return [
            (share.kind, share.text)
            for pick in playback.picks
            for share in pick.shares
            if share.text.endswith(f"like {row.title}")
        ]

    qtbot.waitUntil(lambda: any(kind == "against" for kind, _ in shares()))
    assert {kind for kind, _ in shares()} == {"against"}  # though it was heard just now
    assert skipped not in upcoming(session)
    assert len(upcoming(session)) >= 20


def test_the_next_start_goes_on_from_here(make_session: MakeSession, qtbot: QtBot) -> None:
    session = make_session()
    session.playback.set_radio(False)
    a, b, c = ids(session)[:3]
    session.playback.play([a, b, c])
    qtbot.waitUntil(lambda: session.playback.position_s() > 0.5)
    session.playback.toggle()
    left = session.playback.position_s()
    session.playback.save()

    again = make_session()

    assert again.playback.current is not None
    assert again.playback.current.id == a
    assert abs(again.playback.position_s() - left) < 0.1
    assert not again.playback.playing
    assert upcoming(again)[:2] == [b, c]
    again.playback.toggle()
    qtbot.waitUntil(lambda: again.playback.position_s() > left + 0.2)


def test_a_long_list_comes_into_the_queue_piece_by_piece(
    make_session: MakeSession, qtbot: QtBot
) -> None:
    session = make_session(600)
    session.playback.set_radio(False)
    everything = ids(session)

    session.playback.play(everything, start=2, origin="playlist")

    shown = upcoming(session)
    assert shown == everything[3:203]
    session.playback.remove([item.key for item in session.playback.up_next[:150]])
    assert upcoming(session) == everything[153:353]
    session.playback.next()
    qtbot.waitUntil(lambda: upcoming(session) == everything[154:354], timeout=20_000)
