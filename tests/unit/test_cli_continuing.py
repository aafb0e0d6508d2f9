"""`next`, `radio` and `journey` on the command line, on a library with made vectors."""

import json
from pathlib import Path

import numpy as np
import pytest
import songs

from sliders_desktop.cli import parser_for
from sliders_desktop.cli.continuing import run
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store

COUNT, DIM = 120, 16


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nobody writes to it; the slider calm is the first number of each vector."""
    home = tmp_path_factory.mktemp("continuing") / "home"
    with Store.open(Paths(home).database) as store:
        found = [
            FoundTrack(f"/m/{i}.mp3", 1, 1, f"{i:064x}", 180.0, f"Song {i}", f"Artist {i % 40}")
            for i in range(COUNT)
        ]
        store.save_found(store.add_folder("/m").id, found)
        x = np.random.default_rng(0).normal(size=(COUNT - 1, DIM)).astype(np.float32)
        x[:, 0] *= 3
        encoder_id = store.use_encoder("tiny", "tiny", DIM)
        ids = [row.id for row in store.rows()]
        store.save_embeddings(encoder_id, [(i, v, 1) for i, v in zip(ids, x, strict=False)])
        calm = store.create_slider("calm", "restless", "calm")
        store.create_slider("rainy night", "dry", "wet")
        for track, vector in zip(ids[:30], x, strict=False):
            store.rate(track, calm.id, float(vector[0] > 0))
    return home


def say(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(words[0], parser_for(words[0]).parse_args(words[1:]), Paths(home)) == 0
    return capsys.readouterr().out.strip()


def told(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(say(home, capsys, *words, "--json"))
    return found


def calm_of(home: Path, tracks: list[dict[str, object]]) -> list[float]:
    with Store.open(Paths(home).database) as store:
        encoder = store.serving_encoder()
        assert encoder is not None
        ids, x = store.vectors(encoder)
    return [float(x[np.searchsorted(ids, track["id"]), 0]) for track in tracks]


def test_next_says_what_fits_and_why(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = say(home, capsys, "next", "1", "2", "-n", "4").splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("  1. Artist ") or lines[0].startswith("1. Artist ")
    assert all("never heard" in line for line in lines)
    found = told(home, capsys, "next", "1", "--count", "5", "--slider", "calm=90")
    assert np.mean(calm_of(home, found)) > 1
    for track in found:
        shares = track["shares"]
        assert isinstance(shares, list)
        assert sum(s["amount"] for s in shares) == pytest.approx(track["score"], abs=1e-3)
        assert {s["kind"] for s in shares} == {"anchor", "slider"}
    away = told(home, capsys, "next", "1", "--minus", "2", "--near-far", "0")
    shares = [s for track in away for s in track["shares"]]  # type: ignore[attr-defined]
    assert {s["kind"] for s in shares} == {"anchor", "against"}


def test_knobs_and_seeds_are_heard(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def ids(*words: str) -> list[object]:
        return [track["id"] for track in told(home, capsys, "next", "1", "-n", "40", *words)]

    near = ids("--near-far", "0")
    assert ids("--near-far", "0") == near
    assert ids("--near-far", "0", "--seed", "3") != near
    assert ids("--near-far", "0", "--wander") != near
    with Store.open(Paths(home).database) as store:
        artists = [store.rows([int(str(i))])[0].artist for i in ids("--artist-gap", "39")]
    assert len(set(artists)) == 40


def test_a_radio_goes_on(home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lines = say(home, capsys, "radio", "1", "--count", "150").splitlines()
    assert len(lines) == 150  # of a library of 119
    heard = [line.split(" – ")[1].split("  (")[0] for line in lines]
    assert all(len(set(heard[i : i + 50])) == 50 for i in range(100))
    out = tmp_path / "radio.m3u8"
    assert "7 tracks" in say(home, capsys, "radio", "1", "--count", "7", "--m3u", str(out))
    written = [line for line in out.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(written) == 7


def test_a_radio_plays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each file is opened as its turn comes, and all are heard."""
    home = tmp_path / "home"
    with Store.open(Paths(home).database) as store:
        found = []
        for i in range(6):
            path = songs.write(tmp_path / f"{i}.wav", songs.tone(seconds=0.3))
            found.append(FoundTrack(str(path), 1, 1, f"{i:064x}", 0.3, f"Song {i}", f"Artist {i}"))
        store.save_found(store.add_folder(tmp_path).id, found)
        encoder_id = store.use_encoder("tiny", "tiny", 6)
        vectors = np.eye(6, dtype=np.float32)
        store.save_embeddings(
            encoder_id, [(row.id, v, 1) for row, v in zip(store.rows(), vectors, strict=True)]
        )
    args = parser_for("radio").parse_args(["1", "--play", "--count", "3", "--sink", "null"])
    assert run("radio", args, Paths(home)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["1 of 3", "2 of 3", "3 of 3"]
    assert all("only fragments are left" in line for line in lines)


def test_a_journey_has_its_ends_its_time_and_its_slider(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(home, capsys, "journey", "1", "2", "--minutes", "30")
    assert (found[0]["id"], found[-1]["id"], len(found)) == (1, 2, 10)
    words = ("--slider", "calm", "--from", "10", "--to", "90", "--minutes", "45")
    calm = calm_of(home, told(home, capsys, "journey", "1", "2", *words)[1:-1])
    assert np.corrcoef(calm, np.arange(len(calm)))[0, 1] > 0.7


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["next"], "Name a track to set out from"),
        (["next", "1", "--count", "0"], "at least 1"),
        (["next", "nowhere to be found"], "No track matches"),
        (["next", "120"], "“Song 119” has not been listened to yet"),
        (["next", "1", "--slider", "calm"], "not of the form NAME=80"),
        (["next", "1", "--slider", "calm=180"], "not of the form NAME=80"),
        (["next", "1", "--slider", "rainy night=80"], "not lit yet"),
        (["next", "1", "--near-far", "2"], "goes from 0 to 1"),
        (["next", "1", "--artist-gap", "2"], "goes from 4 to 50"),
        (["radio", "1", "--m3u", "x.m3u8"], "has no end"),
        (["radio", "1", "--count", "2", "--play", "--m3u", "x.m3u8"], "choose one of them"),
        (["journey", "1", "1"], "two different tracks"),
        (["journey", "1", "120"], "has not been listened to yet"),
        (["journey", "1", "2", "--minutes", "-3"], "between one minute and a day"),
        (["journey", "1", "2", "--minutes", "900"], "only music for"),
        (["journey", "1", "2", "--from", "20"], "go with --slider"),
        (["journey", "1", "2", "--slider", "calm"], "--from 20 --to 80"),
        (["journey", "1", "2", "--slider", "calm", "--from", "20", "--to", "200"], "0 to 100"),
    ],
)
def test_bad_input_gets_one_sentence(home: Path, words: list[str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as raised:
        run(words[0], parser_for(words[0]).parse_args(words[1:]), Paths(home))
    assert "\n" not in str(raised.value)


def test_an_empty_library_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No track matches"):
        run("next", parser_for("next").parse_args(["1"]), Paths(tmp_path / "home"))
