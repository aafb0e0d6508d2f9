"""Whether there is a newer version: lane `send`, once the listener has agreed."""

from typing import TYPE_CHECKING

from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job

if TYPE_CHECKING:
    from sliders_desktop.online.releases import Release


def newer_release(store: Store, address: str, own: str, job: Job = NO_JOB) -> "Release | None":
    """The newest release, if it is newer than version ``own``. Raises `Unreachable`."""
    from sliders_desktop.online import releases

    found = releases.newest(address)
    return found if releases.numbers(found.version) > releases.numbers(own) else None
