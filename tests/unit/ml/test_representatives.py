"""A few that stand for many."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sliders_desktop.ml.representatives import MOST, representatives

DIM = 24


def clouds(sizes: list[int], spread: float = 0.15) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Unit vectors around as many directions as there are sizes, and whose each is."""
    rng = np.random.default_rng(0)
    centres, _ = np.linalg.qr(rng.normal(size=(DIM, len(sizes))))
    whose = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    x = centres.T[whose] + spread * rng.normal(size=(len(whose), DIM)) / np.sqrt(DIM)
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32), whose


def test_every_group_is_there_with_its_weight() -> None:
    """The largest is first in the list and ten times the smallest, and does not crowd it out."""
    sizes = [300, 150, 60, 30]
    unit, whose = clouds(sizes)
    rows, weights = representatives(unit, np.ones(len(unit), np.float32), 4)
    assert sorted(whose[rows].tolist()) == [0, 1, 2, 3]
    assert dict(zip(whose[rows].tolist(), weights.tolist(), strict=True)) == dict(enumerate(sizes))


@pytest.mark.parametrize("n", [33, 500, 3 * MOST])
def test_they_lead_where_all_lead(n: int) -> None:
    unit, _ = clouds([n - 2 * (n // 3), n // 3, n // 3], 0.8)
    weights = np.ones(n, np.float32)
    rows, kept = representatives(unit, weights, 32)
    assert len(set(rows.tolist())) == len(rows) <= 32
    assert np.all(np.diff(rows) > 0)
    assert kept.sum() == pytest.approx(n, rel=1e-5)
    whole, few = unit.sum(0), kept @ unit[rows]
    assert whole @ few / np.linalg.norm(whole) / np.linalg.norm(few) > 0.97
    again, _ = representatives(unit, weights, 32)
    assert again.tolist() == rows.tolist()


def test_against_stays_against() -> None:
    unit, whose = clouds([200, 50])
    weights = np.where(whose == 1, -2.0, 1.0).astype(np.float32)
    rows, kept = representatives(unit, weights, 30)
    assert np.array_equal(kept < 0, whose[rows] == 1)
    assert kept[kept < 0].sum() == pytest.approx(-100)
    assert kept[kept > 0].sum() == pytest.approx(200)
    assert 8 <= (kept < 0).sum() <= 12

    lone = np.ones(251, np.float32)
    lone[7] = -0.01
    rows, kept = representatives(np.vstack([unit, unit[:1]]), lone, 32)
    assert rows[kept < 0].tolist() == [7]


def test_few_and_alike() -> None:
    unit, _ = clouds([5])
    rows, kept = representatives(unit, np.arange(1, 6, dtype=np.float32), 32)
    assert (rows.tolist(), kept.tolist()) == ([0, 1, 2, 3, 4], [1, 2, 3, 4, 5])
    same = np.repeat(unit[:1], 100, 0)
    rows, kept = representatives(same, np.ones(100, np.float32), 32)
    assert (len(rows), kept.tolist()) == (1, [100.0])
    rows, kept = representatives(unit[:0], np.ones(0, np.float32), 32)
    assert len(rows) == len(kept) == 0
