"""One pass over all vectors: the same numbers, however many cores share it."""

import os

import numpy as np
import pytest

from sliders_desktop.ml import products


@pytest.mark.parametrize("rows", [0, 1, products.FEW - 1, products.FEW, products.FEW + 77, 50_003])
@pytest.mark.parametrize("cores", [1, 2, 3, 16])
def test_parts_are_the_whole(rows: int, cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(rows)
    x = rng.standard_normal((rows, 96), dtype=np.float32)
    q = rng.standard_normal(96, dtype=np.float32)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    found = products.times(x, q)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, x.astype(np.float64) @ q, rtol=0, atol=1e-4)
    assert np.array_equal(found, products.times(x, q))


def test_what_is_no_number_stays_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    x = np.ones((products.FEW, 8), np.float32)
    x[15_000] = np.nan
    found = products.times(x, np.ones(8, np.float32))
    assert np.flatnonzero(np.isnan(found)).tolist() == [15_000]
