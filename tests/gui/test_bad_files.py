"""What cannot be played is said on the track, passed over, and never raced through."""

from collections.abc import Callable
from pathlib import Path

import pytest
import songs
from pytestqt.qtbot import QtBot

from sliders_desktop.session.session import Session

from .conftest import MakeSession


@pytest.fixture
def plain(session: Session) -> Session:
    session.playback.set_radio(False)
    return session


def ids(session: Session) -> list[int]:
    return [row.id for row in session.catalogue.rows]


def path(session: Session, track_id: int) -> Path:
    row = session.catalogue.track(track_id)
    assert row is not None
    return Path(row.path)


def error(session: Session, track_id: int) -> str:
    row = session.catalogue.track(track_id)
    assert row is not None
    return row.error


def missing(session: Session, track_id: int) -> bool:
    row = session.catalogue.track(track_id)
    assert row is not None
    return row.missing


def plays(session: Session, track_id: int) -> bool:
    playback = session.playback
    shown = playback.current is not None and playback.current.id == track_id
    return shown and playback.playing and playback.position_s() > 0.05


def said(session: Session) -> list[str]:
    out: list[str] = []
    session.playback.failed.connect(out.append)
    return out


def empty(file: Path) -> None:
    songs.empty(file)


def text(file: Path) -> None:
    songs.text(file)


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:20])


def silent(file: Path) -> None:
    songs.write(file, songs.silence(0.0))


BREAKS = (empty, text, folder, cut_short, silent)


@pytest.mark.parametrize("ruin", BREAKS, ids=lambda f: f.__name__)
def test_a_bad_file_gets_its_reason_and_the_next_one_plays(
    plain: Session, qtbot: QtBot, ruin: Callable[[Path], None]
) -> None:
    a, b, c = ids(plain)[:3]
    ruin(path(plain, b))
    heard = said(plain)

    plain.playback.play([a, b, c])
    plain.playback.seek(1.0)

    qtbot.waitUntil(lambda: plays(plain, c), timeout=10_000)
    qtbot.waitUntil(lambda: error(plain, b) != "")
    assert len(heard) == 1
    assert error(plain, b) == heard[0]
    assert "\n" not in heard[0]
    assert b in [row.id for row in plain.work.problems()]
    assert error(plain, a) == error(plain, c) == ""


def test_a_bad_file_chosen_by_hand_is_passed_over_at_once(plain: Session, qtbot: QtBot) -> None:
    b, c = ids(plain)[:2]
    path(plain, b).write_bytes(b"no music " * 100_000)
    plain.playback.play([c])
    qtbot.waitUntil(lambda: plays(plain, c))
    failed = said(plain)

    plain.playback.play([b, c])

    qtbot.waitUntil(lambda: bool(failed) and plays(plain, c))
    assert plain.playback.up_next == []


def test_a_file_that_plays_again_is_a_problem_no_more(plain: Session, qtbot: QtBot) -> None:
    a, b = ids(plain)[:2]
    file = path(plain, a)
    music = file.read_bytes()
    file.write_bytes(b"")
    plain.playback.play([a, b])
    qtbot.waitUntil(lambda: error(plain, a) != "")
    file.write_bytes(music)

    plain.playback.play([a, b])

    qtbot.waitUntil(lambda: plays(plain, a))
    qtbot.waitUntil(lambda: error(plain, a) == "", timeout=10_000)


def test_a_file_that_was_mended_is_tried_again_by_itself(plain: Session, qtbot: QtBot) -> None:
    a, b, c = ids(plain)[:3]
    music = path(plain, b).read_bytes()
    songs.empty(path(plain, b))
    plain.playback.play([a, b, c])
    qtbot.waitUntil(lambda: error(plain, b) != "")
    path(plain, b).write_bytes(music)
    plain._store.clear_errors([b])  # as a scan does
    with qtbot.waitSignal(plain.catalogue.tracks_changed):
        plain.catalogue.load()

    plain.playback.play([a, b])
    plain.playback.seek(1.5)

    qtbot.waitUntil(lambda: plays(plain, b))


def test_a_file_that_is_away_gets_no_reason_and_comes_back(plain: Session, qtbot: QtBot) -> None:
    a, b = ids(plain)[:2]
    file = path(plain, a)
    file.rename(file.with_suffix(".away"))
    heard = said(plain)

    plain.playback.play([a, b])

    qtbot.waitUntil(lambda: plays(plain, b))
    qtbot.waitUntil(lambda: missing(plain, a))
    assert error(plain, a) == ""
    assert len(heard) == 1
    file.with_suffix(".away").rename(file)
    plain.playback._sequence.troubles.look_again()
    qtbot.waitUntil(lambda: not missing(plain, a))
    plain.playback.play([a, b])
    qtbot.waitUntil(lambda: plays(plain, a))


