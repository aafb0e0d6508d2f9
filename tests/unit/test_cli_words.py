"""`sliders` and `ratings` on the command line."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sliders_desktop.cli import parser_for
from sliders_desktop.cli.words import run
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two tracks, two sliders: calm rated on both, rainy night on the second."""
    home = tmp_path / "home"
    with Store.open(Paths(home).database) as store:
        found = [FoundTrack(f"/m/{n}.mp3", 1, 1, f"{n}", 9.0, f"Song {n}", "A") for n in "ab"]
        store.save_found(store.add_folder("/m").id, found)
        calm = store.create_slider("calm", "restless", "calm")
        rainy = store.create_slider("rainy night", "dry", "wet")
        store.rate_all(calm.id, [(1, 0.0), (2, 0.125)])
        store.rate(2, rainy.id, 0.5)
    return home


@pytest.fixture(autouse=True)
def _interrupts() -> Iterator[None]:
    """A command takes Ctrl+C for itself; afterwards it is pytest's again."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def do(home: Path, command: str, *words: str) -> int:
    return run(command, parser_for(command).parse_args(words), Paths(home))


def say(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert do(home, *words) == 0
    return capsys.readouterr().out.strip()


def listed(home: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[int, str]]:
    out = json.loads(say(home, capsys, "sliders", "--all", "--json"))
    return {slider["name"]: (slider["ratings"], slider["state"]) for slider in out}


def test_a_word_is_led_through_its_life(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert say(home, capsys, "sliders", "--rename", "CALM", "still") == "calm is called still now."
    assert say(home, capsys, "sliders", "--merge", "still", "rainy night", "--turned") == (
        "1 ratings of still count on rainy night now. "
        "1 tracks are rated on both: rainy night's ratings stay."
    )
    assert listed(home, capsys) == {"rainy night": (2, "new"), "still": (2, "put away")}
    assert say(home, capsys, "sliders", "--bring-back", "still") == "still is back."
    say(home, capsys, "sliders", "--archive", "rainy night")
    assert "for 30 days" in say(home, capsys, "sliders", "--delete", "still")
    assert listed(home, capsys) == {"rainy night": (2, "put away"), "still": (2, "deleted")}
    assert say(home, capsys, "sliders").startswith("No sliders yet")
    with Store.open(Paths(home).database) as store:
        (rainy,) = store.archived_sliders()
        assert {r.track_id: r.value for r in store.ratings(rainy.id)} == {1: 1.0, 2: 0.5}


def test_ratings_go_out_and_in(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, left = home / "r.csv", home / "left.json"
    said = say(home, capsys, "ratings", "--export", str(file))
    assert said == "3 ratings on 2 sliders are in r.csv."
    assert "Nothing new" in say(home, capsys, "ratings", "--import", str(file))
    with file.open("a", encoding="utf-8") as more:
        more.write("calm,,,1,2026-05-01,Elsewhere\n")
    words = ("ratings", "--import", str(file), "--left-out", str(left))
    assert say(home, capsys, *words).splitlines() == [
        "0 ratings added. 3 ratings were here already. 1 rating of 1 track that this library "
        "does not have was left out.",
        "1 rating on 1 slider is in left.json.",
    ]
    lines = say(home, capsys, "ratings").splitlines()
    assert len(lines) == 3
    assert any("calm" in line and "0.125" in line and "A – Song b" in line for line in lines)


@pytest.mark.parametrize(
    "words",
    [
        ("sliders", "--rename", "nobody", "x"),
        ("sliders", "--rename", "calm", "Rainy Night"),
        ("sliders", "--merge", "calm", "CALM"),
        ("sliders", "--bring-back", "calm"),
        ("ratings", "--import", "/nowhere/r.json"),
        ("ratings", "--left-out", "x.json"),
    ],
)
def test_mistakes_are_one_sentence(home: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(UserError) as caught:
        do(home, *words)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
