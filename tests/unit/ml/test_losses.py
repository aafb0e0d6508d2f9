"""The losses against theory: where they are small, where they rise, what they ignore."""

import numpy as np
import pytest
import torch

from sliders_desktop.ml.losses import Predictor, draw_mask, isotropy


def sigreg(x: torch.Tensor, seed: int = 0) -> float:
    return float(isotropy(x, torch.Generator().manual_seed(seed)))


@pytest.fixture
def normal() -> torch.Tensor:
    return torch.randn(800, 32, generator=torch.Generator().manual_seed(1))


def test_isotropy_against_the_integral_by_brute_force() -> None:
    x = torch.randn(50, 3, generator=torch.Generator().manual_seed(2)) + 0.3
    a = torch.randn(3, 4, generator=torch.Generator().manual_seed(0)).numpy().astype(np.float64)
    a /= np.linalg.norm(a, axis=0)
    total = 0.0
    t = np.linspace(-3, 3, 33)  # both halves of the even integrand
    for k in range(4):
        y = x.numpy().astype(np.float64) @ a[:, k]
        curve = np.array([abs(np.exp(1j * s * y).mean() - np.exp(-(s**2) / 2)) ** 2 for s in t])
        total += 50 * np.trapezoid(curve * np.exp(-(t**2) / 2), t) / 4
    got = isotropy(x, torch.Generator().manual_seed(0), directions=4)
    assert float(got) == pytest.approx(total, rel=1e-4)


def test_isotropy_is_near_its_expected_minimum_for_normal_samples(normal: torch.Tensor) -> None:
    # For n normal samples its mean is ∫ (1 - exp(-t²)) exp(-t²/2) dt, whatever n and d.
    t = np.linspace(-3, 3, 2001)
    expected = np.trapezoid((1 - np.exp(-(t**2))) * np.exp(-(t**2) / 2), t)
    values = [sigreg(torch.randn(n, 16), s) for s, n in enumerate([200, 400, 800, 1600])]
    assert np.mean(values) == pytest.approx(expected, rel=0.25)


def test_isotropy_rises_for_what_it_must_prevent(normal: torch.Tensor) -> None:
    least = sigreg(normal)
    correlated = normal[:, :1] * 0.7 + normal * 0.7
    for worse in (
        normal * 0.01,
        normal * 3,
        normal + 1,
        correlated,
        normal[:1].expand(800, -1),
        normal[torch.arange(800) % 8],
    ):
        assert sigreg(worse) > 3 * least


def test_gradients_are_finite_even_at_collapse() -> None:
    for x in (torch.zeros(64, 8), torch.ones(64, 8), torch.randn(64, 8) * 1e3):
        x.requires_grad_()
        isotropy(x).backward()
        assert x.grad is not None
        assert torch.isfinite(x.grad).all()


def test_descending_on_isotropy_spreads_a_line_over_the_space() -> None:
    torch.manual_seed(0)
    x = (torch.randn(128, 1) @ torch.ones(1, 4) + 0.05 * torch.randn(128, 4)).requires_grad_()
    for step in range(200):
        (slope,) = torch.autograd.grad(
            isotropy(x, torch.Generator().manual_seed(step), directions=16), x
        )
        with torch.no_grad():
            x -= 0.3 * slope
    values = torch.linalg.eigvalsh(torch.cov(x.detach().T))
    assert values[0] > 0.3
    assert values[-1] / values[0] < 10


@pytest.mark.parametrize("length", [2, 3, 8, 16, 24, 32, 41])
def test_masks_hide_half_in_blocks(length: int) -> None:
    rng = np.random.default_rng(length)
    for _ in range(50):
        masked = draw_mask(6, length, rng)
        assert masked.shape == (6, length)
        counts = masked.sum(1)
        assert (counts == counts[0]).all()
        assert 1 <= counts[0] <= length - 1
        if length < 16:
            continue
        assert 0.37 * length <= counts[0] <= 0.63 * length
        edges = np.diff(np.pad(masked.astype(int), ((0, 0), (1, 1))), axis=1)
        for row in edges:
            sizes = np.flatnonzero(row == -1) - np.flatnonzero(row == 1)
            assert 1 <= len(sizes) <= 4
            assert sizes.min() >= 4


def test_masks_differ_between_rows() -> None:
    masked = draw_mask(50, 24, np.random.default_rng(0))
    assert len(np.unique(masked, axis=0)) > 20


def test_the_first_guess_is_the_mean_of_what_is_visible() -> None:
    predictor = Predictor(16, 10, width=8, layers=1, heads=2)
    visible = torch.randn(2, 5, 16)
    at = torch.arange(5).expand(2, -1)
    skip = torch.randn(2, 5, 10)
    guess, told = predictor(visible, skip, at, at[:, :3] + 5)
    torch.testing.assert_close(told, skip.mean(1, keepdim=True).expand(2, 3, 10))
    torch.testing.assert_close(guess, visible.mean(1, keepdim=True).expand(2, 3, 16))
