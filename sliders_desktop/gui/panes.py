"""The keyboard's way from one part of the window to the next."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def neighbour(parts: Sequence[QWidget], focus: QWidget | None, step: int) -> QWidget:
    """The visible part ``step`` further round than the one that holds ``focus``."""
    shown = [part for part in parts if part.isVisible() and not part.visibleRegion().isEmpty()]
    for at, part in enumerate(shown):
        if focus is not None and (focus is part or part.isAncestorOf(focus)):
            return shown[(at + step) % len(shown)]
    return shown[0]


def focus_into(part: QWidget) -> None:
    """Focus the first widget of ``part`` that Tab would reach."""
    if part.focusPolicy() & Qt.FocusPolicy.TabFocus:
        part.setFocus(Qt.FocusReason.TabFocusReason)
        return
    widget = part.nextInFocusChain()
    while widget is not None and widget is not part:
        if (
            part.isAncestorOf(widget)
            and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and widget.isVisible()
            and widget.isEnabled()
        ):
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return
        widget = widget.nextInFocusChain()
