"""Teaching Sliders the listener's library: begun, gone on with, dropped, taken back."""

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.config import Paths, Settings
from sliders_desktop.jobs import Jobs, JobView
from sliders_desktop.session.catalogue import Catalogue

JOB = "taught"


class Teaching(QObject):
    """Starts the job "taught" and knows what there is to choose from.

    Signals:
        changed(): state, outlook or job is another.
        encoder_changed(): another encoder shall hear the library.
        said(str): one quiet sentence; failed(str): one sentence.
    """

    changed = Signal()
    encoder_changed = Signal()
    said = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        jobs: Jobs,
        catalogue: Catalogue,
        paths: Paths,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._catalogue, self._paths = jobs, catalogue, paths
        self._settings = settings
        self.config = tasks.TeachConfig()
        self.state: tasks.TeachingState | None = None
        self.outlook: tasks.Outlook | None = None  # None until `look` has found out
        self._encoder_id: int | None = None  # whose vectors are shown
        self._put_away = False
        self._chosen: str | None = None  # hash of the encoder in use, as far as the listener knows
        jobs.progressed.connect(self._on_progress)
        catalogue.vectors_changed.connect(self._on_vectors)

    @property
    def running(self) -> bool:
        """Under way, paused too."""
        return self._jobs.job(JOB) is not None

    @property
    def begun(self) -> float | None:
        """How far a teaching is that nobody works at, 0 to 1; None if there is none."""
        return None if self.state is None or self.running else self.state.begun

    @property
    def interrupted(self) -> bool:
        """The listener has not decided yet what becomes of a teaching that ended too early."""
        return self.begun is not None and not self._put_away

    def use(self, settings: Settings) -> None:
        """Other settings, from the next teaching on."""
        self._settings = settings

    def refresh(self) -> None:
        """Read the state again."""
        self._jobs.start(
            "read",
            tasks.teaching_state,
            self._paths,
            key="teaching-state",
            on_done=self._set_state,
        )

    def look(self) -> None:
        """Find out what a teaching would take."""
        self.refresh()
        self._jobs.start(
            "read",
            tasks.teaching_outlook,
            self._paths,
            self._settings.fast,
            self.config,
            key="teaching-outlook",
            on_done=self._set_outlook,
        )

    def start(self) -> None:
        """Begin, or go on with what was begun."""
        if self.running:
            return
        self._put_away = False
        self._jobs.start(
            "teach",
            tasks.teach,
            self._paths,
            self._settings.device,
            self._settings.fast,
            self.config,
            key=JOB,
            on_done=self._on_taught,
            on_failed=self._on_failed,
        )
        self.changed.emit()

    def put_away(self) -> None:
        """Stop, and ask no more in this session; what was done stays to go on with."""
        self._put_away = True
        if (job := self._jobs.job(JOB)) is not None:
            job.cancel()
            self.said.emit(self.tr("Teaching is stopped · go on or drop it in File, Teach Sliders"))
        self.changed.emit()

    def drop(self) -> None:
        """Forget a teaching that is not under way."""
        if not self.running:
            self._jobs.start(
                "read",
                tasks.drop_teaching,
                self._paths,
                key="teaching-drop",
                on_done=self._on_dropped,
                on_failed=self.failed.emit,
            )

    def hear_with(self, sha256: str) -> None:
        """Change to another encoder; nothing is lost, and it serves as soon as it has listened."""
        self._jobs.start(
            "read",
            tasks.use_generation,
            self._paths,
            sha256,
            key="use-generation",
            on_done=self._on_used,
            on_failed=self._on_failed,
        )

    # what the jobs report

    def _on_progress(self, view: JobView) -> None:
        if view.key == JOB and view.state in ("done", "failed", "cancelled"):
            self.refresh()

    def _set_state(self, state: "tasks.TeachingState") -> None:
        before, self.state = self.state, state
        chosen = next((g.sha256 for g in state.generations if g.chosen), tasks.SHIPPED)
        if self._chosen not in (None, tasks.SHIPPED, chosen) and chosen == tasks.SHIPPED:
            self.said.emit(
                self.tr(
                    "What your library taught does not fit this version: Sliders hears as it was "
                    "shipped · teach it anew in File, Teach Sliders"
                )
            )
        self._chosen = chosen
        if before is not None and before.serving and before.serving != state.serving:
            self._announce(state)
        self.changed.emit()

    def _announce(self, state: "tasks.TeachingState") -> None:
        if state.serving in {g.sha256 for g in state.generations}:
            self.said.emit(
                self.tr(
                    "Sliders now hears with what your library taught it · go back in File, "
                    "Teach Sliders"
                )
            )
        else:
            self.said.emit(self.tr("Sliders now hears as it was shipped"))

    def _set_outlook(self, outlook: "tasks.Outlook") -> None:
        self.outlook = outlook
        self.changed.emit()

    def _on_taught(self, result: "tasks.TeachResult") -> None:
        if result.accepted:
            self.said.emit(
                self.tr(
                    "Your library taught Sliders something: it listens anew with it, and hears as "
                    "before until then"
                )
            )
            self.encoder_changed.emit()
        else:
            self.said.emit(
                self.tr(
                    "Teaching changed nothing, since Sliders would hear worse · the figures are in "
                    "File, Teach Sliders"
                )
            )
        self.look()

    def _on_failed(self, sentence: str) -> None:
        self.failed.emit(sentence)
        self.changed.emit()

    def _on_dropped(self, _: None) -> None:
        self.look()

    def _on_used(self, _: None) -> None:
        self._chosen = None  # as the listener wanted
        self._catalogue.load_vectors(at_once=True)
        self.encoder_changed.emit()
        self.refresh()

    def _on_vectors(self) -> None:
        vectors = self._catalogue.vectors
        if vectors is None or vectors.encoder_id == self._encoder_id:
            return
        changed = self._encoder_id is not None
        self._encoder_id = vectors.encoder_id
        if changed:
            self.refresh()
            self._jobs.start(
                "read", tasks.forget_unreachable, self._paths, key="forget-unreachable"
            )
