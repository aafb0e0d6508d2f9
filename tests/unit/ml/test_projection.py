"""The map as a whole: what it keeps, that it stays, and that nothing breaks it."""

import threading
import time

import numpy as np
import pytest

from sliders_desktop.errors import Cancelled
from sliders_desktop.ml import descent
from sliders_desktop.ml.neighbours import directions, middle, nearest
from sliders_desktop.ml.placing import place
from sliders_desktop.ml.projection import align, fit


def clusters(n=400, groups=16, d=24, seed=0):
    rng = np.random.default_rng(seed)
    label = np.arange(n) % groups
    x = rng.normal(size=(groups, d))[label] + 0.35 * rng.normal(size=(n, d)) + 2
    return x.astype(np.float32), label


def trust(x, y, k=15):
    """Trustworthiness (Venna & Kaski 2001): near on the map only what is near in truth."""
    z = directions(x)
    true = np.argsort(np.argsort(-(z @ z.T) + 9 * np.eye(len(x)), 1), 1)  # ranks, self last
    apart = ((y[:, None] - y[None]) ** 2).sum(2) + np.diag(np.full(len(x), np.inf))
    near = np.argsort(apart, 1)[:, :k]
    n = len(x)
    excess = np.maximum(np.take_along_axis(true, near, 1) - k + 1, 0).sum()
    return 1 - 2 * excess / (n * k * (2 * n - 3 * k - 1))


def pca(x):
    z = directions(x)
    return z @ np.linalg.svd(z, full_matrices=False)[2][:2].T


@pytest.fixture(scope="module")
def made():
    x, label = clusters()
    return x, label, fit(x)


class Steps:
    """A job that counts, and stops after ``limit`` checks."""

    def __init__(self, limit=10**9):
        self.limit, self.checks, self.last = limit, 0, (0, 0)

    def check(self):
        self.checks += 1
        if self.checks > self.limit:
            raise Cancelled

    def progress(self, done, total, text=""):
        self.last = (done, total)


def test_neighbours_stay_neighbours(made):
    x, label, y = made
    apart = ((y[:, None] - y[None]) ** 2).sum(2) + np.diag(np.full(len(y), np.inf))
    near = label[np.argsort(apart, 1)[:, :15]]

    assert (near == label[:, None]).mean() > 0.97
    assert trust(x, y) > max(trust(x, pca(x)) + 0.02, 0.95)


def test_the_frame_is_stable(made):
    _, _, y = made

    assert y.dtype == np.float32
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-5)
    assert np.quantile(np.linalg.norm(y, axis=1), 0.99) == pytest.approx(1, abs=1e-4)


def test_the_same_library_gives_the_same_map(made):
    x, _, y = made

    assert np.array_equal(fit(x), y)
    assert not np.array_equal(fit(x, seed=1), y)


def test_neighbours_that_are_known_give_the_same_map(made):
    x, _, y = made
    centre = middle(x)
    table = nearest(directions(x, centre), 29)

    assert np.array_equal(fit(x, table=table, centre=centre), y)


def test_threads_that_share_the_work_give_the_same_map(made, monkeypatch):
    x, _, y = made
    monkeypatch.setattr(descent, "SHARED", 10)
    monkeypatch.setattr(descent.os, "cpu_count", lambda: 2)

    assert np.array_equal(fit(x), y)


@pytest.mark.parametrize("scale", [1, 0.2])
def test_a_refit_stays_where_it_was(made, scale):
    """At any size, so that a map that was once drawn smaller does not shrink or swell."""
    x, _, y = made
    moved = np.linalg.norm(fit(x, start=scale * y, seed=7) / scale - y, axis=1)
    diameter = np.linalg.norm(np.ptp(y, axis=0))

    assert moved.mean() < 0.01 * diameter
    assert np.quantile(moved, 0.95) < 0.03 * diameter


def test_drawn_anew_it_lies_as_it_lay(made):
    x, label, y = made
    turned = np.stack([-y[:, 1], y[:, 0]], 1)
    again = fit(x, start=turned, anew=True)
    centres = [np.stack([m[label == g].mean(0) for g in range(16)]) for m in (turned, again)]

    assert np.linalg.norm(centres[1] - centres[0], axis=1).mean() < 0.2
    assert trust(x, again) > trust(x, y) - 0.01


