"""What is told of words in dialogs: lane `read`; the end of those long deleted: lane `ratings`."""

from sliders_desktop.library.records import Judgement, Word
from sliders_desktop.library.store import Store
from sliders_desktop.library.words import KEPT_S
from sliders_desktop.progress import NO_JOB, Job

__all__ = ["KEPT_S", "forget_deleted", "read_history", "read_words"]


def read_words(store: Store, job: Job = NO_JOB) -> list[Word]:
    """Every slider, in use, put away or deleted."""
    return store.words()


def read_history(store: Store, slider_id: int | None, job: Job = NO_JOB) -> list[Judgement]:
    """The history of one slider or of all, the newest first."""
    return store.judgements(slider_id)


def forget_deleted(store: Store, job: Job = NO_JOB) -> int:
    """Drop for good what was deleted long ago; how many sliders."""
    return store.forget_deleted_sliders()
