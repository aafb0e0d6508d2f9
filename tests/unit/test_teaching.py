"""The encoder goes on learning from a library: judged, taken or not, stopped and gone on with."""

import errno
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import lessons
import pytest
from lessons import LESSON, TRACKS, School, Watching, cores, lesson, paths, school

from sliders_desktop import tasks
from sliders_desktop.config import Paths
from sliders_desktop.errors import Cancelled, UserError
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.tasks.course import Plan
from sliders_desktop.tasks.generations import generations, hash_of
from sliders_desktop.tasks.teaching import Figures, no_worse
from sliders_desktop.tasks.teaching_music import held_out

__all__ = ["cores", "paths", "school"]  # fixtures


@pytest.fixture
def store(paths: Paths, school: School) -> Iterator[Store]:
    with lessons.library(paths, school.music) as store:
        yield store


def teach(
    store: Store,
    paths: Paths,
    config: tasks.TeachConfig = LESSON,
    job: Watching | None = None,
) -> tasks.TeachResult:
    return tasks.teach(store, paths, "cpu", False, config, job or Watching())


def begun(paths: Paths) -> Plan:
    plan = Plan.load(paths.teaching)
    assert plan is not None
    return plan


class Contents(NamedTuple):
    digest: str
    mtime_ns: int


def contents(folder: Path) -> dict[str, Contents]:
    return {
        str(f): Contents(hashlib.sha256(f.read_bytes()).hexdigest(), f.stat().st_mtime_ns)
        for f in folder.rglob("*")
        if f.is_file()
    }


# taken


def test_what_is_no_worse_is_used(store: Store, paths: Paths, school: School) -> None:
    tasks.embed(store, paths.encoder, "cpu")
    old, music = hash_of(paths.encoder), contents(school.music)
    served = store.serving_encoder()
    job = Watching()

    result = teach(store, paths, job=job)

    assert result.accepted
    assert result.sentence.startswith("Taken")
    assert (result.tracks, result.held) == (TRACKS, 6)
    assert hash_of(paths.encoder) != old
    assert [g.chosen for g in generations(store, paths)] == [False, False, True]
    assert old in {g.sha256 for g in generations(store, paths)}
    assert not paths.teaching.exists()
    assert contents(school.music) == music
    assert list(dict.fromkeys(job.said)) == ["Reading", "Measuring", "Learning", "Checking"]
    assert 0 <= min(job.shares) < 0.1
    assert 0.9 < max(job.shares) <= 1
    state = tasks.teaching_state(store, paths)
    assert (state.last, state.begun) == (result, None)
    # The old vectors serve until the new ones are there.
    assert store.serving_encoder() == served != store.wanted_encoder()
    assert state.waiting
    tasks.embed(store, paths.encoder, "cpu")
    assert store.serving_encoder() == store.wanted_encoder() != served
    assert not tasks.teaching_state(store, paths).waiting


@pytest.mark.parametrize(
    ("recall", "rank", "accepted"),
    [
        (0.5, 80.0, True),
        (0.491, 78.5, True),
        (0.489, 90.0, False),
        (0.9, 78.0, False),
        (float("nan"), 80.0, False),
    ],
)
def test_neither_figure_may_fall_by_more_than_two_percent(
    recall: float, rank: float, accepted: bool
) -> None:
    assert no_worse(Figures(0.5, 80.0), Figures(recall, rank), 0.02) is accepted
    assert tasks.TeachConfig().fall == 0.02


# not taken


def test_what_is_worse_is_not_used_and_the_figures_are_said(store: Store, paths: Paths) -> None:
    old = hash_of(paths.encoder)

    result = teach(store, paths, replace(LESSON, fall=-1.0))  # twice as good is what it takes

    assert not result.accepted
    assert result.after is not None
    assert result.sentence.startswith("Not taken")
    assert f"{100 * result.before.recall:.0f} before" in result.sentence
    assert hash_of(paths.encoder) == old
    assert [g.chosen for g in generations(store, paths)] == [False, True]
    assert store.wanted_encoder() is None
    assert not paths.teaching.exists()


def test_a_collapse_changes_nothing(store: Store, paths: Paths) -> None:
    old = hash_of(paths.encoder)

    result = teach(store, paths, replace(lesson(isotropy=0.0, dials_every=1, patience=2), lr=0.3))

    assert not result.accepted
    assert result.after is None
    assert "too alike" in result.sentence
    assert tasks.teaching_state(store, paths).last == result
    assert hash_of(paths.encoder) == old
    assert not paths.teaching.exists()


# not begun


def test_too_little_music_is_said_before_anything_is_done(store: Store, paths: Paths) -> None:
    few = replace(LESSON, least_tracks=40)
    outlook = tasks.teaching_outlook(store, paths, config=few)
    assert outlook.tracks == TRACKS
    assert "at least 40 tracks of 12 seconds" in outlook.refusal
    assert "add more music" in outlook.refusal
    with pytest.raises(UserError, match="add more music"):
        teach(store, paths, few)
    short = tasks.teaching_outlook(store, paths, config=replace(LESSON, shortest_s=13.0))
    assert short.tracks == 0
    assert not paths.teaching.exists()


def test_too_little_room_is_said_before_anything_is_done(
    store: Store, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"total": 10**9, "used": 0, "free": 10**8})
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(UserError, match=r"needs 0\.\d GB of room.*are 0\.1 GB: make room"):
        teach(store, paths)
    assert not paths.teaching.exists()


