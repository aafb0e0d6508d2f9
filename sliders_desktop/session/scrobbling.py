"""Sending what is heard to ListenBrainz: only after a yes, and what can't be sent now waits."""

import logging
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from sliders_desktop import tasks
from sliders_desktop.config import LISTENBRAINZ, Paths
from sliders_desktop.errors import UserError
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.path_text import absolute, is_inside
from sliders_desktop.library.records import Listen, Play, TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.session.catalogue import Catalogue

log = logging.getLogger(__name__)

KEPT_AS = "listenbrainz"  # in the library's file; no setting, so that only `agree` turns it on
FIRST_WAIT_S, LONGEST_WAIT_S = 30.0, 900.0
CHECK, LISTENS, NOW = "listenbrainz-token", "listenbrainz-listens", "listenbrainz-now"


class Scrobbling(QObject):
    """Queues what was heard while it is on, and sends the queue.

    Signals:
        changed(): on or off, what waits, or what is wrong.
        failed(str): one sentence, once.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        catalogue: Catalogue,
        paths: Paths,
        kept: Any,
        parent: QObject | None = None,
    ) -> None:
        """``kept`` is what was stored under `KEPT_AS`."""
        super().__init__(parent)
        self._store, self._jobs, self._catalogue = store, jobs, catalogue
        self._demo = absolute(paths.demo)
        self.possible = not paths.trial  # a run that leaves no trace leaves none elsewhere
        kept = kept if isinstance(kept, dict) else {}
        self.server = str(kept.get("server") or LISTENBRAINZ)
        self.token = str(kept.get("token") or "")
        self.user = str(kept.get("user") or "")
        self.on = self.possible and kept.get("on") is True
        self.refused = kept.get("refused") is True
        self.problem = ""  # one sentence: why nothing is sent now, why a token was not taken
        self.asked_to_wait = False  # by the server
        self._failures = 0
        self._again = False  # more came while the queue was being sent
        self._closed = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.send)
        if self.refused:
            self.problem = self._refusal()

    # what the window asks

    @property
    def checking(self) -> bool:
        """The server is being asked about a token."""
        return _live(self._jobs, CHECK)

    @property
    def sending(self) -> bool:
        return _live(self._jobs, LISTENS)

    @property
    def host(self) -> str:
        """The name of the server that was agreed to."""
        return self._account().host

    @property
    def waiting(self) -> int:
        """How many listens are not sent yet."""
        return self._store.waiting_count()

    @property
    def retry_in_s(self) -> float | None:
        """When the queue is tried again, None if nothing is planned."""
        return self._later.remainingTime() / 1000 if self._later.isActive() else None

    # what the window does

    def agree(self, server: str, token: str) -> None:
        """The listener's yes: from now on what is heard is sent, if the server knows the token."""
        if not self.possible:
            return
        try:
            account = tasks.Account.of(server, token)
        except UserError as error:
            self._on_no_token(str(error))
            return
        self.problem = ""
        self._jobs.start(
            "send",
            tasks.check_token,
            account,
            key=CHECK,
            on_done=self._on_token,
            on_failed=self._on_no_token,
        )
        self.changed.emit()

    def turn_off(self) -> None:
        """Send nothing more; what waits stays until it is forgotten or sent after a new yes."""
        self.on = self.refused = self._again = False
        self.problem = ""
        self._later.stop()
        for key in (CHECK, LISTENS, NOW):
            if (job := self._jobs.job(key)) is not None:
                job.cancel()
        self._keep()

    def forget(self) -> None:
        """What waits shall never be sent."""
        self._store.forget_listens()
        self.changed.emit()

    def start(self) -> None:
        """At the program's start: send what waits."""
        self.send()

    def send(self) -> None:
        """Send what waits, now."""
        self._later.stop()
        if not self.on or self.refused or self._closed:
            return
        if self.sending:
            self._again = True
        elif not self.waiting:
            self.problem = ""
        else:
            self._again = False
            self._jobs.start(
                "send",
                tasks.send_listens,
                self._account(),
                key=LISTENS,
                on_done=self._on_sent,
                on_failed=self._on_broke,
            )
        self.changed.emit()

    def close(self) -> None:
        """Begin to send nothing more; what is heard to the end still comes to wait."""
        self._closed = True
        self._later.stop()

    # what is heard

    def on_began(self, track_id: int) -> None:
        """Say what plays; when it can't be said now, it isn't."""
        row = self._catalogue.track(track_id)
        busy = self._later.isActive()  # the server is away, or asked for patience
        if row is None or not self.on or self.refused or busy or not self._has_a_name(row):
            return
        self._jobs.start(
            "send",
            tasks.announce,
            self._account(),
            _listen(row, 0),
            row.path,
            key=NOW,
            on_done=self._on_announced,
        )

    def on_saved(self, play: Play) -> None:
        """Let what was heard long enough wait, and send it."""
        row = self._catalogue.track(play.track_id)
        if row is None or not self.on or not self._has_a_name(row):
            return
        if tasks.is_listen(row.duration_s, play.seconds_played):
            self._store.save_listen(_listen(row, play.started_at))
            if self._later.isActive():
                self.changed.emit()
            else:
                self.send()

    def _has_a_name(self, row: TrackRow) -> bool:
        """It has, and is none of the demo's pieces."""
        named = bool(row.title.strip() and row.artist.strip())
        return named and not is_inside(row.path, self._demo)

    # what the jobs report

    def _on_token(self, known: "tasks.Known") -> None:
        if (known.account.server, known.user) != (self.server, self.user):
            self._store.forget_listens()  # what waits was meant for the other one
        self.server, self.token = known.account.server, known.account.token
        self.user, self.on, self.refused = known.user, True, False
        self._failures = 0
        self._keep()
        self.send()

    def _on_no_token(self, sentence: str) -> None:
        self.problem = sentence
        self.changed.emit()

    def _on_announced(self, sent: "tasks.Sent | None") -> None:
        if sent is not None and sent.end != "all":
            self._on_trouble(sent)

    def _on_sent(self, sent: "tasks.Sent") -> None:
        if sent.sent or sent.dropped:
            log.info("ListenBrainz: %d sent, %d dropped", sent.sent, sent.dropped)
        if sent.end != "all":
            self._on_trouble(sent)
            return
        self._failures, self.problem = 0, ""
        if self._again:
            self.send()
        self.changed.emit()

    def _on_trouble(self, sent: "tasks.Sent") -> None:
        if sent.end == "refused":
            self._later.stop()
            self.refused, self.problem = True, self._refusal()
            self._keep()
            self.failed.emit(self.problem)
            return
        self.problem, self.asked_to_wait = sent.reason, sent.wait_s is not None
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(self._failures, 10))
        self._failures += 1
        self._later.start(round(1000 * (sent.wait_s or wait_s)))
        self.changed.emit()

    def _on_broke(self, sentence: str) -> None:
        self._on_trouble(tasks.Sent("later", reason=sentence))

    # kept

    def _account(self) -> "tasks.Account":
        return tasks.Account(self.server, self.token)

    def _refusal(self) -> str:
        return self.tr(
            "{server} does not take your token any more: nothing is sent until you enter another "
            "in File, ListenBrainz"
        ).format(server=self.host)

    def _keep(self) -> None:
        kept = {
            "on": self.on,
            "server": self.server,
            "token": self.token,
            "user": self.user,
            "refused": self.refused,
        }
        self._store.set_setting(KEPT_AS, kept)
        self.changed.emit()


def _live(jobs: Jobs, key: str) -> bool:
    job = jobs.job(key)
    return job is not None and not job.cancelled


def _listen(row: TrackRow, at: int) -> Listen:
    return Listen(0, row.id, at, row.title, row.artist, row.album, row.duration_s)
