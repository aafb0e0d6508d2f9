"""The map: every step against brute force or umap-learn's formulae, and the map as a whole."""

import threading
import time

import numpy as np
import pytest

from sliders_desktop.errors import Cancelled
from sliders_desktop.ml.neighbours import directions, fuzzy_graph, memberships, nearest
from sliders_desktop.ml.projection import align, fit, place


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


@pytest.mark.parametrize("n", [20, 1100])
def test_neighbours_equal_brute_force(n):
    x = np.random.default_rng(n).normal(size=(n, 16)).astype(np.float32)
    z = directions(x)
    rows, distance = nearest(z, 7)
    truth = 1 - z.astype(float) @ z.T.astype(float)
    np.fill_diagonal(truth, np.inf)

    np.testing.assert_allclose(distance, np.sort(truth, 1)[:, :7], atol=1e-5)
    np.testing.assert_allclose(distance, np.take_along_axis(truth, rows, 1), atol=1e-5)


def test_memberships_reach_their_sum():
    distance = np.sort(np.random.default_rng(0).random((50, 14)).astype(np.float32), 1)
    p = memberships(distance)

    np.testing.assert_allclose(p.sum(1), np.log2(15), atol=1e-3)
    np.testing.assert_allclose(p[:, 0], 1)
    assert (np.diff(p, axis=1) <= 0).all()


def test_memberships_of_coinciding_points():
    p = memberships(np.zeros((4, 6), np.float32))

    assert np.isfinite(p).all()
    assert (p == 1).all()


def test_the_graph_is_the_fuzzy_union():
    x = np.random.default_rng(1).normal(size=(40, 8)).astype(np.float32)
    rows, distance = nearest(directions(x), 5)
    weight = memberships(distance)
    p = np.zeros((40, 40))
    np.put_along_axis(p, rows, weight, 1)
    heads, tails, w = fuzzy_graph(rows, weight)
    union = np.zeros((40, 40))
    union[heads, tails] = w

    np.testing.assert_allclose(union, p + p.T - p * p.T, atol=1e-6)


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
    assert 0.2 < np.abs(y).max() < 2


def test_the_same_library_gives_the_same_map(made):
    x, _, y = made

    assert np.array_equal(fit(x), y)
    assert not np.array_equal(fit(x, seed=1), y)


def test_a_refit_stays_where_it_was(made):
    x, _, y = made
    moved = np.linalg.norm(fit(x, start=y, seed=7) - y, axis=1)

    assert moved.mean() / np.linalg.norm(np.ptp(y, axis=0)) < 0.02


def test_a_refit_with_new_tracks(made):
    x, label, y = made
    start = y.copy()
    start[::10] = np.nan
    again = fit(x, start=start)
    old = np.isfinite(start).all(1)

    assert np.isfinite(again).all()
    assert np.linalg.norm(again - y, axis=1)[old].mean() < 0.05 * np.linalg.norm(np.ptp(y, axis=0))
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


def test_new_tracks_land_among_their_neighbours(made):
    x, label, y = made
    old = np.arange(len(x)) % 5 > 0
    placed = place(x[~old], x[old], y[old])
    centres = np.stack([y[label == g].mean(0) for g in range(16)])
    apart = np.linalg.norm(placed[:, None] - centres[None], axis=2)

    assert (apart.argmin(1) == label[~old]).mean() > 0.95
    assert np.array_equal(place(x[~old], x[old], y[old]), placed)


def test_placing_at_the_edges(made):
    x, _, y = made

    assert place(x[:0], x, y).shape == (0, 2)
    assert place(x[:3], x[:0], y[:0]).shape == (3, 2)
    few = place(x[10:13], x[:2], y[:2])
    assert np.isfinite(few).all()
    twins = place(np.stack([x[0], x[0] + 1e-3]), x, y)
    assert np.linalg.norm(twins[0] - twins[1]) > 0


def test_align_undoes_a_turn_a_mirror_a_move_and_a_scale():
    y = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]]) @ np.diag([1, -1])
    y_there = np.vstack([y, [[np.nan, 0]]]).astype(np.float32)
    moved = (np.vstack([y, [[1, 1]]]) @ turn * 3 + [5, -2]).astype(np.float32)

    np.testing.assert_allclose(align(moved, y_there)[:40], y, atol=1e-5)
    np.testing.assert_allclose(
        np.ptp(align(moved, y_there, stiff=True)[:40], axis=0), 3 * np.ptp(y, axis=0), rtol=1e-4
    )
