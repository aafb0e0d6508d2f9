"""“Presets ▾” above the sliders: handles kept by name, and all handles at once. Main thread."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from sliders_desktop.errors import UserError
from sliders_desktop.gui.preset_dialog import PresetDialog
from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Preset
from sliders_desktop.session.pull_words import summary

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class PresetMenu(QuietButton):
    """The button; its tooltip and description say what pulls now."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, self.tr("Presets ▾"), self.tr("Presets"), parent=parent)
        self._session = session
        self._steering, self._presets = session.steering, session.presets
        self.clicked.connect(self._open)
        self._steering.handles_changed.connect(self._tell)
        session.rack.sliders_changed.connect(self._tell)
        self._tell()

    def _tell(self) -> None:
        said = summary((slider.name, handle) for slider, handle in self._steering.handles())
        self.set_name(self.tr("Presets"), f"{self.tr('Handles kept by name')}\n{said}")
        self.setAccessibleDescription(said)

    def _open(self) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 4)))

    def menu(self) -> QMenu:
        """Kept handles to use and to change, and what can be done with all handles of now."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        presets = self._presets.all()
        for preset in presets:
            action = self._add(menu, preset.name, partial(self.use, preset))
            action.setCheckable(True)
            action.setChecked(self._presets.stands(preset))
        if not presets:
            self._add(menu, self.tr("No preset yet"), self.keep).setEnabled(False)
        menu.addSeparator()
        handles = self._steering.state()
        keep = self._add(menu, self.tr("Keep these handles…"), self.keep)
        keep.setEnabled(bool(handles))
        keep.setToolTip(self.tr("Give where the handles stand a name"))
        if presets:
            change = menu.addMenu(self.tr("Change a preset"))
            for preset in presets:
                self._fill(change.addMenu(preset.name), preset, bool(handles))
        menu.addSeparator()
        pulling = any(not handle["muted"] for handle in handles.values())
        text = self.tr("Mute all handles") if pulling else self.tr("Let all handles pull again")
        radio = self._add(menu, self.tr("Radio from these handles"), self.radio)
        radio.setEnabled(pulling)
        radio.setToolTip(self.tr("Endless music as the handles stand, whatever was heard"))
        mute = self._add(menu, text, partial(self._steering.mute_all, pulling))
        let_go = self._add(menu, self.tr("Let go of all handles"), self.let_go)
        for action in (mute, let_go):
            action.setEnabled(bool(handles))
        return menu

    def _fill(self, menu: QMenu, preset: Preset, handles: bool) -> None:
        replace = self._add(
            menu, self.tr("Replace with the handles of now"), partial(self.replace, preset)
        )
        replace.setEnabled(handles)
        self._add(menu, self.tr("Rename…"), partial(self.ask_name, preset))
        self._add(menu, self.tr("Delete"), partial(self.delete, preset))

    def _add(self, menu: QMenu, text: str, call: object) -> QAction:
        action = menu.addAction(text.replace("&", "&&"))
        action.triggered.connect(call)
        return action

    # ── what the listener asks ──────────────────────────────────────────────────────────────

    def use(self, preset: Preset) -> None:
        """Let the handles slide to where this preset has them."""
        self._session.message.emit(self._presets.use(preset), "info")

    def keep(self) -> None:
        """Ask for a name for the handles of now."""
        self.ask_name(None)

    def ask_name(self, preset: Preset | None) -> None:
        dialog = PresetDialog(self._session, self.window(), preset)
        dialog.open()
        dialog.finished.connect(dialog.deleteLater)

    def replace(self, preset: Preset) -> None:
        """The handles of now by a name that is there already."""
        try:
            self._presets.keep(preset.name)
        except UserError as error:
            self._session.message.emit(str(error), "error")
        else:
            said = self.tr("{name} has the handles of now. Ctrl+Z undoes it.")
            self._session.message.emit(said.format(name=preset.name), "info")

    def delete(self, preset: Preset) -> None:
        self._presets.delete(preset)
        said = self.tr("The preset {name} is deleted. Ctrl+Z brings it back.")
        self._session.message.emit(said.format(name=preset.name), "info")

    def radio(self) -> None:
        """Endless music that the handles alone lead."""
        self._session.playback.radio_from_handles()

    def let_go(self) -> None:
        """Nothing pulls any more; one step back lets all pull again."""
        steering = self._steering
        before = steering.read(steering.state())
        steering.set_all({})
        self._session.rack.remember(self.tr("letting go of all handles"), steering.set_all, before)
        self._session.message.emit(
            self.tr("No handle pulls any more. Ctrl+Z brings them back."), "info"
        )