def test_a_file_that_vanishes_while_it_plays_does_not_stop_the_music(
    plain: Session, qtbot: QtBot
) -> None:
    a, b = ids(plain)[:2]
    plain.playback.play([a, b])
    qtbot.waitUntil(lambda: plays(plain, a))
    path(plain, a).unlink()

    qtbot.waitUntil(lambda: plays(plain, b), timeout=10_000)


def test_five_failures_in_a_row_stop_with_one_sentence(
    make_session: MakeSession, qtbot: QtBot
) -> None:
    session = make_session(12)
    session.playback.set_radio(False)
    everything = ids(session)
    for track_id in everything[1:7]:
        file = path(session, track_id)
        file.unlink()
        file.write_bytes(b"")
    heard = said(session)

    session.playback.play(everything[1:])

    qtbot.waitUntil(lambda: len(heard) == 5)
    qtbot.waitUntil(lambda: not session.playback.playing)
    assert heard[-1].startswith("Five tracks in a row could not be played; the last: ")
    assert heard[-1].endswith("is empty.")
    qtbot.wait(200)
    assert len(heard) == 5
    assert not session.playback.playing
    session.playback.next()
    qtbot.waitUntil(lambda: plays(session, everything[7]), timeout=5_000)


def test_what_plays_is_heard_out_when_five_behind_it_fail(
    make_session: MakeSession, qtbot: QtBot
) -> None:
    session = make_session(12)
    session.playback.set_radio(False)
    everything = ids(session)
    for track_id in everything[1:6]:
        file = path(session, track_id)
        file.unlink()
        file.write_bytes(b"")
    heard, played = said(session), list[int]()
    session.playback.played.connect(played.append)

    session.playback.play(everything)

    qtbot.waitUntil(lambda: len(heard) == 5)
    assert session.playback.playing
    qtbot.waitUntil(lambda: not session.playback.playing, timeout=10_000)
    assert played == [everything[0]]
    assert session.playback.up_next[0].track_id == everything[6]


@pytest.mark.parametrize("repeat", ["all", "one"])
@pytest.mark.parametrize("ruin", [empty, silent], ids=lambda f: f.__name__)
def test_repeat_of_nothing_but_bad_files_comes_to_rest(
    plain: Session, qtbot: QtBot, repeat: str, ruin: Callable[[Path], None]
) -> None:
    a, b = ids(plain)[:2]
    for track_id in (a, b):
        ruin(path(plain, track_id))
    plain.playback.set_repeat(repeat)
    heard = said(plain)

    plain.playback.play([a, b])

    qtbot.waitUntil(lambda: not plain.playback.playing, timeout=5_000)
    count = len(heard)
    assert 1 <= count <= 5
    qtbot.wait(300)
    assert len(heard) == count
    assert not plain.playback.playing


@pytest.mark.parametrize("how", ["previous", "jump"])
def test_from_a_pause_a_vanished_file_starts_nothing_else(
    plain: Session, qtbot: QtBot, how: str
) -> None:
    a, b, c = ids(plain)[:3]
    playback = plain.playback
    playback.play([a, b, c])
    qtbot.waitUntil(lambda: plays(plain, a))
    playback.next()
    qtbot.waitUntil(lambda: plays(plain, b))
    playback.toggle()
    place = playback.position_s()
    path(plain, a if how == "previous" else c).unlink()
    heard = said(plain)

    if how == "previous":
        playback.previous()
    else:
        playback.jump(playback.up_next[0].key)

    qtbot.waitUntil(lambda: bool(heard))
    qtbot.wait(200)
    assert not playback.playing
    assert playback.current is not None
    assert playback.current.id == b
    assert playback.position_s() == pytest.approx(place, abs=0.1)
    playback.toggle()
    qtbot.waitUntil(lambda: plays(plain, b))
    assert playback.position_s() >= place - 0.1


def test_while_music_plays_a_jump_onto_a_vanished_file_goes_on_behind_it(
    plain: Session, qtbot: QtBot
) -> None:
    a, b, c = ids(plain)[:3]
    plain.playback.play([a, b, c])
    qtbot.waitUntil(lambda: plays(plain, a))
    path(plain, b).unlink()

    plain.playback.jump(plain.playback.up_next[0].key)

    qtbot.waitUntil(lambda: plays(plain, c), timeout=5_000)
