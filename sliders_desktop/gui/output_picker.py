"""Where the sound goes: a button with a menu beside the volume, and a notice when it is lost."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QAction,
    QActionGroup,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QWidget

from sliders_desktop.gui.controls import IconButton, paint_box
from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

MARGIN = 16
WIDEST_PX = 720
AT_ONCE = 3  # outputs that get a button of their own, the others are in the menu


class OutputMenu(QMenu):
    """The outputs there are now, a tick at the chosen one; they change while it is open."""

    def __init__(self, session: "Session", parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setAccessibleName(self.tr("Sound output"))
        self._group = QActionGroup(self)
        self._group.triggered.connect(self._on_chosen)
        self.aboutToShow.connect(session.playback.outputs.look)
        session.playback.outputs.changed.connect(self._fill)
        self._fill()

    def popup_above(self, button: QWidget) -> None:
        """Open it over ``button``, ready for the arrow keys."""
        at = button.mapToGlobal(QPoint(button.width(), 0))
        size = self.sizeHint()
        self.popup(at - QPoint(size.width(), size.height() + 4))
        chosen = self._group.checkedAction()
        if chosen is not None:
            self.setActiveAction(chosen)

    def _fill(self) -> None:
        outputs, pointed = self._session.playback.outputs, self.activeAction()
        kept = pointed.data() if pointed is not None else None
        self.clear()
        for action in self._group.actions():
            self._group.removeAction(action)
            action.deleteLater()
        system = self.tr("As the system")
        self._add(f"{system}: {outputs.default}" if outputs.default else system, "")
        self.addSeparator()
        for name in outputs.names:
            self._add(name, name)
        if outputs.chosen and outputs.chosen not in outputs.names:
            away = self._add(self.tr("{name} (away)").format(name=outputs.chosen), outputs.chosen)
            away.setEnabled(False)
        if not outputs.names:
            self._add(self.tr("No output is there now"), "").setEnabled(False)
        for action in self._group.actions():
            if self.isVisible() and kept is not None and action.data() == kept:
                self.setActiveAction(action)
                break

    def _add(self, text: str, name: str) -> QAction:
        action = QAction(text.replace("&", "&&"), self._group)
        action.setCheckable(True)
        action.setData(name)
        is_place_holder = not name and bool(self._group.actions()[:-1])
        action.setChecked(not is_place_holder and name == self._session.playback.outputs.chosen)
        self.addAction(action)
        return action

    def _on_chosen(self, action: QAction) -> None:
        use_output(self._session, action.data())


class OutputButton(IconButton):
    """Opens the menu; names the output in its tooltip, and is amber where one was chosen."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "output", self.tr("Sound output"), parent=parent)
        self._outputs = session.playback.outputs
        self.menu = OutputMenu(session, self)
        self.setCheckable(True)
        self.clicked.connect(self._on_clicked)
        self._outputs.changed.connect(self._show)
        self._show()

    def _on_clicked(self) -> None:
        self._show()
        self.menu.popup_above(self)

    def _show(self) -> None:
        outputs = self._outputs
        self.setChecked(bool(outputs.chosen))
        name = self.tr("Sound output")
        now = outputs.chosen or outputs.default
        self.set_name(f"{name}: {now}" if now else name)