def test_a_refit_with_new_tracks(made):
    x, label, y = made
    start = y.copy()
    start[::10] = np.nan
    again = fit(x, start=start)
    old = np.isfinite(start).all(1)

    assert np.isfinite(again).all()
    moved = np.linalg.norm(again - y, axis=1)[old] / np.linalg.norm(np.ptp(y, axis=0))
    assert moved.mean() < 0.01
    assert np.quantile(moved, 0.95) < 0.03
    centres = np.stack([again[old & (label == g)].mean(0) for g in range(16)])
    apart = np.linalg.norm(again[~old, None] - centres[None], axis=2)
    assert (apart.argmin(1) == label[~old]).mean() > 0.95


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 20])
def test_tiny_libraries(n):
    x = np.random.default_rng(n).normal(size=(n, 12)).astype(np.float32)
    y = fit(x)

    assert y.shape == (n, 2)
    assert np.isfinite(y).all()
    assert len(np.unique(y, axis=0)) == n


def test_degenerate_vectors():
    for x in (np.ones((30, 5)), np.zeros((30, 5)), np.arange(30.0)[:, None]):
        y = fit(x.astype(np.float32))
        assert np.isfinite(y).all()
        assert len(np.unique(y, axis=0)) == 30
    with pytest.raises(ValueError):
        fit(np.array([[1, np.nan]] * 9, np.float32))


def test_it_can_be_cancelled_and_watched():
    x, _ = clusters(120)
    job, seen = Steps(), []
    y = fit(x, epochs=45, job=job, on_step=seen.append)

    assert job.last == (45, 45)
    assert len(seen) == 5
    np.testing.assert_array_equal(seen[-1], y)
    with pytest.raises(Cancelled):
        fit(x, job=Steps(limit=4))


def test_the_interpreter_stays_free(made):
    """A ticking thread keeps ticking while a larger map is drawn."""
    x, _ = clusters(1500, d=64)
    gaps, done = [], threading.Event()

    def tick():
        last = time.perf_counter()
        while not done.is_set():
            time.sleep(0.002)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        fit(x, epochs=60)
    finally:
        done.set()
        thread.join()

    assert np.quantile(gaps, 0.95) < 0.05  # a crowded machine may lose a few


def with_room(y, known):
    """``y`` with no place for what is not ``known``."""
    return np.where(known[:, None], y, np.nan).astype(np.float32)


def test_new_tracks_land_among_their_neighbours_and_nobody_moves(made):
    x, label, y = made
    old = np.arange(len(x)) % 5 > 0
    placed = place(x, with_room(y, old))
    centres = np.stack([y[label == g].mean(0) for g in range(16)])
    apart = np.linalg.norm(placed[~old, None] - centres[None], axis=2)

    assert np.array_equal(placed[old], y[old])
    assert (apart.argmin(1) == label[~old]).mean() > 0.95
    assert trust(x, placed) > trust(x, y) - 0.02
    assert np.array_equal(place(x, with_room(y, old)), placed)


def test_new_tracks_that_know_only_each_other_lie_together(made):
    """A first album of another kind: its neighbours are itself, and still it has a place."""
    x, _, y = made
    rng = np.random.default_rng(3)
    album = x[:1] * -1 + 0.05 * rng.normal(size=(40, x.shape[1]))
    both = np.concatenate([x, album]).astype(np.float32)
    start = np.concatenate([y, np.full((40, 2), np.nan)]).astype(np.float32)
    placed = place(both, start)[len(x) :]

    assert np.isfinite(placed).all()
    assert len(np.unique(placed, axis=0)) == 40
    assert np.linalg.norm(placed - placed.mean(0), axis=1).mean() < 0.5


def test_placing_at_the_edges(made):
    x, _, y = made
    nobody = np.zeros(5, np.bool_)

    assert np.array_equal(place(x, y), y)
    assert place(x[:0], y[:0]).shape == (0, 2)
    assert np.isfinite(place(x[:5], with_room(y[:5], nobody))).all()
    few = place(x[:5], with_room(y[:5], np.arange(5) < 2))
    assert np.isfinite(few).all()
    twins = np.stack([*x[:100], x[0], x[0] + 1e-3])
    placed = place(twins, with_room(np.concatenate([y[:100], y[:2]]), np.arange(102) < 100))
    assert np.linalg.norm(placed[-1] - placed[-2]) > 0


def test_align_undoes_a_turn_a_mirror_a_move_and_a_scale():
    y = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]]) @ np.diag([1, -1])
    y_there = np.vstack([y, [[np.nan, 0]]]).astype(np.float32)
    moved = (np.vstack([y, [[1, 1]]]) @ turn * 3 + [5, -2]).astype(np.float32)

    np.testing.assert_allclose(align(moved, y_there)[:40], y, atol=1e-5)
