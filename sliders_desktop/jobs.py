"""Background lanes: start a task, see its progress, pause or cancel it, get its result.

A lane is one daemon thread, one queue and one `Store` of its own.
Results and progress reach the main thread through one queued signal of `Jobs`.
"""

import gc
import importlib
import itertools
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot

from sliders_desktop.errors import Cancelled, UserError
from sliders_desktop.library.store import Store

log = logging.getLogger(__name__)

LaneName = Literal[
    "scan", "torch", "level", "teach", "fit", "doubt", "map", "read", "ratings", "send"
]
#: Lanes whose work can wait; `fit` and `read` answer a listener who is looking, `send` only waits.
POLITE: frozenset[str] = frozenset({"scan", "torch", "level", "teach", "doubt", "map", "ratings"})
#: Imported before a lane steps back: a thread of low priority that holds the interpreter's lock
#: while other programs take the processor would hold up the window with it.
FIRST_IMPORTS = {
    "torch": ("sliders_desktop.ml.encoder", "sliders_desktop.audio.loudness_kernels"),
    "level": ("sliders_desktop.audio.loudness_kernels",),
    # The second is what torch's optimisers import when the first of them is made: a second's work.
    "teach": ("sliders_desktop.ml.pretrain", "torch._dynamo"),
    "map": tuple(f"sliders_desktop.ml.{name}" for name in ("layout", "fuzzy", "selection")),
    "send": ("sliders_desktop.online.listenbrainz",),
}
PROGRESS_INTERVAL_S = 0.1