class OutputNotice(QWidget):
    """Says why the sound stopped, above the player bar; one click goes on somewhere else."""

    def __init__(self, session: "Session", theme: Theme, window: QWidget, above: QWidget) -> None:
        super().__init__(window)
        self._session, self._theme, self._above = session, theme, above
        self._outputs = session.playback.outputs
        self._mark = QLabel()
        self._mark.setContentsMargins(0, 2, 0, 0)
        self._text = QLabel()
        self._text.setFont(theme.font(12.5))
        self._text.setWordWrap(True)
        self.close_button = IconButton(theme, "close", self.tr("Close"), size=24, icon_px=14)
        self.close_button.clicked.connect(self.hide)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 10, 10, 12)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self._mark, 0, 0, top)
        grid.addWidget(self._text, 0, 1)
        grid.addWidget(self.close_button, 0, 2, top)
        grid.addLayout(self._row, 1, 1, 1, 2)
        grid.setColumnStretch(1, 1)
        self.menu = OutputMenu(session, self)
        self.buttons: list[QuietButton] = []
        self._outputs.lost.connect(self._on_lost)
        self._outputs.found.connect(self.hide)
        self._outputs.changed.connect(self._on_changed)
        window.installEventFilter(self)
        above.installEventFilter(self)
        self.hide()

    def text(self) -> str:
        return self._text.text()

    def _on_lost(self) -> None:
        self._fill()
        self.show()
        self.raise_()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _on_changed(self) -> None:
        if self.isVisible():
            self._fill()

    def _fill(self) -> None:
        outputs = self._outputs
        loss = outputs.loss
        if loss is None:
            return
        back = outputs.back
        text = self.tr("“{name}” is there again.").format(name=back) if back else loss.reason
        self._text.setText(text)
        self.setAccessibleName(text)
        self._mark.setPixmap(self._theme.pixmap("warning", "text", 16, self.devicePixelRatioF()))
        self._mark.setVisible(not back)
        for old in self.buttons:
            self._row.removeWidget(old)
            old.deleteLater()
        while self._row.count():
            self._row.takeAt(0)
        self.buttons = [self._button(*choice) for choice in self._choices()[:AT_ONCE]]
        if len(self._choices()) > AT_ONCE:
            more = QuietButton(self._theme, self.tr("Others…"), self.tr("More outputs"))
            more.clicked.connect(lambda: self.menu.popup_above(more))
            self.buttons.append(more)
        for button in self.buttons:
            self._row.addWidget(button)
            button.show()
        self._row.addStretch(1)
        self._place()
        QTimer.singleShot(0, self, self._place)  # once the new buttons are laid out

    def _choices(self) -> list[tuple[str, str]]:
        """Texts and names, the most likely first."""
        outputs = self._outputs
        names = sorted(outputs.names, key=lambda name: name != outputs.back)
        choices = [(name, name) for name in names]
        if outputs.default:  # going on as the system does shall stay so
            system = self.tr("As the system: {name}").format(name=outputs.default)
            rest = [c for c in choices if c[1] != outputs.default or c[1] == outputs.back]
            choices = (
                [*rest[:1], (system, ""), *rest[1:]] if outputs.back else [(system, ""), *rest]
            )
        return choices

    def _button(self, text: str, name: str) -> QuietButton:
        tip = self.tr("Go on there") if self._was_playing() else self.tr("Use this output")
        button = QuietButton(self._theme, text, tip, framed=True)
        button.setAccessibleName(f"{tip}: {text}")
        button.clicked.connect(lambda: use_output(self._session, name))
        return button

    def _was_playing(self) -> bool:
        return self._outputs.loss is not None and self._outputs.loss.playing

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and self.isVisible():
            QTimer.singleShot(0, self, self._place)  # once the layout knows
        return False

    def _place(self) -> None:
        window = self.parentWidget()
        assert window is not None
        widest = min(WIDEST_PX, window.width() - 2 * MARGIN)
        self.setFixedWidth(max(240, widest))
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.setFixedHeight(max(layout.heightForWidth(self.width()), layout.minimumSize().height()))
        x = (window.width() - self.width()) // 2
        self.move(x, self._above.y() - self.height() - MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_box(QPainter(self), self.rect(), self._theme.raised, self._theme.line, 8)


def use_output(session: "Session", name: str) -> None:
    """Let the sound go there; if it was lost while it played, it goes on there."""
    outputs, playback = session.playback.outputs, session.playback
    loss = outputs.loss
    session.set_setting("output", name)
    if loss is not None and loss.playing and not playback.playing:
        playback.toggle()
    elif loss is not None:
        outputs.settle()
