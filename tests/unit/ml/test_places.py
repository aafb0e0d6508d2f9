"""Vectors in bytes against the exact ones, and the largest of many against a sort."""

import numpy as np
import pytest

from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.places import BLOCK, Exact, Packed
from sliders_desktop.ml.top import MANY, largest


def vectors(m=5000, d=128, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(m, d)) / np.sqrt(1 + np.arange(d) / 9) + 0.2).astype(np.float32)


def query(exact, seed):
    rng = np.random.default_rng(seed)
    q = exact.unit(rng.choice(5000, 4)).sum(0)
    return q / np.linalg.norm(q)


def test_bytes_say_what_the_vectors_say():
    x = vectors()
    exact, packed = Exact(x), Packed(x)

    np.testing.assert_allclose(packed.mean, exact.mean, atol=1e-6)
    unit = packed.unit(np.arange(5000))
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-5)
    assert (unit * exact.unit(np.arange(5000))).sum(1).min() > 0.9997
    for seed in range(10):
        q = query(exact, seed)
        right, found = exact.cosines(q), packed.cosines(q)
        np.testing.assert_allclose(found, unit @ q, atol=1e-4)
        assert np.abs(found - right).max() < 0.006
        assert (found - right).std() < 0.001
        top, best = (set(np.argsort(-c)[:200].tolist()) for c in (right, found))
        assert len(top & best) >= 196
    assert not packed.cosines(np.zeros(128, np.float32)).any()
    some = np.stack([query(exact, seed) for seed in range(3)], 1)
    for places in (exact, packed):
        together = places.cosines(some)
        assert together.shape == (5000, 3)
        for at in range(3):
            one = places.cosines(np.ascontiguousarray(some[:, at]))
            np.testing.assert_allclose(together[:, at], one, atol=1e-5)


def test_extreme_vectors_do_not_overflow():
    """All numbers of one size, in d = 1,024: the largest sum of products there is."""
    signs = np.where(np.random.default_rng(0).random(1024) < 0.5, -1, 1).astype(np.float32)
    x = np.stack([signs, -signs]) + np.float32(3)
    packed = Packed(x)

    q = signs / np.float32(32)
    np.testing.assert_allclose(packed.cosines(q), [1, -1], atol=1e-3)


def test_broken_and_equal_vectors_are_nowhere():
    x = vectors()
    x[3], x[BLOCK + 5, 7] = np.nan, np.inf
    exact, packed = Exact(x), Packed(x)
    np.testing.assert_array_equal(packed.usable, exact.usable)
    assert packed.usable.sum() == 4998
    q = query(Exact(vectors()), 0)
    assert packed.cosines(q)[[3, BLOCK + 5]].tolist() == [0, 0]
    assert not packed.unit(np.array([3])).any()

    same = Packed(np.ones((20, 8), np.float32))
    assert same.usable.all()
    assert not same.cosines(np.full(8, 8**-0.5, np.float32)).any()
    none = Packed(np.empty((0, 8), np.float32))
    assert none.cosines(np.ones(8, np.float32)).shape == (0,)


def test_moved_tracks_are_packed_where_they_are():
    x, rng = vectors(), np.random.default_rng(1)
    matrix = (np.eye(128) + 0.1 * rng.normal(size=(128, 128))).astype(np.float32)
    packed, exact = Packed(x, lambda block: block @ matrix), Exact(x @ matrix)

    rows = np.arange(5000)
    assert (packed.unit(rows) * exact.unit(rows)).sum(1).min() > 0.9997


def test_a_catalogue_of_bytes_finds_its_tracks():
    x = vectors()
    none = np.full(5000, -1, np.int32)
    ids = np.arange(5000, dtype=np.int64) * 3 + 1
    for places in (x, Packed(x)):
        c = Catalogue(ids, places, none, none, np.zeros(5000, np.float32))
        assert c.rows_of([4, 5, 1, 10**9]).tolist() == [1, 0]
        assert c.usable.all()
    mixed = np.random.default_rng(0).permutation(ids)
    c = Catalogue(mixed, Packed(x), none, none, np.zeros(5000, np.float32))
    assert mixed[c.rows_of([4, 1])].tolist() == [4, 1]


@pytest.mark.parametrize("m", [10, 4000, MANY + 1000, 4 * MANY])
def test_the_largest_are_those_of_a_sort(m):
    rng = np.random.default_rng(m)
    for trial in range(6):
        values = rng.normal(size=m).astype(np.float32)
        if trial == 1:
            values[:] = 1
        if trial == 2:
            values.sort()
        allowed = rng.random(m) < (0.9, 0.5, 1, 0.001, 0.3, 0)[trial]
        for count in (1, 7, 200, 1000):
            found = largest(values, count, allowed)
            right = np.sort(values[allowed])[::-1][:count]
            assert len(set(found.tolist())) == len(found) == len(right)
            assert allowed[found].all()
            np.testing.assert_array_equal(np.sort(values[found])[::-1], right)
