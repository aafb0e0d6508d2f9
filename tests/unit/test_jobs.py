"""Lanes with real threads and a real library; the main thread's loop is pytest-qt's."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from sliders_desktop.errors import UserError
from sliders_desktop.jobs import Job, Jobs, JobView
from sliders_desktop.library.store import Store


@pytest.fixture
def jobs(tmp_path: Path, qtbot: QtBot) -> Iterator[Jobs]:
    Store.open(tmp_path / "library.db").close()
    jobs = Jobs(tmp_path / "library.db")
    yield jobs
    assert jobs.shutdown()


def test_the_result_arrives_on_the_main_thread(jobs: Jobs, qtbot: QtBot) -> None:
    seen: list[tuple[Any, int]] = []

    def task(store: Store, word: str, job: Any) -> tuple[str, int]:
        return word, threading.get_ident()

    def done(result: tuple[str, int]) -> None:
        seen.append((result, threading.get_ident()))

    jobs.start("fit", task, "calm", on_done=done)
    qtbot.waitUntil(lambda: bool(seen))

    (word, worker), main = seen[0]
    assert word == "calm"
    assert main == threading.get_ident()
    assert worker != main


def test_each_lane_has_a_store_of_its_own(jobs: Jobs, qtbot: QtBot) -> None:
    stores: list[Store] = []

    def task(store: Store, job: Any) -> Store:
        store.counts()
        return store

    jobs.start("fit", task, on_done=stores.append)
    jobs.start("read", task, on_done=stores.append)
    jobs.start("fit", task, on_done=stores.append)
    qtbot.waitUntil(lambda: len(stores) == 3)

    assert len(set(map(id, stores))) == 2


def test_the_newest_of_a_key_wins(jobs: Jobs, qtbot: QtBot) -> None:
    """Rating ten tracks quickly gives one result, that of the last."""
    seen: list[int] = []

    def task(store: Store, number: int, job: Any) -> int:
        for _ in range(20):
            job.check()
            time.sleep(0.005)
        return number

    for number in range(10):
        jobs.start("fit", task, number, key="head", on_done=seen.append)
    qtbot.waitUntil(jobs.idle)
    qtbot.wait(50)

    assert seen == [9]


def test_a_late_report_of_a_paused_job_does_not_look_like_work() -> None:
    views: list[JobView] = []
    job = Job("taught", views.append)
    job.pause()
    job.progress(1, 10)  # the step that was under way
    assert {view.state for view in views} == {"paused"}
    assert (job.view.state, job.view.done) == ("paused", 1)
    job.resume()
    assert views[-1].state == "running"


def test_pause_holds_and_cancel_ends(jobs: Jobs, qtbot: QtBot) -> None:
    steps: list[int] = []
    views: list[JobView] = []
    jobs.progressed.connect(views.append)

    def task(store: Store, job: Any) -> None:
        for step in range(10_000):
            job.check()
            steps.append(step)
            job.progress(step, 10_000)
            time.sleep(0.002)

    job = jobs.start("scan", task, key="found")
    qtbot.waitUntil(lambda: len(steps) > 5)
    job.pause()
    qtbot.wait(50)
    held = len(steps)
    qtbot.wait(100)
    assert len(steps) == held
    assert views[-1].state == "paused"

    job.resume()
    qtbot.waitUntil(lambda: len(steps) > held)
    job.cancel()
    qtbot.waitUntil(jobs.idle)
    assert views[-1].state == "cancelled"


def test_progress_is_rare_and_estimates(jobs: Jobs, qtbot: QtBot) -> None:
    views: list[JobView] = []
    jobs.progressed.connect(views.append)

    def task(store: Store, job: Any) -> None:
        for step in range(101):
            job.progress(step, 100)
            time.sleep(0.005)

    jobs.start("scan", task, key="found")
    qtbot.waitUntil(jobs.idle)

    running = [v for v in views if v.state == "running"]
    assert len(running) <= 12
    assert running[-1].done == 100
    middle = next(v for v in running if v.done > 30)
    assert middle.eta_s is not None
    assert 0.1 < middle.eta_s < 3


def test_a_sentence_for_the_listener_and_a_trace_for_us(
    jobs: Jobs, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    sentences: list[str] = []
    traces: list[str] = []
    jobs.broke.connect(traces.append)

    def refuses(store: Store, job: Any) -> None:
        raise UserError("The disk is full.")

    def breaks(store: Store, job: Any) -> None:
        raise ZeroDivisionError("our mistake")

    jobs.start("scan", refuses, on_failed=sentences.append)
    jobs.start("scan", breaks, on_failed=sentences.append)
    qtbot.waitUntil(jobs.idle)

    assert sentences[0] == "The disk is full."
    assert "our mistake" in sentences[1]
    assert len(traces) == 1
    assert "ZeroDivisionError" in traces[0]


def test_shutdown_ends_a_paused_job(tmp_path: Path, qtbot: QtBot) -> None:
    Store.open(tmp_path / "library.db").close()
    jobs = Jobs(tmp_path / "library.db")
    begun = threading.Event()

    def task(store: Store, job: Any) -> None:
        begun.set()
        while True:
            job.check()
            time.sleep(0.002)

    job = jobs.start("scan", task, key="found")
    assert begun.wait(2)
    job.pause()

    assert jobs.shutdown()
    late: list[Any] = []
    assert jobs.start("scan", task, on_done=late.append).cancelled
