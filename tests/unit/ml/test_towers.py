"""The query tower at step 0 is the centroid; later it is what it learned. Tracks stay put."""

import numpy as np
import pytest
import torch

from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.continuations import Continuation
from sliders_desktop.ml.leanings import Leanings
from sliders_desktop.ml.query import Query, gain_of
from sliders_desktop.ml.recommender import Anchor, Context, centroid, next_tracks, normed
from sliders_desktop.ml.towers import QueryTower, TrackTower, batch_of

PLAIN = Query.centroid("", 64)


@pytest.fixture
def catalogue():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 64)).astype(np.float32) + 0.5
    codes = np.arange(400, dtype=np.int32)
    return Catalogue(np.arange(400), x, codes, codes, np.full(400, 200, np.float32))


@pytest.fixture
def taught():
    """A tower that has moved in all it can learn."""
    torch.manual_seed(0)
    tower = QueryTower(64)
    with torch.no_grad():
        tower.metric.add_(0.3 * torch.randn(64, 64))
        tower.gain.copy_(torch.tensor([0.3, 0.5, 1.0, 1.0, 0.7, 1.2]))
        tower.fade.fill_(1.5)
    return tower


def contexts():
    rng = np.random.default_rng(1)
    for count in (1, 2, 3, 7, 32, 40):
        ids = np.sort(rng.choice(400, count, replace=False))
        yield Context(
            [Anchor(int(i), float(w)) for i, w in zip(ids, rng.normal(1, 1, count), strict=True)]
        )


def asked(context, ordered):
    anchors = context.anchors[-32:]
    ids, weights = zip(*((a.track_id, a.weight) for a in anchors), strict=True)
    return Continuation(ids, weights, (), frozenset(), ordered)


def test_step_0_ranks_as_the_centroid_to_the_bit(catalogue):
    query = QueryTower(64).learned(PLAIN)
    for context in contexts():
        rows = [a.track_id for a in context.anchors][-32:]
        unit = catalogue.unit(np.array(rows))
        q = normed(centroid(unit, [a.weight for a in context.anchors][-32:]))
        found = query.lead(context, catalogue)

        assert found.q.tobytes() == q.tobytes()
        assert catalogue.cosines(found.q).tobytes() == catalogue.cosines(q).tobytes()
        picks = [
            next_tracks(context, catalogue, Leanings(), 20, np.random.default_rng(0), lead=use)
            for use in (None, found)
        ]
        assert picks[0] == picks[1]


def test_step_0_in_training_is_the_centroid_too(catalogue):
    unit = torch.from_numpy(catalogue.unit(np.arange(12))).reshape(3, 4, 64)
    weight, age = torch.tensor([[-1.0, 0.5, 1.0, 2.0]] * 3), torch.arange(4).float().expand(3, 4)
    middle = (weight[..., None] * unit).sum(1) / weight.abs().sum(1, keepdim=True)

    q = QueryTower(64)(unit, weight, age)
    assert torch.equal(q, torch.nn.functional.normalize(middle, dim=1))


def test_what_has_no_weight_does_not_matter(catalogue, taught):
    unit = torch.from_numpy(catalogue.unit(np.arange(6)))[None]
    weight = torch.tensor([[-1.0, 1.0, 0.5, 1.0, 0.0, 0.0]])
    age = torch.tensor([[0.0, 2.0, 1.0, 0.0, 0.0, 0.0]])

    short = taught(unit[:, :4], weight[:, :4], age[:, :4])
    torch.testing.assert_close(taught(unit, weight, age), short)


@pytest.mark.parametrize("ordered", [False, True])
def test_serving_equals_training(catalogue, taught, ordered):
    query = taught.learned(PLAIN)
    unit = catalogue.unit(np.arange(400))
    for context in contexts():
        one = asked(context, ordered)
        q = taught(*batch_of([one], unit))[0].detach().numpy()

        np.testing.assert_allclose(query.lead(context, catalogue, ordered).q, q, atol=1e-5)
        plain = normed(centroid(unit[list(one.anchors)], list(one.weights)))
        assert q @ plain < 0.999


def test_what_was_heard_last_counts_most_where_there_is_an_order():
    unit = np.eye(8, dtype=np.float32)
    query = Query("", np.eye(8, dtype=np.float32), np.ones(6, np.float32), 0.7)
    ordered, heap = (query.of(unit, [-1.0] + [1.0] * 7, flag) for flag in (True, False))

    assert (np.diff(ordered[1:]) > 0).all()
    assert ordered[0] < 0
    np.testing.assert_allclose(heap[1:], heap[1], atol=1e-6)


def test_every_weight_learns_once_the_gain_has_moved(catalogue, taught):
    unit = torch.from_numpy(catalogue.unit(np.arange(20))).reshape(4, 5, 64)
    q = taught(unit, torch.ones(4, 5), torch.arange(5).flip(0).float().expand(4, 5))
    (q @ unit[0, 0]).sum().backward()

    for name, p in taught.named_parameters():
        assert p.grad is not None, name
        assert torch.isfinite(p.grad).all(), name
        assert p.grad.any(), name


@pytest.mark.parametrize("ordered", [False, True])
def test_the_anchors_parts_sum_to_where_they_lead(catalogue, taught, ordered):
    query = taught.learned(PLAIN)
    for context in contexts():
        lead = query.lead(context, catalogue, ordered)

        assert len(lead.parts) == min(len(context.anchors), 32)
        np.testing.assert_allclose(lead.parts.sum(0), lead.q, atol=1e-5)


def test_no_anchors_is_no_direction(catalogue, taught):
    query = taught.learned(PLAIN)

    assert not query.lead(Context(), catalogue).q.any()
    assert not query.lead(Context([Anchor(9999)]), catalogue).q.any()


def test_only_disliked_anchors_and_equal_ones_give_a_direction(catalogue, taught):
    query = taught.learned(PLAIN)
    for weights in ([-1.0] * 5, [1.0] * 5, [1.0, -1.0, 1.0, -1.0, 1.0]):
        for ids in (range(5), [3] * 5):
            anchors = [Anchor(i, w) for i, w in zip(ids, weights, strict=True)]
            q = query.lead(Context(anchors), catalogue).q
            assert np.linalg.norm(q) == pytest.approx(1, abs=1e-5)


def test_the_gains_are_by_the_number_of_anchors():
    assert [gain_of(n) for n in (0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 32)] == [
        0, 0, 1, 2, 2, 3, 3, 4, 4, 5, 5,
    ]  # fmt: skip


def test_tracks_stay_in_their_place_at_step_0(catalogue):
    unit = catalogue.unit(np.arange(50))
    tracks = TrackTower(64)

    np.testing.assert_allclose(tracks.places(unit), unit, atol=1e-6)


def test_the_projection_serves_as_it_was_trained(catalogue, taught):
    tracks = TrackTower(64)
    with torch.no_grad():
        tracks.v.normal_(0, 0.1)
    query = taught.learned(PLAIN, tracks)
    x = catalogue.x - catalogue.mean
    served = query.project(x)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)

    np.testing.assert_allclose(
        served / np.linalg.norm(served, axis=1, keepdims=True), tracks.places(unit), atol=1e-5
    )
    assert taught.learned(PLAIN).project(x) is x
