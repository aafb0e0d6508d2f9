"""Music is listened to and measured: the command that finds in which directions it differs."""

from pathlib import Path

import numpy as np
import pytest
import songs
from safetensors.numpy import load_file

from sliders_desktop import tasks
from sliders_desktop.cli import main
from sliders_desktop.errors import UserError
from sliders_desktop.ml.audible import PROPERTIES
from sliders_desktop.ml.encoder import Encoder, EncoderConfig
from sliders_desktop.ml.query import Query

SECONDS = 6.0


@pytest.fixture
def weights(home: Path) -> Path:
    """A small encoder, where the program looks for the listener's own."""
    path = home / "models" / "encoder.safetensors"
    path.parent.mkdir(parents=True)
    Encoder.random(0, EncoderConfig(layers=1)).save(path)
    return path


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for title in songs.TITLES[:3]:
        songs.write(folder / f"{title}.wav", songs.song(title, SECONDS))
    songs.write(folder / "hiss.wav", songs.noise(SECONDS, seed=1))
    songs.text(folder / "list.mp3")
    return folder


def test_music_is_measured_beside_its_vectors(weights: Path, music: Path) -> None:
    found = tasks.audible(music, weights, "cpu")

    names = [Path(path).stem for path in found.paths]
    assert sorted(names) == sorted([*songs.TITLES[:3], "hiss"])
    measured = dict(zip(PROPERTIES, found.properties[names.index("hiss")], strict=True))
    others = found.properties[[n != "hiss" for n in names]]
    assert measured["noise"] > others[:, PROPERTIES.index("noise")].max()
    assert found.vectors.shape == (4, 512)
    assert found.directions.shape == (512, len(PROPERTIES))
    assert not found.directions[400:].any()  # of the fixed path's places only


def test_the_command_writes_directions_and_what_was_measured(
    weights: Path, music: Path, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out, measured = tmp_path / "d.safetensors", tmp_path / "m.npz"

    words = ["audible", str(music), "--out", str(out), "--measured", str(measured)]
    assert main([*words, "--device", "cpu", "--home", str(home)]) == 0

    assert "7 directions of 4 tracks" in capfd.readouterr().out
    assert load_file(out)["directions"].shape == (512, 7)
    with np.load(measured, allow_pickle=False) as kept:
        assert kept["vectors"].shape == (4, 512)
        assert kept["properties"].shape == (4, 7)
        assert kept["mfcc"].shape == (4, 60)
        assert len(str(kept["model"])) == 64
        assert len(kept["paths"]) == 4


def test_one_track_shows_no_direction(weights: Path, tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    songs.write(folder / "only.wav", songs.song(songs.TITLES[0], SECONDS))

    with pytest.raises(UserError, match="fewer than two tracks"):
        tasks.audible(folder, weights, "cpu")


def test_what_was_measured_makes_a_recommender(
    weights: Path,
    home: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same file under the same seed; groups by label, else by folder."""
    monkeypatch.setattr("sliders_desktop.tasks.measuring.ROUNDS", 1)
    monkeypatch.setattr("sliders_desktop.ml.closed_forms.CHOOSERS", 20)
    rng = np.random.default_rng(0)
    names = [f"{i // 5}/{i:03}.opus" for i in range(60)]
    vectors = np.repeat(rng.normal(size=(12, 16)), 5, axis=0) + rng.normal(size=(60, 16))
    about = {"properties": rng.normal(size=(60, 7)), "model": np.array("ears")}
    np.savez(tmp_path / "m.npz", paths=names, vectors=vectors.astype(np.float32), **about)
    labels = tmp_path / "l.csv"
    rows = [f"music/{name},{name.split('/')[0]},artist {i // 10}" for i, name in enumerate(names)]
    labels.write_text("\n".join(["file,group,artist", *rows]), "utf-8")

    outs = [tmp_path / f"{i}.safetensors" for i in range(2)]
    for out in outs:
        words = ["train-recommender", str(tmp_path / "m.npz"), "--labels", str(labels)]
        assert main([*words, "--out", str(out), "--home", str(home)]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert "the centroid's" in capfd.readouterr().out
    query = Query.load(outs[0], "ears")
    assert query.figures.centroid > 0
    assert query.held is not None
    assert query.held.shape == (16, 7)

    labels.write_text("not a table", "utf-8")
    for folder, table in ((tmp_path / "m.npz", labels), (labels, None), (tmp_path / "no", None)):
        words = ["train-recommender", str(folder), "--out", str(tmp_path / "x.safetensors")]
        words += [] if table is None else ["--labels", str(table)]
        assert main([*words, "--home", str(home)]) == 2
    assert not (tmp_path / "x.safetensors").exists()
