"""The query tower at step 0 is the centroid; later it is what it learned."""

import numpy as np
import pytest
import torch

from sliders_desktop.ml.recommender import Anchor, Catalogue, Context, centroid, next_tracks, normed
from sliders_desktop.ml.towers import QueryTower


@pytest.fixture
def catalogue():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 64)).astype(np.float32) + 0.5
    codes = np.arange(400, dtype=np.int32)
    return Catalogue(np.arange(400), x, codes, codes, np.full(400, 200, np.float32))


@pytest.fixture
def tower():
    torch.manual_seed(0)
    return QueryTower(64, 4).eval()


def contexts():
    rng = np.random.default_rng(1)
    for count in (1, 2, 7, 32):
        ids = rng.choice(400, count, replace=False)
        yield Context(
            [Anchor(int(i), float(w)) for i, w in zip(ids, rng.normal(1, 1, count), strict=True)]
        )


def test_it_has_about_3_3_million_parameters():
    assert 3.2e6 < sum(p.numel() for p in QueryTower().parameters()) < 3.5e6


def test_step_0_ranks_as_the_centroid_to_the_bit(catalogue, tower):
    for context in contexts():
        rows = [a.track_id for a in context.anchors]
        unit = catalogue.unit(np.array(rows))
        q = normed(centroid(unit, [a.weight for a in context.anchors]))
        asked = tower.query(context, catalogue)

        assert asked.tobytes() == q.tobytes()
        assert catalogue.cosines(asked).tobytes() == catalogue.cosines(q).tobytes()
        picks = [
            next_tracks(context, catalogue, [], 20, np.random.default_rng(0), query=query)
            for query in (None, asked)
        ]
        assert picks[0] == picks[1]


def test_step_0_in_training_is_the_centroid_too(catalogue, tower):
    unit = torch.from_numpy(catalogue.unit(np.arange(12))).reshape(3, 4, 64)
    weight, mask = torch.tensor([[1.0, 0.5, -1.0, 2.0]] * 3), torch.ones(3, 4, dtype=torch.bool)
    middle = (weight[..., None] * unit).sum(1) / weight.abs().sum(1, keepdim=True)

    assert torch.equal(tower(unit, weight, mask), torch.nn.functional.normalize(middle, dim=1))


def test_what_is_masked_does_not_matter(catalogue, tower):
    torch.nn.init.constant_(tower.gain, 0.5)
    unit = torch.from_numpy(catalogue.unit(np.arange(6)))[None]
    weight = torch.tensor([[1.0, -1.0, 0.5, 1.0, 1.0, 1.0]])
    mask = torch.tensor([[True, True, True, False, False, False]])

    short = tower(unit[:, :3], weight[:, :3], mask[:, :3])
    torch.testing.assert_close(tower(unit, weight, mask), short)


def test_serving_equals_training(catalogue, tower):
    torch.nn.init.constant_(tower.gain, 0.5)
    for context in contexts():
        unit = catalogue.unit(np.array([a.track_id for a in context.anchors]))
        weight = torch.tensor([[a.weight for a in context.anchors]])
        mask = torch.ones_like(weight, dtype=torch.bool)
        q = tower(torch.from_numpy(unit)[None], weight, mask)[0].detach().numpy()

        np.testing.assert_allclose(tower.query(context, catalogue), q, atol=1e-5)


def test_every_weight_learns_once_the_gain_has_moved(catalogue, tower):
    torch.nn.init.constant_(tower.gain, 0.1)
    unit = torch.from_numpy(catalogue.unit(np.arange(12))).reshape(3, 4, 64)
    q = tower(unit, torch.tensor([[1.0, -1.0, 1.0, 1.0]] * 3), torch.ones(3, 4, dtype=torch.bool))
    (q @ unit[0, 0]).sum().backward()

    for name, p in tower.named_parameters():
        assert p.grad is not None, name
        assert torch.isfinite(p.grad).all(), name
        assert p.grad.any() or name == "attention.in_proj_bias", name


def test_no_anchors_is_no_direction(catalogue, tower):
    assert not tower.query(Context(), catalogue).any()
    assert not tower.query(Context([Anchor(9999)]), catalogue).any()
