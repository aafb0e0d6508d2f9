"""The program as a process: it opens, is used once, and closes; bad input gets one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf


def run(*words: str, timeout_s: float = 60) -> "subprocess.CompletedProcess[str]":
    environment = {k: v for k, v in os.environ.items() if k != "QT_QPA_PLATFORM"}
    if not environment.get("DISPLAY") and sys.platform.startswith("linux"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    return subprocess.run(
        [sys.executable, "-m", "sliders_desktop", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        cwd=Path(__file__).parent.parent.parent,
    )


def test_smoke(tmp_path: Path) -> None:
    """Window, a second of sound, a track listened to, a map, a rating; nothing unexpected said."""
    sound = tmp_path / "heard.wav"

    done = run("--temp-home", "--demo", "--sink", f"wav:{sound}", "--smoke-test", timeout_s=200)

    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    noise = [line for line in done.stderr.splitlines() if "propagateSizeHints" not in line]
    assert noise == []
    wave, rate = sf.read(sound)
    assert len(wave) >= rate
    assert np.abs(wave).max() > 0.05


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["scan", "nowhere-at-all"], "There is no folder"),
        (["nowhere-at-all"], "There is no folder"),
        (["rate", "1", "calm", "0.5"], "There is no slider “calm”"),
        (["next", "7"], "No track matches “7”"),
        (["play", "no such song"], "No track matches"),
        (["map"], "run embed first"),
        (["vectors", ".github", "--out", "x.npz"], "There is no music below"),
        (["next", "1", "--slider", "calm"], "not of the form NAME=80"),
        (["sliders", "--new", " "], "A slider needs a name"),
        (["export", "calm", "calm.slider"], "There is no slider “calm”"),
        (["import", "README.md"], "This is no shared slider"),
        (["gone.slider"], "There is no file"),
        (["--sink", "trumpet", "play", "README.md"], "“trumpet” is no sound output"),
    ],
)
def test_bad_input_is_one_sentence(words: list[str], sentence: str) -> None:
    done = run(*words)

    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_doctor_and_help() -> None:
    said = run("doctor").stdout
    assert "torch" in said
    assert "encoder" in said
    for command in ("scan", "vectors", "train", "evaluate", "next", "export", "import"):
        assert command in run("--help").stdout
