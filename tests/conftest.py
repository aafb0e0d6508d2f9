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


def _our_stack(thread: threading.Thread) -> traceback.StackSummary | None:
    """Where ``thread`` stands now, if any of its frames is our own code."""
    frame = sys._current_frames().get(thread.ident or 0)
    if frame is None:
        return None
    stack = traceback.extract_stack(frame)
    return stack if any(f.filename.startswith(PACKAGE) for f in stack) else None


@pytest.fixture(autouse=True)
def _no_threads_left() -> Iterator[None]:
    """Threads of ours, and any that would keep the process alive, must have ended."""
    before = set(threading.enumerate())
    yield
    patience_ends = time.monotonic() + PATIENCE_S
    while True:
        new = [t for t in threading.enumerate() if t not in before]
        left = {t.name: stack for t in new if (stack := _our_stack(t)) or not t.daemon}
        if not left:
            return
        if time.monotonic() > patience_ends:
            break
        time.sleep(0.01)
    places = [
        f"thread {name!r} is still here:\n{''.join(stack.format()) if stack else ''}"
        for name, stack in left.items()
    ]
    pytest.fail("\n".join(places), pytrace=False)
