"""Who is near whom, against brute force; UMAP's graph of it, against its formulae."""

import numpy as np
import pytest

from sliders_desktop.ml.cells import cells
from sliders_desktop.ml.fuzzy import memberships, union
from sliders_desktop.ml.neighbours import Table, _on_device, directions, nearest
from sliders_desktop.progress import NO_JOB


def unit(n, d=16):
    return directions(np.random.default_rng(n).normal(size=(n, d)).astype(np.float32))


def holds_the_nearest(z, found):
    k = found.rows.shape[1]
    truth = 1 - z.astype(float) @ z.T.astype(float)
    np.fill_diagonal(truth, np.inf)

    np.testing.assert_allclose(found.distance, np.sort(truth, 1)[:, :k], atol=1e-5)
    np.testing.assert_allclose(found.distance, np.take_along_axis(truth, found.rows, 1), atol=1e-5)
    assert all(len(set(row)) == k for row in found.rows.tolist())


@pytest.mark.parametrize("n", [20, 1100])
def test_neighbours_equal_brute_force(n):
    z = unit(n)
    holds_the_nearest(z, nearest(z, 7))


def test_on_a_graphics_card_they_are_the_same():
    """torch's own device names the path; the processor takes it as well."""
    z = unit(300)
    found = _on_device(z, 7, "cpu", NO_JOB)

    assert found is not None
    holds_the_nearest(z, found)


def test_a_device_that_cannot_leaves_it_to_the_processor(monkeypatch):
    def refuse(*_, **__):
        raise RuntimeError("out of memory")

    monkeypatch.setattr("torch.topk", refuse)
    z = unit(50)
    holds_the_nearest(z, nearest(z, 7, device="cpu:0"))


def test_what_is_kept_grows_as_if_all_were_compared():
    """New ones anywhere among the old; the blocks are small so that many meet."""
    z, new = unit(1500), np.zeros(1500, np.bool_)
    new[np.random.default_rng(0).choice(1500, 200, replace=False)] = True
    old = np.flatnonzero(~new)
    before = nearest(z[old], 7)
    known = Table(np.full((1500, 7), -1, np.int32), np.full((1500, 7), 3, np.float32))
    known.rows[old], known.distance[old] = old[before.rows], before.distance
    grown = nearest(z, 7, known, new)

    holds_the_nearest(z, grown)
    assert np.array_equal(known.distance[old], before.distance)  # what was given is left alone
    again = nearest(z, 7, grown, new)  # who is in a list already is in it once
    holds_the_nearest(z, again)


def test_beyond_a_size_nearly_all_are_found():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 24))[rng.integers(40, size=9000)] + rng.normal(size=(9000, 24))
    z = directions(x.astype(np.float32))
    exact, found = nearest(z, 10), nearest(z, 10, exact=1000)
    met = (found.rows[:, :, None] == exact.rows[:, None]).any(2).mean()

    assert met > 0.9
    assert (found.rows >= 0).all()
    assert (found.distance >= exact.distance - 1e-6).all()
    new = np.arange(9000) % 9 == 0
    grown = nearest(z, 10, found, new, exact=1000)
    assert (grown.rows[:, :, None] == exact.rows[:, None]).any(2).mean() >= met - 0.01


def test_cells_hold_each_vector_once():
    z = unit(3000)
    members, pairs = cells(z, size=20)

    assert np.array_equal(np.sort(np.concatenate(members)), np.arange(3000))
    assert len(members) == 150
    assert len(np.unique(pairs, axis=0)) == len(pairs) < 150 * 151 / 2
    assert {(i, i) for i in range(150)} <= set(map(tuple, pairs.tolist()))


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


@pytest.mark.parametrize("least", [0.0, 0.4])
def test_the_graph_is_the_fuzzy_union(least):
    x = np.random.default_rng(1).normal(size=(40, 8)).astype(np.float32)
    rows, distance = nearest(directions(x), 5)
    weight = memberships(distance)
    p = np.zeros((40, 40))
    np.put_along_axis(p, rows, weight, 1)
    start, tails, w = union(rows, weight, least)
    both = np.zeros((40, 40))
    both[np.repeat(np.arange(40), np.diff(start)), tails] = w
    truth = p + p.T - p * p.T

    np.testing.assert_allclose(both, np.where(truth >= least, truth, 0), atol=1e-6)
    assert len(tails) == ((truth >= least) & (truth > 0)).sum()


def test_a_list_may_be_shorter():
    """Where not enough were met, a place in the list is empty."""
    rows = np.array([[1, 2], [0, -1], [0, 1]], np.int32)
    start, tails, w = union(rows, np.full((3, 2), 0.5, np.float32), 0.0)

    assert np.diff(start).tolist() == [2, 2, 2]
    assert sorted(tails[:2].tolist()) == [1, 2]
    np.testing.assert_allclose(np.sort(w), [0.5] * 2 + [0.75] * 4)
