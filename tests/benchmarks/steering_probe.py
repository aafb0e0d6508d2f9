"""The real window over a home of `steering_home`: a handle is moved, a track is rated.

Prints JSON: medians and 95th percentiles in ms, and the bare product over all vectors. The
processor's time beside them tells work from waiting where other programs are busy, too.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the program sets it, before numpy comes

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication, QProxyStyle, QStyle, QWidget

from sliders_desktop.app import App
from sliders_desktop.cli import _prepare
from sliders_desktop.config import Paths

REST_MS = 600  # between two: whatever waits for a pause has begun, and then ends


class Still(QProxyStyle):
    """As if the system had asked for no motion: the first frame is the last."""

    def styleHint(self, hint: Any, *others: Any) -> int:
        if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
            return 0
        return super().styleHint(hint, *others)


class Paints(QObject):
    """When a widget was last painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.at = 0.0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._painted)
        return False

    def _painted(self) -> None:
        self.at = time.perf_counter()


def figures(values: list[float]) -> dict[str, float]:
    """Median and 95th percentile in ms."""
    return {
        "median": round(1000 * statistics.median(values), 1),
        "p95": round(1000 * float(np.quantile(values, 0.95)), 1),
    }


def until(true: Callable[[], bool], limit_s: float = 120.0) -> None:
    """Let the event loop run as in the program, and look at each of its rounds."""
    loop = QEventLoop()
    timer = QTimer()
    timer.setInterval(1)
    end = time.monotonic() + limit_s

    def look() -> None:
        if true() or time.monotonic() > end:
            loop.quit()

    timer.timeout.connect(look)
    timer.start()
    loop.exec()
    assert true()


def rest(ms: int = REST_MS) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


class Probe:
    """One running program."""

    def __init__(self, home: Path, still: bool) -> None:
        paths = Paths(home)
        _prepare(paths, False)
        self.qt = QApplication(sys.argv[:1])
        self.app = App(self.qt, paths, "null")
        if still:
            self.qt.setStyle(Still("fusion"))
        self.session = self.app.session
        self.window = self.app.window
        self.window.resize(1440, 900)
        self.app.show()
        session = self.session
        until(lambda: session.catalogue.loaded and self.window.centre.map is not None)
        self.window.centre.show_view("map")
        until(lambda: len(session.learned.lit_sliders()) == 2)
        session.playback.radio_from([int(session.catalogue.vector_ids[10])])
        session.playback.toggle()
        until(lambda: len(session.playback.up_next) >= 20)
        self.listed_at = 0.0  # when Up next was last brought up to date
        session.playback.queue_changed.connect(self._on_listed)  # after the list itself
        self.list_paints = Paints(self.window.up_next.list.viewport())
        self.map_paints = Paints(self.window.centre.map.canvas.viewport())

    def _on_listed(self) -> None:
        self.listed_at = time.perf_counter()

    def handle(self, times: int) -> dict[str, Any]:
        """From the handle's move to other rows, and to both on the screen."""
        session, rows = self.session, self.window.up_next.list.rows
        changed, shown, colors, work = [], [], [], []
        first = session.learned.lit_sliders()[0]
        session.steering.set_target(first.id, 0.5)
        self.window.centre.map.set_color("steering")
        for at in range(times):
            rest()
            before = [i.track_id for i in rows.items]
            began, worked = time.perf_counter(), time.process_time()
            session.steering.set_target(first.id, (0.05, 0.95)[at % 2])
            until(lambda before=before: [i.track_id for i in rows.items] != before)
            changed.append(self.listed_at - began)
            work.append(time.process_time() - worked)
            until(lambda began=began: self.list_paints.at > began)
            now = changed[-1] + began
            until(lambda now=now: self.list_paints.at > now)
            shown.append(self.list_paints.at - began)
            colors.append(self.map_paints.at - began)
        return {
            "rows": figures(changed), "painted": figures(shown), "colours": figures(colors),
            "cpu to rows": figures(work),
        }  # fmt: skip

    def rating(self, times: int) -> dict[str, Any]:
        """From the key to the refit, and to the map's new colours on the screen."""
        session, vectors = self.session, self.session.catalogue.vectors
        assert vectors is not None
        first = session.learned.lit_sliders()[0]
        self.window.centre.map.set_color(f"slider:{first.id}")
        fits, shown, kept, work = [], [], [], []
        for at in range(times):
            rest()
            until(session._jobs.idle)
            row = 1000 + 17 * at
            track, meant = int(vectors.ids[row]), float(vectors.x[row, 0] > 0)
            known = session.learned.fitted(first.id)
            began, worked = time.perf_counter(), time.process_time()
            session.rack.rate([track], meant, first.id)
            kept.append(time.perf_counter() - began)
            until(lambda known=known: session.learned.fitted(first.id) is not known)
            fits.append(time.perf_counter() - began)
            now = time.perf_counter()
            until(lambda now=now: self.map_paints.at > now)
            shown.append(self.map_paints.at - began)
            work.append(time.process_time() - worked)
        return {
            "on disk": figures(kept), "refitted": figures(fits), "colours": figures(shown),
            "cpu to colours": figures(work),
        }  # fmt: skip

    def product(self) -> dict[str, float]:
        """What one pass over all vectors costs in this run."""
        vectors = self.session.catalogue.vectors
        assert vectors is not None
        q = vectors.x[0].copy()
        times, work = [], []
        for _ in range(20):
            began, worked = time.perf_counter(), time.process_time()
            vectors.x @ q
            times.append(time.perf_counter() - began)
            work.append(time.process_time() - worked)
        return {**figures(times), "cpu": figures(work)["median"]}

    def close(self) -> None:
        self.window.close()
        self.app.shutdown()


def main() -> int:
    probe = Probe(Path(sys.argv[1]), sys.argv[2] == "still")
    times = int(sys.argv[3])
    seen = {
        "tracks": len(probe.session.catalogue.vector_ids),
        "product": probe.product(),
        "handle": probe.handle(times),
        "rating": probe.rating(times),
        "product again": probe.product(),
    }
    probe.close()
    sys.stdout.write(json.dumps(seen) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
