"""Cover pictures for every widget: asked for once, decoded off the main thread, kept in bounds.

A track without a picture gets a made-up one, the same for every track of an album.
"""

import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QObject,
    QSize,
    Qt,
    QThreadPool,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QImageReader,
    QLinearGradient,
    QPainter,
    QPixmap,
)

if TYPE_CHECKING:
    from sliders_desktop.library.records import TrackRow
    from sliders_desktop.session.session import Session

MASTER_PX = 160  # enough for 48 logical pixels at three times the density
KEPT_MASTERS = 256  # about 25 MB
KEPT_PIXMAPS = 512
_RADIUS = 0.075  # of the picture's side


class Covers(QObject):
    """Bounded cache of cover pictures.

    Signals:
        ready(track_id): `request` has something better for this track now.
    """

    ready = Signal(int)
    _decoded = Signal(int, QImage)

    def __init__(self, session: "Session", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._masters: OrderedDict[int, QImage] = OrderedDict()  # a null image: it has no picture
        self._pixmaps: OrderedDict[tuple[int, int, float], QPixmap] = OrderedDict()
        self._asked: set[int] = set()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._decoded.connect(self._on_decoded, Qt.ConnectionType.QueuedConnection)

    def request(self, track_id: int, size_px: int, ratio: float = 1.0) -> QPixmap | None:
        """The cover at ``size_px`` logical pixels with rounded corners.

        Until the file was read this is the made-up cover; `ready` tells when there is more.
        None for a track the library doesn't know.
        """
        key = (track_id, size_px, ratio)
        kept = self._pixmaps.get(key)
        if kept is not None:
            self._pixmaps.move_to_end(key)
            return kept
        track = self._session.catalogue.track(track_id)
        if track is None:
            return None
        master = self._masters.get(track_id)
        if master is None:
            if track_id not in self._asked:
                self._asked.add(track_id)
                self._session.work.cover(track_id, self._on_read)
        else:
            self._masters.move_to_end(track_id)
        side = max(1, round(size_px * ratio))
        pixmap = (
            made_up(track, side) if master is None or master.isNull() else rounded(master, side)
        )
        pixmap.setDevicePixelRatio(ratio)
        self._pixmaps[key] = pixmap
        while len(self._pixmaps) > KEPT_PIXMAPS:
            self._pixmaps.popitem(last=False)
        return pixmap

    def _on_read(self, track_id: int, data: bytes | None) -> None:
        if not data:
            self._keep(track_id, QImage())
            return
        self._pool.start(_Decode(self._decoded, track_id, data))

    def _on_decoded(self, track_id: int, image: QImage) -> None:
        self._keep(track_id, image)
        if image.isNull():
            return
        for key in [key for key in self._pixmaps if key[0] == track_id]:
            del self._pixmaps[key]
        self.ready.emit(track_id)

    def _keep(self, track_id: int, image: QImage) -> None:
        self._asked.discard(track_id)
        self._masters[track_id] = image
        while len(self._masters) > KEPT_MASTERS:
            self._masters.popitem(last=False)


class _Decode:
    """One picture, in the pool's thread: JPEG and PNG bytes to an image no larger than needed."""

    def __init__(self, deliver: SignalInstance, track_id: int, data: bytes) -> None:
        self._deliver = deliver
        self._track_id = track_id
        self._data = data

    def __call__(self) -> None:
        buffer = QBuffer()
        buffer.setData(QByteArray(self._data))
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        reader = QImageReader(buffer)
        reader.setAutoTransform(True)
        size = reader.size()
        if size.isValid() and min(size.width(), size.height()) > MASTER_PX:
            # Told beforehand, the JPEG reader skips most of the work.
            reader.setScaledSize(
                size.scaled(
                    QSize(MASTER_PX, MASTER_PX), Qt.AspectRatioMode.KeepAspectRatioByExpanding
                )
            )
        image = reader.read()
        if not image.isNull():
            image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        self._deliver.emit(self._track_id, image)


def rounded(image: QImage, side: int) -> QPixmap:
    """The middle square of ``image`` at ``side`` device pixels, corners rounded."""
    edge = min(image.width(), image.height())
    square = image.copy((image.width() - edge) // 2, (image.height() - edge) // 2, edge, edge)
    picture = QPixmap.fromImage(
        square.scaled(
            side,
            side,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    )
    return _painted(side, QBrush(picture))


def made_up(track: "TrackRow", side: int) -> QPixmap:
    """A quiet two-colour gradient that is the same for every track of an album."""
    name = f"{track.artist}\n{track.album}" if track.album else f"{track.artist}\n{track.title}"
    seed = hashlib.blake2b(name.casefold().encode(), digest_size=4).digest()
    hue = seed[0] * 360 // 256
    other = (hue + 25 + seed[1] * 50 // 256) % 360
    gradient = QLinearGradient(0, 0, side, side)
    gradient.setColorAt(0.0, QColor.fromHsl(hue, 70 + seed[2] // 5, 78 + seed[3] // 12))
    gradient.setColorAt(1.0, QColor.fromHsl(other, 75, 34))
    return _painted(side, QBrush(gradient))


def _painted(side: int, brush: QBrush) -> QPixmap:
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(brush)
    radius = max(2.0, side * _RADIUS)
    painter.drawRoundedRect(0, 0, side, side, radius, radius)
    painter.end()
    return pixmap
