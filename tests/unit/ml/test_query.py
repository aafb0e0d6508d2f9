"""The states of the recommender, and the file that what it learned lies in."""

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from sliders_desktop.errors import ModelMismatch
from sliders_desktop.ml.closed_forms import closed_form
from sliders_desktop.ml.query import FORMAT, Figures, Query, may_move, state_of

GOOD = Figures(centroid=0.40, queries=0.43, low=0.01, high=0.05, plateau=True)
MOVED = replace(GOOD, before_moving=0.43, moved=0.44, overlap=0.8)


@pytest.fixture
def query():
    rng = np.random.default_rng(0)
    metric = (np.eye(16) + rng.normal(size=(16, 16)) / 8).astype(np.float32)
    gains = np.array([0, 0.5, 1, 1, 1, 1], np.float32)
    return Query("ears", metric, gains, 0.7, GOOD)


@pytest.mark.parametrize(
    ("figures", "state"),
    [
        (Figures(), "listening"),
        (replace(GOOD, queries=0.419), "listening"),  # less than 5 % ahead
        (replace(GOOD, low=-0.001), "listening"),  # the interval holds 0
        (replace(GOOD, plateau=False), "listening"),  # still learning
        (GOOD, "queries good"),
        (replace(MOVED, moved=0.433), "queries good"),  # not worth it: refused
        (replace(MOVED, moved=0.35), "queries good"),
        (replace(MOVED, overlap=0.59), "queries good"),  # neighbours lost: refused
        (MOVED, "moving"),
        (replace(MOVED, low=-0.001), "listening"),  # never without good queries
    ],
)
def test_states(figures, state):
    assert state_of(figures) == state
    assert may_move(figures) == (state != "listening")


def test_a_file_gives_back_what_was_saved(query, tmp_path):
    path = tmp_path / "deep" / "recommender.safetensors"
    rng = np.random.default_rng(1)
    u, v = rng.normal(size=(2, 16, 4)).astype(np.float32)
    held = rng.normal(size=(16, 3)).astype(np.float32)
    whole = replace(query, u=u, v=v, figures=MOVED, most=3, crowd=0.6, hold=0.003, held=held)
    whole.save(path)
    read = Query.load(path, "ears")

    np.testing.assert_allclose(read.metric, query.metric, atol=1e-3)
    np.testing.assert_array_equal(read.gains, query.gains)
    np.testing.assert_allclose(read.u, u, atol=5e-3)
    np.testing.assert_allclose(read.held, held, atol=5e-3)
    assert read.fade == pytest.approx(0.7, abs=1e-3)
    assert (read.most, read.crowd) == (3, pytest.approx(0.6, abs=1e-3))
    assert read.hold == pytest.approx(0.003, abs=1e-4)
    assert read.figures == MOVED
    assert read.state == "moving"
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    with safe_open(path, "numpy") as file:
        assert json.loads(file.metadata()["about"])["state"] == "moving"


def test_the_centroid_comes_back_as_the_centroid(tmp_path):
    path = tmp_path / "r.safetensors"
    Query("ears", np.eye(8, dtype=np.float32), np.zeros(6, np.float32), 0.0).save(path)
    read = Query.load(path, "ears")
    unit = np.eye(8, dtype=np.float32)[:3]

    np.testing.assert_array_equal(read.metric, np.eye(8))
    np.testing.assert_allclose(read.of(unit, [1.0] * 3), [3**-0.5] * 3 + [0] * 5, atol=1e-6)
    assert read.project(unit) is unit


def test_another_encoders_file_is_refused(query, tmp_path):
    query.save(tmp_path / "r.safetensors")

    with pytest.raises(ModelMismatch, match="another encoder"):
        Query.load(tmp_path / "r.safetensors", "other ears")


def test_broken_files_are_refused(query, tmp_path):
    path = tmp_path / "r.safetensors"
    with pytest.raises(ModelMismatch):
        Query.load(path, "ears")
    for data in (b"", b"nonsense" * 50):
        path.write_bytes(data)
        with pytest.raises(ModelMismatch):
            Query.load(path, "ears")
    query.save(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelMismatch):
        Query.load(path, "ears")
    broken = query.metric.copy()
    broken[3, 3] = np.nan
    replace(query, metric=broken).save(path)
    with pytest.raises(ModelMismatch, match="damaged"):
        Query.load(path, "ears")
    shapes = {"metric": np.ones(5), "gains": np.ones(6), "settings": np.ones(4)}
    head = {"format": FORMAT, "encoder": "ears", "figures": {}}
    for header in ({}, {"format": "other/1"}, head, {**head, "figures": [1]}, [1], "sound"):
        save_file(shapes, path, {"about": json.dumps(header)})
        with pytest.raises(ModelMismatch):
            Query.load(path, "ears")


def test_what_differs_within_lists_says_little():
    within = closed_form(np.diag(np.arange(1, 17)).astype(np.float32))

    assert within[15, 15] < within[1, 1]
    assert np.trace(within) == pytest.approx(16, rel=1e-3)
    flat = closed_form(np.eye(16, dtype=np.float32))
    np.testing.assert_allclose(flat, np.eye(16), atol=1e-6)
