"""How long things may move; nothing moves where the system asks for stillness. Main thread."""

from PySide6.QtWidgets import QStyle, QWidget


def motion_ms(widget: QWidget, wished_ms: int) -> int:
    """``wished_ms``, or 0 where animations are turned off."""
    allowed = widget.style().styleHint(
        QStyle.StyleHint.SH_Widget_Animation_Duration, None, widget, None
    )
    return wished_ms if allowed > 0 else 0
