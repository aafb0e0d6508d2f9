"""Cover pictures of the demo albums: geometry in the style's colours, as PNG, by numpy and zlib."""

import struct
import zlib

import numpy as np
import numpy.typing as npt

SIZE = 320

# Ground, second ground, figure, accent.
_COLOURS: dict[str, tuple[str, str, str, str]] = {
    "lofi": ("#3a2342", "#8c4a62", "#e8a87c", "#f6e0b8"),
    "folk": ("#1f3a2e", "#4f7a4a", "#d9c58b", "#b5522f"),
    "techno": ("#0c0f14", "#232a36", "#d7dde6", "#e0413a"),
    "nocturne": ("#10182e", "#2d4068", "#c9d3e8", "#e9c46a"),
    "drumbass": ("#0d1b1e", "#0f4c4c", "#35d0ba", "#f2f5ea"),
    "chamber": ("#e9dfc9", "#cbb48a", "#5a2a27", "#23364d"),
    "dub": ("#123d2b", "#c48a1b", "#a8261e", "#f3dfa2"),
    "ambient": ("#182a3f", "#5f8fa8", "#d7e6e4", "#f4c9a8"),
    "chip": ("#1b1464", "#5d2de1", "#36e0a0", "#ff5d8f"),
    "jazz": ("#0f2b46", "#1d5c8a", "#f0b429", "#f5efe0"),
}

Picture = npt.NDArray[np.float64]


def _rgb(colour: str) -> Picture:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float64)


def draw(style: str, seed: int, later: bool = False) -> npt.NDArray[np.uint8]:
    """(SIZE, SIZE, 3) picture of an album; ``later`` turns the style's colours round."""
    rng = np.random.default_rng(seed)
    ground, second, figure, accent = (_rgb(c) for c in _COLOURS[style])
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    if later:
        ground, second = second * 0.85, ground * 1.1
        figure, accent = accent, figure
    turn = rng.uniform(0, 2 * np.pi)
    slope = np.clip((x - 0.5) * np.cos(turn) + (y - 0.5) * np.sin(turn) + 0.5, 0, 1)
    picture = ground + (second - ground) * slope[..., None]

    def paint(shade: Picture, distance: Picture, strength: float = 1.0) -> None:
        """Fill where ``distance`` (in widths) is negative, with a soft pixel of edge."""
        cover = np.clip(0.5 - distance * SIZE, 0, 1)[..., None] * strength
        picture[:] = picture + (shade - picture) * cover

    def disc(cx: float, cy: float, r: float) -> Picture:
        d: Picture = np.hypot(x - cx, y - cy) - r
        return d

    if style in ("ambient", "nocturne"):
        paint(accent, disc(rng.uniform(0.3, 0.7), rng.uniform(0.25, 0.4), rng.uniform(0.08, 0.16)))
        for i in range(5):
            hills = np.sin(2 * np.pi * (x * rng.uniform(0.6, 1.8) + rng.random()))
            height = 0.5 + 0.1 * i + 0.05 * hills
            paint(ground + (figure - ground) * (0.5 - 0.09 * i), height - y, 0.75)
    elif style in ("techno", "chip"):
        cells = 8 if style == "techno" else 10
        lit = rng.random((cells, cells // 2)) < 0.42
        lit = np.concatenate((lit, lit[:, ::-1]), axis=1)
        for row, column in zip(*np.nonzero(lit), strict=True):
            dx = np.abs(x - (column + 0.5) / cells) - (0.36 if style == "techno" else 0.5) / cells
            dy = np.abs(y - (row + 0.5) / cells) - (0.36 if style == "techno" else 0.5) / cells
            shade = accent if rng.random() < (0.15 if style == "techno" else 0.35) else figure
            inside = (column in range(1, cells - 1)) and (row in range(1, cells - 1))
            if inside:
                paint(shade, np.maximum(dx, dy), 0.92)
    elif style in ("dub", "jazz"):
        cx, cy = rng.uniform(0.3, 0.7, 2)
        for i in range(6, 0, -1):
            paint((figure, accent, second)[i % 3], disc(cx, cy, 0.085 * i), 0.85)
        paint(ground, disc(cx, cy, 0.03))
        paint(accent, np.abs(y - rng.uniform(0.12, 0.88)) - 0.012)
    elif style in ("drumbass", "lofi"):
        x0, y0 = (x, y) if not later else (y, x)
        for i in range(9):
            bend = 0.12 * np.sin(2 * np.pi * (x0 * rng.uniform(0.7, 1.3) + 0.07 * i))
            wave = np.abs(y0 - (0.14 + 0.09 * i) - bend) - 0.006 - 0.0018 * i
            paint(figure + (accent - figure) * (i / 8), wave, 0.9)
        paint(accent, disc(rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.5), 0.09))
    else:
        petals = 2 * int(rng.integers(3, 8))
        r, size = rng.uniform(0.2, 0.3), rng.uniform(0.08, 0.14)
        for i in range(petals):
            a = 2 * np.pi * i / petals + turn
            petal = disc(0.5 + r * np.cos(a), 0.5 + r * np.sin(a), size)
            paint((figure, accent)[i % 2], petal, 0.5)
        paint(figure, disc(0.5, 0.5, 0.13))
        paint(accent, disc(0.5, 0.5, rng.uniform(0.03, 0.08)))
    grain = rng.normal(0, 2.0, (SIZE // 2, SIZE // 2)).repeat(2, 0).repeat(2, 1)
    finished: npt.NDArray[np.uint8] = np.clip(picture + grain[..., None], 0, 255).astype(np.uint8)
    return finished


def png(picture: npt.NDArray[np.uint8]) -> bytes:
    """An 8-bit RGB picture as a PNG file."""
    height, width, _ = picture.shape
    rows = np.zeros((height, 1 + width * 3), dtype=np.uint8)
    rows[:, 0] = 1  # each pixel as its difference from the one to its left: smaller
    flat = picture.reshape(height, width * 3)
    rows[:, 1:4] = flat[:, :3]
    rows[:, 4:] = flat[:, 3:] - flat[:, :-3]

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 6)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks
