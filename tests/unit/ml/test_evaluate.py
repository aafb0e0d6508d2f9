"""The measures against brute force and against cases whose answer is known."""

import json

import numpy as np
import pytest
import torch

from sliders_desktop.ml.baselines import baselines, within_track_whitening
from sliders_desktop.ml.encoder import Encoder, EncoderConfig
from sliders_desktop.ml.evaluate import (
    Labels,
    TrackVectors,
    as_json,
    average_precisions,
    bootstrap,
    evaluate,
    segment_hits,
    style_probe,
    table,
)
from sliders_desktop.ml.health import dials, iso_score

RNG = np.random.default_rng(0)


def album_like(tracks: int = 60, groups: int = 12, d: int = 20, s: int = 12) -> tuple:
    """Segments around tracks around groups around three styles."""
    rng = np.random.default_rng(3)
    group = np.arange(tracks) % groups
    styles = rng.normal(0, 2, (3, d))
    centre = styles[np.arange(groups) % 3] + rng.normal(0, 1, (groups, d))
    track = centre[group] + rng.normal(0, 0.5, (tracks, d))
    segments = [(t + rng.normal(0, 0.7, (s, d))).astype(np.float32) for t in track]
    names = [f"g{k}" + ("-midi" if k % 4 == 0 else "") for k in group]
    return TrackVectors.of(segments), Labels(names, [f"s{k % 3}" for k in group])


def test_average_precision_against_a_loop() -> None:
    x = RNG.normal(size=(40, 6)).astype(np.float32)
    groups = np.array([f"g{k}" for k in RNG.integers(8, size=39)] + ["alone"])
    centred = x - x.mean(0)
    got = average_precisions(x, groups)
    for i in range(40):
        others = [j for j in range(40) if j != i]
        cosine = {
            j: centred[i] @ centred[j] / np.linalg.norm(centred[i]) / np.linalg.norm(centred[j])
            for j in others
        }
        found, precisions = 0, []
        for place, j in enumerate(sorted(others, key=lambda j: -cosine[j]), 1):
            if groups[j] == groups[i]:
                found += 1
                precisions.append(found / place)
        if precisions:
            assert got[i] == pytest.approx(np.mean(precisions))
        else:
            assert np.isnan(got[i])
    assert np.isnan(got[-1])


def test_segments_find_their_track_only_by_likeness_never_by_identity() -> None:
    vectors, _ = album_like()
    assert np.nanmean(segment_hits(vectors)) > 0.8
    noise = TrackVectors.of([RNG.normal(size=(12, 20)).astype(np.float32) for _ in range(60)])
    # The query is part of its own track's mean, but that mean is made without it.
    assert np.nanmean(segment_hits(noise)) < 0.1
    short = TrackVectors.of([np.ones((3, 4), np.float32), np.zeros((12, 4), np.float32)])
    assert np.isnan(segment_hits(short)[0])


@pytest.mark.parametrize("kind", ["linear", "kNN"])
def test_the_probe_knows_styles_it_can_know(kind: str) -> None:
    vectors, labels = album_like()
    groups, styles = np.array(labels.groups), np.array(labels.styles)
    right, weight = style_probe(vectors.tracks, styles, groups, kind, seeds=2)
    assert (right * weight).sum() / weight.sum() > 0.8
    styles = np.where(groups == "g1", "once", styles)  # a style of one group cannot be learned
    _, weight = style_probe(vectors.tracks, styles, groups, kind, seeds=1)
    assert (weight[groups == "g1"] == 0).all()
    by_style = [weight[styles == s].sum() for s in ("s0", "s1", "s2")]
    np.testing.assert_allclose(by_style, 1)
    assert len(style_probe(vectors.tracks, np.full(60, "same"), groups, kind, 1)[0]) == 0


def test_dials_of_known_clouds() -> None:
    cloud = RNG.normal(size=(4000, 8))
    good = dials(cloud)
    assert good["effective rank"] == pytest.approx(8, rel=0.01)
    assert good["std"] == pytest.approx(1, rel=0.05)
    assert abs(good["mean cosine"]) < 0.05
    assert dials(cloud + 5)["mean cosine"] > 0.9
    assert dials(cloud * 1e-3)["std"] < 2e-3
    assert dials(cloud @ np.ones((8, 1)) @ np.ones((1, 8)))["effective rank"] < 1.01


