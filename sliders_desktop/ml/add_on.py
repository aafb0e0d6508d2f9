"""torch for NVIDIA cards, as a folder beside the installed program's own.

Installers carry torch for the processor alone. On Linux with an NVIDIA driver the listener may
fetch the other build, and from the next start on it is the one that is imported.
"""

import json
import shutil
import sys
from importlib import metadata
from pathlib import Path

from sliders_desktop.config import Paths

COMMAND = "sliders-desktop gpu"
MUCH = "about 3 GB to fetch, 7 GB on the disk"
DRIVER = Path("/proc/driver/nvidia/version")
_STAMP = "complete.json"


def own_torch() -> str:
    """The version of the torch that travels with the program: “2.13.0”."""
    return metadata.version("torch").partition("+")[0]


def is_possible() -> bool:
    """An installed program on a Linux with an NVIDIA driver; elsewhere there is nothing to add."""
    return bool(getattr(sys, "frozen", False)) and sys.platform == "linux" and DRIVER.exists()


def is_there(paths: Paths) -> bool:
    """Whether the folder is complete, and made for this program: an update may have passed it."""
    try:
        found = json.loads((paths.add_on / _STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(found == _stamp())


def use(paths: Paths) -> bool:
    """Let torch be imported from the folder, if it is there. Before anything imports torch."""
    if not getattr(sys, "frozen", False) or not paths.add_on.is_dir() or not is_there(paths):
        return False
    sys.path.insert(0, str(paths.add_on))
    return True


def mark_complete(paths: Paths) -> None:
    """All of it is there: say so, so that the next start uses it."""
    (paths.add_on / _STAMP).write_text(json.dumps(_stamp()), encoding="utf-8")


def remove(paths: Paths) -> None:
    """Take the folder away."""
    shutil.rmtree(paths.add_on, ignore_errors=True)


def offer(paths: Paths) -> str:
    """One sentence for a listener who could have it and has not, else nothing."""
    if not is_possible() or is_there(paths):
        return ""
    return (
        f"This computer has an NVIDIA card. For Sliders to listen on it, type “{COMMAND}” in a "
        f"terminal: {MUCH}."
    )


def _stamp() -> dict[str, str]:
    return {"torch": own_torch(), "python": ".".join(map(str, sys.version_info[:2]))}
