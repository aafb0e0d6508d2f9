"""What every test gets without asking: a home of its own, and an eye on what it leaves behind."""

import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

import sliders_desktop
from sliders_desktop.config import HOME_VARIABLE

# Widgets made inside pytest need no screen. The end-to-end tests start the program as its own
# process, without this variable, on the screen that packaging/test brings.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Compiled once for all tests; every new home would otherwise compile its own.
COMPILED = Path(__file__).resolve().parent.parent / ".cache" / "numba"
COMPILED.mkdir(parents=True, exist_ok=True)
os.environ.setdefault("NUMBA_CACHE_DIR", str(COMPILED))

PACKAGE = str(Path(sliders_desktop.__file__).parent)
PATIENCE_S = 2.0


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of this test alone; a program started by the test finds it too."""
    home = tmp_path / "home"
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    return home


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _nothing_logged_unseen(request: pytest.FixtureRequest) -> Iterator[None]:
    """A logged warning fails the test, unless it asked for `caplog` and so looks itself."""
    warnings = _Warnings()
    logger = logging.getLogger("sliders_desktop")
    logger.addHandler(warnings)
    yield
    logger.removeHandler(warnings)
    if warnings.lines and "caplog" not in request.fixturenames:
        pytest.fail("Logged:\n" + "\n".join(warnings.lines), pytrace=False)


def _threads_left(before: set[threading.Thread]) -> dict[str, str]:
    """New threads that run our code or would keep the process alive: name → where they stand."""
    left = {}
    for thread in set(threading.enumerate()) - before:
        frame = sys._current_frames().get(thread.ident or 0)
        stack = traceback.extract_stack(frame) if frame else []
        if not thread.daemon or any(f.filename.startswith(PACKAGE) for f in stack):
            left[thread.name] = "".join(traceback.format_list(stack))
    return left


@pytest.fixture(autouse=True)
def _no_threads_left() -> Iterator[None]:
    """Threads of ours, and any that would keep the process alive, must end with the test."""
    before = set(threading.enumerate())
    yield
    patience_ends = time.monotonic() + PATIENCE_S
    while (left := _threads_left(before)) and time.monotonic() < patience_ends:
        time.sleep(0.01)
    if left:
        places = [f"Thread {name!r} is still here:\n{place}" for name, place in left.items()]
        pytest.fail("\n".join(places), pytrace=False)
