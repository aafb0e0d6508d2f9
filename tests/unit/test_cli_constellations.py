"""`constellations`, `forget-listening` and what `doctor` says of them, on the command line."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from sliders_desktop.cli import constellations, doctor, forgetting, parser_for
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError
from sliders_desktop.library.records import Constellation, FoundTrack, Play, Star
from sliders_desktop.library.store import Store

COUNT, DIM = 40, 8


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    with Store.open(Paths(home).database) as store:
        found = [
            FoundTrack(f"/m/{n}.mp3", 1, 1, f"{n}", 90.0, f"Song {n}", f"Artist {n % 20}")
            for n in range(COUNT)
        ]
        store.save_found(store.add_folder("/m").id, found)
        x = np.random.default_rng(0).normal(size=(COUNT - 1, DIM)).astype(np.float32)
        encoder = store.use_encoder("tiny", "tiny", DIM)
        store.save_embeddings(encoder, [(i, v, 1) for i, v in enumerate(x, 1)])
        store.create_constellation(Constellation(0, "Cold front", (Star(3), Star(5, -0.5))))
        store.create_constellation(Constellation(0, "Unheard", (Star(COUNT),)))
        for at in range(3):
            store.save_play(Play(1, 1000 + at, 60.0, "finished", "user"))
    return home


def do(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    args = parser_for("constellations").parse_args(list(words))
    try:
        code, why = constellations.run("constellations", args, Paths(home)), ""
    except UserError as error:  # which the program's own main shows so
        code, why = 2, str(error)
    return code, capsys.readouterr().out + why


def test_they_are_listed_and_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = do(home, capsys)
    assert (code, [line.split() for line in said.splitlines()]) == (
        0, [["Cold", "front", "2", "1", "lead", "away"], ["Unheard", "1"]],
    )  # fmt: skip
    assert [one["stars"] for one in json.loads(do(home, capsys, "--json")[1])] == [2, 1]

    shown = do(home, capsys, "cold FRONT")[1].splitlines()
    assert shown[:3] == ["   +1  Artist 2 – Song 2", " -0.5  Artist 4 – Song 4", ""]
    assert len(shown) == 3 + 20
    assert shown[3].startswith("   1. Artist ")
    told = json.loads(do(home, capsys, "Cold front", "--json")[1])
    assert [star["weight"] for star in told["stars"]] == [1.0, -0.5]
    assert len({3, 5} | {pick["id"] for pick in told["follows"]}) == 22
    assert "not been listened to yet" in do(home, capsys, "Unheard")[1]


def test_one_is_written(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    follows = json.loads(do(home, capsys, "Cold front", "--json")[1])["follows"]
    file = tmp_path / "out.m3u8"
    assert do(home, capsys, "Cold front", "--m3u", str(file), "--absolute") == (
        0, "21 tracks written to out.m3u8.\n",
    )  # fmt: skip
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines == [f"/m/{i - 1}.mp3" for i in [3, *(pick["id"] for pick in follows)]]


def test_what_cannot_be(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert do(home, capsys, "Warm") == (
        2, "There is no constellation “Warm”. Constellations: Cold front, Unheard.",
    )  # fmt: skip
    assert do(home, capsys, "--m3u", "x.m3u8")[0] == 2
    assert do(home, capsys, "Unheard", "--m3u", str(tmp_path / "x.m3u8"))[0] == 2
    empty = tmp_path / "empty"
    assert do(empty, capsys)[1].startswith("No constellations yet")
    with Store.open(Paths(empty).database) as store:
        store.create_constellation(Constellation(0, "Bare"))
    assert do(empty, capsys, "Bare") == (
        0,
        "\nNothing has been listened to yet: run embed first.\n",
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def forget(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    args = parser_for("forget-listening").parse_args(list(words))
    code = forgetting.run("forget-listening", args, Paths(home))
    return code, capsys.readouterr().out


def test_forgetting_asks_first(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match="--yes"):
        forget(home, capsys)
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    code, said = forget(home, capsys)
    assert code == 1
    assert said.endswith("Nothing was forgotten.\n")
    with Store.open(Paths(home).database) as store:
        assert len(store.all_plays()) == 3

    own = Paths(home).own_recommender
    own.parent.mkdir(parents=True)
    own.write_bytes(b"what was learned")
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    assert "Forget 3 plays" in forget(home, capsys)[1]
    with Store.open(Paths(home).database) as store:
        assert store.all_plays() == []
        assert len(store.constellations()) == 2
    assert not own.exists()
    assert forget(home, capsys, "--yes")[1].startswith("Forgotten: 0 plays,")


def test_doctor_says_how_it_stands(home: Path) -> None:
    with Store.open(Paths(home).database) as store:
        said = doctor._recommender(store, Paths(home))
        assert said.endswith("the centroid serves; no round of learning yet")
        told = {"at": 1_700_000_000, "plays": 340, "playlists": 12, "better": True, "lists": ""}
        store.set_setting("state.recommender", told)
        said = doctor._recommender(store, Paths(home))
        assert "; last round 2023-11-1" in said
        assert said.endswith("from 340 plays, 12 playlists: better")
        store.set_setting("state.recommender", {"at": "then"})
        assert doctor._recommender(store, Paths(home)).endswith("no round of learning yet")
