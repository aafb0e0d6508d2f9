"""Which track is this file? Real files move, swap, vanish and return; judgements follow the audio.

A file here is two lines: what its tags say, and its audio. A sheet beside it, a `.cue` of its name,
says where it is cut: “3 5” makes three parts, which are audio of their own.
"""

import os
import random
import shutil
from itertools import count, pairwise
from pathlib import Path

import pytest

from sliders_desktop.library import scanner
from sliders_desktop.library.records import FoundTrack, Saved, TrackRow
from sliders_desktop.library.store import Store

_ticks = count(1)


def write(path: Path, audio: str, title: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{title}\n{audio}", "utf-8")
    moment = 1_700_000_000_000_000_000 + next(_ticks) * 1_000_000_000
    os.utime(path, ns=(moment, moment))
    return path


def sheet(path: Path, cuts: str) -> None:
    """Part the file at ``path``; no cuts: it is whole again."""
    place = path.with_suffix(".cue")
    if cuts:
        write(place, cuts)
    else:
        place.unlink(missing_ok=True)


def audios(path: Path) -> list[str]:
    """What is to be heard in a file, one text a track."""
    audio = path.read_text("utf-8").split("\n")[1]
    place = path.with_suffix(".cue")
    if not place.exists():
        return [audio]
    cuts = ["0", *place.read_text("utf-8").split("\n")[1].split(), ""]
    return [f"{audio} {a}-{b}" for a, b in pairwise(cuts)]


def read(file: scanner.FileStat) -> list[FoundTrack]:
    path = Path(file.path)
    title, audio = path.read_text("utf-8").split("\n")
    about = (file.path, file.size, file.mtime_ns)
    if audio == "broken":
        return [FoundTrack(*about, None, error="cut off", sheet=file.sheet)]
    heard = audios(path)
    if len(heard) == 1:
        return [FoundTrack(*about, audio, title=title, sheet=file.sheet)]
    return [
        FoundTrack(*about, one, title=f"{title} {at}", part=at, start_s=at - 1, sheet=file.sheet)
        for at, one in enumerate(heard, 1)
    ]


def scan(store: Store, folder: Path, batch: int = 100) -> Saved:
    """What the task does, without decoding."""
    known_folder = store.add_folder(folder)
    known = store.known_files(known_folder.id)
    diff = scanner.diff(scanner.walk(folder, frozenset({".mp3"})), known)
    store.mark_missing(diff.gone)
    store.mark_present(diff.back)
    added, changed, moved = set[int](), set[int](), set[int]()
    for at in range(0, len(diff.to_read), batch):
        saved = store.save_found(
            known_folder.id, [part for file in diff.to_read[at : at + batch] for part in read(file)]
        )
        assert not set(saved.added) & set(saved.moved)
        assert not set(saved.changed) & {*saved.added, *saved.moved}
        added.update(saved.added)
        changed.update(saved.changed)
        moved.update(saved.moved)
    return Saved(tuple(sorted(added)), tuple(sorted(changed)), tuple(sorted(moved)))


def at(store: Store, path: Path) -> TrackRow:
    (row,) = [row for row in store.rows() if row.path == str(path)]
    return row


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


def test_a_new_file_is_a_new_track_named_by_its_file(store: Store, music: Path) -> None:
    path = write(music / "Night Drive.mp3", "a")

    assert scan(store, music) == Saved((1,), (), ())
    assert at(store, path).title == "Night Drive"
    assert scan(store, music) == Saved((), (), ())


def test_retagged_keeps_its_id(store: Store, music: Path) -> None:
    path = write(music / "one.mp3", "a", "Old")
    scan(store, music)

    write(path, "a", "New")

    assert scan(store, music) == Saved((), (1,), ())
    assert at(store, path).title == "New"
    assert store.search("old").tolist() == []
    assert store.search("new").tolist() == [1]


@pytest.mark.parametrize("target", ["renamed.mp3", "elsewhere/one.mp3"])
def test_moved_keeps_its_id(store: Store, music: Path, target: str) -> None:
    path = write(music / "one.mp3", "a")
    scan(store, music)

    (music / target).parent.mkdir(exist_ok=True)
    path.rename(music / target)

    assert scan(store, music) == Saved((), (), (1,))
    assert at(store, music / target).id == 1
    assert not at(store, music / target).missing
    assert len(store.rows()) == 1


def test_moved_to_another_folder_that_is_scanned_first(store: Store, tmp_path: Path) -> None:
    old = write(tmp_path / "b" / "one.mp3", "a")
    scan(store, tmp_path / "b")

    (tmp_path / "a").mkdir()
    old.rename(tmp_path / "a" / "one.mp3")

    assert scan(store, tmp_path / "a") == Saved((), (), (1,))
    assert scan(store, tmp_path / "b") == Saved((), (), ())
    assert not at(store, tmp_path / "a" / "one.mp3").missing


def test_copied_is_a_track_of_its_own(store: Store, music: Path) -> None:
    path = write(music / "one.mp3", "a")
    scan(store, music)

    shutil.copy2(path, music / "two.mp3")

    assert scan(store, music) == Saved((2,), (), ())
    assert at(store, path).id == 1


def test_copied_and_then_deleted_keeps_what_was_said(store: Store, music: Path) -> None:
    path = write(music / "one.mp3", "a")
    scan(store, music)
    slider = store.create_slider("calm", "", "")
    store.rate(1, slider.id, 1.0)
    shutil.copy2(path, music / "two.mp3")
    scan(store, music)

    path.unlink()
    scan(store, music)

    assert at(store, music / "two.mp3").id == 1
    (copy,) = store.rows([2])
    assert (copy.path, copy.missing) == (str(path), True)


def test_a_folder_copied_to_a_new_disk_hands_over_its_ratings(store: Store, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / "old" / f"{name}.mp3", name)
    scan(store, tmp_path / "old")
    slider = store.create_slider("calm", "", "")
    store.rate(1, slider.id, 1.0)
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    scan(store, tmp_path / "new")
    store.rate(4, slider.id, 0.0)  # judged on its own by now

    store.remove_folder(1)

    assert at(store, tmp_path / "new" / "one.mp3").id == 1
    assert at(store, tmp_path / "new" / "two.mp3").id == 4
    assert [row.id for row in store.rows() if row.missing] == [2, 3]

    scan(store, tmp_path / "old")  # and nothing is lost if it is wanted again
    assert not any(row.missing for row in store.rows())
    assert at(store, tmp_path / "old" / "two.mp3").id == 2


def test_two_copies_found_at_once_are_two_tracks(store: Store, music: Path) -> None:
    write(music / "one.mp3", "a")
    write(music / "two.mp3", "a")

    assert scan(store, music) == Saved((1, 2), (), ())


def test_copies_that_move_together_keep_their_names(store: Store, music: Path) -> None:
    for name in ("one", "two"):
        write(music / f"{name}.mp3", "a")
    scan(store, music)

    (music / "zoo").mkdir()
    for name in ("two", "one"):
        (music / f"{name}.mp3").rename(music / "zoo" / f"{name}.mp3")

    assert scan(store, music) == Saved((), (), (1, 2))
    assert at(store, music / "zoo" / "one.mp3").id == 1
    assert at(store, music / "zoo" / "two.mp3").id == 2


@pytest.mark.parametrize("batch", [1, 2])
def test_swapped_files_swap_identity(store: Store, music: Path, batch: int) -> None:
    one, two = write(music / "one.mp3", "a", "A"), write(music / "two.mp3", "b", "B")
    scan(store, music)
    slider = store.create_slider("calm", "", "")
    store.rate(1, slider.id, 0.25)
    store.rate(2, slider.id, 0.75)

    one.rename(music / "spare")
    two.rename(one)
    (music / "spare").rename(two)
    saved = scan(store, music, batch)

    assert set(saved.moved) == {1, 2}
    assert saved.added == ()
    assert (at(store, one).id, at(store, two).id) == (2, 1)
    assert (at(store, one).title, at(store, two).title) == ("B", "A")
    assert not any(row.missing for row in store.rows())
    assert store.current_rating(at(store, one).id, slider.id) == 0.75


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_files_that_change_places_in_a_ring(store: Store, music: Path, batch: int) -> None:
    names = ["one", "two", "three"]
    for name in names:
        write(music / f"{name}.mp3", f"audio of {name}")
    scan(store, music)
    before = {row.title: row.id for row in store.rows()}

    for name, audio in zip(names, ["two", "three", "one"], strict=True):
        write(music / f"{name}.mp3", f"audio of {audio}")
    scan(store, music, batch)

    assert at(store, music / "one.mp3").id == before["two"]
    assert at(store, music / "two.mp3").id == before["three"]
    assert at(store, music / "three.mp3").id == before["one"]
    assert len(store.rows()) == 3


def test_other_audio_at_a_known_path_inherits_no_judgement(store: Store, music: Path) -> None:
    path = write(music / "one.mp3", "a")
    scan(store, music)
    slider = store.create_slider("calm", "", "")
    store.rate(1, slider.id, 1.0)

    write(path, "b")

    assert scan(store, music) == Saved((2,), (1,), ())
    assert store.ratings_of_track(at(store, path).id) == {}
    (old,) = store.rows([1])
    assert (old.missing, old.path) == (True, "")
    assert store.ratings_of_track(1) == {slider.id: 1.0}

    write(music / "back.mp3", "a")  # from a backup, somewhere else

    assert scan(store, music) == Saved((), (), (1,))
    assert not at(store, music / "back.mp3").missing


def test_a_broken_file_keeps_what_is_known_and_recovers(store: Store, music: Path) -> None:
    path = write(music / "one.mp3", "a", "Title")
    scan(store, music)

    write(path, "broken")
    assert scan(store, music) == Saved((), (1,), ())
    assert (at(store, path).title, at(store, path).error) == ("Title", "cut off")

    write(path, "a", "Title")
    assert scan(store, music) == Saved((), (1,), ())
    assert at(store, path).error == ""


def test_a_file_that_was_broken_from_the_start_becomes_readable(store: Store, music: Path) -> None:
    path = write(music / "one.mp3", "broken")
    scan(store, music)
    assert [row.id for row in store.problems()] == [1]

    write(path, "a")

    assert scan(store, music) == Saved((), (1,), ())
    assert store.problems() == []


def test_a_file_still_being_copied_becomes_the_track_that_moved(store: Store, music: Path) -> None:
    write(music / "old.mp3", "a")
    scan(store, music)
    (music / "old.mp3").unlink()
    path = write(music / "new.mp3", "broken")
    scan(store, music)

    write(path, "a")

    assert scan(store, music).moved == (1,)
    assert at(store, path).id == 1


def test_deleted_and_restored(store: Store, music: Path) -> None:
    path = write(music / "one.mp3", "a")
    write(music / "two.mp3", "b")
    scan(store, music)
    shutil.move(path, music.parent / "bin.mp3")
    scan(store, music)
    assert at(store, path).missing

    shutil.move(music.parent / "bin.mp3", path)

    assert scan(store, music) == Saved((), (), ())  # back, without reading it again
    assert not at(store, path).missing


def test_a_name_that_is_not_unicode_comes_back_unharmed(store: Store, music: Path) -> None:
    found = FoundTrack(str(music / "caf\udce9.mp3"), 1, 2, "a", artist="bad \udcff tag\0")
    folder = store.add_folder(music)
    store.save_found(folder.id, [found])

    assert list(store.known_files(folder.id)) == [found.path]
    (row,) = store.rows()
    assert row.path == found.path
    assert (row.title, row.artist) == ("caf\ufffd", "bad \ufffd tag")
    assert store.resolve(found.path) == [1]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_to_the_files_judgements_follow_the_audio(
    store: Store, music: Path, seed: int
) -> None:
    rng = random.Random(seed)
    for number in range(8):
        write(music / f"{number}.mp3", f"audio {number}")
    scan(store, music)
    slider = store.create_slider("calm", "", "")
    # Each track is rated by a value that names its audio.
    for row in store.rows():
        store.rate(row.id, slider.id, int(row.title) / 10)

    for _ in range(12):
        for _ in range(rng.randint(1, 5)):
            upset(music, rng)
        scan(store, music, batch=rng.choice([1, 2, 100]))

        on_disk = {str(path): path.read_text().split("\n")[1] for path in music.rglob("*.mp3")}
        present = {row.path: row.id for row in store.rows() if not row.missing}
        assert present.keys() == on_disk.keys()
        rated = {rating.track_id: rating.value for rating in store.ratings(slider.id)}
        for path, track_id in present.items():
            if track_id in rated:
                assert on_disk[path] == f"audio {round(rated[track_id] * 10)}"
        for track_id, value in rated.items():
            if f"audio {round((value or 0) * 10)}" in on_disk.values():
                assert track_id in present.values(), "its audio is there, but its ratings are not"


@pytest.mark.parametrize("seed", range(16))
def test_whatever_happens_to_sheets_judgements_follow_the_audio(
    store: Store, music: Path, seed: int
) -> None:
    rng = random.Random(seed)
    for number in range(4):
        path = write(music / f"{number}.mp3", f"audio {number}")
        sheet(path, rng.choice(["", "3", "3 5", "3 5 7"]))
    scan(store, music)
    slider = store.create_slider("calm", "", "")
    names = dict[float, str]()  # a value that names its audio, of each that was ever there

    for _ in range(12):
        on_disk = {str(path): audios(path) for path in music.rglob("*.mp3")}
        heard = [audio for path in sorted(on_disk) for audio in on_disk[path]]
        present = [row for row in store.rows() if not row.missing]
        in_order = sorted(present, key=lambda row: (row.path, row.start_s))
        assert [row.path for row in in_order] == [p for p in sorted(on_disk) for _ in on_disk[p]]
        audio_of = {row.id: audio for row, audio in zip(in_order, heard, strict=True)}
        rated = {rating.track_id: rating.value for rating in store.ratings(slider.id)}
        for track_id, value in rated.items():
            if track_id in audio_of:
                assert names[value or 0] == audio_of[track_id]
            else:
                assert names[value or 0] not in heard, "its audio is there, its ratings are not"
        for track_id in set(audio_of) - set(rated):
            if audio_of[track_id] not in names.values():
                value = (len(names) + 1) / 1024
                names[value] = audio_of[track_id]
                store.rate(track_id, slider.id, value)

        for _ in range(rng.randint(1, 4)):
            paths = sorted(music.rglob("*.mp3"))
            if paths and rng.random() < 0.6:
                path = rng.choice(paths)
                sheet(path, rng.choice(["", "3", "5", "3 5", "3 5 7", "1 3 5 7"]))
            elif paths and rng.random() < 0.3:  # the whole album, sheet and all
                path = rng.choice(paths)
                free = music / rng.choice(["a", "b"]) / f"{next(_ticks)}.mp3"
                free.parent.mkdir(exist_ok=True)
                for suffix in (".mp3", ".cue"):
                    if path.with_suffix(suffix).exists():
                        path.with_suffix(suffix).rename(free.with_suffix(suffix))
            else:
                upset(music, rng)
        scan(store, music, batch=rng.choice([1, 2, 100]))


def test_a_sheet_parts_a_file_and_the_whole_returns_without_it(store: Store, music: Path) -> None:
    path = write(music / "one.mp3", "a", "One")
    scan(store, music)

    sheet(path, "3 5")
    assert scan(store, music) == Saved((2, 3, 4), (1,), ())
    assert [row.id for row in store.rows() if row.path == str(path)] == [2, 3, 4]
    assert store.rows([1])[0].missing

    sheet(path, "")
    assert scan(store, music) == Saved((), (2, 3, 4), (1,))
    assert at(store, path).id == 1

    sheet(path, "3 5")
    assert scan(store, music) == Saved((), (1,), (2, 3, 4))


def test_a_cut_that_is_added_moves_no_judgement(store: Store, music: Path) -> None:
    path = write(music / "one.mp3", "a")
    sheet(path, "3 5")
    scan(store, music)

    sheet(path, "1 3 5")

    assert scan(store, music) == Saved((4, 5), (1,), (2, 3))
    parts = [row for row in store.rows() if row.path == str(path)]
    assert [row.id for row in sorted(parts, key=lambda row: row.start_s)] == [4, 5, 2, 3]


def test_parts_that_are_retagged_keep_their_ids(store: Store, music: Path) -> None:
    path = write(music / "one.mp3", "a", "Old")
    sheet(path, "3")
    scan(store, music)

    write(path, "a", "New")

    assert scan(store, music) == Saved((), (1, 2), ())
    assert [row.title for row in store.rows()] == ["New 1", "New 2"]


def test_while_a_file_cannot_be_read_its_audio_elsewhere_is_a_copy(
    store: Store, music: Path
) -> None:
    path = write(music / "one.mp3", "a")
    scan(store, music)

    write(path, "broken")
    write(music / "two.mp3", "a")

    assert scan(store, music) == Saved((2,), (1,), ())
    assert at(store, path).id == 1


def test_a_broken_album_keeps_its_parts_and_recovers(store: Store, music: Path) -> None:
    path = write(music / "one.mp3", "a")
    sheet(path, "3")
    scan(store, music)

    write(path, "broken")
    assert scan(store, music) == Saved((), (1, 2), ())
    assert [row.error for row in store.rows()] == ["cut off", "cut off"]
    write(path, "a")
    assert scan(store, music) == Saved((), (1, 2), ())
    assert store.problems() == []


def upset(music: Path, rng: random.Random) -> None:
    paths = sorted(music.rglob("*.mp3"))
    if len(paths) < 2:
        write(music / f"{rng.randrange(99)}.mp3", f"audio {rng.randrange(8)}")
        return
    one, two = rng.sample(paths, 2)
    free = music / rng.choice(["", "a", "b"]) / f"{next(_ticks)}.mp3"
    free.parent.mkdir(exist_ok=True)
    match rng.randrange(7):
        case 0:
            one.rename(free)
        case 1:
            one.rename(free)
            two.rename(one)
            free.rename(two)
        case 2:
            shutil.copy2(one, free)
        case 3:
            one.unlink()
        case 4:
            write(one, one.read_text().split("\n")[1], f"tag {next(_ticks)}")
        case 5:
            write(one, two.read_text().split("\n")[1])
        case 6:
            write(free, f"audio {rng.randrange(8)}")


def test_a_file_that_shall_be_read_again_has_not_gone_away(store: Store, music: Path) -> None:
    """Its copy, met first by the scan, is a track of its own."""
    path = write(music / "b.mp3", "a", "Old")
    scan(store, music)
    store.set_error(1, "did not work")
    store.clear_errors([1])

    shutil.copy2(path, music / "a.mp3")

    assert scan(store, music, batch=1) == Saved((2,), (1,), ())
    assert at(store, path).id == 1