State = Literal["queued", "running", "paused", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class JobView:
    """A job as the window sees it; ``rate_per_min`` and ``eta_s`` leave pauses out."""

    key: str
    state: State
    done: int = 0
    total: int = 0
    text: str = ""
    rate_per_min: float = 0.0
    eta_s: float | None = None


class Job:
    """One run of a task; the task itself sees only `progress` and `check`."""

    def __init__(self, key: str, emit: Callable[[JobView], None]) -> None:
        self.key = key
        self._emit = emit
        self._cancelled = threading.Event()
        self._go = threading.Event()
        self._go.set()
        self._busy_s = 0.0  # time spent running, pauses left out
        self._since = time.monotonic()
        self._last_emit = 0.0
        self._first_done: int | None = None
        self.view = JobView(key, "queued")

    def progress(self, done: int, total: int, text: str = "") -> None:
        """Report from the lane; at most ten reports a second reach the window."""
        now = time.monotonic()
        if self._first_done is None:
            self._first_done, self._since, self._busy_s = done, now, 0.0
        busy_s = self._busy_s + now - self._since
        fresh = done - self._first_done
        per_s = fresh / busy_s if fresh > 0 and busy_s > 0 else 0.0
        eta_s = (total - done) / per_s if per_s else None
        # The step that was under way when it was paused may report once more.
        state: State = "paused" if self.paused else "running"
        view = JobView(self.key, state, done, total, text, per_s * 60, eta_s)
        self.view = view
        if now - self._last_emit >= PROGRESS_INTERVAL_S or done >= total:
            self._last_emit = now
            self._emit(view)

    def check(self) -> None:
        """Wait in the lane while paused; raise `Cancelled` when asked to stop."""
        if not self._go.is_set():
            self._busy_s += time.monotonic() - self._since
            self._go.wait()
            self._since = time.monotonic()
        if self._cancelled.is_set():
            raise Cancelled(self.key)

    def pause(self) -> None:
        self._go.clear()
        self._show("paused")

    def resume(self) -> None:
        self._go.set()
        self._show("running")

    def cancel(self) -> None:
        self._cancelled.set()
        self._go.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    @property
    def paused(self) -> bool:
        return not self._go.is_set()

    def _show(self, state: State) -> None:
        self.view = replace(self.view, state=state)
        self._emit(self.view)

    def finish(self, state: State) -> None:
        """Called once by the lane when the task is over."""
        self._show(state)


class _Lane(threading.Thread):
    """Runs one task after the other; its store is opened at the first."""

    def __init__(self, name: str, database: Path) -> None:
        super().__init__(name=f"lane-{name}", daemon=True)
        self._lane = name
        self._database = database
        self.tasks: queue.SimpleQueue[Callable[[Store], None] | None] = queue.SimpleQueue()

    def run(self) -> None:
        store: Store | None = None
        while (run := self.tasks.get()) is not None:
            if store is None:
                store = Store.open(self._database)
                _import(FIRST_IMPORTS.get(self._lane, ()))
                if self._lane in POLITE:
                    _lower_priority()
            run(store)
        if store is not None:
            store.close()


class Jobs(QObject):
    """Owns the lanes.

    Signals:
        progressed(JobView): a job started, moved, paused or ended; on the main thread.
        broke(str): the traceback of an unexpected error in a task.
    """

    progressed = Signal(object)
    broke = Signal(str)
    _delivered = Signal(object)

    def __init__(self, database: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._database = database
        self._lanes: dict[str, _Lane] = {}
        self._current: dict[str, Job] = {}
        self._closed = False
        self._count = itertools.count()
        self._delivered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        lane: LaneName,
        task: Callable[..., Any],
        *args: Any,
        key: str | None = None,
        on_done: Callable[[Any], None] | None = None,
        on_failed: Callable[[str], None] | None = None,
    ) -> Job:
        """Run ``task(store, *args, job=job)`` in ``lane``.

        An older job of the same ``key`` is cancelled and its result dropped. ``on_done`` gets
        the result and ``on_failed`` one sentence, both on the main thread; give bound methods.
        """
        key = key or f"{task.__name__}-{next(self._count)}"
        older = self._current.get(key)
        if older is not None:
            older.cancel()
        job = Job(key, self._announce)
        self._current[key] = job
        if self._closed:
            job.cancel()
            return job
        if lane not in self._lanes:
            self._lanes[lane] = _Lane(lane, self._database)
            self._lanes[lane].start()
        self._lanes[lane].tasks.put(partial(self._run, job, task, args, on_done, on_failed))
        return job

    def job(self, key: str) -> Job | None:
        """The newest job of ``key`` while it is queued or running."""
        return self._current.get(key)

    def idle(self) -> bool:
        return not self._current

    def shutdown(self, timeout_s: float = 3.0) -> bool:
        """Refuse new jobs, cancel all, wait for the lanes; False if one did not end in time."""
        self._closed = True
        for job in list(self._current.values()):
            job.cancel()
        for lane in self._lanes.values():
            lane.tasks.put(None)
        end = time.monotonic() + timeout_s
        for lane in self._lanes.values():
            lane.join(max(0.0, end - time.monotonic()))
        return not any(lane.is_alive() for lane in self._lanes.values())

    def _run(
        self,
        job: Job,
        task: Callable[..., Any],
        args: tuple[Any, ...],
        on_done: Callable[[Any], None] | None,
        on_failed: Callable[[str], None] | None,
        store: Store,
    ) -> None:
        """On the lane."""
        end: Callable[[], None] | None = None
        state: State = "done"
        try:
            job.check()
            result = task(store, *args, job=job)
            if on_done is not None:
                end = partial(on_done, result)
        except Cancelled:
            state = "cancelled"
        except UserError as error:
            state = "failed"
            log.info("%s: %s", job.key, error)
            if on_failed is not None:
                end = partial(on_failed, str(error))
        except Exception as error:
            state = "failed"
            log.exception("job %s failed", job.key)
            if on_failed is not None:
                end = partial(on_failed, f"Something went wrong: {error}")
            self.broke.emit(_traceback())
        self._delivered.emit(partial(self._end, job, state, end))

    def _end(self, job: Job, state: State, end: Callable[[], None] | None) -> None:
        """On the main thread: the newest job of a key is the only one that is heard."""
        newest = self._current.get(job.key) is job
        if newest:
            del self._current[job.key]
        if self._closed:
            return
        if newest:
            job.finish("cancelled" if job.cancelled else state)
            if end is not None and not job.cancelled:
                end()

    def _announce(self, view: JobView) -> None:
        """From any thread."""
        self._delivered.emit(partial(self._show, view))

    def _show(self, view: JobView) -> None:
        self.progressed.emit(view)

    @Slot(object)
    def _deliver(self, call: Callable[[], None]) -> None:
        call()


def _import(names: Sequence[str]) -> None:
    """Import without garbage collection.

    A look at all objects of torch holds the interpreter for a tenth of a second, and importing
    brings several. What came by import stays for good and is never looked at again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for name in names:
            importlib.import_module(name)
        if names:
            gc.freeze()
    finally:
        if was_enabled:
            gc.enable()


def _traceback() -> str:
    import traceback

    return traceback.format_exc()


def _lower_priority() -> None:
    """Let music and window come first; only where the system lets one thread be lowered."""
    if sys.platform.startswith("linux"):
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
        except OSError as error:
            log.debug("priority unchanged: %s", error)
    elif sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetThreadPriority(kernel.GetCurrentThread(), -1)
