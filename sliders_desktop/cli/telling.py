"""One sentence to a listener who can't see a terminal, and what must be there for a window."""

import os
import re
import sys

from sliders_desktop.errors import UserError


def tell(sentence: str, window_wanted: bool) -> None:
    """Say it on the terminal; started from a menu an installed program shows it in a box, too."""
    if sys.stderr is not None:
        sys.stderr.write(f"{sentence}\n")
    if window_wanted and getattr(sys, "frozen", False) and not _is_read():
        _show(sentence)


def missing_library(error: ImportError) -> str | None:
    """The system's library that could not be loaded, such as “libGL.so.1”; None for other errors.

    The wording is that of glibc's and musl's loaders.
    """
    found = re.search(r"(lib[\w.+-]+\.so[.\d]*)\b.*: (cannot open|No such file)", str(error))
    return found.group(1) if found else None


def check_screen() -> None:
    """Qt ends the program without a word to the listener where there is no screen at all."""
    wanted = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in wanted):
        raise UserError(
            "There is no screen here for a window. The commands work without one: "
            "sliders-desktop --help."
        )


def _is_read() -> bool:
    """Whether somebody, or a test, sees what goes to the terminal."""
    unseen = os.environ.get("QT_QPA_PLATFORM") == "offscreen"
    return unseen or (sys.stderr is not None and sys.stderr.isatty())


def _show(sentence: str) -> None:
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, sentence, "Sliders", 0x10)
        return
    try:
        check_screen()
        from PySide6.QtWidgets import QApplication, QMessageBox
    except (UserError, ImportError):  # nothing to show it on, or with
        return
    application = QApplication.instance() or QApplication(sys.argv[:1])
    QMessageBox.critical(None, "Sliders", sentence)
    del application
