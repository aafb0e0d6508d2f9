"""What one listener wants, taken apart: anchors that belong together are one interest. Numpy.

A centroid of two tastes is near neither. As in PinnerSage (Pal et al. 2020, arXiv 2007.03634)
anchors are joined step by step, those that are most alike first (average linkage), until few
groups remain and no two of them are alike.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Rows = NDArray[np.intp]

MOST = 3
ALIKE = 0.05  # mean cosine between two groups above which they are one interest
SHARPNESS = 10.0  # how far being near to one interest is enough; 0: as near to all as can be


def interests(unit: Float, most: int = MOST) -> list[Rows]:
    """Rows of unit vectors (a, d) that belong together, in at most ``most`` groups."""
    groups = [[i] for i in range(len(unit))]
    if most == 1 or len(groups) < 2:
        return [np.arange(len(unit))]
    like = np.asarray(unit @ unit.T, np.float64)
    np.fill_diagonal(like, -np.inf)
    while len(groups) > 1:
        a, b = sorted(divmod(int(like.argmax()), len(groups)))
        if len(groups) <= most and like[a, b] < ALIKE:
            break
        sizes = len(groups[a]), len(groups[b])
        both = (sizes[0] * like[a] + sizes[1] * like[b]) / sum(sizes)  # (groups,)
        like[a], like[:, a] = both, both
        like[a, a] = -np.inf
        like = np.delete(np.delete(like, b, 0), b, 1)
        groups[a] += groups.pop(b)
    return [np.array(sorted(group), np.intp) for group in groups]


@dataclass(frozen=True, eq=False)
class Question:
    """What a catalogue is asked: directions, and what else of a track counts.

    score = log Σ_c π_c·exp(β·q_c·x)/β − λ·crowd − Σ_j w_j·(z_j − μ_j)², with β the sharpness;
    crowd and z are the columns of `standing.standing`.
    """

    q: Float  # (k, d) of length one
    share: Float  # π (k,) of the anchors, 1 in all
    crowd: float  # λ
    held: Float  # w (j,)
    at: Float  # μ (j,)
    parts: Float | None = None  # (k, a, d) what each anchor adds to each of q

    @property
    def key(self) -> Float:
        """What tells it from another one."""
        rest = (self.q.ravel(), self.share, [self.crowd], self.held, self.at)
        return np.concatenate(rest).astype(np.float32)

    def score(self, like: Float, standing: Float | None) -> Float:
        """Scores (m,) of tracks, by their cosines to q (m, k) and `standing` (m, 1 + j)."""
        if len(self.q) == 1:
            whole = like[:, 0]
        else:
            raised = np.exp(np.float32(SHARPNESS) * like)
            whole = np.log(raised @ self.share) / np.float32(SHARPNESS)
        return whole if standing is None else whole - self._against(standing)

    def owed(self, unit: Float, standing: Float | None) -> Float:
        """What of the scores (m,) is owed to each anchor (m, a), for unit vectors (m, d).

        Each interest counts as far as it is the one that is met. What is no direction's is owed
        to all anchors of the interest alike.
        """
        assert self.parts is not None, "only of a question that is explained"
        like = unit @ self.q.T
        raised = self.share * np.exp(SHARPNESS * like)
        total = raised.sum(1, keepdims=True)
        met = raised / total  # (m, k)
        whole = like[:, 0] if len(self.q) == 1 else np.log(total[:, 0]) / np.float32(SHARPNESS)
        rest = whole - (met * like).sum(1)
        if standing is not None:
            rest = rest - self._against(standing)
        size = np.linalg.norm(self.parts, axis=2)  # (k, a)
        own = (size > 0) / np.maximum((size > 0).sum(1, keepdims=True), 1)
        each = np.einsum("md,kad->mka", unit, self.parts)
        owed = np.einsum("mk,mka->ma", met, each) + (met @ own) * rest[:, None]
        return np.asarray(owed, np.float32)

    def _against(self, standing: Float) -> Float:
        against = np.float32(self.crowd) * standing[:, 0]
        for j in np.flatnonzero(self.held):
            apart = standing[:, 1 + j] - self.at[j]
            against += self.held[j] * np.square(apart, out=apart)
        return against