def test_the_outlook_is_known_beforehand(store: Store, paths: Paths) -> None:
    one, more = (
        tasks.teaching_outlook(store, paths, config=replace(LESSON, epochs=n)) for n in (1, 50)
    )
    assert not one.refusal
    assert one.tracks == TRACKS
    assert one.bytes > TRACKS * 6 * 128 * 96
    assert more.seconds > one.seconds > 0
    longest = tasks.teaching_outlook(store, paths, config=replace(LESSON, epochs=10**6))
    assert longest.seconds < 60 * LESSON.minutes + 60


# what is held out


def _row(track_id: int, folder: str, album: str) -> TrackRow:
    path = f"/music/{folder}/{track_id}.mp3"
    return TrackRow(track_id, "", "", album, 0, "", 60.0, 0, 0, 0, path, False, "")


def test_whole_albums_are_held_out_the_same_each_time() -> None:
    rows = [_row(i, f"{i // 10}", f"Album {i // 10}") for i in range(400)]
    config = tasks.TeachConfig()

    held = held_out(rows, config)

    assert 40 <= len(held) <= 48
    assert set(Counter(i // 10 for i in held).values()) == {10}
    assert sorted(held_out(rows[::-1], config)) == sorted(held)
    more = held_out([*rows, _row(400, "40", "Album 40")], config)
    assert len(set(more) & set(held)) >= 30


def test_tracks_without_albums_and_a_single_album_are_split() -> None:
    config = tasks.TeachConfig()
    for rows in (
        [_row(i, "all", "") for i in range(100)],
        [_row(i, "all", "The only album") for i in range(100)],
    ):
        held = held_out(rows, config)
        assert len(set(held)) == len(held) == 10


# stopped, and gone on with


@pytest.mark.parametrize("stage", [("Reading", 7), ("Measuring", 2), ("Learning", 4)])
def test_a_stopped_teaching_goes_on_and_reads_nothing_twice(
    stage: tuple[str, int], paths: Paths, school: School, tmp_path: Path
) -> None:
    music = school.copy(tmp_path / "copy")
    with lessons.library(paths, music) as store:
        old = hash_of(paths.encoder)
        with pytest.raises(Cancelled):
            teach(store, paths, job=Watching(at=stage))
        state = tasks.teaching_state(store, paths)
        assert state.begun is not None
        assert 0 < state.begun < 1
        learned = begun(paths).learned
        assert (learned > 0) == (stage[0] == "Learning")
        assert hash_of(paths.encoder) == old
        begun_steps = begun(paths).steps
        if stage[0] != "Reading":
            shutil.rmtree(music)  # the drive is gone: all that is needed was read
        job = Watching()

        result = teach(store, paths, job=job)

        assert result.after is not None
        assert result.tracks == TRACKS
        if stage[0] == "Learning":
            assert "Measuring" not in job.said
            assert job.said.count("Learning") <= 1 + begun_steps - learned
        assert not paths.teaching.exists()


def test_a_teaching_can_be_dropped(store: Store, paths: Paths) -> None:
    with pytest.raises(Cancelled):
        teach(store, paths, job=Watching(at=("Learning", 1)))
    assert (paths.teaching / "taught.safetensors.checkpoint").exists()

    tasks.drop_teaching(store, paths)

    assert not paths.teaching.exists()
    assert tasks.teaching_state(store, paths).begun is None


def test_another_encoder_meanwhile_ends_it(store: Store, paths: Paths) -> None:
    with pytest.raises(Cancelled):
        teach(store, paths, job=Watching(at=("Learning", 1)))
    paths.own_encoder.unlink()
    with pytest.raises(UserError, match="drop it, and start anew"):
        teach(store, paths)
    assert tasks.teaching_state(store, paths).begun is not None


def test_a_damaged_checkpoint_says_what_to_do(store: Store, paths: Paths) -> None:
    with pytest.raises(Cancelled):
        teach(store, paths, job=Watching(at=("Learning", 1)))
    (paths.teaching / "taught.safetensors.checkpoint").write_bytes(b"cut off")
    with pytest.raises(UserError, match="Drop this teaching, and start anew"):
        teach(store, paths)


def test_a_full_disk_stops_it_until_there_is_room(store: Store, paths: Paths) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(UserError, match="make room, then go on"):
        teach(store, paths, job=Watching(("Learning", 2), full))
    assert not list(paths.teaching.glob("*.part"))
    assert teach(store, paths).after is not None


def test_files_that_went_away_are_left_out(paths: Paths, school: School, tmp_path: Path) -> None:
    music = school.copy(tmp_path / "copy")
    with lessons.library(paths, music) as store:
        files = sorted(music.rglob("*.wav"))
        for file in files[:3]:
            file.unlink()
        assert teach(store, paths).after is not None


def test_a_drive_that_is_away_is_asked_for(paths: Paths, school: School, tmp_path: Path) -> None:
    music = school.copy(tmp_path / "copy")
    with lessons.library(paths, music) as store:
        music.rename(tmp_path / "away")
        with pytest.raises(UserError, match="look whether the drive"):
            teach(store, paths)
        (tmp_path / "away").rename(music)
        assert teach(store, paths).tracks == TRACKS


def test_a_crash_while_it_is_put_to_use_is_made_good(store: Store, paths: Paths) -> None:
    """Everything was decided and half was done: doing it again gives the same."""
    kept = paths.teaching.with_name("kept")
    with pytest.raises(Cancelled):
        teach(store, paths, job=Watching(at=("Checking", 5)))
    plan = begun(paths)
    assert plan.before is not None
    plan.after = plan.before
    plan.save(paths.teaching)
    shutil.copytree(paths.teaching, kept)
    assert teach(store, paths).accepted
    new = hash_of(paths.encoder)
    kept.rename(paths.teaching)

    result = teach(store, paths)

    assert result.accepted
    assert hash_of(paths.encoder) == new
    assert len(generations(store, paths)) == 3
    assert not paths.teaching.exists()
