"""Does the program work on this machine? `--smoke-test` opens it, uses it once, and closes it.

Main thread. The frozen program is tested with it after each build.
"""

import logging
import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from sliders_desktop.session.session import Session

log = logging.getLogger(__name__)

LOOK_EVERY_MS = 100
GIVE_UP_S = 180.0
HEARD_S = 1.0
LEAST_ON_MAP = 3


class SmokeTest(QObject):
    """Goes from step to step as each becomes true; the exit code says whether all did."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._steps: list[tuple[str, Callable[[], bool]]] = [
            ("window shown", window.isVisible),
            ("a track to play", self._played),
            ("a second of sound", self._heard),
            ("a track listened to", self._listened),
            ("a map", self._drawn),
            ("a rating", self._rated),
        ]
        self._end = time.monotonic() + GIVE_UP_S
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        self._timer.start()

    def _look(self) -> None:
        name, true = self._steps[0]
        if true():
            log.info("smoke test: %s", name)
            self._steps.pop(0)
        elif time.monotonic() > self._end:
            sys.stderr.write(f"smoke test: no {name} within {GIVE_UP_S:.0f} s\n")
            self._finish(1)
            return
        if not self._steps:
            self._finish(0)

    def _finish(self, code: int) -> None:
        self._timer.stop()
        QApplication.exit(code)

    def _played(self) -> bool:
        rows = self._session.catalogue.rows
        if not rows:
            return False
        self._session.playback.play([row.id for row in rows])
        return self._session.playback.current is not None

    def _heard(self) -> bool:
        return self._session.playback.position_s() >= HEARD_S

    def _listened(self) -> bool:
        return self._session.catalogue.heard_count >= LEAST_ON_MAP

    def _drawn(self) -> bool:
        work = self._session.work.status("map")
        if len(self._session.catalogue.map_ids):
            return True
        if work is None or work.state in ("done", "failed", "idle"):
            self._session.work.redraw_map()
        return False

    def _rated(self) -> bool:
        current = self._session.playback.current
        if current is None:
            return False
        rack = self._session.rack
        slider = next((s for s in rack.sliders if s.name == "calm"), None)  # of a test before
        slider = slider or rack.create("calm", "restless", "calm")
        rack.arm(slider.id)
        rack.rate([current.id], 1.0)
        return rack.rating(current.id, slider.id) == 1.0
