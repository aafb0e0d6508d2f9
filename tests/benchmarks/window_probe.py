"""Opens the real window on a home and says, as JSON, what a stop-watch and a profiler would.

Started by `test_window_speed.py` as a process of its own: `window_probe.py HOME MODE`.
"""

import sys
import time

BEGAN = time.perf_counter()

import json  # noqa: E402
import resource  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

HEAVY = ("torch", "numba", "scipy", "sklearn", "umap", "pyqtgraph", "soundfile", "av", "soxr",
         "mutagen", "sounddevice")  # fmt: skip
SEARCHES = (
    ("one_word", "amb"),
    ("two_words", "track 77"),
    ("conditions", "not heard for 6 months, year 1980–2000 and longer than 2 min"),
    ("none", ""),
)


def timed(call: Callable[[], Any], repeats: int = 5) -> list[float]:
    """Milliseconds of each call."""
    out = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        out.append(1000 * (time.perf_counter() - began))
    return out


class Gaps:
    """The longest times between two beats of a timer that should beat each 5 ms."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.last = time.perf_counter()
        self.gaps: list[float] = []
        self.timer = QTimer()
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.setInterval(5)
        self.timer.timeout.connect(self._beat)
        self.timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self.last))
        self.last = now

    def longest(self) -> dict[str, float]:
        """In milliseconds."""
        ordered = sorted(self.gaps)
        return {
            "max": ordered[-1],
            "second": ordered[-2],
            "third": ordered[-3],
            "p99.9": ordered[int(0.999 * (len(ordered) - 1))],
            "beats": len(ordered),
        }


def main() -> int:
    home, mode = Path(sys.argv[1]), sys.argv[2]
    from PySide6.QtCore import QCoreApplication, QEvent, QObject
    from PySide6.QtWidgets import QApplication

    from sliders_desktop.app import App
    from sliders_desktop.cli import _prepare
    from sliders_desktop.config import Paths

    paths = Paths(home)
    _prepare(paths, False)
    seen: dict[str, Any] = {}

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and "painted_s" not in seen:
                seen["painted_s"] = time.perf_counter() - BEGAN
                seen["heavy_before_paint"] = [m for m in HEAVY if m in sys.modules]
            return False

    qt = QApplication(sys.argv[:1])
    app = App(qt, paths, "null")
    watch = Watch()
    app.window.installEventFilter(watch)
    app.window.resize(1440, 900)
    app.show()

    def wait(true: Callable[[], bool], limit_s: float = 600.0) -> None:
        end = time.monotonic() + limit_s
        while not true() and time.monotonic() < end:
            QCoreApplication.processEvents()
            time.sleep(0.001)
        assert true()

    session = app.session
    wait(lambda: session.catalogue.loaded)
    seen["rows_s"] = time.perf_counter() - BEGAN
    seen["rows"] = session.catalogue.track_count
    table = app.window.centre.table
    app.window.centre.show_view("list")
    if mode == "table":
        seen["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        wait(lambda: app.window.centre.map is not None)
        settled = time.monotonic() + 3
        wait(lambda: time.monotonic() > settled)  # imports in the background are over
        for name, text in SEARCHES:
            seen[f"search_{name}_ms"] = timed(lambda text=text: session.catalogue.set_filter(text))
        from PySide6.QtCore import Qt

        for column in range(8):
            for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
                key = f"sort_{column}_{order.name[:3]}_ms"
                seen[key] = timed(
                    lambda column=column, order=order: table.model.sort(column, order), 3
                )
    else:
        music = Path(sys.argv[3])
        wait(lambda: app.window.centre.map is not None)
        gaps = Gaps()
        began = time.perf_counter()
        session.work.add_folder(str(music))
        wait(lambda: session.catalogue.track_count > 0)
        slider = session.rack.create("word", "", "")
        ids: list[int] = []

        def live() -> bool:
            """Rate something now and then, as one does, until all is listened to and drawn."""
            heard = session.catalogue.heard_count
            if heard and "while_importing_ms" not in seen:
                seen["while_importing_ms"] = gaps.longest()  # torch was imported meanwhile
                gaps.gaps.clear()
            if heard > 12 + 4 * len(ids) and len(ids) < 40:
                track = int(session.catalogue.vector_ids[len(ids)])
                session.rack.rate([track], float(len(ids) % 2), slider.id)
                ids.append(track)
            done = session.work.status("heard")
            drawn = session.work.status("map")
            return bool(
                done and done.state == "done" and drawn and drawn.state == "done"
                and len(session.catalogue.map_ids) == heard == session.catalogue.track_count
            )  # fmt: skip

        wait(live, 3000)
        seen["seconds"] = time.perf_counter() - began
        seen["heard"] = session.catalogue.heard_count
        seen["ratings"] = len(ids)
        seen["gaps_ms"] = gaps.longest()
        gaps.timer.stop()
    app.window.close()
    app.shutdown()
    sys.stdout.write(json.dumps(seen) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
