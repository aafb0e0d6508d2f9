"""What the towers learn, when they refuse to, and that it is the same each time."""

from dataclasses import replace

import numpy as np
import pytest

from sliders_desktop.errors import Cancelled
from sliders_desktop.ml import judging
from sliders_desktop.ml.closed_forms import Music, normed_rows
from sliders_desktop.ml.continuations import Continuation, albums
from sliders_desktop.ml.query import Figures, Query
from sliders_desktop.ml.tower_training import Plan, queries, train

PLAIN = Query.centroid("", 64)
QUICK = Plan(steps=10, batch=32, every=5, asked=300, made_up=0, folds=2)


@pytest.fixture(autouse=True, scope="module")
def few():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sliders_desktop.ml.closed_forms.CHOOSERS", 40)
        yield


@pytest.fixture(scope="module")
def good(few):
    return train(music(), "ears", plan=QUICK)


def music(seed=0, lists=60, of=10, d=64):
    """Lists whose tracks share eight places; eight others are wider and say nothing."""
    rng = np.random.default_rng(seed)
    album = np.repeat(np.arange(lists, dtype=np.int32), of)
    middle = np.repeat(rng.normal(size=(lists, 8)), of, axis=0)
    said = middle + 0.7 * rng.normal(size=middle.shape)
    loud = 3 * rng.normal(size=(len(album), 8))
    x = np.hstack([said, loud, 0.1 * rng.normal(size=(len(album), d - 16))])
    unit = normed_rows((x - x.mean(0)).astype(np.float32))
    return Music(unit, album, album, albums(album))


def everywhere(m):
    return np.ones(len(m.unit), np.bool_)


def mrr(query, m, seed=9):
    rng = np.random.default_rng(seed)
    asked = [
        Continuation(tuple(rows[:4]), (1.0,) * 4, tuple(rows[4:]), frozenset(rows[:4]))
        for rows in (rng.permutation(tracks.rows).tolist() for tracks in m.lists)
    ]
    return m.ranks_of(query, asked, np.arange(len(m.unit))).mean()


def test_ranks_are_those_of_a_plain_sort():
    m = music()
    rng = np.random.default_rng(3)
    asked = [
        Continuation((1, 2), (1.0, 0.5), (50, 60), frozenset((1, 2))),
        Continuation((7,), (1.0,), (8, 300), frozenset((7, 5))),
    ]
    pool = np.sort(rng.choice(len(m.unit), 400, replace=False))
    pool = np.union1d(pool, [50, 60, 8])
    found = judging.reciprocal_ranks(PLAIN, m.unit, asked, pool)
    for one, value in zip(asked, found, strict=True):
        q = np.array(one.weights) @ m.unit[list(one.anchors)]
        order = [r for r in pool[np.argsort(-(m.unit[pool] @ q))] if r not in one.left_out]
        best = min(order.index(t) for t in one.targets if t in pool)
        assert value == pytest.approx(1 / (1 + best))


def test_it_finds_what_lists_have_in_common_and_knows_unheard_ones():
    m, fresh = music(0), music(1)
    query, _ = queries(m, everywhere(m), PLAIN, QUICK, np.random.default_rng(0))

    assert query.gains.max() > 0
    assert mrr(query, fresh) > 1.1 * mrr(PLAIN, fresh)


def test_it_is_the_same_under_a_seed(good):
    one, two = good, train(music(), "ears", plan=QUICK)

    assert one.metric.tobytes() == two.metric.tobytes()
    assert one.gains.tobytes() == two.gains.tobytes()
    assert one.figures == two.figures


def test_good_queries_may_move_the_tracks(good):
    trained = good

    assert trained.figures.queries > 1.05 * trained.figures.centroid
    assert trained.figures.low > 0
    assert trained.state in ("queries good", "moving")
    assert trained.figures.moved > 0
    assert (trained.u is not None) == (trained.state == "moving")


def test_the_rule_refuses_lists_that_mean_nothing():
    """Lists drawn by lot: the queries are no better than the centroid, and no track moves."""
    m = music()
    rng = np.random.default_rng(0)
    lot = rng.permutation(m.album)
    trained = train(Music(m.unit, lot, lot, albums(lot)), "ears", plan=QUICK)

    assert trained.state == "listening"
    assert trained.u is None
    assert trained.figures.moved == 0


def test_the_old_stays_unless_the_new_is_better_on_held_out_lists(good):
    m = music()
    rng = np.random.default_rng(0)
    bad = replace(good, metric=rng.normal(size=(64, 64)).astype(np.float32), u=None, v=None)

    assert train(m, "ears", good, plan=QUICK) is good
    assert train(m, "ears", bad, plan=QUICK).metric.tobytes() == good.metric.tobytes()


@pytest.mark.parametrize("lists", [0, 1, 2])
def test_too_few_lists_teach_nothing(lists):
    m = music(lists=max(lists, 1), of=4)
    few = replace(m, lists=m.lists[:lists])
    trained = train(few, "ears", plan=QUICK)

    assert trained.state == "listening"
    assert trained.figures == Figures() or trained.figures.low <= 0
    if lists == 0:
        assert not trained.gains.any()


class Stopped:
    def __init__(self, after):
        self.left = after
        self.told = []

    def progress(self, done, total, text=""):
        self.told.append((done, total))

    def check(self):
        self.left -= 1
        if self.left < 0:
            raise Cancelled


def test_it_can_be_stopped_and_says_how_far_it_is():
    with pytest.raises(Cancelled):
        train(music(), "ears", plan=QUICK, job=Stopped(5))
    job = Stopped(10**6)
    train(music(), "ears", plan=QUICK, job=job)

    assert (0, 10) in job.told