def test_iso_score_at_its_ends() -> None:
    cloud = RNG.normal(size=(20_000, 6))
    assert iso_score(cloud) > 0.98
    assert iso_score(cloud * [1, 0, 0, 0, 0, 0]) == pytest.approx(0, abs=1e-6)
    half = iso_score(cloud * [1, 1, 1, 0, 0, 0])  # k of d equal directions: (k - 1)/(d - 1)
    assert half == pytest.approx(2 / 5, abs=0.02)


def test_bootstrap_resamples_groups() -> None:
    each = np.repeat([0.0, 1.0], 50)
    groups = np.repeat(["a", "b"], 50)
    assert bootstrap(each, groups, np.nanmean) == (0, 1)  # both groups may be left out
    many = np.arange(100).astype(str)
    low, high = bootstrap(RNG.normal(5, 1, 100), many, np.nanmean)
    assert high - low == pytest.approx(2 * 1.645 / 10, rel=0.25)


def test_whitening_makes_the_within_track_covariance_a_multiple_of_the_identity() -> None:
    tracks = np.repeat(np.arange(30), 20)
    mix = RNG.normal(size=(6, 6))
    x = (RNG.normal(size=(30, 6))[tracks] * 3 + RNG.normal(size=(600, 6)) @ mix + 4).astype("f4")
    offset, weight = within_track_whitening(x, tracks, shrink=0)
    y = (x - offset) @ weight.T
    means = np.stack([y[tracks == k].mean(0) for k in range(30)])
    inner = y - means[tracks]
    covariance = inner.T @ inner / 600
    np.testing.assert_allclose(covariance, np.eye(6) * covariance[0, 0], atol=1e-4)
    assert np.abs(y.mean(0)).max() < 1e-4
    assert means.var(0).mean() == pytest.approx(1, rel=1e-4)
    assert (np.diff(means.var(0)) < 0).all()  # strongest first
    _, padded = within_track_whitening(x, tracks, dim=9, shrink=0)
    assert padded.shape == (9, 6)
    assert (padded[6:] == 0).all()
    _, cut = within_track_whitening(x, tracks, dim=2, shrink=0)
    assert cut.shape == (2, 6)


def test_rows_tables_and_json() -> None:
    vectors, labels = album_like()
    blur = TrackVectors.of(
        [s + RNG.normal(0, 9, s.shape[1]).astype("f4") for s in vectors.segments]
    )
    rows = evaluate({"good": vectors, "blurred": blur}, labels, draws=50, seeds=1)
    by = {(r.method, r.music, r.measure): r for r in rows}
    for music in ("all", "without midi"):
        good = by["good", music, "same-group MAP"]
        assert good.low <= good.value <= good.high
        assert good.value > by["blurred", music, "same-group MAP"].value
        assert len(good.worst.split(", ")) == 3
        assert ("good", music, "effective rank") in by
        assert ("good", music, "style probe, linear") in by
    assert json.loads(json.dumps(as_json(rows), allow_nan=False))[0]["method"] == "good"
    text = table(rows)
    assert text.count("\n\n") == 1
    assert "blurred" in text


def test_baselines_from_the_same_segments() -> None:
    rng = np.random.default_rng(0)
    music = [rng.normal(-2.5, 1, (6, 128, 114)).astype("f4") + k / 5 for k in range(8)]
    found = baselines(music, seed=1, layers=1)
    assert set(found) == {"random-init encoder", "log-mel", "MFCC", "WCCN statistics"}
    for vectors in found.values():
        assert len(vectors.segments) == len(vectors.tracks) == 8
        assert np.isfinite(vectors.tracks).all()
    for name in ("log-mel", "MFCC", "WCCN statistics"):
        v = found[name]
        np.testing.assert_allclose(v.tracks[0], v.segments[0].mean(0), rtol=1e-3, atol=1e-4)


def test_pieces_of_ten_seconds_are_read_by_themselves() -> None:
    encoder = Encoder.random(
        0, EncoderConfig(dim=32, layers=1, heads=2, ff=32, patch_dim=8, learned=16)
    )
    encoder.readout.weight.copy_(torch.eye(16, 32))
    encoder.layers[0].qkv.weight.data *= 20
    mels = np.random.default_rng(0).normal(-3, 1, (12, 128, 114)).astype("f4")
    read = TrackVectors.read(encoder, [mels])
    assert read.segments[0].shape == (12, 32)
    np.testing.assert_allclose(read.segments[0][5:10], encoder.embed(mels[5:10])[0], atol=1e-4)
    np.testing.assert_allclose(read.tracks[0], encoder.embed(mels)[1], atol=1e-4)
    assert np.abs(read.segments[0][5:10] - encoder.embed(mels)[0][5:10]).max() > 1e-4
