"""Which tracks a rule finds, each condition against the plain meaning of its words."""

import numpy as np
import pytest

from sliders_desktop.library.matching import Found, aligned, among, columns, find
from sliders_desktop.library.query import DAY_S, Condition, parse
from sliders_desktop.library.records import TrackRow

NOW = 2_000_000_000
NAMES = {"calm": 1, "dark": 2}
#: id: year, genre, seconds, added days ago, plays, last heard days ago, percentile
TRACKS = {
    1: (1987, "Post-Punk", 200, 400, 0, None, 0.1),
    2: (1994, "Drum & Bass", 301, 10, 1, 200, 0.5),
    5: (1999, "Électronique", 299, 29, 4, 20, 0.8),
    7: (2003, "Folk", 3600, 500, 9, 3, 0.81),
    9: (0, "", 10, 1, 3, 190, None),
}


class Known:
    """Percentiles of calm; dark is dark."""

    def percentiles(self, condition: Condition) -> "np.ndarray | str":
        if condition.slider_id != 1:
            return "dark is not lit yet."
        values = [np.nan if t[6] is None else t[6] for t in TRACKS.values()]
        return np.array(values, np.float32)

    def rated(self, slider_id: int | None) -> np.ndarray:
        return np.array({1: [7, 2, 4711], 2: [9], None: [2, 7, 9]}[slider_id], np.int64)

    def search(self, words: str) -> np.ndarray:
        return np.array({"some": [2, 9], "I <3": [5]}.get(words, []), np.int64)


ROWS = [
    TrackRow(
        i, f"track {i}", "", "", year, genre, seconds, NOW - added * DAY_S, plays,
        0 if heard is None else NOW - heard * DAY_S, f"/music/{i}.flac", False, "",
    )
    for i, (year, genre, seconds, added, plays, heard, _) in TRACKS.items()
]  # fmt: skip


def found(text: str) -> Found:
    return find(parse(text, NAMES), columns(ROWS), Known(), NOW)


def ids(text: str) -> list[int]:
    return columns(ROWS).ids[found(text).hit].tolist()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", [1, 2, 5, 7, 9]),
        ("some", [2, 9]),
        ("calm ≥ 80", [5, 7]),
        ("calm > 80", [7]),
        ("calm 50–80", [2, 5]),
        ("calm = 81", [7]),
        ("not calm ≥ 80", [1, 2]),  # of 9 nothing is known
        ("calm ≥", [1, 2, 5, 7, 9]),
        ("not heard for 6 months", [1, 2, 9]),
        ("heard in the last month", [5, 7]),
        ("heard more than 6 months ago", [2, 9]),
        ("never heard", [1]),
        ("heard more than 3 times", [5, 7]),
        ("heard 3 times", [9]),
        ("plays ≤ 1", [1, 2]),
        ("added in the last month", [2, 5, 9]),
        ("year ≥ 1999", [5, 7]),
        ("year 1990s", [2, 5]),
        ("year < 1990", [1]),  # an unknown year is not an early one
        ("not year 1990–1999", [1, 7]),
        ("longer than 5 min", [2, 7]),
        ("shorter than 5 min", [1, 5, 9]),
        ("genre drum and bass", [2]),
        ("genre DRUM", [2]),
        ("genre electro", [5]),
        ("genre punk", [1]),
        ("genre unk", []),
        ("not genre folk", [1, 2, 5]),
        ("rated", [2, 7, 9]),
        ("rated on calm", [2, 7]),
        ("not rated on calm", [1, 5, 9]),
        ("some, calm ≤ 50 and not heard for 6 months", [2]),
        ("I <3", [5]),
    ],
)
def test_what_is_found(text: str, wanted: list[int]) -> None:
    assert ids(text) == wanted
    assert found(text).sentence == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("dark ≥ 80, some", "dark is not lit yet."),
        ("not dark ≥ 80", "dark is not lit yet."),
        ("wet evening ≥ 80", "There is no slider called “wet evening”."),
        ("calm ≥ 800", "calm goes from 0 to 100."),
    ],
)
def test_what_can_not_be_meant_says_so_and_finds_nothing(text: str, sentence: str) -> None:
    assert found(text).sentence == sentence
    assert not found(text).hit.any()


def test_a_library_without_tracks() -> None:
    for text in ("genre folk", "calm ≥ 80", "some", "year 1990s", ""):
        facts = Known()
        facts.percentiles = lambda condition: np.empty(0, np.float32)  # type: ignore[method-assign]
        assert find(parse(text, NAMES), columns([]), facts, NOW).hit.shape == (0,)


def test_another_play_is_taken_over() -> None:
    table = columns(ROWS)
    table.take(0, ROWS[0]._replace(plays=1, last_played_at=NOW))
    assert not find(parse("never heard", {}), table, Known(), NOW).hit.any()


def test_aligning_and_belonging_against_sets() -> None:
    rng = np.random.default_rng(0)
    for n, m in [(0, 3), (3, 0), (5, 5), (40, 25), (25, 40)]:
        all_ids = np.sort(rng.choice(60, n, replace=False)).astype(np.int64)
        some = np.sort(rng.choice(60, m, replace=False)).astype(np.int64)
        values = rng.random(m).astype(np.float32)
        known = dict(zip(some.tolist(), values.tolist(), strict=True))
        wanted = [known.get(i, np.nan) for i in all_ids.tolist()]
        np.testing.assert_array_equal(aligned(all_ids, some, values), np.float32(wanted))
        assert among(all_ids, rng.permutation(some)).tolist() == [i in known for i in all_ids]
