"""One sort says what ranks, quantiles and histogram say one by one."""

import numpy as np
import pytest
from scipy.stats import rankdata

from sliders_desktop.ml.ranks import counts, percentiles, quantiles, ranked


@pytest.mark.parametrize("seed", range(8))
def test_ranks_with_and_without_ties(seed):
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=int(rng.integers(2, 3000))).astype(np.float32)
    if seed % 2:
        scores = np.round(scores, 1)
    ascending, ranks = ranked(scores)

    np.testing.assert_array_equal(ascending, np.sort(scores))
    wanted = (rankdata(scores) - 1) / (len(scores) - 1)
    np.testing.assert_allclose(ranks, wanted, atol=1e-6)
    np.testing.assert_array_equal(ranks, percentiles(scores))


def test_a_lonely_score_is_in_the_middle():
    assert percentiles([7.0]).tolist() == [0.5]
    assert percentiles([]).size == 0


@pytest.mark.parametrize("seed", range(4))
def test_quantiles_and_counts_are_numpys(seed):
    rng = np.random.default_rng(seed)
    values = np.clip(rng.normal(0.5, 0.3, int(rng.integers(1, 5000))), 0, 1)
    shares = np.linspace(0, 1, 101)

    np.testing.assert_allclose(quantiles(np.sort(values), shares), np.quantile(values, shares))
    wanted = np.histogram(values, 60, (0, 1))[0]
    np.testing.assert_array_equal(counts(np.sort(values), 60), wanted)
