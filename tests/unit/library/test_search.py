"""Words as people type them, and texts that nobody should type."""

import random
from pathlib import Path

import pytest

from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store

TRACKS = [
    ("Für Elise", "Beethoven", "Bagatelles", "Classical"),
    ("Thunderstruck", "AC/DC", "The Razors Edge", "Hard Rock"),
    ("Déjà Vu", "Beyoncé", "B’Day", "R&B"),
    ("Heart Is a Drum Machine", "!!!", "Shake", "Dance"),
    ("÷", "Ed", "★", ""),
    ("夜に駆ける", "YOASOBI", "THE BOOK", "J-Pop"),
    ("1999", "Prince", "1999", "Funk"),
    ('"Heroes"', "David Bowie", "Heroes", "Rock"),
]


@pytest.fixture
def library(store: Store) -> Store:
    folder = store.add_folder("/music")
    store.save_found(
        folder.id,
        [
            FoundTrack(f"/music/{n}.mp3", n, n, str(n), 1.0, title, artist, album, genre=genre)
            for n, (title, artist, album, genre) in enumerate(TRACKS)
        ],
    )
    return store


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fur", [1]),
        ("FÜR eli", [1]),
        ("eli beet", [1]),
        ("elise thunder", []),
        ("lise", []),
        ("ac/dc", [2]),
        ("ac dc razors", [2]),
        ("deja beyonce", [3]),
        ("b'day", [3]),
        ("r&b", [3]),
        ("!!!", [4]),
        ("!!! heart", [4]),
        ("÷", [5]),
        ("★", [5]),
        ("夜に", [6]),
        ("j-pop book", [6]),
        ("heroes", [8]),
        ('"heroes"', [8]),
        ("rock", [2, 8]),
        ("🎸", []),
        ("", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("  \t", [1, 2, 3, 4, 5, 6, 7, 8]),
    ],
)
def test_every_word_is_a_beginning_in_any_order(
    library: Store, text: str, found: list[int]
) -> None:
    ids = library.search(text)

    assert ids.tolist() == found
    assert ids.dtype.name == "int64"


@pytest.mark.parametrize(
    "text",
    [
        *('"', '""', '"""', "'", "*", "a*", "^a", "(", ")", "a:b", "title:a", "-a", "{a b}", "+"),
        *("AND", "OR", "NOT", "NEAR(a b, 2)", "a AND", "OR OR", "a OR", ";", "--", "%", "_", "\\"),
        *(
            "\0",
            "a\0b",
            "\ud800",
            "\udcff",
            "\u200b",
            "e\u0301",
            "🎵 ★ a",
            "a " * 5000,
            "! " * 99,
            "a ! " * 99,
            '! a " ' * 99,
            "x" * 100_000,
        ),
    ],
)
def test_odd_input_finds_something_or_nothing(library: Store, text: str) -> None:
    library.search(text)
    library.resolve(text)


def test_random_input_never_raises(library: Store) -> None:
    rng = random.Random(0)
    signs = "\"'*()^:+-{}[]!÷ aA1\0\ud83c\u0301夜NOT AND OR"
    for _ in range(300):
        library.search("".join(rng.choices(signs, k=rng.randrange(12))))


def test_the_index_follows_every_change(library: Store) -> None:
    folder = library.folders()[0]

    library.save_found(folder.id, [FoundTrack("/music/0.mp3", 9, 9, "0", 1.0, "Renamed")])

    assert library.search("elise").tolist() == []
    assert library.search("renamed").tolist() == [1]
    assert library.search("beethoven").tolist() == []
    library._db.one("INSERT INTO tracks_search(tracks_search, rank) VALUES ('integrity-check', 1)")


def test_somebody_means_an_id_a_path_or_words(library: Store) -> None:
    assert library.resolve("3") == [3]
    assert library.resolve("1999") == [7]  # no such id
    assert library.resolve(str(Path("/music/0.mp3"))) == [1]
    assert library.resolve("rock") == [2, 8]
    assert library.resolve("nothing like it") == []
    assert library.resolve("  ") == []
    assert library.resolve("9" * 30) == []
