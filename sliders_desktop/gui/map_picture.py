"""The map as it is seen, as a file: PNG at twice its size, or SVG, with or without names.

Painted on the main thread, written in a thread of the pool.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRectF, QThreadPool, Signal
from PySide6.QtGui import QImage, QPainter

from sliders_desktop.gui.map_labels import Label
from sliders_desktop.gui.map_marks import MapMarks
from sliders_desktop.gui.map_sky import MapSky
from sliders_desktop.gui.theme import Theme

RATIO = 2.0
FONT_PX = 12


@dataclass(frozen=True, eq=False)
class Drawing:
    """What an SVG of the map shows, in pixels of the view."""

    size: tuple[int, int]
    ground: str
    xy: NDArray[np.float32]  # (n, 2)
    words: NDArray[np.uint32]  # (n,) premultiplied ARGB
    star_px: float
    letters: tuple[tuple[str, float, float, str], ...]  # a name, the middle of its line, its colour


class MapPicture(QObject):
    """Signals: saved(str): to this path. failed(str): one sentence."""

    saved = Signal(str)
    failed = Signal(str)

    def __init__(self, theme: Theme, sky: MapSky, marks: MapMarks, parent: QObject) -> None:
        super().__init__(parent)
        self._theme, self._sky, self._marks = theme, sky, marks
        self._pool = QThreadPool(self)

    def save(self, path: Path, names: bool) -> None:
        """What is in view; by the name's end an SVG, else a PNG."""
        if path.suffix.lower() == ".svg":
            drawing = self._drawing(names)
            self._write(path, lambda: path.write_text(svg(drawing), "utf-8") > 0)
        else:
            image = self.image(names)
            self._write(path, lambda: image.save(str(path)))

    def image(self, names: bool, ratio: float = RATIO) -> QImage:
        """What is in view, ``ratio`` pixels a pixel."""
        lens = self._sky.lens
        device = lens.times(ratio)
        image = QImage(device.width, device.height, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        painter = QPainter(image)
        self._sky.draw(painter, ratio)
        if names:
            self._marks.paint_names(painter)
        painter.end()
        return image

    def _drawing(self, names: bool) -> Drawing:
        lens, grid = self._sky.lens, self._sky.grid
        xy = np.stack([grid.x, grid.y], axis=1)
        xy = (xy - np.array([lens.x0, lens.y0], np.float32)) * np.float32(lens.scale)
        xy[:, 1] = lens.height - xy[:, 1]
        seen = ((xy >= 0) & (xy < np.array([lens.width, lens.height]))).all(axis=1)
        letters = self._letters(self._marks.marks.labels) if names else ()
        return Drawing(
            (lens.width, lens.height),
            self._theme.ground.name(),
            xy[seen],
            self._sky.words[seen],
            max(1.4, self._marks.star_px),
            letters,
        )

    def _letters(
        self, labels: Sequence[tuple[Label, QRectF]]
    ) -> tuple[tuple[str, float, float, str], ...]:
        return tuple(
            (
                label.text,
                box.center().x(),
                box.center().y() + 4.5,
                self._theme.color(self._marks.role_of(label)).name(),
            )
            for label, box in labels
        )

    def _write(self, path: Path, write: Callable[[], bool]) -> None:
        def work() -> None:
            try:
                done = write()
            except OSError as error:
                self.failed.emit(f"{path.name} could not be written: {error.strerror}.")
                return
            if done:
                self.saved.emit(str(path))
            else:
                self.failed.emit(f"{path.name} could not be written: is there room, and a folder?")

        self._pool.start(work)

    def wait(self) -> None:
        """Until all is written."""
        self._pool.waitForDone()


def svg(drawing: Drawing) -> str:
    """Points of one colour are one path of strokes without length, with round ends."""
    width, height = drawing.size
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">',
        f'<rect width="100%" height="100%" fill="{drawing.ground}"/>',
        f'<g fill="none" stroke-linecap="round" stroke-width="{drawing.star_px:.1f}">',
    ]
    order = np.argsort(drawing.words, kind="stable")
    words, places = drawing.words[order], np.round(drawing.xy[order], 1)
    starts = np.flatnonzero(np.diff(words, prepend=words[:1] ^ np.uint32(1)))
    for begin, end in zip(starts.tolist(), [*starts[1:].tolist(), len(words)], strict=True):
        word = int(words[begin])
        alpha = word >> 24
        if not alpha:
            continue
        rgb = [min(255, (word >> shift & 255) * 255 // alpha) for shift in (16, 8, 0)]
        path = "".join(f"M{x:g} {y:g}h0" for x, y in places[begin:end].tolist())
        color = "#" + "".join(f"{part:02x}" for part in rgb)
        lines.append(f'<path stroke="{color}" stroke-opacity="{alpha / 255:.2f}" d="{path}"/>')
    lines.append("</g>")
    if drawing.letters:
        lines.append(
            f'<g font-family="Inter, sans-serif" font-size="{FONT_PX}" font-weight="500" '
            f'text-anchor="middle" stroke="{drawing.ground}" stroke-width="3" '
            'stroke-linejoin="round" paint-order="stroke">'
        )
        lines += [
            f'<text x="{x:.1f}" y="{y:.1f}" fill="{color}">{escape(text)}</text>'
            for text, x, y, color in drawing.letters
        ]
        lines.append("</g>")
    return "\n".join([*lines, "</svg>", ""])
