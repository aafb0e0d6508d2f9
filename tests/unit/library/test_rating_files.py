"""Files of ratings: written and read back unharmed, and refused with one sentence."""

import csv
import io
import json
import random

import pytest

from sliders_desktop.errors import Cancelled, UserError
from sliders_desktop.library.rating_files import RatingsFile, read, to_csv, to_json
from sliders_desktop.library.records import NamedRating, NamedSlider, TrackName

NASTY = (
    *("", "plain", "=1+1", "+1", "-1", "@SUM(A1)", "'quoted", "'=quoted", "''", "'", "'''-x"),
    *("a;b", "a,b", "a\tb", 'say "it"', "two\nlines", "\tindented", "Émile 雨夜 🎧", "sep=;"),
)


def songs(rng: random.Random, count: int) -> list[TrackName]:
    return [
        TrackName(
            f"{n:064x}", f"/music/{n}//d800.mp3", rng.choice(NASTY).strip(),
            f"{rng.choice(NASTY).strip()}{n}", rng.choice(NASTY).strip(), round(rng.random(), 3),
        )
        for n in range(count)
    ]  # fmt: skip


def a_file(seed: int = 0, count: int = 200) -> RatingsFile:
    """Sliders of every kind; several ratings a second, some taken back."""
    rng = random.Random(seed)
    names = [name for name in NASTY if name.strip() and name == name.strip()]
    sliders = [
        NamedSlider(name, f"not {name}", name, rng.choice(NASTY).strip(), archived=n % 3 == 0)
        for n, name in enumerate(names)
    ]
    tracks = songs(rng, 20)
    ratings = [
        NamedRating(
            rng.choice(names[:-1]),
            rng.choice(tracks),
            rng.choice([None, rng.random(), *(n / 8 for n in range(9))]),
            1_700_000_000 + n // 3,
        )
        for n in range(count)
    ]
    return RatingsFile(sliders, ratings)


def as_json(file: RatingsFile) -> bytes:
    return "".join(to_json(file)).encode()


def as_csv(file: RatingsFile) -> bytes:
    return "".join(to_csv(file)).encode()


@pytest.mark.parametrize("seed", range(5))
def test_json_comes_back_as_it_was(seed: int) -> None:
    file = a_file(seed)
    assert json.loads(as_json(file))["version"] == 1
    assert read(as_json(file)) == file


@pytest.mark.parametrize("seed", range(5))
def test_csv_comes_back_as_it_was(seed: int) -> None:
    """But for the order of sliders, which it tells by their first ratings."""
    file = a_file(seed)
    back = read(as_csv(file))
    assert back.ratings == file.ratings
    assert sorted(back.sliders) == sorted(file.sliders)


def test_a_slider_keeps_its_colour_and_age_in_json() -> None:
    file = RatingsFile(
        [NamedSlider("calm", "restless", "calm", "", "#ff8800", False, 1_600_000_000)], []
    )
    assert read(as_json(file)) == file


def test_no_cell_is_a_formula() -> None:
    text = as_csv(a_file()).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_json_in_any_layout() -> None:
    file = a_file()
    pretty = json.dumps(json.loads(as_json(file)), indent=4)
    assert read(pretty.encode()) == file
    assert read(pretty.encode("utf-8-sig")) == file
    assert read(pretty.encode("utf-16")) == file


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("told", [False, True])
def test_csv_as_spreadsheets_save_it(separator: str, encoding: str, told: bool) -> None:
    file = a_file()
    rows = list(csv.reader(io.StringIO(as_csv(file).decode("utf-8-sig"), newline="")))
    out = io.StringIO()
    if told:
        out.write(f"sep={separator}\r\n")
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow([name.upper() for name in rows[0]])
    for row in rows[1:]:
        if separator == ";":
            row[3] = row[3].replace(".", ",")
        writer.writerow(row)
    assert read(out.getvalue().encode(encoding)).ratings == file.ratings


def test_a_small_table_by_hand_is_enough() -> None:
    text = "title;artist;slider;value;rated_at\nLow Tide;Coastal Static;calm;0,875;2026-05-01 18:04"
    file = read(text.encode())
    assert file.sliders == [NamedSlider("calm", "not calm", "calm")]
    (rating,) = file.ratings
    assert (rating.value, rating.rated_at) == (0.875, 1_777_658_640)
    assert rating.track == TrackName("", "", "Coastal Static", "Low Tide", "", 0.0)


def test_names_differ_by_more_than_case() -> None:
    text = "slider,value,rated_at,title\nCalm,1,2026-05-01,a\ncalm,0,2026-05-01,a"
    file = read(text.encode())
    assert [s.name for s in file.sliders] == ["Calm"]
    assert [r.slider for r in file.ratings] == ["Calm", "Calm"]


GOOD = {"slider": "calm", "track": {"title": "a"}, "value": 0.5, "rated_at": "2026-05-01T00:00:00Z"}


def document(**other: object) -> bytes:
    whole = {"format": "sliders-ratings", "version": 1, "sliders": [], "ratings": [GOOD], **other}
    return json.dumps(whole).encode()


def with_rating(**other: object) -> bytes:
    return document(ratings=[GOOD, {**GOOD, **other}])


BAD = {
    "empty": b"",
    "zeros": b"\0" * 1000,
    "no json": b"{ not json",
    "cut off": document()[:-9],
    "more after it": document() + b"{}",
    "a list": b"[1, 2]",
    "other json": b'{"name": "someone else"}',
    "other format": document(format="playlist"),
    "newer": document(version=2),
    "odd version": document(version="one"),
    "ratings no list": document(ratings={"a": 1}),
    "rating no object": document(ratings=[1]),
    "slider no object": document(sliders=["calm"]),
    "nameless slider": document(sliders=[{"name": " "}]),
    "endless name": document(sliders=[{"name": "a" * 201}]),
    "outside": with_rating(value=1.5),
    "below": with_rating(value=-0.01),
    "huge": with_rating(value=10**400),
    "text": with_rating(value="much"),
    "yes": with_rating(value=True),
    "no number": with_rating(value=float("nan")),
    "endless": with_rating(value=float("inf")),
    "no time": with_rating(rated_at=None),
    "no such time": with_rating(rated_at="yesterday"),
    "before time": with_rating(rated_at="1950-01-01T00:00:00Z"),
    "no track": with_rating(track={"album": "b"}),
    "track no object": with_rating(track="a"),
    "deep": b'{"format": "sliders-ratings", "version": 1, "ratings": [' + b"[" * 100_000,
    "csv of others": b"name,age\nx,3\n",
    "csv newer": b"slider,value,rated_at,title,version\ncalm,1,2026-05-01,a,2\n",
    "csv outside": b"slider,value,rated_at,title\ncalm,9,2026-05-01,a\n",
    "csv no number": b"slider,value,rated_at,title\ncalm,nan,2026-05-01,a\n",
    "csv short row": b"slider,value,rated_at,title\ncalm\n\n,1\n",
    "csv endless cell": b"slider,value,rated_at,title\ncalm,1,2026-05-01," + b"a" * 200_000,
    "latin": "slider,value,rated_at,title\nÉté,1,2026-05-01,a\n".encode("latin-1"),
    "half utf-16": b"\xff\xfea",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_files_are_refused_with_one_sentence(what: str) -> None:
    with pytest.raises(UserError) as caught:
        read(BAD[what])
    sentence = str(caught.value)
    assert sentence.endswith(("…", "."))
    assert len(sentence) < 160
    assert "\n" not in sentence


def test_the_good_ones_among_them_are_good() -> None:
    assert len(read(document()).ratings) == 1
    assert len(read(with_rating(value=None)).ratings) == 2


class Impatient:
    """Asks to stop at the second look."""

    def __init__(self) -> None:
        self.looks = 0
        self.seen: list[tuple[int, int]] = []

    def progress(self, done: int, total: int, text: str = "") -> None:
        self.seen.append((done, total))

    def check(self) -> None:
        self.looks += 1
        if self.looks > 1:
            raise Cancelled


@pytest.mark.parametrize("write", [as_json, as_csv])
def test_reading_can_be_stopped(write: object) -> None:
    job = Impatient()
    with pytest.raises(Cancelled):
        read(write(a_file(count=2000)), job)  # type: ignore[operator]
    assert 0 <= job.seen[0][0] < job.seen[0][1]
