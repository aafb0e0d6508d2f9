"""“Rate this on rainy night”: the nine keys of the armed slider for the track that plays."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sliders_desktop.gui.controls import Control, TextButton, paint_box, paint_focus
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.keys import KEYS, number_of, value_of

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class RatingKey(Control):
    """One of the nine; amber when it is the rating."""

    def __init__(self, theme: Theme, number: int, parent: QWidget | None = None) -> None:
        super().__init__(theme, str(number), parent=parent)
        self.number = number
        self.setCheckable(True)
        self.setText(str(number))
        self.setFixedSize(26, 22)

    def nextCheckState(self) -> None:
        """Only the rack decides what is lit."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self.theme
        lit = self.isChecked() and self.isEnabled()
        fill = theme.lamp if lit else theme.line if self.hovered else theme.raised
        paint_box(painter, self.rect(), fill, radius=4)
        painter.setFont(theme.font(12, 650 if lit else 400, tabular=True))
        role = "on_lamp" if lit else "text" if self.hovered else "soft"
        painter.setPen(theme.color(role if self.isEnabled() else "faint"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme, 4)


class _Heading(QWidget):
    """“Rate this on **rainy night** · Tab for another”, elided within the name."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = ""
        self.arms_by_tab = True  # a compact window has no map or list to press Tab in
        self.setFixedHeight(18)
        theme.changed.connect(self.update)

    def set_name(self, name: str) -> None:
        self._name = name
        self.setAccessibleName(self.tr("Rate this on {name}").format(name=name))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(258, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        plain, strong = theme.font(11.5), theme.font(11.5, 600)
        before = self.tr("Rate this on ")
        key = self.tr("Tab") if self.arms_by_tab else "[ ]"
        after = "  ·  " + self.tr("{key} for another").format(key=key)
        painter.setFont(plain)
        used = painter.fontMetrics().horizontalAdvance(before)
        tail = painter.fontMetrics().horizontalAdvance(after)
        x = self._draw(painter, 0, before, "soft")
        painter.setFont(strong)
        room = max(40, self.width() - used - tail)
        name = painter.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideRight, room)
        x = self._draw(painter, x, name, "text")
        painter.setFont(plain)
        self._draw(painter, x, after, "soft")

    def _draw(self, painter: QPainter, x: int, text: str, role: str) -> int:
        painter.setPen(self._theme.color(role))
        painter.drawText(
            QRect(x, 0, self.width() - x, self.height()), Qt.AlignmentFlag.AlignVCenter, text
        )
        return x + painter.fontMetrics().horizontalAdvance(text)


class RatingKeys(QWidget):
    """Heading and keys; without a slider one button that invents the first.

    Signals:
        new_slider_wanted(): the listener has none yet and asked for one.
    """

    new_slider_wanted = Signal()

    def __init__(
        self,
        session: "Session",
        theme: Theme,
        parent: QWidget | None = None,
        heading: bool = True,
    ) -> None:
        """Without ``heading`` the keys alone, where the slider's name is shown beside them."""
        super().__init__(parent)
        self._session = session
        self._headed = heading
        self._heading = _Heading(theme)
        self.keys = [RatingKey(theme, number) for number in range(1, KEYS + 1)]
        row = QHBoxLayout()
        row.setSpacing(3)
        for key in self.keys:
            key.clicked.connect(self._on_clicked)
            row.addWidget(key)
        row.addStretch(1)
        self.invent = TextButton(
            theme,
            [(self.tr("Invent a slider to rate this"), "text")],
            self.tr("Invent a slider to rate this"),
        )
        self.invent.clicked.connect(self.new_slider_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addStretch(1)
        column.addWidget(self._heading)
        column.addLayout(row)
        column.addWidget(self.invent)
        column.addStretch(1)
        self.setFixedWidth(KEYS * 26 + (KEYS - 1) * 3 + 2)
        rack, playback = session.rack, session.playback
        rack.armed_changed.connect(self.refresh)
        rack.sliders_changed.connect(self.refresh)
        rack.ratings_changed.connect(self._on_ratings_changed)
        playback.current_changed.connect(self.refresh)
        self.refresh()

    def set_compact(self, compact: bool) -> None:
        self._heading.arms_by_tab = not compact
        self._heading.update()

    def refresh(self) -> None:
        """Show the armed slider and what the playing track has on it."""
        armed, current = self._session.rack.armed, self._session.playback.current
        self.invent.setVisible(armed is None)
        self._heading.setVisible(armed is not None and self._headed)
        value = None
        if armed is not None:
            self._heading.set_name(armed.name)
            if current is not None:
                value = self._session.rack.rating(current.id, armed.id)
        chosen = 0 if value is None else number_of(value)
        for key in self.keys:
            key.setVisible(armed is not None)
            key.setEnabled(current is not None)
            key.setChecked(key.number == chosen)
            if armed is not None:
                key.set_name(
                    *self._words(key.number, armed.name, armed.low_label, armed.high_label)
                )

    def _words(self, number: int, name: str, low: str, high: str) -> tuple[str, str]:
        if number == 1:
            meaning = low
        elif number == KEYS:
            meaning = high
        elif number == (KEYS + 1) // 2:
            meaning = self.tr("neither {low} nor {high}").format(low=low, high=high)
        else:
            toward = low if number < (KEYS + 1) // 2 else high
            meaning = self.tr("towards {word}").format(word=toward)
        spoken = self.tr("{number} of 9 on {name}: {meaning}").format(
            number=number, name=name, meaning=meaning
        )
        tip = self.tr("{meaning}  ·  key {number}, 0 takes it back").format(
            meaning=meaning, number=number
        )
        return spoken, tip

    def _on_clicked(self) -> None:
        key, current = self.sender(), self._session.playback.current
        if isinstance(key, RatingKey) and current is not None:
            self._session.rack.rate([current.id], value_of(key.number))

    def _on_ratings_changed(self, slider_id: int) -> None:
        self.refresh()
